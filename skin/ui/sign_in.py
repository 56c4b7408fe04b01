"""The door for people: sign in, create an account, be a guest, sign out; plain forms that work without JavaScript."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import EmailStr, Field, TypeAdapter, ValidationError

from skin.accounts.service import Accounts
from skin.accounts.tables import User
from skin.errors import Code, Conflict, InvalidInput, NotAuthenticated, SkinError, TooManyRequests
from skin.ui.languages import gettext
from skin.ui.render import Renderer
from skin.ui.session import Visitors, is_from_here, is_secure

STATUS_OF: dict[type[SkinError], int] = {InvalidInput: 422, NotAuthenticated: 401, Conflict: 409, TooManyRequests: 429}
PASSWORD = TypeAdapter(Annotated[str, Field(min_length=8, max_length=256)])
EMAIL: TypeAdapter[str] = TypeAdapter(EmailStr)

EMAIL_WANTED = "Please type an e-mail address such as ada@example.org."
PASSWORD_WANTED = "Please choose a password of 8 to 256 characters."

Count = Callable[[str, str], None]
Text = Annotated[str, Form()]


class SignInPages:
    """Forms and what they do; every failure shows the form again with what was typed and the way out."""

    def __init__(self, accounts: Accounts, visitors: Visitors, renderer: Renderer, *, count: Count) -> None:
        self._accounts = accounts
        self._visitors = visitors
        self._renderer = renderer
        self._count = count

    async def show(self, request: Request) -> Response:
        if await self._visitors.find(request) is not None:
            return RedirectResponse("/", 303)
        return self._form()

    async def sign_in(self, request: Request, email: Text = "", password: Text = "") -> Response:
        def find() -> User:
            self._count("sign_in", _address_of(request))
            return self._accounts.sign_in(email.strip(), password)

        return await self._enter(request, find, form="sign_in", email=email)

    async def register(self, request: Request, email: Text = "", password: Text = "") -> Response:
        def create() -> User:
            address = _checked(EMAIL, email.strip(), EMAIL_WANTED)
            chosen = _checked(PASSWORD, password, PASSWORD_WANTED)
            self._count("registration", _address_of(request))
            return self._accounts.register(address, chosen)

        return await self._enter(request, create, form="register", email=email)

    async def be_guest(self, request: Request) -> Response:
        def create() -> User:
            self._count("registration", _address_of(request))
            return self._accounts.be_guest()

        return await self._enter(request, create, form="guest")

    async def sign_out(self, request: Request) -> Response:
        response = RedirectResponse("/signin", 303)
        if is_from_here(request):
            self._visitors.sign_out(response, secure=is_secure(request))
        return response

    async def keep_alive(self, request: Request) -> Response:
        """Extends the cookie of a page that is being looked at; 401 tells the page to go and sign in."""
        visitor = await self._visitors.find(request)
        response = Response(status_code=401 if visitor is None else 204, headers={"Cache-Control": "no-store"})
        if visitor is not None and self._visitors.needs_renewal(visitor):
            self._visitors.sign_in(response, visitor.user, secure=is_secure(request))
        return response

    async def _enter(self, request: Request, find: Callable[[], User], *, form: str, email: str = "") -> Response:
        if not is_from_here(request):
            return RedirectResponse("/signin", 303)
        try:
            user = await run_in_threadpool(find)
        except SkinError as failure:
            return self._form(failure, form=form, email=email)
        response = RedirectResponse("/", 303)
        self._visitors.sign_in(response, user, secure=is_secure(request))
        return response

    def _form(self, failure: SkinError | None = None, *, form: str = "sign_in", email: str = "") -> HTMLResponse:
        page = self._renderer.render("signin.html", failure=failure and gettext(str(failure)), form=form, email=email)
        status = 200 if failure is None else STATUS_OF.get(type(failure), 422)
        return HTMLResponse(page, status, headers={"Cache-Control": "no-store"})


def build_sign_in_routes(pages: SignInPages) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    addresses: list[tuple[str, str, Callable[..., Awaitable[Response]]]] = [
        ("GET", "/signin", pages.show),
        ("POST", "/signin", pages.sign_in),
        ("POST", "/register", pages.register),
        ("POST", "/guest", pages.be_guest),
        ("POST", "/signout", pages.sign_out),
        ("GET", "/session", pages.keep_alive),
    ]
    for method, path, endpoint in addresses:
        router.add_api_route(path, endpoint, methods=[method])
    return router


def _checked(kind: TypeAdapter[str], value: str, advice: str) -> str:
    try:
        return kind.validate_python(value)
    except ValidationError as wrong:
        raise InvalidInput(Code.INVALID_REQUEST, advice) from wrong


def _address_of(request: Request) -> str:
    return request.client.host if request.client else "unknown"
