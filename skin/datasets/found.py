"""Labels found in somebody's file, before they are anybody's answers here; and those of our own JSON Lines."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from skin.annotation.labels import Label
from skin.datasets.record import LabelKind, read_line

UNKNOWN_ANNOTATOR = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One label and the picture it is of, by the item's id here or by its checksum; `where` is where it stood."""

    where: str
    item_id: str | None
    sha256: str | None
    kind: LabelKind
    annotator: str
    label: Label
    task: str | None = None
    mode: str | None = None
    seconds_spent: float = 0.0
    created_at: str | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A place whose label cannot be used, and why."""

    where: str
    why: str


def read_json_lines(lines: Iterable[bytes]) -> Iterator[Found | Unreadable]:
    """Every line of our JSON Lines, the bad ones too."""
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _read_line(f"line {number}", line)


def _read_line(where: str, line: bytes) -> Found | Unreadable:
    try:
        record = read_line(line)
    except ValueError as failure:
        return Unreadable(where, str(failure))
    return Found(
        where=where,
        item_id=record.item_id,
        sha256=record.sha256,
        kind=record.kind,
        annotator=record.annotator or UNKNOWN_ANNOTATOR,
        label=Label.model_validate(record.label),
        task=record.task,
        mode=record.mode,
        seconds_spent=record.seconds_spent or 0.0,
        created_at=record.created_at,
    )
