"""The page of one's own data: what is kept, for how long, what was agreed to, a copy of it, and its end."""

from dataclasses import dataclass
from typing import Any

import gradio as gr
from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, Response, StreamingResponse

from skin.accounts.retention import CHOICES_HOURS, Retention
from skin.accounts.tables import Purpose, User
from skin.errors import Code, error
from skin.ui import words
from skin.ui.errors import as_gradio_errors
from skin.ui.events import detail
from skin.ui.gate import SIGN_IN
from skin.ui.languages import gettext
from skin.ui.render import Renderer, read_asset
from skin.ui.services import Services
from skin.ui.session import Visitors, is_from_here, is_secure
from skin.ui.workbench import WORKERS


@dataclass(frozen=True, slots=True)
class RetentionChoice:
    """One way to keep photos, as the form offers it; an empty value is what the service does."""

    value: str
    words: str
    is_chosen: bool


class AccountPage:
    """Shows what is kept about a person, takes their decisions, and erases their account."""

    def __init__(self, visitors: Visitors, services: Services, renderer: Renderer) -> None:
        self._visitors = visitors
        self._services = services
        self._renderer = renderer

    async def refresh(self, request: gr.Request) -> tuple[str, str]:
        """The page, and the name for the head of every page."""
        with as_gradio_errors(request):
            user = await self._find_user(request)
            page = await run_in_threadpool(self._render, user)
            may_annotate = user.role in WORKERS
            return page, self._renderer.render(
                "header.html", name=user.email or gettext("Guest"), may_annotate=may_annotate
            )

    async def retain(self, event: gr.EventData, request: gr.Request) -> str:
        """How long photos are kept, in hours; empty for what the service does."""
        with as_gradio_errors(request):
            user = await self._find_user(request)
            hours = _hours_of(detail(event, "hours"))
            user = await run_in_threadpool(self._services.accounts.choose_retention, user.id, hours)
            return await run_in_threadpool(self._render, user, words.CHOICE_SAVED)

    async def decide(self, event: gr.EventData, request: gr.Request) -> str:
        """A yes to the wording whose version the button carries, or a no."""
        with as_gradio_errors(request):
            user = await self._find_user(request)
            purpose, consents = _purpose_of(detail(event, "purpose")), self._services.consents
            if detail(event, "decide") == "yes":
                await run_in_threadpool(consents.grant, user.id, purpose, detail(event, "version") or "")
                return await run_in_threadpool(self._render, user, words.CONSENT_GIVEN)
            await run_in_threadpool(consents.withdraw, user.id, purpose)
            return await run_in_threadpool(self._render, user, words.CONSENT_TAKEN_BACK)

    async def export(self, request: Request) -> Response:
        """Everything about the visitor as one file."""
        visitor = await self._visitors.find(request)
        if visitor is None:
            return RedirectResponse(SIGN_IN, 303)
        export = await run_in_threadpool(self._services.exports.export, visitor.user)
        headers = {
            "Content-Disposition": f'attachment; filename="{export.name}"',
            "Cache-Control": "private, no-store",
            "Cross-Origin-Resource-Policy": "same-origin",
        }
        return StreamingResponse(export.chunks, media_type="application/zip", headers=headers)

    async def erase(self, request: Request) -> Response:
        """Erases the visitor's account; a form and no event, whose answer would come after its sign-in is gone."""
        visitor = await self._visitors.find(request)
        response = RedirectResponse(SIGN_IN, 303)
        if visitor is not None and visitor.by_cookie and is_from_here(request):
            await run_in_threadpool(self._services.erasure.erase_account, visitor.user.id)
            self._visitors.sign_out(response, secure=is_secure(request))
        return response

    def build(self) -> Any:
        """The page's component within Blocks."""
        page = gr.HTML("", js_on_load=read_asset("choices.js"), apply_default_css=False, elem_id="account")
        private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden", "concurrency_limit": None}
        page.retain(self.retain, outputs=page, **private)
        page.decide(self.decide, outputs=page, **private)
        return page

    async def _find_user(self, request: gr.Request) -> User:
        visitor = await self._visitors.find(request.request)
        if visitor is None:
            raise error(Code.NOT_AUTHENTICATED)
        return visitor.user

    def _render(self, user: User, said: str = "") -> str:
        retention = self._services.accounts.get_retention(user)
        return self._renderer.render(
            "account.html",
            user=user,
            said=said,
            retention=retention,
            choices=list_choices(retention),
            consents=self._services.consents.list_states(user.id),
            kept=self._services.scans.count_kept(user.id),
        )


def list_choices(retention: Retention) -> list[RetentionChoice]:
    """From the shortest to the longest, with what the service does in its place among them."""
    offered: dict[float, str] = {hours: f"{hours:g}" for hours in CHOICES_HOURS} | {retention.service_hours: ""}
    return [
        RetentionChoice(
            value,
            words.say_choice(hours, is_service=not value),
            is_chosen=hours == retention.picture_hours,
        )
        for hours, value in sorted(offered.items())
    ]


def build_account_routes(page: AccountPage) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    router.add_api_route("/export", page.export, methods=["GET"])
    router.add_api_route("/erase", page.erase, methods=["POST"])
    return router


def _hours_of(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError as wrong:
        raise error(Code.INVALID_REQUEST) from wrong


def _purpose_of(text: str | None) -> Purpose:
    try:
        return Purpose(text or "")
    except ValueError as wrong:
        raise error(Code.INVALID_REQUEST) from wrong
