"""From a photo and its landmarks to a canonical crop with zone masks, and back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from skin.core.zones import (
    FEATURE_MARGINS,
    FEATURE_POLYGONS,
    ZONE_POLYGONS,
    Feature,
    Polygon,
    Zone,
)
from skin.vision.landmarks import Face
from skin.vision.warping import Frame, eyes_distance_px, pixel_centred, similarity, transform, warp

FRAME = Frame(eyes_centre=(0.5, 0.415), eyes_distance=0.28)
_SUBPIXEL_BITS = 4


@dataclass(frozen=True, slots=True, eq=False)
class AlignedFace:
    """A face in the canonical frame: eyes level, at a fixed place and distance, hairline to chin inside.

    `crop_rgb` is (S, S, 3) uint8, `matrix` (2, 3) float64 takes photo pixels to crop pixels (continuous
    coordinates), `points_crop` is (478, 2) float32, each mask is (S, S) bool without eyes, brows, lips, nostrils.
    """

    crop_rgb: NDArray[np.uint8]
    matrix: NDArray[np.float64]
    points_crop: NDArray[np.float32]
    zone_masks: Mapping[Zone, NDArray[np.bool_]]

    def matrix_norm(self, photo_size_wh: tuple[int, int]) -> tuple[float, float, float, float, float, float]:
        """The matrix by rows, from 0-1 of a photo of this size to 0-1 of the crop."""
        rows = self.matrix * [*photo_size_wh, 1] / self.crop_rgb.shape[0]
        a, b, c, d, e, f = (round(float(value), 6) for value in rows.ravel())
        return a, b, c, d, e, f

    def zone_outlines_norm(self) -> dict[Zone, tuple[tuple[float, float], ...]]:
        """The corners of every zone in 0-1 of the crop."""
        outlines = zone_polygons_px(self.points_crop / self.crop_rgb.shape[0])
        return {
            zone: tuple((round(float(x), 4), round(float(y), 4)) for x, y in outline)
            for zone, outline in outlines.items()
        }


def align(rgb: NDArray[np.uint8], face: Face, *, size_px: int = 512) -> AlignedFace:
    """Warp the face to the canonical frame by turning, scaling and shifting only; what is outside repeats the edge."""
    matrix = similarity(face.points_px, FRAME, size_px=size_px)
    points = transform(face.points_px[:, :2], matrix)
    masks = build_zone_masks(points, (size_px, size_px))
    return AlignedFace(warp(rgb, matrix, size_px=size_px), matrix, points, masks)


def warp_to_photo(crop_map: NDArray[np.float32], aligned: AlignedFace, size_wh: tuple[int, int]) -> NDArray[np.float32]:
    """A map in crop pixels (S, S) or (S, S, C) as it lies in a photo of this size; 0 outside the crop."""
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(crop_map, pixel_centred(aligned.matrix), size_wh, flags=flags), np.float32)


def zone_polygons_px(points: NDArray[np.float32]) -> dict[Zone, NDArray[np.float32]]:
    """The outline (N, 2) of each zone in the pixels that `points` (478, 2 or 3) are in."""
    return {zone: polygon_px(points, polygon) for zone, polygon in ZONE_POLYGONS.items()}


def polygon_px(points: NDArray[np.float32], polygon: Polygon) -> NDArray[np.float32]:
    """One mesh polygon (N, 2) in the pixels that `points` (478, 2 or 3) are in."""
    starts, ends = points[[c.start for c in polygon], :2], points[[c.end for c in polygon], :2]
    shares = np.array([[c.share] for c in polygon], np.float32)
    return np.asarray(starts + shares * (ends - starts), np.float32)


def build_zone_masks(points: NDArray[np.float32], size_wh: tuple[int, int]) -> dict[Zone, NDArray[np.bool_]]:
    """Bool masks (H, W) of all zones without features, in the pixels that `points` are in; zones never overlap."""
    taken = feature_mask(points, size_wh)
    masks = {}
    for zone, outline in zone_polygons_px(points).items():
        masks[zone] = _filled(outline, size_wh).astype(bool) & ~taken
        taken |= masks[zone]
    return masks


def feature_mask(points: NDArray[np.float32], size_wh: tuple[int, int]) -> NDArray[np.bool_]:
    """Bool mask (H, W) of eyes, brows, lips and nostrils with their margins."""
    mask = np.zeros(size_wh[::-1], np.uint8)
    distance = eyes_distance_px(points)
    for feature, polygon in FEATURE_POLYGONS.items():
        filled = _filled(polygon_px(points, polygon), size_wh, margin_px=FEATURE_MARGINS[feature] * distance)
        mask |= filled
    return mask.astype(bool)


def face_mask(points: NDArray[np.float32], polygon: Polygon, size_wh: tuple[int, int]) -> NDArray[np.bool_]:
    """Bool mask (H, W) of the inside of one mesh polygon."""
    return _filled(polygon_px(points, polygon), size_wh).astype(bool)


def inside_features(
    points: NDArray[np.float32], features: Iterable[Feature], size_wh: tuple[int, int]
) -> NDArray[np.bool_]:
    """Bool mask (H, W) of these features, without their margins."""
    return np.asarray(np.any([face_mask(points, FEATURE_POLYGONS[one], size_wh) for one in features], axis=0), np.bool_)


def _filled(outline: NDArray[np.float32], size_wh: tuple[int, int], *, margin_px: float = 0.0) -> NDArray[np.uint8]:
    mask = np.zeros(size_wh[::-1], np.uint8)
    fixed = np.round((outline - 0.5) * (1 << _SUBPIXEL_BITS)).astype(np.int32)
    cv2.fillPoly(mask, [fixed], 1, shift=_SUBPIXEL_BITS)
    if margin_px >= 0.5:
        cv2.polylines(mask, [fixed], True, 1, max(1, round(2 * margin_px)), shift=_SUBPIXEL_BITS)
    return mask
