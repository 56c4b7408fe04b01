"""Masks rendered onto faces by their landmarks, in the light that falls on the face: for tests and benchmarks."""

from collections.abc import Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from skin.vision.colour import Linear, luminance, to_linear
from skin.vision.landmarks import Face
from skin.vision.warping import eyes_distance_px

Photo = NDArray[np.uint8]
# Along the cheeks below the eyes, and around the jaw.
OUTLINE = (195, 343, 350, 330, 280, 352, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152,
           148, 176, 149, 150, 136, 172, 58, 132, 93, 123, 50, 101, 121, 114)  # fmt: skip
NOSE, LIP_TOP = 4, 164
# None: the person's own forehead colour. The second colour of a pattern is cream.
CLOTHS: Mapping[str, tuple[int, int, int] | None] = {
    "surgical blue": (150, 190, 215), "white": (232, 232, 230), "black": (28, 28, 30), "beige": (205, 170, 140),
    "own skin": None, "patterned": (170, 40, 60),
}  # fmt: skip
CREAM = (235, 220, 180)
# How much light skin of Monk 1-10 sends back, about: so that a white mask is as much brighter than the skin as in life.
ALBEDO = (0.62, 0.55, 0.48, 0.40, 0.32, 0.24, 0.17, 0.12, 0.08, 0.055)
WORKING_PX = 32  # the distance between the eyes at which the shade on the face is smoothed


def wear_mask(rgb: Photo, face: Face, cloth: str, *, monk: float = 3, seed: int = 0) -> Photo:
    """The photo (H, W, 3) with a mask of this cloth on the face, whose skin is of this Monk tone."""
    random = np.random.default_rng(seed)
    points, distance = face.points_px[:, :2], eyes_distance_px(face.points_px)
    cover = _outline(points, rgb.shape[:2])
    linear = to_linear(rgb)
    forehead = np.median(_around(linear, points[151], 0.15 * distance), axis=0)
    light = float(luminance(forehead)) / ALBEDO[round(min(max(monk, 1), 10)) - 1]
    folds = 1 + 0.1 * np.sin(2 * np.pi * (np.arange(rgb.shape[0])[:, None] - points[NOSE, 1]) / (0.16 * distance))
    grain = 1 + 0.02 * random.normal(size=rgb.shape[:2])
    shade = _shade(luminance(linear), cover > 0, WORKING_PX / distance) * folds * grain
    blobs = cv2.GaussianBlur(random.normal(size=rgb.shape[:2]).astype(np.float32), (0, 0), 0.05 * distance)
    worn = _colour(cloth, forehead, light, blobs) * shade[..., None]
    soft = cv2.GaussianBlur(cover, (0, 0), max(0.7, 0.006 * distance)).astype(np.float32)[..., None] / 255
    return _encode(linear * (1 - soft) + worn * soft)


def _outline(points: NDArray[np.float32], size_hw: tuple[int, int]) -> Photo:
    outline = points[list(OUTLINE)].copy()
    outline[6:26] = points[LIP_TOP] + 1.03 * (outline[6:26] - points[LIP_TOP])
    cover = np.zeros(size_hw, np.uint8)
    cv2.fillPoly(cover, [np.round(outline * 16).astype(np.int32)], 255, shift=4)
    return cover


def _around(linear: NDArray[np.float32], point: NDArray[np.float32], radius: float) -> NDArray[np.float32]:
    x, y, r = (round(float(one)) for one in (*point, radius))
    return linear[max(0, y - r) : y + r + 1, max(0, x - r) : x + r + 1].reshape(-1, 3)


def _shade(light: NDArray[np.float32], inside: NDArray[np.bool_], scale: float) -> NDArray[np.float64]:
    """The light on the face without its features, 1 in the middle of what is inside."""
    scale = min(1.0, scale)
    weight, sum_ = (
        cv2.GaussianBlur(cv2.resize(one, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), (0, 0), 7)
        for one in (inside.astype(np.float32), light * inside)
    )
    smooth = cv2.resize(sum_ / np.maximum(weight, 1e-3), light.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(np.clip(smooth / max(float(np.median(smooth[inside])), 1e-4), 0.25, 3), np.float64)


def _colour(cloth: str, skin: Linear, light: float, blobs: NDArray[np.float32]) -> Linear:
    """Linear sRGB, one (3,) or of every pixel (H, W, 3)."""
    colour = CLOTHS[cloth]
    if colour is None:
        return np.asarray(skin * np.array([0.97, 1.0, 1.03]), np.float32)
    first, second = (to_linear(np.array(one, np.uint8)) * light for one in (colour, CREAM))
    return np.asarray(np.where(blobs[..., None] > 0, first, second), np.float32) if cloth == "patterned" else first


def _encode(linear: NDArray[np.float64]) -> Photo:
    bounded = np.clip(linear, 0, 1)
    encoded = np.where(bounded <= 0.0031308, 12.92 * bounded, 1.055 * bounded ** (1 / 2.4) - 0.055)
    return np.round(255 * encoded).astype(np.uint8)
