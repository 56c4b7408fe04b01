"""What a worker does besides scans: deleting what has been kept long enough."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from skin.accounts.retention import find_longest_hours
from skin.db.session import Sessions
from skin.scans import queries
from skin.scans.service import UNDO_TIME
from skin.scans.store import PictureStore

log = structlog.get_logger(__name__)


class Chores:
    """Deletes for every person what is due.

    Pictures always go before the row that names them, so that a worker that is killed leaves none behind. Photos are
    kept for `picture_hours` unless their person chose otherwise.
    """

    def __init__(
        self,
        sessions: Sessions,
        store: PictureStore,
        *,
        clock: Callable[[], datetime],
        picture_hours: float,
        erase_expired_guests: Callable[[], None],
        keep_annotation: Callable[[], None] = lambda: None,
    ) -> None:
        self._sessions = sessions
        self._store = store
        self._clock = clock
        self._picture_hours = picture_hours
        self._erase_expired_guests = erase_expired_guests
        self._keep_annotation = keep_annotation

    def erase_what_is_due(self) -> None:
        """Every minute: scans whose deletion cannot be undone any more, and pictures whose time is over."""
        self._erase_deleted_scans(self._clock() - UNDO_TIME)
        self._erase_old_pictures()

    def keep_house(self) -> None:
        """Every few minutes: guests whose time is over, annotation, and pictures that no scan remembers."""
        self._erase_expired_guests()
        self._keep_annotation()
        longest = timedelta(hours=find_longest_hours(self._picture_hours))
        erased = self._store.erase_older_than(self._clock() - longest)
        if erased:
            log.info("forgotten pictures erased", count=erased)

    def _erase_deleted_scans(self, before: datetime) -> None:
        with self._sessions.begin() as session:
            due = queries.list_scans_deleted_before(session, before)
        for scan_id, key in due:
            if key is not None:
                self._store.erase(key)
            with self._sessions.begin() as session:
                queries.erase_scan_deleted_before(session, scan_id, before)
        if due:
            log.info("deleted scans erased", count=len(due))

    def _erase_old_pictures(self) -> None:
        with self._sessions.begin() as session:
            due = queries.list_old_pictures(session, self._clock(), service_hours=self._picture_hours)
        for scan_id, key in due:
            self._erase_pictures(scan_id, key)
        if due:
            log.info("pictures erased", scans=len(due))

    def _erase_pictures(self, scan_id: UUID, key: str) -> None:
        """Once more after the scan has forgotten them, in case its analysis was just adding some."""
        self._store.erase(key)
        with self._sessions.begin() as session:
            queries.forget_pictures(session, scan_id, key)
        self._store.erase(key)
