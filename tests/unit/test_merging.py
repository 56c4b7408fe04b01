"""What answers say together beside the fields: majorities, whoever is asked first."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skin.annotation.labels import Label, QualityFlag
from skin.annotation.mask import draw, trace, vote
from skin.annotation.merging import RADIUS, merge
from skin.core.concerns import Concern
from skin.core.zones import Zone
from tests.unit.labels import labels as any_labels

GRADED: dict[str, Any] = {concern.value: {"grade": 1, "zones": []} for concern in Concern}
answers = any_labels.map(lambda label: grade_all(label.model_dump(mode="json")))


def grade_all(label: dict[str, Any]) -> dict[str, Any]:
    """As somebody says it who judges every concern, and marks nothing twice."""
    concerns = {name: {"grade": 1, "zones": label["concerns"].get(name, {}).get("zones", [])} for name in GRADED}
    regions = {repr(one["xyxy_norm" if one["kind"] == "box" else "xy_norm"]): one for one in places(label["regions"])}
    return label | {"concerns": concerns, "regions": list(regions.values())}


def places(regions: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for one in regions if one["kind"] != "mask"]


def box(*corners: float, concern: str = "acne", **more: Any) -> dict[str, Any]:
    return {"kind": "box", "concern": concern, "xyxy_norm": list(corners), "origin": "annotator"} | more


def point(x: float, y: float) -> dict[str, Any]:
    return {"kind": "point", "concern": "acne", "xy_norm": [x, y], "origin": "annotator"}


def brush(drawn: Any, concern: str = "redness") -> dict[str, Any]:
    return {"kind": "mask", "concern": concern, "mask": trace(np.asarray(drawn, dtype=bool)), "origin": "annotator"}


def say(*regions: dict[str, Any], zones: Sequence[str] = (), flags: Sequence[str] = ()) -> dict[str, Any]:
    acne = {"acne": {"grade": 1, "zones": list(zones)}}
    return {"concerns": GRADED | acne, "regions": list(regions), "quality_flags": list(flags)}


def test_zones_and_flags_stay_when_more_than_half_name_them() -> None:
    found = merge([say(zones=["chin", "nose"], flags=["makeup"]), say(zones=["nose"]), say(flags=["makeup"])])
    assert (found.zones, found.quality_flags) == ({"acne": ["nose"]}, ["makeup"])
    tied = merge([say(zones=["nose"], flags=["makeup"]), say()])
    assert (tied.zones, tied.quality_flags) == ({}, [])


def test_who_did_not_grade_a_concern_has_no_say_in_its_zones_and_regions() -> None:
    silent = {"concerns": {}, "regions": [], "quality_flags": ["not_a_face"]}
    found = merge([say(point(0.5, 0.5), zones=["nose"]), silent, silent])
    assert (found.zones, found.regions) == ({"acne": ["nose"]}, [point(0.5, 0.5)])
    assert found.quality_flags == ["not_a_face"]


def test_boxes_of_one_thing_become_the_median_of_their_sides() -> None:
    boxes = [box(0.10, 0.1, 0.3, 0.3), box(0.11, 0.1, 0.31, 0.3), box(0.12, 0.1, 0.34, 0.3)]
    elsewhere = box(0.6, 0.6, 0.7, 0.7)
    found = merge([say(boxes[0], elsewhere), say(boxes[1]), say(boxes[2])])
    assert found.regions == [box(0.11, 0.1, 0.31, 0.3)]


def test_a_box_of_another_concern_is_of_another_thing() -> None:
    corners = (0.1, 0.1, 0.2, 0.2)
    assert merge([say(box(*corners)), say(box(*corners, concern="redness"))]).regions == []


@pytest.mark.parametrize(("apart", "kept"), [(0.9 * RADIUS, 1), (1.1 * RADIUS, 0)])
def test_points_are_of_one_thing_within_a_radius(apart: float, kept: int) -> None:
    assert len(merge([say(point(0.5, 0.5)), say(point(0.5, 0.5 + apart))]).regions) == kept


def test_two_points_of_one_answer_are_never_one() -> None:
    both = say(point(0.5, 0.5), point(0.5, 0.501))
    assert merge([both, both]).regions == both["regions"]


def test_masks_are_voted_on_pixel_by_pixel_at_the_largest_size() -> None:
    left = np.repeat([[True, True, False, False]], 4, axis=0)
    right = np.repeat([[False, True, True, False]], 4, axis=0)
    coarse = np.array([[True, False], [True, False]])
    (found,) = merge([say(brush(left)), say(brush(right)), say(brush(coarse))]).regions
    assert (draw(found["mask"]) == left).all()
    assert merge([say(brush(left)), say(), say()]).regions == []
    (twice,) = merge([say(brush(left), brush(right)), say(brush(left | right))]).regions
    assert (draw(twice["mask"]) == (left | right)).all()


def test_a_region_of_which_a_machine_drew_one_is_a_machines_that_somebody_changed() -> None:
    corners = (0.1, 0.1, 0.2, 0.2)
    (found,) = merge([say(box(*corners)), say(box(*corners, origin="machine"))]).regions
    assert found["origin"] == "machine_changed"
    (found,) = merge([say(box(*corners, origin="machine"))] * 2).regions
    assert found["origin"] == "machine"


@given(st.lists(answers, min_size=1, max_size=5), st.randoms())
def test_whose_answer_comes_first_makes_no_difference(said: list[dict[str, Any]], random: Any) -> None:
    shuffled = list(said)
    random.shuffle(shuffled)
    assert merge(shuffled) == merge(said)


@given(answers, st.integers(1, 5))
def test_what_all_say_comes_out_unchanged(label: dict[str, Any], people: int) -> None:
    found = merge([label] * people)
    named = {name: {str(zone) for zone in one["zones"]} for name, one in label["concerns"].items() if one["zones"]}
    assert {name: set(zones) for name, zones in found.zones.items()} == named
    assert set(found.quality_flags) == set(label["quality_flags"])
    assert sorted(map(repr, map(tell, found.regions))) == sorted(map(repr, map(tell, label["regions"])))


@given(st.lists(answers, min_size=1, max_size=3), st.integers(0, 2))
def test_what_no_more_than_half_say_adds_nothing(said: list[dict[str, Any]], more: int) -> None:
    found = merge([*said, *[say()] * (len(said) + more)])
    assert (found.zones, found.regions, found.quality_flags) == ({}, [], [])


@given(st.lists(answers, min_size=1, max_size=4))
def test_what_comes_out_is_a_label(said: list[dict[str, Any]]) -> None:
    found = merge(said)
    zones = {name: {"grade": None, "zones": chosen} for name, chosen in found.zones.items()}
    made = Label.model_validate({"concerns": zones, "regions": found.regions, "quality_flags": found.quality_flags})
    assert all(isinstance(zone, Zone) for one in made.concerns.values() for zone in one.zones)
    assert all(isinstance(flag, QualityFlag) for flag in made.quality_flags)


def tell(region: dict[str, Any]) -> tuple[Any, ...]:
    return region["kind"], region["concern"], region.get("xyxy_norm") or region.get("xy_norm"), region["origin"]


drawings = st.integers(0, 2**32).map(lambda seed: np.random.default_rng(seed).random((5, 7)))


@given(st.lists(drawings, min_size=1, max_size=4), st.floats(0, 1), st.integers(1, 4))
def test_a_vote_on_run_lengths_is_a_vote_on_pixels(drawn: list[Any], share: float, least: int) -> None:
    masks = [one < share for one in drawn]
    wanted = np.sum(masks, axis=0) >= least
    assert vote([trace(one) for one in masks], least) == trace(wanted)
