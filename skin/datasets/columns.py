"""A record as one flat row: the columns that CSV, Parquet and the Hugging Face folder share."""

from collections.abc import Mapping
from operator import attrgetter
from typing import Any

from skin.core.concerns import Concern
from skin.datasets.record import Record

PICTURE_COLUMNS = (
    *("item_id", "picture", "width", "height", "sha256", "person", "source", "licence", "evaluation_only", "split"),
)
ORIGIN_COLUMNS = (
    *("kind", "label_id", "annotator", "task", "mode", "suggestion_shown", "seconds_spent", "made_by", "created_at"),
    *("support", "sources"),
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


_tell_origin = attrgetter(*ORIGIN_COLUMNS)
_tell_picture = attrgetter(*PICTURE_COLUMNS)
_NOTHING: dict[str, Any] = {}


def flatten(record: Record) -> tuple[Any, ...]:
    """The whole record, by COLUMNS."""
    return (*_tell_picture(record), *_tell_origin(record), *flatten_answer(record.label))


def flatten_picture(record: Record) -> dict[str, Any]:
    return dict(zip(PICTURE_COLUMNS, _tell_picture(record), strict=True))


def flatten_label(record: Record) -> dict[str, Any]:
    return dict(zip(LABEL_COLUMNS, (*_tell_origin(record), *flatten_answer(record.label)), strict=True))


def flatten_answer(label: Mapping[str, Any]) -> tuple[Any, ...]:
    """The label alone, by ANSWER_COLUMNS; what was not said is None or empty."""
    say = label.get
    concerns = say("concerns") or _NOTHING
    graded: list[Any] = []
    for name in GRADE_COLUMNS:
        judged = concerns.get(name)
        graded += (judged.get("grade"), judged.get("zones") or []) if judged else (None, [])
    return (
        *(say("schema_version"), say("skin_type"), say("monk"), say("monk_second")),
        *graded,
        *(say("quality_flags") or [], say("sure"), say("note") or "", say("regions") or []),
    )
