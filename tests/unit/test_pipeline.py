"""One photo to its findings: what is judged, what is not, and why."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Literal

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.masking import wear_mask
from skin.core.concerns import ZONES_OF, Concern, SkinType
from skin.core.findings import ConcernFinding, NotJudged, Outcome, TypeFinding
from skin.core.tone import MonkScale
from skin.core.zones import Zone
from skin.errors import Code, Rejected, SkinError
from skin.inference.cards import Head, ModelCard
from skin.inference.classifier import Prediction
from skin.inference.examiner import PhotoExaminer
from skin.inference.pipeline import COLOUR_CONCERNS, PIPELINE_VERSION, Analyser
from skin.vision.alignment import AlignedFace, zone_polygons_px
from skin.vision.landmarks import Face, MediaPipeLandmarker

Photo = NDArray[np.uint8]


class FakeLandmarker:
    """Finds the faces it was given."""

    def __init__(self, *faces: Face) -> None:
        self.faces = list(faces)
        self.hands: list[NDArray[np.float32]] = []
        self.looks = 0

    def detect(self, rgb: Photo) -> list[Face]:
        return self.faces

    def look(self, crop_rgb: Photo) -> list[Face]:
        return []

    def find_hands(self, rgb: Photo, face: Face) -> list[NDArray[np.float32]]:
        self.looks += 1
        return self.hands

    def close(self) -> None:
        pass


class FakeClassifier:
    """Says the same of every face."""

    card = ModelCard(
        name="fake",
        tag="7",
        file="none",
        sha256="0" * 64,
        input_px=8,
        mean=(0, 0, 0),
        std=(1, 1, 1),
        heads={"redness": Head(kind="ordinal", output="redness", validated=True)},
        training_data={},
    )

    def predict(self, aligned: AlignedFace) -> Prediction:
        redness = ConcernFinding(Concern.REDNESS, 42, 0.7, ZONES_OF[Concern.REDNESS])
        return Prediction(
            TypeFinding(SkinType.OILY, 0.6, {SkinType.OILY: 0.6, SkinType.DRY: 0.4}), {Concern.REDNESS: redness}
        )


class WatchedClassifier(FakeClassifier):
    """Keeps the crops it is shown."""

    def __init__(self, light: Literal["as_taken", "neutral"]) -> None:
        self.card = FakeClassifier.card.model_copy(update={"light": light})
        self.crops: list[Photo] = []

    def predict(self, aligned: AlignedFace) -> Prediction:
        self.crops.append(aligned.crop_rgb)
        return super().predict(aligned)


def test_a_network_taught_on_neutral_light_is_shown_much_the_same_face_in_any_light(
    hopper: Photo, hopper_face: Face
) -> None:
    large = np.asarray(cv2.resize(hopper, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC), np.uint8)
    face = Face(hopper_face.points_px * np.float32(2))
    level = (np.arange(256) / 255.0) ** 2.2
    darker = np.round(255 * (level * 2**-0.7) ** (1 / 2.2)).astype(np.uint8)[large]
    apart = {}
    for light in ("as_taken", "neutral"):
        watched = WatchedClassifier(light)
        for photo in (large, darker):
            Analyser(FakeLandmarker(face), watched).analyse(photo)
        first, second = (crop.astype(float).mean() for crop in watched.crops)
        apart[light] = abs(first - second)
    assert apart["neutral"] < 0.35 * apart["as_taken"]


@pytest.fixture
def analyser(hopper_face: Face) -> Analyser:
    return Analyser(FakeLandmarker(hopper_face))


def grey(rgb: Photo) -> Photo:
    return np.repeat(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2)


def test_a_portrait_is_judged_by_colour_and_by_nothing_that_is_not_there(analyser: Analyser, hopper: Photo) -> None:
    findings = analyser.analyse(hopper).findings
    assert findings.tone.monk in range(1, 11)
    assert findings.skin_type == TypeFinding(not_judged=NotJudged.NO_VALIDATED_MODEL)
    assert [c.concern for c in findings.concerns] == list(Concern)
    for concern in findings.concerns:
        assert concern == ConcernFinding(concern.concern, not_judged=NotJudged.NO_VALIDATED_MODEL)
    assert (findings.model_name, findings.model_version) == ("none", "none")
    assert findings.pipeline_version == PIPELINE_VERSION


def test_the_findings_say_where_the_face_is_and_how_long_each_stage_took(analyser: Analyser, hopper: Photo) -> None:
    findings = analyser.analyse(hopper).findings
    left, top, right, bottom = findings.face_box_xyxy_norm
    assert 0 <= left < right <= 1
    assert 0 <= top < bottom <= 1
    assert set(findings.timing_ms) == {"detect", "align", "quality", "tone", "classify"}
    assert all(check.outcome is not Outcome.REJECT for check in findings.quality)


def test_the_same_photo_gives_the_same_findings(analyser: Analyser, hopper: Photo) -> None:
    first, second = (replace(analyser.analyse(hopper).findings, timing_ms={}) for _ in range(2))
    assert first == second


def test_a_black_and_white_photo_hides_tone_and_colour_concerns(analyser: Analyser, hopper: Photo) -> None:
    findings = analyser.analyse(grey(hopper)).findings
    assert findings.tone.not_judged is NotJudged.LIGHT
    for concern in findings.concerns:
        hidden = concern.concern in COLOUR_CONCERNS
        assert concern.not_judged is (NotJudged.LIGHT if hidden else NotJudged.NO_VALIDATED_MODEL)


def test_a_network_is_heard_where_it_speaks(hopper: Photo, hopper_face: Face) -> None:
    large = np.asarray(cv2.resize(hopper, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC), np.uint8)
    face = Face(hopper_face.points_px * np.float32(2))
    findings = Analyser(FakeLandmarker(face), FakeClassifier()).analyse(large).findings
    by_name = {c.concern: c for c in findings.concerns}
    assert by_name[Concern.REDNESS].score == 42
    assert by_name[Concern.ACNE].not_judged is NotJudged.NO_VALIDATED_MODEL
    assert findings.skin_type.value is SkinType.OILY
    assert (findings.model_name, findings.model_version) == ("fake", "7")


def test_under_a_mask_neither_tone_nor_what_lies_under_it_is_judged(hopper: Photo, hopper_face: Face) -> None:
    large = np.asarray(cv2.resize(hopper, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC), np.uint8)
    face = Face(hopper_face.points_px * np.float32(2))
    masked = wear_mask(large, face, "surgical blue")
    findings = Analyser(FakeLandmarker(face), FakeClassifier()).analyse(masked).findings
    redness = next(one for one in findings.concerns if one.concern is Concern.REDNESS)
    assert redness == ConcernFinding(Concern.REDNESS, not_judged=NotJudged.ZONE_HIDDEN)
    assert findings.tone.not_judged is NotJudged.ZONE_HIDDEN
    assert findings.skin_type == TypeFinding(not_judged=NotJudged.ZONE_HIDDEN)


def test_what_lies_under_a_hand_is_left_out(hopper: Photo, hopper_face: Face) -> None:
    large = np.asarray(cv2.resize(hopper, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC), np.uint8)
    face = Face(hopper_face.points_px * np.float32(2))
    landmarker = FakeLandmarker(face)
    landmarker.hands = [cv2.convexHull(zone_polygons_px(face.points_px)[Zone.CHEEK_LEFT]).reshape(-1, 2)]
    analysis = Analyser(landmarker, FakeClassifier()).analyse(large)
    redness = next(one for one in analysis.findings.concerns if one.concern is Concern.REDNESS)
    assert set(redness.zones) == set(ZONES_OF[Concern.REDNESS]) - analysis.hands.zones
    assert Zone.CHEEK_LEFT in analysis.hands.zones
    assert "hand_share" in {check.name for check in analysis.findings.quality if check.hint}


def test_one_look_for_hands_is_enough_for_a_burst(grace_hopper_jpeg: bytes, hopper_face: Face) -> None:
    landmarker = FakeLandmarker(hopper_face)
    PhotoExaminer(landmarker, None, ())([grace_hopper_jpeg] * 3)
    assert landmarker.looks == 1


class DarkClassifier(FakeClassifier):
    """Hears the darkest tone in every face."""

    def predict(self, aligned: AlignedFace) -> Prediction:
        return replace(super().predict(aligned), monk=(0.01,) * 9 + (0.91,))


def test_of_a_face_too_small_for_texture_a_network_is_heard_for_its_tone_alone(
    hopper: Photo, hopper_face: Face
) -> None:
    analysis = Analyser(FakeLandmarker(hopper_face), DarkClassifier()).analyse(hopper)
    assert analysis.findings.skin_type.not_judged is NotJudged.RESOLUTION
    assert {concern.not_judged for concern in analysis.findings.concerns} == {NotJudged.RESOLUTION}
    assert not analysis.maps
    by_colour = Analyser(FakeLandmarker(hopper_face)).analyse(hopper).findings.tone
    assert (analysis.findings.tone.monk or 0) > (by_colour.monk or 10)


@pytest.mark.parametrize(
    ("faces", "code"),
    [(lambda face: [], Code.NO_FACE), (lambda face: [face, face], Code.MULTIPLE_FACES)],
    ids=["nobody", "two people"],
)
def test_photos_of_nobody_or_of_two_are_rejected(
    hopper: Photo, hopper_face: Face, faces: Callable[[Face], list[Face]], code: Code
) -> None:
    with pytest.raises(Rejected) as caught:
        Analyser(FakeLandmarker(*faces(hopper_face))).analyse(hopper)
    assert caught.value.code is code


def test_an_unfit_photo_is_rejected_before_anything_is_judged(hopper: Photo, hopper_face: Face) -> None:
    with pytest.raises(SkinError) as caught:
        Analyser(FakeLandmarker(hopper_face)).analyse(np.zeros_like(hopper))
    assert caught.value.code in (Code.TOO_DARK, Code.BLURRED)


def test_the_monk_scale_can_be_given(hopper: Photo, hopper_face: Face) -> None:
    darkest = MonkScale(0.001, tuple(-50.0 + i for i in range(9)), 10.0)
    assert Analyser(FakeLandmarker(hopper_face), monk_scale=darkest).analyse(hopper).findings.tone.monk == 10


def test_different_pictures_in_parallel_each_get_their_own_result(
    landmarker: MediaPipeLandmarker, hopper: Photo, astronaut: Photo
) -> None:
    analyser = Analyser(landmarker)
    photos = [np.pad(rgb, ((0, 0), (20 * i, 0), (0, 0)), mode="edge") for i in range(3) for rgb in (hopper, astronaut)]
    alone = [replace(analyser.analyse(photo).findings, timing_ms={}) for photo in photos]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda photo: replace(analyser.analyse(photo).findings, timing_ms={}), photos))
    assert together == alone
    assert len({finding.face_box_xyxy_norm for finding in alone}) == len(photos)
