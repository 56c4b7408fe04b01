"""Numbered snapshots of a project's labels, and sources that may only ever test."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from skin.db.base import Base


class DatasetSnapshot(Base):
    """A project's labels as they were; `lines` and `sha256` are those of the day it was made.

    `lines_left` and `sha256_left` say what is left of it since people were erased; `request` is how it was chosen and
    split, `counts` what is in it.
    """

    __tablename__ = "dataset_snapshots"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    project_id: Mapped[UUID] = mapped_column(ForeignKey("annotation_projects.id", ondelete="CASCADE"))
    number: Mapped[int]
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))
    request: Mapped[dict[str, Any]] = mapped_column(JSONB)
    counts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    lines: Mapped[int]
    sha256: Mapped[str]
    lines_left: Mapped[int]
    sha256_left: Mapped[str]

    __table_args__ = (UniqueConstraint("project_id", "number"),)


class DatasetLine(Base):
    """One canonical line of JSON Lines, without its line end; it goes when its picture is erased."""

    __tablename__ = "dataset_lines"

    snapshot_id: Mapped[UUID] = mapped_column(ForeignKey("dataset_snapshots.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[UUID] = mapped_column(ForeignKey("annotation_items.id", ondelete="CASCADE"), index=True)
    split: Mapped[str | None]
    label_sha256: Mapped[str]
    line: Mapped[str] = mapped_column(Text)


class EvaluationSource(Base):
    """A source whose pictures may test a network but never teach one, in any project; `source` is its first folder."""

    __tablename__ = "dataset_evaluation_sources"

    source: Mapped[str] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))
