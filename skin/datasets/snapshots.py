"""Numbered snapshots: a project's labels as they were on a day, split by person, with a checksum."""

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import TypeVar
from uuid import UUID

import orjson
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from skin.accounts.tables import User
from skin.annotation import audit
from skin.annotation.permissions import require_admin
from skin.annotation.queries import get_project
from skin.annotation.tables import Item
from skin.datasets import queries, schemas
from skin.datasets.consensus import Consensus, find_ahead
from skin.datasets.duplicates import find_near_duplicates
from skin.datasets.formats import Export, Format, export
from skin.datasets.labels import Choice, read_pictures, read_records
from skin.datasets.record import SAID, LabelKind, Record, batches, restore, write_line
from skin.datasets.splits import Picture, assign_splits
from skin.datasets.tables import DatasetLine, DatasetSnapshot
from skin.db.session import Sessions
from skin.scans.store import FACE, PictureStore

ATTEMPTS = 3
DUPLICATES_LIMIT = 1000

T = TypeVar("T")


class Snapshots:
    """For administrators; what leaves the house is noted."""

    def __init__(self, sessions: Sessions, store: PictureStore) -> None:
        self._sessions = sessions
        self._store = store

    def create(
        self, user: User, project_id: UUID, request: schemas.SnapshotRequest | None = None
    ) -> schemas.SnapshotResponse:
        """Copy the labels as they are now; later corrections change the project and not the snapshot."""
        require_admin(user)
        wanted = request or schemas.SnapshotRequest()
        consensus = self._find_consensus(project_id, wanted.kinds)

        def work(session: Session) -> DatasetSnapshot:
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            get_project(session, project_id)
            snapshot = _take(session, project_id, wanted, consensus)
            snapshot.created_by = user.id
            audit.note(session, user.id, "snapshot", project_id, number=snapshot.number, lines=snapshot.lines)
            session.flush()
            session.refresh(snapshot)
            return snapshot

        return _view(self._retrying(work))

    def list_all(self, user: User, project_id: UUID) -> schemas.SnapshotsResponse:
        """The manifests, the newest first, as erasure has left them."""
        require_admin(user)
        with self._sessions.begin() as session:
            get_project(session, project_id)
            snapshots = queries.list_snapshots(session, project_id)
            for snapshot in snapshots:
                _count_again(session, snapshot)
        return schemas.SnapshotsResponse(snapshots=[_view(one) for one in snapshots])

    def export(self, user: User, snapshot_id: UUID, kind: Format) -> Export:
        """The snapshot in a format; it is read page by page, so that a slow reader holds no transaction."""
        require_admin(user)
        with self._sessions.begin() as session:
            snapshot = queries.get_snapshot(session, snapshot_id)
            title = f"{get_project(session, snapshot.project_id).name} {snapshot.number}"
            audit.note(session, user.id, "export", snapshot.project_id, number=snapshot.number, format=kind.value)
        lines = self._read_lines(snapshot_id)
        made = export(kind, map(restore, lines), self.load_picture, title=title)
        return replace(made, pieces=_join(lines)) if kind is Format.JSON_LINES else made

    def export_now(self, user: User, project_id: UUID, kind: Format, kinds: Collection[LabelKind] = SAID) -> Export:
        """The project's labels as they are, unsplit and without a number; for commands, which read at once."""
        require_admin(user)
        with self._sessions.begin() as session:
            title = get_project(session, project_id).name
            audit.note(session, user.id, "export", project_id, format=kind.value)
        choice = Choice(kinds=kinds, consensus=self._find_consensus(project_id, kinds))
        return export(kind, self._read_now(project_id, choice), self.load_picture, title=title)

    def find_near_duplicates(
        self, user: User, project_id: UUID, within_bits: int = schemas.NEAR_BITS
    ) -> schemas.NearDuplicatesResponse:
        """The first DUPLICATES_LIMIT pairs of pictures that are nearly the same."""
        require_admin(user)
        with self._sessions.begin() as session:
            get_project(session, project_id)
            pictures = read_pictures(session, project_id, None)
        found = find_near_duplicates([one.phash for one in pictures], within_bits)
        pairs = [_pair(pictures[one], pictures[other], bits) for one, other, bits in islice(found, DUPLICATES_LIMIT)]
        return schemas.NearDuplicatesResponse(pairs=pairs, cut_off=next(found, None) is not None)

    def load_picture(self, item_id: str) -> bytes | None:
        with self._sessions.begin() as session:
            item = session.get(Item, UUID(item_id))
        return self._store.load(item.picture_key, FACE) if item else None

    def _read_lines(self, snapshot_id: UUID) -> Iterator[str]:
        after = -1
        while True:
            with self._sessions.begin() as session:
                rows = queries.read_lines(session, snapshot_id, after)
            if not rows:
                return
            yield from (row.line for row in rows)
            after = rows[-1].position

    def _find_consensus(self, project_id: UUID, kinds: Collection[LabelKind]) -> Consensus | None:
        return find_ahead(self._sessions, project_id) if LabelKind.CONSENSUS in kinds else None

    def _read_now(self, project_id: UUID, choice: Choice) -> Iterator[Record]:
        with self._sessions.begin() as session:
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            yield from read_records(session, project_id, choice)

    def _retrying(self, work: Callable[[Session], T]) -> T:
        """Anew when somebody was erased, or another snapshot made, in the middle of it."""
        for attempt in range(ATTEMPTS):
            try:
                with self._sessions.begin() as session:
                    return work(session)
            except (IntegrityError, OperationalError):
                if attempt == ATTEMPTS - 1:
                    raise
        raise AssertionError("unreachable")


