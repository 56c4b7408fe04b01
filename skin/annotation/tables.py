"""Annotation projects, their pictures, one row per wanted answer, and what people answered."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Enum,
    ForeignKey,
    Identity,
    Index,
    Text,
    UniqueConstraint,
    desc,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from skin.accounts.tables import User
from skin.db.base import Base, Dated
from skin.scans.tables import ScanSession


class Order(StrEnum):
    """In which order pictures are handed out."""

    PLAIN = "plain"
    INFORMATIVE = "informative"


class Mode(StrEnum):
    """Whether annotators see the machine's suggestion; kept with every answer, so that anchoring can be measured."""

    BLIND = "blind"
    ASSISTED = "assisted"


class Kind(StrEnum):
    """Why an answer is wanted; annotators never see it."""

    REGULAR = "regular"
    GOLD = "gold"
    REPEAT = "repeat"


class AssignmentState(StrEnum):
    OPEN = "open"
    LEASED = "leased"
    SUBMITTED = "submitted"
    SKIPPED = "skipped"


def _enum(kind: type[StrEnum], name: str) -> Enum:
    return Enum(kind, name=name, values_callable=lambda members: [member.value for member in members])


class Project(Dated, Base):
    """A set of pictures with a label schema and the rules by which they are handed out.

    `overlap` answers are wanted per picture; `gold_rate` and `repeat_rate` are the shares of hidden checks among tasks.
    """

    __tablename__ = "annotation_projects"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    name: Mapped[str] = mapped_column(unique=True)
    schema_version: Mapped[str]
    guidelines: Mapped[str] = mapped_column(server_default="")
    overlap: Mapped[int] = mapped_column(server_default="1")
    order: Mapped[Order] = mapped_column(_enum(Order, "annotation_order"), server_default=Order.PLAIN.value)
    mode: Mapped[Mode] = mapped_column(_enum(Mode, "annotation_mode"), server_default=Mode.BLIND.value)
    gold_rate: Mapped[float] = mapped_column(server_default="0")
    repeat_rate: Mapped[float] = mapped_column(server_default="0")
    lease_minutes: Mapped[float] = mapped_column(server_default="30")
    is_open: Mapped[bool] = mapped_column(server_default=text("true"))
    takes_scans: Mapped[bool] = mapped_column(server_default=text("false"))
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey(User.id, ondelete="SET NULL"))

    __table_args__ = (
        CheckConstraint("overlap BETWEEN 1 AND 20", name="sane_overlap"),
        CheckConstraint("gold_rate BETWEEN 0 AND 0.5 AND repeat_rate BETWEEN 0 AND 0.5", name="sane_rates"),
        CheckConstraint("lease_minutes > 0", name="sane_lease"),
    )


class Item(Dated, Base):
    """One aligned face to be labelled.

    A scan's face goes with its scan and its owner; an imported one has neither. `person` groups the pictures of one
    person for splits; `picture_key` names its folder in the store of training pictures; `phash` is a 64-bit perceptual
    hash in hexadecimal. `prediction` is the machine's label with its model's name and version; `gold` is a label known
    beforehand, which makes the item a hidden check. The item of the highest `priority` is handed out first.
    """

    __tablename__ = "annotation_items"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    project_id: Mapped[UUID] = mapped_column(ForeignKey("annotation_projects.id", ondelete="CASCADE"))
    scan_id: Mapped[UUID | None] = mapped_column(ForeignKey(ScanSession.id, ondelete="CASCADE"))
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"))
    person: Mapped[str]
    source: Mapped[str]
    licence: Mapped[str] = mapped_column(server_default="")
    picture_key: Mapped[str]
    sha256: Mapped[str]
    phash: Mapped[str]
    prediction: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    gold: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    priority: Mapped[float] = mapped_column(server_default="0")

    __table_args__ = (
        UniqueConstraint("project_id", "sha256"),
        CheckConstraint("(scan_id IS NULL) = (owner_id IS NULL)", name="scan_has_owner"),
        Index(None, "scan_id"),
        Index(None, "owner_id"),
        Index("ix_annotation_items_picture_key", "picture_key"),
        Index("ix_annotation_items_gold", "project_id", postgresql_where=text("gold IS NOT NULL")),
    )


