"""Who is asking: a program by its bearer token, a page by its cookie."""

from dataclasses import dataclass
from uuid import UUID

from fastapi.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection
from starlette.responses import Response

from skin.accounts.service import Accounts
from skin.accounts.tables import User
from skin.accounts.tokens import COOKIE
from skin.errors import SkinError

USER_ID = "skin.user_id"  # where the gate leaves the visitor's id in the ASGI scope


@dataclass(frozen=True, slots=True)
class Visitor:
    """A known person, and what they were known by."""

    user: User
    token: str
    by_cookie: bool


class Visitors:
    """Recognises people by their access token and writes the cookie that holds it."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    async def find(self, connection: HTTPConnection) -> Visitor | None:
        """The owner of the bearer token or, where none was sent, of the cookie; None without a good one."""
        token, by_cookie = _read_token(connection)
        if not token:
            return None
        try:
            user = await run_in_threadpool(self._accounts.get_user_by_token, token)
        except SkinError:
            return None
        return Visitor(user, token, by_cookie)

    def sign_in(self, response: Response, user: User, *, secure: bool) -> None:
        response.set_cookie(**self._accounts.create_cookie(user.id), secure=secure)

    def sign_out(self, response: Response, *, secure: bool) -> None:
        response.delete_cookie(COOKIE, httponly=True, samesite="lax", secure=secure, path="/")

    def needs_renewal(self, visitor: Visitor) -> bool:
        """Whether this page load should extend the cookie, so that nobody is signed out in the middle of a visit."""
        return visitor.by_cookie and self._accounts.is_half_spent(visitor.token)


def is_secure(connection: HTTPConnection) -> bool:
    return bool(connection.scope["scheme"] == "https")


def is_from_here(connection: HTTPConnection) -> bool:
    """Whether one of our own pages sent the form, so that no other site can sign people in or out."""
    return connection.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")


def user_id_of(connection: HTTPConnection) -> UUID:
    """The visitor's id, behind the gate."""
    return UUID(connection.scope[USER_ID])


def _read_token(connection: HTTPConnection) -> tuple[str | None, bool]:
    header = connection.headers.get("authorization")
    if header is None:
        return connection.cookies.get(COOKIE), True
    scheme, _, token = header.partition(" ")
    return (token.strip() if scheme.lower() == "bearer" else None), False
