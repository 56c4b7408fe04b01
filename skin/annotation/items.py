"""The pictures of a project: added by hand, handed to those who label them, and forgotten."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol
from uuid import UUID, uuid4

from sqlalchemy import insert
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from skin.accounts.tables import Role, User
from skin.annotation import audit, queries, schemas
from skin.annotation.labels import Label
from skin.annotation.permissions import require_admin, require_annotator
from skin.annotation.prediction import build_prediction
from skin.annotation.priority import first_score
from skin.annotation.tables import Assignment, Item, Order, Project
from skin.core.concerns import Concern
from skin.core.findings import Findings
from skin.core.zones import Zone
from skin.db.session import Sessions
from skin.errors import CATALOGUE, Code, SkinError, error
from skin.scans.store import FACE, PictureStore, map_name

BATCH = 500
Outline = Sequence[tuple[float, float]]


class Face(Protocol):
    """An aligned face with what a machine makes of it."""

    @property
    def jpeg(self) -> bytes: ...
    @property
    def fingerprint(self) -> str: ...
    @property
    def findings(self) -> Findings | None: ...
    @property
    def maps(self) -> Mapping[Concern, bytes]: ...


@dataclass(frozen=True, slots=True)
class Upload:
    """A picture to be added; `person` groups the pictures of one person, `gold` is a label known beforehand."""

    name: str
    picture: bytes
    source: str = "upload"
    person: str = ""
    licence: str = ""
    gold: Label | None = None
    is_aligned: bool = False


class Items:
    """Pictures lie in a store of their own, under random keys; rows remember whose they are."""

    def __init__(
        self,
        sessions: Sessions,
        store: PictureStore,
        *,
        find_face: Callable[[bytes], Face],
        take_aligned: Callable[[bytes], Face],
        outline_zones: Callable[[bytes], Mapping[Zone, Outline]],
    ) -> None:
        self._sessions = sessions
        self._store = store
        self._find_face = find_face
        self._take_aligned = take_aligned
        self._outline_zones = outline_zones

    def add(self, user: User, project_id: UUID, uploads: Iterable[Upload]) -> schemas.ItemsResponse:
        """Find and align every face and open its tasks; what cannot be used is told by name, and the rest is kept."""
        require_admin(user)
        with self._sessions.begin() as session:
            queries.get_project(session, project_id)
        added, skipped = 0, list[schemas.SkippedFile]()
        for batch in _batches(uploads, BATCH):
            prepared, refused = self._prepare(project_id, batch)
            known = self._insert(user, project_id, prepared)
            added += len(prepared) - len(known)
            skipped += refused + [_skipped(name, error(Code.ITEM_KNOWN)) for name in known]
        return schemas.ItemsResponse(added=added, skipped=skipped)

    def load_picture(self, user: User, item_id: UUID) -> bytes:
        """The aligned face as JPEG, for administrators and for whoever was given it."""
        return self._load(user, item_id, FACE)

    def load_map(self, user: User, item_id: UUID, concern: Concern) -> bytes:
        """Where a machine sees the concern, as PNG in the frame of the face."""
        return self._load(user, item_id, map_name(concern))

    def outline_zones(self, user: User, item_id: UUID) -> schemas.ZonesResponse:
        """Where the zones of this face are; found in the picture when asked, as most never are."""
        outlines = self._outline_zones(self.load_picture(user, item_id))
        return schemas.ZonesResponse(zones={zone: list(outline) for zone, outline in outlines.items()})

    def _load(self, user: User, item_id: UUID, name: str) -> bytes:
        require_annotator(user)
        with self._sessions.begin() as session:
            key = queries.get_item(session, item_id).picture_key
            if user.role is not Role.ADMIN and not queries.has_assignment(session, item_id, user.id):
                raise error(Code.ITEM_NOT_FOUND)
        picture = self._store.load(key, name)
        if picture is None:
            raise error(Code.ITEM_NOT_FOUND)
        return picture

    def _prepare(
        self, project_id: UUID, uploads: Sequence[Upload]
    ) -> tuple[dict[str, dict[str, Any]], list[schemas.SkippedFile]]:
        """Rows of what could be used, by file name (their pictures are stored), and what could not be used and why."""
        rows, refused = dict[str, dict[str, Any]](), list[schemas.SkippedFile]()
        for upload in uploads:
            try:
                face = (self._take_aligned if upload.is_aligned else self._find_face)(upload.picture)
            except SkinError as refusal:
                refused.append(_skipped(upload.name, refusal))
                continue
            rows[f"{len(rows)} {upload.name}"] = self._save(project_id, upload, face)
        return rows, refused

    def _save(self, project_id: UUID, upload: Upload, face: Face) -> dict[str, Any]:
        key, digest = uuid4().hex, hashlib.sha256(face.jpeg).hexdigest()
        self._store.save(key, FACE, face.jpeg)
        for concern, picture in face.maps.items():
            self._store.save(key, map_name(concern), picture)
        return {
            "id": uuid4(),
            "project_id": project_id,
            "person": upload.person or f"picture {digest[:16]}",
            "source": upload.source,
            "licence": upload.licence,
            "picture_key": key,
            "sha256": digest,
            "phash": face.fingerprint,
            "prediction": build_prediction(face.findings, list(face.maps)) if face.findings else None,
            "gold": upload.gold.model_dump(mode="json") if upload.gold else None,
        }

    def _insert(self, user: User, project_id: UUID, prepared: Mapping[str, dict[str, Any]]) -> list[str]:
        """Keep the rows and open their tasks; the names of those the project has already."""
        rows = list(prepared.values())
        try:
            with self._sessions.begin() as session:
                project = queries.get_project(session, project_id, lock=True)
                taken = insert_items(session, project, rows)
                audit.note(session, user.id, "import", project_id, added=len(taken))
        except BaseException:  # whatever stops it: no picture may stay without its row
            for row in rows:
                self._store.erase(row["picture_key"])
            raise
        known = [name for name, row in prepared.items() if row["id"] not in taken]
        for name in known:
            self._store.erase(prepared[name]["picture_key"])
        return [name.partition(" ")[2] for name in known]


def insert_items(session: Session, project: Project, rows: Sequence[dict[str, Any]]) -> set[UUID]:
    """Add pictures the project does not have, with a task for each wanted answer; the ids of those added."""
    if not rows:
        return set()
    first = first_score if project.order is Order.INFORMATIVE else (lambda _: 0.0)
    rows = [{"priority": first(row["prediction"])} | row for row in rows]
    statement = postgresql.insert(Item).on_conflict_do_nothing(index_elements=["project_id", "sha256"])
    added = set(session.scalars(statement.returning(Item.id), rows))
    wanted = [
        {"project_id": project.id, "item_id": row["id"], "slot": slot, "rank": -row["priority"]}
        for slot in range(project.overlap)
        for row in rows
        if row["id"] in added and row["gold"] is None
    ]
    if wanted:
        session.execute(insert(Assignment), wanted)
    return added


def _skipped(name: str, refusal: SkinError) -> schemas.SkippedFile:
    return schemas.SkippedFile(name=name, code=refusal.code.value, message=CATALOGUE[refusal.code][1])


def _batches(uploads: Iterable[Upload], size: int) -> Iterator[list[Upload]]:
    waiting = iter(uploads)
    while batch := list(islice(waiting, size)):
        yield batch
