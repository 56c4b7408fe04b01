"""Look-ups of people."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from skin.accounts.tables import User


def find_user(session: Session, user_id: UUID, now: datetime) -> User | None:
    """The account, unless it is a guest's whose time is over."""
    user = session.get(User, user_id)
    return None if user is None or (user.expires_at is not None and user.expires_at <= now) else user


def find_user_by_email(session: Session, email: str) -> User | None:
    return session.scalar(select(User).where(func.lower(User.email) == email.lower()))


def list_expired_guest_ids(session: Session, now: datetime) -> list[UUID]:
    return list(session.scalars(select(User.id).where(User.expires_at <= now)))
