"""The commands, run as a person would run them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from skin.db.session import build_engine, parse_database_url
from tests.conftest import LiveServer, StartServer, free_port, wait_until_finished
from tests.integration.test_rest import init_and_upload

ROOT = Path(__file__).resolve().parents[2]


def environment(home: Path, database_url: str) -> dict[str, str]:
    return dict(os.environ, SKIN_HOME=str(home), SKIN_DATABASE_URL=database_url)


@pytest.fixture
def database_url(make_database: Callable[[], str]) -> str:
    return make_database()


@pytest.fixture
def run(database_url: str, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    variables = environment(tmp_path / "home", database_url)

    def run(*arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "skin", *arguments]
        return subprocess.run(
            command, check=False, cwd=ROOT, env=variables, input=typed, capture_output=True, text=True, timeout=120
        )

    return run


def test_an_admin_makes_an_account_and_gives_it_a_role(
    run: Callable[..., subprocess.CompletedProcess[str]], database_url: str
) -> None:
    assert run("migrate").stdout == "The database is at the present schema.\n"
    made = run("user", "ada@example.org", "--create", typed="correct horse battery\n")
    assert made.stdout == "ada@example.org is now: user\n", made.stderr
    assert run("user", "ADA@example.org", "--role", "annotator").stdout == "ADA@example.org is now: annotator\n"
    again = run("user", "ada@example.org", "--create", typed="correct horse battery\n")
    assert (again.returncode, again.stderr.split(":")[0]) == (1, "email_taken")
    unknown = run("user", "eve@example.org", "--role", "admin")
    assert (unknown.returncode, unknown.stderr.split(":")[0]) == (1, "user_not_found")
    engine = build_engine(parse_database_url(database_url))
    with engine.connect() as connection:
        query = """SELECT email, action, details->>'role' FROM annotation_audit log
                   JOIN users ON users.id = log.subject_id ORDER BY log.id"""
        noted = [tuple(row) for row in connection.execute(text(query))]
    engine.dispose()
    assert noted == [("ada@example.org", "role", "user"), ("ada@example.org", "role", "annotator")]


def test_a_worker_of_its_own_takes_the_scans_that_the_web_process_leaves(
    start_server: StartServer, astronaut_png: bytes
) -> None:
    server: LiveServer = start_server(worker_concurrency=0)
    client = server.sign_up()
    scan_id = init_and_upload(client, astronaut_png)
    assert client.get(f"/api/scan/{scan_id}/status").json()["status"] == "processing"
    assert server.settings.database_url is not None
    worker = subprocess.Popen(
        [sys.executable, "-m", "skin", "worker"],
        cwd=ROOT,
        env=environment(server.settings.home, server.settings.database_url),
        stderr=subprocess.DEVNULL,
    )
    assert wait_until_finished(client, scan_id)["status"] == "completed"
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(30) == 0


def test_the_server_stops_though_a_page_is_open(database_url: str, tmp_path: Path) -> None:
    port = free_port()
    url, variables = f"http://127.0.0.1:{port}", environment(tmp_path / "home", database_url)
    command = [sys.executable, "-m", "skin", "serve"]
    server = subprocess.Popen(command, cwd=ROOT, env=variables | {"SKIN_PORT": str(port)}, stderr=subprocess.DEVNULL)
    wait_for(f"{url}/api/health")
    with httpx.Client(base_url=url, timeout=60) as client:
        token = client.post("/api/auth/guest").json()["access_token"]
        listening = {"Authorization": f"Bearer {token}"}
        with client.stream("GET", "/gradio_api/heartbeat/page", headers=listening) as events:
            assert events.status_code == 200
            server.send_signal(signal.SIGTERM)
            assert server.wait(30) == -signal.SIGTERM


def wait_for(address: str) -> None:
    give_up_at = time.monotonic() + 60
    while True:
        with suppress(httpx.TransportError):
            if httpx.get(address).status_code == 200:
                return
        assert time.monotonic() < give_up_at
        time.sleep(0.1)
