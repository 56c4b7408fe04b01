"""The REST door, on a real server with a real Postgres and the real pipeline."""

import io
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import httpx
import pytest
from PIL import Image, ImageEnhance

from skin.scans import schemas
from skin.scans.comparison import ScanComparisonResponse
from tests.conftest import LiveServer, StartServer, encode_png, wait_until_finished
from tests.fakes import build_fake_examiner

PROBLEM = "application/problem+json"
SCAN_ROUTES = [
    ("POST", "/api/scan/init"),
    ("POST", "/api/scan/{scan_id}/upload"),
    ("GET", "/api/scan/{scan_id}/status"),
    ("GET", "/api/scan/{scan_id}/results"),
    ("GET", "/api/scan/{scan_id}/overlay"),
    ("GET", "/api/scan/{scan_id}/face"),
    ("GET", "/api/scan/{scan_id}/compare/{scan_id}"),
    ("PATCH", "/api/scan/{scan_id}"),
    ("DELETE", "/api/scan/{scan_id}"),
    ("POST", "/api/scan/{scan_id}/restore"),
    ("GET", "/api/scan/history"),
    ("GET", "/api/scan/timeline"),
    ("GET", "/api/auth/me"),
]


def init_and_upload(client: httpx.Client, photo: bytes, name: str = "photo.png") -> str:
    scan_id: str = client.post("/api/scan/init").raise_for_status().json()["scan_id"]
    answer = client.post(f"/api/scan/{scan_id}/upload", files={"image": (name, photo)})
    assert answer.status_code == 202, answer.text
    return scan_id


def assert_problem(answer: httpx.Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM), answer.text
    problem = answer.json()
    assert (problem["code"], problem["status"]) == (code, status)
    assert problem["detail"].endswith(".")


def test_init_with_valid_sign_in_makes_a_pending_scan(live_server: LiveServer) -> None:
    answer = live_server.register().post("/api/scan/init")
    assert answer.status_code == 201
    scan = schemas.ScanInitResponse.model_validate(answer.json())
    assert scan.status == "pending"


@pytest.mark.parametrize(("method", "path"), SCAN_ROUTES)
def test_every_personal_route_answers_401_without_a_token(live_server: LiveServer, method: str, path: str) -> None:
    answer = httpx.request(method, live_server.url + path.format(scan_id=uuid4()))
    assert_problem(answer, 401, "not_authenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("token", ["x", "a.b.c", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0."])
def test_a_bad_token_answers_401(live_server: LiveServer, token: str) -> None:
    answer = httpx.get(f"{live_server.url}/api/auth/me", headers={"Authorization": f"Bearer {token}"})
    assert_problem(answer, 401, "not_authenticated")


@pytest.mark.parametrize("sample", ["astronaut_png", "astronaut_jpeg", "grace_hopper_jpeg"])
def test_a_sample_photo_moves_from_pending_through_processing_to_completed(
    live_server: LiveServer, sample: str, request: pytest.FixtureRequest
) -> None:
    client = live_server.sign_up()
    scan_id = client.post("/api/scan/init").json()["scan_id"]
    assert client.get(f"/api/scan/{scan_id}/status").json()["status"] == "pending"
    upload = client.post(f"/api/scan/{scan_id}/upload", files={"image": request.getfixturevalue(sample)})
    assert upload.status_code == 202
    assert upload.json() == {"scan_id": scan_id, "status": "processing"}
    status = wait_until_finished(client, scan_id)
    assert (status["status"], status["error"]) == ("completed", None)


def test_results_have_the_documented_form(live_server: LiveServer, astronaut_png: bytes) -> None:
    client = live_server.sign_up()
    scan_id = init_and_upload(client, astronaut_png)
    wait_until_finished(client, scan_id)
    result = schemas.ScanResultResponse.model_validate(client.get(f"/api/scan/{scan_id}/results").json())
    assert len(result.concerns) == 10
    for concern in result.concerns:
        assert (concern.score is None) == (concern.not_judged is not None)
    assert result.skin_tone.ita_deg is not None
    assert result.quality
    assert "not a diagnosis" in result.disclaimer


def test_results_before_the_end_are_a_conflict(live_server: LiveServer) -> None:
    client = live_server.sign_up()
    scan_id = client.post("/api/scan/init").json()["scan_id"]
    assert_problem(client.get(f"/api/scan/{scan_id}/results"), 409, "scan_not_finished")


def test_a_refused_photo_ends_failed_with_code_and_sentence(live_server: LiveServer, blank_png: bytes) -> None:
    client = live_server.sign_up()
    scan_id = init_and_upload(client, blank_png)
    status = wait_until_finished(client, scan_id)
    assert status["status"] == "failed"
    assert status["error"]["code"] == "no_face"  # type: ignore[index]
    assert_problem(client.get(f"/api/scan/{scan_id}/results"), 422, "no_face")


