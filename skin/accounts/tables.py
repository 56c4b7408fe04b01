"""The people who use the app."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Enum, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from skin.db.base import Base, Dated


class Role(StrEnum):
    USER = "user"
    ANNOTATOR = "annotator"
    ADMIN = "admin"


class User(Dated, Base):
    """A person, or a guest: a real account without e-mail or password that ends at `expires_at`."""

    __tablename__ = "users"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    email: Mapped[str | None]
    password_hash: Mapped[str | None]
    role: Mapped[Role] = mapped_column(
        Enum(Role, name="user_role", values_callable=lambda roles: [role.value for role in roles]),
        server_default=Role.USER.value,
    )
    expires_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("(email IS NULL) = (password_hash IS NULL)", name="email_with_password"),
        CheckConstraint("email IS NOT NULL OR expires_at IS NOT NULL", name="guests_expire"),
        Index("uq_users_email", text("lower(email)"), unique=True),
        Index("ix_users_expires_at", "expires_at", postgresql_where=text("expires_at IS NOT NULL")),
    )

    @property
    def is_guest(self) -> bool:
        return self.email is None
