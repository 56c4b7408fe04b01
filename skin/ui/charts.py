"""A timeline as charts: where every point, bar and grid line lies; the template draws them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil, floor
from uuid import UUID

from skin.core.change import TONE
from skin.scans.timeline import LeftOutScan, ScanTimelineResponse, TimelineCourse
from skin.ui.changes import ChangeLine, say_course, show_field
from skin.ui.words import name_check

WIDTH, HEIGHT = 400, 220
LEFT, RIGHT, TOP, BOTTOM = 40, 16, 12, 30
GAP = 24.0  # between neighbours, so that each can be pointed at
SCORE_TICKS = (0.0, 30.0, 60.0, 100.0)  # where mild, moderate and severe end


@dataclass(frozen=True, slots=True)
class Mark:
    """One value: where it lies, and what it says; `bar` ends where 95 % of repeated scans do."""

    when: datetime
    x: float
    y: float
    bar: tuple[float, float] | None
    value: str
    interval: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class Tick:
    y: float
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """One field; `band` (top and height) is where a value is no real change from the first."""

    field: str
    line: ChangeLine
    marks: tuple[Mark, ...]
    ticks: tuple[Tick, ...]
    band: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class NotDrawn:
    """A scan that cannot be compared with the one of `against`, and why."""

    when: datetime
    against: datetime
    obstacles: tuple[str, ...]


def draw_charts(timeline: ScanTimelineResponse) -> list[Chart]:
    times = {scan.scan_id: scan.created_at for scan in timeline.scans}
    return [_draw(course, times) for course in timeline.courses]


def list_left_out(timeline: ScanTimelineResponse) -> list[NotDrawn]:
    """The latest first, as in the history."""
    times = {scan.scan_id: scan.created_at for scan in timeline.scans}
    return [_say_left_out(one, times) for one in reversed(timeline.left_out)]


def place_in_time(times: Sequence[datetime], *, start: float, end: float, gap: float = GAP) -> list[float]:
    """Where each time lies between start and end: true to time, with the gap between neighbours if it fits."""
    if len(times) == 1:
        return [(start + end) / 2]
    span = (times[-1] - times[0]).total_seconds() or 1.0
    least = min(gap, (end - start) / max(1, len(times) - 1))
    places = [start + (end - start) * (when - times[0]).total_seconds() / span for when in times]
    for index in range(1, len(places)):
        places[index] = max(places[index], places[index - 1] + least)
    places[-1:] = [min(place, end) for place in places[-1:]]
    for index in range(len(places) - 2, -1, -1):
        places[index] = min(places[index], places[index + 1] - least)
    return [round(place, 1) for place in places]


def _draw(course: TimelineCourse, times: Mapping[UUID, datetime]) -> Chart:
    ticks = _choose_ticks(course)
    low, high = ticks[0], ticks[-1]

    def y(value: float) -> float:
        share = (min(max(value, low), high) - low) / (high - low)
        return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)

    whens = [times[point.scan_id] for point in course.points]
    marks = tuple(
        Mark(
            when=when,
            x=x,
            y=y(point.value),
            bar=None if point.interval is None else (y(point.interval[0]), y(point.interval[1])),
            value=show_field(course.field, point.value),
            interval=_show_interval(course.field, point.interval),
        )
        for when, x, point in zip(
            whens, place_in_time(whens, start=LEFT + 16, end=WIDTH - RIGHT - 16), course.points, strict=True
        )
    )
    band = None
    if course.minimum_detectable is not None and len(course.points) > 1:
        first = course.points[0].value
        top, bottom = y(first + course.minimum_detectable), y(first - course.minimum_detectable)
        band = (top, round(bottom - top, 1))
    labels = tuple(Tick(y(tick), show_field(course.field, tick)) for tick in ticks)
    return Chart(course.field, say_course(course), marks, labels, band)


def _choose_ticks(course: TimelineCourse) -> tuple[float, ...]:
    """Scores have their whole range, with a line where a severity ends; angles as much as their bars need."""
    if course.field != TONE:
        return SCORE_TICKS
    least = course.minimum_detectable or 0.0
    ends = [end for point in course.points for end in (*(point.interval or ()), point.value)]
    ends += [course.points[0].value - least, course.points[0].value + least]
    low, high = 10.0 * floor(min(ends) / 10), 10.0 * ceil(max(ends) / 10)
    high = max(high, low + 20)
    return (low, (low + high) / 2, high)


def _show_interval(field: str, interval: tuple[float, float] | None) -> tuple[str, str] | None:
    return None if interval is None else (show_field(field, interval[0]), show_field(field, interval[1]))


def _say_left_out(one: LeftOutScan, times: Mapping[UUID, datetime]) -> NotDrawn:
    names = tuple(name_check(name) for name in one.obstacles)
    return NotDrawn(times[one.scan_id], times[one.against], names)
