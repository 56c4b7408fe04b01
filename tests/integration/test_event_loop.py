"""Nothing slow runs on the event loop: not by any door, and not while scans are waiting."""

import asyncio
import functools
from base64 import b64encode
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest
from gradio_client import Client, handle_file
from sqlalchemy.orm import sessionmaker

from skin.accounts import service as accounts
from skin.config import Settings
from skin.scans.store import PictureStore, build_local_store
from tests.conftest import LiveServer, StartServer, wait_until_finished
from tests.fakes import FakeExamination, FakeExaminer, build_fake_examiner
from tests.integration.test_mcp import answer

MANY = 10


def call_by_gradio(rest: httpx.Client, photo: Path) -> dict[str, Any]:
    client = Client(str(rest.base_url), headers={"Authorization": rest.headers["Authorization"]}, verbose=False)
    try:
        result: dict[str, Any] = client.predict(handle_file(photo), api_name="/scan")
    finally:
        client.close()
    return result


@pytest.fixture
def photo_file(tmp_path: Path, astronaut_jpeg: bytes) -> Path:
    path = tmp_path / "astronaut.jpg"
    path.write_bytes(astronaut_jpeg)
    return path


@pytest.fixture
def on_the_loop(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was called in a thread that runs an event loop, of all that waits for a disk, a database or a hash."""
    caught: list[str] = []

    def watch(owner: Any, name: str) -> None:
        original: Callable[..., Any] = getattr(owner, name)

        @functools.wraps(original)
        def watched(*arguments: Any, **named: Any) -> Any:
            try:
                asyncio.get_running_loop()
            except RuntimeError:
                pass
            else:
                caught.append(name)
            return original(*arguments, **named)

        monkeypatch.setattr(owner, name, watched)

    for owner, name in (
        (sessionmaker, "begin"),
        (PictureStore, "save"),
        (PictureStore, "load"),
        (PictureStore, "erase"),
        (accounts, "hash_password"),
        (accounts, "is_password"),
    ):
        watch(owner, name)
    return caught


def test_what_waits_on_a_loop_is_caught(on_the_loop: list[str], tmp_path: Path) -> None:
    async def wait() -> None:
        build_local_store(tmp_path).load("key", "name")

    build_local_store(tmp_path).load("key", "name")
    assert on_the_loop == []
    asyncio.run(wait())
    assert on_the_loop == ["load"]


def test_no_door_waits_on_the_event_loop(
    start_server: StartServer, on_the_loop: list[str], photo_file: Path, astronaut_jpeg: bytes
) -> None:
    server = start_server(examiner=build_fake_examiner)
    on_the_loop.clear()  # opening the database before anybody is served may wait
    rest = server.register()
    scan_id = rest.post("/api/scan/init").json()["scan_id"]
    rest.post(f"/api/scan/{scan_id}/upload", files={"image": astronaut_jpeg}).raise_for_status()
    wait_until_finished(rest, scan_id)
    other_id = call_by_gradio(rest, photo_file)["scan_id"]
    third_id = answer(rest, "scan", photos=[b64encode(astronaut_jpeg).decode()])["scan_id"]
    answer(rest, "scan_compare", scan_id=scan_id, other_id=other_id)
    for page in ("face.jpg", "overlay.jpg", "report"):
        rest.get(f"/scans/{scan_id}/{page}").raise_for_status()
    for address in ("results", "status", "overlay", f"compare/{other_id}"):
        rest.get(f"/api/scan/{scan_id}/{address}").raise_for_status()
    rest.get("/").raise_for_status()
    rest.delete(f"/api/scan/{third_id}").raise_for_status()
    httpx.post(f"{server.url}/signin", data={"email": "ada@example.org", "password": "not hers"})
    rest.delete("/api/auth/me").raise_for_status()
    assert on_the_loop == []


class HeldExaminer(FakeExaminer):
    """Examines nothing before it is let go."""

    def __init__(self, go: Event) -> None:
        self._go = go

    def __call__(self, photos: Sequence[bytes]) -> FakeExamination:
        assert self._go.wait(timeout=120)
        return super().__call__(photos)


def test_pages_and_health_answer_while_ten_scans_wait(start_server: StartServer, photo_file: Path) -> None:
    go = Event()

    def build(_: Settings) -> HeldExaminer:
        return HeldExaminer(go)

    server: LiveServer = start_server(examiner=build)
    people = [server.sign_up() for _ in range(MANY)]
    with ThreadPoolExecutor(MANY) as pool:
        results = [pool.submit(call_by_gradio, rest, photo_file) for rest in people]
        try:
            while not all(rest.get("/api/scan/history").json()["scans"] for rest in people):
                assert not any(result.done() for result in results)
            for address in ("/api/health", "/signin"):
                assert httpx.get(server.url + address, timeout=60).status_code == 200
            states = {rest.get("/api/scan/history").json()["scans"][0]["status"] for rest in people}
            assert states <= {"pending", "processing"}
        finally:
            go.set()
        assert {result.result()["status"] for result in results} == {"completed"}
