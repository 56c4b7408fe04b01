"""The tone that the shipped model tells of the public-domain portraits, in other light and by worse cameras."""

import pytest

from benchmarks.relighting import PERTURBATIONS
from benchmarks.repeatability import build_analyser
from skin.core.findings import NotJudged, ToneFinding
from skin.vision.images import decode, encode

# What each photo can bear; all other lights of the list are too coloured for these two portraits, or burn them out.
BORNE = (
    "light 6500 K", "light 9000 K", "light 6500 K from 5000 K", "exposure -1 EV", "exposure -0.5 EV", "JPEG 40",
    "blur 1.5 px", "640 px",
)  # fmt: skip
# So cool that one of the two can bear it and the other cannot.
AT_THE_LIMIT = "light 9000 K from 5000 K"


@pytest.fixture(scope="module")
def tones(astronaut_png: bytes, grace_hopper_jpeg: bytes) -> list[dict[str, ToneFinding]]:
    """Of each portrait, by perturbation."""
    analyser = build_analyser()
    ways = {"none": lambda rgb: rgb, **PERTURBATIONS}
    photos = [decode(photo) for photo in (astronaut_png, grace_hopper_jpeg)]
    return [
        {name: analyser.analyse(decode(encode(way(rgb)))).findings.tone for name, way in ways.items()} for rgb in photos
    ]


@pytest.mark.parametrize("name", BORNE)
def test_the_monk_class_stays_in_other_light_and_by_a_worse_camera(
    tones: list[dict[str, ToneFinding]], name: str
) -> None:
    for portrait in tones:
        assert portrait["none"].monk is not None
        assert portrait[name].monk == portrait["none"].monk


@pytest.mark.parametrize("name", sorted(set(PERTURBATIONS) - {*BORNE, AT_THE_LIMIT}))
def test_light_that_hides_the_tone_is_named_instead_of_a_guess(tones: list[dict[str, ToneFinding]], name: str) -> None:
    for portrait in tones:
        assert (portrait[name].monk, portrait[name].not_judged) == (None, NotJudged.LIGHT)


def test_light_at_the_limit_leaves_the_class_or_hides_it(tones: list[dict[str, ToneFinding]]) -> None:
    told = [portrait[AT_THE_LIMIT] for portrait in tones]
    assert NotJudged.LIGHT in [one.not_judged for one in told]
    for one, portrait in zip(told, tones, strict=True):
        assert one.not_judged is NotJudged.LIGHT or one.monk == portrait["none"].monk
