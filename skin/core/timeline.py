"""Findings over time: which scans were taken alike, and how each field went from the first of them to the last."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from skin.core.change import TONE, Verdict, compare, list_obstacles, minimum_detectable_change
from skin.core.concerns import Concern
from skin.core.findings import Findings

Z_95 = 1.96


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A scan that cannot be compared with the one at `against`, by position."""

    index: int
    against: int
    obstacles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Alike:
    """Positions of scans any two of which may be compared, and the others, both from the earliest to the latest."""

    drawn: tuple[int, ...]
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True, slots=True)
class Point:
    """One value; the interval holds 95 % of repeated scans, and is None where nobody measured how far those differ."""

    index: int
    value: float
    interval: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Course:
    """One field over time; the verdict is on its first value against its last, and None while there is one only.

    `minimum_detectable` is the change that these two would have to exceed.
    """

    field: str
    minimum_detectable: float | None
    points: tuple[Point, ...]
    verdict: Verdict | None


def choose_alike(findings: Sequence[Findings], tolerances: Mapping[str, float]) -> Alike:
    """The most scans that were taken alike; of two equally large groups, the one with the latest scan.

    `findings` are ordered from the earliest to the latest. A group is gathered from each scan in turn, taking in what
    can be compared with all that it has, the latest first.
    """
    obstacles = {
        (one, other): list_obstacles(findings[one], findings[other], tolerances)
        for one, other in combinations(range(len(findings)), 2)
    }
    latest_first = range(len(findings) - 1, -1, -1)
    drawn = max((_gather(start, latest_first, obstacles) for start in latest_first), key=len, default=[])
    left_out = []
    for index in range(len(findings)):
        if index not in drawn:
            hindered = next(one for one in sorted(drawn, reverse=True) if obstacles[_pair(one, index)])
            left_out.append(LeftOut(index, hindered, obstacles[_pair(hindered, index)]))
    return Alike(tuple(sorted(drawn)), tuple(left_out))


def trace(findings: Sequence[Findings], *, sems: Mapping[str, float]) -> tuple[Course, ...]:
    """Every field that one of these scans judged; they were taken alike and are ordered from the earliest."""
    courses = (_trace(field, findings, sems) for field in (TONE, *(concern.value for concern in Concern)))
    return tuple(course for course in courses if course.points)


def _gather(start: int, latest_first: Sequence[int], obstacles: Mapping[tuple[int, int], tuple[str, ...]]) -> list[int]:
    group = [start]
    for index in latest_first:
        if index != start and not any(obstacles[_pair(index, one)] for one in group):
            group.append(index)
    return group


def _pair(one: int, other: int) -> tuple[int, int]:
    return (one, other) if one < other else (other, one)


def _trace(field: str, findings: Sequence[Findings], sems: Mapping[str, float]) -> Course:
    sem = sems.get(field)
    points = []
    for index, found in enumerate(findings):
        value, burst_se = _read(found, field)
        if value is not None:
            interval = None if sem is None else _interval(field, value, Z_95 * max(sem, burst_se or 0.0))
            points.append(Point(index, value, interval))
    if len(points) < 2:
        return Course(field, None if sem is None else minimum_detectable_change(sem), tuple(points), None)
    ends = compare(findings[points[0].index], findings[points[-1].index], tolerances={}, sems=sems)
    change = next(change for change in ends.changes if change.field == field)
    return Course(field, change.minimum_detectable, tuple(points), change.verdict)


def _read(found: Findings, field: str) -> tuple[float | None, float | None]:
    """The value and the standard error within its burst."""
    if field == TONE:
        return found.tone.ita_deg, found.tone.ita_se_deg
    concern = next(one for one in found.concerns if one.concern.value == field)
    return concern.score, concern.score_se


def _interval(field: str, value: float, half: float) -> tuple[float, float]:
    """Scores end at 0 and 100, angles do not."""
    return (value - half, value + half) if field == TONE else (max(0.0, value - half), min(100.0, value + half))
