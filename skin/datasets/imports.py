"""Taking in labels that were made elsewhere: each becomes an answer of its rater, and nothing here is overwritten."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from skin.accounts.tables import User
from skin.annotation import audit
from skin.annotation.labels import Label
from skin.annotation.permissions import require_admin
from skin.annotation.queries import find_answer, get_project
from skin.annotation.tables import Answer, Assignment, AssignmentState, FinalLabel, Kind, Mode
from skin.datasets import queries
from skin.datasets.found import Found, Unreadable, read_json_lines
from skin.datasets.raters import Raters
from skin.datasets.record import LabelKind
from skin.datasets.schemas import ImportFormat, LabelsResponse, RefusedLabel
from skin.datasets.studio_reader import read_label_studio
from skin.db.session import Sessions

LABELS = 200  # in one transaction


class Imports:
    """For administrators; doing it again adds only what is missing."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def add_file(self, user: User, project_id: UUID, kind: ImportFormat, data: bytes) -> LabelsResponse:
        """The labels of a file of JSON Lines or of Label Studio."""
        found = read_label_studio(data) if kind is ImportFormat.LABEL_STUDIO else read_json_lines(data.splitlines())
        return self.add(user, project_id, found)

    def add(self, user: User, project_id: UUID, found: Iterable[Found | Unreadable]) -> LabelsResponse:
        """Every label becomes an answer or is told why not; the good ones stay whatever becomes of the others."""
        require_admin(user)
        with self._sessions.begin() as session:
            get_project(session, project_id)
        done = LabelsResponse()
        for batch in _batches(found):
            added = done.added
            with self._sessions.begin() as session:
                get_project(session, project_id, lock=True)  # since slots are counted
                _Intake(session, project_id, done).take(batch)
                audit.note(session, user.id, "import labels", project_id, added=done.added - added)
        return done


class _Intake:
    """One transaction's worth of labels; what becomes of each is counted in `done`."""

    def __init__(self, session: Session, project_id: UUID, done: LabelsResponse) -> None:
        self._session = session
        self._project_id = project_id
        self._raters = Raters(project_id)
        self._done = done

    def take(self, batch: Sequence[Found | Unreadable]) -> None:
        labels = [one for one in batch if isinstance(one, Found)]
        items = queries.find_items(
            self._session,
            self._project_id,
            ids=[item_id for one in labels if (item_id := _uuid(one.item_id))],
            digests=[one.sha256 for one in labels if one.sha256],
        )
        for one in batch:
            if isinstance(one, Unreadable):
                why: str | None = one.why
            else:
                item_id = items.get(one.item_id or "") or items.get(one.sha256 or "")
                why = self._take_one(one, item_id) if item_id else "this picture is not in the project: import it first"
            if why:
                self._done.refused.append(RefusedLabel(where=one.where, why=why))

    def _take_one(self, one: Found, item_id: UUID) -> str | None:
        """Keep it and count it; why not, when it cannot be kept."""
        if one.kind is LabelKind.FINAL:
            before = self._keep_final(item_id, one.label)
        elif one.kind is LabelKind.ANSWER:
            rater_id = self._raters.find(self._session, one.annotator)
            task = queries.find_task(self._session, item_id, rater_id, _kind(one))
            if task is not None and task.state is not AssignmentState.SUBMITTED:
                return f"this rater's task of the picture is {task.state.value}: it was left alone"
            before = self._keep_answer(item_id, rater_id, one, task)
        else:
            self._done.left += 1
            return None
        if before is None:
            self._done.added += 1
        elif Label.model_validate(before) == one.label:
            self._done.known += 1
        else:
            return "there is another label of this rater already: it was kept"
        return None

    def _keep_final(self, item_id: UUID, label: Label) -> dict[str, Any] | None:
        """The final label there is already, else None once this one is kept."""
        final = queries.find_final(self._session, item_id)
        if final is not None:
            return final.label
        said = label.model_dump(mode="json")
        self._session.add(FinalLabel(item_id=item_id, label=said, provenance={"imported": True}))
        self._session.flush()
        return None

    def _keep_answer(self, item_id: UUID, rater_id: UUID, one: Found, task: Assignment | None) -> dict[str, Any] | None:
        """The label of the rater's answer there is already, else None once this one is kept.

        It fills an open task of the picture, or a slot of its own when none is open.
        """
        session = self._session
        if task is not None:
            answer = find_answer(session, task.id)
            return answer.label if answer else {}
        kind, mode = _kind(one), Mode.ASSISTED if one.mode == Mode.ASSISTED else Mode.BLIND
        filled = queries.find_open_task(session, item_id) if kind is Kind.REGULAR else None
        if filled is None:
            slot = queries.find_free_slot(session, item_id)
            filled = Assignment(project_id=self._project_id, item_id=item_id, slot=slot, kind=kind)
            session.add(filled)
        when = _when(one.created_at)
        filled.state, filled.annotator_id, filled.mode = AssignmentState.SUBMITTED, rater_id, mode
        filled.started_at = filled.finished_at = when
        session.flush()
        label, seconds = one.label.model_dump(mode="json"), max(0.0, one.seconds_spent)
        session.add(Answer(assignment_id=filled.id, label=label, mode=mode, seconds_spent=seconds, created_at=when))
        session.flush()
        return None


def _kind(one: Found) -> Kind:
    return Kind(one.task) if one.task in set(Kind) else Kind.REGULAR


def _batches(found: Iterable[Found | Unreadable]) -> Iterator[list[Found | Unreadable]]:
    waiting = iter(found)
    while batch := list(islice(waiting, LABELS)):
        yield batch


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def _when(text: str | None) -> datetime:
    try:
        read = datetime.fromisoformat(text) if text else datetime.now(UTC)
    except ValueError:
        read = datetime.now(UTC)
    return read if read.tzinfo else read.replace(tzinfo=UTC)
