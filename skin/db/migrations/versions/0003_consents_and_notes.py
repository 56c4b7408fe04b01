"""Consents, the person's own retention, notes, and deletion that can be undone for a while"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("picture_retention_hours", sa.Float(), nullable=True))
    op.create_check_constraint(op.f("ck_users_retention_is_positive"), "users", "picture_retention_hours > 0")
    op.create_table(
        "consents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Enum("training", name="consent_purpose"), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.Column("text_version", sa.String(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_consents_user_id_users"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    op.create_index(
        "ix_consents_latest", "consents", ["user_id", "purpose", sa.literal_column("created_at DESC")], unique=False
    )
    op.add_column("scan_sessions", sa.Column("note", sa.String(), server_default="", nullable=False))
    op.add_column("scan_sessions", sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(op.f("ck_scan_sessions_note_is_short"), "scan_sessions", "char_length(note) <= 2000")


def downgrade() -> None:
    op.drop_constraint(op.f("ck_scan_sessions_note_is_short"), "scan_sessions", type_="check")
    op.drop_column("scan_sessions", "deleted_at")
    op.drop_column("scan_sessions", "note")
    op.drop_index("ix_consents_latest", table_name="consents")
    op.drop_table("consents")
    op.execute("DROP TYPE consent_purpose")
    op.drop_constraint(op.f("ck_users_retention_is_positive"), "users", type_="check")
    op.drop_column("users", "picture_retention_hours")
