"""A burst is one result, and a change is one only beyond the error of measurement."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skin.core.change import Verdict, combine_burst, compare, list_obstacles, minimum_detectable_change
from skin.core.concerns import Concern
from skin.core.findings import ConcernFinding, Findings, NotJudged, Outcome, QualityCheck, ToneFinding
from tests.fakes import build_findings

SEMS = {"redness": 5.0, "ita_deg": 2.0}


def with_redness(score: int | None, *, se: float | None = None, ita_deg: float = 40.0) -> Findings:
    found = build_findings(ita_deg=ita_deg)
    reason = NotJudged.LIGHT if score is None else None
    redness = ConcernFinding(Concern.REDNESS, score=score, score_se=se, not_judged=reason)
    concerns = tuple(redness if one.concern is Concern.REDNESS else one for one in found.concerns)
    return replace(found, concerns=concerns)


def redness_of(findings: Findings) -> ConcernFinding:
    return next(one for one in findings.concerns if one.concern is Concern.REDNESS)


def verdict(before: Findings, after: Findings, field: str = "redness") -> Verdict:
    changes = compare(before, after, tolerances={"yaw_deg": 5.0}, sems=SEMS).changes
    return next(change.verdict for change in changes if change.field == field)


def test_a_single_photo_is_its_own_result_and_has_no_standard_error() -> None:
    found = with_redness(40)
    assert combine_burst([found]) is found


def test_a_burst_gives_the_median_and_its_standard_error() -> None:
    combined = redness_of(combine_burst([with_redness(score) for score in (40, 90, 42)]))
    assert combined.score == 42
    # sd 28.31 of the three, sqrt(pi / 2) for a median, over the root of three
    assert combined.score_se == pytest.approx(1.2533 * 28.31 / 3**0.5, rel=1e-3)


def test_frames_that_could_not_judge_do_not_count_unless_they_are_most() -> None:
    assert redness_of(combine_burst([with_redness(40), with_redness(None), with_redness(44)])).score == 40
    mostly = redness_of(combine_burst([with_redness(40), with_redness(None), with_redness(None)]))
    assert (mostly.score, mostly.not_judged) == (None, NotJudged.LIGHT)


def test_the_tone_of_a_burst_is_its_median_with_the_mean_distribution() -> None:
    frames = [build_findings(ita_deg=angle, monk=monk) for angle, monk in ((30, 4), (32, 5), (50, 5))]
    tone = combine_burst(frames).tone
    assert (tone.ita_deg, tone.monk, tone.ita_class) == (32, 5, "intermediate")
    assert tone.monk_probabilities[3:5] == pytest.approx((1 / 3, 2 / 3))
    assert tone.ita_se_deg is not None
    assert tone.ita_se_deg > 0


def test_a_burst_whose_light_mostly_forbids_a_tone_has_none() -> None:
    dark = replace(build_findings(), tone=ToneFinding(not_judged=NotJudged.LIGHT))
    assert combine_burst([build_findings(), dark, dark]).tone.not_judged is NotJudged.LIGHT


@given(st.lists(st.integers(0, 100), min_size=1, max_size=5))
def test_a_burst_never_leaves_the_range_of_its_frames(scores: list[int]) -> None:
    combined = redness_of(combine_burst([with_redness(score) for score in scores])).score
    assert combined in scores


def test_the_minimum_detectable_change_is_that_of_weir_2005() -> None:
    assert minimum_detectable_change(10) == pytest.approx(27.72, abs=0.01)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (40, 40, Verdict.NO_REAL_CHANGE),
        (40, 53, Verdict.NO_REAL_CHANGE),  # 13 is below 1.96 * sqrt(2) * 5 = 13.86
        (40, 54, Verdict.MORE),
        (54, 40, Verdict.LESS),
        (None, 40, Verdict.NOT_JUDGED),
        (40, None, Verdict.NOT_JUDGED),
    ],
)
def test_only_a_change_beyond_the_error_of_measurement_is_one(
    before: int | None, after: int | None, expected: Verdict
) -> None:
    assert verdict(with_redness(before), with_redness(after)) is expected


def test_a_field_whose_error_nobody_measured_has_no_verdict() -> None:
    assert verdict(build_findings(), build_findings(), "pores") is Verdict.NOT_JUDGED


def test_a_restless_burst_raises_the_bar() -> None:
    assert verdict(with_redness(40), with_redness(60)) is Verdict.MORE
    assert verdict(with_redness(40, se=9.0), with_redness(60)) is Verdict.NO_REAL_CHANGE


def test_scans_taken_too_differently_are_not_compared() -> None:
    def at_yaw(value: float) -> Findings:
        checks = (QualityCheck("yaw_deg", value, Outcome.GOOD), QualityCheck("blur_px", value, Outcome.GOOD))
        return replace(with_redness(int(value) * 10), quality=checks)

    assert list_obstacles(at_yaw(0), at_yaw(4), {"yaw_deg": 5.0}) == ()
    assert list_obstacles(at_yaw(0), at_yaw(6), {"yaw_deg": 5.0}) == ("yaw_deg",)
    assert verdict(at_yaw(0), at_yaw(6)) is Verdict.NOT_JUDGED


def test_an_empty_burst_is_a_mistake() -> None:
    with pytest.raises(ValueError):
        combine_burst([])
