"""Agreement, consensus and adjudication over REST, for administrators."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from skin.annotation.adjudication import DISAGREEMENT_LIMIT, AnswersResponse, DisagreementsResponse, FinalDecision
from skin.annotation.agreement import By
from skin.annotation.labels import Label
from skin.annotation.panel import CONSENSUS_LIMIT, AgreementResponse, ConsensusResponse
from skin.web.dependencies import AnnotationDep, PageUser
from skin.web.errors import problem_responses

router = APIRouter(prefix="/api/annotation", tags=["annotation"])


class FinalRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    label: Label


@router.get("/projects/{project_id}/agreement", responses=problem_responses(401, 403, 404, 422))
def measure_agreement(
    project_id: UUID, user: PageUser, annotation: AnnotationDep, by: By = By.ALL
) -> AgreementResponse:
    """How far annotators agree, field by field, with intervals; a reason where there is too little for a number."""
    return annotation.panel.measure(user, project_id, by)


@router.get("/projects/{project_id}/consensus", responses=problem_responses(401, 403, 404, 422))
def find_consensus(
    project_id: UUID,
    user: PageUser,
    annotation: AnnotationDep,
    limit: Annotated[int, Query(ge=1, le=CONSENSUS_LIMIT)] = 100,
    offset: Annotated[int, Query(ge=0, description="`next_offset` of the page before.")] = 0,
) -> ConsensusResponse:
    """What the answers to each picture say together: the plain median, and a model of how each annotator errs."""
    return annotation.panel.find_consensus(user, project_id, limit=limit, offset=offset)


@router.get("/projects/{project_id}/disagreements", responses=problem_responses(401, 403, 404, 422))
def list_disagreements(
    *,
    project_id: UUID,
    user: PageUser,
    annotation: AnnotationDep,
    steps: Annotated[int, Query(ge=1, le=9, description="Smaller differences are left out.")] = 1,
    decided: Annotated[bool, Query(description="Those that have a final label.")] = False,
    limit: Annotated[int, Query(ge=1, le=DISAGREEMENT_LIMIT)] = 100,
) -> DisagreementsResponse:
    """Pictures on which answers differ, the largest difference first."""
    return annotation.adjudication.list_disagreements(user, project_id, steps=steps, decided=decided, limit=limit)


@router.get("/items/{item_id}/answers", responses=problem_responses(401, 403, 404))
def read_answers(item_id: UUID, user: PageUser, annotation: AnnotationDep) -> AnswersResponse:
    """All answers to a picture, under stable pseudonyms, and the final label."""
    return annotation.adjudication.get_answers(user, item_id)


@router.put("/items/{item_id}/final", responses=problem_responses(401, 403, 404, 422))
def decide(item_id: UUID, body: FinalRequest, user: PageUser, annotation: AnnotationDep) -> FinalDecision:
    """Decide on the final label; which answers said the same is kept with it, and so is every earlier decision."""
    return annotation.adjudication.decide(user, item_id, body.label)


@router.delete("/items/{item_id}/final", status_code=204, responses=problem_responses(401, 403, 404))
def undo(item_id: UUID, user: PageUser, annotation: AnnotationDep) -> None:
    """Take the latest decision back; the one before holds again, if there is one."""
    annotation.adjudication.undo(user, item_id)
