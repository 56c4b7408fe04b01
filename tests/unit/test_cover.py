"""What lies under glasses, cloth or hair is not judged."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.masking import CLOTHS, wear_mask
from skin.core.concerns import PERIORBITAL, ZONES_OF, Concern
from skin.core.cover import CLOTH, GLASSES, hidden_zones, uncover
from skin.core.findings import ConcernFinding, NotJudged, Outcome, QualityCheck
from skin.core.zones import Zone
from skin.inference.pipeline import SCALES, load_glasses_scale
from skin.vision.alignment import align, zone_polygons_px
from skin.vision.cloth import CLOTHED, cloth_share
from skin.vision.coverage import HandCover, judge_coverage, judge_hands
from skin.vision.glasses import GlassesScale
from skin.vision.landmarks import Face, MediaPipeLandmarker
from skin.vision.warping import eyes_distance_px

Photo = NDArray[np.uint8]
LIKELY = 0.5


@pytest.fixture(scope="module")
def scale() -> GlassesScale:
    return load_glasses_scale(SCALES / "glasses.yaml")


def wearing_glasses(rgb: Photo, face: Face, colour: tuple[int, int, int]) -> Photo:
    """The same face with round frames, a bridge and temples."""
    worn, points = rgb.copy(), face.points_px[:, :2]
    left, right = points[[263, 362]].mean(axis=0), points[[33, 133]].mean(axis=0)
    distance = float(np.linalg.norm(left - right))
    thick = max(2, round(0.05 * distance))
    for eye, side in ((left, 1), (right, -1)):
        centre = int(eye[0]), int(eye[1] + 0.08 * distance)
        cv2.circle(worn, centre, round(0.36 * distance), colour, thick, cv2.LINE_AA)
        end = int(eye[0] + side * 0.75 * distance), int(eye[1])
        cv2.line(worn, (centre[0] + side * round(0.36 * distance), centre[1]), end, colour, thick, cv2.LINE_AA)
    bridge = [(int(eye[0] + side * 0.34 * distance), int(eye[1])) for eye, side in ((left, -1), (right, 1))]
    cv2.line(worn, bridge[0], bridge[1], colour, thick, cv2.LINE_AA)
    return worn


def darker(rgb: Photo, stops: float) -> Photo:
    return np.round(255 * ((rgb / 255.0) ** 2.2 * 2.0**-stops) ** (1 / 2.2)).astype(np.uint8)


@pytest.mark.parametrize("stops", [0, 1, 2])
@pytest.mark.parametrize("colour", [(25, 22, 20), (120, 70, 35)])
def test_glasses_are_seen_in_bright_and_in_dark_photos(
    scale: GlassesScale, astronaut: Photo, astronaut_face: Face, colour: tuple[int, int, int], stops: float
) -> None:
    worn = darker(wearing_glasses(astronaut, astronaut_face, colour), stops)
    assert scale.likelihood(align(worn, astronaut_face)) > LIKELY


@pytest.mark.parametrize("stops", [0, 1, 2, 3])
def test_a_bare_face_wears_no_glasses_however_dark(
    scale: GlassesScale, astronaut: Photo, astronaut_face: Face, stops: float
) -> None:
    assert scale.likelihood(align(darker(astronaut, stops), astronaut_face)) < LIKELY


@pytest.mark.parametrize("cloth", CLOTHS)
def test_a_mask_over_nose_and_mouth_is_seen(hopper: Photo, hopper_face: Face, cloth: str) -> None:
    masked = wear_mask(hopper, hopper_face, cloth)
    assert cloth_share(align(masked, hopper_face)) > CLOTHED


@pytest.mark.parametrize("stops", [0, 1, 2])
def test_bare_faces_wear_no_mask(
    hopper: Photo, hopper_face: Face, astronaut: Photo, astronaut_face: Face, stops: float
) -> None:
    for rgb, face in ((hopper, hopper_face), (astronaut, astronaut_face)):
        assert cloth_share(align(darker(rgb, stops), face)) < CLOTHED


def test_a_black_beard_is_no_mask(hopper: Photo, hopper_face: Face) -> None:
    bearded = wear_mask(hopper, hopper_face, "black")
    points = hopper_face.points_px[:, :2]
    free = np.zeros(hopper.shape[:2], np.uint8)
    for outline in ((61, 40, 37, 0, 267, 270, 291, 321, 314, 17, 84, 91), (195, 429, 358, 327, 2, 98, 129, 209)):
        cv2.fillConvexPoly(free, points[list(outline)].astype(np.int32), 1)
    bearded[free > 0] = hopper[free > 0]
    assert cloth_share(align(bearded, hopper_face)) < CLOTHED


@pytest.mark.parametrize("cloth", ["surgical blue", "black", "white"])
def test_above_a_mask_the_eyes_and_the_forehead_do_not_count_as_covered(
    hopper: Photo, hopper_face: Face, cloth: str
) -> None:
    found = judge_coverage(align(wear_mask(hopper, hopper_face, cloth), hopper_face))
    assert found["eyes_covered_share"] <= 0.35
    assert found["forehead_covered_share"] <= 0.4


def outline_of(face: Face, zone: Zone, *, shift: float = 0) -> NDArray[np.float32]:
    """A hand as large as a zone of the face, at it or so many eyes' distances to its side."""
    corners = cv2.convexHull(zone_polygons_px(face.points_px)[zone]).reshape(-1, 2)
    return np.asarray(corners + np.array([shift * eyes_distance_px(face.points_px), 0]), np.float32)


