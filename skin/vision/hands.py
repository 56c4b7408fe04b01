"""Hands before the face, by MediaPipe Hands (Zhang 2020, arXiv 2006.10214), from the models in its wheel."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from skin.core.zones import FACE_OVAL
from skin.vision.native_stderr import sift_stderr
from skin.vision.warping import Frame, similarity, transform, warp

# The convex outline (N, 2) of one hand's 21 landmarks.
Outline = NDArray[np.float32]

# A hand is believed if it is found around the face and again in the whole photo, at the same place. Of 668 photos
# the two looks share 0.77 or more of what 16 hands cover (and of two things far from the face that are none), and 0.1
# or less of the 10 chins, ears or brows taken for one.
LOOK, LOOK_PX, SURE = Frame((0.5, 0.45), 0.16), 320, 0.2
LEAST_SHARED = 0.4
NEAR = 1.1  # fingers reach beyond their landmarks: a hand this many times the face's radius away may touch it


class HandLooks:
    """The model and its two looks; not safe to call from several threads."""

    def __init__(self) -> None:
        from mediapipe.python.solutions.hands import Hands

        with sift_stderr():
            self._model = Hands(static_image_mode=True, max_num_hands=2, min_detection_confidence=SURE)
            self._model.process(np.zeros((64, 64, 3), np.uint8))

    def find(self, rgb: NDArray[np.uint8], points: NDArray[np.float32]) -> list[Outline]:
        """Outlines in the photo (H, W, 3) of the hands that touch the face with these landmarks (478, 3)."""
        matrix = similarity(points, LOOK, size_px=LOOK_PX)
        back = np.asarray(cv2.invertAffineTransform(matrix), np.float64)
        oval = _hull(points[[corner.start for corner in FACE_OVAL], :2])
        oval = np.asarray(oval.mean(axis=0) + NEAR * (oval - oval.mean(axis=0)), np.float32)
        near = [transform(hand, back) for hand in _hands(self._model, warp(rgb, matrix, size_px=LOOK_PX))]
        touching = [hand for hand in map(_hull, near) if _common(hand, oval) > 0]
        if not touching:
            return []
        again = [_hull(hand) for hand in _hands(self._model, rgb)]
        return [hand for hand in touching if any(_shared(hand, other) >= LEAST_SHARED for other in again)]

    def close(self) -> None:
        self._model.close()


def _hands(model: Any, rgb: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
    height, width = rgb.shape[:2]
    found = model.process(np.ascontiguousarray(rgb)).multi_hand_landmarks or []
    return [np.array([(p.x * width, p.y * height) for p in hand.landmark], np.float32) for hand in found]


def _hull(points: NDArray[np.float32]) -> Outline:
    return np.asarray(cv2.convexHull(points.astype(np.float32)).reshape(-1, 2), np.float32)


def _common(first: Outline, second: Outline) -> float:
    return float(cv2.intersectConvexConvex(first, second)[0])


def _shared(first: Outline, second: Outline) -> float:
    """Of the area that either covers, the share that both do."""
    common = _common(first, second)
    return common / max(float(cv2.contourArea(first)) + float(cv2.contourArea(second)) - common, 1e-6)
