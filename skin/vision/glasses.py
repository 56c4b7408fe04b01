"""Glasses with clear lenses, by what bare skin does not have: edges of a frame across nose, temples and cheeks."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from skin.vision.alignment import AlignedFace
from skin.vision.colour import luminance, to_linear
from skin.vision.warping import eye_centres

# Everything is in shares of the distance between the eyes, and in stops: neither tone nor exposure counts.
_FINE = 0.015
_DARKEST = 0.003  # luminance below which a sensor sees noise alone
_LEAST = 1e-3
_STRIPS = np.linspace(-0.2, 0.2, 7)
_HEIGHTS = np.linspace(-0.12, 0.25, 7)

# x0, y0, x1, y1 from a point of the face, x counted outwards from the nose where it is one of the eyes.
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class GlassesScale:
    """A logistic regression on the logarithms of `measure_edges` (data/scales/glasses.yaml)."""

    intercept: float
    weights: dict[str, float]

    def likelihood(self, aligned: AlignedFace) -> float:
        """How likely the face wears glasses, 0-1."""
        edges = measure_edges(aligned)
        logit = self.intercept + sum(weight * np.log(edges[name]) for name, weight in self.weights.items())
        return float(1 / (1 + np.exp(-logit)))


def measure_edges(aligned: AlignedFace) -> dict[str, float]:
    """How much thin lines stand out, in stops: where frames run, and on cheeks and forehead to hold them against."""
    picture = _Lines(aligned)
    found = {
        "bridge": picture.swing(picture.root, (-0.06, -0.22, 0.06, 0.35), axis=1),
        "pads": min(picture.spread(eye, (-0.42, 0, -0.25, 0.35)) for eye in picture.eyes),
        "rims": min(picture.rim(eye) for eye in picture.eyes),
        "temples": min(picture.temple(eye) for eye in picture.eyes),
        "cheeks": min(picture.spread(eye, (-0.15, 0.62, 0.15, 0.95)) for eye in picture.eyes),
        "forehead": picture.spread(picture.middle, (-0.3, -0.6, 0.3, -0.35)),
    }
    return {name: max(value, _LEAST) for name, value in found.items()}


Place = tuple[float, float, int]  # x and y in pixels, and the side that is outwards


class _Lines:
    """What is finer than a rim in log luminance, at half the size of the crop, whose eyes are level."""

    def __init__(self, aligned: AlignedFace) -> None:
        left, right = eye_centres(aligned.points_crop)
        unit = float(np.linalg.norm(left - right))
        low = np.maximum((left + right) / 2 - unit * np.array([1.2, 0.75]), 0).astype(int)
        high = ((left + right) / 2 + unit * np.array([1.2, 1.1])).astype(int)
        part = aligned.crop_rgb[low[1] : high[1], low[0] : high[0]]
        small = cv2.resize(part, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        points = (aligned.points_crop - low) / 2
        left, right, self._unit = (left - low) / 2, (right - low) / 2, unit / 2
        light = np.log2(np.maximum(luminance(to_linear(np.asarray(small, np.uint8))), _DARKEST))
        fine = _FINE * self._unit
        self._lines = cv2.GaussianBlur(light, (0, 0), fine) - cv2.GaussianBlur(light, (0, 0), 3 * fine)
        self.eyes: tuple[Place, Place] = (float(left[0]), float(left[1]), 1), (float(right[0]), float(right[1]), -1)
        self.root: Place = float(points[168, 0]), float(points[168, 1]), 1
        self.middle: Place = float(left[0] + right[0]) / 2, float(left[1] + right[1]) / 2, 1

    def spread(self, place: Place, box: Box) -> float:
        return float(self._cut(place, box).std())

    def swing(self, place: Place, box: Box, *, axis: int) -> float:
        """From the darkest to the brightest line that runs along the axis."""
        along = self._cut(place, box).mean(axis=axis)
        return float(along.max() - along.min())

    def rim(self, eye: Place) -> float:
        """A lower rim runs below the whole eye, a fold of the skin below a part of it."""
        swings = [self.swing(eye, (x - 0.03, 0.2, x + 0.03, 0.62), axis=1) for x in _STRIPS]
        return float(np.percentile(swings, 15))

    def temple(self, eye: Place) -> float:
        return float(np.median([self.swing(eye, (0.26, y - 0.03, 0.55, y + 0.03), axis=0) for y in _HEIGHTS]))

    def _cut(self, place: Place, box: Box) -> NDArray[np.float32]:
        x, y, side = place
        across = sorted((x + side * box[0] * self._unit, x + side * box[2] * self._unit))
        height, width = self._lines.shape
        left = int(np.clip(round(across[0]), 0, width - 2))
        right = int(np.clip(round(across[1]), left + 2, width))
        top = int(np.clip(round(y + box[1] * self._unit), 0, height - 2))
        bottom = int(np.clip(round(y + box[3] * self._unit), top + 2, height))
        return np.asarray(self._lines[top:bottom, left:right], np.float32)
