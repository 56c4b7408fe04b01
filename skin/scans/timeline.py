"""All comparable scans of a person over time: every field with its error, and what happened from first to last."""

from collections.abc import Sequence
from uuid import UUID

from pydantic import ConfigDict, Field

from skin.core.change import Verdict
from skin.core.findings import Findings
from skin.core.timeline import Course, LeftOut, choose_alike, trace
from skin.scans.comparison import ComparedScan, Finished, Repeatability
from skin.scans.records import load_findings
from skin.scans.schemas import EXAMPLE_ID, EXAMPLE_TIME, Schema

TIMELINE_LIMIT = 100


class TimelinePoint(Schema):
    scan_id: UUID
    value: float
    interval: tuple[float, float] | None = Field(
        None, description="Holds 95 % of repeated scans: the value -/+ 1.96 SEM; null where nobody measured the SEM."
    )


class TimelineCourse(Schema):
    """One field over the scans that were taken alike."""

    field: str = Field(description="ita_deg or a concern.")
    points: list[TimelinePoint] = Field(description="From the earliest to the latest; scans that judged it.")
    minimum_detectable: float | None = Field(
        None,
        description="1.96 * sqrt(2) * SEM, in the field's unit: a smaller one from first to last is no real change.",
    )
    verdict: Verdict | None = Field(None, description="On the first value against the last; null for a single value.")


class LeftOutScan(Schema):
    """A scan that was taken too differently to be drawn with the others."""

    scan_id: UUID
    against: UUID = Field(description="The latest of the drawn scans with which it cannot be compared.")
    obstacles: list[str] = Field(
        description="Capture checks whose values are too far apart, and measured_by after an update."
    )


class ScanTimelineResponse(Schema):
    """Completed scans, the latest hundred at most, from the earliest to the latest."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "scans": [{"scan_id": EXAMPLE_ID, "created_at": EXAMPLE_TIME}],
                "drawn": [EXAMPLE_ID],
                "courses": [
                    {
                        "field": "redness",
                        "points": [{"scan_id": EXAMPLE_ID, "value": 41, "interval": [35.6, 46.4]}],
                        "minimum_detectable": 7.7,
                        "verdict": None,
                    }
                ],
                "left_out": [],
            }
        }
    )
    scans: list[ComparedScan]
    drawn: list[UUID] = Field(description="Those taken alike; any two of them may be compared.")
    courses: list[TimelineCourse]
    left_out: list[LeftOutScan]


def view_timeline(finished: Sequence[Finished], repeatability: Repeatability) -> ScanTimelineResponse:
    """`finished` are ordered from the earliest to the latest."""
    ids = [scan.id for scan, _ in finished]
    findings = [load_findings(analysis) for _, analysis in finished]
    alike = choose_alike(findings, repeatability.tolerances)
    drawn_ids = [ids[index] for index in alike.drawn]
    drawn: list[Findings] = [findings[index] for index in alike.drawn]
    return ScanTimelineResponse(
        scans=[ComparedScan(scan_id=scan.id, created_at=scan.created_at) for scan, _ in finished],
        drawn=drawn_ids,
        courses=[_view_course(course, drawn_ids) for course in trace(drawn, sems=repeatability.sems)],
        left_out=[_view_left_out(one, ids) for one in alike.left_out],
    )


def _view_course(course: Course, ids: Sequence[UUID]) -> TimelineCourse:
    return TimelineCourse(
        field=course.field,
        points=[
            TimelinePoint(scan_id=ids[point.index], value=point.value, interval=point.interval)
            for point in course.points
        ],
        minimum_detectable=course.minimum_detectable,
        verdict=course.verdict,
    )


def _view_left_out(one: LeftOut, ids: Sequence[UUID]) -> LeftOutScan:
    return LeftOutScan(scan_id=ids[one.index], against=ids[one.against], obstacles=list(one.obstacles))
