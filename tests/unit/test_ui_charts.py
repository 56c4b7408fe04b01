"""Charts show values where they belong, with their error, and never closer than can be pointed at."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skin.accounts.retention import Retention
from skin.core.change import TONE, Verdict
from skin.scans.comparison import ComparedScan
from skin.scans.schemas import DeletedScan, ScanHistoryItem, ScanHistoryResponse
from skin.scans.tables import ScanState
from skin.scans.timeline import LeftOutScan, ScanTimelineResponse, TimelineCourse, TimelinePoint
from skin.ui.account import list_choices
from skin.ui.charts import BOTTOM, HEIGHT, TOP, draw_charts, place_in_time
from skin.ui.render import Renderer
from skin.ui.words import say_choice, say_hours, say_kept

START = datetime(2026, 11, 1, 10, tzinfo=UTC)


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer(photos_kept="24 hours", guests_kept="24 hours")


def build_timeline(
    *values: float, field: str = "redness", half: float | None = 5.0, verdict: Verdict | None = None, left_out: int = 0
) -> ScanTimelineResponse:
    ids = [uuid4() for _ in range(len(values) + left_out)]
    points = [
        TimelinePoint(scan_id=one, value=value, interval=None if half is None else (value - half, value + half))
        for one, value in zip(ids, values, strict=False)
    ]
    least = None if half is None else half * 2**0.5
    course = TimelineCourse(field=field, points=points, minimum_detectable=least, verdict=verdict)
    return ScanTimelineResponse(
        scans=[ComparedScan(scan_id=one, created_at=START + timedelta(days=day)) for day, one in enumerate(ids)],
        drawn=ids[: len(values)],
        courses=[course] if values else [],
        left_out=[
            LeftOutScan(scan_id=one, against=ids[0], obstacles=["yaw_deg", "measured_by"]) for one in ids[len(values) :]
        ],
    )


def test_places_are_true_to_time_when_there_is_room() -> None:
    times = [START + timedelta(days=day) for day in (0, 1, 4)]
    assert place_in_time(times, start=0, end=400, gap=20) == [0, 100, 400]


def test_scans_of_the_same_minute_are_kept_apart() -> None:
    times = [START, START + timedelta(days=10), START + timedelta(days=10, minutes=1)]
    assert place_in_time(times, start=0, end=100, gap=20) == [0, 80, 100]
    assert place_in_time([START, START], start=0, end=100, gap=20) == [0, 20]
    assert place_in_time([START], start=0, end=100) == [50]


@given(st.lists(st.integers(0, 10**7), min_size=2, max_size=100))
def test_places_keep_their_order_their_ends_and_their_gap(seconds: list[int]) -> None:
    times = [START + timedelta(seconds=second) for second in sorted(seconds)]
    places = place_in_time(times, start=40, end=384, gap=24)
    least = min(24, 344 / (len(times) - 1))
    assert places[0] >= 39.9
    assert places[-1] <= 384.1
    assert all(later - earlier >= least - 0.11 for earlier, later in pairwise(places))


def test_a_score_lies_on_its_whole_range_with_bar_and_band() -> None:
    [chart] = draw_charts(build_timeline(0, 100, half=5.0, verdict=Verdict.MORE))
    low, high = chart.marks
    assert (low.y, high.y) == (HEIGHT - BOTTOM, TOP)
    assert low.bar == (HEIGHT - BOTTOM, pytest.approx(HEIGHT - BOTTOM - 8.9))
    assert [tick.label for tick in chart.ticks] == ["0", "30", "60", "100"]
    assert chart.band == (pytest.approx(HEIGHT - BOTTOM - 12.6, abs=0.1), pytest.approx(12.6, abs=0.1))


def test_an_angle_has_a_scale_that_holds_its_bars() -> None:
    [chart] = draw_charts(build_timeline(-12, 33, field=TONE, half=4.0, verdict=Verdict.MORE))
    assert [tick.label for tick in chart.ticks] == ["-20°", "10°", "40°"]
    assert chart.line.verdict == "Lighter"
    assert chart.marks[0].interval == ("-16°", "-8°")


def test_a_field_without_a_measured_error_has_neither_bars_nor_band() -> None:
    [chart] = draw_charts(build_timeline(10, 90, half=None, verdict=Verdict.NOT_JUDGED))
    assert ([mark.bar for mark in chart.marks], chart.band) == ([None, None], None)
    assert "Nobody has measured" in chart.line.reason


def test_a_timeline_says_what_changed_and_what_is_not_drawn(renderer: Renderer) -> None:
    page = renderer.render_timeline(build_timeline(40, 42, verdict=Verdict.NO_REAL_CHANGE, left_out=1))
    for told in (
        "No real change",
        "Scans that were taken alike: 2.",
        "Scans that cannot be compared with them: 1.",
        "Turned to the side, Version of the app",
    ):
        assert told in page
    assert page.count('role="img"') == 2
    assert page.count('tabindex="0"') == 1


@pytest.mark.parametrize(
    ("timeline", "told"),
    [
        (build_timeline(), "Nothing to show yet"),
        (build_timeline(40), "A good beginning"),
        (build_timeline(40, left_out=2), "No two scans were taken alike yet"),
    ],
    ids=["none", "one", "none alike"],
)
def test_too_few_scans_are_met_with_kind_words(renderer: Renderer, timeline: ScanTimelineResponse, told: str) -> None:
    page = renderer.render_timeline(timeline)
    assert told in page
    assert "<svg class" not in page


def test_a_note_and_a_deleted_scan_are_shown_as_text(renderer: Renderer) -> None:
    note = "<script>alert(1)</script>"
    scan = ScanHistoryItem(scan_id=UUID(int=1), status=ScanState.COMPLETED, created_at=START, note=note)
    gone = DeletedScan(scan_id=UUID(int=2), created_at=START, erased_at=START + timedelta(minutes=10))
    page = renderer.render_history(
        ScanHistoryResponse(scans=[scan], next_cursor=None), [gone], is_newest=True, said="The scan was deleted."
    )
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "Edit the note" in page
    assert f'data-scan="{UUID(int=2)}"' in page
    assert 'datetime="2026-11-01T10:10:00+00:00"' in page


@pytest.mark.parametrize(
    ("hours", "said"),
    [(1, "1 hour"), (24, "24 hours"), (36, "36 hours"), (168, "7 days"), (720, "30 days"), (0.5, "0.5 hours")],
)
def test_a_length_of_time_in_words(hours: float, said: str) -> None:
    assert say_hours(hours) == said


def test_how_long_photos_are_kept_in_words() -> None:
    assert say_kept(0) == "erased within a minute of the result"
    assert say_kept(168) == "each is erased 7 days after it was taken"
    assert say_choice(1, is_service=False) == "1 hour after the scan"


@pytest.mark.parametrize(
    ("own", "service", "offered", "chosen"),
    [
        (None, 24, ["0", "1", "", "168", "720"], ""),
        (24, 24, ["0", "1", "", "168", "720"], ""),
        (0, 24, ["0", "1", "", "168", "720"], "0"),
        (None, 48, ["0", "1", "24", "", "168", "720"], ""),
        (168, 48, ["0", "1", "24", "", "168", "720"], "168"),
    ],
)
def test_the_service_s_time_stands_among_the_choices_and_one_is_chosen(
    own: float | None, service: float, offered: list[str], chosen: str
) -> None:
    choices = list_choices(Retention(service if own is None else own, own, service))
    assert [one.value for one in choices] == offered
    assert [one.value for one in choices if one.is_chosen] == [chosen]
