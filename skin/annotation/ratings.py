"""All answers of a project as arrays: what agreement, consensus and adjudication are computed from."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from skin.annotation.coefficients import ABSENT, Values
from skin.annotation.labels import list_fields
from skin.annotation.resampling import Integers
from skin.annotation.tables import Answer, Assignment, AssignmentState, Item, Kind, Mode, Revision
from skin.core.concerns import SkinType

FIELDS = list_fields()
GRADES = tuple(str(grade) for grade in range(4))
MONK_STEPS = tuple(str(step) for step in range(1, 11))
SKIN_TYPES = tuple(kind.value for kind in SkinType)
NOMINAL = "skin_type"

Stamp = tuple[int, datetime | None, int, int]


def scale_of(field: str) -> tuple[str, ...]:
    """The values of a field in their order; only skin type has none."""
    return {NOMINAL: SKIN_TYPES, "monk": MONK_STEPS}.get(field, GRADES)


def is_ordinal(field: str) -> bool:
    return field != NOMINAL


def value_at(field: str, place: int) -> int | str | None:
    """A label's value from its position on the scale."""
    if place == ABSENT:
        return None
    text = scale_of(field)[place]
    return int(text) if is_ordinal(field) else text


@dataclass(frozen=True, slots=True)
class Ratings:
    """One row an answer in `item` ... `shown`; the fields' values are positions on their scales, ABSENT without one.

    `annotators` are in the order of their first answers, so that their numbers stay as people join. `predicted` and
    `gold` have a row per item, `shown` (what the annotator saw beforehand) one per answer. Answers of erased accounts
    are left out: nobody knows any more which of them come from one person.
    """

    items: tuple[UUID, ...]
    person: Integers
    predicted: Values
    gold: Values
    annotators: tuple[UUID, ...]
    item: Integers
    rater: Integers
    values: Values
    shown: Values
    kind: NDArray[np.str_]
    is_assisted: NDArray[np.bool_]
    seconds: NDArray[np.float64]
    finished_at: NDArray[np.datetime64]

    def tabulate(self, kind: Kind = Kind.REGULAR) -> Values:
        """Items x annotators x fields, of one kind of answers."""
        rows = self.kind == kind.value
        table = np.full((len(self.items), len(self.annotators), len(FIELDS)), ABSENT, dtype=np.int8)
        table[self.item[rows], self.rater[rows]] = self.values[rows]
        return table


def find_stamp(session: Session, project_id: UUID) -> Stamp:
    """What changes whenever an answer of the project comes, goes or is corrected, or its annotator is erased."""
    answers, latest, known = session.execute(
        select(func.count(), func.max(Answer.updated_at), func.count(Assignment.annotator_id))
        .join(Assignment, Assignment.id == Answer.assignment_id)
        .where(Assignment.project_id == project_id)
    ).one()
    corrections = session.scalar(
        select(func.count(Revision.id))
        .join(Answer, Answer.id == Revision.answer_id)
        .join(Assignment, Assignment.id == Answer.assignment_id)
        .where(Assignment.project_id == project_id)
    )
    return (answers, latest, known, corrections or 0)


def load_ratings(session: Session, project_id: UUID) -> Ratings:
    items = session.execute(
        select(Item.id, Item.person, *_read_fields(Item.gold), *_read_fields(Item.prediction["label"]))
        .where(Item.project_id == project_id)
        .order_by(Item.created_at, Item.id)
    ).all()
    answers = session.execute(
        select(
            Assignment.item_id, Assignment.annotator_id, Assignment.kind, Assignment.finished_at, Answer.mode,
            Answer.seconds_spent, *_read_fields(Answer.label), *_read_fields(Answer.prediction_shown["label"]),
        )
        .join(Answer, Answer.assignment_id == Assignment.id)
        .where(Assignment.project_id == project_id, Assignment.state == AssignmentState.SUBMITTED,
               Assignment.annotator_id.is_not(None))
        .order_by(Assignment.finished_at, Assignment.id)
    ).all()  # fmt: skip
    return build_ratings(items, answers)


def load_labels(session: Session, items: Collection[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    """The whole labels that people have given these pictures, whom and which answers `Ratings` knows as regular."""
    query = (
        select(Assignment.item_id, Answer.label)
        .join(Answer, Answer.assignment_id == Assignment.id)
        .where(
            Assignment.item_id.in_(items), Assignment.kind == Kind.REGULAR,
            Assignment.state == AssignmentState.SUBMITTED, Assignment.annotator_id.is_not(None),
        )
    )  # fmt: skip
    found: dict[UUID, list[dict[str, Any]]] = {item_id: [] for item_id in items}
    for item_id, label in session.execute(query):
        found[item_id].append(label)
    return found


def build_ratings(items: Sequence[Sequence[Any]], answers: Sequence[Sequence[Any]]) -> Ratings:
    """From rows of (id, person, gold and predicted fields) and (item, annotator, kind, time, mode, seconds, fields)."""
    number = {row[0]: index for index, row in enumerate(items)}
    people = {name: index for index, name in enumerate(dict.fromkeys(row[1] or row[0] for row in items))}
    annotators = {name: index for index, name in enumerate(dict.fromkeys(row[1] for row in answers))}
    width = len(FIELDS)
    return Ratings(
        items=tuple(number),
        person=np.array([people[row[1] or row[0]] for row in items], dtype=np.int64),
        gold=_encode([row[2 : 2 + width] for row in items]),
        predicted=_encode([row[2 + width : 2 + 2 * width] for row in items]),
        annotators=tuple(annotators),
        item=np.array([number[row[0]] for row in answers], dtype=np.int64),
        rater=np.array([annotators[row[1]] for row in answers], dtype=np.int64),
        kind=np.array([Kind(row[2]).value for row in answers], dtype=np.str_),
        finished_at=np.array([row[3].replace(tzinfo=None) for row in answers], dtype="datetime64[s]"),
        is_assisted=np.array([row[4] == Mode.ASSISTED for row in answers], dtype=np.bool_),
        seconds=np.array([row[5] for row in answers], dtype=np.float64),
        values=_encode([row[6 : 6 + width] for row in answers]),
        shown=_encode([row[6 + width : 6 + 2 * width] for row in answers]),
    )


def _read_fields(label: Any) -> list[ColumnElement[str]]:
    """A label's fields as text, read inside the database, so that masks are not sent along."""
    places = [(field,) if field in (NOMINAL, "monk") else ("concerns", field, "grade") for field in FIELDS]
    return [label[place].astext for place in places]


def _encode(rows: Sequence[Sequence[str | None]]) -> Values:
    codes = np.full((len(rows), len(FIELDS)), ABSENT, dtype=np.int8)
    for column, (field, texts) in enumerate(zip(FIELDS, zip(*rows, strict=True), strict=False)):
        places = {text: place for place, text in enumerate(scale_of(field))}
        codes[:, column] = [places.get(text, ABSENT) for text in texts]
    return codes
