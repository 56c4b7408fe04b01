"""Painting: deterministic, exact, stronger with severity, and right on light and deep skin."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import pytest
from numpy.typing import NDArray

from skin.core.concerns import ZONES_OF, Concern
from skin.core.zones import FACE_OVAL, Feature
from skin.training.camera import Camera, capture, random_camera, white_of
from skin.training.canvas import build_canvas
from skin.training.makeup import make_up
from skin.training.pigment import HAEMOGLOBIN, MELANIN, Layers, compose, split, to_density, to_linear, to_srgb
from skin.training.synthesis import PAINTERS, Painted, paint, retone
from skin.vision.alignment import AlignedFace, align, face_mask, feature_mask, inside_features
from skin.vision.landmarks import Face
from skin.vision.references import INNER_LIPS, inside_outline, mouth_opening, sclera_mask

SIZE = 192
Painter = Callable[..., Painted]


@pytest.fixture(scope="module")
def face(astronaut: NDArray[np.uint8], astronaut_face: Face) -> AlignedFace:
    return align(astronaut, astronaut_face, size_px=SIZE)


@pytest.fixture(scope="module")
def painter(face: AlignedFace) -> Painter:
    """Paints the face with one concern; each painting is made once, because painting is what takes time here."""
    return lru_cache(lambda wanted, monk=None: paint(face, dict(wanted), seed=1, monk=monk))


def change(painter: Painter, concern: Concern, severity: float, monk: int | None = None) -> NDArray[np.float64]:
    bare = painter((), monk).rgb.astype(float)
    return np.asarray(np.abs(painter(((concern, severity),), monk).rgb - bare).sum(axis=2))


def test_linear_light_and_back_is_the_same_picture(astronaut: NDArray[np.uint8]) -> None:
    assert np.abs(to_srgb(to_linear(astronaut)).astype(int) - astronaut).max() <= 1


def test_density_is_the_sum_of_its_pigments(astronaut: NDArray[np.uint8]) -> None:
    density = to_density(to_linear(astronaut))
    melanin, blood, shade = split(density)
    again = melanin[..., None] * MELANIN + blood[..., None] * HAEMOGLOBIN + shade[..., None] * np.float32(3**-0.5)
    assert np.allclose(again, density, atol=1e-3)


def test_blank_layers_change_nothing(face: AlignedFace) -> None:
    canvas = build_canvas(face)
    assert np.allclose(compose(canvas.linear, Layers.blank(canvas.shape), canvas.light_xyz), canvas.linear, atol=1e-6)


def test_the_same_seed_paints_the_same_face_and_another_seed_another(face: AlignedFace) -> None:
    wanted = {Concern.ACNE: 2.0, Concern.WRINKLES: 1.5}
    first, again, other = (paint(face, wanted, seed=s) for s in (3, 3, 4))
    assert np.array_equal(first.rgb, again.rgb)
    assert all(np.array_equal(first.masks[c], again.masks[c]) for c in wanted)
    assert not np.array_equal(first.rgb, other.rgb)


def test_adding_a_concern_does_not_move_another(face: AlignedFace) -> None:
    alone = paint(face, {Concern.DARK_SPOTS: 2.0}, seed=5)
    together = paint(face, {Concern.DARK_SPOTS: 2.0, Concern.ACNE: 3.0}, seed=5)
    assert np.array_equal(alone.masks[Concern.DARK_SPOTS], together.masks[Concern.DARK_SPOTS])


@pytest.mark.parametrize("concern", list(PAINTERS))
def test_a_more_severe_concern_changes_the_face_more_and_records_what_it_painted(
    painter: Painter, concern: Concern
) -> None:
    assert change(painter, concern, 3.0).sum() > 1.3 * change(painter, concern, 1.0).sum() > 0
    painted = painter(((concern, 3.0),))
    assert painted.severities == {concern: 3.0}
    assert painted.masks[concern].any()


@pytest.mark.parametrize("concern", list(PAINTERS))
def test_a_mask_lies_near_the_zones_of_its_concern(face: AlignedFace, painter: Painter, concern: Concern) -> None:
    mask = painter(((concern, 3.0),)).masks[concern]
    zones = np.any([face.zone_masks[z] for z in ZONES_OF[concern]], axis=0)
    assert (mask & zones).sum() > 0.5 * mask.sum()


def test_eyes_and_lips_stay_bare(face: AlignedFace, painter: Painter) -> None:
    features = feature_mask(face.points_crop, (SIZE, SIZE))
    for concern in (Concern.REDNESS, Concern.ACNE, Concern.PORES, Concern.TEXTURE):
        moved = change(painter, concern, 3.0)
        assert (
            moved[features].mean()
            < 0.35 * moved[~features & face_mask(face.points_crop, FACE_OVAL, (SIZE, SIZE))].mean()
        )


@pytest.mark.parametrize("monk", [1, 10])
@pytest.mark.parametrize("concern", [Concern.ACNE, Concern.OILINESS, Concern.DARK_CIRCLES])
def test_a_concern_shows_on_the_lightest_and_on_the_deepest_skin(painter: Painter, concern: Concern, monk: int) -> None:
    assert change(painter, concern, 3.0, monk).max() >= 12


def test_deeper_monk_tones_are_darker(face: AlignedFace) -> None:
    canvas = build_canvas(face)
    bare = canvas.skin > 0.5
    light = [float(np.median(retone(canvas, monk).linear[bare])) for monk in (1, 4, 6, 8, 10)]
    assert light == sorted(light, reverse=True)


def test_a_perfect_camera_changes_nothing(astronaut: NDArray[np.uint8]) -> None:
    taken = capture(astronaut, Camera(jpeg_quality=100), np.random.default_rng(0))
    assert np.abs(taken.astype(int) - astronaut).max() <= 1


def test_warm_light_is_redder_than_cold_light() -> None:
    warm, day, cold = (white_of(k) for k in (2850, 6500, 9000))
    assert warm[0] > day[0] > cold[0]
    assert warm[2] < day[2] < cold[2]


def test_a_camera_is_drawn_from_its_seed(astronaut: NDArray[np.uint8]) -> None:
    pictures = []
    for _ in range(2):
        rng = np.random.default_rng(11)
        pictures.append(capture(astronaut[:128, :128], random_camera(rng), rng))
    assert np.array_equal(*pictures)


def test_make_up_changes_lips_brows_and_lids_and_leaves_skin_eyes_and_teeth(
    astronaut: NDArray[np.uint8], astronaut_face: Face
) -> None:
    face = align(astronaut, astronaut_face)
    size = face.crop_rgb.shape[1], face.crop_rgb.shape[0]
    lips, brow, lid = (
        inside_features(face.points_crop, (one,), size) for one in (Feature.LIPS, Feature.BROW_LEFT, Feature.EYE_LEFT)
    )
    skin = np.any(list(face.zone_masks.values()), axis=0)
    eyes = sclera_mask(face.points_crop, size, eye=0) | sclera_mask(face.points_crop, size, eye=1)
    teeth = inside_outline(face.points_crop, INNER_LIPS, size)
    assert mouth_opening(face.points_crop) > 0.1
    seeds = [np.random.default_rng(seed) for seed in range(6)]
    moved = np.stack(
        [np.abs(make_up(face.crop_rgb, face.points_crop, rng).astype(int) - face.crop_rgb).max(axis=2) for rng in seeds]
    )
    assert moved[:, lips].mean() > 10
    assert moved[:, brow].mean() > 3
    assert moved[:, lid & ~eyes].mean() > 3
    assert moved[:, skin].mean() < 0.1 * moved[:, lips].mean()
    assert moved[:, eyes].mean() < 0.3 * moved[:, lips].mean()
    assert moved[:, teeth].mean() < 0.3 * moved[:, lips & ~teeth].mean()


def test_make_up_is_the_same_for_the_same_seed_and_differs_for_another(face: AlignedFace) -> None:
    first, again, other = (make_up(face.crop_rgb, face.points_crop, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert np.abs(first.astype(int) - other).max() > 5
