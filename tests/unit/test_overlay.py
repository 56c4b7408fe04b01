"""What is drawn on the copy of a photo."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from numpy.typing import NDArray

from skin.core.concerns import Concern
from skin.core.findings import ConcernFinding, Findings, ToneFinding, TypeFinding
from skin.core.zones import Zone
from skin.vision.alignment import build_zone_masks
from skin.vision.landmarks import Face
from skin.vision.overlay import draw

Photo = NDArray[np.uint8]


@dataclass(frozen=True)
class Drawn:
    face: Face
    findings: Findings


def drawn(face: Face, *concerns: ConcernFinding) -> Drawn:
    box = (0.0, 0.0, 1.0, 1.0)
    return Drawn(face, Findings(TypeFinding(), ToneFinding(), concerns, (), box, "none", "none", "1", {}))


def test_the_photo_itself_is_not_drawn_on(hopper: Photo, hopper_face: Face) -> None:
    before = hopper.copy()
    copy = draw(hopper, drawn(hopper_face))
    assert np.array_equal(hopper, before)
    assert copy.shape == hopper.shape
    assert copy.dtype == np.uint8


def test_lines_are_thin_and_leave_the_rest_as_it_was(hopper: Photo, hopper_face: Face) -> None:
    touched = (draw(hopper, drawn(hopper_face)) != hopper).any(axis=-1)
    assert 0.005 < touched.mean() < 0.12


@pytest.mark.parametrize("level", [8, 90, 160, 250])
def test_lines_show_on_every_tone(hopper_face: Face, level: int) -> None:
    plain = np.full((600, 512, 3), level, np.uint8)
    change = np.abs(draw(plain, drawn(hopper_face)).astype(int) - level).max(axis=-1)
    assert (change > 40).mean() > 0.004


def test_a_zone_with_a_concern_stands_out(hopper: Photo, hopper_face: Face) -> None:
    redness = ConcernFinding(Concern.REDNESS, 40, 0.8, (Zone.CHEEK_LEFT,))
    plain, marked = draw(hopper, drawn(hopper_face)), draw(hopper, drawn(hopper_face, redness))
    masks = build_zone_masks(hopper_face.points_px, (512, 600))
    change = np.abs(plain.astype(int) - marked.astype(int)).sum(axis=-1)
    assert change[masks[Zone.CHEEK_LEFT]].mean() > 10
    assert change[masks[Zone.CHEEK_RIGHT]].mean() == 0


def test_what_was_not_judged_or_not_found_is_not_marked(hopper: Photo, hopper_face: Face) -> None:
    none = ConcernFinding(Concern.REDNESS, 0, 0.8, (Zone.CHEEK_LEFT,))
    unknown = replace(none, score=None)
    assert np.array_equal(draw(hopper, drawn(hopper_face, none, unknown)), draw(hopper, drawn(hopper_face)))


@pytest.mark.parametrize("shift", [(-200, 0), (250, 0), (0, -180), (0, 300), (2000, 2000)])
def test_a_face_at_or_beyond_the_edge_is_drawn_as_far_as_it_goes(
    hopper: Photo, hopper_face: Face, shift: tuple[int, int]
) -> None:
    moved = Face(hopper_face.points_px + np.array([*shift, 0], np.float32))
    assert draw(hopper, drawn(moved)).shape == hopper.shape


def test_labels_beside_a_large_face_stay_inside_the_photo(hopper: Photo, hopper_face: Face) -> None:
    large = np.repeat(np.repeat(hopper, 2, axis=0), 2, axis=1)
    labelled = draw(large, drawn(Face(hopper_face.points_px * np.float32(2))))
    assert (labelled != large).any(axis=-1).mean() > 0.01
