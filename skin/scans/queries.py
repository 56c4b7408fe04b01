"""Look-ups of scans; every one for a person names its owner."""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Interval, case, delete, func, select, tuple_, update
from sqlalchemy.orm import Session, contains_eager, joinedload

from skin.accounts.tables import User
from skin.errors import Code, error
from skin.scans.tables import ScanSession, ScanState


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last scan of a page, as an opaque text: scans behind it come next."""

    created_at: datetime
    scan_id: UUID

    def encode(self) -> str:
        return base64.urlsafe_b64encode(f"{self.created_at.isoformat()}|{self.scan_id}".encode()).decode()

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """InvalidInput for anything that `encode` did not write."""
        try:
            created_at, scan_id = base64.urlsafe_b64decode(text.encode()).decode().split("|")
            cursor = cls(datetime.fromisoformat(created_at), UUID(scan_id))
        except (ValueError, binascii.Error) as failure:
            raise error(Code.INVALID_CURSOR) from failure
        if cursor.created_at.tzinfo is None:
            raise error(Code.INVALID_CURSOR)
        return cursor


OPEN_SCANS_KEEP_HOURS = 1.0  # a photo that waits for its analysis stays this long, whatever was chosen


def get_scan(
    session: Session, scan_id: UUID, *, user_id: UUID, lock: bool = False, also_deleted: bool = False
) -> ScanSession:
    """This person's scan with its analysis; NotFound for another person's or a deleted one as for none."""
    query = select(ScanSession).where(ScanSession.id == scan_id, ScanSession.user_id == user_id)
    if not also_deleted:
        query = query.where(ScanSession.deleted_at.is_(None))
    query = query.options(joinedload(ScanSession.analysis))
    scan = session.scalar(query.with_for_update(of=ScanSession) if lock else query)
    if scan is None:
        raise error(Code.SCAN_NOT_FOUND)
    return scan


def find_scan_of_any_owner(session: Session, scan_id: UUID, *, lock: bool = False) -> ScanSession | None:
    """For the worker only, which acts for nobody in particular."""
    return session.get(ScanSession, scan_id, with_for_update=lock or None)


def list_scans(session: Session, user_id: UUID, *, limit: int | None, after: Cursor | None = None) -> list[ScanSession]:
    """At most `limit` scans with their analyses, the newest first."""
    query = select(ScanSession).where(ScanSession.user_id == user_id, ScanSession.deleted_at.is_(None))
    query = query.options(joinedload(ScanSession.analysis))
    if after is not None:
        query = query.where(tuple_(ScanSession.created_at, ScanSession.id) < (after.created_at, after.scan_id))
    return list(session.scalars(query.order_by(ScanSession.created_at.desc(), ScanSession.id.desc()).limit(limit)))


def list_picture_keys(session: Session, user_id: UUID) -> list[str]:
    query = select(ScanSession.picture_key).where(ScanSession.user_id == user_id, ScanSession.picture_key.is_not(None))
    return [key for key in session.scalars(query) if key is not None]


def list_analysed_scans(session: Session, user_id: UUID, *, limit: int) -> list[ScanSession]:
    """The latest scans that have a result, from the earliest to the latest."""
    query = select(ScanSession).where(ScanSession.user_id == user_id, ScanSession.deleted_at.is_(None))
    query = query.join(ScanSession.analysis).options(contains_eager(ScanSession.analysis))
    return list(session.scalars(query.order_by(ScanSession.created_at.desc(), ScanSession.id.desc()).limit(limit)))[
        ::-1
    ]


def count_scans(session: Session, user_id: UUID) -> tuple[int, int]:
    """How many scans there are, and how many of them have pictures."""
    query = select(func.count(), func.count(ScanSession.picture_key))
    scans, with_pictures = session.execute(
        query.where(ScanSession.user_id == user_id, ScanSession.deleted_at.is_(None))
    ).one()
    return scans, with_pictures


def list_deleted_scans(session: Session, user_id: UUID, *, since: datetime) -> list[ScanSession]:
    """Deleted at this time or after it, the latest first."""
    query = select(ScanSession).where(ScanSession.user_id == user_id, ScanSession.deleted_at >= since)
    return list(session.scalars(query.order_by(ScanSession.deleted_at.desc())))


def list_scans_deleted_before(session: Session, before: datetime) -> list[tuple[UUID, str | None]]:
    """Of every person, with their picture keys."""
    query = select(ScanSession.id, ScanSession.picture_key).where(ScanSession.deleted_at < before)
    return [(scan_id, key) for scan_id, key in session.execute(query)]


def erase_scan_deleted_before(session: Session, scan_id: UUID, before: datetime) -> None:
    session.execute(delete(ScanSession).where(ScanSession.id == scan_id, ScanSession.deleted_at < before))


def list_old_pictures(session: Session, now: datetime, *, service_hours: float) -> list[tuple[UUID, str]]:
    """Scans whose pictures were kept as long as their person chose, or else as long as the service does."""
    query = select(ScanSession.id, ScanSession.picture_key).join(User, User.id == ScanSession.user_id)
    kept = func.make_interval(0, 0, 0, 0, 0, 0, 3600 * _keep_hours(service_hours), type_=Interval)
    query = query.where(ScanSession.created_at + kept <= now)
    return [(scan_id, key) for scan_id, key in session.execute(query) if key is not None]


def forget_pictures(session: Session, scan_id: UUID, key: str) -> None:
    """The scan has no pictures any more; if it still waited for its analysis, it ends without one."""
    is_this = (ScanSession.id == scan_id, ScanSession.picture_key == key)
    ended = {"status": ScanState.FAILED, "failure_code": Code.PICTURE_NOT_FOUND.value}
    session.execute(update(ScanSession).where(*is_this, ScanSession.status == ScanState.PROCESSING).values(ended))
    session.execute(update(ScanSession).where(*is_this).values(picture_key=None))


def _keep_hours(service_hours: float) -> ColumnElement[float]:
    """As accounts/retention.py has it, but for photos that still wait."""
    own = case((User.email.is_(None), None), else_=User.picture_retention_hours)
    chosen = func.coalesce(own, service_hours)
    waits = ScanSession.status == ScanState.PROCESSING
    return case((waits, func.greatest(chosen, OPEN_SCANS_KEEP_HOURS)), else_=chosen)
