"""The second lock on the server's files: Gradio's own check, which it skips for mounted blocks unless it is told."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import gradio as gr
import pytest
from starlette.testclient import TestClient

from skin.ui.app import build_behind_gate
from skin.ui.pages import create_blocks
from skin.ui.session import Visitor, Visitors
from skin.ui.uploads import Uploads
from tests.conftest import StartServer

ME = UUID(int=1)
MARK = {"_type": "gradio.FileData"}


class KnownVisitors:
    """Takes everybody for the same person."""

    async def find(self, _: Any) -> Visitor:
        return Visitor(cast(Any, SimpleNamespace(id=ME)), "token", by_cookie=False)

    def needs_renewal(self, _: Visitor) -> bool:
        return False


@pytest.fixture
def echo(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[tuple[Any, Uploads, TestClient]]:
    """Blocks with a component that reads the file it is given, behind a gate that does not look."""
    monkeypatch.setattr("skin.ui.gate._named_files", lambda _: [])
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "uploads"))
    blocks = create_blocks()
    with blocks:
        file, read = gr.File(), gr.Textbox()
        gr.Button().click(lambda path: Path(path).read_text(), inputs=file, outputs=read, api_name="read")
    uploads = Uploads(Path(blocks.GRADIO_CACHE), max_bytes=1024)
    behind = build_behind_gate(blocks, cast(Visitors, KnownVisitors()), uploads)
    with TestClient(behind) as client:
        yield blocks, uploads, client


def read_by_gradio(client: TestClient, path: Path) -> str:
    call = "/gradio_api/call/read"
    event = client.post(call, json={"data": [{"path": str(path), "meta": MARK}]}).raise_for_status().json()
    return client.get(f"{call}/{event['event_id']}").text


def test_gradio_itself_refuses_a_foreign_file_even_when_the_gate_does_not_look(
    echo: tuple[Any, Uploads, TestClient], tmp_path: Path
) -> None:
    blocks, uploads, client = echo
    secret = tmp_path / "secret.txt"
    secret.write_text("the-secret")
    own = uploads.save(ME, BytesIO(secret.read_bytes()))
    assert "the-secret" in read_by_gradio(client, own)
    assert "the-secret" not in read_by_gradio(client, secret)
    blocks.has_launched = False  # as Gradio leaves it when blocks are mounted: what this lock is for
    assert "the-secret" in read_by_gradio(client, secret)


def test_the_mounted_blocks_count_as_launched(start_server: StartServer, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []

    def remember() -> Any:
        made.append(create_blocks())
        return made[-1]

    monkeypatch.setattr("skin.ui.app.create_blocks", remember)
    start_server()
    assert [blocks.has_launched for blocks in made] == [True]
