"""Alembic's entry; the connection comes from `skin.db.migrate` (or a test)."""

from alembic import context

from skin.accounts import tables as _accounts  # noqa: F401 (registers its tables)
from skin.annotation import tables as _annotation  # noqa: F401 (registers its tables)
from skin.datasets import tables as _datasets  # noqa: F401 (registers its tables)
from skin.db.base import Base
from skin.scans import tables as _scans  # noqa: F401 (registers its tables)


def include_object(_thing: object, name: str | None, kind: str, *_: object) -> bool:
    """The job queue's tables belong to procrastinate."""
    return not (kind == "table" and (name or "").startswith("procrastinate_"))


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    include_object=include_object,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
