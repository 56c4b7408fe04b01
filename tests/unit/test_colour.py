"""Colour conversions and robust skin colour."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skimage.color import rgb2lab

from skin.core.zones import Zone
from skin.vision.colour import adapt, band_mean, lab_of, lightness, luminance, skin_colour, to_lab, to_linear

SIZE = 120
SKIN = (196, 150, 126)

# Published Lab (D65) of sRGB primaries (Lindbloom, brucelindbloom.com).
PRIMARIES = {
    (255, 255, 255): (100.0, 0.0, 0.0),
    (0, 0, 0): (0.0, 0.0, 0.0),
    (255, 0, 0): (53.24, 80.09, 67.20),
    (0, 255, 0): (87.73, -86.18, 83.18),
    (0, 0, 255): (32.30, 79.19, -107.86),
    (119, 119, 119): (50.03, 0.0, 0.0),
}


@pytest.mark.parametrize(("rgb", "lab"), PRIMARIES.items())
def test_lab_of_the_primaries(rgb: tuple[int, int, int], lab: tuple[float, float, float]) -> None:
    assert to_lab(to_linear(np.array([rgb], np.uint8)))[0] == pytest.approx(lab, abs=0.15)


@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_lab_agrees_with_an_independent_implementation(rgb: tuple[int, int, int]) -> None:
    pixel = np.array([[rgb]], np.uint8)
    assert to_lab(to_linear(pixel[0]))[0] == pytest.approx(rgb2lab(pixel)[0, 0], abs=0.2)
    assert lightness(pixel)[0, 0] == pytest.approx(rgb2lab(pixel)[0, 0, 0], abs=0.1)


@given(st.integers(0, 254))
def test_more_signal_is_more_light(level: int) -> None:
    grey = np.array([[level] * 3, [level + 1] * 3], np.uint8)
    low, high = luminance(to_linear(grey))
    assert high > low


def masks_of(mask: np.ndarray) -> dict[Zone, np.ndarray]:
    return {zone: mask if zone is Zone.FOREHEAD else np.zeros_like(mask) for zone in Zone}


def patch(colour: tuple[int, int, int] = SKIN) -> np.ndarray:
    return np.full((SIZE, SIZE, 3), colour, np.uint8)


EVERYWHERE = masks_of(np.ones((SIZE, SIZE), bool))


def test_even_skin_has_its_own_colour() -> None:
    found = skin_colour(patch(), EVERYWHERE)
    assert found is not None
    assert found.lab == pytest.approx(rgb2lab(patch()[:1, :1])[0, 0], abs=0.2)
    assert found.clipped_share == 0


@given(st.floats(0, 0.25), st.floats(0, 0.09))
def test_hair_and_shine_hardly_change_the_colour(hair: float, shine: float) -> None:
    crop = patch()
    crop[: int(hair * SIZE)] = (25, 18, 14)
    crop[SIZE - int(shine * SIZE) :] = (250, 245, 240)
    found, plain = skin_colour(crop, EVERYWHERE), skin_colour(patch(), EVERYWHERE)
    assert found is not None
    assert plain is not None
    assert found.lab == pytest.approx(plain.lab, abs=0.5)


@given(st.floats(0.2, 0.8))
def test_colour_does_not_jump_by_whole_levels(shift: float) -> None:
    """A median is one of 256 levels and nothing between, which on dark skin is a degree of ITA."""
    skin = np.array([60, 45, 38]) + np.random.default_rng(0).normal(0, 2, (SIZE, SIZE, 3))
    none, some, whole = (skin_colour(np.round(skin + more).astype(np.uint8), EVERYWHERE) for more in (0.0, shift, 1.0))
    assert none is not None
    assert some is not None
    assert whole is not None
    assert (some.linear - none.linear) / (whole.linear - none.linear) == pytest.approx([shift] * 3, abs=0.15)


def test_burnt_out_skin_is_counted() -> None:
    crop = patch()
    crop[: SIZE // 2] = (255, 255, 250)
    found = skin_colour(crop, EVERYWHERE)
    assert found is not None
    assert found.clipped_share == pytest.approx(0.5)
    assert found.lab == pytest.approx(rgb2lab(patch()[:1, :1])[0, 0], abs=0.2)


def test_hidden_skin_has_no_colour() -> None:
    few = np.zeros((SIZE, SIZE), bool)
    few[0, :50] = True
    assert skin_colour(patch(), masks_of(few)) is None


def test_wholly_burnt_out_or_black_skin_does_not_fail() -> None:
    for colour in ((255, 255, 255), (0, 0, 0)):
        assert skin_colour(patch(colour), EVERYWHERE) is not None


COLOURS = st.tuples(*[st.floats(0.05, 0.9)] * 3).map(lambda rgb: np.array(rgb, np.float32))


@given(COLOURS)
def test_adapting_from_white_light_changes_nothing(colour: np.ndarray) -> None:
    assert adapt(colour, np.ones(3, np.float32)) == pytest.approx(colour, abs=1e-4)


@given(COLOURS, st.floats(0.3, 0.9))
def test_a_perfect_white_becomes_white_in_any_light(light: np.ndarray, level: float) -> None:
    assert adapt(light, light) == pytest.approx(np.ones(3), abs=2e-3)
    assert adapt(level * light, light) == pytest.approx(np.full(3, level), abs=2e-3)


def test_bradford_agrees_with_the_published_matrix_from_a_to_d65() -> None:
    # Lindbloom, brucelindbloom.com, chromatic adaptation: A to D65, Bradford.
    a_to_d65 = np.array(
        [[0.8446965, -0.1179225, 0.3948108], [-0.1366303, 1.1041226, 0.1291718], [0.0798489, -0.1348999, 3.1924009]]
    )
    rgb_from_xyz = np.array(
        [[3.2404542, -1.5371385, -0.4985314], [-0.9692660, 1.8760108, 0.0415560], [0.0556434, -0.2040259, 1.0572252]]
    )
    xyz = np.array([0.25, 0.22, 0.07])
    white = rgb_from_xyz @ np.array([1.09850, 1.0, 0.35585])
    expected = rgb_from_xyz @ (a_to_d65 @ xyz)
    assert adapt((rgb_from_xyz @ xyz).astype(np.float32), white.astype(np.float32)) == pytest.approx(expected, abs=2e-3)


def test_the_mean_of_a_band_leaves_shade_and_glint_out() -> None:
    pixels = np.array([[5, 5, 5]] * 20 + [[180, 170, 160]] * 60 + [[250, 250, 250]] * 20, np.uint8)
    assert band_mean(pixels, (30.0, 70.0)) == pytest.approx(to_linear(pixels[30:31])[0], abs=1e-5)
    assert band_mean(pixels[:5], (30.0, 70.0)) is None


def test_lab_beyond_white_is_cut_off_at_white() -> None:
    assert lab_of(np.full(3, 1.7, np.float32)) == pytest.approx((100.0, 0.0, 0.0), abs=0.05)
