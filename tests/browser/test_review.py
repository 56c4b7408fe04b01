"""The administrator's review page: agreement with its intervals, and a disagreement decided by keyboard alone."""

import csv
import io
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from skin.core.concerns import Concern
from tests.browser.conftest import Open, Visit
from tests.browser.studio import BASE, Studio, build_studio, enter, press
from tests.browser.test_accessibility import find_violations
from tests.conftest import LiveServer

PICTURES = 12


def label_of(number: int, **changes: Any) -> dict[str, Any]:
    concerns = {one.value: {"grade": (number + place) % 4, "zones": []} for place, one in enumerate(Concern)}
    return {"skin_type": "normal" if number % 2 else "oily", "monk": 1 + number % 10, "concerns": concerns} | changes


def answer_all(studio: Studio) -> None:
    """Two annotators agree, but for the first picture: other skin type, tone, acne and a mark."""
    number: dict[str, int] = {}
    for is_second in (False, True):
        annotator = studio.hire()
        task = annotator.post(f"{BASE}/projects/{studio.project_id}/next").raise_for_status().json()
        while task is not None:
            which = number.setdefault(task["item_id"], len(number))
            label = label_of(which)
            if is_second and which == 0:
                box = {"kind": "box", "concern": "acne", "xyxy_norm": [0.3, 0.5, 0.4, 0.6]}
                label |= {"skin_type": "dry", "monk": 6, "regions": [box]}
                label["concerns"]["acne"] = {"grade": 3, "zones": ["cheek_left"]}
            answer = {"label": label, "seconds_spent": 9.0}
            path = f"{BASE}/assignments/{task['assignment_id']}/submit"
            task = annotator.post(path, json=answer).raise_for_status().json()["next"]


@pytest.fixture(scope="module")
def studio(live_server: LiveServer) -> Studio:
    made = build_studio(live_server, pictures=PICTURES, overlap=2)
    answer_all(made)
    return made


def open_review(visit: Visit, studio: Studio, view: str = "agreement") -> Page:
    enter(visit, studio.admin)
    visit.page.goto(f"{visit.url}/annotate/review?project={studio.project_id}#{view}")
    return visit.page


def final_labels(studio: Studio) -> list[dict[str, Any]]:
    return studio.query(
        "SELECT final.label FROM annotation_final_labels final JOIN annotation_items item ON item.id = final.item_id"
        " WHERE item.project_id = :id",
        id=studio.project_id,
    )


def test_a_disagreement_is_adjudicated_undone_and_decided_again_by_keyboard_alone(
    open_visit: Open, studio: Studio
) -> None:
    visit = open_visit()
    page = open_review(visit, studio, "adjudicate")
    expect(page.locator("#left")).to_have_text("1 to decide")
    expect(page.get_by_role("group", name="Skin type")).to_be_focused()
    expect(page.locator("[data-part]")).to_have_count(4)
    visit.keep("desktop-70-adjudicate")
    press(page, "Enter")
    expect(page.locator("#said")).to_have_text("Still to decide: Skin type, Skin tone, Acne, Marks.")
    press(page, "ArrowLeft", "ArrowDown", "o")
    page.keyboard.type("Monk 4")
    press(page, "Escape", "ArrowDown", "ArrowRight", "ArrowDown", "ArrowRight", "Enter")
    expect(page.get_by_role("heading", name="Nothing left to decide")).to_be_focused()
    [label] = final_labels(studio)
    assert (label["skin_type"], label["monk"]) == ("oily", 4)
    assert label["concerns"]["acne"] == {"grade": 3, "zones": ["cheek_left"]}
    assert label["regions"][0]["xyxy_norm"] == [0.3, 0.5, 0.4, 0.6]
    press(page, "z")
    expect(page.locator("#left")).to_have_text("1 to decide")
    assert final_labels(studio) == []
    expect(page.get_by_role("group", name="Skin type")).to_be_focused()
    press(page, "ArrowRight", "ArrowDown", "ArrowRight", "ArrowDown", "ArrowLeft", "ArrowDown", "ArrowLeft", "Enter")
    expect(page.get_by_role("heading", name="Nothing left to decide")).to_be_focused()
    [label] = final_labels(studio)
    assert (label["skin_type"], label["monk"], label["concerns"]["acne"]["grade"]) == ("dry", 6, 0)
    assert label["regions"] == []
    press(page, "z")
    expect(page.locator("#left")).to_have_text("1 to decide")


def test_the_panel_shows_intervals_and_reasons_and_gives_them_as_csv(open_visit: Open, studio: Studio) -> None:
    visit = open_visit()
    page = open_review(visit, studio)
    expect(page.locator("#summary")).to_have_text(
        "12 pictures, 24 answers (0 with a suggestion in sight), 2 annotators."
    )
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="Redness"))
    expect(row).to_contain_text("1.00 [1.00, 1.00]")
    visit.keep("desktop-71-agreement")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download CSV").click()
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text())))
    assert len(rows) == 12 * 5
    assert {(one["value"], one["pictures"]) for one in rows if one["field"] == "redness"} == {("1", "12")}
    page.get_by_label("Group by").select_option("annotator")
    expect(page.get_by_role("heading", name="Each annotator")).to_be_visible()
    expect(page.locator("#raters-table")).to_contain_text("fewer than 10 pictures")
    page.get_by_label("Show").select_option("1")
    expect(page.locator("#groups-table")).to_contain_text("Annotator 2")
    visit.keep("desktop-72-agreement-annotators")


def test_only_administrators_see_the_page(open_visit: Open, studio: Studio) -> None:
    visit = open_visit()
    enter(visit, studio.hire())
    answer = visit.page.goto(f"{visit.url}/annotate/review")
    assert answer is not None
    assert answer.status == 403
    expect(visit.page.get_by_role("heading", name="This page is for administrators")).to_be_visible()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", ["tablet", "desktop"])
def test_no_view_violates_wcag_aa_or_is_wider_than_the_screen(
    open_visit: Open, studio: Studio, size: str, dark: bool
) -> None:
    visit = open_visit(size, dark=dark)
    page = open_review(visit, studio)
    found = {}
    page.get_by_label("Group by").select_option("annotator")
    page.get_by_role("heading", name="Each annotator").wait_for()
    found["agreement"] = find_violations(page)
    assert not visit.is_wider_than_the_screen()
    page.get_by_role("link", name="Disagreements").click()
    expect(page.get_by_role("group", name="Skin type")).to_be_focused()
    press(page, "a", "ArrowRight")
    expect(page.locator("[data-part]")).to_have_count(14)
    found["adjudication"] = find_violations(page)
    assert not visit.is_wider_than_the_screen()
    visit.keep(f"{size}-73-adjudicate-{'dark' if dark else 'light'}")
    assert {view: violations for view, violations in found.items() if violations} == {}
    assert visit.outside() == set()