@pytest.mark.parametrize(
    ("photo", "status", "code"),
    [
        (b"", 415, "unsupported_format"),
        (b"GIF89a" + bytes(100), 415, "unsupported_format"),
        (b"\xff\xd8\xff\xe0" + bytes(100), 422, "image_unreadable"),
        (bytes(15 * 1024 * 1024 + 1), 413, "image_too_large"),
        (bytes(40 * 1024 * 1024), 413, "image_too_large"),
    ],
    ids=["empty", "gif", "damaged", "over 15 MB", "over the body limit"],
)
def test_an_unusable_file_is_refused_and_the_scan_still_takes_a_good_one(
    live_server: LiveServer, photo: bytes, status: int, code: str, astronaut_png: bytes
) -> None:
    client = live_server.sign_up()
    scan_id = client.post("/api/scan/init").json()["scan_id"]
    assert_problem(client.post(f"/api/scan/{scan_id}/upload", files={"image": photo}), status, code)
    assert client.get(f"/api/scan/{scan_id}/status").json()["status"] == "pending"
    assert client.post(f"/api/scan/{scan_id}/upload", files={"image": astronaut_png}).status_code == 202


def test_a_body_without_a_length_is_cut_off_at_the_limit(live_server: LiveServer) -> None:
    client = live_server.sign_up()
    scan_id = client.post("/api/scan/init").json()["scan_id"]
    head = b'--x\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\n'
    chunks = (head if index == 0 else bytes(1024 * 1024) for index in range(30))
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = client.post(f"/api/scan/{scan_id}/upload", content=chunks, headers=headers)
    assert_problem(answer, 413, "image_too_large")


def test_a_burst_of_frames_gives_one_result_with_its_standard_error(
    live_server: LiveServer, astronaut_png: bytes
) -> None:
    client = live_server.sign_up()
    scan_id = client.post("/api/scan/init").json()["scan_id"]
    still = ImageEnhance.Brightness(Image.open(io.BytesIO(astronaut_png)))
    frames = [("image", encode_png(still.enhance(level))) for level in (1, 0.98, 0.95)]
    assert client.post(f"/api/scan/{scan_id}/upload", files=frames).status_code == 202
    assert wait_until_finished(client, scan_id)["status"] == "completed"
    tone = client.get(f"/api/scan/{scan_id}/results").json()["skin_tone"]
    assert tone["ita_se_deg"] > 0


def test_a_burst_of_six_frames_is_too_long(live_server: LiveServer, astronaut_png: bytes) -> None:
    client = live_server.sign_up()
    scan_id = client.post("/api/scan/init").json()["scan_id"]
    answer = client.post(f"/api/scan/{scan_id}/upload", files=[("image", ("a.png", astronaut_png))] * 6)
    assert_problem(answer, 422, "invalid_request")


def test_a_scan_compared_with_its_twin_shows_no_real_change(live_server: LiveServer, astronaut_png: bytes) -> None:
    client = live_server.sign_up()
    first, second = init_and_upload(client, astronaut_png), init_and_upload(client, astronaut_png)
    for scan_id in (first, second):
        wait_until_finished(client, scan_id)
    answer = client.get(f"/api/scan/{second}/compare/{first}").json()
    compared = ScanComparisonResponse.model_validate(answer)
    assert (str(compared.before.scan_id), str(compared.after.scan_id)) == (first, second)
    assert compared.comparable
    assert {change.verdict for change in compared.changes} <= {"no_real_change", "not_judged"}


def test_an_unfinished_scan_cannot_be_compared(live_server: LiveServer, astronaut_png: bytes) -> None:
    client = live_server.sign_up()
    finished, pending = init_and_upload(client, astronaut_png), client.post("/api/scan/init").json()["scan_id"]
    wait_until_finished(client, finished)
    assert_problem(client.get(f"/api/scan/{finished}/compare/{pending}"), 409, "scan_not_finished")


def test_a_second_photo_for_the_same_scan_is_a_conflict(live_server: LiveServer, astronaut_png: bytes) -> None:
    client = live_server.sign_up()
    scan_id = init_and_upload(client, astronaut_png)
    again = client.post(f"/api/scan/{scan_id}/upload", files={"image": astronaut_png})
    assert_problem(again, 409, "scan_has_photo")


