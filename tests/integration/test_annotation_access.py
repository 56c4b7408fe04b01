"""Who may annotate, from where, and what other sites cannot do."""

from uuid import uuid4

import httpx
import pytest

from skin.accounts.tokens import COOKIE
from tests.conftest import LiveServer
from tests.integration.test_rest import assert_problem

BASE = "/api/annotation"
ANNOTATOR_ROUTES = [
    ("GET", f"{BASE}/projects"),
    ("GET", f"{BASE}/projects/{{id}}"),
    ("GET", f"{BASE}/projects/{{id}}/progress"),
    ("GET", f"{BASE}/projects/{{id}}/mine"),
    ("POST", f"{BASE}/projects/{{id}}/next"),
    ("GET", f"{BASE}/assignments/{{id}}"),
    ("GET", f"{BASE}/items/{{id}}/picture"),
    ("GET", f"{BASE}/items/{{id}}/maps/acne"),
]
ADMIN_ROUTES = [("GET", f"{BASE}/audit")]


@pytest.fixture(scope="module")
def annotator(quick_server: LiveServer) -> httpx.Client:
    return quick_server.hire("annotator")


def as_page(client: httpx.Client, **headers: str) -> httpx.Client:
    """The same person with the cookie of the page instead of the token of a program."""
    token = client.headers["Authorization"].removeprefix("Bearer ")
    return httpx.Client(base_url=client.base_url, cookies={COOKIE: token}, headers=headers)


@pytest.mark.parametrize(("method", "path"), [*ANNOTATOR_ROUTES, *ADMIN_ROUTES])
def test_nothing_is_open_to_strangers_guests_and_plain_users(quick_server: LiveServer, method: str, path: str) -> None:
    path = path.format(id=uuid4())
    assert_problem(httpx.request(method, quick_server.url + path), 401, "not_authenticated")
    for client in (quick_server.sign_up(), quick_server.register()):
        assert_problem(client.request(method, path), 403, "not_permitted")


def test_annotators_may_not_manage(annotator: httpx.Client) -> None:
    path = f"{BASE}/projects/{uuid4()}"
    assert_problem(annotator.post(f"{BASE}/projects", json={"name": "x"}), 403, "not_permitted")
    assert_problem(annotator.patch(path, json={"is_open": False}), 403, "not_permitted")
    assert_problem(annotator.post(f"{path}/items", files={"image": b"x"}), 403, "not_permitted")
    assert_problem(annotator.get(f"{BASE}/audit"), 403, "not_permitted")


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("projects/{id}/next", "project_not_found"),
        ("assignments/{id}/skip", "assignment_not_found"),
    ],
)
def test_what_is_not_there_answers_404(annotator: httpx.Client, path: str, code: str) -> None:
    answer = annotator.post(f"{BASE}/{path.format(id=uuid4())}", json={"reason": "x"})
    assert_problem(answer, 404, code)


def test_our_own_page_may_act_by_its_cookie(annotator: httpx.Client) -> None:
    page = as_page(annotator, **{"X-Requested-With": "skin", "Sec-Fetch-Site": "same-origin"})
    assert_problem(page.post(f"{BASE}/projects/{uuid4()}/next"), 404, "project_not_found")
    assert page.get(f"{BASE}/projects").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "cross-site", "X-Requested-With": "skin"},
        {"Sec-Fetch-Site": "same-site", "X-Requested-With": "skin"},
    ],
)
def test_a_form_on_another_site_cannot_submit(annotator: httpx.Client, headers: dict[str, str]) -> None:
    page = as_page(annotator, **headers)
    assert_problem(page.post(f"{BASE}/projects/{uuid4()}/next"), 401, "not_authenticated")


def test_a_picture_can_be_shown_by_our_page_and_not_by_another_site(annotator: httpx.Client) -> None:
    path = f"{BASE}/items/{uuid4()}/picture"
    assert_problem(as_page(annotator, **{"Sec-Fetch-Site": "same-origin"}).get(path), 404, "item_not_found")
    assert_problem(as_page(annotator, **{"Sec-Fetch-Site": "cross-site"}).get(path), 401, "not_authenticated")


def test_the_cookie_opens_no_other_route(annotator: httpx.Client) -> None:
    page = as_page(annotator, **{"X-Requested-With": "skin", "Sec-Fetch-Site": "same-origin"})
    assert_problem(page.get("/api/auth/me"), 401, "not_authenticated")
