"""The zones' corners on the mesh."""

import numpy as np
import pytest
from numpy.typing import NDArray

from skin.core.zones import FACE_OVAL, FEATURE_MARGINS, FEATURE_POLYGONS, ZONE_POLYGONS, Feature, Zone
from skin.vision.alignment import AlignedFace, align, build_zone_masks, face_mask, feature_mask, polygon_px
from skin.vision.landmarks import Face, MediaPipeLandmarker


def test_every_zone_and_feature_has_a_polygon_on_the_mesh() -> None:
    assert set(ZONE_POLYGONS) == set(Zone)
    assert set(FEATURE_POLYGONS) == set(FEATURE_MARGINS) == set(Feature)
    for polygon in (*ZONE_POLYGONS.values(), *FEATURE_POLYGONS.values(), FACE_OVAL):
        assert len(polygon) >= 3
        assert all(0 <= index < 468 for corner in polygon for index in (corner.start, corner.end))


def test_left_is_the_persons_own_left(astronaut: NDArray[np.uint8], astronaut_face: Face) -> None:
    masks = align(astronaut, astronaut_face).zone_masks
    for left, right in ((Zone.CHEEK_LEFT, Zone.CHEEK_RIGHT), (Zone.PERIORBITAL_LEFT, Zone.PERIORBITAL_RIGHT)):
        assert centre(masks[left])[0] > 256 > centre(masks[right])[0], "the camera sees a person mirrored"


def test_zones_lie_where_their_names_say(hopper: NDArray[np.uint8], hopper_face: Face) -> None:
    masks = align(hopper, hopper_face).zone_masks
    downwards = [Zone.FOREHEAD, Zone.GLABELLA, Zone.PERIORBITAL_LEFT, Zone.NOSE, Zone.PERIORAL, Zone.CHIN]
    heights = [centre(masks[zone])[1] for zone in downwards]
    assert heights == sorted(heights)


def test_zones_do_not_overlap_and_leave_out_features(hopper: NDArray[np.uint8], hopper_face: Face) -> None:
    aligned = align(hopper, hopper_face)
    stacked = np.sum(list(aligned.zone_masks.values()), axis=0)
    assert stacked.max() == 1
    assert not (stacked.astype(bool) & feature_mask(aligned.points_crop, (512, 512))).any()
    assert all(mask.sum() > 200 for mask in aligned.zone_masks.values())


def test_zones_lie_inside_the_face(hopper: NDArray[np.uint8], hopper_face: Face) -> None:
    aligned = align(hopper, hopper_face)
    oval = face_mask(aligned.points_crop, FACE_OVAL, (512, 512))
    for mask in aligned.zone_masks.values():
        assert (mask & ~oval).sum() <= 0.02 * mask.sum()


def test_a_mirrored_photo_has_mirrored_zones(landmarker: MediaPipeLandmarker, hopper: NDArray[np.uint8]) -> None:
    plain = align(hopper, landmarker.detect(hopper)[0])
    mirrored_photo = np.ascontiguousarray(hopper[:, ::-1])
    mirrored = align(mirrored_photo, landmarker.detect(mirrored_photo)[0])
    for zone, other in ((Zone.CHEEK_LEFT, Zone.CHEEK_RIGHT), (Zone.FOREHEAD, Zone.FOREHEAD), (Zone.NOSE, Zone.NOSE)):
        assert overlap(plain.zone_masks[zone][:, ::-1], mirrored.zone_masks[other]) > 0.8


def test_masks_in_photo_pixels_cover_what_the_crop_shows(hopper: NDArray[np.uint8], hopper_face: Face) -> None:
    aligned = align(hopper, hopper_face)
    masks = build_zone_masks(hopper_face.points_px, (hopper.shape[1], hopper.shape[0]))
    scale = np.abs(np.linalg.det(aligned.matrix[:, :2]))
    for zone in (Zone.CHEEK_LEFT, Zone.FOREHEAD):
        assert masks[zone].sum() * scale / aligned.zone_masks[zone].sum() == pytest.approx(1.0, abs=0.1)


def test_shares_place_corners_between_landmarks(astronaut_face: Face) -> None:
    points = astronaut_face.points_px
    corners = polygon_px(points, ZONE_POLYGONS[Zone.GLABELLA])
    first = ZONE_POLYGONS[Zone.GLABELLA][0]
    expected = (1 - first.share) * points[first.start, :2] + first.share * points[first.end, :2]
    assert np.allclose(corners[0], expected, atol=1e-3)


def centre(mask: NDArray[np.bool_]) -> tuple[float, float]:
    y, x = np.nonzero(mask)
    return float(x.mean()), float(y.mean())


def overlap(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    return float((one & other).sum() / (one | other).sum())


def test_an_aligned_face_holds_all_zones(astronaut: NDArray[np.uint8], astronaut_face: Face) -> None:
    aligned: AlignedFace = align(astronaut, astronaut_face, size_px=128)
    assert set(aligned.zone_masks) == set(Zone)
    assert all(mask.shape == (128, 128) and mask.dtype == bool for mask in aligned.zone_masks.values())
