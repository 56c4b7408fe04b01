"""Finding faces: 478 landmarks for each face in a photo, and the hands that touch it."""

from contextlib import nullcontext
from dataclasses import dataclass
from threading import Lock
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from skin.vision.hands import HandLooks
from skin.vision.native_stderr import sift_stderr
from skin.vision.warping import Frame, eyes_distance_px, similarity, transform, warp

# Landmarks at the sides of the face, by the ears.
WIDTH_ENDS = (454, 234)

# A find is believed if a second model, shown only that place, puts its points within this share of the distance
# between the eyes (median over the mesh). Measured on 487 faces of two sets: real ones <= 0.29 in the better of
# the two looks; jellyfish, leaves and single eyes taken for faces: 1.0 or nothing found.
SECOND_LOOKS = ((Frame((0.5, 0.43), 0.23), 192), (Frame((0.5, 0.45), 0.18), 256))
LARGEST_DISAGREEMENT = 0.4

# The mesh also fits itself to faces that hang upside down, eyes on eyes and mouth on forehead. The detector tells: on
# 274 upright faces it was surer by 0.07 to 0.95 than when they were turned over, on 135 upside down never.
UPRIGHT_LOOK = (Frame((0.5, 0.43), 0.2), 192)

# The mesh looks for faces in 128 px of the whole photo and misses those under 9 % of its width. The full-range detector
# points at them; the mesh then looks at such a place alone, this many times as wide as the face and at this size.
FAR_WIDTHS, FAR_LOOK_PX, FAR_SURE, FAR_INPUT_PX = 2.6, 256, 0.5, 640


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """One face: `points_px` is float32 (478, 3), x right, y down, z away from the camera, in photo pixels.

    Coordinates are continuous: the first pixel reaches from 0 to 1. Points 468-477 are the irises.
    """

    points_px: NDArray[np.float32]

    @property
    def box_xyxy_px(self) -> tuple[float, float, float, float]:
        """The box around the 468 mesh points; it may reach outside the photo."""
        (left, top), (right, bottom) = self.points_px[:468, :2].min(axis=0), self.points_px[:468, :2].max(axis=0)
        return float(left), float(top), float(right), float(bottom)

    @property
    def width_px(self) -> float:
        """Width of the face from side to side, in space, so that turning the head does not change it."""
        return float(np.linalg.norm(self.points_px[WIDTH_ENDS[0]] - self.points_px[WIDTH_ENDS[1]]))

    def apart(self, other: "Face") -> float:
        """Median distance between the two meshes in the picture, in shares of the distance between these eyes."""
        moved = np.linalg.norm(other.points_px[:468, :2] - self.points_px[:468, :2], axis=1)
        return float(np.median(moved)) / eyes_distance_px(self.points_px)


class Landmarker(Protocol):
    """Finds faces in photos; may be called from any thread."""

    def detect(self, rgb: NDArray[np.uint8]) -> list[Face]:
        """Every face found in `rgb` (H, W, 3), largest first; empty if there is none."""

    def look(self, crop_rgb: NDArray[np.uint8]) -> list[Face]:
        """What the mesh alone takes for faces in a crop (H, W, 3) around a face that `detect` found, in its pixels."""

    def find_hands(self, rgb: NDArray[np.uint8], face: Face) -> list[NDArray[np.float32]]:
        """Convex outlines (N, 2), in photo pixels, of the hands that touch a face of this photo."""

    def close(self) -> None:
        """Give its memory back; it may not be used afterwards."""


