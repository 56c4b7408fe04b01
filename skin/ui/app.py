"""Mounts the pages: sign-in, pictures, and the Gradio application behind its gate."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import BaseRoute

from skin.core.advice import Rule
from skin.errors import SkinError, TooLarge
from skin.ui.account import AccountPage, build_account_routes
from skin.ui.annotation_api import AnnotationApi
from skin.ui.api import ScanApi
from skin.ui.blocks import SpokenBlocks, build_labels, speak_page
from skin.ui.choice import build_language_routes
from skin.ui.exports import build_export_routes
from skin.ui.gate import Gate
from skin.ui.guidance import build_guide_routes, load_guidance
from skin.ui.history import HistoryPage
from skin.ui.languages import Speaking, lazy
from skin.ui.mcp import McpServer
from skin.ui.notes import build_note_routes
from skin.ui.pages import Pages, build_theme, create_blocks, fill_blocks
from skin.ui.pictures import build_picture_routes
from skin.ui.problems import problem
from skin.ui.render import ASSETS, Renderer, read_asset
from skin.ui.report import build_report_routes
from skin.ui.review import build_review_routes
from skin.ui.scan import ScanPage
from skin.ui.scanning import Scanning
from skin.ui.services import Services
from skin.ui.session import USER_ID, Visitors
from skin.ui.sign_in import SignInPages, build_sign_in_routes
from skin.ui.tools import ScanTools
from skin.ui.uploads import Uploads, build_upload_routes
from skin.ui.words import say_hours
from skin.ui.workbench import WorkbenchPages, build_workbench_routes

STYLES = (
    "parts.css",
    "page.css",
    "capture.css",
    "pictures.css",
    "result.css",
    "compare.css",
    "history.css",
    "account.css",
)
# Gradio asks itself a thousand times a second whether there is work, which keeps an idle server at 8 % of a core.
QUEUE_SLEEP_S = 0.01
SCRIPTS = ("app.js", "pictures.js", "notes.js", "timeline.js")


@dataclass(frozen=True, slots=True)
class Retention:
    """What the pages tell about how long things are kept."""

    photos_hours: float = 24
    guests_hours: float = 24


def mount_pages(
    app: FastAPI,
    services: Services,
    *,
    count: Callable[[str, str], None],
    max_upload_bytes: int,
    advice_rules: Sequence[Rule],
    retention: Retention = Retention(),
) -> FastAPI:
    """Add every page to the application; it must be the last to add routes, since Gradio takes what is left."""
    scans = services.scans
    visitors = Visitors(services.accounts)
    renderer = Renderer(
        advice_rules=advice_rules,
        photos_kept=lazy(say_hours, retention.photos_hours),
        guests_kept=lazy(say_hours, retention.guests_hours),
    )
    app.add_middleware(Speaking)
    app.include_router(build_language_routes())
    app.include_router(build_sign_in_routes(SignInPages(services.accounts, visitors, renderer, count=count)))
    app.include_router(build_picture_routes(scans, visitors))
    app.include_router(build_note_routes(scans, visitors))
    app.include_router(build_report_routes(scans, visitors, renderer))
    workbench = WorkbenchPages(services.annotation.vocabulary, visitors, renderer)
    app.include_router(build_workbench_routes(workbench))
    app.include_router(build_review_routes(workbench))
    app.include_router(build_export_routes(workbench))
    guidance = load_guidance()
    app.include_router(build_guide_routes(guidance))
    blocks = create_blocks()
    uploads = Uploads(Path(blocks.GRADIO_CACHE), max_bytes=max_upload_bytes)
    scanning = Scanning(scans, uploads, count=count)
    account = AccountPage(visitors, services, renderer)
    app.include_router(build_account_routes(account))
    pages = Pages(
        ScanPage(scanning, renderer, guidance, max_upload_bytes=max_upload_bytes),
        HistoryPage(scans, renderer),
        account,
        ScanApi(scans, scanning),
        AnnotationApi(services.annotation),
    )
    fill_blocks(blocks, pages, renderer)
    mcp = McpServer(ScanTools(scans, scanning, uploads), max_bytes=max_upload_bytes)
    _mount(app, build_behind_gate(blocks, visitors, uploads, mcp.routes), mcp)
    return app


def build_behind_gate(
    blocks: SpokenBlocks, visitors: Visitors, uploads: Uploads, routes: Sequence[BaseRoute] = ()
) -> FastAPI:
    """An application of its own, so that the gate sees Gradio's and MCP's traffic and nothing else.

    `has_launched` makes Gradio check that files it is asked to read are uploads; mounted, it would not.
    """
    behind = FastAPI(openapi_url=None)
    behind.add_middleware(GZipMiddleware)  # the page itself; Gradio packs only its files
    behind.add_middleware(CORSMiddleware)  # allows nobody, and keeps Gradio from allowing everybody
    behind.add_middleware(Gate, visitors=visitors, owns_file=uploads.is_own)
    behind.add_exception_handler(SkinError, _answer)
    behind.include_router(build_upload_routes(uploads))
    behind.router.routes.extend(routes)
    blocks.has_launched = True
    speak_page()
    gr.mount_gradio_app(
        behind,
        blocks,
        path="/",
        auth_dependency=_read_user_id,
        footer_links=[],
        run_history=False,
        show_error=False,
        max_file_size=uploads.max_bytes,
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
        enable_monitoring=False,
        favicon_path=str(ASSETS / "mark.svg"),
        theme=build_theme(),
        i18n=build_labels(),
        css="".join(map(read_asset, STYLES)),
        head=_head(),
    )
    blocks._queue.sleep_when_free = QUEUE_SLEEP_S
    blocks.say_in_every_language()
    return behind


def _head() -> str:
    """The colours go here because Gradio's `css` rewrites selectors, which would lose the dark ones."""
    return (
        f'<style>{read_asset("tokens.css")}</style><script type="module">{"".join(map(read_asset, SCRIPTS))}</script>'
    )


def _mount(app: FastAPI, behind: FastAPI, mcp: McpServer) -> None:
    """A mounted application is not started by itself: start it after, and stop it before, the one around it."""
    start_app = app.router.lifespan_context

    @asynccontextmanager
    async def start_both(outer: Any) -> AsyncIterator[Any]:
        async with start_app(outer) as state, behind.router.lifespan_context(behind), mcp.run():
            yield state

    app.router.lifespan_context = start_both
    app.mount("/", behind)


def _read_user_id(request: Request) -> str | None:
    user_id: str | None = request.scope.get(USER_ID)
    return user_id


def _answer(_: Request, failure: Exception) -> JSONResponse:
    assert isinstance(failure, SkinError)
    return problem(failure, 413 if isinstance(failure, TooLarge) else 422)
