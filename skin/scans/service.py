"""The scan lifecycle, the same behind REST, Gradio and the page: init, upload, status, results, history."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from skin.core.concerns import Concern
from skin.db.session import Sessions
from skin.errors import Code, error
from skin.scans import queries, schemas
from skin.scans.comparison import Repeatability, ScanComparisonResponse, view_comparison
from skin.scans.records import view_history_item, view_result, view_status
from skin.scans.store import FACE, OVERLAY, PictureStore, map_name, photo_name
from skin.scans.tables import NOTE_LIMIT, ScanSession, ScanState, SkinAnalysis
from skin.scans.timeline import TIMELINE_LIMIT, ScanTimelineResponse, view_timeline

HISTORY_LIMIT = 100
BURST_LIMIT = 5
METADATA_LIMIT_BYTES = 4096
UNDO_TIME = timedelta(minutes=10)


class ScanQueue(Protocol):
    """Takes a scan to be analysed within the caller's transaction."""

    def defer(self, session: Session, scan_id: UUID) -> None: ...


class Scans:
    """What every door asks about scans.

    It opens its own short transactions, because decoding and the picture store must not happen inside one.
    `prepare` turns an uploaded file into what is stored (upright, small enough, without metadata); `forget_scan` erases
    what was copied of a scan with its owner's consent.
    """

    def __init__(
        self,
        sessions: Sessions,
        store: PictureStore,
        queue: ScanQueue,
        *,
        prepare: Callable[[bytes], bytes],
        repeatability: Repeatability,
        clock: Callable[[], datetime],
        forget_scan: Callable[[UUID], None] = lambda _: None,
    ) -> None:
        self._sessions = sessions
        self._store = store
        self._queue = queue
        self._prepare = prepare
        self._repeatability = repeatability
        self._clock = clock
        self._forget_scan = forget_scan

    def init(self, user_id: UUID, metadata: dict[str, Any] | None = None) -> schemas.ScanInitResponse:
        if len(json.dumps(metadata or {}).encode()) > METADATA_LIMIT_BYTES:
            raise error(Code.INVALID_REQUEST)
        scan = ScanSession(user_id=user_id, scan_metadata=metadata or {})
        with self._sessions.begin() as session:
            session.add(scan)
        return schemas.ScanInitResponse(scan_id=scan.id, status=scan.status, created_at=scan.created_at)

    def upload(self, user_id: UUID, scan_id: UUID, *photos: bytes) -> schemas.ScanUploadResponse:
        """Store the photo, or the frames of a burst, and queue the analysis; the row and the job commit together.

        A file that cannot be used raises InvalidInput and leaves the scan pending, so that another can be sent.
        """
        with self._sessions.begin() as session:
            _require_pending(queries.get_scan(session, scan_id, user_id=user_id))
        if not 1 <= len(photos) <= BURST_LIMIT:
            raise error(Code.INVALID_REQUEST)
        prepared = [self._prepare(photo) for photo in photos]
        key = uuid4().hex
        try:
            for frame, photo in enumerate(prepared):
                self._store.save(key, photo_name(frame), photo)
            with self._sessions.begin() as session:
                scan = queries.get_scan(session, scan_id, user_id=user_id, lock=True)
                _require_pending(scan)
                scan.status = ScanState.PROCESSING
                scan.picture_key = key
                self._queue.defer(session, scan_id)
        except BaseException:  # whatever stops it, also a shutdown: no photo may stay without its scan
            self._store.erase(key)
            raise
        return schemas.ScanUploadResponse(scan_id=scan_id, status=scan.status)

    def get_status(self, user_id: UUID, scan_id: UUID) -> schemas.ScanStatusResponse:
        with self._sessions.begin() as session:
            return view_status(queries.get_scan(session, scan_id, user_id=user_id))

    def get_results(self, user_id: UUID, scan_id: UUID) -> schemas.ScanResultResponse:
        """The result; the error that ended a failed scan; Conflict while there is none yet."""
        with self._sessions.begin() as session:
            return view_result(*_get_finished(session, scan_id, user_id=user_id))

    def compare(self, user_id: UUID, scan_id: UUID, other_id: UUID) -> ScanComparisonResponse:
        """What changed for real between two finished scans of this person."""
        with self._sessions.begin() as session:
            one = _get_finished(session, scan_id, user_id=user_id)
            other = _get_finished(session, other_id, user_id=user_id)
            return view_comparison(one, other, self._repeatability)

    def get_timeline(self, user_id: UUID) -> ScanTimelineResponse:
        """Every field over the scans that were taken alike, and why the others are left out."""
        with self._sessions.begin() as session:
            scans = queries.list_analysed_scans(session, user_id, limit=TIMELINE_LIMIT)
        return view_timeline([(scan, scan.analysis) for scan in scans if scan.analysis], self._repeatability)

    def list_history(self, user_id: UUID, *, limit: int = 20, cursor: str | None = None) -> schemas.ScanHistoryResponse:
        limit = max(1, min(limit, HISTORY_LIMIT))
        after = queries.Cursor.parse(cursor) if cursor else None
        with self._sessions.begin() as session:
            scans = queries.list_scans(session, user_id, limit=limit + 1, after=after)
            page = scans[:limit]
            more = queries.Cursor(page[-1].created_at, page[-1].id).encode() if len(scans) > limit else None
            return schemas.ScanHistoryResponse(scans=[view_history_item(scan) for scan in page], next_cursor=more)

    def get_overlay(self, user_id: UUID, scan_id: UUID) -> bytes:
        """The photo with face and zones drawn on it, as JPEG; NotFound once it has been erased."""
        return self._get_picture(user_id, scan_id, OVERLAY)

    def get_face(self, user_id: UUID, scan_id: UUID) -> bytes:
        """The face alone, turned upright and brought to one size, as JPEG; NotFound once it has been erased."""
        return self._get_picture(user_id, scan_id, FACE)

    def get_map(self, user_id: UUID, scan_id: UUID, concern: Concern) -> bytes:
        """Where the concern shows: a PNG in the photo's proportions to lay over it; NotFound when there is none."""
        return self._get_picture(user_id, scan_id, map_name(concern))

    def _get_picture(self, user_id: UUID, scan_id: UUID, name: str) -> bytes:
        with self._sessions.begin() as session:
            key = queries.get_scan(session, scan_id, user_id=user_id).picture_key
        picture = self._store.load(key, name) if key else None
        if picture is None:
            raise error(Code.PICTURE_NOT_FOUND)
        return picture

    def write_note(self, user_id: UUID, scan_id: UUID, note: str) -> schemas.ScanHistoryItem:
        """Keep these words with the scan, in place of any before."""
        words = note.strip()
        if len(words) > NOTE_LIMIT or "\0" in words:
            raise error(Code.INVALID_REQUEST)
        with self._sessions.begin() as session:
            scan = queries.get_scan(session, scan_id, user_id=user_id, lock=True)
            scan.note = words
            return view_history_item(scan)

    def delete(self, user_id: UUID, scan_id: UUID) -> None:
        """Hide the scan from every door; a chore erases it when the time to undo is over."""
        with self._sessions.begin() as session:
            queries.get_scan(session, scan_id, user_id=user_id, lock=True).deleted_at = self._clock()
        self._forget_scan(scan_id)

    def restore(self, user_id: UUID, scan_id: UUID) -> schemas.ScanHistoryItem:
        """Undo a deletion; NotFound when its time is over. A scan that was not deleted stays as it is."""
        with self._sessions.begin() as session:
            scan = queries.get_scan(session, scan_id, user_id=user_id, lock=True, also_deleted=True)
            if scan.deleted_at is not None and scan.deleted_at < self._clock() - UNDO_TIME:
                raise error(Code.SCAN_NOT_FOUND)
            scan.deleted_at = None
            return view_history_item(scan)

    def list_deleted(self, user_id: UUID) -> list[schemas.DeletedScan]:
        """The scans whose deletion can still be undone, the latest deleted first."""
        with self._sessions.begin() as session:
            deleted = queries.list_deleted_scans(session, user_id, since=self._clock() - UNDO_TIME)
        return [
            schemas.DeletedScan(scan_id=scan.id, created_at=scan.created_at, erased_at=scan.deleted_at + UNDO_TIME)
            for scan in deleted
            if scan.deleted_at is not None
        ]

    def count_kept(self, user_id: UUID) -> schemas.KeptScans:
        with self._sessions.begin() as session:
            scans, with_pictures = queries.count_scans(session, user_id)
        return schemas.KeptScans(scans=scans, with_pictures=with_pictures)

    def erase(self, user_id: UUID, scan_id: UUID) -> None:
        """Delete the scan with its result and pictures, for good and at once, also one that was deleted before."""
        with self._sessions.begin() as session:
            scan = queries.get_scan(session, scan_id, user_id=user_id, lock=True, also_deleted=True)
            scan.deleted_at = scan.deleted_at or self._clock()  # from here on nobody copies it
        self._forget_scan(scan_id)
        with self._sessions.begin() as session:
            scan = queries.get_scan(session, scan_id, user_id=user_id, lock=True, also_deleted=True)
            key = scan.picture_key
            session.delete(scan)
        if key:
            self._store.erase(key)

    def erase_pictures(self, user_id: UUID) -> None:
        """Delete all of this person's pictures, before the account goes."""
        with self._sessions.begin() as session:
            keys = queries.list_picture_keys(session, user_id)
        for key in keys:
            self._store.erase(key)


def _get_finished(session: Session, scan_id: UUID, *, user_id: UUID) -> tuple[ScanSession, SkinAnalysis]:
    scan = queries.get_scan(session, scan_id, user_id=user_id)
    if scan.failure_code is not None:
        raise error(Code(scan.failure_code))
    if scan.analysis is None:
        raise error(Code.SCAN_NOT_FINISHED)
    return scan, scan.analysis


def _require_pending(scan: ScanSession) -> None:
    if scan.status is not ScanState.PENDING:
        raise error(Code.SCAN_HAS_PHOTO)
