"""The gate and the uploads behind it, without a server."""

import asyncio
import json
import os
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID, uuid4

import pytest

from skin.accounts.tokens import SessionCookie, build_cookie
from skin.errors import Code, SkinError
from skin.ui.gate import Gate
from skin.ui.session import USER_ID, Visitor, Visitors
from skin.ui.uploads import Uploads

ME, OTHER = UUID(int=1), UUID(int=2)


class FakeAccounts:
    """Knows one token."""

    def __init__(self, *, half_spent: bool = False) -> None:
        self._half_spent = half_spent

    def get_user_by_token(self, token: str) -> Any:
        if token != "good":
            raise SkinError(Code.NOT_AUTHENTICATED, "Sign in.")
        return SimpleNamespace(id=ME)

    def create_cookie(self, _: Any) -> SessionCookie:
        return build_cookie("fresh", timedelta(minutes=30))

    def is_half_spent(self, _: str) -> bool:
        return self._half_spent


def ask(
    path: str, *, method: str = "GET", body: bytes = b"", half_spent: bool = False, **headers: str
) -> tuple[int, dict[str, str], dict[str, Any]]:
    """Status, headers and the scope that the application behind the gate saw (empty when it was not reached)."""
    seen: dict[str, Any] = {}
    sent: list[Any] = []

    async def behind(scope: Any, receive: Any, send: Any) -> None:
        seen.update(scope, body=(await receive())["body"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def receive() -> Any:
        return {"type": "http.request", "body": body}

    async def send(message: Any) -> None:
        sent.append(message)

    visitors = Visitors(cast("Any", FakeAccounts(half_spent=half_spent)))
    gate = Gate(behind, visitors=visitors, owns_file=lambda user_id, path: user_id == ME and path == "/uploads/mine")
    scope = {"type": "http", "method": method, "path": path, "scheme": "https", "query_string": b""}
    scope["headers"] = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    asyncio.run(gate(scope, receive, send))
    answered = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], answered, seen


COOKIE = {"cookie": "skin_session=good"}


def test_a_known_visitor_goes_through_with_their_id() -> None:
    status, _, seen = ask("/", **COOKIE)
    assert (status, seen[USER_ID]) == (200, str(ME))
    assert ask("/config", authorization="Bearer good")[2][USER_ID] == str(ME)


def test_a_bad_bearer_token_is_not_made_good_by_a_cookie() -> None:
    assert ask("/config", authorization="Bearer bad", **COOKIE)[0] == 401


@pytest.mark.parametrize("path", ["/", "/config", "/gradio_api/heartbeat/x", "/gradio_api/cancel", "/unknown"])
def test_nobody_else_goes_anywhere(path: str) -> None:
    assert ask(path)[0] == 401
    status, headers, seen = ask(path, accept="text/html")
    assert (status, headers["location"], seen) == (303, "/signin", {})


def test_gradios_own_files_are_open_because_the_sign_in_page_may_share_them() -> None:
    assert ask("/assets/index.js")[0] == 200


@pytest.mark.parametrize("path", ["/gradio_api/file=/etc/passwd", "/gradio_api/proxy=x", "/logout", "/monitoring"])
def test_what_is_not_in_use_is_not_found(path: str) -> None:
    status, _, seen = ask(path, **COOKIE)
    assert (status, seen) == (404, {})


def test_a_page_load_renews_a_cookie_past_half_of_its_life() -> None:
    assert "set-cookie" not in ask("/", **COOKIE)[1]
    cookie = ask("/", half_spent=True, **COOKIE)[1]["set-cookie"].lower()
    assert cookie.startswith("skin_session=fresh")
    assert {"httponly", "secure", "samesite=lax", "path=/"} <= set(cookie.split("; "))
    assert "set-cookie" not in ask("/", half_spent=True, authorization="Bearer good")[1]


@pytest.mark.parametrize(("path", "status"), [("/uploads/mine", 200), ("/etc/passwd", 422), ("https://x.org/a", 422)])
def test_an_event_may_name_ones_own_uploads_only(path: str, status: int) -> None:
    body = json.dumps({"data": [{"deep": [{"path": path, "meta": {"_type": "gradio.FileData"}}]}]}).encode()
    answered, _, seen = ask("/gradio_api/queue/join", method="POST", body=body, **COOKIE)
    assert answered == status
    assert seen.get("body") == (body if status == 200 else None)


def test_metadata_may_have_a_path_of_its_own() -> None:
    body = json.dumps({"data": [{"path": "/home/me/kiosk"}]}).encode()
    assert ask("/gradio_api/call/scan_init", method="POST", body=body, **COOKIE)[0] == 200


def test_an_event_is_no_way_to_send_megabytes() -> None:
    assert ask("/gradio_api/queue/join", method="POST", body=b" " * 70_000, **COOKIE)[0] == 413


def test_an_upload_is_taken_once_and_by_its_owner(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path / "uploads", max_bytes=10)
    path = str(uploads.save(ME, BytesIO(b"photo")))
    for stranger_path in (path, f"{tmp_path}/uploads/../secret", "/etc/passwd", None):
        with pytest.raises(SkinError) as failure:
            uploads.take(OTHER, stranger_path)
        assert failure.value.code is Code.INVALID_REQUEST
    assert uploads.take(ME, path) == b"photo"
    assert not Path(path).exists()
    with pytest.raises(SkinError) as failure:
        uploads.take(ME, path)
    assert failure.value.code is Code.IMAGE_UNREADABLE


def test_the_same_photo_gets_another_name_every_time(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path, max_bytes=10)
    assert uploads.save(ME, BytesIO(b"photo")) != uploads.save(ME, BytesIO(b"photo"))


def test_uploads_that_nobody_took_are_deleted(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path, max_bytes=10, kept_s=60)
    old, new = uploads.save(ME, BytesIO(b"old")), uploads.save(ME, BytesIO(b"new"))
    os.utime(old, (0, 0))
    uploads.discard_old()
    assert (old.exists(), new.exists()) == (False, True)


def test_a_visitor_says_what_they_were_known_by() -> None:
    visitors = Visitors(cast("Any", FakeAccounts(half_spent=True)))
    needs: Callable[[Any], bool] = visitors.needs_renewal
    user: Any = SimpleNamespace(id=uuid4())
    assert needs(Visitor(user, "good", by_cookie=True))
    assert not needs(Visitor(user, "good", by_cookie=False))
