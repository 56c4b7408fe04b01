"""Handing out tasks: one statement locks one open row and passes by those that others are locking.

Nobody gets a picture twice: the statement passes by pictures one has a row for, and where two requests of one person
race, the unique index `uq_annotation_assignments_once` stops the second.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Executable, select, text
from sqlalchemy.orm import Session

from skin.annotation.tables import Assignment, Mode


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


_MINE = """EXISTS (SELECT FROM annotation_assignments mine
                   WHERE mine.item_id = task.item_id AND mine.annotator_id = :annotator_id)"""


def _returning(statement: str) -> Executable:
    """A statement that gives assignments; built once, since the queue runs it for every task."""
    return select(Assignment).from_statement(text(statement)).execution_options(populate_existing=True)


_OWN = _returning("""
    UPDATE annotation_assignments SET leased_until = :leased_until
    WHERE id = (SELECT id FROM annotation_assignments
                WHERE annotator_id = :annotator_id AND project_id = :project_id AND finished_at IS NULL
                  AND state = 'leased'
                ORDER BY started_at LIMIT 1 FOR UPDATE)
    RETURNING *
""")

_NEXT = _returning(f"""
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
    RETURNING task.*
""")

_HAS_WORK = text(f"""
    SELECT EXISTS (SELECT FROM annotation_assignments task
                   WHERE project_id = :project_id
                     AND (state = 'open' OR state = 'leased' AND leased_until < :now) AND NOT {_MINE})
""")


def has_work(session: Session, taker: Taker) -> bool:
    """Whether there is an open task for this person."""
    return bool(session.scalar(_HAS_WORK, _parameters(taker)))


def renew_own(session: Session, taker: Taker) -> Assignment | None:
    """The unfinished task the annotator holds already, leased anew; it is theirs even when the lease has ended."""
    return session.scalars(_OWN, _parameters(taker)).one_or_none()


def take_next(session: Session, taker: Taker, after: Place) -> Assignment | None:
    """Lease the unfinished task one holds, else one whose lease has ended, else the first open one from this place on.

    Except one's own, it is of a picture new to this person.

    IntegrityError when another request of the same person has just taken the same picture.
    """
    place = {"rank": after.rank, "slot": after.slot, "position": after.position}
    return session.scalars(_NEXT, _parameters(taker) | place).one_or_none()


def _parameters(taker: Taker) -> dict[str, Any]:
    return {
        "annotator_id": taker.annotator_id,
        "project_id": taker.project_id,
        "mode": taker.mode.value,
        "now": taker.now,
        "leased_until": taker.leased_until,
    }
