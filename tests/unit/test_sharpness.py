"""How sharp a face is, and its view at one sharpness."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.sharpness import corrected_ita
from skin.vision.alignment import FRAME, align
from skin.vision.landmarks import Face, MediaPipeLandmarker
from skin.vision.sharpness import FARTHEST_MOVE, LOOK_FRAME, LOOK_PX, align_at_one_sharpness, blur_px
from skin.vision.warping import eyes_distance_px, similarity, transform

Photo = NDArray[np.uint8]


def blurred(rgb: Photo, sigma: float) -> Photo:
    return np.asarray(cv2.GaussianBlur(rgb, (0, 0), sigma), np.uint8)


class FixedLandmarker:
    """Finds the same faces of the photo in whatever part of it is shown, if it is shown where `shown` is."""

    def __init__(self, shown: Face, *faces: Face) -> None:
        self.matrix, self.faces = similarity(shown.points_px, LOOK_FRAME, size_px=LOOK_PX), faces

    def look(self, crop_rgb: Photo) -> list[Face]:
        scale = np.sqrt(np.linalg.det(self.matrix[:, :2]))
        return [
            Face(np.column_stack([transform(one.points_px[:, :2], self.matrix), scale * one.points_px[:, 2]]))
            for one in self.faces
        ]

    def detect(self, rgb: Photo) -> list[Face]:
        raise NotImplementedError

    def find_hands(self, rgb: Photo, face: Face) -> list[NDArray[np.float32]]:
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError


def test_the_measure_of_blur_grows_with_blur(hopper: Photo, hopper_face: Face) -> None:
    widths = [blur_px(cv2.GaussianBlur(hopper, (0, 0), sigma), hopper_face) for sigma in (0.5, 1.5, 3, 5, 8)]
    assert widths == sorted(widths)


@pytest.mark.parametrize("gain", [0.35, 0.6])
def test_blur_does_not_depend_on_light(hopper: Photo, hopper_face: Face, gain: float) -> None:
    darker = np.round(hopper * gain).astype(np.uint8)
    assert blur_px(darker, hopper_face) == pytest.approx(blur_px(hopper, hopper_face), rel=0.05)


@pytest.mark.parametrize("sigma", [0.6, 0.9, 1.2])
def test_blur_hardly_moves_the_ita_of_a_face_at_one_sharpness(
    landmarker: MediaPipeLandmarker, hopper: Photo, hopper_face: Face, sigma: float
) -> None:
    soft = blurred(hopper, sigma)
    soft_face = landmarker.detect(soft)[0]
    before, after = (
        corrected_ita(*pair) for pair in ((hopper, align(hopper, hopper_face)), (soft, align(soft, soft_face)))
    )
    as_it_is = abs(after - before)
    before = corrected_ita(hopper, align_at_one_sharpness(hopper, hopper_face, landmarker))
    after = corrected_ita(soft, align_at_one_sharpness(soft, soft_face, landmarker))
    assert abs(after - before) < min(0.3, as_it_is / 2)


def test_a_face_that_is_soft_already_is_not_smoothed(hopper: Photo, hopper_face: Face) -> None:
    soft = blurred(hopper, 8)
    seen = align_at_one_sharpness(soft, hopper_face, FixedLandmarker(hopper_face))
    assert np.array_equal(seen.crop_rgb, align(soft, hopper_face).crop_rgb)


def test_a_sharp_face_is_smoothed_in_every_part(hopper: Photo, hopper_face: Face) -> None:
    seen = align_at_one_sharpness(hopper, hopper_face, FixedLandmarker(hopper_face))
    sharp = align(hopper, hopper_face)
    assert cv2.Laplacian(seen.crop_rgb, cv2.CV_32F).std() < 0.3 * cv2.Laplacian(sharp.crop_rgb, cv2.CV_32F).std()
    assert np.array_equal(seen.points_crop, sharp.points_crop)


def test_landmarks_found_again_come_back_to_the_photo(hopper: Photo, hopper_face: Face) -> None:
    seen = align_at_one_sharpness(hopper, hopper_face, FixedLandmarker(hopper_face, hopper_face))
    assert seen.points_crop == pytest.approx(align(hopper, hopper_face).points_crop, abs=0.01)


@pytest.mark.parametrize(("share", "believed"), [(0.03, True), (FARTHEST_MOVE + 0.05, False)])
def test_another_face_is_not_taken_for_the_same(hopper: Photo, hopper_face: Face, share: float, believed: bool) -> None:
    away = hopper_face.points_px + np.float32([share * eyes_distance_px(hopper_face.points_px), 0, 0])
    landmarker = FixedLandmarker(hopper_face, Face(np.asarray(away, np.float32)))
    seen, plain = align_at_one_sharpness(hopper, hopper_face, landmarker), align(hopper, hopper_face)
    moved = (seen.matrix - plain.matrix)[0, 2] / (FRAME.eyes_distance * 512)
    assert (abs(moved) > 0.01) == believed


def test_the_nearest_of_two_faces_is_the_same(hopper: Photo, hopper_face: Face) -> None:
    away = hopper_face.points_px + np.float32([eyes_distance_px(hopper_face.points_px), 0, 0])
    landmarker = FixedLandmarker(hopper_face, Face(np.asarray(away, np.float32)), hopper_face)
    seen = align_at_one_sharpness(hopper, hopper_face, landmarker)
    assert seen.points_crop == pytest.approx(align(hopper, hopper_face).points_crop, abs=0.01)
