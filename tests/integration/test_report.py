"""Who may read the report of a scan."""

from uuid import uuid4

import httpx

from tests.conftest import LiveServer, wait_until_finished


def test_a_report_is_for_its_owner_only(live_server: LiveServer, astronaut_jpeg: bytes) -> None:
    owner, stranger = live_server.sign_up(), live_server.sign_up()
    scan_id = owner.post("/api/scan/init").json()["scan_id"]
    assert owner.get(f"/scans/{scan_id}/report").status_code == 409
    owner.post(f"/api/scan/{scan_id}/upload", files={"image": astronaut_jpeg}).raise_for_status()
    wait_until_finished(owner, scan_id)
    report = owner.get(f"/scans/{scan_id}/report")
    assert report.status_code == 200
    assert report.headers["cache-control"] == "private, no-store"
    assert scan_id in report.text
    refused = stranger.get(f"/scans/{scan_id}/report")
    assert (refused.status_code, scan_id in refused.text) == (404, False)
    assert stranger.get(f"/scans/{uuid4()}/report").text == refused.text
    nobody = httpx.get(f"{live_server.url}/scans/{scan_id}/report")
    assert (nobody.status_code, nobody.headers["location"]) == (303, "/signin")


def test_a_refused_photo_has_no_report_but_its_reason(live_server: LiveServer, blank_png: bytes) -> None:
    owner = live_server.sign_up()
    scan_id = owner.post("/api/scan/init").json()["scan_id"]
    owner.post(f"/api/scan/{scan_id}/upload", files={"image": blank_png}).raise_for_status()
    wait_until_finished(owner, scan_id)
    report = owner.get(f"/scans/{scan_id}/report")
    assert report.status_code == 422
    assert "No face was found" in report.text
