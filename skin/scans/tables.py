"""Scans and what was found in them."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Enum, ForeignKey, Index, Text, desc, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from skin.core.concerns import Concern, SkinType
from skin.db.base import Base, Dated

NOT_JUDGED = "not_judged"
NOTE_LIMIT = 2000
SKIN_TYPES = (*(kind.value for kind in SkinType), NOT_JUDGED)
SKIN_TONES = (*(f"monk_{step}" for step in range(1, 11)), NOT_JUDGED)


class ScanState(StrEnum):
    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


class ScanSession(Dated, Base):
    """One scan: waiting for its photo, being analysed, done, or refused with a code from `skin.errors`.

    `picture_key` names the folder of its pictures in the store; it is empty before upload and after erasure.
    A scan with `deleted_at` is hidden from every door; it is erased when the time to undo is over.
    """

    __tablename__ = "scan_sessions"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    status: Mapped[ScanState] = mapped_column(
        Enum(ScanState, name="scan_status", values_callable=lambda states: [state.value for state in states]),
        server_default=ScanState.PENDING.value,
    )
    failure_code: Mapped[str | None]
    picture_key: Mapped[str | None]
    note: Mapped[str] = mapped_column(server_default="")
    deleted_at: Mapped[datetime | None]
    scan_metadata: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'::jsonb"))

    analysis: Mapped["SkinAnalysis | None"] = relationship(
        back_populates="scan", lazy="raise", passive_deletes=True, cascade="all, delete-orphan"
    )

    __table_args__ = (
        CheckConstraint("(status = 'failed') = (failure_code IS NOT NULL)", name="failed_with_code"),
        CheckConstraint(f"char_length(note) <= {NOTE_LIMIT}", name="note_is_short"),
        CheckConstraint("jsonb_typeof(scan_metadata) = 'object'", name="metadata_is_object"),
        Index("ix_scan_sessions_user_id_created_at_id", "user_id", desc("created_at"), desc("id")),
        Index("ix_scan_sessions_pictures", "created_at", postgresql_where=text("picture_key IS NOT NULL")),
    )


class SkinAnalysis(Dated, Base):
    """The result of a completed scan.

    `concerns` lists those found present; `confidence_scores` maps each judged field to 0-1;
    `analysis_metadata` holds the complete findings and what they were measured by.
    """

    __tablename__ = "skin_analysis"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    scan_id: Mapped[UUID] = mapped_column(ForeignKey("scan_sessions.id", ondelete="CASCADE"), unique=True)
    skin_type: Mapped[str]
    skin_tone: Mapped[str]
    concerns: Mapped[list[str]] = mapped_column(ARRAY(Text))
    confidence_scores: Mapped[dict[str, float]] = mapped_column(JSONB)
    recommendations: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    analysis_metadata: Mapped[dict[str, Any]] = mapped_column(JSONB)

    scan: Mapped[ScanSession] = relationship(back_populates="analysis", lazy="raise")

    __table_args__ = (
        CheckConstraint(_one_of("skin_type", SKIN_TYPES), name="known_skin_type"),
        CheckConstraint(_one_of("skin_tone", SKIN_TONES), name="known_skin_tone"),
        CheckConstraint(
            f"concerns <@ ARRAY[{', '.join(repr(concern.value) for concern in Concern)}]::text[]", name="known_concerns"
        ),
        CheckConstraint("jsonb_typeof(confidence_scores) = 'object'", name="confidence_is_object"),
        CheckConstraint("jsonb_typeof(recommendations) = 'array'", name="recommendations_is_array"),
        CheckConstraint("jsonb_typeof(analysis_metadata) = 'object'", name="analysis_is_object"),
    )
