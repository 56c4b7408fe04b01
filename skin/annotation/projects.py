"""Projects: their rules, their progress, and the log of what was done in them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from skin.accounts.tables import Role, User
from skin.annotation import audit, priority, queries, schemas
from skin.annotation.labels import SCHEMA_VERSION
from skin.annotation.permissions import require_admin, require_annotator
from skin.annotation.tables import AssignmentState, Order, Project
from skin.db.session import Sessions
from skin.errors import Code, error

AUDIT_LIMIT = 200

_ADD_SLOTS = text("""
    INSERT INTO annotation_assignments (id, project_id, item_id, slot, rank)
    SELECT gen_random_uuid(), item.project_id, item.id, wanted.slot, -item.priority
    FROM generate_series(0, CAST(:overlap AS int) - 1) AS wanted(slot), annotation_items AS item
    WHERE item.project_id = :project_id AND item.gold IS NULL
      AND NOT EXISTS (SELECT FROM annotation_assignments taken
                      WHERE taken.item_id = item.id AND taken.slot = wanted.slot
                        AND taken.kind = 'regular' AND taken.state <> 'skipped')
    ORDER BY wanted.slot, item.created_at, item.id
""")
_DROP_SLOTS = text("""
    DELETE FROM annotation_assignments
    WHERE project_id = :project_id AND kind = 'regular' AND state = 'open' AND slot >= :overlap
""")


class Projects:
    """Administrators make and change projects; annotators see the open ones without their hidden rules."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def create(self, user: User, request: schemas.ProjectRequest) -> schemas.ProjectResponse:
        require_admin(user)
        project = Project(**request.model_dump(), schema_version=SCHEMA_VERSION, created_by=user.id)
        with self._naming() as session:
            session.add(project)
            session.flush()
            audit.note(session, user.id, "create", project.id)
            session.refresh(project)
        return view_project(project, user)

    def change(self, user: User, project_id: UUID, changes: schemas.ProjectChanges) -> schemas.ProjectResponse:
        """Fewer answers wanted drops open tasks only; more adds tasks for every picture."""
        require_admin(user)
        new: dict[str, Any] = changes.model_dump(exclude_none=True)
        with self._naming() as session:
            project = queries.get_project(session, project_id, lock=True)
            for name, value in new.items():
                setattr(project, name, value)
            session.flush()
            if "overlap" in new:
                slots = {"project_id": project_id, "overlap": project.overlap}
                session.execute(_DROP_SLOTS, slots)
                session.execute(_ADD_SLOTS, slots)
            if "order" in new:
                priority.refresh_all(session, project)
            audit.note(session, user.id, "change", project_id, fields=sorted(new))
            session.refresh(project)
        return view_project(project, user)

    def list_visible(self, user: User) -> schemas.ProjectsResponse:
        require_annotator(user)
        with self._sessions.begin() as session:
            projects = queries.list_projects(session, also_closed=user.role is Role.ADMIN)
        return schemas.ProjectsResponse(projects=[view_project(one, user) for one in projects])

    def get(self, user: User, project_id: UUID) -> schemas.ProjectResponse:
        require_annotator(user)
        with self._sessions.begin() as session:
            return view_project(queries.get_project(session, project_id), user)

    def measure_progress(self, user: User, project_id: UUID) -> schemas.ProgressResponse:
        require_annotator(user)
        with self._sessions.begin() as session:
            queries.get_project(session, project_id)
            states = queries.count_regular(session, project_id)
            submitted, seconds = queries.measure_work(session, project_id, user.id)
            items = queries.count_items(session, project_id)
        skipped = states.pop(AssignmentState.SKIPPED, 0)
        return schemas.ProgressResponse(
            items=items,
            wanted=sum(states.values()),
            submitted=states.get(AssignmentState.SUBMITTED, 0),
            leased=states.get(AssignmentState.LEASED, 0),
            skipped=skipped,
            mine=schemas.MineResponse(submitted=submitted, seconds_median=seconds),
        )

    def list_annotators(self, user: User, project_id: UUID) -> schemas.AnnotatorsResponse:
        require_admin(user)
        with self._sessions.begin() as session:
            queries.get_project(session, project_id)
            rows = queries.measure_annotators(session, project_id)
        return schemas.AnnotatorsResponse(
            annotators=[
                schemas.AnnotatorProgress(
                    annotator_id=id_,
                    name=email or "Guest",
                    submitted=submitted,
                    skipped=skipped,
                    seconds_median=seconds,
                )
                for id_, email, submitted, skipped, seconds in rows
            ]
        )

    def refresh_orders(self) -> None:
        """For the chores: put informative projects in the order that all answers so far ask for."""
        with self._sessions.begin() as session:
            due = [
                one.id for one in queries.list_projects(session, also_closed=False) if one.order is Order.INFORMATIVE
            ]
        for project_id in due:
            with self._sessions.begin() as session:
                priority.refresh_all(session, queries.get_project(session, project_id))

    def list_audit(self, user: User, *, limit: int = 50, before: int | None = None) -> schemas.AuditResponse:
        require_admin(user)
        with self._sessions.begin() as session:
            entries = audit.list_entries(session, limit=max(1, min(limit, AUDIT_LIMIT)), before=before)
        return schemas.AuditResponse(entries=[schemas.AuditEntryResponse.model_validate(one) for one in entries])

    def note_role(self, user: User) -> None:
        """Put the person's role into the log; roles are given on the command line, by nobody who has an account."""
        with self._sessions.begin() as session:
            audit.note(session, None, "role", user.id, role=user.role.value)

    @contextmanager
    def _naming(self) -> Iterator[Session]:
        """A transaction in which a name that is taken comes out as Conflict."""
        try:
            with self._sessions.begin() as session:
                yield session
        except IntegrityError as clash:
            if "uq_annotation_projects_name" not in str(clash.orig):
                raise
            raise error(Code.PROJECT_NAME_TAKEN) from clash


def view_project(project: Project, user: User) -> schemas.ProjectResponse:
    """With the hidden rules for administrators only."""
    view = schemas.ProjectResponse.model_validate(project)
    rules = schemas.ProjectRules.model_validate(project) if user.role is Role.ADMIN else None
    return view.model_copy(update={"rules": rules})