class Assignment(Dated, Base):
    """One wanted answer with its whole state; taking the next one locks this row and reads no other table.

    A skipped row keeps who skipped it and why, and a new open row takes its place. Open rows are handed out by `rank`
    (lowest first; minus the item's priority), then first answers before second ones, then in the order they were made.
    `mode` is how the task was shown to whoever holds it; `draft` is a label with the seconds spent on it so far.
    """

    __tablename__ = "annotation_assignments"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    project_id: Mapped[UUID] = mapped_column(ForeignKey("annotation_projects.id", ondelete="CASCADE"))
    item_id: Mapped[UUID] = mapped_column(ForeignKey("annotation_items.id", ondelete="CASCADE"))
    slot: Mapped[int]
    position: Mapped[int] = mapped_column(BigInteger, Identity())
    kind: Mapped[Kind] = mapped_column(_enum(Kind, "assignment_kind"), server_default=Kind.REGULAR.value)
    state: Mapped[AssignmentState] = mapped_column(
        _enum(AssignmentState, "assignment_state"), server_default=AssignmentState.OPEN.value
    )
    rank: Mapped[float] = mapped_column(server_default="0")
    mode: Mapped[Mode | None] = mapped_column(_enum(Mode, "annotation_mode"))
    annotator_id: Mapped[UUID | None] = mapped_column(ForeignKey(User.id, ondelete="SET NULL"))
    leased_until: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    draft: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    skip_reason: Mapped[str | None]

    answer: Mapped["Answer | None"] = relationship(lazy="raise", passive_deletes=True, cascade="all, delete-orphan")
    item: Mapped[Item] = relationship(lazy="raise")

    __table_args__ = (
        Index(
            "uq_annotation_assignments_slot",
            "item_id",
            "slot",
            unique=True,
            postgresql_where=text("kind = 'regular' AND state <> 'skipped'"),
        ),
        Index("uq_annotation_assignments_once", "item_id", "annotator_id", "kind", unique=True),
        Index("ix_annotation_assignments_annotator_id", "annotator_id", "project_id", desc("finished_at")),
        Index(
            "ix_annotation_assignments_open",
            "project_id",
            "rank",
            "slot",
            "position",
            postgresql_where=text("state = 'open'"),
        ),
        Index(
            "ix_annotation_assignments_leased",
            "project_id",
            "leased_until",
            postgresql_where=text("state = 'leased'"),
        ),
        CheckConstraint("(state = 'leased') = (leased_until IS NOT NULL)", name="lease_has_an_end"),
        CheckConstraint("(state IN ('submitted', 'skipped')) = (finished_at IS NOT NULL)", name="finished_at_a_time"),
    )


class Answer(Dated, Base):
    """A submitted label: what was shown beforehand, whether it was changed, and the seconds spent."""

    __tablename__ = "annotation_answers"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    assignment_id: Mapped[UUID] = mapped_column(
        ForeignKey("annotation_assignments.id", ondelete="CASCADE"), unique=True
    )
    label: Mapped[dict[str, Any]] = mapped_column(JSONB)
    mode: Mapped[Mode] = mapped_column(_enum(Mode, "annotation_mode"))
    prediction_shown: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    seconds_spent: Mapped[float]

    __table_args__ = (CheckConstraint("seconds_spent >= 0", name="time_goes_forward"),)


class Revision(Base):
    """An answer as it was before its annotator corrected it."""

    __tablename__ = "annotation_revisions"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    answer_id: Mapped[UUID] = mapped_column(ForeignKey("annotation_answers.id", ondelete="CASCADE"), index=True)
    label: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))


class FinalLabel(Dated, Base):
    """What an adjudicator decided for an item, and from which answers."""

    __tablename__ = "annotation_final_labels"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    item_id: Mapped[UUID] = mapped_column(ForeignKey("annotation_items.id", ondelete="CASCADE"), unique=True)
    label: Mapped[dict[str, Any]] = mapped_column(JSONB)
    provenance: Mapped[dict[str, Any]] = mapped_column(JSONB)
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey(User.id, ondelete="SET NULL"))


class AuditEntry(Base):
    """Who did what to whose work; never a picture or a label."""

    __tablename__ = "annotation_audit"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey(User.id, ondelete="SET NULL"))
    action: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[UUID | None]
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'::jsonb"))
    created_at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"), index=True)
