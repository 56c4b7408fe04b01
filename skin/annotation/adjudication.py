"""Disagreements, the largest first, and the final label somebody decides on after seeing the answers side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from skin.accounts.tables import User
from skin.annotation import audit
from skin.annotation.coefficients import ABSENT, Values
from skin.annotation.labels import Label, list_fields, read_field
from skin.annotation.ledger import Ledger
from skin.annotation.permissions import require_admin
from skin.annotation.queries import get_item
from skin.annotation.ratings import FIELDS, Ratings, is_ordinal, scale_of, value_at
from skin.annotation.tables import Answer, Assignment, AssignmentState, FinalLabel, Item, Kind, Mode
from skin.db.session import Sessions
from skin.errors import Code, error

DISAGREEMENT_LIMIT = 500
NOMINAL_SHARE = 0.5  # of a scale: as large as the middle of an ordinal one
FORMER = "Former annotator"


@dataclass(frozen=True, slots=True)
class Difference:
    """`steps` between the lowest and the highest answer; None for the skin type, which has no order."""

    field: str
    steps: int | None
    values: tuple[int | str, ...]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """`size` is the largest difference, in shares of its scale."""

    item_id: UUID
    size: float
    answers: int
    fields: tuple[Difference, ...]
    is_decided: bool


@dataclass(frozen=True, slots=True)
class DisagreementsResponse:
    """`open` and `decided` count the pictures with a disagreement of this size."""

    open: int
    decided: int
    items: tuple[Disagreement, ...]


@dataclass(frozen=True, slots=True)
class AnonymousAnswer:
    """An answer under its annotator's stable pseudonym."""

    answer_id: UUID
    annotator: str
    mode: Mode
    label: Label


@dataclass(frozen=True, slots=True)
class FinalDecision:
    """`sources` names, for each part of the label, the answers that say the same; none where it is the decider's.

    Of a final label that was imported they are not known.
    """

    label: Label
    sources: dict[str, tuple[UUID, ...]]
    decided_at: datetime
    earlier: int


@dataclass(frozen=True, slots=True)
class AnswersResponse:
    item_id: UUID
    project_id: UUID
    picture_url: str
    answers: tuple[AnonymousAnswer, ...]
    fields: tuple[Difference, ...]
    final: FinalDecision | None


class Adjudication:
    """For administrators; nobody is told who gave which answer."""

    def __init__(self, sessions: Sessions, ledger: Ledger) -> None:
        self._sessions = sessions
        self._ledger = ledger

    def list_disagreements(
        self, user: User, project_id: UUID, *, steps: int = 1, decided: bool = False, limit: int = 100
    ) -> DisagreementsResponse:
        """The largest first; ordinal fields count from `steps` steps on, the skin type whenever it differs."""
        require_admin(user)
        ratings = self._ledger.read(project_id)
        with self._sessions.begin() as session:
            query = select(FinalLabel.item_id).join(Item).where(Item.project_id == project_id)
            final = set(session.scalars(query))
        table = ratings.tabulate()
        sizes = _measure_differences(table, steps)
        rows = np.flatnonzero(sizes.max(axis=1, initial=0) > 0)
        rows = rows[np.lexsort((-sizes[rows].sum(axis=1), -sizes[rows].max(axis=1, initial=0)))]
        is_decided = np.array([ratings.items[row] in final for row in rows], dtype=bool)
        return DisagreementsResponse(
            open=int((~is_decided).sum()),
            decided=int(is_decided.sum()),
            items=tuple(
                Disagreement(
                    ratings.items[row],
                    round(float(sizes[row].max()), 4),
                    int((table[row] != ABSENT).any(axis=1).sum()),
                    _list_differences(table[row], sizes[row] > 0),
                    is_decided=decided,
                )
                for row in rows[is_decided == decided][:limit]
            ),
        )

    def get_answers(self, user: User, item_id: UUID) -> AnswersResponse:
        require_admin(user)
        with self._sessions.begin() as session:
            item = get_item(session, item_id)
            rows = _load_answers(session, item_id)
            final = session.scalar(select(FinalLabel).where(FinalLabel.item_id == item_id))
        ratings = self._ledger.read(item.project_id)
        names: dict[UUID | None, str] = {
            person: f"Annotator {number}" for number, person in enumerate(ratings.annotators, start=1)
        }
        return AnswersResponse(
            item_id,
            item.project_id,
            f"/api/annotation/items/{item_id}/picture",
            answers=tuple(
                AnonymousAnswer(answer.id, names.get(who, FORMER), answer.mode, Label.model_validate(answer.label))
                for answer, who in rows
            ),
            fields=_compare(ratings, item_id),
            final=_view(final) if final else None,
        )

    def decide(self, user: User, item_id: UUID, label: Label) -> FinalDecision:
        """Keep the final label; the one before stays in its provenance."""
        require_admin(user)
        if not label.is_complete():
            raise error(Code.LABEL_INCOMPLETE)
        with self._sessions.begin() as session:
            _lock(session, item_id)
            answers = {answer.id: Label.model_validate(answer.label) for answer, _ in _load_answers(session, item_id)}
            final = session.scalar(select(FinalLabel).where(FinalLabel.item_id == item_id))
            earlier = [*final.provenance.get("earlier", []), _remember(final)] if final else []
            final = final or FinalLabel(item_id=item_id)
            final.label = label.model_dump(mode="json")
            final.provenance = {
                "answers": [str(one) for one in answers],
                "sources": _find_sources(label, answers),
                "earlier": earlier,
            }
            final.decided_by = user.id
            session.add(final)
            own = sorted(part for part, found in final.provenance["sources"].items() if not found)
            audit.note(session, user.id, "adjudicate", item_id, own_fields=own, earlier=len(earlier))
            session.flush()
            session.refresh(final)
            return _view(final)

    def undo(self, user: User, item_id: UUID) -> None:
        """Take back the latest decision; the one before holds again, if there is one."""
        require_admin(user)
        with self._sessions.begin() as session:
            _lock(session, item_id)
            final = session.scalar(select(FinalLabel).where(FinalLabel.item_id == item_id))
            if final is None:
                return
            audit.note(session, user.id, "undo_adjudication", item_id)
            earlier = final.provenance.get("earlier", [])
            if not earlier:
                session.delete(final)
                return
            final.label = earlier[-1]["label"]
            final.provenance = earlier[-1]["provenance"] | {"earlier": earlier[:-1]}
            final.decided_by = UUID(earlier[-1]["decided_by"]) if earlier[-1]["decided_by"] else None


