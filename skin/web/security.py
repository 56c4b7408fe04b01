"""Guards around every request, as plain ASGI (Starlette's BaseHTTPMiddleware breaks Gradio's event stream)."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from skin.errors import Code, SkinError, error
from skin.web.errors import problem_response

SAFE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Content-Security-Policy": "frame-ancestors 'self'; base-uri 'self'; object-src 'none'",
}


class SecurityHeaders:
    """Adds headers that keep a page from being framed, sniffed or traced."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SAFE_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_guarded if scope["type"] == "http" else send)


class BodyLimit:
    """Refuses a request body over `limit_bytes`, by its announced length or once that much has come in."""

    def __init__(self, app: ASGIApp, *, limit_bytes: int) -> None:
        self._app = app
        self._limit_bytes = limit_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "")
        if announced.isdigit() and int(announced) > self._limit_bytes:
            await problem_response(error(Code.IMAGE_TOO_LARGE))(scope, receive, send)
            return
        received = 0

        async def receive_limited() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._limit_bytes:
                raise error(Code.IMAGE_TOO_LARGE)
            return message

        try:
            await self._app(scope, receive_limited, send)
        except SkinError as failure:  # from an app that does not handle ours, such as a mounted one
            await problem_response(failure)(scope, receive, send)
