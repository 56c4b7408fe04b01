"""What Gradio would let anybody do by default, and here nobody may: by the raw protocol, without its client."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import LiveServer

MARK = {"_type": "gradio.FileData"}
SECRETS = ["/etc/passwd", "/proc/self/environ", "http://127.0.0.1:1/x.jpg", "https://example.org/x.jpg"]
PHOTO_ENDPOINTS = [("scan", []), ("scan_upload", ["7f1c9f4e-7a54-4f0e-9d6b-0f5f6f2f5a11"])]


def call(client: httpx.Client, endpoint: str, data: list[Any]) -> str:
    """What an event answers over the simple protocol, or the refusal of the call."""
    begun = client.post(f"/gradio_api/call/{endpoint}", json={"data": data})
    if begun.status_code != 200:
        return f"{begun.status_code} {begun.text}"
    return client.get(f"/gradio_api/call/{endpoint}/{begun.json()['event_id']}").text


def join(client: httpx.Client, dependency: dict[str, Any], *, event_data: Any = None) -> str:
    """What any event, private ones too, answers over the queue's protocol; its inputs are all None."""
    session = "raw"
    body = {"data": [None] * len(dependency["inputs"]), "fn_index": dependency["id"], "session_hash": session}
    body |= {"event_data": event_data, "trigger_id": dependency["targets"][0][0]}
    begun = client.post("/gradio_api/queue/join", json=body)
    if begun.status_code != 200:
        return f"{begun.status_code} {begun.text}"
    with client.stream("GET", "/gradio_api/queue/data", params={"session_hash": session}) as events:
        for line in events.iter_lines():
            if '"process_completed"' in line:
                return line
    return ""


@pytest.mark.parametrize("path", SECRETS)
@pytest.mark.parametrize("meta", [{"meta": MARK}, {"meta": MARK, "url": "/x"}, {}], ids=["marked", "with-url", "bare"])
@pytest.mark.parametrize(("endpoint", "before"), PHOTO_ENDPOINTS)
def test_no_file_of_the_server_and_no_address_is_read_as_a_photo(
    live_server: LiveServer, endpoint: str, before: list[str], meta: dict[str, Any], path: str
) -> None:
    answer = call(live_server.sign_up(), endpoint, [*before, {"path": path, **meta}])
    assert "invalid_request" in answer if "meta" in meta else answer.startswith("event: error")
    assert "root:" not in answer
    assert "PATH=" not in answer


@pytest.mark.parametrize("endpoint", ["scan_status", "scan_init", "scan_history"])
def test_no_other_argument_reads_a_file_either(live_server: LiveServer, endpoint: str) -> None:
    nested = {"deep": [{"path": "/etc/passwd", "meta": MARK}]}
    answer = call(live_server.sign_up(), endpoint, [nested, None][: 2 if endpoint == "scan_history" else 1])
    assert answer.startswith("422")
    assert "invalid_request" in answer


def test_the_upload_of_another_person_cannot_be_scanned(live_server: LiveServer, astronaut_jpeg: bytes) -> None:
    owner, stranger = live_server.sign_up(), live_server.sign_up()
    path = owner.post("/gradio_api/upload", files={"files": ("a.jpg", astronaut_jpeg)}).json()[0]
    assert "invalid_request" in call(stranger, "scan", [{"path": path, "meta": MARK}])
    assert call(stranger, "scan", [{"path": path}]).startswith("event: error")
    assert Path(path).exists()
    assert '"status": "completed"' in call(owner, "scan", [{"path": path, "meta": MARK}])
    assert not Path(path).exists()


def test_no_upload_can_be_read_back(live_server: LiveServer, astronaut_jpeg: bytes) -> None:
    client = live_server.sign_up()
    path = client.post("/gradio_api/upload", files={"files": ("a.jpg", astronaut_jpeg)}).json()[0]
    for address in (f"/gradio_api/file={path}", f"/file={path}", f"/gradio_api/file/{path}"):
        assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    "address",
    [
        "/gradio_api/file=/etc/passwd",
        "/gradio_api/proxy=https://example.org/",
        "/gradio_api/deep_link?session_hash=x",
        "/gradio_api/runs",
        "/gradio_api/component_server",
        "/gradio_api/vibe-code",
        "/gradio_api/queue/status",
        "/monitoring",
        "/logout",
        "/gradio_api/mcp/",
    ],
)
def test_addresses_that_are_not_in_use_are_closed(live_server: LiveServer, address: str) -> None:
    client = live_server.sign_up()
    assert client.get(address).status_code == 404
    assert client.post(address, json={}).status_code == 404


def test_an_upload_over_the_limit_is_refused(live_server: LiveServer) -> None:
    answer = live_server.sign_up().post("/gradio_api/upload", files={"files": ("a.jpg", b"x" * (15 * 1024**2 + 1))})
    assert (answer.status_code, answer.json()["code"]) == (413, "image_too_large")


def test_an_event_with_a_body_far_over_its_arguments_is_refused(live_server: LiveServer) -> None:
    answer = live_server.sign_up().post("/gradio_api/call/scan_init", json={"data": ["x" * 100_000]})
    assert answer.status_code == 413


def test_every_event_but_the_named_ones_is_private_and_says_nothing_about_others(live_server: LiveServer) -> None:
    owner, stranger = live_server.register(), live_server.sign_up()
    scan_id = owner.post("/api/scan/init").json()["scan_id"]
    config = stranger.get("/config").raise_for_status().json()
    private = [one for one in config["dependencies"] if one["api_visibility"] != "public" and one["backend_fn"]]
    assert len(config["dependencies"]) - len([one for one in config["dependencies"] if one in private]) <= 10
    assert private
    owners_name = owner.get("/api/auth/me").json()["email"]
    for dependency in private:
        answer = join(stranger, dependency, event_data={"scan_id": scan_id, "path": "/etc/passwd", "cursor": None})
        assert scan_id not in answer, dependency
        assert owners_name not in answer
        assert "root:" not in answer
    assert owner.get(f"/api/scan/{scan_id}/status").status_code == 200
    assert owner.get("/api/auth/me").status_code == 200


def test_private_events_refuse_without_sign_in(live_server: LiveServer) -> None:
    config = live_server.sign_up().get("/config").json()
    nobody = httpx.Client(base_url=live_server.url)
    for dependency in config["dependencies"]:
        assert join(nobody, dependency).startswith("401"), dependency["id"]


def test_the_config_names_no_footer_link_and_keeps_no_history_of_runs(live_server: LiveServer) -> None:
    config = live_server.sign_up().get("/config").json()
    assert config["footer_links"] == []
    assert config["show_error"] is False
    assert config["run_history"] is False
    assert config["max_file_size"] == 15 * 1024**2
    assert json.dumps(config).count("huggingface.co") <= 2


def test_the_page_is_packed(live_server: LiveServer) -> None:
    page = live_server.sign_up().get("/")
    assert page.headers["content-encoding"] == "gzip"
    assert int(page.headers["content-length"]) < len(page.content) / 4
