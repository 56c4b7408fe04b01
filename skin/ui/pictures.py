"""The pictures of a scan, for their owner only and in no cache; Gradio never sees them."""

from collections.abc import Callable
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from skin.core.concerns import Concern
from skin.errors import Code, SkinError, error
from skin.scans.service import Scans
from skin.ui.problems import problem
from skin.ui.session import Visitors

PRIVATE = {"Cache-Control": "private, no-store", "Cross-Origin-Resource-Policy": "same-origin"}


def build_picture_routes(scans: Scans, visitors: Visitors) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/scans/{scan_id}/overlay.jpg")
    async def show_overlay(scan_id: UUID, request: Request) -> Response:
        return await show(request, "image/jpeg", lambda user_id: scans.get_overlay(user_id, scan_id))

    @router.get("/scans/{scan_id}/face.jpg")
    async def show_face(scan_id: UUID, request: Request) -> Response:
        return await show(request, "image/jpeg", lambda user_id: scans.get_face(user_id, scan_id))

    @router.get("/scans/{scan_id}/maps/{concern}.png")
    async def show_map(scan_id: UUID, concern: Concern, request: Request) -> Response:
        return await show(request, "image/png", lambda user_id: scans.get_map(user_id, scan_id, concern))

    async def show(request: Request, media_type: str, get: Callable[[UUID], bytes]) -> Response:
        visitor = await visitors.find(request)
        if visitor is None:
            return problem(error(Code.NOT_AUTHENTICATED), 401)
        try:
            picture = await run_in_threadpool(get, visitor.user.id)
        except SkinError as failure:
            return problem(failure, 404)
        return Response(picture, media_type=media_type, headers=PRIVATE)

    return router
