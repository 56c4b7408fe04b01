"""Annotation over REST, for programs by token and for our own pages by cookie."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, File, Form, Query, Response, UploadFile
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool

from skin.annotation import schemas
from skin.annotation.items import Upload
from skin.annotation.labels import Label
from skin.annotation.projects import AUDIT_LIMIT
from skin.annotation.tasks import WORK_LIMIT
from skin.annotation.vocabulary import Vocabulary
from skin.core.concerns import Concern
from skin.errors import Code, error
from skin.web.dependencies import AnnotationDep, PageUser, PageUserId
from skin.web.errors import problem_responses

router = APIRouter(prefix="/api/annotation", tags=["annotation"])
PRIVATE = {"Cache-Control": "private, max-age=300"}

# What is called for every task is async: of a plain function FastAPI would check the answer in yet another thread.


@router.get("/schema", responses=problem_responses(401))
def read_schema(_: PageUser, annotation: AnnotationDep) -> Vocabulary:
    """The words of the label schema, its zones, and the Monk swatches."""
    return annotation.vocabulary


@router.post("/projects", status_code=201, responses=problem_responses(401, 403, 409, 422))
def create_project(body: schemas.ProjectRequest, user: PageUser, annotation: AnnotationDep) -> schemas.ProjectResponse:
    """Make a project."""
    return annotation.projects.create(user, body)


@router.get("/projects", responses=problem_responses(401, 403))
def list_projects(user: PageUser, annotation: AnnotationDep) -> schemas.ProjectsResponse:
    """The open projects; for administrators, all."""
    return annotation.projects.list_visible(user)


@router.get("/projects/{project_id}", responses=problem_responses(401, 403, 404))
def read_project(project_id: UUID, user: PageUser, annotation: AnnotationDep) -> schemas.ProjectResponse:
    """One project; its hidden rules are for administrators only."""
    return annotation.projects.get(user, project_id)


@router.patch("/projects/{project_id}", responses=problem_responses(401, 403, 404, 409, 422))
def change_project(
    project_id: UUID, body: schemas.ProjectChanges, user: PageUser, annotation: AnnotationDep
) -> schemas.ProjectResponse:
    """Change what is given; close the project with `is_open`."""
    return annotation.projects.change(user, project_id, body)


@router.get("/projects/{project_id}/progress", responses=problem_responses(401, 403, 404))
def read_progress(project_id: UUID, user: PageUser, annotation: AnnotationDep) -> schemas.ProgressResponse:
    """How far the project is, and oneself."""
    return annotation.projects.measure_progress(user, project_id)


@router.get("/projects/{project_id}/annotators", responses=problem_responses(401, 403, 404))
def list_annotators(project_id: UUID, user: PageUser, annotation: AnnotationDep) -> schemas.AnnotatorsResponse:
    """Who finished how much, and how fast; for administrators."""
    return annotation.projects.list_annotators(user, project_id)


@router.post("/projects/{project_id}/items", responses=problem_responses(401, 403, 404, 413, 422))
def add_items(
    *,
    project_id: UUID,
    user: PageUser,
    annotation: AnnotationDep,
    image: Annotated[list[UploadFile], File(description="JPEG, PNG, WebP or HEIC, one face each; repeated.")],
    person: Annotated[str, Form(max_length=120, description="Who all of these pictures are of.")] = "",
    licence: Annotated[str, Form(max_length=200)] = "",
    gold: Annotated[str, Form(description="A label as JSON, if known: these pictures become hidden checks.")] = "",
    is_aligned: Annotated[bool, Form(description="The pictures are aligned faces already.")] = False,
) -> schemas.ItemsResponse:
    """Add pictures; each face is found and aligned, and what cannot be used is named with its reason."""
    known = _label_of(gold) if gold else None
    uploads = (
        Upload(
            one.filename or "",
            one.file.read(),
            person=person,
            licence=licence,
            gold=known,
            is_aligned=is_aligned,
        )
        for one in image
    )
    return annotation.items.add(user, project_id, uploads)


@router.post("/projects/{project_id}/collect", responses=problem_responses(401, 403, 404))
def collect_scans(project_id: UUID, user: PageUser, annotation: AnnotationDep) -> schemas.CollectedResponse:
    """Add the scans whose owners consented, if the project takes scans; it also happens by itself every ten minutes."""
    return schemas.CollectedResponse(added=annotation.collection.collect(user, project_id))


@router.post(
    "/projects/{project_id}/next",
    response_model=schemas.Task,
    responses=problem_responses(401, 403, 404, 409) | {204: {"description": "Nothing is left for you here."}},
)
async def take_next(project_id: UUID, user_id: PageUserId, annotation: AnnotationDep) -> schemas.Task | Response:
    """The task you hold, else the next one."""
    return await run_in_threadpool(annotation.tasks.take, user_id, project_id) or Response(status_code=204)


@router.get("/projects/{project_id}/mine", responses=problem_responses(401, 403, 404))
def list_mine(
    project_id: UUID,
    user_id: PageUserId,
    annotation: AnnotationDep,
    limit: Annotated[int, Query(ge=1, le=WORK_LIMIT)] = 50,
) -> schemas.WorkResponse:
    """What you submitted or skipped, the newest first."""
    return annotation.tasks.list_finished(user_id, project_id, limit=limit)


@router.get("/assignments/{assignment_id}", responses=problem_responses(401, 403, 404))
def read_assignment(assignment_id: UUID, user_id: PageUserId, annotation: AnnotationDep) -> schemas.Task:
    """A task of yours, also a submitted one."""
    return annotation.tasks.get(user_id, assignment_id)


@router.put("/assignments/{assignment_id}/draft", status_code=204, responses=problem_responses(401, 403, 404, 409, 422))
def save_draft(assignment_id: UUID, body: schemas.LabelRequest, user_id: PageUserId, annotation: AnnotationDep) -> None:
    """Keep what you have so far, and the task for another while."""
    annotation.tasks.save_draft(user_id, assignment_id, body.label, body.seconds_spent)


@router.post("/assignments/{assignment_id}/submit", responses=problem_responses(401, 403, 404, 409, 422))
async def submit(
    assignment_id: UUID, body: schemas.LabelRequest, user_id: PageUserId, annotation: AnnotationDep
) -> schemas.NextResponse:
    """Submit your answer and take the next task."""
    following = await run_in_threadpool(annotation.tasks.submit, user_id, assignment_id, body.label, body.seconds_spent)
    return schemas.NextResponse(next=following)


@router.post("/assignments/{assignment_id}/skip", responses=problem_responses(401, 403, 404, 409, 422))
async def skip(
    assignment_id: UUID, body: schemas.SkipRequest, user_id: PageUserId, annotation: AnnotationDep
) -> schemas.NextResponse:
    """Leave the picture to others, with a reason, and take the next task."""
    return schemas.NextResponse(
        next=await run_in_threadpool(annotation.tasks.skip, user_id, assignment_id, body.reason)
    )


@router.put(
    "/assignments/{assignment_id}/answer", status_code=204, responses=problem_responses(401, 403, 404, 409, 422)
)
def correct_answer(
    assignment_id: UUID, body: schemas.LabelRequest, user_id: PageUserId, annotation: AnnotationDep
) -> None:
    """Correct an answer you submitted; what it said before is kept."""
    annotation.tasks.correct(user_id, assignment_id, body.label, body.seconds_spent)


@router.get(
    "/items/{item_id}/picture",
    response_class=Response,
    responses=problem_responses(401, 403, 404) | {200: {"content": {"image/jpeg": {}}}},
)
def read_picture(item_id: UUID, user: PageUser, annotation: AnnotationDep) -> Response:
    """The aligned face of a task you were given."""
    return Response(annotation.items.load_picture(user, item_id), media_type="image/jpeg", headers=PRIVATE)


@router.get(
    "/items/{item_id}/maps/{concern}",
    response_class=Response,
    responses=problem_responses(401, 403, 404) | {200: {"content": {"image/png": {}}}},
)
def read_map(item_id: UUID, concern: Concern, user: PageUser, annotation: AnnotationDep) -> Response:
    """Where a machine sees the concern, to lay over the face; for the concerns in the suggestion's `maps`."""
    return Response(annotation.items.load_map(user, item_id, concern), media_type="image/png", headers=PRIVATE)


@router.get("/items/{item_id}/zones", responses=problem_responses(401, 403, 404))
def read_zones(item_id: UUID, user: PageUser, annotation: AnnotationDep) -> schemas.ZonesResponse:
    """The outlines of the face's zones, to lay over it."""
    return annotation.items.outline_zones(user, item_id)


@router.get("/audit", responses=problem_responses(401, 403))
def read_audit(
    user: PageUser,
    annotation: AnnotationDep,
    limit: Annotated[int, Query(ge=1, le=AUDIT_LIMIT)] = 50,
    before: Annotated[int | None, Query(description="The `id` of the last entry of the page before.")] = None,
) -> schemas.AuditResponse:
    """Who did what, the newest first."""
    return annotation.projects.list_audit(user, limit=limit, before=before)


def _label_of(text: str) -> Label:
    try:
        return Label.model_validate_json(text)
    except ValidationError as wrong:
        raise error(Code.INVALID_REQUEST) from wrong
