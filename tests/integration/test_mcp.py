"""The scan lifecycle as tools, with the official client over streamable HTTP against a real server."""

import asyncio
from base64 import b64encode
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from mcp import ClientSession, types
from mcp.client.streamable_http import streamable_http_client

from skin.errors import CATALOGUE, Code
from tests.conftest import LiveServer, StartServer, wait_until_finished
from tests.fakes import build_fake_examiner

TOOLS = {
    "scan", "scan_init", "scan_upload", "scan_status", "scan_results", "scan_compare", "scan_history", "scan_erase",
}  # fmt: skip
SERVER_FILES = ["/etc/passwd", "/proc/self/environ", "file:///etc/passwd", "/etc/hosts", "../../../../etc/passwd"]
ADDRESSES = ["http://127.0.0.1:1/x.jpg", "https://example.org/x.jpg"]

Use = Callable[[ClientSession], Awaitable[Any]]


def as_person(rest: httpx.Client, use: Use) -> Any:
    """Whatever `use` gives back from a session signed in as the person of an HTTP client."""

    async def run() -> Any:
        headers = {"Authorization": rest.headers["Authorization"]}
        async with (
            httpx.AsyncClient(headers=headers, timeout=60) as http,
            streamable_http_client(str(rest.base_url.join("/mcp")), http_client=http) as (
                read,
                write,
                _,
            ),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            return await use(session)

    return asyncio.run(run())


def call(rest: httpx.Client, tool: str, **arguments: Any) -> types.CallToolResult:
    result = as_person(rest, lambda session: session.call_tool(tool, arguments))
    assert isinstance(result, types.CallToolResult)
    return result


def answer(rest: httpx.Client, tool: str, **arguments: Any) -> dict[str, Any]:
    result = call(rest, tool, **arguments)
    assert not result.isError, result.content
    assert result.structuredContent is not None
    return result.structuredContent


def refusal(rest: httpx.Client, tool: str, **arguments: Any) -> str:
    result = call(rest, tool, **arguments)
    assert result.isError
    (content,) = result.content
    assert isinstance(content, types.TextContent)
    return content.text


def without_identity(result: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in result.items() if name not in ("scan_id", "created_at")}


@pytest.fixture(scope="module")
def fake_server(start_server: StartServer) -> LiveServer:
    return start_server(examiner=build_fake_examiner)


@pytest.fixture
def photo(astronaut_jpeg: bytes) -> str:
    return b64encode(astronaut_jpeg).decode()


def test_the_tools_are_the_lifecycle_and_each_says_what_it_takes(live_server: LiveServer) -> None:
    listed = as_person(live_server.sign_up(), lambda session: session.list_tools()).tools
    assert {tool.name for tool in listed} == TOOLS
    for tool in listed:
        assert tool.description.endswith(".")
        assert all("description" in one for one in tool.inputSchema["properties"].values()), tool.name
    assert [tool.name for tool in listed if tool.annotations.destructiveHint] == ["scan_erase"]


def test_a_whole_scan_gives_the_same_json_as_rest(live_server: LiveServer, photo: str) -> None:
    rest = live_server.register()
    scan_id = answer(rest, "scan_init", metadata={"device": "agent"})["scan_id"]
    sent = answer(rest, "scan_upload", scan_id=scan_id, photos=[photo])
    assert sent == {"scan_id": scan_id, "status": "processing"}
    wait_until_finished(rest, scan_id)
    for tool, path in (("scan_status", "status"), ("scan_results", "results")):
        assert answer(rest, tool, scan_id=scan_id) == rest.get(f"/api/scan/{scan_id}/{path}").json()
    assert answer(rest, "scan_history") == rest.get("/api/scan/history").json()
    again = answer(rest, "scan", photos=[f"data:image/jpeg;base64,{photo}"])
    assert without_identity(again) == without_identity(rest.get(f"/api/scan/{scan_id}/results").json())
    compared = rest.get(f"/api/scan/{scan_id}/compare/{again['scan_id']}").json()
    assert answer(rest, "scan_compare", scan_id=scan_id, other_id=again["scan_id"]) == compared
    assert answer(rest, "scan_erase", scan_id=scan_id) == {}
    assert rest.get(f"/api/scan/{scan_id}/results").status_code == 404


def test_a_photo_may_come_by_the_upload_address_and_does_not_stay(
    fake_server: LiveServer, astronaut_jpeg: bytes
) -> None:
    rest = fake_server.sign_up()
    path = rest.post("/gradio_api/upload", files={"files": ("a.jpg", astronaut_jpeg)}).json()[0]
    assert answer(rest, "scan", photos=[path])["status"] == "completed"
    assert not Path(path).exists()


@pytest.mark.parametrize("named", [*SERVER_FILES, *ADDRESSES])
def test_no_file_of_the_server_and_no_address_is_read_as_a_photo(fake_server: LiveServer, named: str) -> None:
    rest = fake_server.sign_up()
    scan_id = rest.post("/api/scan/init").json()["scan_id"]
    for tool, more in (("scan", {}), ("scan_upload", {"scan_id": scan_id})):
        assert refusal(rest, tool, photos=[named], **more).startswith("invalid_request: ")
    marked = {"path": named, "meta": {"_type": "gradio.FileData"}}
    assert refusal(rest, "scan", photos=[marked]).startswith("invalid_request: ")
    assert rest.get(f"/api/scan/{scan_id}/status").json()["status"] == "pending"


def test_the_upload_of_another_person_cannot_be_scanned(fake_server: LiveServer, astronaut_jpeg: bytes) -> None:
    owner, stranger = fake_server.sign_up(), fake_server.sign_up()
    path = owner.post("/gradio_api/upload", files={"files": ("a.jpg", astronaut_jpeg)}).json()[0]
    assert refusal(stranger, "scan", photos=[path]).startswith("invalid_request: ")
    assert Path(path).exists()


def test_another_persons_scan_is_not_found(fake_server: LiveServer, photo: str) -> None:
    owner, stranger = fake_server.sign_up(), fake_server.sign_up()
    scan_id = owner.post("/api/scan/init").json()["scan_id"]
    for tool, more in (
        ("scan_status", {}),
        ("scan_results", {}),
        ("scan_erase", {}),
        ("scan_upload", {"photos": [photo]}),
        ("scan_compare", {"other_id": scan_id}),
    ):
        assert refusal(stranger, tool, scan_id=scan_id, **more) == error_of(Code.SCAN_NOT_FOUND)
    assert answer(stranger, "scan_history")["scans"] == []
    assert owner.get(f"/api/scan/{scan_id}/status").status_code == 200


def test_errors_carry_the_code_and_the_sentence_of_rest(fake_server: LiveServer) -> None:
    rest = fake_server.sign_up()
    text = b64encode(b"not a photo").decode()
    for tool, arguments, code in (
        ("scan_status", {"scan_id": str(uuid4())}, Code.SCAN_NOT_FOUND),
        ("scan_status", {"scan_id": "not an id"}, Code.INVALID_REQUEST),
        ("scan_status", {}, Code.INVALID_REQUEST),
        ("scan_history", {"limit": 0}, Code.INVALID_REQUEST),
        ("scan_history", {"cursor": "made up"}, Code.INVALID_CURSOR),
        ("scan_init", {"metadata": {"note": "x" * 5000}}, Code.INVALID_REQUEST),
        ("scan", {"photos": [text]}, Code.UNSUPPORTED_FORMAT),
        ("scan", {"photos": [text] * 6}, Code.INVALID_REQUEST),
        ("no_such_tool", {}, Code.INVALID_REQUEST),
    ):
        assert refusal(rest, tool, **arguments) == error_of(code), tool
    assert rest.get("/api/scan/history").json()["scans"] == []


def test_uploads_are_limited_per_account(start_server: StartServer, photo: str) -> None:
    rest = start_server(examiner=build_fake_examiner, upload_limit="1/hour").sign_up()
    answer(rest, "scan", photos=[photo])
    assert refusal(rest, "scan", photos=[photo]) == error_of(Code.RATE_LIMITED)


def test_without_a_token_nothing_answers(fake_server: LiveServer) -> None:
    ping = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    headers = {"Accept": "application/json, text/event-stream"}
    signed_in = fake_server.sign_up()
    token = signed_in.headers["Authorization"].removeprefix("Bearer ")
    for address in ("/mcp", "/mcp/"):
        assert signed_in.post(address, json=ping, headers=headers).json()["result"]["tools"]
        for client in (
            httpx.Client(),
            httpx.Client(headers={"Authorization": "Bearer made.up.token"}),
            httpx.Client(cookies={"skin_session": token}),
        ):
            refused = client.post(fake_server.url + address, json=ping, headers=headers)
            assert (refused.status_code, refused.json()["code"]) == (401, "not_authenticated")
            assert refused.headers["www-authenticate"] == "Bearer"


def test_nothing_but_a_call_is_taken(fake_server: LiveServer) -> None:
    rest = fake_server.sign_up()
    for method in ("GET", "DELETE", "PUT"):
        assert rest.request(method, "/mcp").status_code == 405
    for address in ("/mcp/sse", "/mcp/messages", "/mcp/schema", "/gradio_api/mcp", "/gradio_api/mcp/"):
        assert rest.post(address, json={}).status_code == 404
    large = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "scan", "x": "x" * 16 * 1024**2}}
    assert rest.post("/mcp", json=large).status_code == 413


def error_of(code: Code) -> str:
    return f"{code.value}: {CATALOGUE[code][1]}"
