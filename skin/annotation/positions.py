"""How far an annotator is: counted in the database, and remembered for moments only."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from skin.annotation.queue import Leased, Place
from skin.annotation.schemas import Position
from skin.annotation.tables import Assignment, AssignmentState

COUNTS_KEPT_S = 2.0
PLACE_KEPT_S = 30.0
START = Place()


@dataclass(frozen=True, slots=True)
class _Count:
    count: int = 0
    counted_at: float = float("-inf")


@dataclass(frozen=True, slots=True)
class _Known:
    done: _Count = _Count()
    place: Place = START
    placed_at: float = float("-inf")


class Positions:
    """Spares the queue from counting and from walking past finished rows at every task.

    Both are hints that grow old: a count is at most 2 s behind, and within 30 s an annotator also sees rows that
    were opened again before the place where they are. `where_from` starts anew when nothing was found there.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[tuple[UUID, UUID], _Known] = {}
        self._left: dict[UUID, _Count] = {}  # by project: with 100,000 open rows every count takes 10 ms

    def count(self, session: Session, project_id: UUID, annotator_id: UUID) -> Position:
        known = self._known.get((project_id, annotator_id), _Known())
        left = self._left.get(project_id, _Count())
        if self._is_old(known.done):
            own = Assignment.annotator_id == annotator_id, Assignment.state == AssignmentState.SUBMITTED
            known = replace(known, done=self._count(session, project_id, *own))
            self._known[project_id, annotator_id] = known
        if self._is_old(left):
            left = self._left[project_id] = self._count(session, project_id, Assignment.state == AssignmentState.OPEN)
        return Position(done=known.done.count, left=left.count)

    def add_done(self, project_id: UUID, annotator_id: UUID) -> None:
        """One more was submitted, so that the annotator's own count is never behind."""
        known = self._known.get((project_id, annotator_id))
        if known is not None:
            done = replace(known.done, count=known.done.count + 1)
            self._known[project_id, annotator_id] = replace(known, done=done)

    def where_from(self, project_id: UUID, annotator_id: UUID) -> Place:
        """From where on rows may be open to this annotator."""
        known = self._known.get((project_id, annotator_id), _Known())
        return known.place if self._clock() - known.placed_at <= PLACE_KEPT_S else Place()

    def move_to(self, project_id: UUID, annotator_id: UUID, task: Leased) -> None:
        """Everything before this open row was not for this annotator."""
        known = self._known.get((project_id, annotator_id), _Known())
        fresh = known.placed_at if self._clock() - known.placed_at <= PLACE_KEPT_S else self._clock()
        place = Place(task.rank, task.slot, task.position)
        self._known[project_id, annotator_id] = replace(known, place=place, placed_at=fresh)

    def forget_place(self, project_id: UUID, annotator_id: UUID) -> None:
        known = self._known.get((project_id, annotator_id), _Known())
        self._known[project_id, annotator_id] = replace(known, place=Place())

    def _is_old(self, known: _Count) -> bool:
        return self._clock() - known.counted_at > COUNTS_KEPT_S

    def _count(self, session: Session, project_id: UUID, *conditions: ColumnElement[bool]) -> _Count:
        query = select(func.count()).select_from(Assignment).where(Assignment.project_id == project_id, *conditions)
        return _Count(session.scalar(query) or 0, self._clock())
