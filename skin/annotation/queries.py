"""Look-ups of annotation; each names the project, the person or the row it is about."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from skin.accounts.tables import User
from skin.annotation.queue import RULES, Rules
from skin.annotation.tables import Answer, Assignment, AssignmentState, Item, Kind, Project
from skin.errors import Code, error

# Built once, since the queue asks it for every task.
_HELD = (
    select(Assignment, Item.prediction, *RULES)
    .join(Project, Project.id == Assignment.project_id)
    .join(Item, Item.id == Assignment.item_id)
    .where(Assignment.id == bindparam("id"))
)
_HELD_LOCKED = _HELD.with_for_update(of=Assignment)


@dataclass(frozen=True, slots=True)
class Held:
    """An assignment with what surrounds it."""

    assignment: Assignment
    prediction: dict[str, Any] | None
    rules: Rules


def get_project(session: Session, project_id: UUID, *, lock: bool = False) -> Project:
    project = session.get(Project, project_id, with_for_update=lock or None)
    if project is None:
        raise error(Code.PROJECT_NOT_FOUND)
    return project


def get_rules(session: Session, project_id: UUID) -> Rules:
    found = session.execute(select(*RULES).where(Project.id == project_id)).one_or_none()
    if found is None:
        raise error(Code.PROJECT_NOT_FOUND)
    return Rules(*found)


def get_item(session: Session, item_id: UUID) -> Item:
    item = session.get(Item, item_id)
    if item is None:
        raise error(Code.ITEM_NOT_FOUND)
    return item


def list_projects(session: Session, *, also_closed: bool) -> list[Project]:
    """The newest first."""
    query = select(Project).order_by(Project.created_at.desc(), Project.id)
    return list(session.scalars(query if also_closed else query.where(Project.is_open)))


def find_held(session: Session, assignment_id: UUID, *, lock: bool = False) -> Held | None:
    """The assignment whoever holds it."""
    found = session.execute(_HELD_LOCKED if lock else _HELD, {"id": assignment_id}).one_or_none()
    return None if found is None else Held(found[0], found[1], Rules(*found[2:]))


def find_answer(session: Session, assignment_id: UUID, *, lock: bool = False) -> Answer | None:
    query = select(Answer).where(Answer.assignment_id == assignment_id)
    return session.scalar(query.with_for_update() if lock else query)


def has_assignment(session: Session, item_id: UUID, annotator_id: UUID) -> bool:
    query = select(Assignment.id).where(Assignment.item_id == item_id, Assignment.annotator_id == annotator_id)
    return session.scalar(query.limit(1)) is not None


def list_finished(session: Session, project_id: UUID, annotator_id: UUID, *, limit: int) -> list[Assignment]:
    """What the person submitted or skipped, the newest first."""
    query = select(Assignment).where(
        Assignment.annotator_id == annotator_id,
        Assignment.project_id == project_id,
        Assignment.finished_at.is_not(None),
    )
    return list(session.scalars(query.order_by(Assignment.finished_at.desc(), Assignment.id).limit(limit)))


def count_items(session: Session, project_id: UUID) -> int:
    return session.scalar(select(func.count()).select_from(Item).where(Item.project_id == project_id)) or 0


def count_regular(session: Session, project_id: UUID) -> dict[AssignmentState, int]:
    """How many wanted answers are in which state; hidden checks do not count."""
    query = select(Assignment.state, func.count()).where(
        Assignment.project_id == project_id, Assignment.kind == Kind.REGULAR
    )
    return dict(session.execute(query.group_by(Assignment.state)).all())


def measure_work(session: Session, project_id: UUID, annotator_id: UUID) -> tuple[int, float | None]:
    """How many answers the person gave, and the median of the seconds they took."""
    median = func.percentile_cont(0.5).within_group(Answer.seconds_spent)
    query = select(func.count(), median).join(Assignment, Assignment.id == Answer.assignment_id)
    count, seconds = session.execute(
        query.where(Assignment.annotator_id == annotator_id, Assignment.project_id == project_id)
    ).one()
    return count, seconds


def measure_annotators(session: Session, project_id: UUID) -> list[tuple[UUID, str | None, int, int, float | None]]:
    """Of each person with finished tasks: id, e-mail, how many submitted and skipped, and the median of the seconds."""
    submitted, skipped = (
        func.count().filter(Assignment.state == state) for state in (AssignmentState.SUBMITTED, AssignmentState.SKIPPED)
    )
    median = func.percentile_cont(0.5).within_group(Answer.seconds_spent)
    query = select(User.id, User.email, submitted, skipped, median).join(Assignment, Assignment.annotator_id == User.id)
    query = query.outerjoin(Answer, Answer.assignment_id == Assignment.id)
    query = query.where(Assignment.project_id == project_id, Assignment.finished_at.is_not(None))
    rows = session.execute(query.group_by(User.id).order_by(submitted.desc(), User.id))
    return [(id_, email, done, left, seconds) for id_, email, done, left, seconds in rows]