def _join(lines: Iterator[str]) -> Iterator[bytes]:
    """As they were stored, since the checksum is of these bytes; a line of an older version has fewer fields."""
    for batch in batches(lines):
        yield "".join(f"{line}\n" for line in batch).encode()


def _take(
    session: Session, project_id: UUID, wanted: schemas.SnapshotRequest, consensus: Consensus | None
) -> DatasetSnapshot:
    pictures = read_pictures(session, project_id, wanted.sources)
    alike = _find_alike(pictures, wanted.near_bits)
    earlier = queries.find_earlier_splits(session, project_id)
    splits = assign_splits(pictures, wanted.shares, seed=wanted.seed, alike=alike, earlier=earlier)
    latest = select(func.coalesce(func.max(DatasetSnapshot.number), 0)).where(DatasetSnapshot.project_id == project_id)
    snapshot = DatasetSnapshot(
        project_id=project_id,
        number=session.scalars(latest).one() + 1,
        request=wanted.model_dump(mode="json"),
        counts={},
        lines=0,
        lines_left=0,
        sha256="",
        sha256_left="",
    )
    session.add(snapshot)
    session.flush()
    choice = Choice(kinds=wanted.kinds, sources=wanted.sources, splits=splits, consensus=consensus)
    kinds, digest = _store_lines(session, snapshot.id, read_records(session, project_id, choice))
    snapshot.lines = snapshot.lines_left = kinds.total()
    snapshot.sha256 = snapshot.sha256_left = digest
    snapshot.counts = schemas.SnapshotCounts(
        kinds=kinds,
        people=Counter(splits.values()),
        pictures=Counter(splits[picture.person] for picture in pictures),
        alike=len(alike),
    ).model_dump(mode="json")
    return snapshot


def _store_lines(session: Session, snapshot_id: UUID, records: Iterable[Record]) -> tuple[Counter[str], str]:
    """How many labels of each kind there were, and the checksum of all lines."""
    digest, kinds = hashlib.sha256(), Counter[str]()
    for batch in batches(records):
        rows = []
        for record in batch:
            line = write_line(record)
            digest.update(line)
            rows.append(
                {
                    "snapshot_id": snapshot_id,
                    "position": kinds.total(),
                    "item_id": UUID(record.item_id),
                    "split": record.split,
                    "label_sha256": hash_label(record),
                    "line": line.decode().removesuffix("\n"),
                }
            )
            kinds[record.kind.value] += 1
        session.execute(insert(DatasetLine), rows)
    return kinds, digest.hexdigest()


def hash_label(record: Record) -> str:
    """Of the label alone, in canonical JSON: whether a label changed from one snapshot to the next."""
    return hashlib.sha256(orjson.dumps(record.label, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _find_alike(pictures: list[Picture], within_bits: int) -> set[tuple[str, str]]:
    """Pairs of people with near-duplicate pictures."""
    pairs = set[tuple[str, str]]()
    for one, other, _ in find_near_duplicates([picture.phash for picture in pictures], within_bits):
        first, second = sorted((pictures[one].person, pictures[other].person))
        if first != second:
            pairs.add((first, second))
    return pairs


def _count_again(session: Session, snapshot: DatasetSnapshot) -> None:
    """Bring the manifest up to date when erasure has taken lines."""
    left = queries.count_lines(session, snapshot.id)
    if left == snapshot.lines_left:
        return
    digest, after = hashlib.sha256(), -1
    while rows := queries.read_lines(session, snapshot.id, after):
        for row in rows:
            digest.update(f"{row.line}\n".encode())
        after = rows[-1].position
    snapshot.lines_left, snapshot.sha256_left = left, digest.hexdigest()


def _view(snapshot: DatasetSnapshot) -> schemas.SnapshotResponse:
    plain = ("id", "project_id", "number", "created_at", "request", "counts", "lines", "sha256", "sha256_left")
    fields = {name: getattr(snapshot, name) for name in plain}
    return schemas.SnapshotResponse.model_validate(fields | {"erased_lines": snapshot.lines - snapshot.lines_left})


def _pair(one: Picture, other: Picture, bits: int) -> schemas.NearDuplicate:
    ids = (UUID(one.item_id), UUID(other.item_id))
    return schemas.NearDuplicate(item_ids=ids, bits=bits, same_person=one.person == other.person)
