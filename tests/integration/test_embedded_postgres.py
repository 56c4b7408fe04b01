"""The embedded Postgres survives what machines do to it."""

import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from sqlalchemy import text

from skin.db.embedded import EmbeddedPostgres
from skin.db.session import build_engine, parse_database_url

HOLDER = """
import sys, time
from pathlib import Path
from skin.db.embedded import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]))
print(server.url, flush=True)
time.sleep(600)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="skin-pg-") as name:
        yield Path(name) / "pg"


def hold_open(folder: Path) -> subprocess.Popen[str]:
    """Another process that has the server open."""
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(folder)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    with holder.stdout as printed:
        assert printed.readline().startswith("postgresql://")
    return holder


def postmaster(folder: Path) -> psutil.Process:
    return psutil.Process(int((folder / "postmaster.pid").read_text().splitlines()[0]))


def has_ended(process: psutil.Process, timeout_s: float = 10) -> bool:
    """Also a zombie has ended: inside some containers nobody reaps."""
    give_up_at = time.monotonic() + timeout_s
    while time.monotonic() < give_up_at:
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.05)
    return False


def run_sql(server: EmbeddedPostgres, statement: str) -> list[tuple[object, ...]]:
    engine = build_engine(parse_database_url(server.url))
    with engine.begin() as connection:
        result = connection.execute(text(statement))
        rows = [tuple(row) for row in result] if result.returns_rows else []
    engine.dispose()
    return rows


def test_data_outlives_a_clean_stop(folder: Path) -> None:
    server = EmbeddedPostgres(folder)
    run_sql(server, "CREATE TABLE kept AS SELECT 7 AS number")
    server.close()
    again = EmbeddedPostgres(folder)
    assert run_sql(again, "SELECT number FROM kept") == [(7,)]
    again.close()


def test_the_last_one_out_stops_the_server(folder: Path) -> None:
    server = EmbeddedPostgres(folder)
    process = postmaster(folder)
    server.close()
    assert has_ended(process)


def test_a_user_that_was_killed_does_not_keep_the_server_alive(folder: Path) -> None:
    holder = hold_open(folder)
    process = postmaster(folder)
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    server = EmbeddedPostgres(folder)
    assert postmaster(folder) == process, "the running server is joined, not started twice"
    server.close()
    assert has_ended(process)


def test_it_starts_again_after_server_and_user_were_killed(folder: Path) -> None:
    holder = hold_open(folder)
    process = postmaster(folder)
    holder.kill()
    process.kill()
    holder.wait()
    time.sleep(0.5)
    server = EmbeddedPostgres(folder)
    assert run_sql(server, "SELECT 1") == [(1,)]
    server.close()


def test_a_pid_file_that_names_another_live_process_does_not_fool_it(folder: Path) -> None:
    EmbeddedPostgres(folder).close()
    me = psutil.Process()
    lines = [str(me.pid), str(folder), str(int(time.time())), "5432", str(folder), "", "1 1", "ready"]
    (folder / "postmaster.pid").write_text("\n".join(lines) + "\n")
    server = EmbeddedPostgres(folder)
    assert run_sql(server, "SELECT 1") == [(1,)]
    server.close()