class MediaPipeLandmarker:
    """MediaPipe Face Mesh with attention (Grishchenko 2020, arXiv 2006.10962), from the models in its wheel.

    Each find is confirmed by the plain mesh model (Kartynnik 2019, arXiv 1907.06724) and, upright, by the detector
    (BlazeFace, Bazarevsky 2019, arXiv 1907.05047). A graph shared without a
    lock answers with another thread's picture (36 of 93 calls when measured), so each object has its own lock.
    """

    def __init__(self, *, max_faces: int = 3) -> None:
        self._lock = Lock()
        self._used = False
        with sift_stderr():
            self._first = _build_mesh(max_faces=max_faces, attention=True)
            self._second = _build_mesh(max_faces=1, attention=False)
            self._detector = _build_detector()
            self._far = _build_detector(far=True)
        self._hands: HandLooks | None = None

    def detect(self, rgb: NDArray[np.uint8]) -> list[Face]:
        # A graph writes its last needless line when it sees its first face.
        with self._lock, nullcontext() if self._used else sift_stderr():
            found = [Face(points) for points in _points(self._first, rgb)]
            found += self._far_faces(rgb, found)
            faces = [f for f in _without_nested(found) if self._is_confirmed(rgb, f) and self._is_upright(rgb, f)]
            self._used |= bool(faces)
        return faces

    def look(self, crop_rgb: NDArray[np.uint8]) -> list[Face]:
        with self._lock:
            return [Face(points) for points in _points(self._first, crop_rgb)]

    def find_hands(self, rgb: NDArray[np.uint8], face: Face) -> list[NDArray[np.float32]]:
        with self._lock:
            # 90 MB that those who only look for faces need not hold.
            self._hands = self._hands or HandLooks()
            return self._hands.find(rgb, face.points_px)

    def close(self) -> None:
        with self._lock:
            if self._hands is not None:
                self._hands.close()
            self._first.close()
            self._second.close()
            self._detector.close()
            self._far.close()

    def _far_faces(self, rgb: NDArray[np.uint8], found: list[Face]) -> list[Face]:
        """Faces that only the full-range detector sees, by the mesh on their own part of the photo."""
        faces: list[Face] = []
        for x, y, width in _places(self._far, rgb):
            boxes = [face.box_xyxy_px for face in (*found, *faces)]
            if any(left <= x <= right and top <= y <= bottom for left, top, right, bottom in boxes):
                continue
            scale = FAR_LOOK_PX / (FAR_WIDTHS * width)
            shift = np.array([FAR_LOOK_PX / 2 - scale * x, FAR_LOOK_PX / 2 - scale * y])
            matrix = np.column_stack([np.eye(2) * scale, shift])
            for points in _points(self._first, warp(rgb, matrix, size_px=FAR_LOOK_PX))[:1]:
                points[:, :2] -= shift.astype(np.float32)
                faces.append(Face(points / np.float32(scale)))
        return faces

    def _is_confirmed(self, rgb: NDArray[np.uint8], face: Face) -> bool:
        for frame, size_px in SECOND_LOOKS:
            matrix = similarity(face.points_px, frame, size_px=size_px)
            again = _points(self._second, warp(rgb, matrix, size_px=size_px))
            if again:
                expected = transform(face.points_px[:468, :2], matrix)
                apart = np.median(np.linalg.norm(again[0][:468, :2] - expected, axis=1))
                if apart <= LARGEST_DISAGREEMENT * frame.eyes_distance * size_px:
                    return True
        return False

    def _is_upright(self, rgb: NDArray[np.uint8], face: Face) -> bool:
        frame, size_px = UPRIGHT_LOOK
        crop = warp(rgb, similarity(face.points_px, frame, size_px=size_px), size_px=size_px)
        return _sureness(self._detector, crop) >= _sureness(self._detector, crop[::-1, ::-1])


def _build_mesh(*, max_faces: int, attention: bool) -> Any:
    # Here, not at the top: the import takes a second, and only processes that find faces need it.
    from mediapipe.python.solutions.face_mesh import FaceMesh

    mesh = FaceMesh(static_image_mode=True, max_num_faces=max_faces, refine_landmarks=attention)
    mesh.process(np.zeros((64, 64, 3), np.uint8))
    return mesh


def _build_detector(*, far: bool = False) -> Any:
    from mediapipe.python.solutions.face_detection import FaceDetection

    detector = FaceDetection(model_selection=int(far), min_detection_confidence=FAR_SURE if far else 0.05)
    detector.process(np.zeros((64, 64, 3), np.uint8))
    return detector


def _sureness(detector: Any, crop_rgb: NDArray[np.uint8]) -> float:
    found = detector.process(np.ascontiguousarray(crop_rgb)).detections or []
    return max((float(each.score[0]) for each in found), default=0.0)


def _places(detector: Any, rgb: NDArray[np.uint8]) -> list[tuple[float, float, float]]:
    """Centre and width, in pixels, of what the detector takes for faces, surest first."""
    height, width = rgb.shape[:2]
    scale = min(1.0, FAR_INPUT_PX / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA) if scale < 1 else np.ascontiguousarray(rgb)
    boxes = [each.location_data.relative_bounding_box for each in detector.process(small).detections or []]
    return [((b.xmin + b.width / 2) * width, (b.ymin + b.height / 2) * height, b.width * width) for b in boxes]


def _points(mesh: Any, rgb: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
    height, width = rgb.shape[:2]
    scale = np.array([width, height, width], np.float32)
    found = mesh.process(np.ascontiguousarray(rgb)).multi_face_landmarks or []
    return [np.array([(p.x, p.y, p.z) for p in face.landmark], np.float32) * scale for face in found]


def _without_nested(faces: list[Face]) -> list[Face]:
    """Largest first, without finds whose centre lies inside a larger one: an eye taken for a face."""
    kept: list[Face] = []
    for face in sorted(faces, key=lambda face: -face.width_px):
        x, y = face.points_px[:468, :2].mean(axis=0)
        boxes = [other.box_xyxy_px for other in kept]
        if not any(left <= x <= right and top <= y <= bottom for left, top, right, bottom in boxes):
            kept.append(face)
    return kept
