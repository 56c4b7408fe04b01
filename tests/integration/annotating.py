"""What tests of the queue are made of: a database of their own, people, and projects of rows without pictures."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from skin.accounts.tables import Role, User
from skin.annotation.items import insert_items
from skin.annotation.labels import ConcernLabel, Label
from skin.annotation.tables import Answer, Assignment, Project
from skin.annotation.tasks import Tasks
from skin.core.concerns import Concern, SkinType
from skin.db.session import Sessions


def build_label(monk: int = 4, **changes: Any) -> Label:
    """A complete label."""
    concerns = {concern: ConcernLabel(grade=1) for concern in Concern}
    return Label(**{"skin_type": SkinType.NORMAL, "monk": monk, "concerns": concerns} | changes)


@dataclass
class Clock:
    """A time that goes on by a millisecond at every look, and further when it is told to."""

    time: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __call__(self) -> datetime:
        self.advance(milliseconds=1)
        return self.time

    def advance(self, **by: float) -> None:
        self.time += timedelta(**by)


@dataclass
class Office:
    """Projects and people in one database."""

    sessions: Sessions
    clock: Clock = field(default_factory=Clock)
    seed: int = 0

    def open_tasks(self) -> Tasks:
        """The service, as one process of several would have it."""
        return Tasks(self.sessions, clock=self.clock, random=Random(self.seed))

    def hire(self, role: Role = Role.ANNOTATOR) -> User:
        user = User(email=f"{uuid4().hex}@example.org", password_hash="x", role=role)
        with self.sessions.begin() as session:
            session.add(user)
        return user

    def make_project(self, items: int, *, gold: int = 0, priorities: tuple[float, ...] = (), **rules: Any) -> UUID:
        """With `items` rows to label and `gold` hidden ones, without pictures."""
        project = Project(**{"name": uuid4().hex, "schema_version": "labels.v1"} | rules)
        known = build_label().model_dump(mode="json")
        with self.sessions.begin() as session:
            session.add(project)
            session.flush()
            session.refresh(project)
            rows = [item_row(project.id, gold=known if one >= items else None) for one in range(items + gold)]
            for row, priority in zip(rows, priorities, strict=False):
                row["priority"] = priority
            insert_items(session, project, rows)
        return project.id

    def list_answers(self, project_id: UUID) -> list[tuple[UUID, UUID | None, str]]:
        """Item, annotator and kind of every answer."""
        query = select(Assignment.item_id, Assignment.annotator_id, Assignment.kind).join(Answer)
        with self.sessions.begin() as session:
            found = session.execute(query.where(Assignment.project_id == project_id)).all()
            return [(item_id, annotator_id, kind.value) for item_id, annotator_id, kind in found]

    def list_rows(self, project_id: UUID) -> list[Assignment]:
        with self.sessions.begin() as session:
            return list(session.scalars(select(Assignment).where(Assignment.project_id == project_id)))


def item_row(project_id: UUID, *, gold: dict[str, Any] | None = None) -> dict[str, Any]:
    key = uuid4().hex
    return {
        "id": uuid4(),
        "project_id": project_id,
        "person": key,
        "source": "test",
        "licence": "",
        "picture_key": key,
        "sha256": key,
        "phash": key[:16],
        "prediction": None,
        "gold": gold,
        "priority": 0.0,
    }
