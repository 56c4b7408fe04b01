"""Photos may be kept no longer than the result takes"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_constraint(op.f("ck_users_retention_is_positive"), "users", type_="check")
    op.create_check_constraint(op.f("ck_users_retention_is_not_negative"), "users", "picture_retention_hours >= 0")


def downgrade() -> None:
    op.drop_constraint(op.f("ck_users_retention_is_not_negative"), "users", type_="check")
    op.execute("UPDATE users SET picture_retention_hours = 1 WHERE picture_retention_hours = 0")
    op.create_check_constraint(op.f("ck_users_retention_is_positive"), "users", "picture_retention_hours > 0")
