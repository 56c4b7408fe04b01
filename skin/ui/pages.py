"""All pages together: one Gradio Blocks of tabs under one head, with the named API beside them."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import gradio as gr

from skin.ui.account import AccountPage
from skin.ui.annotation_api import AnnotationApi
from skin.ui.api import ScanApi
from skin.ui.blocks import SpokenBlocks, label, spoken_html
from skin.ui.history import HistoryPage
from skin.ui.render import Renderer
from skin.ui.scan import ScanPage

DELETE_CACHE_S = (60, 600)  # how often Gradio looks for old files of its own, and how old is old
DEVANAGARI = ("Noto Sans Devanagari", "Kohinoor Devanagari", "Nirmala UI")
FONTS = ("-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "Noto Sans", "Arial", *DEVANAGARI, "sans-serif")


@dataclass(frozen=True, slots=True)
class Pages:
    """What the Blocks are made of."""

    scan: ScanPage
    history: HistoryPage
    account: AccountPage
    api: ScanApi
    annotation_api: AnnotationApi


def create_blocks() -> SpokenBlocks:
    """Empty Blocks; their `GRADIO_CACHE` is the folder in which Gradio expects uploads."""
    return SpokenBlocks(title="Skin", analytics_enabled=False, delete_cache=DELETE_CACHE_S)


def fill_blocks(blocks: SpokenBlocks, pages: Pages, renderer: Renderer) -> None:
    """Every page and endpoint; none of them works for somebody who is not signed in."""
    private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden", "concurrency_limit": None}
    with blocks:
        plain: dict[str, Any] = {"js_on_load": None, "apply_default_css": False}
        head = spoken_html(value=partial(renderer.render, "header.html", name="", may_annotate=False))(**plain)
        with gr.Tabs(elem_classes="pages"):
            with gr.Tab(label("scan")):
                scanned = pages.scan.build()
            with gr.Tab(label("history")) as history_tab:
                listed = pages.history.build()
            with gr.Tab(label("account")) as account_tab:
                account = pages.account.build()
        spoken_html(value=partial(renderer.render, "footer.html"))(**plain)
        pages.api.add_endpoints()
        pages.annotation_api.add_endpoints()
        blocks.load(pages.account.refresh, outputs=[account, head], **private)
        blocks.load(pages.history.refresh, outputs=listed, **private)
        history_tab.select(pages.history.refresh, outputs=listed, **private)
        account_tab.select(pages.account.refresh, outputs=[account, head], **private)
        scanned.success(pages.history.refresh, outputs=listed, **private)


def build_theme() -> Any:
    """Gradio's plainest theme on system fonts; the colours come from assets/tokens.css."""
    return gr.themes.Base(font=list(FONTS), font_mono=["ui-monospace", "monospace"])
