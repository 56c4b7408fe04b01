"""Scans whose owners agreed to it become pictures to label, and stop being that when the owner says so."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import structlog
from sqlalchemy import ColumnElement, Select, delete, exists, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from skin.accounts.queries import find_latest_decision
from skin.accounts.tables import Consent, Purpose, User
from skin.annotation import audit, queries
from skin.annotation.items import insert_items
from skin.annotation.permissions import require_admin
from skin.annotation.prediction import build_prediction
from skin.annotation.tables import Item, Project
from skin.core.concerns import Concern
from skin.core.findings import Findings
from skin.db.session import Sessions
from skin.scans.records import load_findings
from skin.scans.store import FACE, PictureStore, map_name
from skin.scans.tables import ScanSession, ScanState, SkinAnalysis
from skin.vision.fingerprint import fingerprint
from skin.vision.heatmap import lay_over_face
from skin.vision.images import decode

log = structlog.get_logger(__name__)

STRAY_AFTER = timedelta(hours=1)  # longer than any import takes between a picture and its row


@dataclass(frozen=True, slots=True)
class _Due:
    """A scan that a project may have and has not."""

    project_id: UUID
    scan_id: UUID
    owner_id: UUID
    picture_key: str
    findings: Findings
    maps: tuple[Concern, ...]


class Collection:
    """Copies pictures of scans to where they are labelled, for exactly as long as their owners' yes stands."""

    def __init__(
        self, sessions: Sessions, scans: PictureStore, training: PictureStore, *, clock: Callable[[], datetime]
    ) -> None:
        self._sessions = sessions
        self._scans = scans
        self._training = training
        self._clock = clock

    def collect(self, user: User, project_id: UUID) -> int:
        """Take what this project may have now; how many scans were added."""
        require_admin(user)
        with self._sessions.begin() as session:
            queries.get_project(session, project_id)
        return self._collect(Project.id == project_id)

    def keep(self) -> None:
        """For the chores: collect, forget what may not be kept (any more), and erase pictures without a row."""
        self._forget(or_(_is_consented(Item.owner_id).is_not(True), Item.scan_id.in_(_deleted_scans())))
        self._collect()
        self._erase_strays()

    def forget_owner(self, owner_id: UUID) -> None:
        """Erase all that came of this person's scans: pictures, tasks and answers."""
        self._forget(Item.owner_id == owner_id)

    def forget_scan(self, scan_id: UUID) -> None:
        """Erase all that came of this scan."""
        self._forget(Item.scan_id == scan_id)

    def _collect(self, *conditions: ColumnElement[bool]) -> int:
        with self._sessions.begin() as session:
            due = _list_due(session, *conditions)
        added = sum(self._take(one) for one in due)
        if added:
            log.info("scans collected for annotation", count=added)
        return added

    def _take(self, due: _Due) -> bool:
        """Copy the pictures, then the row, if the owner still agrees; whether it was added."""
        face = self._scans.load(due.picture_key, FACE)
        if face is None:
            return False
        key = uuid4().hex
        try:
            self._training.save(key, FACE, face)
            maps = self._copy_maps(due, key)
            row = _build_row(due, key, face, maps)
            added = self._insert(due, row)
        except BaseException:  # whatever stops it: no picture may stay without its row
            self._training.erase(key)
            raise
        if not added:
            self._training.erase(key)
        return added

    def _copy_maps(self, due: _Due, key: str) -> list[Concern]:
        matrix = due.findings.face_matrix_norm
        copied = []
        for concern in due.maps if matrix else ():
            picture = self._scans.load(due.picture_key, map_name(concern))
            if picture is not None and matrix is not None:
                self._training.save(key, map_name(concern), lay_over_face(picture, matrix))
                copied.append(concern)
        return copied

    def _insert(self, due: _Due, row: dict[str, object]) -> bool:
        """The owner is locked, as in a decision, and the scan, as in a deletion: whichever is second sees the first."""
        with self._sessions.begin() as session:
            owner = session.get(User, due.owner_id, with_for_update={"read": True})
            scan = session.get(ScanSession, due.scan_id, with_for_update={"read": True})
            decision = find_latest_decision(session, due.owner_id, Purpose.TRAINING)
            if owner is None or scan is None or scan.deleted_at is not None or not (decision and decision.granted):
                return False
            project = queries.get_project(session, due.project_id)
            return bool(insert_items(session, project, [row | {"licence": f"consent {decision.text_version}"}]))

    def _forget(self, condition: ColumnElement[bool]) -> None:
        """Pictures first: a row without its picture is found again, a picture without its row only after an hour."""
        with self._sessions.begin() as session:
            found = session.execute(select(Item.id, Item.picture_key).where(Item.owner_id.is_not(None), condition))
            keys = dict(found.all())
        if not keys:
            return
        for key in keys.values():
            self._training.erase(key)
        with self._sessions.begin() as session:
            session.execute(delete(Item).where(Item.id.in_(keys)))
            audit.note(session, None, "forget", None, items=len(keys))
        log.info("collected scans forgotten", count=len(keys))

    def _erase_strays(self) -> None:
        for keys in self._training.list_keys(before=self._clock() - STRAY_AFTER):
            with self._sessions.begin() as session:
                known = set(session.scalars(select(Item.picture_key).where(Item.picture_key.in_(keys))))
            for key in keys - known:
                self._training.erase(key)


def _list_due(session: Session, *conditions: ColumnElement[bool]) -> list[_Due]:
    query = (
        select(Project.id, ScanSession.id, ScanSession.user_id, ScanSession.picture_key, SkinAnalysis)
        .select_from(Project)
        .join(ScanSession, ScanSession.status == ScanState.COMPLETED)
        .join(SkinAnalysis, SkinAnalysis.scan_id == ScanSession.id)
        .where(
            Project.takes_scans,
            Project.is_open,
            ScanSession.deleted_at.is_(None),
            ScanSession.picture_key.is_not(None),
            _is_consented(ScanSession.user_id),
            ~exists().where(Item.project_id == Project.id, Item.scan_id == ScanSession.id),
            *conditions,
        )
        .order_by(ScanSession.created_at)
    )
    return [
        _Due(project_id, scan_id, owner_id, key, load_findings(analysis), _mapped(analysis))
        for project_id, scan_id, owner_id, key, analysis in session.execute(query)
        if key is not None
    ]


def _build_row(due: _Due, key: str, face: bytes, maps: list[Concern]) -> dict[str, object]:
    return {
        "id": uuid4(),
        "project_id": due.project_id,
        "scan_id": due.scan_id,
        "owner_id": due.owner_id,
        "person": f"owner {hashlib.sha256(due.owner_id.bytes).hexdigest()[:16]}",
        "source": "scan",
        "picture_key": key,
        "sha256": hashlib.sha256(face).hexdigest(),
        "phash": fingerprint(decode(face)),
        "prediction": build_prediction(due.findings, maps),
        "gold": None,
    }


def _mapped(analysis: SkinAnalysis) -> tuple[Concern, ...]:
    return tuple(Concern(name) for name in analysis.analysis_metadata["maps"])


def _is_consented(owner_id: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    """Whether this person's latest decision on training is a yes."""
    latest = (
        select(Consent.granted)
        .where(Consent.user_id == owner_id, Consent.purpose == Purpose.TRAINING)
        .order_by(Consent.created_at.desc())
        .limit(1)
    )
    return latest.scalar_subquery().is_(True)


def _deleted_scans() -> Select[UUID]:
    return select(ScanSession.id).where(ScanSession.deleted_at.is_not(None))
