"""The account page: who am I, what is kept, delete everything."""

from typing import Any

import gradio as gr
from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, Response

from skin.errors import Code, error
from skin.scans.erasure import Erasure
from skin.ui.errors import as_gradio_errors
from skin.ui.render import Renderer, read_asset
from skin.ui.session import Visitors, is_from_here, is_secure
from skin.ui.workbench import WORKERS


class AccountPage:
    """Shows an account and erases it."""

    def __init__(self, visitors: Visitors, erasure: Erasure, renderer: Renderer) -> None:
        self._visitors = visitors
        self._erasure = erasure
        self._renderer = renderer

    async def refresh(self, request: gr.Request) -> tuple[str, str]:
        """The page, and the name for the head of every page."""
        with as_gradio_errors():
            visitor = await self._visitors.find(request.request)
            if visitor is None:
                raise error(Code.NOT_AUTHENTICATED)
            name = visitor.user.email or "Guest"
            page = self._renderer.render("account.html", user=visitor.user)
            may_annotate = visitor.user.role in WORKERS
            return page, self._renderer.render("header.html", name=name, may_annotate=may_annotate)

    async def erase(self, request: Request) -> Response:
        """Erases the visitor's account; a form and no event, whose answer would come after its sign-in is gone."""
        visitor = await self._visitors.find(request)
        response = RedirectResponse("/signin", 303)
        if visitor is not None and visitor.by_cookie and is_from_here(request):
            await run_in_threadpool(self._erasure.erase_account, visitor.user.id)
            self._visitors.sign_out(response, secure=is_secure(request))
        return response

    def build(self) -> Any:
        """The page's component within Blocks."""
        return gr.HTML("", js_on_load=read_asset("choices.js"), apply_default_css=False, elem_id="account")


def build_account_routes(page: AccountPage) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    router.add_api_route("/erase", page.erase, methods=["POST"])
    return router
