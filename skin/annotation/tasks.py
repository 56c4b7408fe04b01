"""The annotator's side: take a task, keep a draft, submit, skip, go back and correct."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from random import Random
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from skin.accounts.queries import require_user
from skin.annotation import audit, priority, queries, queue, schemas
from skin.annotation.checks import Checks
from skin.annotation.labels import Label
from skin.annotation.permissions import require_annotator
from skin.annotation.positions import Positions
from skin.annotation.queries import Held
from skin.annotation.queue import Leased, Place, Rules, Taker
from skin.annotation.tables import Assignment, AssignmentState, Kind, Mode, Order, Revision
from skin.db.session import Sessions
from skin.errors import Code, error

ATTEMPTS = 5
WORK_LIMIT = 200

T = TypeVar("T")


class Tasks:
    """Every method takes who acts first, looks that person up, and works on their own tasks only.

    NotAuthenticated for an account that is gone, NotPermitted for one that may not label.
    """

    def __init__(self, sessions: Sessions, *, clock: Callable[[], datetime], random: Random) -> None:
        self._sessions = sessions
        self._clock = clock
        self._checks = Checks(random)
        self._positions = Positions()

    def take(self, annotator_id: UUID, project_id: UUID) -> schemas.Task | None:
        """The unfinished task one holds, else the next one; None when nothing is left for this person."""

        def work(session: Session) -> schemas.Task | None:
            rules = queries.get_rules(session, project_id)
            if not rules.is_open:
                raise error(Code.PROJECT_CLOSED)
            return self._take(session, annotator_id, rules)

        return self._retrying(annotator_id, work)

    def get(self, annotator_id: UUID, assignment_id: UUID) -> schemas.Task:
        with self._begin(annotator_id) as session:
            held = queries.find_held(session, assignment_id)
            if held is None or held.assignment.annotator_id != annotator_id:
                raise error(Code.ASSIGNMENT_NOT_FOUND)
            return self._view(session, annotator_id, held.assignment, rules=held.rules, prediction=held.prediction)

    def list_finished(self, annotator_id: UUID, project_id: UUID, *, limit: int = 50) -> schemas.WorkResponse:
        with self._begin(annotator_id) as session:
            queries.get_project(session, project_id)
            found = queries.list_finished(session, project_id, annotator_id, limit=max(1, min(limit, WORK_LIMIT)))
        return schemas.WorkResponse(
            tasks=[
                schemas.WorkEntry(
                    assignment_id=one.id, item_id=one.item_id, finished_at=one.finished_at, state=one.state
                )
                for one in found
                if one.finished_at is not None
            ]
        )

    def save_draft(self, annotator_id: UUID, assignment_id: UUID, label: Label, seconds_spent: float) -> None:
        """Keep what there is so far, and the task for another while."""
        with self._begin(annotator_id) as session:
            held = _require_held(session, annotator_id, assignment_id)
            if held.assignment.state is not AssignmentState.LEASED:
                raise error(Code.LEASE_LOST)
            held.assignment.draft = {"label": _dump(label), "seconds_spent": seconds_spent}
            held.assignment.leased_until = self._clock() + timedelta(minutes=held.rules.lease_minutes)

    def submit(
        self, annotator_id: UUID, assignment_id: UUID, label: Label, seconds_spent: float
    ) -> schemas.Task | None:
        """Keep the answer and take the next task in one transaction; a second click changes nothing.

        An answer that comes after its lease counts as long as nobody else was given the task.
        """

        def work(session: Session) -> schemas.Task | None:
            _require_complete(label)
            done = queue.hand_in(
                session, assignment_id, annotator_id, label, seconds_spent=seconds_spent, now=self._clock()
            )
            if done is None:
                rules = _require_submitted(session, annotator_id, assignment_id)
            else:
                rules = done.rules
                self._positions.add_done(rules.id, annotator_id)
                if rules.order is Order.INFORMATIVE and done.kind is Kind.REGULAR:
                    priority.refresh_one(session, rules.id, done.item_id)
            return self._take(session, annotator_id, rules) if rules.is_open else None

        return self._retrying(annotator_id, work)

    def skip(self, annotator_id: UUID, assignment_id: UUID, reason: str) -> schemas.Task | None:
        """Leave the picture to others and say why; a second click changes nothing."""

        def work(session: Session) -> schemas.Task | None:
            held = _require_held(session, annotator_id, assignment_id)
            if held.assignment.state is AssignmentState.SUBMITTED:
                raise error(Code.LEASE_LOST)
            if held.assignment.state is AssignmentState.LEASED:
                _skip(session, held.assignment, reason, now=self._clock())
            return self._take(session, annotator_id, held.rules) if held.rules.is_open else None

        return self._retrying(annotator_id, work)

    def correct(self, annotator_id: UUID, assignment_id: UUID, label: Label, seconds_spent: float) -> None:
        """Change one's own submitted answer; what it said before is kept."""
        with self._begin(annotator_id) as session:
            _require_complete(label)
            held = _require_held(session, annotator_id, assignment_id)
            answer = queries.find_answer(session, assignment_id, lock=True)
            if answer is None:
                raise error(Code.ASSIGNMENT_NOT_FOUND)
            if not held.rules.is_open:
                raise error(Code.PROJECT_CLOSED)
            session.add(Revision(answer_id=answer.id, label=answer.label))
            answer.label, answer.seconds_spent = _dump(label), seconds_spent
            audit.note(session, annotator_id, "correct", assignment_id)

    def _take(self, session: Session, annotator_id: UUID, rules: Rules) -> schemas.Task | None:
        now = self._clock()
        taker = Taker(annotator_id, rules.id, rules.mode, now, now + timedelta(minutes=rules.lease_minutes))
        task = self._take_check(session, taker, rules) or self._take_regular(session, taker)
        if task is None:
            return None
        prediction = None
        if task.mode is Mode.ASSISTED:
            prediction = queries.get_item(session, task.item_id).prediction
        return self._view(session, annotator_id, task, rules=rules, prediction=prediction)

    def _take_check(self, session: Session, taker: Taker, rules: Rules) -> Leased | None:
        """A hidden check by chance, but only in the place of other work, and never before an unfinished task."""
        kind = self._checks.draw(rules)
        if kind is Kind.REGULAR:
            return None
        held = queue.renew_own(session, taker)
        return held or (self._checks.create(session, taker, kind) if queue.has_work(session, taker) else None)

    def _take_regular(self, session: Session, taker: Taker) -> Leased | None:
        """The unfinished task, else the next one from where the annotator is, else from the start."""
        where_from = self._positions.where_from(taker.project_id, taker.annotator_id)
        task = queue.take_next(session, taker, where_from)
        if task is None and where_from != Place():
            task = queue.take_next(session, taker, Place())
        if task is None:
            self._positions.forget_place(taker.project_id, taker.annotator_id)
        elif task.kind is Kind.REGULAR:
            self._positions.move_to(taker.project_id, taker.annotator_id, task)
        return task

    def _view(
        self,
        session: Session,
        annotator_id: UUID,
        one: Assignment | Leased,
        *,
        rules: Rules,
        prediction: dict[str, Any] | None,
    ) -> schemas.Task:
        answer = queries.find_answer(session, one.id) if one.state is AssignmentState.SUBMITTED else None
        draft: dict[str, Any] = one.draft or {}
        shown = prediction if one.mode is Mode.ASSISTED else None
        return schemas.Task(
            assignment_id=one.id,
            item_id=one.item_id,
            project=schemas.ProjectOfTask.model_validate(rules),
            picture_url=f"/api/annotation/items/{one.item_id}/picture",
            draft=draft.get("label"),
            answer=Label.model_validate(answer.label) if answer else None,
            seconds_spent=answer.seconds_spent if answer else draft.get("seconds_spent", 0.0),
            state=one.state,
            leased_until=one.leased_until,
            suggestion=schemas.Suggestion.model_validate(shown) if shown else None,
            position=self._positions.count(session, rules.id, annotator_id),
        )

    @contextmanager
    def _begin(self, annotator_id: UUID) -> Iterator[Session]:
        with self._sessions.begin() as session:
            require_annotator(require_user(session, annotator_id, self._clock()))
            yield session

    def _retrying(self, annotator_id: UUID, work: Callable[[Session], T]) -> T:
        """Run in one transaction; anew when two requests of one person raced for the same picture."""
        for attempt in range(ATTEMPTS):
            try:
                with self._begin(annotator_id) as session:
                    return work(session)
            except IntegrityError as clash:
                if "uq_annotation_assignments_" not in str(clash.orig) or attempt == ATTEMPTS - 1:
                    raise
        raise AssertionError("unreachable")


