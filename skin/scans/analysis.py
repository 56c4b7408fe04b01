"""What a worker does with one scan, however often it is asked: one result, or one failure code."""

from collections.abc import Mapping, Sequence
from typing import Protocol
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from skin.core.advice import Recommendation
from skin.core.concerns import Concern
from skin.core.findings import Findings
from skin.db.session import Sessions
from skin.errors import Code, SkinError
from skin.scans import queries
from skin.scans.records import build_analysis
from skin.scans.store import FACE, OVERLAY, PictureStore, map_name
from skin.scans.tables import ScanState

log = structlog.get_logger(__name__)


class Examined(Protocol):
    """What an examination gives: findings, advice, and pictures.

    Those are the photo with the findings drawn on it and the aligned face (JPEG), and maps to lay over the photo (PNG).
    """

    @property
    def findings(self) -> Findings: ...
    @property
    def advice(self) -> tuple[Recommendation, ...]: ...
    @property
    def overlay(self) -> bytes: ...
    @property
    def face(self) -> bytes: ...
    @property
    def maps(self) -> Mapping[Concern, bytes]: ...


class Examiner(Protocol):
    """Examines the stored frames of one scan, usually a single photo.

    Raises SkinError when no honest result can be given.
    """

    def __call__(self, photos: Sequence[bytes]) -> Examined: ...
    def close(self) -> None: ...


class ScanWorker:
    """Takes scans from processing to completed or failed."""

    def __init__(self, sessions: Sessions, store: PictureStore, examine: Examiner) -> None:
        self._sessions = sessions
        self._store = store
        self._examine = examine

    def run(self, scan_id: UUID) -> None:
        """Examine the scan's photo and store the outcome; does nothing when the scan is finished or gone."""
        with self._sessions.begin() as session:
            key = _find_open_key(session, scan_id)
        if key is None:
            return
        photos = self._store.load_photos(key)
        if not photos:
            self.give_up(scan_id, Code.PICTURE_NOT_FOUND)
            return
        try:
            examined = self._examine(photos)
        except SkinError as refusal:
            log.info("scan refused", scan_id=str(scan_id), code=refusal.code.value)
            self.give_up(scan_id, refusal.code)
            return
        self._store.save(key, OVERLAY, examined.overlay)
        self._store.save(key, FACE, examined.face)
        for concern, picture in examined.maps.items():
            self._store.save(key, map_name(concern), picture)
        if self._complete(scan_id, examined):
            log.info("scan completed", scan_id=str(scan_id), timing_ms=dict(examined.findings.timing_ms))
        else:
            self._erase_if_orphaned(scan_id, key)

    def give_up(self, scan_id: UUID, code: Code) -> None:
        """End an open scan as failed with this code."""
        with self._sessions.begin() as session:
            scan = queries.find_scan_of_any_owner(session, scan_id, lock=True)
            if scan is not None and scan.status is ScanState.PROCESSING:
                scan.status = ScanState.FAILED
                scan.failure_code = code.value

    def _complete(self, scan_id: UUID, examined: Examined) -> bool:
        """Whether this run was the one that completed the scan."""
        with self._sessions.begin() as session:
            scan = queries.find_scan_of_any_owner(session, scan_id, lock=True)
            if scan is None or scan.status is not ScanState.PROCESSING:
                return False
            session.add(build_analysis(scan_id, examined.findings, examined.advice, mapped=examined.maps))
            scan.status = ScanState.COMPLETED
            return True

    def _erase_if_orphaned(self, scan_id: UUID, key: str) -> None:
        """The person may have deleted the scan while it was examined: nothing of it may stay."""
        with self._sessions.begin() as session:
            scan = queries.find_scan_of_any_owner(session, scan_id)
            orphaned = scan is None or scan.picture_key != key
        if orphaned:
            self._store.erase(key)


def _find_open_key(session: Session, scan_id: UUID) -> str | None:
    scan = queries.find_scan_of_any_owner(session, scan_id)
    return scan.picture_key if scan is not None and scan.status is ScanState.PROCESSING else None