def _measure_differences(table: Values, steps: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Items x fields: highest less lowest answer in shares of the scale, 0 where it is less than `steps`."""
    present = table != ABSENT
    lowest = np.where(present, table, 127).min(axis=1, initial=127)
    highest = np.where(present, table, ABSENT).max(axis=1, initial=ABSENT)
    apart = np.where(present.any(axis=1), highest - lowest, 0)
    last = np.array([len(scale_of(field)) - 1 for field in FIELDS])
    ordinal = np.array([is_ordinal(field) for field in FIELDS])
    return np.where(ordinal, np.where(apart >= steps, apart / last, 0), (apart > 0) * NOMINAL_SHARE)


def _list_differences(answers: Values, chosen: Sequence[bool]) -> tuple[Difference, ...]:
    """Of one picture's answers (raters x fields)."""
    found = []
    for place in np.flatnonzero(chosen):
        values = sorted({int(one) for one in answers[:, place] if one != ABSENT})
        named = tuple(value for one in values if (value := value_at(FIELDS[place], one)) is not None)
        steps = values[-1] - values[0] if is_ordinal(FIELDS[place]) else None
        found.append(Difference(FIELDS[place], steps, named))
    return tuple(found)


def _compare(ratings: Ratings, item_id: UUID) -> tuple[Difference, ...]:
    if item_id not in ratings.items:
        return ()
    rows = (ratings.item == ratings.items.index(item_id)) & (ratings.kind == Kind.REGULAR.value)
    answers = ratings.values[rows]
    return _list_differences(answers, _measure_differences(answers[None], 1)[0] > 0)


def _load_answers(session: Session, item_id: UUID) -> list[tuple[Answer, UUID | None]]:
    """Regular answers, the earliest first."""
    query = (
        select(Answer, Assignment.annotator_id)
        .join(Assignment, Assignment.id == Answer.assignment_id)
        .where(
            Assignment.item_id == item_id,
            Assignment.kind == Kind.REGULAR,
            Assignment.state == AssignmentState.SUBMITTED,
        )
        .order_by(Assignment.finished_at, Assignment.id)
    )
    return [(answer, who) for answer, who in session.execute(query)]


def _lock(session: Session, item_id: UUID) -> None:
    if session.get(Item, item_id, with_for_update=True) is None:
        raise error(Code.ITEM_NOT_FOUND)


def _find_sources(label: Label, answers: dict[UUID, Label]) -> dict[str, list[str]]:
    parts = _split(label)
    split = {answer_id: _split(answer) for answer_id, answer in answers.items()}
    return {
        name: [str(answer_id) for answer_id, theirs in split.items() if theirs[name] == value]
        for name, value in parts.items()
    }


def _split(label: Label) -> dict[str, Any]:
    fields: dict[str, Any] = {field: read_field(label, field) for field in list_fields()}
    zones = {concern: frozenset(one.zones) for concern, one in label.concerns.items() if one.zones}
    return fields | {"zones": zones, "regions": label.regions, "quality_flags": frozenset(label.quality_flags)}


def _remember(final: FinalLabel) -> dict[str, Any]:
    return {
        "label": final.label,
        "provenance": {name: value for name, value in final.provenance.items() if name != "earlier"},
        "decided_by": str(final.decided_by) if final.decided_by else None,
        "decided_at": final.updated_at.isoformat(),
    }


def _view(final: FinalLabel) -> FinalDecision:
    return FinalDecision(
        Label.model_validate(final.label),
        {part: tuple(UUID(one) for one in found) for part, found in final.provenance.get("sources", {}).items()},
        final.updated_at,
        earlier=len(final.provenance.get("earlier", [])),
    )
