"""The report of a scan: a page of its own for paper or PDF, for its owner only and in no cache."""

from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from skin.errors import Conflict, NotFound, SkinError
from skin.scans.service import Scans
from skin.ui.gate import SIGN_IN
from skin.ui.render import Renderer
from skin.ui.session import Visitors

PRIVATE = {"Cache-Control": "private, no-store"}


def build_report_routes(scans: Scans, visitors: Visitors, renderer: Renderer) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/scans/{scan_id}/report")
    async def show_report(scan_id: UUID, request: Request) -> Response:
        visitor = await visitors.find(request)
        if visitor is None:
            return RedirectResponse(SIGN_IN, 303)
        try:
            result = await run_in_threadpool(scans.get_results, visitor.user.id, scan_id)
        except SkinError as failure:
            status = 404 if isinstance(failure, NotFound) else 409 if isinstance(failure, Conflict) else 422
            return HTMLResponse(renderer.render("notice.html", sentence=str(failure)), status, headers=PRIVATE)
        return HTMLResponse(renderer.render_report(result), headers=PRIVATE)

    return router
