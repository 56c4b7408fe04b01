"""Look-ups of snapshots and of the pictures that labels from outside are of."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from skin.annotation.tables import Answer, Assignment, AssignmentState, FinalLabel, Item, Kind
from skin.datasets.record import Split
from skin.datasets.tables import DatasetLine, DatasetSnapshot
from skin.errors import Code, error

LINES = 1000  # read at once


def get_snapshot(session: Session, snapshot_id: UUID) -> DatasetSnapshot:
    snapshot = session.get(DatasetSnapshot, snapshot_id)
    if snapshot is None:
        raise error(Code.SNAPSHOT_NOT_FOUND)
    return snapshot


def list_snapshots(session: Session, project_id: UUID) -> list[DatasetSnapshot]:
    """The newest first."""
    query = select(DatasetSnapshot).where(DatasetSnapshot.project_id == project_id)
    return list(session.scalars(query.order_by(DatasetSnapshot.number.desc())))


def count_lines(session: Session, snapshot_id: UUID) -> int:
    query = select(func.count()).select_from(DatasetLine).where(DatasetLine.snapshot_id == snapshot_id)
    return session.scalar(query) or 0


def read_lines(session: Session, snapshot_id: UUID, after: int) -> Sequence[Row[int, str]]:
    """The next LINES lines with their positions."""
    query = select(DatasetLine.position, DatasetLine.line).where(
        DatasetLine.snapshot_id == snapshot_id, DatasetLine.position > after
    )
    return session.execute(query.order_by(DatasetLine.position).limit(LINES)).all()


def find_earlier_splits(session: Session, project_id: UUID) -> dict[str, Split]:
    """Where the project's latest snapshot put each person, by the name in the database."""
    latest = (
        select(DatasetSnapshot.id)
        .where(DatasetSnapshot.project_id == project_id)
        .order_by(DatasetSnapshot.number.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = (
        select(Item.person, DatasetLine.split)
        .distinct()
        .join(DatasetLine, DatasetLine.item_id == Item.id)
        .where(DatasetLine.snapshot_id == latest)
    )
    return {person: Split(split) for person, split in session.execute(query) if split}


def find_items(session: Session, project_id: UUID, ids: Collection[UUID], digests: Collection[str]) -> dict[str, UUID]:
    """The project's pictures by the ids and by the checksums given."""
    query = select(Item.id, Item.sha256).where(Item.project_id == project_id)
    rows = session.execute(query.where(Item.id.in_(ids) | Item.sha256.in_(digests)))
    found: dict[str, UUID] = {}
    for item_id, sha256 in rows:
        found |= {str(item_id): item_id, sha256: item_id}
    return found


def list_sources(session: Session, project_id: UUID, folder: str) -> dict[str, UUID]:
    """The project's pictures whose source is in this folder, by their whole source."""
    query = select(Item.source, Item.id).where(Item.project_id == project_id)
    rows = session.execute(query.where(Item.source.startswith(f"{folder}/", autoescape=True)))
    return {row.source: row.id for row in rows}


def list_annotators(session: Session, project_id: UUID) -> Iterator[UUID]:
    query = select(Assignment.annotator_id).where(Assignment.project_id == project_id)
    for annotator_id in session.scalars(query.distinct()):
        if annotator_id is not None:
            yield annotator_id


def list_tasks(
    session: Session, item_ids: Collection[UUID]
) -> Sequence[Row[UUID, UUID | None, Kind, AssignmentState, int, Any]]:
    """Every task of the pictures with the label that was given."""
    query = select(
        Assignment.item_id, Assignment.annotator_id, Assignment.kind, Assignment.state, Assignment.slot, Answer.label
    ).outerjoin(Answer, Answer.assignment_id == Assignment.id)
    return session.execute(query.where(Assignment.item_id.in_(item_ids))).all()


def lock_open_tasks(session: Session, item_ids: Collection[UUID]) -> Sequence[Assignment]:
    """Those of the pictures that nobody else holds, the first of each picture first."""
    query = select(Assignment).where(Assignment.item_id.in_(item_ids), Assignment.state == AssignmentState.OPEN)
    return session.scalars(query.order_by(Assignment.slot).with_for_update(skip_locked=True)).all()


def find_finals(session: Session, item_ids: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
    """The final labels of the pictures."""
    rows = session.execute(select(FinalLabel.item_id, FinalLabel.label).where(FinalLabel.item_id.in_(item_ids)))
    return {row.item_id: row.label for row in rows}
