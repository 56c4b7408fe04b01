"""The annotator's screen and what it is made of: one page, style sheets and ES modules, all from here."""

import json
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from markupsafe import Markup
from starlette.staticfiles import StaticFiles

from skin.accounts.tables import Role
from skin.annotation.vocabulary import Vocabulary
from skin.ui import words
from skin.ui.languages import ENGLISH, speaking
from skin.ui.render import ASSETS, Renderer
from skin.ui.session import Visitor, Visitors

WORKERS = (Role.ANNOTATOR, Role.ADMIN)
ONLY_OURS = "default-src 'self'; img-src 'self' blob:; frame-ancestors 'self'; base-uri 'self'; object-src 'none'"
SHARED = ("tokens.css", "parts.css")  # of all pages

Words = dict[str, Any]


class WorkbenchPages:
    """Pages of annotation for those who may see them, and for the others a word on whom to ask."""

    def __init__(self, vocabulary: Vocabulary, visitors: Visitors, renderer: Renderer) -> None:
        self._words = build_words(vocabulary)
        self._visitors = visitors
        self._renderer = renderer

    async def annotate(self, request: Request) -> Response:
        return await self.show(request, "annotate", "workbench/workbench.html")

    async def manage(self, request: Request) -> Response:
        return await self.show(request, "projects", "workbench/projects.html", roles=(Role.ADMIN,))

    async def show(
        self, request: Request, page: str, template: str, *, roles: tuple[Role, ...] = WORKERS, **values: Any
    ) -> Response:
        """The page for whoever has one of the roles; the others are told whom to ask."""
        visitor = await self._visitors.find(request)
        if visitor is None:
            return RedirectResponse("/signin", 303)
        if visitor.user.role not in roles:
            return self._page(visitor, page, "workbench/door.html", status=403, **_advise(roles))
        return self._page(visitor, page, template, words=self._words, words_json=Markup(_embed(self._words)), **values)

    def _page(self, visitor: Visitor, page: str, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
        is_admin = visitor.user.role is Role.ADMIN
        with speaking(ENGLISH):  # annotators work with English words
            text = self._renderer.render(template, page=page, is_admin=is_admin, **values)
        headers = {"Cache-Control": "no-store", "Content-Security-Policy": ONLY_OURS}
        return HTMLResponse(text, status, headers=headers)


def build_workbench_routes(pages: WorkbenchPages) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    router.add_api_route("/annotate", pages.annotate, methods=["GET"])
    router.add_api_route("/annotate/projects", pages.manage, methods=["GET"])
    router.mount("/annotate/assets", _Assets(directory=ASSETS / "workbench"))
    return router


def build_words(vocabulary: Vocabulary) -> Words:
    """The schema's rules with the names that people read, as the page and its scripts use them."""
    schema = vocabulary.words
    concerns = {
        concern.value: {
            "name": name,
            "rule": schema["concerns"][concern.value]["rule"],
            "grades": schema["concerns"][concern.value].get("grades", schema["grades"]),
            "zones": [zone.value for zone in vocabulary.zones_of_concern[concern.value]],
        }
        for concern, (name, _) in words.CONCERNS.items()
    }
    skin_types = _named(schema["skin_type"])
    flags = _named(schema["quality_flags"])
    return {
        "fields": {
            "skin_type": "Skin type",
            "monk": "Skin tone",
            "quality_flags": "Picture",
            "sure": "How sure",
            "note": "Note",
        },
        "skin_type": skin_types,
        "monk": {"rule": schema["monk"]["rule"], "swatches": vocabulary.monk_swatches},
        "concerns": concerns,
        "quality_flags": flags,
        "sure": {str(value): {"name": name} for value, name in schema["sure"].items()},
        "zones": {zone.value: words.ZONES[zone] for zone in vocabulary.zones},
        "guide": {
            "skin_type": {"name": "Skin type", "rule": schema["rule"], "choices": list(skin_types.values())},
            "monk": {"name": "Skin tone", "rule": schema["monk"]["rule"]},
            **concerns,
            "quality_flags": {
                "name": "Picture",
                "rule": "What keeps this picture from being graded well.",
                "choices": list(flags.values()),
            },
            "sure": {"name": "How sure", "rule": "How sure you are of your answers as a whole."},
            "note": {"name": "Note", "rule": "Anything the fields cannot say. Never a name."},
        },
    }


def _named(rules: dict[str, str]) -> dict[str, dict[str, str]]:
    return {value: {"name": value.replace("_", " ").capitalize(), "rule": rule} for value, rule in rules.items()}


def _embed(value: Words) -> str:
    """JSON that no text in it can end the script element of."""
    return json.dumps(value).replace("<", "\\u003c")


def _advise(roles: tuple[Role, ...]) -> dict[str, str]:
    if Role.ANNOTATOR in roles:
        return {
            "title": "This page is for annotators",
            "advice": "Ask the person who runs this service to make you one; then come back here.",
        }
    return {
        "title": "This page is for administrators",
        "advice": "Ask the person who runs this service when a project needs a change.",
    }


class _Assets(StaticFiles):
    """Files of the pages; browsers ask each time whether they changed, so that a page never mixes two versions."""

    def lookup_path(self, path: str) -> tuple[str, Any]:
        if path in SHARED:
            file = ASSETS / path
            return str(file), file.stat()
        return super().lookup_path(path)

    def file_response(self, *args: Any, **more: Any) -> Response:
        response = super().file_response(*args, **more)
        response.headers["Cache-Control"] = "no-cache"
        return response
