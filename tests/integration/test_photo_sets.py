"""The photo sets beside the checkout: who must be let through, who must be refused, and with what code."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from skin.core.cover import CLOTH, GLASSES, HAND
from skin.core.findings import NotJudged
from skin.errors import Code, SkinError
from skin.inference.pipeline import Analyser, Analysis
from skin.vision.images import decode, encode
from skin.vision.landmarks import MediaPipeLandmarker

# Each of these was looked at; all other photos of the set are of one person whose face can be judged.
REFUSED_INTERFACES = {
    "002": Code.LARGE_ANGLE,  # profile, looking down
    "008": Code.LARGE_ANGLE,  # profile
    "012": Code.NO_FACE,  # profile in the shade of a hat, next to no face to be seen
    "013": Code.OVEREXPOSED,  # black-and-white, the cheeks burnt out to paper white
    "017": Code.LARGE_ANGLE,  # profile, looking up
    "018": Code.LARGE_ANGLE,  # profile, looking up
    "019": Code.LARGE_ANGLE,  # bent forward, half the face under hat and hair
    "024": Code.NO_FACE,  # a cap from above; the face is not to be seen
    "040": Code.LARGE_ANGLE,  # near profile
    "043": Code.LARGE_ANGLE,  # near profile
    "055": Code.LARGE_ANGLE,  # turned and looking up
    "063": Code.LARGE_ANGLE,  # profile
    "064": Code.LARGE_ANGLE,  # near profile in the dark
    "091": Code.LARGE_ANGLE,  # turned and looking up
    "095": Code.LARGE_ANGLE,  # turned so far that the other cheek is hidden
}
GREY_INTERFACES = {"030", "070"}
# Dark or mirroring glasses that hide the eyes, of those that are let through.
SUNGLASSES_INTERFACES = {"004", "010", "015", "026", "032", "038", "048", "053"}

# All who wear clear glasses and are let through, but for 029, whose thin round frames hang low.
GLASSES_INTERFACES = {"016", "020", "023", "034", "045", "050", "062", "065", "067", "082", "092"}
# Fingers on chin or cheek.
HANDS_INTERFACES = {"051", "092", "094"}
TINTED_INTERFACES = SUNGLASSES_INTERFACES | {"075", "099"}


@pytest.fixture(scope="module")
def analyser() -> Iterator[Analyser]:
    landmarker = MediaPipeLandmarker()
    yield Analyser(landmarker)
    landmarker.close()


def load(path: Path) -> NDArray[np.uint8]:
    """As a scan does: analysis sees the stored photo."""
    return decode(encode(decode(path.read_bytes())))


def hints(analysis: Analysis) -> set[str]:
    return {check.name for check in analysis.findings.quality if check.hint}


def outcomes(analyser: Analyser, folder: Path) -> tuple[dict[str, Analysis], dict[str, Code]]:
    completed, refused = {}, {}
    for path in sorted(folder.glob("*.jpg")):
        try:
            completed[path.stem] = analyser.analyse(load(path))
        except SkinError as refusal:
            refused[path.stem] = refusal.code
    assert completed or refused
    return completed, refused


@pytest.mark.parametrize("expression", ["neutral", "smiling"])
def test_every_london_photo_is_completed_with_a_tone(analyser: Analyser, shared_data: Path, expression: str) -> None:
    completed, refused = outcomes(analyser, shared_data / "london" / expression)
    assert refused == {}
    assert [photo for photo, analysis in completed.items() if analysis.findings.tone.monk is None] == []
    assert [photo for photo, analysis in completed.items() if hints(analysis) & {CLOTH, GLASSES, HAND}] == []


def test_a_scarf_over_nose_and_mouth_hides_the_tone_and_the_lower_face(analyser: Analyser, shared_data: Path) -> None:
    found = analyser.analyse(load(shared_data / "sfhq" / "s0020.jpg"))
    assert CLOTH in hints(found)
    assert found.findings.tone.not_judged is NotJudged.ZONE_HIDDEN


@pytest.mark.parametrize("photo", ["s0143", "s0329"])
def test_a_hand_at_the_chin_is_noticed(analyser: Analyser, shared_data: Path, photo: str) -> None:
    assert HAND in hints(analyser.analyse(load(shared_data / "sfhq" / f"{photo}.jpg")))


def test_every_photo_of_nobody_is_refused(analyser: Analyser, shared_data: Path) -> None:
    completed, refused = outcomes(analyser, shared_data / "negatives")
    assert completed == {}
    assert set(refused.values()) == {Code.NO_FACE}


@pytest.mark.parametrize("scale", [0.5, 0.75, 1.5])
@pytest.mark.parametrize("mirrored", [False, True])
def test_the_jellyfish_is_no_face_at_any_size(
    analyser: Analyser, shared_data: Path, scale: float, mirrored: bool
) -> None:
    with Image.open(shared_data / "negatives" / "bright-4642061_640.jpg") as photo:
        changed = photo.resize((round(photo.width * scale), round(photo.height * scale)))
    rgb = np.ascontiguousarray(np.asarray(changed, np.uint8)[:, :: -1 if mirrored else 1])
    with pytest.raises(SkinError) as caught:
        analyser.analyse(rgb)
    assert caught.value.code is Code.NO_FACE


def test_each_interfaces_photo_gets_the_code_that_a_person_would_give(analyser: Analyser, shared_data: Path) -> None:
    completed, refused = outcomes(analyser, shared_data / "interfaces")
    assert refused == REFUSED_INTERFACES
    for photo in GREY_INTERFACES:
        assert completed[photo].findings.tone.not_judged is NotJudged.LIGHT
        assert "skin_chroma" in hints(completed[photo])
    assert {
        photo for photo, found in completed.items() if "eyes_covered_share" in hints(found)
    } >= SUNGLASSES_INTERFACES
    glasses = {photo for photo, found in completed.items() if GLASSES in hints(found)}
    assert GLASSES_INTERFACES <= glasses <= GLASSES_INTERFACES | TINTED_INTERFACES
    assert {photo for photo, found in completed.items() if HAND in hints(found)} == HANDS_INTERFACES
    assert [photo for photo, found in completed.items() if CLOTH in hints(found)] == []
    assert "eye_opening" in hints(completed["029"])  # both eyes closed


@pytest.mark.parametrize("person", ["001", "011", "025", "031"])
def test_a_face_cut_at_the_chin_is_refused(analyser: Analyser, shared_data: Path, person: str) -> None:
    rgb = load(shared_data / "interfaces" / f"{person}.jpg")
    points = analyser.analyse(rgb).face.points_px
    cut = int((points[17, 1] + points[152, 1]) / 2)
    with pytest.raises(SkinError) as caught:
        analyser.analyse(np.ascontiguousarray(rgb[:cut]))
    assert caught.value.code is Code.FACE_OUT_OF_FRAME


@pytest.mark.parametrize(("width_px", "code"), [(70, Code.FACE_TOO_SMALL), (100, None), (140, None)])
def test_a_small_face_in_a_large_photo_is_found(
    analyser: Analyser, shared_data: Path, width_px: int, code: Code | None
) -> None:
    outcome: Code | None = None
    try:
        analyser.analyse(far_away(analyser, shared_data, width_px))
    except SkinError as refusal:
        outcome = refusal.code
    assert outcome is code


def far_away(analyser: Analyser, shared_data: Path, width_px: int) -> NDArray[np.uint8]:
    """The first person of interfaces in a corner of an 832 px photo, the face this wide."""
    rgb = load(shared_data / "interfaces" / "001.jpg")
    scale = width_px / analyser.analyse(rgb).face.width_px
    small = Image.fromarray(rgb).resize(
        (round(rgb.shape[1] * scale), round(rgb.shape[0] * scale)), Image.Resampling.BOX
    )
    wall = Image.new("RGB", (832, 832), (150, 160, 170))
    wall.paste(small, (60, 60))
    return np.asarray(wall, np.uint8)


def test_two_people_side_by_side_are_refused(analyser: Analyser, shared_data: Path) -> None:
    people = [load(shared_data / "london" / "neutral" / f"{who}.jpg") for who in ("001", "006")]
    with pytest.raises(SkinError) as caught:
        analyser.analyse(np.hstack(people))
    assert caught.value.code is Code.MULTIPLE_FACES
