"""Places in a photo whose colour says something of its light: eye whites, teeth, the whole scene and its whites.

Skin, lips, brows, irises and an even background were measured too. Skin and lips carry the tone that is to be found:
with them light faces read darker. A background tells nothing (its luminance strays by 2 stops).
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from skin.vision.alignment import AlignedFace
from skin.vision.colour import Linear, band_mean, luminance, to_linear
from skin.vision.warping import eyes_distance_px

# Lid edges and irises of the person's right and left eye, and the inner edge of the lips, on the mesh.
LIDS = (
    (33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7),
    (263, 466, 388, 387, 386, 385, 384, 398, 362, 382, 381, 380, 374, 373, 390, 249),
)
IRISES = ((468, 469, 470, 471, 472), (473, 474, 475, 476, 477))
INNER_LIPS = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308, 324, 318, 402, 317, 14, 87, 178, 88, 95)
_LID_HEIGHTS = ((159, 145, 33, 133), (386, 374, 263, 362))

# The limbus is darker than the sclera a little beyond the iris; lids throw shade. Bands are percentiles of luminance:
# below lie lashes and shade, above lies the glint.
_IRIS_MARGIN, _LID_MARGIN = 1.15, 0.012
_SCLERA_BAND, _IRIS_BAND, _TEETH_BAND = (55.0, 92.0), (2.0, 60.0), (60.0, 92.0)

# A sclera is believed if its eye is open and it is: neither a dark glass nor a glare beside the skin (log2 luminance),
# brighter than the iris, and hardly redder than the skin (log2 R/B). Found by looking at 60 eyes of 30 photos, and
# moved by what one sharpness (skin/vision/sharpness.py) moves eye whites by. Around each limit trust grows from 0 to 1,
# over the second number on both sides: a voice that came and went all at once moved ITA by up to 25 degrees.
LEAST_EYE_OPENING = 0.17
_OPENING, _SCLERA_TO_IRIS, _REDDER = (LEAST_EYE_OPENING, 0.05), (0.4, 0.3), (-0.3, 0.15)
_SCLERA_ABOVE_SKIN, _SCLERA_BELOW_GLARE = (-2.2, 0.4), (-3.0, 0.4)
_MOUTH_OPENING, _TEETH_PX = (0.035, 0.015), (80.0, 60.0)
_TEETH_ABOVE_SKIN, _TEETH_BELOW_GLARE = (-1.0, 0.3), (-2.5, 0.3)

# The scene: the photo at this size; its norm of order 6 (shades of grey, Finlayson and Trezzi 2004) and its whites.
_SCENE_SIDE_PX, _NORM = 128, 6
# Log2 luminance around which the scene's whites are burnt out and tell their light no more.
_BURNT_OUT = (0.02, 0.02)


class Voice(StrEnum):
    """What speaks of the light."""

    SCLERA = "sclera"
    TEETH = "teeth"
    SCENE = "scene"
    WHITES = "whites"


Axes = tuple[float, float, float]


class Heard(NamedTuple):
    """What a voice says, and how far (over 0, up to 1) its place is trusted to be what it is taken for."""

    axes: Axes
    trust: float = 1.0


def log_axes(linear: Linear) -> Linear:
    """Linear sRGB (..., 3) as log2 luminance, warmth log2(R/B) and tint log2(G / sqrt(RB)): light adds to each."""
    logs = np.log2(np.maximum(linear, 1e-4))
    red, green, blue = logs[..., 0], logs[..., 1], logs[..., 2]
    exposure = np.log2(np.maximum(luminance(linear), 1e-4))
    return np.asarray(np.stack([exposure, red - blue, green - (red + blue) / 2], axis=-1), np.float32)


def to_axes(linear: Linear) -> Axes:
    """The same of one colour (3,)."""
    exposure, warmth, tint = (float(one) for one in log_axes(np.asarray(linear, np.float32)))
    return exposure, warmth, tint


def listen(rgb: NDArray[np.uint8], aligned: AlignedFace, skin: Linear) -> dict[Voice, Heard]:
    """What each voice that can be heard in a photo (H, W, 3) says, given its skin colour in linear sRGB (3,)."""
    own = to_axes(skin)
    said: dict[Voice, Heard | None] = {
        Voice.SCLERA: _sclera(aligned, own),
        Voice.TEETH: _teeth(aligned, own),
        **_scene(rgb),
    }
    return {voice: heard for voice, heard in said.items() if heard is not None and heard.trust > 0}


def eye_openings(points: NDArray[np.float32]) -> tuple[float, float]:
    """Height over width of the right and of the left eye between the lids."""
    flat = points[:, :2]
    right, left = (
        float(np.linalg.norm(flat[top] - flat[low])) / max(float(np.linalg.norm(flat[a] - flat[b])), 1e-6)
        for top, low, a, b in _LID_HEIGHTS
    )
    return right, left


def mouth_opening(points: NDArray[np.float32]) -> float:
    """Gap between the lips in shares of the distance between the eyes."""
    return float(np.linalg.norm(points[13, :2] - points[14, :2])) / eyes_distance_px(points[:, :2])


def sclera_mask(points: NDArray[np.float32], size_wh: tuple[int, int], *, eye: int) -> NDArray[np.bool_]:
    """Bool mask (H, W) of what lies between the lids of eye 0 (right) or 1 (left) and is not iris."""
    mask = inside_outline(points, LIDS[eye], size_wh, margin_px=2 * _LID_MARGIN * eyes_distance_px(points[:, :2]))
    return np.asarray(mask & ~iris_mask(points, size_wh, eye=eye, margin=_IRIS_MARGIN), np.bool_)


def iris_mask(
    points: NDArray[np.float32], size_wh: tuple[int, int], *, eye: int, margin: float = 0.9
) -> NDArray[np.bool_]:
    """Bool mask (H, W) of a disc of `margin` times the iris."""
    mask = np.zeros(size_wh[::-1], np.uint8)
    centre, *edge = points[list(IRISES[eye]), :2]
    radius = margin * float(np.mean([np.linalg.norm(point - centre) for point in edge]))
    x, y = (int(one) for one in np.round(centre * 16 - 8))
    cv2.circle(mask, (x, y), max(1, round(radius * 16)), 1, -1, shift=4)
    return mask.astype(bool)


def inside_outline(
    points: NDArray[np.float32], outline: tuple[int, ...], size_wh: tuple[int, int], *, margin_px: float = 0.0
) -> NDArray[np.bool_]:
    """Bool mask (H, W) of the inside of these landmarks, without a border of half the margin."""
    mask = np.zeros(size_wh[::-1], np.uint8)
    fixed = np.round(points[list(outline), :2] * 16 - 8).astype(np.int32)
    cv2.fillPoly(mask, [fixed], 1, shift=4)
    if margin_px > 0:
        cv2.polylines(mask, [fixed], True, 0, max(1, round(margin_px)), shift=4)
    return mask.astype(bool)


def _trust(value: float, limit: tuple[float, float]) -> float:
    at, margin = limit
    return float(np.clip(0.5 + (value - at) / (2 * margin), 0, 1))


def _sclera(aligned: AlignedFace, skin: Axes) -> Heard | None:
    eyes = [_one_sclera(aligned, skin, eye, opening) for eye, opening in enumerate(eye_openings(aligned.points_crop))]
    seen = [heard for heard in eyes if heard is not None and heard.trust > 0]
    if not seen:
        return None
    trusts = [heard.trust for heard in seen]
    exposure, warmth, tint = (float(one) for one in np.average([h.axes for h in seen], axis=0, weights=trusts))
    return Heard((exposure, warmth, tint), max(trusts))


def _one_sclera(aligned: AlignedFace, skin: Axes, eye: int, opening: float) -> Heard | None:
    size = aligned.crop_rgb.shape[1], aligned.crop_rgb.shape[0]
    white = band_mean(aligned.crop_rgb[sclera_mask(aligned.points_crop, size, eye=eye)], _SCLERA_BAND)
    iris = band_mean(aligned.crop_rgb[iris_mask(aligned.points_crop, size, eye=eye)], _IRIS_BAND)
    if white is None or iris is None:
        return None
    axes = to_axes(white)
    trust = (
        _trust(opening, _OPENING)
        * _trust(axes[0] - skin[0], _SCLERA_ABOVE_SKIN)
        * _trust(skin[0] - axes[0], _SCLERA_BELOW_GLARE)
        * _trust(axes[0] - to_axes(iris)[0], _SCLERA_TO_IRIS)
        * _trust(skin[1] - axes[1], _REDDER)
    )
    return Heard(axes, trust)


def _teeth(aligned: AlignedFace, skin: Axes) -> Heard | None:
    size = aligned.crop_rgb.shape[1], aligned.crop_rgb.shape[0]
    pixels = aligned.crop_rgb[inside_outline(aligned.points_crop, INNER_LIPS, size, margin_px=3)]
    found = band_mean(pixels, _TEETH_BAND)
    if found is None:
        return None
    axes = to_axes(found)
    trust = (
        _trust(mouth_opening(aligned.points_crop), _MOUTH_OPENING)
        * _trust(len(pixels), _TEETH_PX)
        * _trust(axes[0] - skin[0], _TEETH_ABOVE_SKIN)
        * _trust(skin[0] - axes[0], _TEETH_BELOW_GLARE)
    )
    return Heard(axes, trust)


def _scene(rgb: NDArray[np.uint8]) -> Mapping[Voice, Heard]:
    scale = _SCENE_SIDE_PX / max(rgb.shape[:2])
    size = max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale))
    linear = to_linear(np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)).reshape(-1, 3)
    shades = np.mean(linear.astype(np.float64) ** _NORM, axis=0) ** (1 / _NORM)
    whites = to_axes(np.percentile(linear, 99, axis=0).astype(np.float32))
    return {
        Voice.SCENE: Heard(to_axes(shades.astype(np.float32))),
        Voice.WHITES: Heard(whites, _trust(-whites[0], _BURNT_OUT)),
    }
