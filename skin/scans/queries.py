"""Look-ups of scans; every one for a person names its owner."""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session, joinedload

from skin.errors import Code, error
from skin.scans.tables import ScanSession


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


def get_scan(session: Session, scan_id: UUID, *, user_id: UUID, lock: bool = False) -> ScanSession:
    """This person's scan with its analysis; NotFound for another person's as for none."""
    query = select(ScanSession).where(ScanSession.id == scan_id, ScanSession.user_id == user_id)
    query = query.options(joinedload(ScanSession.analysis))
    scan = session.scalar(query.with_for_update(of=ScanSession) if lock else query)
    if scan is None:
        raise error(Code.SCAN_NOT_FOUND)
    return scan


def find_scan_of_any_owner(session: Session, scan_id: UUID, *, lock: bool = False) -> ScanSession | None:
    """For the worker only, which acts for nobody in particular."""
    return session.get(ScanSession, scan_id, with_for_update=lock or None)


def list_scans(session: Session, user_id: UUID, *, limit: int, after: Cursor | None) -> list[ScanSession]:
    """At most `limit` scans with their analyses, the newest first."""
    query = select(ScanSession).where(ScanSession.user_id == user_id).options(joinedload(ScanSession.analysis))
    if after is not None:
        query = query.where(tuple_(ScanSession.created_at, ScanSession.id) < (after.created_at, after.scan_id))
    return list(session.scalars(query.order_by(ScanSession.created_at.desc(), ScanSession.id.desc()).limit(limit)))


def list_picture_keys(session: Session, user_id: UUID) -> list[str]:
    query = select(ScanSession.picture_key).where(ScanSession.user_id == user_id, ScanSession.picture_key.is_not(None))
    return [key for key in session.scalars(query) if key is not None]


def list_scans_with_old_pictures(session: Session, before: datetime) -> list[ScanSession]:
    query = select(ScanSession).where(ScanSession.picture_key.is_not(None), ScanSession.created_at < before)
    return list(session.scalars(query.with_for_update(skip_locked=True)))
