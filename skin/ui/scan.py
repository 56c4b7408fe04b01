"""The scan page: camera or file, waiting, and the result in place."""

import json
import secrets
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import gradio as gr

from skin.errors import CATALOGUE, Code, SkinError
from skin.ui.blocks import label, spoken_html
from skin.ui.errors import as_gradio_errors
from skin.ui.events import details, visitor_id
from skin.ui.guidance import Guidance
from skin.ui.languages import gettext
from skin.ui.render import Renderer, read_asset
from skin.ui.scanning import Scanning
from skin.vision.quality import LIMITS


class ScanPage:
    """Takes one photo or burst at a time; what the capture panel shall show goes to it as its value."""

    def __init__(self, scanning: Scanning, renderer: Renderer, guidance: Guidance, *, max_upload_bytes: int) -> None:
        self._scanning = scanning
        self._renderer = renderer
        self._guidance = guidance
        self._max_bytes = max_upload_bytes

    async def scan_photo(self, event: gr.EventData, request: gr.Request) -> AsyncIterator[tuple[Any, ...]]:
        """From the uploaded paths to the shown result, or to the sentence that says why there is none."""
        with as_gradio_errors(request):
            user_id = visitor_id(request)
            try:
                scan_id = await self._scanning.begin(user_id, details(event, "paths"))
                result = await self._scanning.finish(user_id, scan_id)
            except SkinError as refusal:
                yield _said(phase="refused", sentence=gettext(str(refusal))), gr.skip(), gr.skip(), gr.skip()
                return
            shown = self._renderer.render_result(result)
            yield _said(phase="done"), gr.Column(visible=False), gr.Column(visible=True), shown

    def give_up(self, request: gr.Request) -> str:
        """After a bug, which has been logged: the panel must not wait for ever."""
        with as_gradio_errors(request):
            return _said(phase="refused", sentence=gettext(CATALOGUE[Code.INTERNAL_ERROR][1]))

    def start_over(self) -> tuple[Any, ...]:
        return gr.Column(visible=True), gr.Column(visible=False), ""

    def build(self) -> Any:
        """The page's components within Blocks; returns the event after which a scan is over."""
        with gr.Column(elem_classes="page-scan") as taking, gr.Row(elem_classes="scan-row"):
            panel = partial(self._renderer.render, "capture.html", max_megabytes=self._max_bytes // 1024**2)
            capture = spoken_html(html_template=panel, words=read_words)(
                "",
                js_on_load=read_asset("capture.js"),
                apply_default_css=False,
                max_bytes=self._max_bytes,
                guide=self._guidance.address,
            )
            spoken_html(value=partial(self._renderer.render, "tips.html"))(js_on_load=None, apply_default_css=False)
        with gr.Column(visible=False) as showing:
            result = gr.HTML("", js_on_load=read_asset("arrive.js"), apply_default_css=False, elem_id="scan-result")
            again = gr.Button(label("scan_again"), elem_classes="sk-plain")
        private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        again.click(self.start_over, outputs=[taking, showing, result], **private)
        shown = [capture, taking, showing, result]
        scanned = capture.photo(self.scan_photo, outputs=shown, concurrency_limit=None, **private)
        scanned.failure(self.give_up, outputs=capture, **private)
        return scanned


def read_words() -> dict[str, Any]:
    """Every sentence that the panel's script says, with the gate's own hints among the guide's."""
    words: dict[str, Any] = json.loads(read_asset("capture.json"))
    return _translate(words | {"guide": {limit.name: limit.hint for limit in LIMITS} | words["guide"]})


def _translate(words: dict[str, Any]) -> dict[str, Any]:
    return {name: _translate(one) if isinstance(one, dict) else gettext(one) for name, one in words.items()}


def _said(**words: str) -> str:
    """Told apart from the same words said before, since a panel hears of changes only."""
    return json.dumps(words | {"time": secrets.token_hex(4)})
