"""Taking in labels that were made elsewhere: each becomes an answer of its rater, and nothing here is overwritten."""

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from skin.accounts.tables import User
from skin.annotation import audit
from skin.annotation.labels import Label
from skin.annotation.permissions import require_admin
from skin.annotation.queries import get_project
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
        done, raters = LabelsResponse(), Raters(project_id)
        for batch in _batches(found):
            added = done.added
            with self._sessions.begin() as session:
                get_project(session, project_id, lock=True)  # since slots are counted
                _Intake(session, project_id, raters, done).take(batch)
                audit.note(session, user.id, "import labels", project_id, added=done.added - added)
        return done


class _Intake:
    """One transaction's worth of labels; what becomes of each is counted in `done`."""

    def __init__(self, session: Session, project_id: UUID, raters: Raters, done: LabelsResponse) -> None:
        self._session = session
        self._project_id = project_id
        self._raters = raters
        self._done = done

    def take(self, batch: Sequence[Found | Unreadable]) -> None:
        labels = [one for one in batch if isinstance(one, Found)]
        items = queries.find_items(
            self._session,
            self._project_id,
            ids=[item_id for one in labels if (item_id := _uuid(one.item_id))],
            digests=[one.sha256 for one in labels if one.sha256],
        )
        desk = _Desk(self._session, self._project_id, set(items.values()))
        for one in batch:
            if isinstance(one, Unreadable):
                why: str | None = one.why
            else:
                item_id = items.get(one.item_id or "") or items.get(one.sha256 or "")
                why = (
                    self._take_one(desk, one, item_id)
                    if item_id
                    else "this picture is not in the project: import it first"
                )
            if why:
                self._done.refused.append(RefusedLabel(where=one.where, why=why))

    def _take_one(self, desk: "_Desk", one: Found, item_id: UUID) -> str | None:
        """Keep it and count it; why not, when it cannot be kept."""
        if one.kind is LabelKind.FINAL:
            before = desk.keep_final(item_id, one.label)
        elif one.kind is LabelKind.ANSWER:
            rater_id = self._raters.find(self._session, one.annotator)
            state = desk.find_state(item_id, rater_id, _kind(one))
            if state not in (None, AssignmentState.SUBMITTED):
                return f"this rater's task of the picture is {state.value}: it was left alone"
            before = desk.keep_answer(item_id, rater_id, one)
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


class _Desk:
    """The tasks and labels of some pictures, read at once and kept up while labels are added."""

    def __init__(self, session: Session, project_id: UUID, item_ids: Collection[UUID]) -> None:
        self._session = session
        self._project_id = project_id
        self._given: dict[tuple[UUID, UUID | None, Kind], tuple[AssignmentState, dict[str, Any]]] = {}
        self._slots = dict.fromkeys(item_ids, 0)
        for item_id, annotator_id, kind, state, slot, label in queries.list_tasks(session, item_ids):
            self._given[item_id, annotator_id, kind] = (state, label or {})
            self._slots[item_id] = max(self._slots[item_id], slot + 1)
        self._open = defaultdict[UUID, deque[Assignment]](deque)
        for task in queries.lock_open_tasks(session, item_ids):
            self._open[task.item_id].append(task)
        self._finals = queries.find_finals(session, item_ids)

    def find_state(self, item_id: UUID, rater_id: UUID, kind: Kind) -> AssignmentState | None:
        """Of the rater's task of the picture, if there is one."""
        found = self._given.get((item_id, rater_id, kind))
        return found[0] if found else None

    def keep_final(self, item_id: UUID, label: Label) -> dict[str, Any] | None:
        """The final label there is already, else None once this one is kept."""
        if item_id in self._finals:
            return self._finals[item_id]
        said = self._finals[item_id] = label.model_dump(mode="json")
        self._session.add(FinalLabel(item_id=item_id, label=said, provenance={"imported": True}))
        return None

    def keep_answer(self, item_id: UUID, rater_id: UUID, one: Found) -> dict[str, Any] | None:
        """The label of the rater's answer there is already, else None once this one is kept.

        It fills an open task of the picture, or a slot of its own when none is open.
        """
        kind, mode = _kind(one), Mode.ASSISTED if one.mode == Mode.ASSISTED else Mode.BLIND
        found = self._given.get((item_id, rater_id, kind))
        if found is not None:
            return found[1]
        filled = self._open[item_id].popleft() if kind is Kind.REGULAR and self._open[item_id] else None
        if filled is None:
            slot = self._slots[item_id]
            self._slots[item_id] += 1
            filled = Assignment(id=uuid4(), project_id=self._project_id, item_id=item_id, slot=slot, kind=kind)
            self._session.add(filled)
        when = _when(one.created_at)
        filled.state, filled.annotator_id, filled.mode = AssignmentState.SUBMITTED, rater_id, mode
        filled.started_at = filled.finished_at = when
        said, seconds = one.label.model_dump(mode="json"), max(0.0, one.seconds_spent)
        self._session.add(
            Answer(assignment_id=filled.id, label=said, mode=mode, seconds_spent=seconds, created_at=when)
        )
        self._given[item_id, rater_id, kind] = (AssignmentState.SUBMITTED, said)
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
