"""Finding faces, and not finding them where there are none."""

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray

from skin.vision.landmarks import Face, MediaPipeLandmarker
from skin.vision.native_stderr import sift_stderr


def test_a_portrait_gives_one_face_with_all_landmarks(astronaut_face: Face) -> None:
    assert astronaut_face.points_px.shape == (478, 3)
    assert astronaut_face.points_px.dtype == np.float32
    left, top, right, bottom = astronaut_face.box_xyxy_px
    assert (left, top, right, bottom) == pytest.approx((179, 71, 271, 177), abs=6)
    assert astronaut_face.width_px == pytest.approx(92, abs=4)


def test_landmarks_are_in_pixels_of_the_photo(landmarker: MediaPipeLandmarker, hopper: NDArray[np.uint8]) -> None:
    wider = np.pad(hopper, ((40, 10), (70, 30), (0, 0)), mode="edge")
    plain, moved = landmarker.detect(hopper)[0], landmarker.detect(wider)[0]
    shift = np.median(moved.points_px[:468, :2] - plain.points_px[:468, :2], axis=0)
    assert shift == pytest.approx([70, 40], abs=2)


def test_two_people_are_both_found_largest_first(
    landmarker: MediaPipeLandmarker, hopper: NDArray[np.uint8], astronaut: NDArray[np.uint8]
) -> None:
    closer = astronaut[0:240, 100:340].repeat(2, axis=0).repeat(2, axis=1)
    together = np.hstack([hopper[60:540], closer])
    faces = landmarker.detect(together)
    assert len(faces) == 2
    assert faces[0].width_px > faces[1].width_px


def test_a_photo_of_nobody_gives_no_face(landmarker: MediaPipeLandmarker) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (300, 400, 3), np.uint8)
    for rgb in (np.zeros((200, 200, 3), np.uint8), np.full((64, 900, 3), 255, np.uint8), noise):
        assert landmarker.detect(rgb) == []


def test_an_upside_down_face_is_none(landmarker: MediaPipeLandmarker, hopper: NDArray[np.uint8]) -> None:
    assert landmarker.detect(hopper[::-1, ::-1]) == []


def test_threads_sharing_a_landmarker_get_their_own_pictures(
    landmarker: MediaPipeLandmarker, hopper: NDArray[np.uint8]
) -> None:
    photos = [np.pad(hopper, ((0, 0), (12 * i, 0), (0, 0)), mode="edge") for i in range(8)]
    alone = [landmarker.detect(photo)[0].points_px for photo in photos]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda photo: landmarker.detect(photo)[0].points_px, photos))
    for own, found in zip(alone, together, strict=True):
        assert np.array_equal(own, found)


def test_a_look_at_a_part_of_the_photo_finds_the_same_face_there(
    landmarker: MediaPipeLandmarker, hopper: NDArray[np.uint8], hopper_face: Face
) -> None:
    left, top, right, bottom = (int(edge) for edge in hopper_face.box_xyxy_px)
    corner = np.array([left - 60, top - 60])
    crop = hopper[corner[1] : bottom + 60, corner[0] : right + 60]
    found = [Face(one.points_px + np.float32([*corner, 0])) for one in landmarker.look(crop)]
    assert [round(hopper_face.apart(one), 1) for one in found] == [0.0]
    assert landmarker.look(np.zeros((192, 192, 3), np.uint8)) == []


def test_distance_between_meshes_is_in_shares_of_that_between_the_eyes(hopper_face: Face) -> None:
    eyes = np.linalg.norm(
        hopper_face.points_px[[33, 133]].mean(axis=0) - hopper_face.points_px[[263, 362]].mean(axis=0)
    )
    moved = Face(hopper_face.points_px + np.float32([0.3 * eyes, 0.4 * eyes, 7]))
    assert hopper_face.apart(moved) == pytest.approx(0.5, abs=1e-3)
    assert hopper_face.apart(hopper_face) == 0


def test_sifting_keeps_what_is_not_chatter(capfd: pytest.CaptureFixture[str]) -> None:
    with sift_stderr():
        os.write(2, b"INFO: Created TensorFlow Lite XNNPACK delegate for CPU.\n")
        os.write(2, b"W0000 00:00:1795343083.426770    6604 landmark_projection_calculator.cc:186] Using NORM_RECT\n")
        os.write(2, b"an event of ours\n")
    assert capfd.readouterr().err == "an event of ours\n"


def test_starting_says_nothing_on_stderr(capfd: pytest.CaptureFixture[str], hopper: NDArray[np.uint8]) -> None:
    fresh = MediaPipeLandmarker()
    assert fresh.detect(hopper)
    fresh.close()
    assert capfd.readouterr().err == ""
