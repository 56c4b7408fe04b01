"""How sharp a face is, and the view of it that colour is measured on: every face at one sharpness.

Blur mixes eye whites with lashes and moves landmarks, and with them every mask: by 1-1.8 px of 512. So the face is
smoothed until its edges are ONE_WIDTH wide, and looked at again so smoothed (benchmarks/sharpness.py measures it).
"""

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from skin.vision.alignment import FRAME, AlignedFace, align
from skin.vision.landmarks import Face, Landmarker
from skin.vision.warping import Frame, eyes_distance_px, similarity, transform, warp

SHARPNESS_EYES_PX = 96.0
# Faces have few sharp upright edges: on sharp photos they measure 1.65 times as wide as level ones.
UPRIGHT_EDGES = 0.6
DETAILED = ([33, 133, 159, 145, 70, 107], [263, 362, 386, 374, 300, 336], [61, 291, 0, 17])

# Sigma of edges in shares of the distance between the eyes; the widest of large faces that pass are .026. The gate's
# widths grow by 1.6 times the blur that is added to a face (median of 56 photos), which TRUE_WIDTH makes good.
ONE_WIDTH, TRUE_WIDTH = 0.028, 0.63
# The looks go on from each other and swing around where they end: the last two are averaged.
LOOKS, LOOK_FRAME, LOOK_PX = 3, Frame((0.5, 0.43), 0.23), 192
# Beyond this share of the distance between the eyes it is another face. Of 545 faces those that pass the gate moved by
# up to .12 (median .02), two that it refuses for their angle by more than this.
FARTHEST_MOVE = 0.15


def blur_px(rgb: NDArray[np.uint8], face: Face) -> float:
    """Width (sigma) of the sharpest edges of eyes, brows and mouth, with the eyes 96 px apart or less if they are.

    Contrast is divided out, so that neither tone nor light counts: the steepest slope of an edge of height A
    blurred by sigma is A / (sigma * sqrt(2 pi)). The worse direction counts: a shaken photo is blurred in one only.
    """
    distance = _measured_eyes_px(face)
    size = max(16, round(distance / FRAME.eyes_distance))
    matrix = similarity(face.points_px, FRAME, size_px=size)
    grey = cv2.cvtColor(warp(rgb, matrix, size_px=size), cv2.COLOR_RGB2GRAY).astype(np.float32)
    points = transform(face.points_px[:, :2], matrix)
    widths: list[tuple[float, float]] = []
    for landmarks in DETAILED:
        low = np.clip(points[landmarks].min(axis=0) - 0.12 * distance, 0, size - 8).astype(int)
        high = np.maximum(points[landmarks].max(axis=0) + 0.12 * distance, low + 8).astype(int)
        widths.append(_edge_widths(grey[low[1] : high[1], low[0] : high[0]]))
    across, down = zip(*widths, strict=True)
    return float(max(UPRIGHT_EDGES * min(across), min(down)))


def align_at_one_sharpness(rgb: NDArray[np.uint8], face: Face, landmarker: Landmarker) -> AlignedFace:
    """The face as its colour is measured: smoothed to ONE_WIDTH, unless it is softer, with its landmarks found anew."""
    width = TRUE_WIDTH * blur_px(rgb, face) / _measured_eyes_px(face)
    missing = float(np.sqrt(max(ONE_WIDTH**2 - width**2, 0.0)))
    aligned = align(rgb, _found_again(rgb, face, landmarker, missing))
    sigma = missing * FRAME.eyes_distance * aligned.crop_rgb.shape[0]
    return replace(aligned, crop_rgb=_smoothed(aligned.crop_rgb, sigma))


def _found_again(rgb: NDArray[np.uint8], face: Face, landmarker: Landmarker, missing: float) -> Face:
    looks = [face]
    for _ in range(LOOKS):
        matrix = similarity(looks[-1].points_px, LOOK_FRAME, size_px=LOOK_PX)
        crop = _smoothed(warp(rgb, matrix, size_px=LOOK_PX), missing * LOOK_FRAME.eyes_distance * LOOK_PX)
        found = min((_to_photo(one, matrix) for one in landmarker.look(crop)), key=face.apart, default=None)
        if found is None or found.apart(face) > FARTHEST_MOVE:
            return face
        looks.append(found)
    return Face(np.mean([one.points_px for one in looks[-2:]], axis=0, dtype=np.float32))


def _to_photo(face: Face, matrix: NDArray[np.float64]) -> Face:
    back = np.asarray(cv2.invertAffineTransform(matrix), np.float64)
    depth = face.points_px[:, 2:] * np.float32(np.sqrt(np.linalg.det(back[:, :2])))
    return Face(np.hstack([transform(face.points_px[:, :2], back), depth]))


def _measured_eyes_px(face: Face) -> float:
    return min(eyes_distance_px(face.points_px), SHARPNESS_EYES_PX)


def _smoothed(rgb: NDArray[np.uint8], sigma: float) -> NDArray[np.uint8]:
    return np.asarray(cv2.GaussianBlur(rgb, (0, 0), sigma), np.uint8) if sigma > 0.2 else rgb


def _edge_widths(grey: NDArray[np.float32]) -> tuple[float, float]:
    """Of upright and of level edges."""
    dark, bright = np.percentile(grey, (2, 98))
    height = float(bright - dark) / float(np.sqrt(2 * np.pi))
    slopes = (cv2.Scharr(grey, cv2.CV_32F, 1, 0) / 32, cv2.Scharr(grey, cv2.CV_32F, 0, 1) / 32)
    upright, level = (max(float(np.percentile(np.abs(slope), 98)), 1e-3) for slope in slopes)
    return height / upright, height / level
