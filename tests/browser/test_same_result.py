"""One photo through every door (the page, curl's REST and gradio_client) gives one and the same result."""

from pathlib import Path
from typing import Any

import httpx
from gradio_client import Client, handle_file
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.conftest import LiveServer, wait_until_finished


def test_page_rest_and_gradio_client_give_the_identical_result(
    open_visit: Open, live_server: LiveServer, astronaut_png: bytes, tmp_path: Path
) -> None:
    file = tmp_path / "astronaut.png"
    file.write_bytes(astronaut_png)
    results = [
        scan_by_page(open_visit, live_server, file),
        scan_by_rest(live_server, file),
        scan_by_gradio(live_server, file),
    ]
    assert results[0]["skin_tone"]["ita_deg"] is not None
    assert results[0] == results[1] == results[2]


def scan_by_page(open_visit: Open, live_server: LiveServer, file: Path) -> dict[str, Any]:
    visit = open_visit()
    visit.enter_as_guest()
    visit.choose(file)
    expect(visit.page.get_by_role("heading", name="Your result")).to_be_visible()
    token = next(cookie["value"] for cookie in visit.page.context.cookies() if cookie["name"] == "skin_session")
    with httpx.Client(base_url=live_server.url, headers={"Authorization": f"Bearer {token}"}) as person:
        (scan,) = person.get("/api/scan/history").json()["scans"]
        return essence(person.get(f"/api/scan/{scan['scan_id']}/results").json())


def scan_by_rest(live_server: LiveServer, file: Path) -> dict[str, Any]:
    person = live_server.sign_up()
    scan_id = person.post("/api/scan/init").json()["scan_id"]
    person.post(f"/api/scan/{scan_id}/upload", files={"image": file.read_bytes()}).raise_for_status()
    wait_until_finished(person, scan_id)
    return essence(person.get(f"/api/scan/{scan_id}/results").json())


def scan_by_gradio(live_server: LiveServer, file: Path) -> dict[str, Any]:
    headers = {"Authorization": live_server.register().headers["Authorization"]}
    client = Client(live_server.url, headers=headers, verbose=False, analytics_enabled=False)
    result: dict[str, Any] = client.predict(photo=handle_file(str(file)), api_name="/scan")
    client.close()
    return essence(result)


def essence(result: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in result.items() if name not in ("scan_id", "created_at")}
