"""The administrator's page of snapshots: one is made, taken home, and labels made elsewhere are taken in."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Open, Visit
from tests.browser.studio import BASE, Studio, build_studio, enter, press
from tests.browser.test_accessibility import find_violations
from tests.browser.test_review import label_of
from tests.conftest import LiveServer

PICTURES = 3


@pytest.fixture
def studio(live_server: LiveServer) -> Studio:
    """Three pictures, each answered once."""
    made = build_studio(live_server, pictures=PICTURES)
    annotator = made.hire()
    task = annotator.post(f"{BASE}/projects/{made.project_id}/next").raise_for_status().json()
    while task is not None:
        answer = {"label": label_of(3), "seconds_spent": 9.0}
        path = f"{BASE}/assignments/{task['assignment_id']}/submit"
        task = annotator.post(path, json=answer).raise_for_status().json()["next"]
    return made


def open_exports(visit: Visit, studio: Studio) -> Page:
    enter(visit, studio.admin)
    visit.page.goto(f"{visit.url}/annotate/exports?project={studio.project_id}")
    visit.page.get_by_role("heading", name="Snapshots and exports").wait_for()
    return visit.page


def take(page: Page, kind: str) -> Path:
    page.get_by_label("Format of snapshot 1").select_option(kind)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download snapshot 1").click()
    return Path(download.value.path())


def test_an_administrator_makes_a_snapshot_takes_it_home_and_takes_labels_in(
    open_visit: Open, studio: Studio, tmp_path: Path
) -> None:
    visit = open_visit()
    page = open_exports(visit, studio)
    expect(page.get_by_text("None yet. Make one")).to_be_visible()
    page.get_by_label("Consensus").check()
    page.get_by_role("button", name="Make a snapshot").click()
    expect(page.get_by_text("Snapshot 1 is made: 12 labels.")).to_be_visible()
    row = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name="Snapshot 1"))
    expect(row).to_contain_text("3 answers, 6 consensus, 3 predictions")
    visit.keep("desktop-74-exports")
    lines = take(page, "jsonl").read_bytes()
    expect(row).to_contain_text(hashlib.sha256(lines).hexdigest())
    records: list[dict[str, Any]] = [json.loads(line) for line in lines.splitlines()]
    said = [record["label"] for record in records if record["kind"] == "answer"]
    assert len(said) == PICTURES
    assert [label["monk"] for label in said] == [label_of(3)["monk"]] * PICTURES
    assert len(json.loads(take(page, "coco").read_bytes())["images"]) == PICTURES
    file = tmp_path / "labels.jsonl"
    file.write_bytes(lines + b"not a label\n")
    page.locator("input[type=file]").set_input_files(file)
    expect(page.locator("#taken")).to_have_text(
        "labels.jsonl: 0 added, 3 known already, 9 not people’s answers, 1 refused."
    )
    expect(page.get_by_label("Labels that were not taken")).to_contain_text("line 13")
    assert visit.outside() == set()


def test_a_snapshot_is_made_by_keyboard_and_what_goes_wrong_is_said(open_visit: Open, studio: Studio) -> None:
    visit = open_visit()
    page = open_exports(visit, studio)
    kinds = page.get_by_role("checkbox").all()
    for kind in kinds:
        kind.focus()
        if kind.is_checked():
            press(page, "Space")
    press(page, "Enter")
    expect(page.get_by_role("alert")).to_have_text("Nothing goes into the snapshot: choose one kind of label or more.")
    expect(kinds[0]).to_be_focused()
    press(page, "Space", "Enter")
    expect(page.get_by_text("Snapshot 1 is made: 3 labels.")).to_be_visible()
    expect(page.get_by_role("alert")).to_be_hidden()
    page.context.clear_cookies()
    page.get_by_role("button", name="Download snapshot 1").click()
    expect(page.get_by_role("alert")).to_contain_text("sign in")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_no_state_of_the_page_violates_wcag_aa_or_is_wider_than_the_screen(
    open_visit: Open, studio: Studio, size: str, dark: bool
) -> None:
    visit = open_visit(size, dark=dark)
    waiting: list[Route] = []
    visit.page.route(
        "**/snapshots", lambda route: waiting.append(route) if route.request.method == "POST" else route.continue_()
    )
    page = open_exports(visit, studio)
    found = {"empty": find_violations(page)}
    page.get_by_role("button", name="Make a snapshot").click()
    page.get_by_role("progressbar", name="A snapshot is being made").wait_for()
    found["making"] = find_violations(page)
    assert not visit.is_wider_than_the_screen()
    waiting[0].continue_()
    expect(page.get_by_text("Snapshot 1 is made")).to_be_visible()
    found["made"] = find_violations(page)
    assert not visit.is_wider_than_the_screen()
    visit.keep(f"{size}-75-exports-{'dark' if dark else 'light'}")
    assert {state: violations for state, violations in found.items() if violations} == {}


def test_only_administrators_see_the_page(open_visit: Open, studio: Studio) -> None:
    visit = open_visit()
    enter(visit, studio.hire())
    answer = visit.page.goto(f"{visit.url}/annotate/exports")
    assert answer is not None
    assert answer.status == 403
