"""The drawn photo of a scan, for its owner only and kept in no cache; it never passes through Gradio."""

from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from skin.errors import Code, SkinError, error
from skin.scans.service import Scans
from skin.ui.problems import problem
from skin.ui.session import Visitors

PRIVATE = {"Cache-Control": "private, no-store", "Cross-Origin-Resource-Policy": "same-origin"}


def build_picture_routes(scans: Scans, visitors: Visitors) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/scans/{scan_id}/overlay.jpg")
    async def show_overlay(scan_id: UUID, request: Request) -> Response:
        visitor = await visitors.find(request)
        if visitor is None:
            return problem(error(Code.NOT_AUTHENTICATED), 401)
        try:
            picture = await run_in_threadpool(scans.get_overlay, visitor.user.id, scan_id)
        except SkinError as failure:
            return problem(failure, 404)
        return Response(picture, media_type="image/jpeg", headers=PRIVATE)

    return router
