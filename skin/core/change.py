"""Repeatability: a burst as one result, when two scans may be compared, and what change is more than chance.

The minimum detectable change is 1.96 * sqrt(2) * SEM (Weir 2005, J Strength Cond Res 19:231): a difference below it
is expected in 95 % of pairs of scans of skin that has not changed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import sqrt
from statistics import fmean, median, median_low, stdev

from skin.core.findings import ConcernFinding, Findings, NotJudged, ToneFinding
from skin.core.tone import fitzpatrick_estimate, ita_class

TONE = "ita_deg"
MEASURED_BY = "measured_by"
_MEDIAN_SD = sqrt(1.5708)  # the median of n normal values spreads sqrt(pi / 2) times as much as their mean


class Verdict(StrEnum):
    """What the difference of two scans says."""

    MORE = "more"
    LESS = "less"
    NO_REAL_CHANGE = "no_real_change"
    NOT_JUDGED = "not_judged"


@dataclass(frozen=True, slots=True)
class Change:
    """One field from an earlier to a later scan; `minimum_detectable` is in the field's own unit."""

    field: str
    before: float | None
    after: float | None
    verdict: Verdict
    minimum_detectable: float | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """`obstacles` names what hinders (see `list_obstacles`); with any of them no change is judged."""

    obstacles: tuple[str, ...]
    changes: tuple[Change, ...]


def combine_burst(frames: Sequence[Findings]) -> Findings:
    """One result from the frames of one burst: medians, with their standard errors where two frames or more agree.

    A field is judged when at least half of the frames judged it. All else is taken from the first frame, which is
    the one that is stored and drawn on.
    """
    if not frames:
        raise ValueError("a burst has at least one frame")
    if len(frames) == 1:
        return frames[0]
    by_concern = zip(*(frame.concerns for frame in frames), strict=True)
    return replace(
        frames[0],
        tone=_combine_tone([frame.tone for frame in frames]),
        concerns=tuple(_combine_concern(findings) for findings in by_concern),
    )


def list_obstacles(before: Findings, after: Findings, tolerances: Mapping[str, float]) -> tuple[str, ...]:
    """What makes a change possibly the camera's or the app's own.

    Those are the capture checks that differ by more than their tolerance, and `measured_by` when another version of
    the app judged.
    """
    values = {check.name: check.value for check in before.quality}
    versions = () if _measured_by(before) == _measured_by(after) else (MEASURED_BY,)
    return versions + tuple(
        check.name
        for check in after.quality
        if check.name in tolerances
        and check.name in values
        and abs(check.value - values[check.name]) > tolerances[check.name]
    )


def compare(
    before: Findings, after: Findings, *, tolerances: Mapping[str, float], sems: Mapping[str, float]
) -> Comparison:
    """Every field from `before` to `after`; `sems` maps a field to its published SEM.

    A burst's own standard error counts where it is larger than the published one. A field that one of the scans
    did not judge, or whose SEM nobody measured, has no verdict.
    """
    obstacles = list_obstacles(before, after, tolerances)
    fields = [_Field(TONE, before.tone.ita_deg, after.tone.ita_deg, before.tone.ita_se_deg, after.tone.ita_se_deg)]
    fields += [
        _Field(one.concern.value, one.score, other.score, one.score_se, other.score_se)
        for one, other in zip(before.concerns, after.concerns, strict=True)
    ]
    return Comparison(obstacles, tuple(_judge(field, sems, bool(obstacles)) for field in fields))


def minimum_detectable_change(sem: float) -> float:
    return 1.96 * sqrt(2) * sem


def _measured_by(found: Findings) -> tuple[str, str, str]:
    return found.model_name, found.model_version, found.pipeline_version


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    before: float | None
    after: float | None
    se_before: float | None
    se_after: float | None


def _judge(field: _Field, sems: Mapping[str, float], obstructed: bool) -> Change:
    sem = sems.get(field.name)
    if field.before is None or field.after is None or sem is None:
        return Change(field.name, field.before, field.after, Verdict.NOT_JUDGED)
    least = minimum_detectable_change(max(sem, field.se_before or 0.0, field.se_after or 0.0))
    difference = field.after - field.before
    verdict = Verdict.NO_REAL_CHANGE
    if obstructed:
        verdict = Verdict.NOT_JUDGED
    elif abs(difference) > least:
        verdict = Verdict.MORE if difference > 0 else Verdict.LESS
    return Change(field.name, field.before, field.after, verdict, least)


def _combine_concern(findings: Sequence[ConcernFinding]) -> ConcernFinding:
    judged = [one for one in findings if one.score is not None]
    if 2 * len(judged) < len(findings):
        return next(one for one in findings if one.score is None)
    scores = [one.score for one in judged if one.score is not None]
    middle = median_low(scores)
    nearest = next(one for one in judged if one.score == middle)
    return replace(nearest, score_se=_standard_error(scores))


def _combine_tone(tones: Sequence[ToneFinding]) -> ToneFinding:
    judged = [tone for tone in tones if tone.ita_deg is not None and tone.ita_interval_deg is not None]
    if 2 * len(judged) < len(tones):
        return next((tone for tone in tones if tone.ita_deg is None), ToneFinding(not_judged=NotJudged.UNCERTAIN))
    angle = median(tone.ita_deg for tone in judged if tone.ita_deg is not None)
    shares = [fmean(column) for column in zip(*(tone.monk_probabilities for tone in judged), strict=True)]
    low, high = (median(end) for end in zip(*(tone.ita_interval_deg or () for tone in judged), strict=True))
    monk = _median_class(shares)
    return replace(
        judged[0],
        ita_deg=angle,
        ita_interval_deg=(low, high),
        ita_class=ita_class(angle),
        ita_se_deg=_standard_error([tone.ita_deg for tone in judged if tone.ita_deg is not None]),
        monk=monk,
        monk_probabilities=tuple(shares),
        fitzpatrick_estimate=fitzpatrick_estimate(angle),
        confidence=min(1.0, sum(shares[max(0, monk - 2) : monk + 1])),
    )


def _median_class(shares: Sequence[float]) -> int:
    """1-based class at which the cumulative share reaches one half."""
    total, step = 0.0, 0
    while total < 0.5 and step < len(shares):
        total += shares[step]
        step += 1
    return step


def _standard_error(values: Sequence[float]) -> float | None:
    """Of the median, from the spread of the frames; None for a single frame, which has none."""
    return None if len(values) < 2 else _MEDIAN_SD * stdev(values) / sqrt(len(values))
