"""Handing out tasks and taking answers in: a statement locks one open row and passes by those that others are locking.

Nobody gets a picture twice: the statement passes by pictures one has a row for, and where two requests of one person
race, the unique index `uq_annotation_assignments_once` stops the second.
"""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.orm import Session

from skin.annotation.labels import Label
from skin.annotation.tables import Assignment, AssignmentState, Kind, Mode, Order, Project

# These statements run for every task, so they give copies of rows: entities would take three times as long.


@dataclass(frozen=True, slots=True)
class Rules:
    """What a project says of its tasks; a copy of its row."""

    id: UUID
    name: str
    guidelines: str
    order: Order
    mode: Mode
    gold_rate: float
    repeat_rate: float
    lease_minutes: float
    is_open: bool


@dataclass(frozen=True, slots=True)
class Leased:
    """A task as it was handed out; a copy of its row."""

    id: UUID
    item_id: UUID
    kind: Kind
    state: AssignmentState
    mode: Mode | None
    draft: dict[str, Any] | None
    leased_until: datetime | None
    rank: float
    slot: int
    position: int


@dataclass(frozen=True, slots=True)
class HandedIn:
    """Which picture was answered, why the answer was wanted, and the rules of its project."""

    item_id: UUID
    kind: Kind
    rules: Rules


RULES = tuple(Project.__table__.c[field.name] for field in fields(Rules))
LEASED = tuple(Assignment.__table__.c[field.name] for field in fields(Leased))


@dataclass(frozen=True, slots=True)
class Taker:
    """Who takes the next task, where, when and until when."""

    annotator_id: UUID
    project_id: UUID
    mode: Mode
    now: datetime
    leased_until: datetime


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A place in the order of open rows."""

    rank: float = float("-inf")
    slot: int = -1
    position: int = -1


def _names(kind: type[Rules | Leased], table: str) -> str:
    return ", ".join(f'{table}."{field.name}"' for field in fields(kind))


# Written so that Postgres looks into the index of pictures once for each row it passes: joined (without OFFSET), or
# found by the person (with =), it would read all that the person ever did for every task.
_MINE = """EXISTS (
    SELECT FROM annotation_assignments mine
    WHERE mine.item_id = task.item_id AND mine.annotator_id IS NOT DISTINCT FROM :annotator_id OFFSET 0)"""

_OWN = text(f"""
    UPDATE annotation_assignments SET leased_until = :leased_until
    WHERE id = (SELECT id FROM annotation_assignments
                WHERE annotator_id = :annotator_id AND project_id = :project_id AND finished_at IS NULL
                  AND state = 'leased'
                ORDER BY started_at LIMIT 1 FOR UPDATE)
    RETURNING {_names(Leased, "annotation_assignments")}
""").columns(*LEASED)

_NEXT = text(f"""
    WITH own AS (
        SELECT id FROM annotation_assignments
        WHERE annotator_id = :annotator_id AND project_id = :project_id AND finished_at IS NULL AND state = 'leased'
        ORDER BY started_at LIMIT 1 FOR UPDATE
    ), late AS (
        SELECT id FROM annotation_assignments task
        WHERE project_id = :project_id AND state = 'leased' AND leased_until < :now AND NOT {_MINE}
        ORDER BY leased_until LIMIT 1 FOR UPDATE SKIP LOCKED
    ), waiting AS (
        SELECT id FROM annotation_assignments task
        WHERE project_id = :project_id AND state = 'open'
          AND (rank, slot, position) >= (:rank, :slot, :position) AND NOT {_MINE}
        ORDER BY rank, slot, position LIMIT 1 FOR UPDATE SKIP LOCKED
    ), chosen AS (
        SELECT id, true AS is_own FROM own
        UNION ALL SELECT id, false FROM late
        UNION ALL SELECT id, false FROM waiting LIMIT 1
    )
    UPDATE annotation_assignments task
    SET state = 'leased', annotator_id = :annotator_id, leased_until = :leased_until, updated_at = :now,
        mode = CASE WHEN is_own THEN task.mode ELSE CAST(:mode AS annotation_mode) END,
        started_at = CASE WHEN is_own THEN task.started_at ELSE CAST(:now AS timestamptz) END,
        draft = CASE WHEN is_own THEN task.draft END
    FROM chosen WHERE task.id = chosen.id
    RETURNING {_names(Leased, "task")}
""").columns(*LEASED)

_HAND_IN = text(f"""
    WITH task AS (
        UPDATE annotation_assignments
        SET state = 'submitted', finished_at = :now, leased_until = NULL, draft = NULL, updated_at = :now
        WHERE id = :id AND annotator_id = :annotator_id AND state = 'leased'
        RETURNING id, project_id, item_id, kind, mode
    ), answered AS (
        INSERT INTO annotation_answers (id, assignment_id, label, mode, prediction_shown, seconds_spent)
        SELECT :answer_id, task.id, CAST(:label AS jsonb), task.mode,
               CASE WHEN task.mode = 'assisted' THEN item.prediction END, :seconds_spent
        FROM task JOIN annotation_items item ON item.id = task.item_id
    ), noted AS (
        INSERT INTO annotation_audit (actor_id, action, subject_id) SELECT :annotator_id, 'submit', id FROM task
    )
    SELECT task.item_id, task.kind, {_names(Rules, "project")}
    FROM task JOIN annotation_projects project ON project.id = task.project_id
""").columns(Assignment.item_id, Assignment.kind, *RULES)

_HAS_WORK = text(f"""
    SELECT EXISTS (SELECT FROM annotation_assignments task
                   WHERE project_id = :project_id
                     AND (state = 'open' OR state = 'leased' AND leased_until < :now) AND NOT {_MINE})
""")


def has_work(session: Session, taker: Taker) -> bool:
    """Whether there is an open task for this person."""
    return bool(session.scalar(_HAS_WORK, _parameters(taker)))


def hand_in(
    session: Session, assignment_id: UUID, annotator_id: UUID, label: Label, *, seconds_spent: float, now: datetime
) -> HandedIn | None:
    """Keep the answer to a task that this person holds; None, and nothing is kept, when they do not hold it."""
    values = {
        "id": assignment_id,
        "annotator_id": annotator_id,
        "answer_id": uuid4(),
        "label": label.model_dump_json(),
        "seconds_spent": seconds_spent,
        "now": now,
    }
    row = session.connection().execute(_HAND_IN, values).one_or_none()
    return None if row is None else HandedIn(row[0], row[1], Rules(*row[2:]))


def renew_own(session: Session, taker: Taker) -> Leased | None:
    """The unfinished task the annotator holds already, leased anew; it is theirs even when the lease has ended."""
    row = session.connection().execute(_OWN, _parameters(taker)).one_or_none()
    return None if row is None else Leased(*row)


def take_next(session: Session, taker: Taker, after: Place) -> Leased | None:
    """Lease the unfinished task one holds, else one whose lease has ended, else the first open one from this place on.

    Except one's own, it is of a picture new to this person.

    IntegrityError when another request of the same person has just taken the same picture.
    """
    place = {"rank": after.rank, "slot": after.slot, "position": after.position}
    row = session.connection().execute(_NEXT, _parameters(taker) | place).one_or_none()
    return None if row is None else Leased(*row)


def _parameters(taker: Taker) -> dict[str, Any]:
    return {
        "annotator_id": taker.annotator_id,
        "project_id": taker.project_id,
        "mode": taker.mode.value,
        "now": taker.now,
        "leased_until": taker.leased_until,
    }
