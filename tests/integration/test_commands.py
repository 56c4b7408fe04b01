"""The commands, run as a person would run them."""

import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import httpx
from sqlalchemy import text

from skin.db.session import build_engine, parse_database_url
from tests.conftest import LiveServer, StartServer, free_port, wait_until_finished
from tests.integration.shell import ROOT, Run, environment
from tests.integration.test_rest import init_and_upload


def test_an_admin_makes_an_account_and_gives_it_a_role(run: Run, database_url: str) -> None:
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
