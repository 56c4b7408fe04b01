"""The language of a visit: which one is spoken, and what a text is in it.

Source texts are English. Only pages speak: REST, MCP, Gradio's named API and the log are never within `speaking`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, cast

from babel import Locale, negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import LazyProxy, NullTranslations, Translations
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

LOCALE = Path(__file__).parent / "locale"
ENGLISH = "en"
LANGUAGES = {ENGLISH: "English", "es": "Español", "hi": "हिन्दी"}  # each in its own words
COOKIE = "skin_language"
REGIONS = {ENGLISH: "en_GB"}  # whose dates and numbers, where the bare language means another country's

_spoken: ContextVar[str] = ContextVar("skin.language", default=ENGLISH)


class Speaking:
    """Around the pages (plain ASGI): all that is rendered for a request is in its language."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        with speaking(choose_language(HTTPConnection(scope))):
            await self._app(scope, receive, send)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Within, texts are in this language. No ContextVar token, since a generator may be resumed in another context."""
    before = _spoken.get()
    _spoken.set(language)
    try:
        yield
    finally:
        _spoken.set(before)


def get_language() -> str:
    return _spoken.get()


def get_locale() -> Locale:
    return Locale.parse(REGIONS.get(get_language(), get_language()))


def choose_language(connection: HTTPConnection) -> str:
    """What the person chose, else the first language of the browser that is known, else English."""
    chosen = connection.cookies.get(COOKIE)
    if chosen in LANGUAGES:
        return chosen
    wanted = _read_accepted(connection.headers.get("accept-language", ""))
    return negotiate_locale(wanted, list(LANGUAGES), sep="-") or ENGLISH


def gettext(message: str) -> str:
    """The text in the spoken language; a text that no catalogue has stays as it is."""
    return load_catalogue(get_language()).gettext(message)


def ngettext(one: str, many: str, count: int) -> str:
    return load_catalogue(get_language()).ngettext(one, many, count)


def lazy(say: Callable[..., str], *values: Any) -> str:
    """What `say` says of the values, asked anew whenever it is read: the language may be another by then."""
    return cast(str, LazyProxy(say, *values, enable_cache=False))


@cache
def load_catalogue(language: str) -> NullTranslations:
    """Compiled in memory from locale/<language>.po; English needs none."""
    if language == ENGLISH:
        return NullTranslations()
    with (LOCALE / f"{language}.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(cast(Any, compiled))


def _read_accepted(header: str) -> list[str]:
    """The tags of an Accept-Language header, the most wanted first; what cannot be read is left out."""
    weighed: list[tuple[float, str]] = []
    for entry in header[:500].split(","):
        tag, _, parameter = entry.strip().partition(";")
        try:
            weight = float(parameter.strip().removeprefix("q=") or 1)
        except ValueError:
            continue
        if tag and tag != "*" and weight > 0:
            weighed.append((weight, tag.strip()))
    return [tag for _, tag in sorted(weighed, key=lambda pair: -pair[0])]