def _require_complete(label: Label) -> None:
    if not label.is_complete():
        raise error(Code.LABEL_INCOMPLETE)


def _require_held(session: Session, annotator_id: UUID, assignment_id: UUID) -> Held:
    """The locked assignment of this person; LEASE_LOST when somebody else holds it now."""
    held = queries.find_held(session, assignment_id, lock=True)
    if held is None:
        raise error(Code.ASSIGNMENT_NOT_FOUND)
    if held.assignment.annotator_id != annotator_id:
        raise error(Code.LEASE_LOST)
    return held


def _require_submitted(session: Session, annotator_id: UUID, assignment_id: UUID) -> Rules:
    """Of the project in which this person has submitted this already; LEASE_LOST when they did not."""
    held = _require_held(session, annotator_id, assignment_id)
    if held.assignment.state is not AssignmentState.SUBMITTED:
        raise error(Code.LEASE_LOST)
    return held.rules


def _skip(session: Session, one: Assignment, reason: str, *, now: datetime) -> None:
    one.state, one.finished_at, one.leased_until, one.draft = AssignmentState.SKIPPED, now, None, None
    one.skip_reason = reason
    session.flush()
    if one.kind is Kind.REGULAR:
        session.add(Assignment(project_id=one.project_id, item_id=one.item_id, slot=one.slot, rank=one.rank))
    audit.note(session, one.annotator_id, "skip", one.id)


def _dump(label: Label) -> dict[str, Any]:
    return label.model_dump(mode="json")
