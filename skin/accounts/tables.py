"""The people who use the app, and what they agreed to."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Enum, ForeignKey, Index, desc, text
from sqlalchemy.orm import Mapped, mapped_column

from skin.db.base import Base, Dated


class Role(StrEnum):
    USER = "user"
    ANNOTATOR = "annotator"
    ADMIN = "admin"


class User(Dated, Base):
    """A person, or a guest: a real account without e-mail or password that ends at `expires_at`.

    `picture_retention_hours` is the person's own choice of how long photos are kept, 0 for no longer than the result
    takes; empty means the service's.
    """

    __tablename__ = "users"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    email: Mapped[str | None]
    password_hash: Mapped[str | None]
    role: Mapped[Role] = mapped_column(
        Enum(Role, name="user_role", values_callable=lambda roles: [role.value for role in roles]),
        server_default=Role.USER.value,
    )
    expires_at: Mapped[datetime | None]
    picture_retention_hours: Mapped[float | None]

    __table_args__ = (
        CheckConstraint("(email IS NULL) = (password_hash IS NULL)", name="email_with_password"),
        CheckConstraint("email IS NOT NULL OR expires_at IS NOT NULL", name="guests_expire"),
        CheckConstraint("picture_retention_hours >= 0", name="retention_is_not_negative"),
        Index("uq_users_email", text("lower(email)"), unique=True),
        Index("ix_users_expires_at", "expires_at", postgresql_where=text("expires_at IS NOT NULL")),
    )

    @property
    def is_guest(self) -> bool:
        return self.email is None


class Purpose(StrEnum):
    """What a person is asked about, apart from the scan itself."""

    TRAINING = "training"


class Consent(Base):
    """One decision of a person; the latest of a purpose counts, and the earlier ones stay to show what was agreed when.

    `text_version` names the wording that was shown.
    """

    __tablename__ = "consents"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    purpose: Mapped[Purpose] = mapped_column(
        Enum(Purpose, name="consent_purpose", values_callable=lambda purposes: [one.value for one in purposes])
    )
    granted: Mapped[bool]
    text_version: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))

    __table_args__ = (Index("ix_consents_latest", "user_id", "purpose", desc("created_at")),)
