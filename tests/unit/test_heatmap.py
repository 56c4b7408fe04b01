"""A map lies over the photo where the face is, and says nothing of what is not skin."""

import io

import numpy as np
from PIL import Image

from skin.core.zones import Zone
from skin.vision.alignment import align
from skin.vision.heatmap import LONGEST_SIDE_PX, draw_map
from skin.vision.landmarks import Face

Portrait = tuple[np.ndarray, Face]


def alpha_of(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)))[..., 3]


def test_a_full_map_covers_the_skin_and_not_the_background(astronaut: np.ndarray, astronaut_face: Face) -> None:
    aligned = align(astronaut, astronaut_face)
    size = (astronaut.shape[1], astronaut.shape[0])
    alpha = alpha_of(draw_map(np.ones((96, 96), np.float32), aligned, size))
    assert alpha.shape == astronaut.shape[:2]
    x, y = astronaut_face.points_px[50, :2].astype(int)  # on the right cheek
    assert alpha[y, x] > 150
    assert alpha[:20].max() == alpha[-20:].max() == 0


def test_an_empty_map_is_invisible(astronaut: np.ndarray, astronaut_face: Face) -> None:
    png = draw_map(np.zeros((96, 96), np.float32), align(astronaut, astronaut_face), (512, 512))
    assert alpha_of(png).max() == 0


def test_a_map_of_one_cheek_stays_on_that_cheek(astronaut: np.ndarray, astronaut_face: Face) -> None:
    aligned = align(astronaut, astronaut_face)
    cheek = aligned.zone_masks[Zone.CHEEK_LEFT].astype(np.float32)
    alpha = alpha_of(draw_map(cheek, aligned, (512, 512))).astype(float)
    centre_x = (alpha.sum(axis=0) * np.arange(512)).sum() / alpha.sum()
    assert centre_x > astronaut_face.points_px[1, 0], "the person's left is on the right of the picture"


def test_a_map_of_a_large_photo_is_no_larger_than_needed(astronaut: np.ndarray, astronaut_face: Face) -> None:
    png = draw_map(np.ones((96, 96), np.float32), align(astronaut, astronaut_face), (3000, 2000))
    assert max(alpha_of(png).shape) == LONGEST_SIDE_PX
