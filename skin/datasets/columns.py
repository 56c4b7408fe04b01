"""A record as one flat row: the columns that CSV, Parquet and the Hugging Face folder share."""

from collections.abc import Mapping
from typing import Any

from skin.core.concerns import Concern
from skin.datasets.record import Record

PICTURE_COLUMNS = (
    *("item_id", "picture", "width", "height", "sha256", "person", "source", "licence", "evaluation_only", "split"),
)
ORIGIN_COLUMNS = (
    *("kind", "label_id", "annotator", "task", "mode", "suggestion_shown", "seconds_spent", "made_by", "created_at"),
)
GRADE_COLUMNS = tuple(concern.value for concern in Concern)
ZONE_COLUMNS = tuple(f"{concern}_zones" for concern in GRADE_COLUMNS)
ANSWER_COLUMNS = (
    *("schema_version", "skin_type", "monk", "monk_second"),
    *(name for pair in zip(GRADE_COLUMNS, ZONE_COLUMNS, strict=True) for name in pair),
    *("quality_flags", "sure", "note", "regions"),
)
LABEL_COLUMNS = (*ORIGIN_COLUMNS, *ANSWER_COLUMNS)
COLUMNS = (*PICTURE_COLUMNS, *LABEL_COLUMNS)


def flatten_picture(record: Record) -> dict[str, Any]:
    return {name: getattr(record, name) for name in PICTURE_COLUMNS}


def flatten_label(record: Record) -> dict[str, Any]:
    return {name: getattr(record, name) for name in ORIGIN_COLUMNS} | flatten_answer(record.label)


def flatten_answer(label: Mapping[str, Any]) -> dict[str, Any]:
    """The label alone, by ANSWER_COLUMNS; what was not said is None or empty."""
    row = {
        "schema_version": label.get("schema_version"),
        "skin_type": label.get("skin_type"),
        "monk": label.get("monk"),
        "monk_second": label.get("monk_second"),
        "quality_flags": label.get("quality_flags") or [],
        "sure": label.get("sure"),
        "note": label.get("note") or "",
        "regions": label.get("regions") or [],
    }
    concerns = label.get("concerns") or {}
    for grade_column, zones_column in zip(GRADE_COLUMNS, ZONE_COLUMNS, strict=True):
        judged = concerns.get(grade_column) or {}
        row[grade_column], row[zones_column] = judged.get("grade"), judged.get("zones") or []
    return row


def flatten(record: Record) -> dict[str, Any]:
    """The whole record, by COLUMNS."""
    return flatten_picture(record) | flatten_label(record)
