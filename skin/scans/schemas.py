"""What every door gives out: the same models through REST, Gradio and the page."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from skin.core.concerns import Concern, Severity, SkinType
from skin.core.findings import NotJudged, Outcome
from skin.core.zones import Zone
from skin.scans.tables import NOTE_LIMIT, ScanState

EXAMPLE_ID = "7f1c9f4e-7a54-4f0e-9d6b-0f5f6f2f5a11"
EXAMPLE_TIME = "2026-11-22T10:00:00Z"
DISCLAIMER = (
    "A cosmetic aid, not a diagnosis: it describes what one photo shows. "
    "Ask a doctor about anything that is new, changes, hurts, itches or bleeds."
)
Share = Annotated[float, Field(ge=0, le=1)]


class Schema(BaseModel):
    """Base of the answers; the example of each is in the OpenAPI document and tested to be valid."""

    model_config = ConfigDict(extra="forbid")


class ErrorView(Schema):
    code: str = Field(description="A stable code from docs/errors.md.")
    message: str = Field(description="One sentence that says what to do.")


class NotJudgedView(Schema):
    code: NotJudged
    reason: str = Field(description="Why this photo, or this version of the app, cannot tell.")


class SkinTypeView(Schema):
    value: SkinType | None = Field(None, description="The apparent type, or null when it was not judged.")
    confidence: Share | None = None
    probabilities: dict[SkinType, Share] = {}
    not_judged: NotJudgedView | None = None


class SkinToneView(Schema):
    monk: int | None = Field(None, ge=1, le=10, description="Monk Skin Tone, 1 lightest to 10 deepest.")
    monk_probabilities: list[Share] = Field([], description="For Monk 1 to 10; they sum to 1.")
    ita_deg: float | None = Field(None, description="Individual typology angle in degrees; higher is lighter.")
    ita_interval_deg: tuple[float, float] | None = Field(None, description="95 % interval of the ITA.")
    ita_se_deg: float | None = Field(None, description="Standard error within a burst; null for a single photo.")
    ita_class: str | None = Field(None, description="very_light, light, intermediate, tan, brown or dark.")
    fitzpatrick_estimate: int | None = Field(None, ge=1, le=6, description="An estimate from the ITA, no more.")
    confidence: Share | None = None
    not_judged: NotJudgedView | None = None


class ConcernView(Schema):
    name: Concern
    score: int | None = Field(None, ge=0, le=100, description="Higher is more of it; null when not judged.")
    severity: Severity | None = Field(None, description="none 0, mild 1-30, moderate 31-60, severe 61-100.")
    confidence: Share | None = None
    score_se: float | None = Field(None, description="Standard error within a burst; null for a single photo.")
    zones: list[Zone] = Field([], description="Where it shows; left and right are the person's own.")
    has_map: bool = Field(False, description="Whether there is a map of where it shows, while the photo is kept.")
    not_judged: NotJudgedView | None = None


class RecommendationView(Schema):
    code: str
    text: str
    reason: str
    see_doctor: bool = False


class QualityView(Schema):
    name: str = Field(description="What was measured, with its unit.")
    value: float
    outcome: Outcome
    hint: str = ""


class ModelView(Schema):
    name: str
    version: str
    pipeline_version: str


class ScanInitResponse(Schema):
    """A scan that waits for its photo."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"scan_id": EXAMPLE_ID, "status": "pending", "created_at": EXAMPLE_TIME}}
    )
    scan_id: UUID
    status: ScanState
    created_at: datetime


class ScanUploadResponse(Schema):
    """The photo was accepted and waits for its analysis."""

    model_config = ConfigDict(json_schema_extra={"example": {"scan_id": EXAMPLE_ID, "status": "processing"}})
    scan_id: UUID
    status: ScanState


