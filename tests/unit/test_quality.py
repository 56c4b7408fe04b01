"""The capture gate, on real faces and what light, lens and hand do to them."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from benchmarks.masking import wear_mask
from skin.core.findings import Outcome, QualityCheck
from skin.errors import Code, SkinError
from skin.vision.alignment import align
from skin.vision.illuminant import Light
from skin.vision.landmarks import Face
from skin.vision.quality import (
    LIMITS,
    frame_margin_share,
    head_angles_deg,
    judge_quality,
    only_face,
    outside_frame_share,
    refuse_rejected,
)

Photo = NDArray[np.uint8]


def checks_of(rgb: Photo, face: Face) -> dict[str, QualityCheck]:
    return {check.name: check for check in judge_quality(rgb, face, align(rgb, face))}


def refusal(rgb: Photo, face: Face) -> Code | None:
    try:
        refuse_rejected(judge_quality(rgb, face, align(rgb, face)))
    except SkinError as refused:
        return refused.code
    return None


def exposed(rgb: Photo, stops: float) -> Photo:
    """As the camera would have seen it with more or less light."""
    level = np.arange(256) / 255.0
    linear = np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4) * 2.0**stops
    signal = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * np.maximum(linear, 1e-9) ** (1 / 2.4) - 0.055)
    return np.clip(np.round(signal * 255), 0, 255).astype(np.uint8)[rgb]


def test_good_portraits_pass(astronaut: Photo, astronaut_face: Face, hopper: Photo, hopper_face: Face) -> None:
    assert refusal(astronaut, astronaut_face) is None
    assert refusal(hopper, hopper_face) is None


def test_every_check_is_reported_with_a_hint_unless_it_is_good(hopper: Photo, hopper_face: Face) -> None:
    checks = checks_of(hopper, hopper_face)
    assert list(checks) == [limit.name for limit in LIMITS]
    for check in checks.values():
        assert bool(check.hint) == (check.outcome is not Outcome.GOOD)


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda rgb: exposed(rgb, -5), Code.TOO_DARK),
        (lambda rgb: exposed(rgb, 3), Code.OVEREXPOSED),
        (lambda rgb: cv2.GaussianBlur(rgb, (0, 0), 6), Code.BLURRED),
        (lambda rgb: cv2.blur(rgb, (25, 1)), Code.BLURRED),
        (lambda rgb: cv2.blur(rgb, (1, 25)), Code.BLURRED),
    ],
    ids=["no light", "too much light", "out of focus", "shaken sideways", "shaken upwards"],
)
def test_spoilt_photos_are_refused(
    hopper: Photo, hopper_face: Face, spoil: Callable[[Photo], Photo], code: Code
) -> None:
    assert refusal(spoil(hopper), hopper_face) is code


@pytest.mark.parametrize("stops", [-2, -1, -0.5, 0.5])
def test_ordinary_exposures_pass(hopper: Photo, hopper_face: Face, stops: float) -> None:
    assert refusal(exposed(hopper, stops), hopper_face) is None


def test_a_tiny_face_is_refused(hopper: Photo, hopper_face: Face) -> None:
    small = np.asarray(cv2.resize(hopper, None, fx=0.3, fy=0.3, interpolation=cv2.INTER_AREA), np.uint8)
    assert refusal(small, Face(hopper_face.points_px * np.float32(0.3))) is Code.FACE_TOO_SMALL


@pytest.mark.parametrize("cut", ["left", "right", "top", "bottom"])
def test_a_cut_off_face_is_refused(hopper: Photo, hopper_face: Face, cut: str) -> None:
    left, top, right, bottom = (round(edge) for edge in hopper_face.box_xyxy_px)
    third = (right - left) // 3
    frame = {
        "left": (left + third, 0, 512, 600),
        "right": (0, 0, right - third, 600),
        "top": (0, top + third, 512, 600),
        "bottom": (0, 0, 512, bottom - third),
    }[cut]
    part = np.ascontiguousarray(hopper[frame[1] : frame[3], frame[0] : frame[2]])
    moved = Face(hopper_face.points_px - np.array([frame[0], frame[1], 0], np.float32))
    assert refusal(part, moved) is Code.FACE_OUT_OF_FRAME


def rotated(face: Face, *, yaw_deg: float = 0, pitch_deg: float = 0, roll_deg: float = 0) -> Face:
    yaw, pitch, roll = np.radians([yaw_deg, pitch_deg, roll_deg])
    about_y = np.array([[np.cos(yaw), 0, -np.sin(yaw)], [0, 1, 0], [np.sin(yaw), 0, np.cos(yaw)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(pitch), np.sin(pitch)], [0, -np.sin(pitch), np.cos(pitch)]])
    about_z = np.array([[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]])
    middle = face.points_px[:468].mean(axis=0)
    turned = (face.points_px - middle) @ (about_z @ about_x @ about_y).T + middle
    return Face(turned.astype(np.float32))


@given(st.floats(-40, 40), st.sampled_from(["yaw_deg", "pitch_deg", "roll_deg"]))
def test_turning_the_head_changes_that_angle_alone_by_as_much(angle: float, axis: str) -> None:
    straight = box_head()
    found = dict(
        zip(("yaw_deg", "pitch_deg", "roll_deg"), head_angles_deg(rotated(straight, **{axis: angle})), strict=True)
    )
    for name, value in found.items():
        assert value == pytest.approx(angle if name == axis else 0, abs=0.5)


def box_head() -> Face:
    """Landmarks of a flat, upright, straight head: only those that the angles are read from matter."""
    points = np.zeros((478, 3), np.float32)
    for left, right, y in (
        (454, 234, 0),
        (263, 33, -20),
        (362, 133, -20),
        (291, 61, 40),
        (356, 127, -10),
        (361, 132, 30),
    ):
        points[left], points[right] = (50, y, 0), (-50, y, 0)
    points[10], points[152] = (0, -80, 0), (0, 80, 0)
    return Face(points)


@pytest.mark.parametrize("axis", ["yaw_deg", "pitch_deg", "roll_deg"])
@pytest.mark.parametrize("angle", [-50, 50])
def test_a_face_turned_far_is_refused(hopper: Photo, hopper_face: Face, axis: str, angle: float) -> None:
    wide = np.pad(hopper, ((200, 200), (200, 200), (0, 0)), mode="edge")
    moved = Face(hopper_face.points_px + np.array([200, 200, 0], np.float32))
    assert refusal(wide, rotated(moved, **{axis: angle})) is Code.LARGE_ANGLE


def test_a_face_wholly_inside_has_no_share_outside(hopper_face: Face) -> None:
    assert outside_frame_share(hopper_face, (512, 600)) == pytest.approx(0, abs=1e-6)
    assert outside_frame_share(hopper_face, (10, 10)) == pytest.approx(1)


def test_no_face_and_two_faces_are_refused(hopper_face: Face) -> None:
    with pytest.raises(SkinError) as nobody:
        only_face([])
    with pytest.raises(SkinError) as crowd:
        only_face([hopper_face, Face(hopper_face.points_px * np.float32(0.6))])
    assert (nobody.value.code, crowd.value.code) == (Code.NO_FACE, Code.MULTIPLE_FACES)


def test_somebody_far_behind_does_not_matter(hopper_face: Face) -> None:
    assert only_face([hopper_face, Face(hopper_face.points_px * np.float32(0.2))]) is hopper_face


def test_the_first_reject_in_the_fixed_order_is_told() -> None:
    rejected = tuple(QualityCheck(limit.name, 0.0, Outcome.REJECT) for limit in reversed(LIMITS) if limit.code)
    with pytest.raises(SkinError) as caught:
        refuse_rejected(rejected[::-1])
    assert caught.value.code is Code.FACE_OUT_OF_FRAME


def test_a_face_at_the_very_edge_is_refused_as_cut_off(hopper: Photo, hopper_face: Face) -> None:
    bottom = int(np.ceil(hopper_face.box_xyxy_px[3]))
    assert frame_margin_share(hopper_face, (512, bottom)) < 0.015
    assert refusal(np.ascontiguousarray(hopper[:bottom]), hopper_face) is Code.FACE_OUT_OF_FRAME


def hints(rgb: Photo, face: Face) -> set[str]:
    return {name for name, check in checks_of(rgb, face).items() if check.hint}


def test_a_black_and_white_photo_is_noticed_and_let_through(hopper: Photo, hopper_face: Face) -> None:
    grey = np.repeat(cv2.cvtColor(hopper, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2)
    assert "skin_chroma" in hints(grey, hopper_face)
    assert "skin_chroma" not in hints(hopper, hopper_face)
    assert refusal(grey, hopper_face) is None


def test_dark_glasses_are_noticed(hopper: Photo, hopper_face: Face) -> None:
    masked = hopper.copy()
    for lens in ((70, 156, 118, 121), (300, 383, 347, 350)):
        corners = hopper_face.points_px[list(lens)][:, :2]
        (left, top), (right, bottom) = corners.min(axis=0).astype(int), corners.max(axis=0).astype(int)
        cv2.rectangle(masked, (int(left), int(top)), (int(right), int(bottom)), (15, 15, 18), -1)
    assert "eyes_covered_share" in hints(masked, hopper_face)
    assert "eyes_covered_share" not in hints(hopper, hopper_face)


def test_a_white_mask_is_not_taken_for_burnt_out_skin(hopper: Photo, hopper_face: Face) -> None:
    masked = wear_mask(hopper, hopper_face, "white", monk=8)
    assert refusal(masked, hopper_face) is None
    assert "lower_face_covered_share" in hints(masked, hopper_face)


def test_hair_over_the_forehead_is_noticed(hopper: Photo, hopper_face: Face) -> None:
    covered = hopper.copy()
    left, top, right, _ = (int(edge) for edge in hopper_face.box_xyxy_px)
    brow = int(hopper_face.points_px[[105, 334], 1].min())
    covered[top - 10 : brow, left:right] = (30, 22, 18)
    assert "forehead_covered_share" in hints(covered, hopper_face)
    assert "forehead_covered_share" not in hints(hopper, hopper_face)


def test_closed_eyes_an_open_mouth_and_a_wide_smile_are_noticed(hopper: Photo, hopper_face: Face) -> None:
    points = hopper_face.points_px.copy()
    points[[159, 145], 1] = points[[33, 133], 1].mean()
    points[[386, 374], 1] = points[[263, 362], 1].mean()
    points[14, 1] += 20
    points[61, 0] -= 15
    points[291, 0] += 15
    assert {"eye_opening", "mouth_opening", "mouth_width"} <= hints(hopper, Face(points))


def test_coloured_light_is_noticed(hopper: Photo, hopper_face: Face) -> None:
    aligned = align(hopper, hopper_face)
    for warmth, expected in ((0.2, Outcome.GOOD), (1.5, Outcome.USABLE), (-1.2, Outcome.USABLE)):
        light = Light(np.array([0.0, warmth, 0.0]), np.full(3, 0.1), ())
        checks = {check.name: check for check in judge_quality(hopper, hopper_face, aligned, light=light)}
        assert checks["light_colour_stops"].outcome is expected
