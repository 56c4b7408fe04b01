"""Every label of a project as records, read picture by picture."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Text, cast, func, select
from sqlalchemy.orm import Session

from skin.annotation.tables import Answer, Assignment, FinalLabel, Item
from skin.datasets.record import LabelKind, Record, Split
from skin.datasets.splits import Picture
from skin.datasets.tables import EvaluationSource

ITEMS = 500  # read at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which labels, and the split of each person (by the name in the database); no splits leave it open."""

    kinds: Collection[LabelKind] = tuple(LabelKind)
    sources: Collection[str] | None = None
    splits: Mapping[str, Split] | None = None


def read_records(session: Session, project_id: UUID, choice: Choice) -> Iterator[Record]:
    """The labels, those of a picture after one another, by ids; held in memory are those of ITEMS pictures.

    The caller's transaction should be repeatable read, so that all is of one moment. Pictures come from a cursor on the
    server, their labels by index, so that nothing large is sorted.
    """
    evaluation = find_evaluation_sources(session)
    readers: dict[LabelKind, Callable[[Session, Sequence[UUID]], Iterable[Any]]] = {
        LabelKind.ANSWER: _read_answers,
        LabelKind.FINAL: _read_finals,
    }
    for items in _read_items(session, project_id, choice.sources):
        found: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
        ids = [item.id for item in items]
        for kind in LabelKind:
            if kind in choice.kinds and kind in readers:
                for row in readers[kind](session, ids):
                    found[row.item_id].append({"kind": kind} | _say(project_id, row))
        for item in items:
            picture = _describe(project_id, item, choice.splits, evaluation)
            known = [one for one in _known(item) if one["kind"] in choice.kinds]
            for label in (*found[item.id], *known):
                yield Record(**picture, **label)


def read_pictures(session: Session, project_id: UUID, sources: Collection[str] | None) -> list[Picture]:
    """What splitting needs of every picture: the adjudicated tone and type, else the answers' median and commonest."""
    evaluation = find_evaluation_sources(session)
    answered = (
        select(
            Assignment.item_id,
            func.percentile_cont(0.5).within_group(Answer.label["monk"].as_integer()).label("monk"),
            func.mode().within_group(Answer.label["skin_type"].as_string()).label("skin_type"),
        )
        .join(Assignment, Assignment.id == Answer.assignment_id)
        .where(Assignment.project_id == project_id)
        .group_by(Assignment.item_id)
        .subquery()
    )
    monk = func.coalesce(FinalLabel.label["monk"].as_integer(), answered.c.monk)
    kind = func.coalesce(FinalLabel.label["skin_type"].as_string(), answered.c.skin_type)
    query = (
        select(Item.id, Item.person, Item.phash, Item.source, monk.label("monk"), kind.label("skin_type"))
        .outerjoin(FinalLabel, FinalLabel.item_id == Item.id)
        .outerjoin(answered, answered.c.item_id == Item.id)
        .where(*_of(project_id, sources))
        .order_by(Item.id)
    )
    return [
        Picture(str(row.id), row.person, row.phash, row.monk, row.skin_type, first_folder(row.source) in evaluation)
        for row in session.execute(query)
    ]


def find_evaluation_sources(session: Session) -> set[str]:
    return set(session.scalars(select(EvaluationSource.source)))


def first_folder(source: str) -> str:
    """The set a picture is of: `london` of `london/neutral/001.jpg`."""
    return source.partition("/")[0]


@lru_cache(maxsize=10_000)
def pseudonym(project_id: UUID, person: str) -> str:
    """The same for a person throughout a project, and another in every other one."""
    return hashlib.sha256(f"{project_id} {person}".encode()).hexdigest()[:16]


def _of(project_id: UUID, sources: Collection[str] | None) -> list[Any]:
    chosen = [] if sources is None else [func.split_part(Item.source, "/", 1).in_(sources)]
    return [Item.project_id == project_id, *chosen]


def _read_items(session: Session, project_id: UUID, sources: Collection[str] | None) -> Iterator[Sequence[Any]]:
    query = select(
        *(Item.id, Item.sha256, Item.person, Item.source, Item.licence, Item.created_at),
        cast(Item.prediction, Text).label("prediction"),
        cast(Item.gold, Text).label("gold"),
    )
    chosen = query.where(*_of(project_id, sources)).order_by(Item.id)
    return session.execute(chosen, execution_options={"yield_per": ITEMS}).partitions()


def _read_answers(session: Session, item_ids: Sequence[UUID]) -> Iterable[Any]:
    query = (
        select(
            *(
                Assignment.item_id,
                cast(Answer.id, Text).label("id"),
                cast(Answer.label, Text).label("label"),
                Assignment.annotator_id,
            ),
            *(Assignment.kind.label("task"), Answer.mode, Answer.prediction_shown.is_not(None).label("shown")),
            *(Answer.seconds_spent, Answer.created_at),
        )
        .join(Answer, Answer.assignment_id == Assignment.id)
        .where(Assignment.item_id.in_(item_ids))
        .order_by(Answer.id)
    )
    return session.execute(query)


def _read_finals(session: Session, item_ids: Sequence[UUID]) -> Iterable[Any]:
    label = cast(FinalLabel.label, Text).label("label")
    query = select(FinalLabel.item_id, FinalLabel.id, label, FinalLabel.decided_by, FinalLabel.created_at)
    return session.execute(query.where(FinalLabel.item_id.in_(item_ids)))


def _say(project_id: UUID, row: Any) -> dict[str, Any]:
    """A label and who gave it, under a pseudonym."""
    told = row._asdict()
    person = told.get("annotator_id") or told.get("decided_by")
    is_answer = "task" in told
    return {
        "label_id": str(row.id),
        "annotator": pseudonym(project_id, str(person)) if person else None,
        "task": row.task.value if is_answer else None,
        "mode": row.mode.value if is_answer else None,
        "suggestion_shown": row.shown if is_answer else None,
        "seconds_spent": row.seconds_spent if is_answer else None,
        "created_at": row.created_at.isoformat(),
        "label": orjson.loads(row.label),
    }


def _known(item: Any) -> Iterator[dict[str, Any]]:
    """What was known of the picture before anybody here looked at it."""
    about = {"label_id": str(item.id), "created_at": item.created_at.isoformat()}
    if item.gold is not None:
        yield {"kind": LabelKind.GOLD, "label": orjson.loads(item.gold)} | about
    if item.prediction is not None:
        predicted = orjson.loads(item.prediction)
        yield {"kind": LabelKind.PREDICTION, "label": predicted["label"], "made_by": predicted["model"]} | about


def _describe(
    project_id: UUID, item: Any, splits: Mapping[str, Split] | None, evaluation: Collection[str]
) -> dict[str, Any]:
    return {
        "item_id": str(item.id),
        "picture": f"images/{item.id}.jpg",
        "sha256": item.sha256,
        "person": pseudonym(project_id, item.person),
        "source": first_folder(item.source),
        "licence": item.licence,
        "evaluation_only": first_folder(item.source) in evaluation,
        "split": splits[item.person] if splits else None,
    }
