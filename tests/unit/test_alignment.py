"""From photo to canonical crop and back."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from skin.vision.alignment import FRAME, align, warp_to_photo
from skin.vision.landmarks import Face
from skin.vision.warping import eye_centres, eyes_distance_px, similarity, transform, warp


def synthetic_face(left_eye: tuple[float, float], right_eye: tuple[float, float]) -> Face:
    points = np.zeros((478, 3), np.float32)
    points[[263, 362], :2] = left_eye
    points[[33, 133], :2] = right_eye
    return Face(points)


coordinates = st.floats(0, 2000)


@given(st.tuples(coordinates, coordinates), st.tuples(coordinates, coordinates), st.integers(32, 1024))
def test_eyes_always_come_to_the_same_place(
    left: tuple[float, float], right: tuple[float, float], size_px: int
) -> None:
    if np.hypot(left[0] - right[0], left[1] - right[1]) < 5:
        return
    face = synthetic_face(left, right)
    moved = transform(face.points_px[:, :2], similarity(face.points_px, FRAME, size_px=size_px))
    half = FRAME.eyes_distance * size_px / 2
    middle = np.array(FRAME.eyes_centre) * size_px
    tolerance = 2e-3 * size_px
    assert np.allclose(moved[263], middle + np.array([half, 0]), atol=tolerance)
    assert np.allclose(moved[33], middle - np.array([half, 0]), atol=tolerance)


@given(st.floats(-180, 180), st.floats(20, 400))
def test_the_map_turns_and_scales_but_never_shears_or_mirrors(angle_deg: float, distance_px: float) -> None:
    step = distance_px / 2 * np.array([np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))])
    face = synthetic_face(tuple(500 + step), tuple(500 - step))
    matrix = similarity(face.points_px, FRAME, size_px=512)
    turn = matrix[:, :2]
    assert np.linalg.det(turn) > 0
    assert np.allclose(turn @ turn.T, np.linalg.det(turn) * np.eye(2), atol=1e-4 * np.linalg.det(turn))


def test_turning_the_head_does_not_magnify_the_face() -> None:
    straight = synthetic_face((600, 500), (400, 500))
    turned = synthetic_face((570, 500), (430, 500))
    turned.points_px[[263, 362], 2] = np.sqrt(200**2 - 140**2)
    assert eyes_distance_px(turned.points_px) == pytest.approx(eyes_distance_px(straight.points_px), rel=1e-4)


def test_eye_centres_do_not_follow_the_gaze(astronaut_face: Face) -> None:
    moved = astronaut_face.points_px.copy()
    moved[468:] += 5
    assert np.allclose(eye_centres(moved), eye_centres(astronaut_face.points_px))


@pytest.mark.parametrize("angle_deg", [-25, 12, 40])
def test_a_turned_photo_gives_the_same_crop(hopper: NDArray[np.uint8], hopper_face: Face, angle_deg: float) -> None:
    turn = cv2.getRotationMatrix2D((256, 240), angle_deg, 1.0)
    photo = np.asarray(cv2.warpAffine(hopper, turn, (512, 600), flags=cv2.INTER_CUBIC), np.uint8)
    points = hopper_face.points_px.copy()
    points[:, :2] = (points[:, :2] - 0.5) @ turn[:, :2].T + turn[:, 2] + 0.5
    middle = slice(70, 190)
    before = align(hopper, hopper_face, size_px=256).crop_rgb[middle, middle].astype(int)
    after = align(photo, Face(points), size_px=256).crop_rgb[middle, middle].astype(int)
    assert np.abs(before - after).mean() < 2.5


def test_shrinking_averages_instead_of_skipping_pixels() -> None:
    y, x = np.mgrid[0:1600, 0:1600]
    fine = np.repeat((((x + y) % 2) * 255).astype(np.uint8)[..., None], 3, axis=2)
    face = synthetic_face((1150, 800), (450, 800))
    crop = warp(fine, similarity(face.points_px, FRAME, size_px=128), size_px=128)
    assert np.abs(crop[40:90, 40:90].astype(int) - 127).max() <= 12


@given(st.floats(60, 140), st.floats(60, 140), st.floats(20, 60), st.floats(-60, 60))
def test_a_map_goes_back_to_where_it_came_from(x: float, y: float, distance: float, angle_deg: float) -> None:
    step = distance / 2 * np.array([np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))])
    photo = np.zeros((200, 200, 3), np.uint8)
    aligned = align(photo, synthetic_face((x + step[0], y + step[1]), (x - step[0], y - step[1])), size_px=256)
    spot = np.zeros((256, 256), np.float32)
    cv2.circle(spot, (128, round(0.415 * 256)), 12, 1.0, -1)
    back = warp_to_photo(spot, aligned, (200, 200))
    rows, columns = np.nonzero(back > 0.5)
    assert columns.mean() + 0.5 == pytest.approx(x, abs=1.0)
    assert rows.mean() + 0.5 == pytest.approx(y, abs=1.0)


@pytest.mark.parametrize("centre", [(0, 0), (400, 300), (-150, 80), (700, -90)])
def test_a_face_at_or_beyond_the_edge_is_still_aligned(centre: tuple[float, float]) -> None:
    photo = np.full((300, 400, 3), 90, np.uint8)
    face = synthetic_face((centre[0] + 40, centre[1]), (centre[0] - 40, centre[1]))
    assert align(photo, face, size_px=64).crop_rgb.shape == (64, 64, 3)


def test_the_whole_face_is_inside_the_crop(hopper: NDArray[np.uint8], hopper_face: Face) -> None:
    points = align(hopper, hopper_face).points_crop[:468]
    assert points.min() > 0.05 * 512
    assert points.max() < 0.97 * 512


def test_the_relative_matrix_takes_the_photo_to_the_crop(hopper: NDArray[np.uint8], hopper_face: Face) -> None:
    height, width = hopper.shape[:2]
    aligned = align(hopper, hopper_face, size_px=256)
    a, b, c, d, e, f = aligned.matrix_norm((width, height))
    x, y = (hopper_face.points_px[:, :2] / [width, height]).T
    told = np.stack([a * x + b * y + c, d * x + e * y + f], axis=1)
    assert told == pytest.approx(aligned.points_crop / 256, abs=1e-4)
    for zone, outline in aligned.zone_outlines_norm().items():
        x, y = np.mean(outline, axis=0)
        rows, columns = np.nonzero(aligned.zone_masks[zone])
        assert (x, y) == pytest.approx(((columns.mean() + 0.5) / 256, (rows.mean() + 0.5) / 256), abs=0.08)
