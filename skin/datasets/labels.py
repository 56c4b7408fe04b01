"""Every label of a project as records, read picture by picture."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ARRAY, Text, any_, cast, func, null, select
from sqlalchemy import Uuid as PlainUuid
from sqlalchemy.orm import Session

from skin.annotation.tables import Answer, Assignment, FinalLabel, Item, Kind
from skin.datasets.consensus import Consensus, bring_up_to_date
from skin.datasets.record import SAID, LabelKind, Record, Split
from skin.datasets.splits import Picture
from skin.datasets.tables import EvaluationSource

ITEMS = 500  # read at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which labels, and the split of each person (by the name in the database); no splits leave it open.

    `consensus` is one that was found ahead; another is found when answers have changed since.
    """

    kinds: Collection[LabelKind] = SAID
    sources: Collection[str] | None = None
    splits: Mapping[str, Split] | None = None
    consensus: Consensus | None = None


def read_records(session: Session, project_id: UUID, choice: Choice) -> Iterator[Record]:
    """The labels, those of a picture after one another, by ids; held in memory are those of ITEMS pictures.

    The caller's transaction should be repeatable read, so that all is of one moment. Pictures come from a cursor on the
    server, their labels by index, so that nothing large is sorted.
    """
    evaluation = find_evaluation_sources(session)
    wanted, consensus = set(choice.kinds), None
    if LabelKind.CONSENSUS in wanted:
        consensus = bring_up_to_date(session, project_id, choice.consensus)
    needed = wanted | {LabelKind.ANSWER} if consensus else wanted
    for items in _read_items(session, project_id, choice.sources):
        found: dict[str, list[tuple[LabelKind, Sequence[Any]]]] = defaultdict(list)
        ids = [item.id for item in items]
        for kind, reader in _READERS.items():
            for row in reader(session, ids) if kind in needed else ():
                found[row[0]].append((kind, row))
        for item in items:
            picture = _describe(project_id, item, choice.splits, evaluation)
            said = found.pop(item.id, [])
            for kind, row in said:
                if kind in wanted:
                    yield Record(kind=kind, **picture, **_say(project_id, row))
            for label in consensus.list_labels(item.id, _list_judged(said)) if consensus else ():
                yield Record(**picture, **label)
            for label in _known(item):
                if label["kind"] in wanted:
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
        *(cast(Item.id, Text).label("id"), Item.sha256, Item.person, Item.source, Item.licence, _tell(Item.created_at)),
        cast(Item.prediction, Text).label("prediction"),
        cast(Item.gold, Text).label("gold"),
    )
    chosen = query.where(*_of(project_id, sources)).order_by(Item.id)
    return session.execute(chosen, execution_options={"yield_per": ITEMS}).partitions()


def _read_answers(session: Session, item_ids: Sequence[str]) -> Iterable[Sequence[Any]]:
    """Plain rows, as `_say` takes them apart: looking their fields up by name takes longer than reading them."""
    query = (
        select(
            cast(Assignment.item_id, Text).label("item_id"),
            cast(Answer.id, Text).label("id"),
            cast(Answer.label, Text).label("label"),
            cast(Assignment.annotator_id, Text).label("annotator"),
            cast(Assignment.kind, Text).label("task"),
            cast(Answer.mode, Text).label("mode"),
            Answer.prediction_shown.is_not(None).label("shown"),
            Answer.seconds_spent,
            _tell(Answer.created_at),
            null().label("sources"),
        )
        .join(Answer, Answer.assignment_id == Assignment.id)
        .where(Assignment.item_id == any_(_list_ids(item_ids)))
        .order_by(Answer.id)
    )
    return session.connection().execute(query)


def _read_finals(session: Session, item_ids: Sequence[str]) -> Iterable[Sequence[Any]]:
    """In the columns of answers."""
    query = select(
        cast(FinalLabel.item_id, Text).label("item_id"),
        cast(FinalLabel.id, Text).label("id"),
        cast(FinalLabel.label, Text).label("label"),
        cast(FinalLabel.decided_by, Text).label("annotator"),
        *(null().label(name) for name in ("task", "mode", "shown", "seconds_spent")),
        _tell(FinalLabel.created_at),
        cast(FinalLabel.provenance["sources"], Text).label("sources"),
    )
    return session.connection().execute(query.where(FinalLabel.item_id == any_(_list_ids(item_ids))))


_READERS = {LabelKind.ANSWER: _read_answers, LabelKind.FINAL: _read_finals}


def _list_ids(item_ids: Sequence[str]) -> Any:
    """One value to the statement, so that it is put together once."""
    return cast(list(item_ids), ARRAY(PlainUuid(as_uuid=False)))


def _list_judged(said: Iterable[tuple[LabelKind, Sequence[Any]]]) -> list[dict[str, Any]]:
    """The labels a consensus is made of: regular answers whose annotators are known."""
    answers = (row for kind, row in said if kind is LabelKind.ANSWER)
    return [orjson.loads(label) for _, _, label, annotator, task, *_ in answers if annotator and task == Kind.REGULAR]


def _say(project_id: UUID, row: Sequence[Any]) -> dict[str, Any]:
    """A label and who gave it, under a pseudonym; it is parsed only now, so that few parsed ones wait."""
    _, label_id, label, annotator, task, mode, shown, seconds_spent, created_at, sources = row
    return {
        "label_id": label_id,
        "annotator": pseudonym(project_id, annotator) if annotator else None,
        "task": task,
        "mode": mode,
        "suggestion_shown": shown,
        "seconds_spent": seconds_spent,
        "created_at": _cut(created_at),
        "sources": orjson.loads(sources) if sources else None,
        "label": orjson.loads(label),
    }


def _tell(moment: Any) -> Any:
    """As text in UTC, wherever the database thinks it is; written there, because Python takes three times as long."""
    return func.to_char(func.timezone("UTC", moment), 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"').label("created_at")


def _cut(moment: str) -> str:
    """Without a fraction of no microseconds, as `isoformat` writes it."""
    return moment.replace(".000000", "")


def _known(item: Any) -> Iterator[dict[str, Any]]:
    """What was known of the picture before anybody here looked at it."""
    about = {"label_id": item.id, "created_at": _cut(item.created_at)}
    if item.gold is not None:
        yield {"kind": LabelKind.GOLD, "label": orjson.loads(item.gold)} | about
    if item.prediction is not None:
        predicted = orjson.loads(item.prediction)
        yield {"kind": LabelKind.PREDICTION, "label": predicted["label"], "made_by": predicted["model"]} | about


def _describe(
    project_id: UUID, item: Any, splits: Mapping[str, Split] | None, evaluation: Collection[str]
) -> dict[str, Any]:
    source = first_folder(item.source)
    return {
        "item_id": item.id,
        "picture": f"images/{item.id}.jpg",
        "sha256": item.sha256,
        "person": pseudonym(project_id, item.person),
        "source": source,
        "licence": item.licence,
        "evaluation_only": source in evaluation,
        "split": splits[item.person] if splits else None,
    }
