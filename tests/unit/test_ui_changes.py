"""What the comparison page says of each change, and of what cannot be said."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from skin.core.change import Verdict
from skin.core.findings import Outcome
from skin.scans.comparison import ChangeView, ComparedScan, ScanComparisonResponse
from skin.scans.schemas import QualityView
from skin.ui import changes, words
from skin.ui.render import Renderer
from tests.unit.test_ui_render import build_result

MORE = ChangeView(field="redness", before=20, after=48, minimum_detectable=12.5, verdict=Verdict.MORE)
LESS = ChangeView(field="ita_deg", before=40.2, after=33.1, minimum_detectable=3.3, verdict=Verdict.LESS)
SAME = ChangeView(field="pores", before=22, after=24, minimum_detectable=8.25, verdict=Verdict.NO_REAL_CHANGE)
UNMEASURED = ChangeView(field="oiliness", before=60, after=30, verdict=Verdict.NOT_JUDGED)
ONE_SIDED = ChangeView(field="acne", before=None, after=12, verdict=Verdict.NOT_JUDGED)
SILENT = ChangeView(field="dryness", verdict=Verdict.NOT_JUDGED)


def build_comparison(*given: ChangeView, obstacles: tuple[str, ...] = ()) -> ScanComparisonResponse:
    scan = ComparedScan(scan_id=uuid4(), created_at=datetime(2026, 11, 22, 10, tzinfo=UTC))
    return ScanComparisonResponse(
        before=scan, after=scan, comparable=not obstacles, obstacles=list(obstacles), changes=list(given)
    )


@pytest.mark.parametrize(
    ("change", "verdict", "shown", "reason"),
    [
        (MORE, "More", "20 to 48", "A difference of 28, beyond the 12.5"),
        (LESS, "Deeper", "40° to 33°", "A difference of 7.1°, beyond the 3.3°"),
        (SAME, "No real change", "22 to 24", "A difference of 2; scans of unchanged skin differ by up to 8.2"),
        (UNMEASURED, "Not judged", "60 to 30", "Nobody has measured yet"),
        (ONE_SIDED, "Not judged", "no value to 12", "The earlier photo did not allow a value."),
    ],
)
def test_each_verdict_is_said_in_plain_words_with_its_reason(
    change: ChangeView, verdict: str, shown: str, reason: str
) -> None:
    (line,) = changes.say_changes(build_comparison(change))
    assert (line.verdict, f"{line.before} to {line.after}") == (verdict, shown)
    assert line.reason.startswith(reason)


def test_photos_taken_too_differently_are_the_reason_for_every_silence() -> None:
    obstructed = MORE.model_copy(update={"verdict": Verdict.NOT_JUDGED})
    compared = build_comparison(obstructed, obstacles=("brightest_lightness", "unknown_thing"))
    assert [line.reason for line in changes.say_changes(compared)] == ["The two photos were taken too differently."]
    before = [QualityView(name="brightest_lightness", value=70.0, outcome=Outcome.GOOD)]
    light, unknown = changes.say_obstacles(compared, before, [])
    assert (light.name, light.before, light.after) == (words.CHECKS["brightest_lightness"], "70.0", "?")
    assert unknown.name == "Unknown thing"


def test_real_changes_come_first_and_what_neither_scan_judged_stands_apart() -> None:
    compared = build_comparison(SILENT, UNMEASURED, SAME, LESS, MORE)
    assert [line.name for line in changes.say_changes(compared)] == ["Redness", "Skin tone (ITA)", "Pores", "Shine"]
    assert changes.list_silent(compared) == ["Dryness"]


@pytest.mark.parametrize(
    ("given", "summary"),
    [
        ((MORE, LESS, SAME, SILENT), "2 of 3 that could be judged changed."),
        ((SAME, UNMEASURED), "No real change in the 1 that could be judged."),
        ((UNMEASURED, SILENT), "No change could be judged."),
    ],
)
def test_the_summary_counts_only_what_was_judged(given: tuple[ChangeView, ...], summary: str) -> None:
    assert changes.say_summary(build_comparison(*given)) == summary


def test_every_verdict_has_words_and_a_place() -> None:
    assert set(changes.VERDICTS) == set(changes.TONE_VERDICTS) == set(changes.ORDER) == set(Verdict)


def test_the_page_shows_both_scans_and_every_line() -> None:
    renderer = Renderer(photos_kept="24 hours", guests_kept="24 hours")
    before, after = build_result(), build_result()
    page = renderer.render_comparison(build_comparison(MORE, SILENT, obstacles=("brightest_lightness",)), before, after)
    for told in (str(before.scan_id), str(after.scan_id), "Redness", "Dryness", "Taken too differently", "Monk 4"):
        assert told in page
    assert page.index(str(before.scan_id)) < page.index(str(after.scan_id))