class ScanStatusResponse(Schema):
    """How far a scan is; `error` says why a failed one failed."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "scan_id": EXAMPLE_ID,
                "status": "failed",
                "error": {"code": "blurred", "message": "The photo is blurred: hold the camera still."},
                "created_at": EXAMPLE_TIME,
                "updated_at": EXAMPLE_TIME,
            }
        }
    )
    scan_id: UUID
    status: ScanState
    error: ErrorView | None = None
    created_at: datetime
    updated_at: datetime


class ScanResultResponse(Schema):
    """All that one photo told, and what it could not tell."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "scan_id": EXAMPLE_ID,
                "status": "completed",
                "created_at": EXAMPLE_TIME,
                "skin_type": {
                    "value": None,
                    "not_judged": {"code": "uncertain", "reason": "This photo allows no answer that is sure enough."},
                },
                "skin_tone": {"monk": 4, "ita_deg": 38.5, "ita_class": "intermediate", "confidence": 0.62},
                "concerns": [
                    {"name": "redness", "score": 24, "severity": "mild", "confidence": 0.7, "zones": ["nose"]}
                ],
                "recommendations": [
                    {"code": "redness_gentle_care", "text": "Use no fragrance.", "reason": "Redness was mild."}
                ],
                "quality": [{"name": "face_width_px", "value": 512.0, "outcome": "good"}],
                "face_box_xyxy_norm": [0.3, 0.2, 0.7, 0.8],
                "model": {"name": "none", "version": "0", "pipeline_version": "1"},
                "disclaimer": DISCLAIMER,
            }
        }
    )
    scan_id: UUID
    status: ScanState
    created_at: datetime
    skin_type: SkinTypeView
    skin_tone: SkinToneView
    concerns: list[ConcernView]
    recommendations: list[RecommendationView]
    quality: list[QualityView]
    face_box_xyxy_norm: tuple[float, float, float, float]
    face_matrix_norm: tuple[float, float, float, float, float, float] | None = Field(
        None, description="Two rows of three: from a place in the photo (0-1) to its place in the face picture (0-1)."
    )
    zone_outlines_norm: dict[Zone, list[tuple[float, float]]] = Field(
        {}, description="The corners of every zone in the face picture (0-1)."
    )
    model: ModelView
    note: str = Field("", description="The person's own words about this scan.")
    disclaimer: str = DISCLAIMER


class ScanHistoryItem(Schema):
    scan_id: UUID
    status: ScanState
    created_at: datetime
    error: ErrorView | None = None
    skin_type: str | None = Field(None, description="A skin type or not_judged; null until completed.")
    skin_tone: str | None = Field(None, description="monk_1 to monk_10 or not_judged; null until completed.")
    concerns: list[Concern] = Field([], description="Concerns found present.")
    note: str = Field("", description="The person's own words about this scan.")


class DeletedScan(Schema):
    """A scan that was deleted and can be restored until `erased_at`."""

    scan_id: UUID
    created_at: datetime
    erased_at: datetime


class KeptScans(Schema):
    """How much of a person is kept."""

    scans: int
    with_pictures: int


class ScanHistoryResponse(Schema):
    """Scans from the newest to the oldest, a page at a time."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "scans": [{"scan_id": EXAMPLE_ID, "status": "completed", "created_at": EXAMPLE_TIME}],
                "next_cursor": None,
            }
        }
    )
    scans: list[ScanHistoryItem]
    next_cursor: str | None = Field(None, description="Give it back as `cursor` for the next page; null at the end.")


class ScanInitRequest(Schema):
    """What a program may note about a scan; it comes back nowhere else than in an export."""

    model_config = ConfigDict(json_schema_extra={"example": {"metadata": {"device": "kiosk 3"}}})
    metadata: dict[str, Any] = Field({}, description="A JSON object of at most 4 kB, kept with the scan.")


class ScanNoteRequest(Schema):
    """What a person wants to remember about a scan."""

    model_config = ConfigDict(json_schema_extra={"example": {"note": "After a week by the sea."}})
    note: str = Field(max_length=NOTE_LIMIT, description="Plain text; an empty one takes the note away.")


# Names that old integrations import.
InitScanResponse = ScanInitResponse
UploadScanResponse = ScanUploadResponse
ScanStatus = ScanStatusResponse
ScanResult = ScanResultResponse
ScanHistory = ScanHistoryResponse
