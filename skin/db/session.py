"""Engine and pool."""

from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.orm import Session, sessionmaker

Sessions = sessionmaker[Session]


def parse_database_url(url: str) -> URL:
    """Any usual spelling of a Postgres address (postgres://, postgresql://, with or without a driver)."""
    if url.startswith("postgres://"):
        url = url.replace("postgres://", "postgresql://", 1)
    return make_url(url).set(drivername="postgresql+psycopg2")


def build_engine(url: URL, *, pool_size: int = 5, max_overflow: int = 15) -> Engine:
    """An engine whose connections are checked before use, so that a restarted server is not noticed.

    Its errors do not tell the values of a statement, since they end in the log.
    """
    return create_engine(
        url,
        pool_size=pool_size,
        max_overflow=max_overflow,
        pool_pre_ping=True,
        pool_recycle=1800,
        pool_use_lifo=True,
        hide_parameters=True,
    )


def libpq_url(url: URL) -> str:
    """The same address for psycopg 3, which the job worker speaks."""
    return url.set(drivername="postgresql").render_as_string(hide_password=False)
