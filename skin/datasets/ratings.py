"""Ratings as tables: one rater's view of one picture a line (`rater,id,monk,monk_alt,ita_class,skin_type,acne,...`)."""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from skin.annotation.labels import Label
from skin.core.concerns import Concern
from skin.datasets.found import Found, Unreadable
from skin.datasets.record import LabelKind, explain


def read_ratings(text: str, items: Mapping[str, UUID]) -> Iterator[Found | Unreadable]:
    """Every line, the bad ones too; `items` are the pictures by the table's `id`.

    The schema has no ITA class, which follows from the picture: what a rater said of it goes into the note.
    """
    for number, row in enumerate(csv.DictReader(io.StringIO(text, newline="")), start=2):
        where = f"line {number}"
        name, rater = row.get("id"), row.get("rater")
        if not name or not rater:
            yield Unreadable(where, "has no id or no rater")
        elif name not in items:
            yield Unreadable(where, f"there is no picture {name} in the project")
        else:
            yield _read_row(where, row, items[name])


def _read_row(where: str, row: Mapping[str, Any], item_id: UUID) -> Found | Unreadable:
    grades = {concern.value: row.get(concern.value) for concern in Concern}
    try:
        label = Label(
            skin_type=row.get("skin_type") or None,
            monk=_number(row.get("monk")),
            monk_second=_number(row.get("monk_alt")),
            concerns={Concern(name): {"grade": int(grade)} for name, grade in grades.items() if grade},
            sure=_number(row.get("sure")),
            note=_note(row),
        )
    except ValidationError as failure:
        return Unreadable(where, explain(failure))
    except ValueError as failure:
        return Unreadable(where, str(failure))
    return Found(
        where=where, item_id=str(item_id), sha256=None, kind=LabelKind.ANSWER, annotator=row["rater"], label=label
    )


def _number(text: str | None) -> int | None:
    return int(text) if text else None


def _note(row: Mapping[str, Any]) -> str:
    said = [row.get("note") or "", f"ita_class: {row['ita_class']}" if row.get("ita_class") else ""]
    return "\n".join(part for part in said if part)
