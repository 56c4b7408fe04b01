"""Datasets over REST: snapshots, exports, and labels from elsewhere; for administrators."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, File, Query, UploadFile
from fastapi.responses import StreamingResponse

from skin.datasets import schemas
from skin.datasets.formats import Format
from skin.web.dependencies import DatasetsDep, PageUser
from skin.web.errors import problem_responses

router = APIRouter(prefix="/api/annotation", tags=["datasets"])


@router.post("/projects/{project_id}/snapshots", status_code=201, responses=problem_responses(401, 403, 404, 422))
def create_snapshot(
    project_id: UUID, user: PageUser, datasets: DatasetsDep, body: schemas.SnapshotRequest | None = None
) -> schemas.SnapshotResponse:
    """Copy the labels as they are now under the next number, split by person."""
    return datasets.snapshots.create(user, project_id, body)


@router.get("/projects/{project_id}/snapshots", responses=problem_responses(401, 403, 404))
def list_snapshots(project_id: UUID, user: PageUser, datasets: DatasetsDep) -> schemas.SnapshotsResponse:
    """The manifests, the newest first."""
    return datasets.snapshots.list_all(user, project_id)


@router.get(
    "/snapshots/{snapshot_id}/export",
    response_class=StreamingResponse,
    responses=problem_responses(401, 403, 404, 422) | {200: {"content": {"application/octet-stream": {}}}},
)
def export_snapshot(
    snapshot_id: UUID, user: PageUser, datasets: DatasetsDep, kind: Annotated[Format, Query(alias="format")]
) -> StreamingResponse:
    """The snapshot as a file, made while it is sent."""
    export = datasets.snapshots.export(user, snapshot_id, kind)
    headers = {"Content-Disposition": f'attachment; filename="{export.name}"', "Cache-Control": "private, no-store"}
    return StreamingResponse(export.pieces, media_type=export.media_type, headers=headers)


@router.get("/projects/{project_id}/near-duplicates", responses=problem_responses(401, 403, 404, 422))
def list_near_duplicates(
    project_id: UUID,
    user: PageUser,
    datasets: DatasetsDep,
    bits: Annotated[int, Query(ge=0, le=16, description="How many of 64 bits may differ.")] = schemas.NEAR_BITS,
) -> schemas.NearDuplicatesResponse:
    """Pairs of pictures that are nearly the same."""
    return datasets.snapshots.find_near_duplicates(user, project_id, bits)


@router.post("/projects/{project_id}/labels", responses=problem_responses(401, 403, 404, 413, 422))
def import_labels(
    project_id: UUID,
    user: PageUser,
    datasets: DatasetsDep,
    file: Annotated[UploadFile, File(description="Our JSON Lines, or Label Studio's JSON made with our screen.")],
    kind: Annotated[schemas.ImportFormat, Query(alias="format")] = schemas.ImportFormat.JSON_LINES,
) -> schemas.LabelsResponse:
    """Take in labels made elsewhere, as answers of raters of their own; what cannot be used is named with its place."""
    return datasets.imports.add_file(user, project_id, kind, file.file.read())
