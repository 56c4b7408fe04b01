"""Light and exposure from what a photo shows, and the colour of skin without them."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from benchmarks.sharpness import corrected_ita
from skin.inference.pipeline import SCALES, load_light_scale
from skin.vision.alignment import AlignedFace, align
from skin.vision.colour import adapt, adapt_picture, adaptation, skin_colour
from skin.vision.illuminant import Light, LightScale, estimate_light, in_white_light, ita_sd_deg, white_of
from skin.vision.landmarks import Face, MediaPipeLandmarker
from skin.vision.references import Heard, Voice, eye_openings, listen, log_axes, mouth_opening, sclera_mask, to_axes
from skin.vision.sharpness import align_at_one_sharpness

Photo = NDArray[np.uint8]
SCALE = LightScale(
    (Voice.SCLERA, Voice.SCENE),
    np.zeros((2, 3)),
    np.array([np.diag([0.04, 0.16])] * 3),
    (1.0, 1.0, 1.0),
)
SHIPPED = load_light_scale(SCALES / "light.yaml")
AXES = st.tuples(*[st.floats(-1.5, 1.5)] * 3)


def relit(rgb: Photo, gains: tuple[float, float, float]) -> Photo:
    level = np.arange(256) / 255.0
    linear = np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4)[:, None] * np.array(gains)
    signal = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * np.maximum(linear, 1e-9) ** (1 / 2.4) - 0.055)
    table = np.clip(np.round(signal * 255), 0, 255).astype(np.uint8)
    return np.stack([table[rgb[..., channel], channel] for channel in range(3)], axis=-1)


def test_with_no_voice_nothing_is_corrected_and_all_is_uncertain() -> None:
    light = estimate_light({}, SCALE)
    assert light.mean == pytest.approx(np.zeros(3))
    assert light.sd == pytest.approx(np.ones(3))
    assert light.heard == ()


def test_voices_are_weighed_by_their_inverse_variance_and_shrunk_to_no_correction() -> None:
    light = estimate_light({Voice.SCLERA: Heard((1.0, 0.0, 0.0)), Voice.SCENE: Heard((0.5, 0.0, 0.0))}, SCALE)
    assert light.mean[0] == pytest.approx((25 * 1.0 + 6.25 * 0.5) / (25 + 6.25 + 1))
    assert light.sd[0] == pytest.approx((25 + 6.25 + 1) ** -0.5)


@given(AXES)
def test_a_second_voice_never_makes_the_light_less_certain(said: tuple[float, float, float]) -> None:
    one = estimate_light({Voice.SCENE: Heard(said)}, SHIPPED)
    two = estimate_light({Voice.SCENE: Heard(said), Voice.SCLERA: Heard(said)}, SHIPPED)
    assert np.all(two.sd <= one.sd + 1e-12)


@given(AXES, st.floats(0.001, 1), st.floats(0.001, 1))
def test_a_voice_trusted_less_counts_less(said: tuple[float, float, float], one: float, other: float) -> None:
    scene = {Voice.SCENE: Heard((0.0, 0.0, 0.0))}
    lights = [estimate_light({**scene, Voice.SCLERA: Heard(said, trust)}, SCALE) for trust in sorted((one, other))]
    assert np.all(np.abs(lights[0].mean) <= np.abs(lights[1].mean) + 1e-12)
    assert np.all(lights[0].sd >= lights[1].sd - 1e-12)


def test_a_voice_hardly_trusted_is_as_if_silent() -> None:
    scene = {Voice.SCENE: Heard((0.5, 0.2, 0.1))}
    faint = estimate_light({**scene, Voice.SCLERA: Heard((3.0, 3.0, 3.0), 1e-6)}, SHIPPED)
    silent = estimate_light(scene, SHIPPED)
    assert faint.mean == pytest.approx(silent.mean, abs=1e-4)
    assert faint.sd == pytest.approx(silent.sd, abs=1e-4)


@given(AXES, st.tuples(*[st.floats(0.01, 1)] * 3))
def test_the_matrix_of_a_light_does_what_adapting_one_colour_does(
    axes: tuple[float, float, float], colour: tuple[float, float, float]
) -> None:
    white, linear = white_of(np.array(axes)), np.array(colour, np.float32)
    assert np.maximum(adaptation(white) @ linear, 0) == pytest.approx(adapt(linear, white), abs=1e-5)


@given(st.tuples(st.floats(-1.5, 0), st.floats(-0.8, 0.8), st.floats(-0.2, 0.2)), st.integers(40, 140))
def test_a_grey_picture_in_any_light_is_the_same_grey_without_it(axes: tuple[float, float, float], level: int) -> None:
    white = white_of(np.array(axes))
    lit = relit(np.full((2, 2, 3), level, np.uint8), (float(white[0]), float(white[1]), float(white[2])))
    assert np.abs(adapt_picture(lit, white).astype(int) - level).max() <= 3


def test_a_picture_in_white_light_stays_as_it_is() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (16, 16, 3)).astype(np.uint8)
    assert np.abs(adapt_picture(picture, white_of(np.zeros(3))).astype(int) - picture).max() <= 1


def test_voices_the_scale_does_not_know_are_not_heard() -> None:
    assert estimate_light({Voice.TEETH: Heard((1.0, 1.0, 1.0))}, SCALE).heard == ()


@given(AXES)
def test_white_lies_where_its_axes_say(axes: tuple[float, float, float]) -> None:
    assert to_axes(white_of(np.array(axes))) == pytest.approx(axes, abs=1e-4)


@given(AXES)
def test_correcting_takes_the_light_out_of_a_grey(axes: tuple[float, float, float]) -> None:
    light = Light(np.array(axes), np.full(3, 0.1), ())
    assert in_white_light(0.2 * white_of(light.mean), light) == pytest.approx(np.full(3, 0.2), abs=2e-3)


def test_the_less_certain_the_light_the_less_certain_the_ita() -> None:
    skin = np.array([0.5, 0.3, 0.22], np.float32)
    spreads = [ita_sd_deg(skin, Light(np.zeros(3), np.full(3, sd), ())) for sd in (0.05, 0.1, 0.3)]
    assert spreads == sorted(spreads)
    assert spreads[0] > 0


@given(st.floats(0.02, 0.4), st.floats(0.25, 2))
def test_more_light_moves_the_exposure_axis_alone(level: float, gain: float) -> None:
    colour = np.array([level * 1.5, level, level * 0.7], np.float32)
    before, after = to_axes(colour), to_axes(colour * np.float32(gain))
    assert np.subtract(after, before) == pytest.approx((np.log2(gain), 0, 0), abs=1e-3)
    assert log_axes(colour[None]).shape == (1, 3)


@pytest.mark.parametrize("noise", [np.zeros((3, 2, 2)), np.array([np.diag([-1.0, 1.0])] * 3)])
def test_a_light_scale_without_spread_is_refused(noise: NDArray[np.float64]) -> None:
    with pytest.raises(ValueError):
        LightScale((Voice.SCLERA, Voice.SCENE), np.zeros((2, 3)), noise, (1.0, 1.0, 1.0))


def test_a_light_scale_of_the_wrong_shape_is_refused() -> None:
    with pytest.raises(ValueError):
        LightScale((Voice.SCLERA,), np.zeros((2, 3)), np.array([np.eye(1)] * 3), (1.0, 1.0, 1.0))


@pytest.mark.parametrize(
    ("gains", "most_deg"),
    [((0.5, 0.5, 0.5), 4), ((0.71, 0.71, 0.71), 3), ((1.14, 1.0, 0.7), 6), ((0.86, 1.0, 1.3), 8)],
    ids=["-1 EV", "-0.5 EV", "warmer", "cooler"],
)
def test_other_light_hardly_moves_the_corrected_ita(
    landmarker: MediaPipeLandmarker,
    hopper: Photo,
    hopper_face: Face,
    gains: tuple[float, float, float],
    most_deg: float,
) -> None:
    before, after = (
        corrected_ita(rgb, align_at_one_sharpness(rgb, hopper_face, landmarker))
        for rgb in (hopper, relit(hopper, gains))
    )
    assert abs(after - before) <= most_deg


@pytest.fixture
def aligned(hopper: Photo, hopper_face: Face) -> AlignedFace:
    return align(hopper, hopper_face)


def test_the_sclera_lies_between_the_lids_beside_the_iris(aligned: AlignedFace) -> None:
    for eye, (inner, outer) in enumerate(((133, 33), (362, 263))):
        mask = sclera_mask(aligned.points_crop, (512, 512), eye=eye)
        columns = np.where(mask)[1]
        left, right = sorted((aligned.points_crop[inner, 0], aligned.points_crop[outer, 0]))
        assert 20 < mask.sum() < 2500
        assert left <= columns.min() <= columns.max() <= right
        x, y = aligned.points_crop[468 + 5 * eye].astype(int)
        assert not mask[y, x]


def test_a_closed_eye_and_dark_glasses_have_no_sclera(astronaut: Photo, astronaut_face: Face) -> None:
    aligned = align(astronaut, astronaut_face)
    colour = skin_colour(aligned.crop_rgb, aligned.zone_masks)
    assert colour is not None
    assert Voice.SCLERA in listen(astronaut, aligned, colour.linear)
    masked = astronaut.copy()
    box = astronaut_face.points_px[[33, 133, 263, 362, 159, 145]][:, :2]
    (left, top), (right, bottom) = box.min(axis=0).astype(int) - 12, box.max(axis=0).astype(int) + 12
    cv2.rectangle(masked, (int(left), int(top)), (int(right), int(bottom)), (12, 12, 14), -1)
    assert Voice.SCLERA not in listen(masked, align(masked, astronaut_face), colour.linear)


def test_light_does_not_jump_as_eyes_grow_darker(astronaut: Photo, astronaut_face: Face) -> None:
    """By lids, lashes or glasses; whites that were believed or not moved ITA by up to 25 degrees."""
    aligned = align(astronaut, astronaut_face)
    colour = skin_colour(aligned.crop_rgb, aligned.zone_masks)
    assert colour is not None
    eyes = np.logical_or.reduce([sclera_mask(aligned.points_crop, (512, 512), eye=eye) for eye in (0, 1)])
    exposures = []
    for gain in np.linspace(1, 0.02, 99):
        crop = aligned.crop_rgb.copy()
        crop[eyes] = np.round(crop[eyes] * gain)
        darker = replace(aligned, crop_rgb=crop)
        exposures.append(estimate_light(listen(astronaut, darker, colour.linear), SHIPPED).mean[0])
    assert np.ptp(exposures) > 0.1
    assert np.abs(np.diff(exposures)).max() < 0.05


def test_a_burnt_out_scene_does_not_speak_of_its_whites(hopper: Photo, aligned: AlignedFace) -> None:
    colour = skin_colour(aligned.crop_rgb, aligned.zone_masks)
    assert colour is not None
    bright = hopper.copy()
    bright[:60] = 255
    assert Voice.WHITES not in listen(bright, aligned, colour.linear)


def test_eyes_are_open_and_the_mouth_is_not(hopper_face: Face) -> None:
    assert min(eye_openings(hopper_face.points_px)) > 0.17
    assert mouth_opening(hopper_face.points_px) < 0.3
