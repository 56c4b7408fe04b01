"""A label with all that leaves the house with it: what every format is written from, and our JSON Lines."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Any, TypeVar

import orjson
from pydantic import TypeAdapter, ValidationError

from skin.annotation.labels import Label
from skin.inference.examiner import FACE_PX

BATCH = 500  # records held at once by a writer
T = TypeVar("T")


class LabelKind(StrEnum):
    """Whose word a label is; a machine's is never mixed with people's."""

    ANSWER = "answer"
    FINAL = "final"
    CONSENSUS = "consensus"
    GOLD = "gold"
    PREDICTION = "prediction"


SAID = tuple(kind for kind in LabelKind if kind is not LabelKind.CONSENSUS)  # the others are computed, when asked for


class Split(StrEnum):
    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


@dataclass(slots=True, kw_only=True)  # frozen, a record takes three times as long to make
class Record:
    """One label of one picture; `person` and `annotator` are pseudonyms that hold within a project only.

    `task` is why an answer was wanted (regular, gold, repeat); `made_by` names the model of a prediction and the method
    of a consensus. `support` tells, for each field of a consensus, of how many answers it is made and how sure the
    method is of it; `sources`, for each part of a final label, which answers (by `label_id`) say the same. `label` is
    the JSON form of a `labels.v1` label. Records of a picture follow one another.
    """

    kind: LabelKind
    label_id: str
    item_id: str
    picture: str
    width: int = FACE_PX
    height: int = FACE_PX
    sha256: str
    person: str
    source: str
    licence: str = ""
    evaluation_only: bool = False
    split: Split | None = None
    annotator: str | None = None
    task: str | None = None
    mode: str | None = None
    suggestion_shown: bool | None = None
    seconds_spent: float | None = None
    made_by: str | None = None
    created_at: str | None = None
    support: dict[str, dict[str, float | None]] | None = None
    sources: dict[str, list[str]] | None = None
    label: dict[str, Any]


_checked = TypeAdapter(Record)


def write_line(record: Record) -> bytes:
    """The canonical line: fields in the record's order, keys within the label sorted, UTF-8, with its line end."""
    return orjson.dumps(record, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def read_line(line: bytes | str) -> Record:
    """The record of a line, its label held to the schema; ValueError when it is not one."""
    try:
        record = _checked.validate_json(line)
        Label.model_validate(record.label)
    except ValidationError as failure:
        raise ValueError(explain(failure)) from failure
    return record


def restore(line: bytes | str) -> Record:
    """The record of a line that we wrote ourselves, without checking it again."""
    fields = orjson.loads(line)
    split = fields["split"]
    fields["kind"], fields["split"] = LabelKind(fields["kind"]), Split(split) if split else None
    return Record(**fields)


def write_lines(records: Iterable[Record]) -> Iterator[bytes]:
    """Our JSON Lines, in pieces."""
    for batch in batches(map(write_line, records)):
        yield b"".join(batch)


def batches(many: Iterable[T], size: int = BATCH) -> Iterator[list[T]]:
    """A few at a time; best of what is written already, since parsed labels that wait cost the garbage collector."""
    waiting = iter(many)
    while batch := list(islice(waiting, size)):
        yield batch


def explain(failure: ValidationError) -> str:
    """The first thing wrong, in one line, without the value that was sent."""
    first = failure.errors(include_input=False, include_url=False)[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
