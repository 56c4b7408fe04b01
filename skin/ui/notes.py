"""Saves the note of a scan from wherever it is shown."""

from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response

from skin.errors import Code, NotFound, SkinError, error
from skin.scans.schemas import ScanNoteRequest
from skin.scans.service import Scans
from skin.ui.languages import gettext
from skin.ui.problems import problem
from skin.ui.session import Visitors, is_from_here


def build_note_routes(scans: Scans, visitors: Visitors) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.post("/scans/{scan_id}/note")
    async def write_note(scan_id: UUID, body: ScanNoteRequest, request: Request) -> Response:
        visitor = await visitors.find(request)
        if visitor is None or not is_from_here(request):
            return _tell(error(Code.NOT_AUTHENTICATED), 401)
        try:
            noted = await run_in_threadpool(scans.write_note, visitor.user.id, scan_id, body.note)
        except SkinError as failure:
            return _tell(failure, 404 if isinstance(failure, NotFound) else 422)
        return JSONResponse(noted.model_dump(mode="json"))

    return router


def _tell(failure: SkinError, status: int) -> Response:
    """The page's script shows the sentence as it is."""
    return problem(failure, status, detail=gettext(str(failure)))
