"""Where paint may go on an aligned face: soft skin and zones, its light, and noise to break up edges."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from skin.core.zones import EYE_CORNERS_LEFT, EYE_CORNERS_RIGHT, FACE_OVAL, Zone
from skin.training.pigment import Field, split, to_density, to_linear
from skin.vision.alignment import AlignedFace, face_mask, feature_mask

# Distance between the eyes' centres in adults, mm (Dodgson 2004, doi 10.1117/12.529999): what makes pixels millimetres.
EYES_APART_MM = 63.0
# Lower lid and lower border of the orbit, outer to inner, right eye then left eye.
LIDS = ((130, 25, 110, 24, 23, 22, 26, 112, 243), (359, 255, 339, 254, 253, 252, 256, 341, 463))
ORBITS = ((143, 111, 117, 118, 119, 120, 121, 128, 244), (372, 340, 346, 347, 348, 349, 350, 357, 464))


@dataclass(frozen=True, slots=True, eq=False)
class Canvas:
    """A face ready for paint: `linear` (H, W, 3) light, `skin` (H, W) 0-1 where skin is bare, unit `light_xyz`."""

    aligned: AlignedFace
    linear: Field
    skin: Field
    light_xyz: Field
    px_per_mm: float

    @property
    def shape(self) -> tuple[int, int]:
        return self.skin.shape[0], self.skin.shape[1]

    def area(self, zones: Iterable[Zone], soft_mm: float = 3.0) -> Field:
        """Where these zones are (H, W) 0-1, with borders that fade over `soft_mm`, on bare skin only."""
        joined = np.any([self.aligned.zone_masks[z] for z in zones], axis=0).astype(np.float32)
        return blur(joined, soft_mm * self.px_per_mm) * self.skin

    def at(self, landmark: int, towards: int | None = None, share: float = 0.0) -> Field:
        """A landmark (x, y) in crop px, moved a share of the way to another."""
        points = self.aligned.points_crop
        end = points[landmark if towards is None else towards]
        return np.asarray(points[landmark] + share * (end - points[landmark]), np.float32)


def build_canvas(aligned: AlignedFace) -> Canvas:
    """Find bare skin and light direction; skin is what looks like the cheeks and nose inside the face's outline."""
    linear = to_linear(aligned.crop_rgb)
    size_wh = (linear.shape[1], linear.shape[0])
    points = aligned.points_crop
    inside = face_mask(points, FACE_OVAL, size_wh) & ~feature_mask(points, size_wh)
    melanin, haemoglobin, shading = split(to_density(cv2.GaussianBlur(linear, (0, 0), 1.5)))
    sample = _sample(aligned)
    distance = np.zeros(linear.shape[:2], np.float32)
    for amount, floor in ((melanin, 0.10), (haemoglobin, 0.10), (shading, 0.35)):
        centre, spread = np.median(amount[sample]), max(floor, float(np.std(amount[sample])))
        distance += ((amount - centre) / (3.0 * spread)) ** 2
    likely = np.clip(1.6 - distance, 0.0, 1.0) * inside
    eyes = points[list(EYE_CORNERS_LEFT)].mean(0) - points[list(EYE_CORNERS_RIGHT)].mean(0)
    px_per_mm = float(np.linalg.norm(eyes)) / EYES_APART_MM
    skin = blur(cv2.erode(likely, np.ones((3, 3), np.uint8)), 1.0)
    return Canvas(aligned, linear, skin, _light(aligned, linear), px_per_mm)


def _sample(aligned: AlignedFace) -> NDArray[np.bool_]:
    zones = (Zone.CHEEK_LEFT, Zone.CHEEK_RIGHT, Zone.NOSE, Zone.FOREHEAD)
    sample = np.any([aligned.zone_masks[z] for z in zones], axis=0)
    return sample if sample.sum() > 50 else np.ones_like(sample)


def _light(aligned: AlignedFace, linear: Field) -> Field:
    """Where the main light is (x right, y down, z to the viewer): sideways from the cheeks, else from above."""
    left, right = (
        float(np.median(linear[aligned.zone_masks[z]])) if aligned.zone_masks[z].any() else 1.0
        for z in (Zone.CHEEK_LEFT, Zone.CHEEK_RIGHT)
    )
    # The person's left cheek is on the right of the picture.
    sideways = np.clip(np.log((left + 0.01) / (right + 0.01)), -0.8, 0.8)
    light = np.array([sideways, -0.65, 0.8])
    return np.asarray(light / np.linalg.norm(light), np.float32)


def blur(field: Field, sigma_px: float) -> Field:
    """Gaussian blur of (H, W)."""
    return np.asarray(cv2.GaussianBlur(field, (0, 0), max(sigma_px, 0.3)), np.float32)


def noise(shape: tuple[int, int], scale_px: float, rng: np.random.Generator) -> Field:
    """Smooth noise (H, W), mean 0, deviation about 1, whose lumps measure `scale_px`."""
    rows, columns = (max(3, int(np.ceil(side / scale_px)) + 3) for side in shape)
    grid = rng.standard_normal((rows, columns), np.float32)
    height, width = shape
    field = cv2.resize(grid, (int(columns * scale_px), int(rows * scale_px)), interpolation=cv2.INTER_CUBIC)
    part = field[:height, :width]
    return np.asarray((part - part.mean()) / (part.std() + 1e-6), np.float32)


def scatter(weight: Field, count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """`count` pixels (row, column) drawn in proportion to `weight` (H, W)."""
    total = np.cumsum(weight.ravel().astype(np.float64))
    if total[-1] <= 0:
        return np.zeros((0, 2), np.int64)
    drawn = np.searchsorted(total, rng.random(count) * total[-1])
    return np.stack(np.unravel_index(drawn, weight.shape), axis=1)


def blob(radius_px: float, rng: np.random.Generator, reach: float = 3.0) -> Field:
    """Distance from a centre in radii (K, K), with an outline that is not quite round."""
    half = int(np.ceil(radius_px * reach)) + 1
    y, x = np.mgrid[-half : half + 1, -half : half + 1].astype(np.float32)
    angle = np.arctan2(y, x)
    wobble = sum(rng.normal(0, 0.10 / k**0.5) * np.cos(k * angle + rng.uniform(0, 2 * np.pi)) for k in (1, 2, 3, 5))
    return np.asarray(np.hypot(x, y) / (radius_px * (1.0 + wobble)), np.float32)


def stamp(field: Field, patch: Field, centre: Sequence[int]) -> None:
    """Add a patch (K, K) to the field around (row, column), cut at the edges."""
    half = patch.shape[0] // 2
    top, left = centre[0] - half, centre[1] - half
    rows = slice(max(0, top), min(field.shape[0], top + patch.shape[0]))
    columns = slice(max(0, left), min(field.shape[1], left + patch.shape[1]))
    field[rows, columns] += patch[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]


def under_eye(canvas: Canvas, profile: Field) -> Field:
    """A profile (T,) from lower lid to orbit's border, swept along both eyes (H, W), fading to the corners."""
    field = np.zeros(canvas.shape, np.float32)
    points = canvas.aligned.points_crop
    steps = np.linspace(0.0, 1.0, len(profile) + 1)
    for lid, orbit in zip(LIDS, ORBITS, strict=True):
        upper, lower = points[list(lid)], points[list(orbit)]
        for value, start, stop in zip(profile, steps[:-1], steps[1:], strict=True):
            top, bottom = upper + start * (lower - upper), upper + stop * (lower - upper)
            outline = np.concatenate([top, bottom[::-1]])
            cv2.fillPoly(field, [np.round(outline * 16).astype(np.int32)], float(value), shift=4)
    return field
