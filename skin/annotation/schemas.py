"""What annotation takes and gives, the same through REST and Gradio."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from skin.annotation.labels import Label
from skin.annotation.tables import AssignmentState, Mode, Order
from skin.core.concerns import Concern
from skin.core.zones import Zone

Name = Annotated[str, Field(min_length=1, max_length=120)]
Guidelines = Annotated[str, Field(max_length=20_000)]
Overlap = Annotated[int, Field(ge=1, le=20, description="Answers wanted per picture.")]
Rate = Annotated[float, Field(ge=0, le=0.5, allow_inf_nan=False)]
LeaseMinutes = Annotated[float, Field(gt=0, le=24 * 60, allow_inf_nan=False)]
Seconds = Annotated[float, Field(ge=0, le=24 * 3600, allow_inf_nan=False)]


class ProjectRequest(BaseModel):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"name": "Cheeks in spring", "overlap": 3, "repeat_rate": 0.05}}
    )
    name: Name
    guidelines: Guidelines = ""
    overlap: Overlap = 1
    order: Order = Order.PLAIN
    mode: Mode = Mode.BLIND
    gold_rate: Rate = Field(0, description="Share of hidden pictures whose label is known.")
    repeat_rate: Rate = Field(0, description="Share of hidden pictures the annotator has labelled before.")
    lease_minutes: LeaseMinutes = 30
    takes_scans: bool = Field(False, description="Collect scans whose owners consented.")


class ProjectChanges(BaseModel):
    """What is left out stays as it is."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"is_open": False}})
    name: Name | None = None
    guidelines: Guidelines | None = None
    overlap: Overlap | None = None
    order: Order | None = None
    mode: Mode | None = None
    gold_rate: Rate | None = None
    repeat_rate: Rate | None = None
    lease_minutes: LeaseMinutes | None = None
    takes_scans: bool | None = None
    is_open: bool | None = None


class ProjectRules(BaseModel):
    """What annotators do not see, because hidden checks would not stay hidden."""

    model_config = ConfigDict(from_attributes=True)

    order: Order
    gold_rate: float
    repeat_rate: float
    takes_scans: bool


class ProjectResponse(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    schema_version: str
    guidelines: str
    overlap: int
    mode: Mode
    lease_minutes: float
    is_open: bool
    created_at: datetime
    rules: ProjectRules | None = Field(None, description="For administrators only.")


class ProjectsResponse(BaseModel):
    projects: list[ProjectResponse]


class SkippedFile(BaseModel):
    """A picture that was not taken, and why."""

    name: str
    code: str
    message: str


class ItemsResponse(BaseModel):
    added: int
    skipped: list[SkippedFile]


class CollectedResponse(BaseModel):
    added: int


class MineResponse(BaseModel):
    submitted: int
    seconds_median: float | None


class ProgressResponse(BaseModel):
    """`wanted` counts answers; `submitted`, `leased` (being worked on) and what is open add up to it."""

    items: int
    wanted: int
    submitted: int
    leased: int
    skipped: int
    mine: MineResponse


class AnnotatorProgress(BaseModel):
    annotator_id: UUID
    name: str = Field(description="The e-mail address, or a word for a guest.")
    submitted: int
    skipped: int
    seconds_median: float | None


class AnnotatorsResponse(BaseModel):
    """Who finished how much of a project, the most first."""

    annotators: list[AnnotatorProgress]


class ZonesResponse(BaseModel):
    """Outlines in shares of the face picture's side; empty where no face could be found in it."""

    zones: dict[Zone, list[tuple[float, float]]]


class ProjectOfTask(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    mode: Mode
    guidelines: str


class Suggestion(BaseModel):
    """What a machine would say; `maps` are the concerns whose map can be fetched."""

    label: Label
    model: str
    maps: list[Concern] = []


class Position(BaseModel):
    """How many answers the annotator gave, and how many are still open in the project; up to 2 s old."""

    done: int
    left: int


class Task(BaseModel):
    """One face to label; why it was chosen, whose it is and what others said is never told."""

    assignment_id: UUID
    item_id: UUID
    project: ProjectOfTask
    picture_url: str
    draft: Label | None
    answer: Label | None
    seconds_spent: float = Field(description="What the draft or the answer took so far.")
    state: AssignmentState
    leased_until: datetime | None
    suggestion: Suggestion | None = Field(description="In assisted projects only.")
    position: Position


class NextResponse(BaseModel):
    next: Task | None


class LabelRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    label: Label
    seconds_spent: Seconds


class SkipRequest(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"reason": "I know this person."}})

    reason: Annotated[str, Field(min_length=1, max_length=500)]


class WorkEntry(BaseModel):
    assignment_id: UUID
    item_id: UUID
    finished_at: datetime
    state: AssignmentState


class WorkResponse(BaseModel):
    """One's own finished tasks, the newest first."""

    tasks: list[WorkEntry]


class AuditEntryResponse(BaseModel):
    """Who did what; never a label or a picture."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    actor_id: UUID | None
    action: str
    subject_id: UUID | None
    details: dict[str, Any]
    created_at: datetime


class AuditResponse(BaseModel):
    entries: list[AuditEntryResponse]
