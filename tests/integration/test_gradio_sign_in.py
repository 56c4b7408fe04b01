"""The pages' door: forms, cookie, redirects, and the picture that only its owner sees."""

import re
from uuid import uuid4

import httpx
import pytest

from skin.errors import CATALOGUE, Code
from tests.browser.rich import build_rich_examiner
from tests.conftest import LiveServer, StartServer, wait_until_finished
from tests.integration.test_rest import init_and_upload

PASSWORD = "correct horse battery"
PAGE = {"Accept": "text/html"}


def browse(server: LiveServer) -> httpx.Client:
    """A client that behaves like a browser: takes pages, keeps cookies, follows nothing by itself."""
    return httpx.Client(base_url=server.url, headers=PAGE, timeout=30)


def register(client: httpx.Client) -> str:
    email = f"{uuid4().hex}@example.org"
    assert client.post("/register", data={"email": email, "password": PASSWORD}).status_code == 303
    return email


def test_a_page_without_sign_in_leads_to_the_door_and_a_call_is_refused(live_server: LiveServer) -> None:
    for path in ("/", "/?view=api", "/somewhere"):
        answer = browse(live_server).get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/signin")
    assert httpx.get(live_server.url).status_code == 401


@pytest.mark.parametrize("path", ["/docs", "/openapi.json", "/api/health", "/docs/errors", "/signin"])
def test_what_is_open_stays_open(live_server: LiveServer, path: str) -> None:
    assert browse(live_server).get(path).status_code == 200


def test_an_account_can_be_made_left_and_entered_again(live_server: LiveServer) -> None:
    client = browse(live_server)
    email = register(client)
    assert client.get("/").status_code == 200
    assert client.get("/signin").headers["location"] == "/"
    assert client.post("/signout").headers["location"] == "/signin"
    assert client.get("/").headers["location"] == "/signin"
    answer = client.post("/signin", data={"email": f" {email.upper()} ", "password": PASSWORD})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert client.get("/").status_code == 200


def test_a_guest_is_let_in_without_anything(live_server: LiveServer) -> None:
    client = browse(live_server)
    assert client.post("/guest").headers["location"] == "/"
    assert client.get("/").status_code == 200


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(live_server: LiveServer) -> None:
    cookie = browse(live_server).post("/guest").headers["set-cookie"].lower()
    assert {"httponly", "samesite=lax", "path=/", "max-age=1800"} <= set(cookie.split("; "))
    assert "secure" not in cookie
    behind_https = browse(live_server).post("/guest", headers={"X-Forwarded-Proto": "https"})
    assert "secure" in behind_https.headers["set-cookie"].lower().split("; ")


@pytest.mark.parametrize(
    ("form", "password", "status", "sentence"),
    [
        ("/signin", "wrong password", 401, CATALOGUE[Code.BAD_CREDENTIALS][1]),
        ("/register", PASSWORD, 409, CATALOGUE[Code.EMAIL_TAKEN][1]),
        ("/register", "short", 422, "Please choose a password of 8 to 256 characters."),
    ],
)
def test_a_failure_shows_the_form_again_with_the_reason_and_what_was_typed(
    live_server: LiveServer, form: str, password: str, status: int, sentence: str
) -> None:
    client = browse(live_server)
    email = register(client)
    answer = browse(live_server).post(form, data={"email": email, "password": password})
    assert answer.status_code == status
    assert "set-cookie" not in answer.headers
    assert sentence in answer.text
    assert f'value="{email}"' in answer.text
    assert password not in answer.text
    assert 'aria-live="assertive"' in answer.text


def test_an_address_that_is_none_is_told_so_and_never_run_as_html(live_server: LiveServer) -> None:
    answer = browse(live_server).post("/register", data={"email": '"><script>x</script>', "password": PASSWORD})
    assert answer.status_code == 422
    assert "e-mail address such as" in answer.text
    assert "<script>" not in answer.text


