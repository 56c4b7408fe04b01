"""The scan lifecycle over REST."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, File, Query, Response, UploadFile

from skin.core.concerns import Concern
from skin.scans import schemas
from skin.scans.comparison import ScanComparisonResponse
from skin.scans.service import HISTORY_LIMIT
from skin.scans.timeline import ScanTimelineResponse
from skin.web.dependencies import CurrentUser, LimitsDep, ScansDep
from skin.web.errors import problem_responses

router = APIRouter(prefix="/api/scan", tags=["scan"])


@router.post("/init", status_code=201, responses=problem_responses(401, 422))
def init_scan(
    user: CurrentUser, scans: ScansDep, body: schemas.ScanInitRequest | None = None
) -> schemas.ScanInitResponse:
    """Begin a scan; it waits for its photo."""
    return scans.init(user.id, body.metadata if body else None)


@router.get("/history", responses=problem_responses(401, 422))
def list_history(
    user: CurrentUser,
    scans: ScansDep,
    limit: Annotated[int, Query(ge=1, le=HISTORY_LIMIT, description="Scans on a page.")] = 20,
    cursor: Annotated[str | None, Query(description="`next_cursor` of the page before.")] = None,
) -> schemas.ScanHistoryResponse:
    """Your scans, the newest first, a page at a time."""
    return scans.list_history(user.id, limit=limit, cursor=cursor)


@router.get("/timeline", responses=problem_responses(401))
def read_timeline(user: CurrentUser, scans: ScansDep) -> ScanTimelineResponse:
    """Your scans over time: those that were taken alike, every field with its error, and why others are left out."""
    return scans.get_timeline(user.id)


@router.post("/{scan_id}/upload", status_code=202, responses=problem_responses(401, 404, 409, 413, 415, 422, 429))
def upload_photo(
    scan_id: UUID,
    user: CurrentUser,
    scans: ScansDep,
    limits: LimitsDep,
    image: Annotated[
        list[UploadFile],
        File(
            description="JPEG, PNG, WebP or HEIC; at most 15 MB and 50 megapixels. Repeated for a burst of 3-5 frames."
        ),
    ],
) -> schemas.ScanUploadResponse:
    """Send the photo; its analysis begins at once and outside this request.

    A burst of 3-5 frames of the same moment gives medians with standard errors instead of single values.
    """
    limits.hit("upload", str(user.id))
    return scans.upload(user.id, scan_id, *(one.file.read() for one in image))


@router.get("/{scan_id}/status", responses=problem_responses(401, 404))
def read_status(scan_id: UUID, user: CurrentUser, scans: ScansDep) -> schemas.ScanStatusResponse:
    """How far the scan is: pending, processing, completed, or failed with a code."""
    return scans.get_status(user.id, scan_id)


@router.get("/{scan_id}/results", responses=problem_responses(401, 404, 409, 422))
def read_results(scan_id: UUID, user: CurrentUser, scans: ScansDep) -> schemas.ScanResultResponse:
    """The result of a completed scan; 409 while there is none, 422 with the code when it was refused."""
    return scans.get_results(user.id, scan_id)


@router.get("/{scan_id}/compare/{other_id}", responses=problem_responses(401, 404, 409, 422))
def compare_scans(scan_id: UUID, other_id: UUID, user: CurrentUser, scans: ScansDep) -> ScanComparisonResponse:
    """What changed for real between two of your scans; a difference within the error of measurement is none."""
    return scans.compare(user.id, scan_id, other_id)


@router.get(
    "/{scan_id}/overlay",
    response_class=Response,
    responses=problem_responses(401, 404) | {200: {"content": {"image/jpeg": {}}}},
)
def read_overlay(scan_id: UUID, user: CurrentUser, scans: ScansDep) -> Response:
    """The photo with face and zones drawn on it, while it is kept."""
    picture = scans.get_overlay(user.id, scan_id)
    return Response(picture, media_type="image/jpeg", headers={"Cache-Control": "private, no-store"})


@router.get(
    "/{scan_id}/face",
    response_class=Response,
    responses=problem_responses(401, 404) | {200: {"content": {"image/jpeg": {}}}},
)
def read_face(scan_id: UUID, user: CurrentUser, scans: ScansDep) -> Response:
    """The face alone, upright and at one size, so that two scans can be laid over each other; while it is kept."""
    picture = scans.get_face(user.id, scan_id)
    return Response(picture, media_type="image/jpeg", headers={"Cache-Control": "private, no-store"})


@router.get(
    "/{scan_id}/maps/{concern}",
    response_class=Response,
    responses=problem_responses(401, 404) | {200: {"content": {"image/png": {}}}},
)
def read_map(scan_id: UUID, concern: Concern, user: CurrentUser, scans: ScansDep) -> Response:
    """Where the concern shows, to lay over the photo, while it is kept; for concerns whose `has_map` is true."""
    picture = scans.get_map(user.id, scan_id, concern)
    return Response(picture, media_type="image/png", headers={"Cache-Control": "private, no-store"})


@router.patch("/{scan_id}", responses=problem_responses(401, 404, 422))
def write_note(
    scan_id: UUID, body: schemas.ScanNoteRequest, user: CurrentUser, scans: ScansDep
) -> schemas.ScanHistoryItem:
    """Keep a note with the scan."""
    return scans.write_note(user.id, scan_id, body.note)


@router.delete("/{scan_id}", status_code=204, responses=problem_responses(401, 404, 422))
def delete_scan(
    scan_id: UUID,
    user: CurrentUser,
    scans: ScansDep,
    now: Annotated[bool, Query(description="Erase at once, without the time to undo.")] = False,
) -> None:
    """Delete the scan: it is gone from everywhere at once, and erased with its result and pictures in ten minutes.

    Until then it can be restored; with `now=true` it is erased at once, also when it was deleted before.
    """
    if now:
        scans.erase(user.id, scan_id)
    else:
        scans.delete(user.id, scan_id)


@router.post("/{scan_id}/restore", responses=problem_responses(401, 404))
def restore_scan(scan_id: UUID, user: CurrentUser, scans: ScansDep) -> schemas.ScanHistoryItem:
    """Undo a deletion of the last ten minutes."""
    return scans.restore(user.id, scan_id)