@pytest.mark.parametrize(("method", "path"), [route for route in SCAN_ROUTES if "{scan_id}" in route[1]])
def test_another_persons_scan_answers_404(
    live_server: LiveServer, method: str, path: str, astronaut_png: bytes
) -> None:
    scan_id = live_server.sign_up().post("/api/scan/init").json()["scan_id"]
    files = {"image": astronaut_png} if path.endswith("upload") else None
    body = {"note": "not mine"} if method == "PATCH" else None
    answer = live_server.sign_up().request(method, path.format(scan_id=scan_id), files=files, json=body)
    assert_problem(answer, 404, "scan_not_found")


def test_history_pages_from_the_newest_to_the_oldest_without_gap_or_repeat(live_server: LiveServer) -> None:
    client = live_server.sign_up()
    made = [client.post("/api/scan/init").json()["scan_id"] for _ in range(7)]
    seen, cursor = [], None
    while True:
        params = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        page = schemas.ScanHistoryResponse.model_validate(client.get("/api/scan/history", params=params).json())
        seen += [str(scan.scan_id) for scan in page.scans]
        if (cursor := page.next_cursor) is None:
            break
        client.post("/api/scan/init")  # a new scan does not shift the pages behind it
    assert seen == made[::-1]


def test_history_of_a_new_person_is_empty(live_server: LiveServer) -> None:
    assert live_server.sign_up().get("/api/scan/history").json() == {"scans": [], "next_cursor": None}


FOREIGN_CURSORS = ["x", "####", "MjAyNi0wMS0wMXx4", "MjAyNi0wMS0wMXw3ZjFjOWY0ZS03YTU0LTRmMGUtOWQ2Yi0wZjVmNmYyZjVhMTE="]


@pytest.mark.parametrize("cursor", FOREIGN_CURSORS)
def test_a_cursor_of_ones_own_making_is_refused(live_server: LiveServer, cursor: str) -> None:
    answer = live_server.sign_up().get("/api/scan/history", params={"cursor": cursor})
    assert_problem(answer, 422, "invalid_cursor")


@pytest.mark.parametrize("limit", [0, -1, 101, "many"])
def test_a_page_size_out_of_range_names_the_field(live_server: LiveServer, limit: object) -> None:
    answer = live_server.sign_up().get("/api/scan/history", params={"limit": str(limit)})
    assert_problem(answer, 422, "invalid_request")
    assert answer.json()["fields"][0]["field"] == "limit"


def test_an_erased_scan_is_gone_with_its_pictures(live_server: LiveServer, astronaut_png: bytes) -> None:
    client = live_server.sign_up()
    scan_id = init_and_upload(client, astronaut_png)
    wait_until_finished(client, scan_id)
    assert client.get(f"/api/scan/{scan_id}/overlay").headers["content-type"] == "image/jpeg"
    assert client.get(f"/api/scan/{scan_id}/face").headers["content-type"] == "image/jpeg"
    before = count_pictures(live_server)
    assert client.delete(f"/api/scan/{scan_id}", params={"now": True}).status_code == 204
    assert count_pictures(live_server) == before - 3  # photo, overlay, face
    assert_problem(client.get(f"/api/scan/{scan_id}/results"), 404, "scan_not_found")


def test_an_erased_account_takes_everything_with_it(live_server: LiveServer, astronaut_png: bytes) -> None:
    client = live_server.register()
    before = count_pictures(live_server)
    scan_id = init_and_upload(client, astronaut_png)
    wait_until_finished(client, scan_id)
    assert client.delete("/api/auth/me").status_code == 204
    assert count_pictures(live_server) == before
    assert_problem(client.get("/api/auth/me"), 401, "not_authenticated")


def count_pictures(server: LiveServer) -> int:
    return sum(1 for _ in (server.settings.home / "pictures").rglob("*.jpg"))


def test_metadata_of_a_scan_is_limited(live_server: LiveServer) -> None:
    client = live_server.sign_up()
    assert client.post("/api/scan/init", json={"metadata": {"device": "kiosk"}}).status_code == 201
    assert_problem(client.post("/api/scan/init", json={"metadata": {"x": "y" * 5000}}), 422, "invalid_request")
    assert_problem(client.post("/api/scan/init", json={"metadata": [1]}), 422, "invalid_request")


def test_health_answers_while_scans_run(live_server: LiveServer, astronaut_png: bytes) -> None:
    client = live_server.sign_up()
    init_and_upload(client, astronaut_png)
    answers = [httpx.get(f"{live_server.url}/api/health") for _ in range(20)]
    assert all(answer.json() == {"status": "healthy", "service": "skin"} for answer in answers)


def test_ready_names_every_part(live_server: LiveServer) -> None:
    answer = httpx.get(f"{live_server.url}/api/ready")
    assert answer.json() == {"status": "ready", "parts": {"database": True, "store": True, "model": True}}