def test_a_hand_at_the_cheek_hides_that_cheek(hopper: Photo, hopper_face: Face) -> None:
    found = judge_hands(align(hopper, hopper_face), [outline_of(hopper_face, Zone.CHEEK_LEFT)])
    assert 0.05 < found.share < 0.25
    assert Zone.CHEEK_LEFT in found.zones
    assert not {Zone.CHEEK_RIGHT, Zone.FOREHEAD, Zone.CHIN} & found.zones


def test_a_hand_beside_the_face_hides_nothing(hopper: Photo, hopper_face: Face) -> None:
    beside = judge_hands(align(hopper, hopper_face), [outline_of(hopper_face, Zone.CHEEK_LEFT, shift=2)])
    assert beside == judge_hands(align(hopper, hopper_face), []) == HandCover()


def test_no_hand_is_seen_where_there_is_none(
    landmarker: MediaPipeLandmarker, hopper: Photo, hopper_face: Face, astronaut: Photo, astronaut_face: Face
) -> None:
    assert landmarker.find_hands(hopper, hopper_face) == []
    assert landmarker.find_hands(astronaut, astronaut_face) == []


def check(name: str, *, good: bool = False) -> QualityCheck:
    return QualityCheck(name, 0.7, Outcome.GOOD if good else Outcome.USABLE, "" if good else "Uncover it.")


def found(concern: Concern) -> ConcernFinding:
    return ConcernFinding(concern, 42, 0.7, ZONES_OF[concern])


def test_a_good_check_hides_nothing() -> None:
    assert hidden_zones([check(GLASSES, good=True), check("blur_px")]) == frozenset()


def test_shade_over_the_eyes_hides_nothing() -> None:
    shaded = QualityCheck("eyes_covered_share", 0.45, Outcome.USABLE, "Take off glasses.")
    assert hidden_zones([shaded]) == frozenset()


@pytest.mark.parametrize(
    ("name", "concerns"),
    [
        (GLASSES, {Concern.DARK_CIRCLES, Concern.EYE_BAGS}),
        ("eyes_covered_share", {Concern.DARK_CIRCLES, Concern.EYE_BAGS, Concern.WRINKLES}),
        (CLOTH, set(Concern) - {Concern.DARK_CIRCLES, Concern.EYE_BAGS, Concern.WRINKLES}),
        ("forehead_covered_share", set()),
    ],
)
def test_each_cover_takes_the_concerns_that_lie_under_it(name: str, concerns: set[Concern]) -> None:
    judged = [uncover(found(concern), hidden_zones([check(name)])) for concern in Concern]
    assert {one.concern for one in judged if one.not_judged is NotJudged.ZONE_HIDDEN} == concerns


def test_what_is_judged_beside_a_cover_names_open_zones_alone() -> None:
    wrinkles = uncover(found(Concern.WRINKLES), hidden_zones([check(GLASSES)]))
    assert wrinkles.score == 42
    assert set(wrinkles.zones) == set(ZONES_OF[Concern.WRINKLES]) - set(PERIORBITAL)


def test_what_was_found_under_the_cover_alone_is_not_judged() -> None:
    below_eyes = ConcernFinding(Concern.WRINKLES, 42, 0.7, PERIORBITAL)
    assert uncover(below_eyes, hidden_zones([check(GLASSES)])).not_judged is NotJudged.ZONE_HIDDEN


def test_what_no_network_judges_keeps_its_own_reason() -> None:
    silent = ConcernFinding(Concern.EYE_BAGS, not_judged=NotJudged.NO_VALIDATED_MODEL)
    assert uncover(silent, {Zone.PERIORBITAL_LEFT, Zone.PERIORBITAL_RIGHT}) is silent


def test_a_face_without_the_concern_has_no_zones_and_stays_judged() -> None:
    none = ConcernFinding(Concern.REDNESS, 0, 0.9)
    assert uncover(none, hidden_zones([check(GLASSES)])) == none
