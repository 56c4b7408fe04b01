"""The label schema: what it takes, what it refuses, and that its words match its fields."""

import pytest
import yaml
from pydantic import ValidationError

from skin.annotation.labels import SCHEMA_VERSION, Label, QualityFlag, list_fields, read_field
from skin.config import ROOT
from skin.core.concerns import Concern, SkinType

COMPLETE = {
    "skin_type": "normal",
    "monk": 4,
    "concerns": {concern.value: {"grade": 1, "zones": ["chin"]} for concern in Concern},
}


def test_the_words_of_the_schema_match_its_fields() -> None:
    words = yaml.safe_load((ROOT / "data" / "scales" / f"{SCHEMA_VERSION}.yaml").read_text())
    assert words["version"] == SCHEMA_VERSION
    assert set(words["concerns"]) == set(Concern)
    assert set(words["skin_type"]) == set(SkinType)
    assert set(words["quality_flags"]) == set(QualityFlag)
    assert len(words["grades"]) == 4
    assert all(len(one.get("grades", words["grades"])) == 4 for one in words["concerns"].values())


def test_a_label_is_complete_when_every_field_is_graded() -> None:
    assert Label.model_validate(COMPLETE).is_complete()
    missing = {**COMPLETE, "concerns": {**COMPLETE["concerns"], "acne": {"grade": None}}}
    assert not Label.model_validate(missing).is_complete()


def test_a_picture_without_a_face_needs_no_grades() -> None:
    assert Label.model_validate({"quality_flags": ["not_a_face"]}).is_complete()


def test_every_field_can_be_read() -> None:
    label = Label.model_validate(COMPLETE)
    assert {field: read_field(label, field) for field in list_fields()} == {
        "skin_type": "normal",
        "monk": 4,
        **{concern.value: 1 for concern in Concern},
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {"monk": 11},
        {"concerns": {"acne": {"grade": 4}}},
        {"concerns": {"freckles": {"grade": 1}}},
        {"regions": [{"kind": "box", "concern": "acne", "xyxy_norm": [0.5, 0.1, 0.4, 0.2]}]},
        {"regions": [{"kind": "point", "concern": "acne", "xy_norm": [0.5, float("nan")]}]},
        {"regions": [{"kind": "mask", "concern": "acne", "mask": {"size_hw": [4, 4], "counts": [3, 5]}}]},
        {"regions": [{"kind": "mask", "concern": "acne", "mask": {"size_hw": [0, 4], "counts": []}}]},
        {"schema_version": "labels.v0"},
        {"surprise": 1},
    ],
)
def test_a_label_outside_the_schema_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Label.model_validate(wrong)


def test_a_label_survives_json() -> None:
    regions = [
        {"kind": "box", "concern": "acne", "xyxy_norm": [0.1, 0.2, 0.3, 0.4]},
        {"kind": "point", "concern": "pores", "xy_norm": [0.1, 0.2], "origin": "machine"},
        {"kind": "mask", "concern": "redness", "mask": {"size_hw": [2, 3], "counts": [1, 2, 3]}},
    ]
    label = Label.model_validate({**COMPLETE, "regions": regions})
    assert Label.model_validate_json(label.model_dump_json()) == label
