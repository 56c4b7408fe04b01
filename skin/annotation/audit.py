"""The log of who did what in annotation; it never holds a label or a picture."""

from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from skin.annotation.tables import AuditEntry


def note(session: Session, actor_id: UUID | None, action: str, subject_id: UUID | None, **details: Any) -> None:
    """Add an entry to the caller's transaction."""
    session.execute(insert(AuditEntry).values(actor_id=actor_id, action=action, subject_id=subject_id, details=details))


def list_entries(session: Session, *, limit: int, before: int | None) -> list[AuditEntry]:
    """The newest first; `before` is the id of the last entry of the page before."""
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit)
    return list(session.scalars(query if before is None else query.where(AuditEntry.id < before)))
