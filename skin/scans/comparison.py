"""Two scans side by side: what changed for real, what did not, and why nothing can be said."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from pydantic import ConfigDict, Field

from skin.core.change import Change, Verdict, compare
from skin.scans.records import load_findings
from skin.scans.schemas import EXAMPLE_ID, EXAMPLE_TIME, Schema
from skin.scans.tables import ScanSession, SkinAnalysis


@dataclass(frozen=True, slots=True)
class Repeatability:
    """How far repeated scans of unchanged skin differ (`sems`, by field), and how far apart two captures may be
    (`tolerances`, by capture check)."""

    sems: Mapping[str, float] = field(default_factory=dict)
    tolerances: Mapping[str, float] = field(default_factory=dict)


class ComparedScan(Schema):
    scan_id: UUID
    created_at: datetime


class ChangeView(Schema):
    field: str = Field(description="ita_deg or a concern.")
    before: float | None = None
    after: float | None = None
    minimum_detectable: float | None = Field(
        None, description="1.96 * sqrt(2) * SEM, in the field's unit: a smaller difference is no real change."
    )
    verdict: Verdict


class ScanComparisonResponse(Schema):
    """An earlier scan against a later one, whichever way round they were asked for."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "before": {"scan_id": EXAMPLE_ID, "created_at": EXAMPLE_TIME},
                "after": {"scan_id": EXAMPLE_ID, "created_at": EXAMPLE_TIME},
                "comparable": True,
                "obstacles": [],
                "changes": [
                    {
                        "field": "redness",
                        "before": 45,
                        "after": 41,
                        "minimum_detectable": 12.5,
                        "verdict": "no_real_change",
                    }
                ],
            }
        }
    )
    before: ComparedScan
    after: ComparedScan
    comparable: bool = Field(description="Whether the two photos were taken alike enough to judge a change.")
    obstacles: list[str] = Field(
        [], description="Capture checks whose values are too far apart, and measured_by after an update."
    )
    changes: list[ChangeView]


Finished = tuple[ScanSession, SkinAnalysis]


def view_comparison(one: Finished, other: Finished, repeatability: Repeatability) -> ScanComparisonResponse:
    (before, earlier), (after, later) = sorted((one, other), key=lambda pair: pair[0].created_at)
    compared = compare(
        load_findings(earlier),
        load_findings(later),
        tolerances=repeatability.tolerances,
        sems=repeatability.sems,
    )
    return ScanComparisonResponse(
        before=ComparedScan(scan_id=before.id, created_at=before.created_at),
        after=ComparedScan(scan_id=after.id, created_at=after.created_at),
        comparable=not compared.obstacles,
        obstacles=list(compared.obstacles),
        changes=[_view(change) for change in compared.changes],
    )


def _view(change: Change) -> ChangeView:
    return ChangeView.model_validate(change, from_attributes=True)
