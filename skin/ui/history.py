"""The history page: past scans, newest first; open one, compare two, see all over time, delete one, go further back."""

from typing import Any

import gradio as gr

from skin.scans.service import Scans
from skin.ui import words
from skin.ui.blocks import label
from skin.ui.errors import as_gradio_errors
from skin.ui.events import detail, scan_id_of, visitor_id
from skin.ui.render import Renderer, read_asset

PAGE = 20


class HistoryPage:
    """Lists scans a page at a time; the only state is the cursor of the page that is shown, None for the newest."""

    def __init__(self, scans: Scans, renderer: Renderer) -> None:
        self._scans = scans
        self._renderer = renderer

    def refresh(self, request: gr.Request) -> tuple[str, None]:
        with as_gradio_errors(request):
            return self._render(request, None), None

    def turn(self, event: gr.EventData, request: gr.Request) -> tuple[str, str | None]:
        """To the page of the cursor that the button carries, or back to the newest."""
        with as_gradio_errors(request):
            cursor = detail(event, "cursor")
            return self._render(request, cursor), cursor

    def erase(self, event: gr.EventData, request: gr.Request, cursor: str | None) -> str:
        """For good, a scan that was deleted before."""
        with as_gradio_errors(request):
            self._scans.erase(visitor_id(request), scan_id_of(detail(event, "scan_id")))
            return self._render(request, cursor, said=words.ERASED)

    def delete(self, event: gr.EventData, request: gr.Request, cursor: str | None) -> str:
        with as_gradio_errors(request):
            self._scans.delete(visitor_id(request), scan_id_of(detail(event, "scan_id")))
            return self._render(request, cursor, said=words.DELETED)

    def restore(self, event: gr.EventData, request: gr.Request, cursor: str | None) -> str:
        with as_gradio_errors(request):
            self._scans.restore(visitor_id(request), scan_id_of(detail(event, "scan_id")))
            return self._render(request, cursor, said=words.RESTORED)

    def show_timeline(self, request: gr.Request) -> tuple[Any, ...]:
        with as_gradio_errors(request):
            return _reading(self._renderer.render_timeline(self._scans.get_timeline(visitor_id(request))))

    def open(self, event: gr.EventData, request: gr.Request) -> tuple[Any, ...]:
        with as_gradio_errors(request):
            result = self._scans.get_results(visitor_id(request), scan_id_of(detail(event, "scan_id")))
            return _reading(self._renderer.render_result(result))

    def compare(self, event: gr.EventData, request: gr.Request) -> tuple[Any, ...]:
        with as_gradio_errors(request):
            user_id = visitor_id(request)
            chosen = [scan_id_of(detail(event, name)) for name in ("scan_id", "other_id")]
            compared = self._scans.compare(user_id, *chosen)
            results = [self._scans.get_results(user_id, one.scan_id) for one in (compared.before, compared.after)]
            return _reading(self._renderer.render_comparison(compared, *results))

    def close(self, request: gr.Request, cursor: str | None) -> tuple[Any, ...]:
        """Back to the list, anew, since a note may have been written meanwhile."""
        with as_gradio_errors(request):
            return gr.Column(visible=True), gr.Column(visible=False), "", self._render(request, cursor)

    def build(self) -> list[Any]:
        """The page's components within Blocks; returns what `refresh` fills."""
        cursor = gr.State(None)
        script = read_asset("choices.js") + read_asset("chosen.js")
        with gr.Column() as listing:
            scans = gr.HTML("", js_on_load=script, apply_default_css=False, elem_id="history")
        with gr.Column(visible=False) as reading:
            back = gr.Button(label("back_to_history"), elem_classes="sk-plain")
            result = gr.HTML("", js_on_load=read_asset("arrive.js"), apply_default_css=False, elem_id="past-result")
        private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden", "concurrency_limit": None}
        scans.open(self.open, outputs=[listing, reading, result], **private)
        scans.compare(self.compare, outputs=[listing, reading, result], **private)
        for event, handler in (("delete", self.delete), ("restore", self.restore), ("erase", self.erase)):
            getattr(scans, event)(handler, inputs=cursor, outputs=scans, **private)
        scans.timeline(self.show_timeline, outputs=[listing, reading, result], **private)
        scans.turn(self.turn, outputs=[scans, cursor], **private)
        back.click(self.close, inputs=cursor, outputs=[listing, reading, result, scans], **private)
        return [scans, cursor]

    def _render(self, request: gr.Request, cursor: str | None, said: str = "") -> str:
        user_id = visitor_id(request)
        page = self._scans.list_history(user_id, limit=PAGE, cursor=cursor)
        deleted = self._scans.list_deleted(user_id)
        return self._renderer.render_history(page, deleted, is_newest=cursor is None, said=said)


def _reading(page: str) -> tuple[Any, ...]:
    return gr.Column(visible=False), gr.Column(visible=True), page
