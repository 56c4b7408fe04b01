"""Annotation: projects, items, assignments, answers, final labels, audit"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "annotation_audit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column(
            "details", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["users.id"], name=op.f("fk_annotation_audit_actor_id_users"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annotation_audit")),
    )
    op.create_index(op.f("ix_annotation_audit_created_at"), "annotation_audit", ["created_at"], unique=False)
    op.create_table(
        "annotation_projects",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("schema_version", sa.String(), nullable=False),
        sa.Column("guidelines", sa.String(), server_default="", nullable=False),
        sa.Column("overlap", sa.Integer(), server_default="1", nullable=False),
        sa.Column(
            "order", sa.Enum("plain", "informative", name="annotation_order"), server_default="plain", nullable=False
        ),
        sa.Column("mode", sa.Enum("blind", "assisted", name="annotation_mode"), server_default="blind", nullable=False),
        sa.Column("gold_rate", sa.Double(), server_default="0", nullable=False),
        sa.Column("repeat_rate", sa.Double(), server_default="0", nullable=False),
        sa.Column("lease_minutes", sa.Double(), server_default="30", nullable=False),
        sa.Column("is_open", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("takes_scans", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "gold_rate BETWEEN 0 AND 0.5 AND repeat_rate BETWEEN 0 AND 0.5",
            name=op.f("ck_annotation_projects_sane_rates"),
        ),
        sa.CheckConstraint("lease_minutes > 0", name=op.f("ck_annotation_projects_sane_lease")),
        sa.CheckConstraint("overlap BETWEEN 1 AND 20", name=op.f("ck_annotation_projects_sane_overlap")),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.id"], name=op.f("fk_annotation_projects_created_by_users"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annotation_projects")),
        sa.UniqueConstraint("name", name=op.f("uq_annotation_projects_name")),
    )
    op.create_table(
        "annotation_items",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("scan_id", sa.Uuid(), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("licence", sa.String(), server_default="", nullable=False),
        sa.Column("picture_key", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("phash", sa.String(), nullable=False),
        sa.Column("prediction", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("gold", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("priority", sa.Double(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("(scan_id IS NULL) = (owner_id IS NULL)", name=op.f("ck_annotation_items_scan_has_owner")),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name=op.f("fk_annotation_items_owner_id_users"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["annotation_projects.id"],
            name=op.f("fk_annotation_items_project_id_annotation_projects"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["scan_id"],
            ["scan_sessions.id"],
            name=op.f("fk_annotation_items_scan_id_scan_sessions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annotation_items")),
        sa.UniqueConstraint("project_id", "sha256", name=op.f("uq_annotation_items_project_id_sha256")),
    )
    op.create_index(
        "ix_annotation_items_gold",
        "annotation_items",
        ["project_id"],
        unique=False,
        postgresql_where=sa.text("gold IS NOT NULL"),
    )
    op.create_index("ix_annotation_items_picture_key", "annotation_items", ["picture_key"], unique=False)
    op.create_index(op.f("ix_annotation_items_owner_id"), "annotation_items", ["owner_id"], unique=False)
    op.create_index(op.f("ix_annotation_items_scan_id"), "annotation_items", ["scan_id"], unique=False)
    op.create_table(
        "annotation_assignments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("position", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("regular", "gold", "repeat", name="assignment_kind"),
            server_default="regular",
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum("open", "leased", "submitted", "skipped", name="assignment_state"),
            server_default="open",
            nullable=False,
        ),
        sa.Column("rank", sa.Double(), server_default="0", nullable=False),
        sa.Column(
            "mode", postgresql.ENUM("blind", "assisted", name="annotation_mode", create_type=False), nullable=True
        ),
        sa.Column("annotator_id", sa.Uuid(), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("draft", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("skip_reason", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["annotator_id"],
            ["users.id"],
            name=op.f("fk_annotation_assignments_annotator_id_users"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["annotation_items.id"],
            name=op.f("fk_annotation_assignments_item_id_annotation_items"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["annotation_projects.id"],
            name=op.f("fk_annotation_assignments_project_id_annotation_projects"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annotation_assignments")),
        sa.CheckConstraint(
            "(state = 'leased') = (leased_until IS NOT NULL)",
            name=op.f("ck_annotation_assignments_lease_has_an_end"),
        ),
        sa.CheckConstraint(
            "(state IN ('submitted', 'skipped')) = (finished_at IS NOT NULL)",
            name=op.f("ck_annotation_assignments_finished_at_a_time"),
        ),
    )
    op.create_index(
        "ix_annotation_assignments_annotator_id",
        "annotation_assignments",
        ["annotator_id", "project_id", sa.literal_column("finished_at DESC")],
        unique=False,
    )
    op.create_index(
        "ix_annotation_assignments_leased",
        "annotation_assignments",
        ["project_id", "leased_until"],
        unique=False,
        postgresql_where=sa.text("state = 'leased'"),
    )
    op.create_index(
        "ix_annotation_assignments_open",
        "annotation_assignments",
        ["project_id", "rank", "slot", "position"],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "uq_annotation_assignments_slot",
        "annotation_assignments",
        ["item_id", "slot"],
        unique=True,
        postgresql_where=sa.text("kind = 'regular' AND state <> 'skipped'"),
    )
    op.create_index(
        "uq_annotation_assignments_once", "annotation_assignments", ["item_id", "annotator_id", "kind"], unique=True
    )
    op.create_table(
        "annotation_final_labels",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("label", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("provenance", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["users.id"], name=op.f("fk_annotation_final_labels_decided_by_users"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["annotation_items.id"],
            name=op.f("fk_annotation_final_labels_item_id_annotation_items"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annotation_final_labels")),
        sa.UniqueConstraint("item_id", name=op.f("uq_annotation_final_labels_item_id")),
    )
    op.create_table(
        "annotation_answers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("label", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "mode", postgresql.ENUM("blind", "assisted", name="annotation_mode", create_type=False), nullable=False
        ),
        sa.Column("prediction_shown", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("seconds_spent", sa.Double(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("seconds_spent >= 0", name=op.f("ck_annotation_answers_time_goes_forward")),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["annotation_assignments.id"],
            name=op.f("fk_annotation_answers_assignment_id_annotation_assignments"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annotation_answers")),
        sa.UniqueConstraint("assignment_id", name=op.f("uq_annotation_answers_assignment_id")),
    )
    op.create_table(
        "annotation_revisions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("answer_id", sa.Uuid(), nullable=False),
        sa.Column("label", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["answer_id"],
            ["annotation_answers.id"],
            name=op.f("fk_annotation_revisions_answer_id_annotation_answers"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annotation_revisions")),
    )
    op.create_index(op.f("ix_annotation_revisions_answer_id"), "annotation_revisions", ["answer_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_annotation_revisions_answer_id"), table_name="annotation_revisions")
    op.drop_table("annotation_revisions")
    op.drop_table("annotation_answers")
    op.drop_table("annotation_final_labels")
    op.drop_index("uq_annotation_assignments_once", table_name="annotation_assignments")
    op.drop_index(
        "uq_annotation_assignments_slot",
        table_name="annotation_assignments",
        postgresql_where=sa.text("kind = 'regular' AND state <> 'skipped'"),
    )
    op.drop_index(
        "ix_annotation_assignments_open",
        table_name="annotation_assignments",
        postgresql_where=sa.text("state = 'open'"),
    )
    op.drop_index(
        "ix_annotation_assignments_leased",
        table_name="annotation_assignments",
        postgresql_where=sa.text("state = 'leased'"),
    )
    op.drop_index("ix_annotation_assignments_annotator_id", table_name="annotation_assignments")
    op.drop_table("annotation_assignments")
    op.drop_index(op.f("ix_annotation_items_scan_id"), table_name="annotation_items")
    op.drop_index("ix_annotation_items_picture_key", table_name="annotation_items")
    op.drop_index(
        "ix_annotation_items_gold", table_name="annotation_items", postgresql_where=sa.text("gold IS NOT NULL")
    )
    op.drop_index(op.f("ix_annotation_items_owner_id"), table_name="annotation_items")
    op.drop_table("annotation_items")
    op.drop_table("annotation_projects")
    op.drop_index(op.f("ix_annotation_audit_created_at"), table_name="annotation_audit")
    op.drop_table("annotation_audit")
    op.execute("DROP TYPE assignment_state")
    op.execute("DROP TYPE assignment_kind")
    op.execute("DROP TYPE annotation_mode")
    op.execute("DROP TYPE annotation_order")
