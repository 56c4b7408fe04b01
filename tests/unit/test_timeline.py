"""Only scans that were taken alike are drawn, with their error, and a change is said only beyond it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skin.core.change import MEASURED_BY, TONE, Verdict, compare, list_obstacles
from skin.core.concerns import Concern
from skin.core.findings import ConcernFinding, Findings, NotJudged, Outcome, QualityCheck
from skin.core.timeline import Course, LeftOut, choose_alike, trace
from tests.fakes import build_findings

TOLERANCES = {"yaw_deg": 5.0, "light_colour_stops": 0.5}
SEMS = {"redness": 5.0, TONE: 3.0}


def taken(yaw: float = 0.0, *, light: float = 0.0, version: str = "0") -> Findings:
    checks = (QualityCheck("yaw_deg", yaw, Outcome.GOOD), QualityCheck("light_colour_stops", light, Outcome.GOOD))
    return replace(build_findings(), quality=checks, model_version=version)


def judged(redness: int | None, *, se: float | None = None, ita_deg: float = 40.0) -> Findings:
    reason = NotJudged.LIGHT if redness is None else None
    finding = ConcernFinding(Concern.REDNESS, score=redness, score_se=se, not_judged=reason)
    found = build_findings(ita_deg=ita_deg)
    return replace(found, concerns=tuple(finding if one.concern is finding.concern else one for one in found.concerns))


def course_of(field: str, *findings: Findings, sems: dict[str, float] = SEMS) -> Course:
    return next(course for course in trace(findings, sems=sems) if course.field == field)


def test_scans_taken_alike_are_all_drawn() -> None:
    alike = choose_alike([taken(0), taken(2), taken(4)], TOLERANCES)
    assert (alike.drawn, alike.left_out) == ((0, 1, 2), ())


def test_a_scan_in_other_light_is_left_out_with_the_reason_and_the_scan_it_differs_from() -> None:
    alike = choose_alike([taken(), taken(light=2), taken()], TOLERANCES)
    assert alike.drawn == (0, 2)
    assert alike.left_out == (LeftOut(1, 2, ("light_colour_stops",)),)


def test_an_odd_latest_scan_does_not_push_out_the_others() -> None:
    alike = choose_alike([taken(), taken(), taken(yaw=20, light=2)], TOLERANCES)
    assert alike.drawn == (0, 1)
    assert alike.left_out == (LeftOut(2, 1, ("yaw_deg", "light_colour_stops")),)


def test_of_two_equal_groups_the_one_with_the_latest_scan_is_drawn() -> None:
    assert choose_alike([taken(0), taken(20)], TOLERANCES).drawn == (1,)


def test_being_like_a_third_scan_does_not_make_two_scans_alike() -> None:
    """0 is like 4 and 4 is like 8, but 0 is not like 8."""
    assert choose_alike([taken(0), taken(4), taken(8)], TOLERANCES).drawn == (1, 2)


def test_scans_of_another_version_of_the_app_are_left_out() -> None:
    alike = choose_alike([taken(version="1"), taken(version="2"), taken(version="2")], TOLERANCES)
    assert alike.drawn == (1, 2)
    assert alike.left_out == (LeftOut(0, 2, (MEASURED_BY,)),)


def test_no_change_is_judged_between_versions_of_the_app() -> None:
    compared = compare(taken(version="1"), taken(version="2"), tolerances=TOLERANCES, sems=SEMS)
    assert compared.obstacles == (MEASURED_BY,)
    assert {change.verdict for change in compared.changes} == {Verdict.NOT_JUDGED}


def test_without_scans_nothing_is_drawn() -> None:
    assert choose_alike([], TOLERANCES).drawn == ()
    assert trace([], sems=SEMS) == ()


@given(st.lists(st.tuples(st.floats(0, 12), st.floats(0, 1.2)), max_size=12))
def test_any_two_drawn_scans_may_be_compared_and_every_scan_is_drawn_or_left_out(
    captures: list[tuple[float, float]],
) -> None:
    findings = [taken(yaw, light=light) for yaw, light in captures]
    alike = choose_alike(findings, TOLERANCES)
    for one in alike.drawn:
        assert not any(list_obstacles(findings[one], findings[other], TOLERANCES) for other in alike.drawn)
    assert sorted([*alike.drawn, *(one.index for one in alike.left_out)]) == list(range(len(findings)))
    for one in alike.left_out:
        assert one.obstacles == list_obstacles(findings[one.index], findings[one.against], TOLERANCES)
        assert one.against in alike.drawn


def test_an_interval_is_1_96_standard_errors_either_way_and_the_least_change_is_root_two_more() -> None:
    course = course_of("redness", judged(40), judged(41))
    assert course.points[0].interval == pytest.approx((40 - 9.8, 40 + 9.8))
    assert course.minimum_detectable == pytest.approx(13.859, abs=1e-3)


def test_a_burst_that_scattered_more_than_repeated_scans_has_the_longer_bar() -> None:
    first, second = course_of("redness", judged(40, se=8), judged(40, se=1)).points
    assert first.interval == pytest.approx((40 - 15.68, 40 + 15.68))
    assert second.interval == pytest.approx((40 - 9.8, 40 + 9.8))


def test_scores_end_at_0_and_100_and_angles_do_not() -> None:
    assert [point.interval for point in course_of("redness", judged(2), judged(99)).points] == [
        (0.0, pytest.approx(11.8)),
        (pytest.approx(89.2), 100.0),
    ]
    assert course_of(TONE, judged(2, ita_deg=-1.0)).points[0].interval == pytest.approx((-6.88, 4.88))


@pytest.mark.parametrize(
    ("scores", "verdict"),
    [
        ((40, 53), Verdict.NO_REAL_CHANGE),
        ((40, 54), Verdict.MORE),
        ((54, 90, 40), Verdict.LESS),
        ((40, 90, 41), Verdict.NO_REAL_CHANGE),
        ((None, 40, 60), Verdict.MORE),
        ((40, None), None),
    ],
)
def test_the_verdict_is_on_the_first_value_against_the_last(
    scores: tuple[int | None, ...], verdict: Verdict | None
) -> None:
    assert course_of("redness", *map(judged, scores)).verdict is verdict


def test_a_field_whose_error_nobody_measured_has_values_but_no_bars_and_no_verdict() -> None:
    course = course_of("redness", judged(10), judged(90), sems={})
    assert [point.value for point in course.points] == [10, 90]
    assert {point.interval for point in course.points} == {None}
    assert (course.minimum_detectable, course.verdict) == (None, Verdict.NOT_JUDGED)


def test_a_field_that_no_scan_judged_has_no_course() -> None:
    assert [course.field for course in trace([judged(None)], sems=SEMS)] == [TONE]
