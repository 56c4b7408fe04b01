"""Look-ups of snapshots and of the pictures that labels from outside are of."""

from collections.abc import Collection, Iterator, Sequence
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from skin.annotation.tables import Assignment, AssignmentState, FinalLabel, Item, Kind
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


def find_task(session: Session, item_id: UUID, annotator_id: UUID, kind: Kind) -> Assignment | None:
    query = select(Assignment).where(Assignment.item_id == item_id, Assignment.annotator_id == annotator_id)
    return session.scalar(query.where(Assignment.kind == kind))


def find_open_task(session: Session, item_id: UUID) -> Assignment | None:
    """The first open one of the picture, locked."""
    query = select(Assignment).where(Assignment.item_id == item_id, Assignment.state == AssignmentState.OPEN)
    return session.scalar(query.order_by(Assignment.slot).limit(1).with_for_update(skip_locked=True))


def find_free_slot(session: Session, item_id: UUID) -> int:
    query = select(func.coalesce(func.max(Assignment.slot), -1) + 1).where(Assignment.item_id == item_id)
    return session.scalars(query).one()


def find_final(session: Session, item_id: UUID) -> FinalLabel | None:
    return session.scalar(select(FinalLabel).where(FinalLabel.item_id == item_id))
