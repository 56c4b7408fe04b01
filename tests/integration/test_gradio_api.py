"""The named Gradio API, with the real client against a real server: the same lifecycle and the same JSON as REST."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError, AuthenticationError
from PIL import Image

from skin.errors import CATALOGUE, Code
from tests.conftest import LiveServer, StartServer, encode_png, wait_until_finished
from tests.integration.conftest import Connect

ENDPOINTS = [
    "/annotation_next",
    "/annotation_submit",
    "/scan",
    "/scan_compare",
    "/scan_history",
    "/scan_init",
    "/scan_results",
    "/scan_status",
    "/scan_timeline",
    "/scan_upload",
]


@pytest.fixture
def photo_file(tmp_path: Path, astronaut_jpeg: bytes) -> str:
    path = tmp_path / "astronaut.jpg"
    path.write_bytes(astronaut_jpeg)
    return str(path)


def without_identity(result: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in result.items() if name not in ("scan_id", "created_at")}


def error_of(code: Code) -> str:
    return f"{code.value}: {CATALOGUE[code][1]}"


def uploads_of(server: LiveServer) -> list[Path]:
    return [path for path in (server.settings.home / "uploads").rglob("*") if path.is_file()]


def test_a_scan_goes_from_init_to_history_and_every_answer_is_the_one_of_rest(
    live_server: LiveServer, connect: Connect, photo_file: str
) -> None:
    rest = live_server.register()
    client = connect(rest)
    begun = client.predict({"device": "kiosk 3"}, api_name="/scan_init")
    assert begun["status"] == "pending"
    scan_id = begun["scan_id"]
    assert client.predict(scan_id, handle_file(photo_file), api_name="/scan_upload") == {
        "scan_id": scan_id,
        "status": "processing",
    }
    assert wait_until_finished(rest, scan_id)["status"] == "completed"
    for endpoint, path in (("/scan_status", "status"), ("/scan_results", "results")):
        assert client.predict(scan_id, api_name=endpoint) == rest.get(f"/api/scan/{scan_id}/{path}").json()
    assert client.predict(api_name="/scan_history") == rest.get("/api/scan/history").json()


def test_scan_in_one_call_gives_the_result_that_rest_gives_for_the_same_file(
    live_server: LiveServer, connect: Connect, photo_file: str, astronaut_jpeg: bytes
) -> None:
    rest = live_server.sign_up()
    scan_id = rest.post("/api/scan/init").json()["scan_id"]
    rest.post(f"/api/scan/{scan_id}/upload", files={"image": astronaut_jpeg}).raise_for_status()
    wait_until_finished(rest, scan_id)
    by_rest = rest.get(f"/api/scan/{scan_id}/results").raise_for_status().json()
    by_gradio = connect(rest).predict(handle_file(photo_file), api_name="/scan")
    assert without_identity(by_gradio) == without_identity(by_rest)


def test_a_comparison_is_the_one_of_rest_whichever_way_round(
    live_server: LiveServer, connect: Connect, photo_file: str
) -> None:
    rest = live_server.sign_up()
    client = connect(rest)
    first, second = (client.predict(handle_file(photo_file), api_name="/scan")["scan_id"] for _ in range(2))
    by_rest = rest.get(f"/api/scan/{first}/compare/{second}").raise_for_status().json()
    assert client.predict(first, second, api_name="/scan_compare") == by_rest
    assert client.predict(scan_id=second, other_id=first, api_name="/scan_compare") == by_rest


def test_history_is_paged_by_limit_and_cursor(live_server: LiveServer, connect: Connect) -> None:
    client = connect(live_server.sign_up())
    made = [client.predict(api_name="/scan_init")["scan_id"] for _ in range(3)]
    first = client.predict(2, api_name="/scan_history")
    rest = client.predict(limit=2, cursor=first["next_cursor"], api_name="/scan_history")
    assert [scan["scan_id"] for scan in first["scans"] + rest["scans"]] == made[::-1]
    assert rest["next_cursor"] is None


def test_view_api_shows_every_endpoint_with_their_parameters_described(
    live_server: LiveServer, connect: Connect
) -> None:
    shown = connect(live_server.sign_up()).view_api(return_format="dict", all_endpoints=True, print_info=False)
    assert isinstance(shown, dict)
    assert sorted(shown["named_endpoints"]) == ENDPOINTS
    assert not shown["unnamed_endpoints"]
    parameters = {
        name: [(one["parameter_name"], one["parameter_has_default"]) for one in endpoint["parameters"]]
        for name, endpoint in shown["named_endpoints"].items()
    }
    assert parameters == {
        "/annotation_next": [("project_id", False)],
        "/annotation_submit": [("assignment_id", False), ("label", False), ("seconds_spent", False)],
        "/scan": [("photo", False)],
        "/scan_init": [("metadata", True)],
        "/scan_upload": [("scan_id", False), ("photo", False)],
        "/scan_status": [("scan_id", False)],
        "/scan_results": [("scan_id", False)],
        "/scan_compare": [("scan_id", False), ("other_id", False)],
        "/scan_history": [("limit", True), ("cursor", True)],
        "/scan_timeline": [],
    }
    for endpoint in shown["named_endpoints"].values():
        assert endpoint["description"].endswith(".")
        assert all(len(one["label"]) > 15 for one in endpoint["parameters"])


def test_without_a_token_nothing_answers(live_server: LiveServer) -> None:
    with pytest.raises(AuthenticationError):
        Client(live_server.url, verbose=False, analytics_enabled=False)
    for method, path in (
        ("GET", "/config"),
        ("GET", "/gradio_api/info"),
        ("POST", "/gradio_api/upload"),
        ("POST", "/gradio_api/queue/join"),
        ("POST", "/gradio_api/call/scan_history"),
    ):
        answer = httpx.request(method, live_server.url + path)
        assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated"), path


def test_another_persons_scan_is_not_found(live_server: LiveServer, connect: Connect, photo_file: str) -> None:
    owner, stranger = connect(live_server.sign_up()), connect(live_server.sign_up())
    scan_id = owner.predict(api_name="/scan_init")["scan_id"]
    for endpoint in ("/scan_status", "/scan_results"):
        with pytest.raises(AppError, match="scan_not_found"):
            stranger.predict(scan_id, api_name=endpoint)
    with pytest.raises(AppError, match="scan_not_found"):
        stranger.predict(scan_id, handle_file(photo_file), api_name="/scan_upload")
    with pytest.raises(AppError, match="scan_not_found"):
        stranger.predict(scan_id, scan_id, api_name="/scan_compare")


def test_errors_carry_the_code_and_the_sentence_of_rest(
    live_server: LiveServer, connect: Connect, tmp_path: Path
) -> None:
    client = connect(live_server.sign_up())
    text = tmp_path / "photo.jpg"
    text.write_text("not a photo")
    pending = client.predict(api_name="/scan_init")["scan_id"]
    calls: list[tuple[Code, str, tuple[Any, ...]]] = [
        (Code.SCAN_NOT_FOUND, "/scan_status", (str(uuid4()),)),
        (Code.INVALID_REQUEST, "/scan_status", ("not an id",)),
        (Code.INVALID_REQUEST, "/scan_history", (0,)),
        (Code.INVALID_CURSOR, "/scan_history", (20, "made up")),
        (Code.INVALID_REQUEST, "/scan_init", ({"note": "x" * 5000},)),
        (Code.SCAN_NOT_FINISHED, "/scan_results", (pending,)),
        (Code.SCAN_NOT_FINISHED, "/scan_compare", (pending, pending)),
        (Code.SCAN_NOT_FOUND, "/scan_compare", (str(uuid4()), pending)),
        (Code.INVALID_REQUEST, "/scan_compare", (pending, "not an id")),
        (Code.UNSUPPORTED_FORMAT, "/scan", (handle_file(text),)),
    ]
    for code, endpoint, arguments in calls:
        with pytest.raises(AppError) as failure:
            client.predict(*arguments, api_name=endpoint)
        assert str(failure.value) == error_of(code)


def test_a_refused_file_leaves_no_scan_in_the_history(
    live_server: LiveServer, connect: Connect, tmp_path: Path
) -> None:
    client = connect(live_server.sign_up())
    text = tmp_path / "photo.jpg"
    text.write_text("not a photo")
    with pytest.raises(AppError, match="unsupported_format"):
        client.predict(handle_file(text), api_name="/scan")
    assert client.predict(api_name="/scan_history")["scans"] == []


def test_uploads_are_deleted_once_they_were_read(live_server: LiveServer, connect: Connect, photo_file: str) -> None:
    client = connect(live_server.sign_up())
    before = set(uploads_of(live_server))
    client.predict(handle_file(photo_file), api_name="/scan")
    assert set(uploads_of(live_server)) <= before


def test_people_who_send_the_same_file_at_once_all_get_their_result(
    live_server: LiveServer, connect: Connect, photo_file: str
) -> None:
    clients = [connect(live_server.sign_up()) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda one: one.predict(handle_file(photo_file), api_name="/scan"), clients))
    assert len({result["scan_id"] for result in results}) == 4
    assert all(without_identity(result) == without_identity(results[0]) for result in results)


def test_uploads_are_limited_per_account(start_server: StartServer, connect: Connect, photo_file: str) -> None:
    client = connect(start_server(upload_limit="1/hour").sign_up())
    client.predict(handle_file(photo_file), api_name="/scan")
    with pytest.raises(AppError) as failure:
        client.predict(handle_file(photo_file), api_name="/scan")
    assert str(failure.value) == error_of(Code.RATE_LIMITED)


def test_an_annotator_takes_and_submits_tasks_with_the_answers_of_rest(
    live_server: LiveServer, connect: Connect
) -> None:
    admin, rest = live_server.hire("admin"), live_server.hire("annotator")
    project = admin.post("/api/annotation/projects", json={"name": uuid4().hex}).raise_for_status().json()
    pictures = [
        ("image", (f"{shade}.png", encode_png(Image.new("RGB", (64, 64), (shade,) * 3)))) for shade in (50, 150)
    ]
    path = f"/api/annotation/projects/{project['id']}"
    admin.post(f"{path}/items", files=pictures, data={"is_aligned": "true"}).raise_for_status()
    client = connect(rest)
    task = client.predict(project["id"], api_name="/annotation_next")["next"]
    same = rest.post(f"{path}/next").json()
    assert task | {"leased_until": None} == same | {"leased_until": None}
    unusable = {"quality_flags": ["not_a_face"]}
    following = client.predict(task["assignment_id"], unusable, 3, api_name="/annotation_submit")["next"]
    assert following["item_id"] != task["item_id"]
    assert client.predict(following["assignment_id"], unusable, 3, api_name="/annotation_submit") == {"next": None}
    with pytest.raises(AppError, match=error_of(Code.LABEL_INCOMPLETE)):
        client.predict(following["assignment_id"], {}, 3, api_name="/annotation_submit")
    with pytest.raises(AppError, match=error_of(Code.INVALID_REQUEST)):
        client.predict(following["assignment_id"], {"monk": 11}, 3, api_name="/annotation_submit")
    with pytest.raises(AppError, match=error_of(Code.NOT_PERMITTED)):
        connect(live_server.register()).predict(project["id"], api_name="/annotation_next")
