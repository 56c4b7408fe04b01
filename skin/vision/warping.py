"""Similarity warps between photo and face frames, in continuous coordinates (the first pixel is 0 to 1)."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from skin.core.zones import EYE_CORNERS_LEFT, EYE_CORNERS_RIGHT


class Frame(NamedTuple):
    """Where a face lies in a square picture, in shares of its side: the point between the eyes, and their distance."""

    eyes_centre: tuple[float, float]
    eyes_distance: float


def eye_centres(points: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The middle of the person's left and of the right eye; corners, not irises: the gaze must not turn the face."""
    left, right = (points[list(c)].mean(axis=0).astype(np.float64) for c in (EYE_CORNERS_LEFT, EYE_CORNERS_RIGHT))
    return left, right


def eyes_distance_px(points: NDArray[np.float32]) -> float:
    """Distance between the eyes: in space if `points` have depth, so that turning the head does not change it."""
    left, right = eye_centres(points)
    return max(float(np.linalg.norm(left - right)), 1e-6)


def similarity(points: NDArray[np.float32], frame: Frame, *, size_px: int) -> NDArray[np.float64]:
    """The (2, 3) map that turns, scales and shifts a face into its frame."""
    left, right = eye_centres(points)
    scale = frame.eyes_distance * size_px / eyes_distance_px(points)
    angle = np.arctan2(left[1] - right[1], left[0] - right[0])
    cos, sin = scale * np.cos(angle), scale * np.sin(angle)
    turn = np.array([[cos, sin], [-sin, cos]])
    shift = np.array(frame.eyes_centre) * size_px - turn @ ((left + right)[:2] / 2)
    return np.column_stack([turn, shift])


def transform(points_xy: NDArray[np.float32], matrix: NDArray[np.float64]) -> NDArray[np.float32]:
    """Points (N, 2) through a (2, 3) map."""
    return np.asarray(points_xy @ matrix[:, :2].T + matrix[:, 2], np.float32)


def pixel_centred(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same map for OpenCV, which puts integer coordinates in the middle of a pixel."""
    turn, shift = matrix[:, :2], matrix[:, 2]
    return np.column_stack([turn, turn @ np.full(2, 0.5) + shift - 0.5])


def warp(rgb: NDArray[np.uint8], matrix: NDArray[np.float64], *, size_px: int) -> NDArray[np.uint8]:
    """Warp to a square of `size_px`: in two steps where the face shrinks, because warping alone would skip pixels."""
    scale = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    picture, rest = rgb, matrix
    if scale < 1:
        picture, rest = _shrunk(rgb, matrix, scale=scale, size_px=size_px)
    warped = cv2.warpAffine(
        picture, pixel_centred(rest), (size_px, size_px), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(warped, np.uint8)


def _shrunk(
    rgb: NDArray[np.uint8], matrix: NDArray[np.float64], *, scale: float, size_px: int
) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """The part of the photo under the crop, averaged to about crop scale, and what is left of the map."""
    inverse = np.asarray(cv2.invertAffineTransform(matrix), np.float64)
    corners = np.array([[0, 0], [size_px, 0], [0, size_px], [size_px, size_px]], np.float32)
    around = transform(corners, inverse)
    limits = np.array([rgb.shape[1], rgb.shape[0]])
    low = np.clip(np.floor(around.min(axis=0)) - 2, 0, limits - 2).astype(int)
    high = np.clip(np.ceil(around.max(axis=0)) + 2, low + 2, limits).astype(int)
    factor = int(1 / scale)
    high = np.maximum(high - (high - low) % factor, low + factor)
    part = rgb[low[1] : high[1], low[0] : high[0]]
    size = np.maximum((high - low) // factor, 1)
    small = cv2.resize(part, (int(size[0]), int(size[1])), interpolation=cv2.INTER_AREA) if factor > 1 else part
    per_pixel = (high - low) / size
    # What is left to shrink, less than to a half, is done by the warp on a picture without finer detail than it keeps.
    sigma = 0.5 * float(np.sqrt((1 / (scale * factor)) ** 2 - 1))
    soft = cv2.GaussianBlur(small, (0, 0), sigma) if sigma > 0.2 else small
    return np.asarray(soft, np.uint8), np.column_stack([matrix[:, :2] * per_pixel, matrix[:, :2] @ low + matrix[:, 2]])