def test_an_unknown_address_below_api_is_a_problem_too(live_server: LiveServer) -> None:
    assert_problem(httpx.get(f"{live_server.url}/api/nothing"), 404, "route_not_found")
    assert_problem(httpx.put(f"{live_server.url}/api/nothing"), 404, "route_not_found")


def test_the_openapi_document_is_3_1_with_valid_examples(live_server: LiveServer) -> None:
    document = httpx.get(f"{live_server.url}/openapi.json").json()
    assert (document["openapi"][:3], document["info"]["version"]) == ("3.1", "1.0.0")
    named = [schemas.ScanInitResponse, schemas.ScanUploadResponse, schemas.ScanStatusResponse]
    for schema in [*named, schemas.ScanResultResponse, schemas.ScanHistoryResponse, ScanComparisonResponse]:
        schema.model_validate(document["components"]["schemas"][schema.__name__]["example"])


def test_the_documentation_page_loads_nothing_from_elsewhere(live_server: LiveServer) -> None:
    page = httpx.get(f"{live_server.url}/docs").text
    assert "swagger-ui-bundle.js" in page
    assert "https://" not in page


def test_old_names_of_the_schemas_still_work() -> None:
    assert schemas.InitScanResponse is schemas.ScanInitResponse
    assert schemas.UploadScanResponse is schemas.ScanUploadResponse
    assert schemas.ScanStatus is schemas.ScanStatusResponse
    assert schemas.ScanResult is schemas.ScanResultResponse
    assert schemas.ScanHistory is schemas.ScanHistoryResponse


def test_answers_carry_the_guard_headers(live_server: LiveServer) -> None:
    headers = httpx.get(f"{live_server.url}/api/health").headers
    assert headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'self'" in headers["content-security-policy"]


def test_only_listed_origins_may_call_from_a_browser(start_server: StartServer) -> None:
    server = start_server(build_fake_examiner, cors_origins=["https://shop.example"])
    ask = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    allowed = httpx.options(f"{server.url}/api/scan/init", headers={"Origin": "https://shop.example"} | ask)
    refused = httpx.options(f"{server.url}/api/scan/init", headers={"Origin": "https://evil.example"} | ask)
    assert allowed.headers["access-control-allow-origin"] == "https://shop.example"
    assert "access-control-allow-origin" not in refused.headers


def test_sign_in_registration_and_upload_are_limited(start_server: StartServer, astronaut_png: bytes) -> None:
    server = start_server(
        build_fake_examiner, sign_in_limit="2/minute", registration_limit="3/minute", upload_limit="1/minute"
    )
    client = server.sign_up()
    for _ in range(2):
        assert client.post("/api/auth/token", data={"username": "a@b.org", "password": "12345678"}).status_code == 401
    limited = client.post("/api/auth/token", data={"username": "a@b.org", "password": "12345678"})
    assert_problem(limited, 429, "rate_limited")
    assert limited.headers["retry-after"] == "60"
    server.sign_up()
    server.sign_up()
    assert_problem(client.post("/api/auth/guest"), 429, "rate_limited")
    init_and_upload(client, astronaut_png)
    scan_id = client.post("/api/scan/init").json()["scan_id"]
    answer = client.post(f"/api/scan/{scan_id}/upload", files={"image": astronaut_png})
    assert_problem(answer, 429, "rate_limited")


def test_concurrent_people_each_get_their_own_result(start_server: StartServer) -> None:
    """Many at once through a worker of two threads: a result that belongs to another picture shows by its number."""
    server = start_server(build_fake_examiner, worker_concurrency=2)

    def scan(level: int) -> tuple[int, float]:
        client = server.sign_up()
        scan_id = init_and_upload(client, encode_png(Image.new("RGB", (300, 300), (level, level, level))))
        wait_until_finished(client, scan_id)
        return level, client.get(f"/api/scan/{scan_id}/results").json()["skin_tone"]["ita_deg"]

    with ThreadPoolExecutor(20) as pool:
        for level, ita_deg in pool.map(scan, range(10, 210, 10)):
            assert abs(level - ita_deg) <= 1


def test_the_event_loop_is_free_while_a_photo_is_decoded(live_server: LiveServer, astronaut_png: bytes) -> None:
    client = live_server.sign_up()
    with ThreadPoolExecutor(4) as pool:
        uploads = [pool.submit(init_and_upload, client, astronaut_png) for _ in range(4)]
        beats = 0
        while not all(upload.done() for upload in uploads):
            httpx.get(f"{live_server.url}/api/health").raise_for_status()
            beats += 1
            time.sleep(0.01)
    assert beats > 0
