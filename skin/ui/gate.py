"""The gate before Gradio: only who is signed in, only the addresses in use, only one's own files.

Plain ASGI, because Starlette's BaseHTTPMiddleware breaks Gradio's event stream.
"""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from skin.errors import Code, error
from skin.ui.problems import problem
from skin.ui.session import USER_ID, Visitor, Visitors, is_secure

SIGN_IN = "/signin"
CALL_LIMIT_BYTES = 64 * 1024  # an event's arguments; photos come by the upload address
API = "/gradio_api"
MCP = "/mcp"  # for programs only: a cookie does not open it
STATIC = ("/assets/", "/static/")
STATIC_FILES = ("/theme.css", f"{API}/theme.css", "/favicon.ico", "/robots.txt", "/manifest.json")
EVENTS = (f"{API}/queue/join", f"{API}/call/")
IN_USE = (
    "/",
    "/config",
    MCP,
    f"{API}/app_id",  # asked by a page whose stream broke, until it is answered; then the page loads anew
    f"{API}/info",
    f"{API}/queue/join",
    f"{API}/queue/data",
    f"{API}/upload",
    f"{API}/cancel",
    f"{API}/reset",
    f"{API}/startup-events",
)
IN_USE_BELOW = (f"{API}/call/", f"{API}/heartbeat/")

OwnsFile = Callable[[UUID, str], bool]


class Gate:
    """Wraps the mounted pages; what it lets through carries the visitor's id in its scope."""

    def __init__(self, app: ASGIApp, *, visitors: Visitors, owns_file: OwnsFile) -> None:
        self._app = app
        self._visitors = visitors
        self._owns_file = owns_file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or _is_static(scope["path"]):
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        visitor = await self._visitors.find(connection)
        if visitor is None or (visitor.by_cookie and scope["path"].rstrip("/") == MCP):
            await _refuse(connection)(scope, receive, send)
            return
        if not _is_in_use(scope["path"]):
            await problem(error(Code.ROUTE_NOT_FOUND), 404)(scope, receive, send)
            return
        scope[USER_ID] = str(visitor.user.id)
        if scope["path"] == "/" and self._visitors.needs_renewal(visitor):
            send = self._renewing(send, visitor, secure=is_secure(connection))
        if scope["method"] == "POST" and scope["path"].startswith(EVENTS):
            await self._pass_event(scope, receive, send, user_id=visitor.user.id)
            return
        await self._app(scope, receive, send)

    async def _pass_event(self, scope: Scope, receive: Receive, send: Send, *, user_id: UUID) -> None:
        """Let an event through unless it names a file or an address that is not the person's own upload.

        Gradio would read or fetch any file-like argument, whatever component it was sent to.
        """
        body = await _read_body(receive)
        if body is None:
            await problem(error(Code.INVALID_REQUEST), 413)(scope, receive, send)
        elif not all(self._owns_file(user_id, path) for path in _named_files(body)):
            await problem(error(Code.INVALID_REQUEST), 422)(scope, receive, send)
        else:
            await self._app(scope, _replaying(body, receive), send)

    def _renewing(self, send: Send, visitor: Visitor, *, secure: bool) -> Send:
        cookie = Response()
        self._visitors.sign_in(cookie, visitor.user, secure=secure)

        async def send_renewed(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).append("set-cookie", cookie.headers["set-cookie"])
            await send(message)

        return send_renewed


def _is_static(path: str) -> bool:
    return path in STATIC_FILES or path.startswith(STATIC)


def _is_in_use(path: str) -> bool:
    return (path.rstrip("/") or "/") in IN_USE or path.startswith(IN_USE_BELOW)


def _refuse(connection: HTTPConnection) -> Response:
    wants_page = connection.scope["method"] in ("GET", "HEAD") and "text/html" in connection.headers.get("accept", "")
    return RedirectResponse(SIGN_IN, 303) if wants_page else problem(error(Code.NOT_AUTHENTICATED), 401)


async def _read_body(receive: Receive) -> bytes | None:
    """The whole body; None when it is over the limit or the visitor went away."""
    body = b""
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        body += bytes(message.get("body", b""))
        if len(body) > CALL_LIMIT_BYTES:
            return None
        if not message.get("more_body"):
            return body


def _replaying(body: bytes, receive: Receive) -> Receive:
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return messages.pop() if messages else await receive()

    return replay


def _named_files(body: bytes) -> list[str]:
    """Paths of Gradio's file descriptions anywhere in the JSON; one that is no JSON names none and is refused later."""
    try:
        waiting: list[Any] = [json.loads(body)]
    except (ValueError, RecursionError):
        return []
    paths: list[str] = []
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            if "meta" in value and "path" in value:
                paths.append(str(value["path"]))
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
    return paths