def test_too_many_sign_ins_are_told_to_wait(start_server: StartServer) -> None:
    server = start_server(sign_in_limit="1/hour")
    form = {"email": "a@example.org", "password": PASSWORD}
    assert browse(server).post("/signin", data=form).status_code == 401
    answer = browse(server).post("/signin", data=form)
    assert answer.status_code == 429
    assert CATALOGUE[Code.RATE_LIMITED][1] in answer.text


@pytest.mark.parametrize("path", ["/signin", "/register", "/guest"])
def test_no_other_site_can_sign_anybody_in(live_server: LiveServer, path: str) -> None:
    form = {"email": "a@example.org", "password": PASSWORD}
    answer = browse(live_server).post(path, data=form, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.headers["location"] == "/signin"
    assert "set-cookie" not in answer.headers


def test_a_page_can_ask_whether_its_sign_in_still_holds(live_server: LiveServer) -> None:
    client = browse(live_server)
    client.post("/guest")
    assert client.get("/session").status_code == 204
    assert browse(live_server).get("/session").status_code == 401


def test_the_cookie_opens_pages_but_not_rest(live_server: LiveServer) -> None:
    client = browse(live_server)
    client.post("/guest")
    assert client.get("/api/auth/me").status_code == 401
    assert client.post("/api/scan/init").status_code == 401


def test_the_drawn_photo_is_shown_to_its_owner_only_and_kept_nowhere(
    live_server: LiveServer, astronaut_jpeg: bytes
) -> None:
    owner = live_server.sign_up()
    scan_id = init_and_upload(owner, astronaut_jpeg)
    wait_until_finished(owner, scan_id)
    path = f"/scans/{scan_id}/overlay.jpg"
    answer = owner.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    assert answer.headers["cache-control"] == "private, no-store"
    assert live_server.sign_up().get(path).status_code == 404
    assert httpx.get(live_server.url + path).status_code == 401
    guest = browse(live_server)
    guest.post("/guest")
    assert guest.get(path).status_code == 404


def test_the_map_of_a_concern_is_shown_to_its_owner_only_and_kept_nowhere(
    start_server: StartServer, astronaut_jpeg: bytes
) -> None:
    server = start_server(examiner=build_rich_examiner)
    owner = server.sign_up()
    scan_id = init_and_upload(owner, astronaut_jpeg)
    wait_until_finished(owner, scan_id)
    path = f"/scans/{scan_id}/maps/redness.png"
    answer = owner.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    assert answer.headers["cache-control"] == "private, no-store"
    missing = owner.get(f"/scans/{scan_id}/maps/acne.png")
    assert (missing.status_code, missing.json()["code"]) == (404, "picture_not_found")
    assert owner.get(f"/scans/{scan_id}/maps/nonsense.png").status_code in (404, 422)
    assert server.sign_up().get(path).status_code == 404
    assert httpx.get(server.url + path).status_code == 401
    browser = browse(server)
    browser.cookies.set("skin_session", owner.headers["Authorization"].removeprefix("Bearer "))
    assert browser.get(path).content == answer.content


def test_the_page_brings_everything_itself(live_server: LiveServer) -> None:
    page = browse(live_server).get("/signin").text
    assert not re.findall(r'(?:src|href|url)\s*[=(]\s*["\']?(?:https?:)?//', page)
    assert "<script" not in page


def test_an_account_is_erased_by_its_own_page_only(live_server: LiveServer) -> None:
    client = httpx.Client(base_url=live_server.url)
    client.post("/guest")
    token = client.cookies["skin_session"]
    bearer = {"Authorization": f"Bearer {token}"}
    for headers in ({"Sec-Fetch-Site": "cross-site"}, bearer):
        assert client.post("/erase", headers=headers).headers["location"] == "/signin"
        assert client.get("/api/auth/me", headers=bearer).status_code == 200
    assert client.post("/erase").headers["location"] == "/signin"
    assert client.get("/api/auth/me", headers=bearer).status_code == 401
    client.close()
