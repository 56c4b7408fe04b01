"""Accounts and scans"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("password_hash", sa.String(), nullable=True),
        sa.Column(
            "role", sa.Enum("user", "annotator", "admin", name="user_role"), server_default="user", nullable=False
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("(email IS NULL) = (password_hash IS NULL)", name=op.f("ck_users_email_with_password")),
        sa.CheckConstraint("email IS NOT NULL OR expires_at IS NOT NULL", name=op.f("ck_users_guests_expire")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
    )
    op.create_index(
        "ix_users_expires_at", "users", ["expires_at"], unique=False, postgresql_where=sa.text("expires_at IS NOT NULL")
    )
    op.create_index("uq_users_email", "users", [sa.literal_column("lower(email)")], unique=True)
    op.create_table(
        "scan_sessions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column(
            "status",
            sa.Enum("pending", "processing", "completed", "failed", name="scan_status"),
            server_default="pending",
            nullable=False,
        ),
        sa.Column("failure_code", sa.String(), nullable=True),
        sa.Column("picture_key", sa.String(), nullable=True),
        sa.Column(
            "scan_metadata",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "(status = 'failed') = (failure_code IS NOT NULL)", name=op.f("ck_scan_sessions_failed_with_code")
        ),
        sa.CheckConstraint("jsonb_typeof(scan_metadata) = 'object'", name=op.f("ck_scan_sessions_metadata_is_object")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_scan_sessions_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scan_sessions")),
    )
    op.create_index(
        "ix_scan_sessions_pictures",
        "scan_sessions",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("picture_key IS NOT NULL"),
    )
    op.create_index(
        "ix_scan_sessions_user_id_created_at_id",
        "scan_sessions",
        ["user_id", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_table(
        "skin_analysis",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scan_id", sa.Uuid(), nullable=False),
        sa.Column("skin_type", sa.String(), nullable=False),
        sa.Column("skin_tone", sa.String(), nullable=False),
        sa.Column("concerns", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("confidence_scores", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("recommendations", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("analysis_metadata", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "concerns <@ ARRAY['acne', 'redness', 'dark_spots', 'texture', 'pores', 'wrinkles', 'dark_circles', 'eye_bags', 'dryness', 'oiliness']::text[]",
            name=op.f("ck_skin_analysis_known_concerns"),
        ),
        sa.CheckConstraint(
            "jsonb_typeof(analysis_metadata) = 'object'", name=op.f("ck_skin_analysis_analysis_is_object")
        ),
        sa.CheckConstraint(
            "jsonb_typeof(confidence_scores) = 'object'", name=op.f("ck_skin_analysis_confidence_is_object")
        ),
        sa.CheckConstraint(
            "jsonb_typeof(recommendations) = 'array'", name=op.f("ck_skin_analysis_recommendations_is_array")
        ),
        sa.CheckConstraint(
            "skin_tone IN ('monk_1', 'monk_2', 'monk_3', 'monk_4', 'monk_5', 'monk_6', 'monk_7', 'monk_8', 'monk_9', 'monk_10', 'not_judged')",
            name=op.f("ck_skin_analysis_known_skin_tone"),
        ),
        sa.CheckConstraint(
            "skin_type IN ('oily', 'dry', 'normal', 'combination', 'sensitive', 'not_judged')",
            name=op.f("ck_skin_analysis_known_skin_type"),
        ),
        sa.ForeignKeyConstraint(
            ["scan_id"], ["scan_sessions.id"], name=op.f("fk_skin_analysis_scan_id_scan_sessions"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_skin_analysis")),
        sa.UniqueConstraint("scan_id", name=op.f("uq_skin_analysis_scan_id")),
    )


def downgrade() -> None:
    op.drop_table("skin_analysis")
    op.drop_index("ix_scan_sessions_user_id_created_at_id", table_name="scan_sessions")
    op.drop_index(
        "ix_scan_sessions_pictures", table_name="scan_sessions", postgresql_where=sa.text("picture_key IS NOT NULL")
    )
    op.drop_table("scan_sessions")
    op.drop_index("uq_users_email", table_name="users")
    op.drop_index("ix_users_expires_at", table_name="users", postgresql_where=sa.text("expires_at IS NOT NULL"))
    op.drop_table("users")
    op.execute("DROP TYPE scan_status")
    op.execute("DROP TYPE user_role")
