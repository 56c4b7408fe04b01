"""One's own scans over time, notes, deletion with undo, and the page of one's own data."""

import json
from pathlib import Path
from zipfile import ZipFile

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.test_accessibility import find_violations
from tests.conftest import LiveServer

SIZES = pytest.mark.parametrize(("size", "dark"), [("phone", False), ("desktop", True)], ids=["phone", "desktop-dark"])


@SIZES
def test_history_note_undo_timeline_my_data_export_and_erase(
    open_visit: Open, rich_server: LiveServer, changed_files: dict[str, Path], tmp_path: Path, size: str, dark: bool
) -> None:
    visit = open_visit(size, dark=dark, server=rich_server)
    page, name = visit.page, f"{size}{'-dark' if dark else ''}"
    found: dict[str, list[str]] = {}
    visit.register()
    visit.scan(changed_files["plain"])
    visit.show_history()
    page.get_by_role("button", name="See it over time").click()
    expect(page.get_by_role("heading", name="Over time")).to_be_focused()
    expect(page.get_by_role("heading", name="A good beginning")).to_be_visible()
    found["one scan"] = find_violations(page)
    visit.keep(f"{name}-20-timeline-one")
    page.get_by_role("button", name="Back to history").click()
    page.get_by_role("tab", name="Scan").click()
    visit.scan(changed_files["paler"])
    result = page.locator("#scan-result")
    result.get_by_text("Add a note").click()
    result.get_by_label("Your note").fill("Before the rain")
    result.get_by_role("button", name="Save the note").click()
    expect(result.get_by_role("status").filter(has_text="Saved.")).to_be_visible()
    found["result"] = find_violations(page)
    visit.scan(changed_files["other_light"])
    visit.show_history()
    expect(page.locator(".hist-item")).to_have_count(3)

    latest = page.locator(".hist-item").first
    latest.get_by_text("Add a note").click()
    latest.get_by_label("Your note").fill("By the window\n<b>after rain</b>")
    latest.get_by_role("button", name="Save the note").click()
    expect(latest.get_by_role("status")).to_have_text("Saved.")
    expect(latest.locator(".note-text")).to_have_text("By the window\n<b>after rain</b>")
    expect(latest.get_by_text("Edit the note")).to_be_visible()
    found["note"] = find_violations(page)

    latest.get_by_role("button", name="Delete the scan").click()
    undo = page.get_by_role("button", name="Undo deleting the scan")
    expect(undo).to_be_focused()
    expect(page.locator("#said")).to_have_text("The scan was deleted. You can undo it for ten minutes.")
    expect(page.locator(".hist-item")).to_have_count(2)
    found["deleted"] = find_violations(page)
    visit.keep(f"{name}-21-deleted")
    page.reload()
    visit.show_history()
    undo.click()
    expect(page.locator(".hist-item")).to_have_count(3)
    expect(latest.get_by_role("button", name="Delete the scan")).to_be_focused()
    expect(latest.locator(".note-text")).to_have_text("By the window\n<b>after rain</b>")
    visit.keep(f"{name}-22-history")
    assert not visit.is_wider_than_the_screen()

    page.get_by_role("button", name="See it over time").click()
    expect(
        page.get_by_text("Scans that were taken alike: 2. Scans that cannot be compared with them: 1.")
    ).to_be_visible()
    redness = page.locator(".tl-card").filter(has=page.get_by_role("heading", name="Redness"))
    expect(redness).to_contain_text("Less")
    pores = page.locator(".tl-card").filter(has=page.get_by_role("heading", name="Pores"))
    expect(pores).to_contain_text("No real change")
    expect(page.locator(".tl-out li")).to_have_count(1)
    expect(page.locator(".tl-out li")).to_contain_text("Light on the skin")
    marks = redness.locator(".tl-mark")
    marks.last.focus()
    page.keyboard.press("ArrowLeft")
    expect(marks.first).to_be_focused()
    expect(redness.locator(".tl-told")).to_have_text(str(marks.first.get_attribute("aria-label")))
    redness.get_by_text("The same as a table").click()
    expect(redness.get_by_role("row")).to_have_count(3)
    when = redness.locator("tbody time").first.inner_text()
    assert str(marks.first.get_attribute("aria-label")).startswith(f"{when}: ")
    found["timeline"] = find_violations(page)
    visit.keep(f"{name}-23-timeline")
    assert not visit.is_wider_than_the_screen()

    page.get_by_role("tab", name="My data").click()
    expect(page.get_by_text("3 scans with their results and notes")).to_be_visible()
    page.get_by_label("Only until the result is there").check()
    page.get_by_role("button", name="Save the choice").click()
    expect(page.locator("#said")).to_have_text("Your choice was saved.")
    expect(page.get_by_role("button", name="Save the choice")).to_be_focused()
    expect(page.get_by_text("erased within a minute of the result")).to_be_visible()
    page.get_by_role("button", name="Yes, I agree").click()
    expect(page.get_by_text("You said yes.")).to_be_visible()
    expect(page.get_by_role("button", name="Take my yes back")).to_be_focused()
    visit.keep(f"{name}-24-my-data")
    page.get_by_role("button", name="Take my yes back").click()
    expect(page.get_by_text("You said no.")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download my data").click()
    download.value.save_as(tmp_path / "export.zip")
    with ZipFile(tmp_path / "export.zip") as archive:
        scans = [json.loads(archive.read(one)) for one in archive.namelist() if one.endswith("scan.json")]
    assert [one["note"] for one in scans] == ["By the window\n<b>after rain</b>", "Before the rain", ""]
    page.get_by_role("button", name="Delete my account and everything").click()
    found["my data"] = find_violations(page)
    assert not visit.is_wider_than_the_screen()
    page.get_by_role("button", name="Delete everything").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert visit.outside() == set()
    assert {screen: violations for screen, violations in found.items() if violations} == {}


def test_a_guest_is_told_what_holds_without_a_choice(open_visit: Open, rich_server: LiveServer) -> None:
    visit = open_visit("phone", dark=True, server=rich_server)
    visit.enter_as_guest()
    visit.page.get_by_role("tab", name="My data").click()
    expect(visit.page.get_by_text("Not asked of guests.")).to_be_visible()
    expect(visit.page.get_by_text("As a guest: each is erased 24 hours after it was taken.")).to_be_visible()
    expect(visit.page.get_by_role("button", name="Save the choice")).to_have_count(0)
    assert find_violations(visit.page) == []
    visit.keep("phone-dark-25-guest-data")


def test_a_scan_that_was_deleted_can_be_erased_at_once(
    open_visit: Open, rich_server: LiveServer, changed_files: dict[str, Path]
) -> None:
    visit = open_visit(server=rich_server)
    visit.enter_as_guest()
    visit.scan(changed_files["plain"])
    visit.show_history()
    visit.page.get_by_role("button", name="Delete the scan").click()
    visit.page.get_by_role("button", name="Erase it now").click()
    expect(visit.page.locator("#said")).to_have_text("The scan was erased for good.")
    expect(visit.page.get_by_role("heading", name="History")).to_be_focused()
    expect(visit.page.get_by_role("button", name="Undo")).to_have_count(0)
