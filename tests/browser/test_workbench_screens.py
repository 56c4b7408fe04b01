"""Who sees which screen of annotation, how a project is filled, and every state against the rules of access."""

from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import ARTIFACTS, Open
from tests.browser.studio import await_desk, build_studio, enter, grade_all, open_desk, press, suggest
from tests.browser.test_accessibility import find_violations
from tests.conftest import LiveServer


def test_a_plain_user_is_told_whom_to_ask_and_sees_no_way_in(open_visit: Open, live_server: LiveServer) -> None:
    studio = build_studio(live_server, pictures=0)
    visit = open_visit()
    enter(visit, studio.server.register())
    visit.page.goto(f"{visit.url}/annotate")
    expect(visit.page.get_by_role("heading", name="This page is for annotators")).to_be_visible()
    expect(visit.page.get_by_text("Ask the person who runs this service")).to_be_visible()
    assert find_violations(visit.page) == []
    visit.page.goto(visit.url)
    visit.page.get_by_role("heading", name="Scan your face").wait_for()
    expect(visit.page.get_by_role("link", name="Annotate")).to_have_count(0)
    enter(visit, studio.hire())
    visit.page.goto(f"{visit.url}/annotate/projects")
    expect(visit.page.get_by_role("heading", name="This page is for administrators")).to_be_visible()


def test_an_administrator_makes_a_project_fills_it_and_its_annotator_gets_the_picture(
    open_visit: Open, live_server: LiveServer, astronaut_file: Path, blank_png: bytes
) -> None:
    studio = build_studio(live_server, pictures=0)
    visit = open_visit()
    page = visit.page
    enter(visit, studio.admin)
    page.goto(f"{visit.url}/annotate/projects")
    page.get_by_role("button", name="New project").click()
    name = f"Autumn {uuid4().hex[:8]}"
    page.get_by_label("Name").fill(name)
    page.get_by_label("Guidelines").fill("Look twice.")
    page.get_by_label("Hidden repeats, %").fill("5")
    page.get_by_role("button", name="Make the project").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    wall = {"name": "wall.png", "mimeType": "image/png", "buffer": blank_png}
    face = {"name": "astronaut.jpg", "mimeType": "image/jpeg", "buffer": astronaut_file.read_bytes()}
    page.locator("input[type=file]").set_input_files([wall, face])
    rows = page.locator(".pj-files li")
    expect(rows.filter(has_text="astronaut.jpg")).to_contain_text("added")
    expect(rows.filter(has_text="wall.png")).to_contain_text("No face")
    expect(page.locator("[data-progress]")).to_have_text("1 picture, 0 of 1 answers given, 0 being worked on")
    visit.keep("desktop-63-projects")
    assert find_violations(page) == []
    [rate] = studio.query("SELECT repeat_rate FROM annotation_projects WHERE name = :name", name=name)
    assert rate == 0.05
    other = open_visit()
    enter(other, studio.hire())
    other.page.goto(f"{visit.url}/annotate")
    other.page.get_by_role("link", name=f"Start with {name}").click()
    await_desk(other.page)
    expect(other.page.get_by_text("Look twice.")).to_be_visible()
    page.get_by_role("button", name="Close the project").click()
    expect(page.get_by_role("button", name="Open it again")).to_be_visible()
    grade_all(other.page)
    press(other.page, "Enter")
    expect(other.page.locator("body")).to_have_attribute("data-state", "done")
    other.page.reload()
    expect(other.page.get_by_role("heading", name="This project cannot be worked on now")).to_be_visible()


SIZES = {"desktop": (1366, 768), "tablet": (820, 1180), "wide-tablet": (1180, 820), "phone": (390, 844)}


@pytest.mark.parametrize(
    ("size", "dark"), [("desktop", False), ("tablet", True), ("wide-tablet", False), ("phone", True)]
)
def test_every_state_of_the_desk_fits_the_screen_and_violates_no_rule_of_access(
    open_visit: Open, live_server: LiveServer, size: str, dark: bool
) -> None:
    studio = build_studio(live_server, pictures=1, mode="assisted", guidelines="Look twice.")
    suggest(studio)
    visit = open_visit(dark=dark)
    width, height = SIZES[size]
    visit.page.set_viewport_size({"width": width, "height": height})
    page = open_desk(visit, studio, studio.hire())
    found = {"task": find_violations(page)}
    press(page, "j", "j", "j", "m", "g", "c", "r")
    expect(page.locator("[data-run=map]")).to_have_attribute("aria-pressed", "true")
    found["concern"] = find_violations(page)
    ARTIFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTIFACTS / f"workbench-{size}{'-dark' if dark else ''}.png")
    if size != "phone":
        assert page.evaluate("document.documentElement.scrollHeight <= window.innerHeight")
    assert not visit.is_wider_than_the_screen()
    for name, key in {"keys": "?", "skip": "x", "earlier": ","}.items():
        press(page, key)
        expect(page.get_by_role("dialog")).to_be_visible()
        found[name] = find_violations(page)
        press(page, "Escape")
        expect(page.get_by_role("dialog")).to_be_hidden()
    press(page, "x", "Enter")
    expect(page.locator("body")).to_have_attribute("data-state", "done")
    found["done"] = find_violations(page)
    page.goto(f"{visit.url}/annotate")
    expect(page.locator("body")).to_have_attribute("data-state", "choose")
    found["choose"] = find_violations(page)
    assert {state: violations for state, violations in found.items() if violations} == {}
