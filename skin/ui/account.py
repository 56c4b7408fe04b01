"""The account page: who am I, what is kept, delete everything."""

from typing import Any

import gradio as gr

from skin.errors import Code, error
from skin.scans.erasure import Erasure
from skin.ui.errors import as_gradio_errors
from skin.ui.events import visitor_id
from skin.ui.render import Renderer, read_asset
from skin.ui.session import Visitors

LEAVE = "() => { window.location.assign('/signin'); }"


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
            return page, self._renderer.render("header.html", name=name)

    def erase(self, request: gr.Request) -> None:
        with as_gradio_errors():
            self._erasure.erase_account(visitor_id(request))

    def build(self) -> Any:
        """The page's component within Blocks."""
        page = gr.HTML("", js_on_load=read_asset("choices.js"), apply_default_css=False, elem_id="account")
        private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        page.erase_account(self.erase, **private).success(None, js=LEAVE, **private)
        return page
