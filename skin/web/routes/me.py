"""What a person decides about their own data, over REST."""

from datetime import datetime

from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from skin.accounts.consents import Consents
from skin.accounts.retention import CHOICES_HOURS
from skin.accounts.service import Accounts
from skin.accounts.tables import Purpose, User
from skin.errors import Code, error
from skin.web.dependencies import AccountsDep, ConsentsDep, CurrentUser, ExportsDep
from skin.web.errors import problem_responses

router = APIRouter(prefix="/api/me", tags=["my data"])


class WordingResponse(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    version: str
    title: str
    paragraphs: list[str]


class ConsentResponse(BaseModel):
    """Where you stand on one purpose; `wording` is what a yes would be given to now."""

    model_config = ConfigDict(from_attributes=True)

    purpose: Purpose
    wording: WordingResponse
    granted: bool
    decided_at: datetime | None = Field(description="Null before the first decision.")


class DecisionResponse(BaseModel):
    """One decision, and the version of the wording it was made on."""

    model_config = ConfigDict(from_attributes=True)

    purpose: Purpose
    granted: bool
    text_version: str
    created_at: datetime


class ConsentsResponse(BaseModel):
    consents: list[ConsentResponse]
    decisions: list[DecisionResponse] = Field(description="All so far, the latest first.")


class ConsentRequest(BaseModel):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"granted": True, "text_version": "training.v1"}}
    )
    granted: bool
    text_version: str | None = Field(None, description="The version of the wording that was shown; needed for a yes.")


class RetentionResponse(BaseModel):
    """How long your photos are kept; results stay until you delete them."""

    model_config = ConfigDict(from_attributes=True)

    picture_hours: float = Field(description="What holds now; 0 means no longer than the result takes.")
    own_hours: float | None = Field(description="Your own choice; null while you made none.")
    service_hours: float = Field(description="What holds without a choice.")
    choices_hours: list[float] = Field(list(CHOICES_HOURS), description="What you may choose.")


class RetentionRequest(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"own_hours": 1}})
    own_hours: float | None = Field(description="One of `choices_hours`, or null for what the service does.")


@router.get("/consents", responses=problem_responses(401))
def read_consents(user: CurrentUser, consents: ConsentsDep) -> ConsentsResponse:
    """What you may agree to, word for word, with your present answer and all decisions so far."""
    return _view_consents(user, consents)


@router.put("/consents/{purpose}", responses=problem_responses(401, 403, 409, 422))
def decide_consent(
    purpose: Purpose, body: ConsentRequest, user: CurrentUser, consents: ConsentsDep
) -> ConsentsResponse:
    """Say yes to the wording that was shown, say no, or take a yes back."""
    if not body.granted:
        consents.withdraw(user.id, purpose)
    elif body.text_version is None:
        raise error(Code.INVALID_REQUEST)
    else:
        consents.grant(user.id, purpose, body.text_version)
    return _view_consents(user, consents)


@router.get("/retention", responses=problem_responses(401))
def read_retention(user: CurrentUser, accounts: AccountsDep) -> RetentionResponse:
    """How long your photos are kept, and what you may choose."""
    return _view_retention(user, accounts)


@router.put("/retention", responses=problem_responses(401, 403, 422))
def choose_retention(body: RetentionRequest, user: CurrentUser, accounts: AccountsDep) -> RetentionResponse:
    """Choose how long your photos are kept; within a minute it holds for the ones already there, too."""
    return _view_retention(accounts.choose_retention(user.id, body.own_hours), accounts)


@router.get(
    "/export",
    response_class=StreamingResponse,
    responses=problem_responses(401) | {200: {"content": {"application/zip": {}}}},
)
def export_me(user: CurrentUser, exports: ExportsDep) -> StreamingResponse:
    """Everything about you in one ZIP file: account, consents, scans with notes and results, pictures still kept."""
    export = exports.export(user)
    headers = {
        "Content-Disposition": f'attachment; filename="{export.name}"',
        "Cache-Control": "private, no-store",
    }
    return StreamingResponse(export.chunks, media_type="application/zip", headers=headers)


def _view_retention(user: User, accounts: Accounts) -> RetentionResponse:
    return RetentionResponse.model_validate(accounts.get_retention(user))


def _view_consents(user: User, consents: Consents) -> ConsentsResponse:
    return ConsentsResponse(
        consents=[ConsentResponse.model_validate(one) for one in consents.list_states(user.id)],
        decisions=[DecisionResponse.model_validate(one) for one in consents.list_decisions(user.id)],
    )
