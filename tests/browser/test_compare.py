"""Two scans side by side, chosen in the history."""

from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import text

from tests.browser.conftest import Open
from tests.conftest import LiveServer

SIZES = pytest.mark.parametrize("size", ["phone", "desktop"])


@SIZES
def test_two_scans_are_compared_in_plain_words(
    open_visit: Open, rich_server: LiveServer, changed_files: dict[str, Path], size: str
) -> None:
    visit = open_visit(size, server=rich_server)
    visit.enter_as_guest()
    visit.scan(changed_files["plain"], changed_files["paler"])
    visit.show_history()
    expect(visit.page.get_by_role("button", name="Compare them")).to_be_hidden()
    expect(visit.page.get_by_text("Tick two scans")).to_be_visible()
    visit.page.get_by_role("checkbox", name="Compare").first.check()
    expect(visit.page.get_by_text("One chosen")).to_be_visible()
    visit.keep(f"{size}-11-choose-two")
    visit.compare_the_latest()
    lines = visit.page.locator(".cmp-lines li")
    expect(lines.filter(has=visit.page.get_by_role("heading", name="Redness"))).to_contain_text("Less")
    expect(lines.filter(has=visit.page.get_by_role("heading", name="Pores"))).to_contain_text("No real change")
    shine = lines.filter(has=visit.page.get_by_role("heading", name="Shine"))
    expect(shine).to_contain_text("Not judged")
    expect(shine).to_contain_text("Nobody has measured yet")
    expect(visit.page.get_by_text("Judged in neither scan: 7")).to_be_visible()
    expect(visit.page.locator(".cmp-photo img").first).to_be_visible()
    visit.keep(f"{size}-12-compare")
    wipe = visit.page.get_by_role("slider", name="Earlier face on the left, later face on the right")
    expect(wipe).to_be_hidden()
    visit.page.get_by_role("button", name="Wipe").click()
    wipe.focus()
    visit.page.keyboard.press("End")
    expect(wipe).to_have_value("100")
    shown = visit.page.locator(".cmp-wipe .wipe-over")
    assert shown.evaluate("over => getComputedStyle(over).clipPath") == "inset(0px 0px 0px 100%)"
    visit.page.keyboard.press("PageDown")
    expect(wipe).to_have_value("90")
    visit.keep(f"{size}-12-wipe")
    assert not visit.is_wider_than_the_screen()
    assert visit.outside() == set()
    visit.page.get_by_role("button", name="Back to history").click()
    expect(visit.page.get_by_text("Two chosen")).to_be_visible()


def test_photos_taken_too_differently_are_said_to_tell_nothing(
    open_visit: Open, rich_server: LiveServer, changed_files: dict[str, Path]
) -> None:
    visit = open_visit("phone", server=rich_server, dark=True)
    visit.enter_as_guest()
    visit.scan(changed_files["plain"], changed_files["other_light"])
    visit.compare_the_latest()
    expect(visit.page.get_by_role("heading", name="Taken too differently")).to_be_visible()
    expect(visit.page.locator(".cmp-obstacles li")).to_contain_text("Light on the skin")
    redness = visit.page.locator(".cmp-lines li").filter(has=visit.page.get_by_role("heading", name="Redness"))
    expect(redness).to_contain_text("Not judged")
    visit.keep("phone-13-compare-obstacle-dark")


def test_an_erased_photo_leaves_a_placeholder_beside_the_other(
    open_visit: Open, rich_server: LiveServer, changed_files: dict[str, Path]
) -> None:
    visit = open_visit(server=rich_server)
    visit.enter_as_guest()
    visit.scan(changed_files["plain"], changed_files["paler"])
    engine = rich_server.open_engine()
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE scan_sessions SET picture_key = NULL WHERE user_id IN "
                 "(SELECT user_id FROM scan_sessions ORDER BY created_at DESC LIMIT 1) AND created_at < "
                 "(SELECT max(created_at) FROM scan_sessions)")
        )  # fmt: skip
    engine.dispose()
    visit.page.reload()
    visit.compare_the_latest()
    expect(visit.page.locator(".cmp-photo").first.get_by_text("The photo has been erased")).to_be_visible()
    expect(visit.page.locator(".cmp-photo").last.locator("img")).to_be_visible()
    expect(visit.page.get_by_role("button", name="Wipe")).to_be_hidden()
    visit.keep("desktop-14-compare-erased")


def test_a_third_choice_takes_the_place_of_the_first(
    open_visit: Open, rich_server: LiveServer, changed_files: dict[str, Path]
) -> None:
    visit = open_visit(server=rich_server)
    visit.enter_as_guest()
    visit.scan(*changed_files.values())
    visit.show_history()
    boxes = visit.page.get_by_role("checkbox", name="Compare")
    for box in boxes.all():
        box.check()
    assert [box.is_checked() for box in boxes.all()] == [False, True, True]


def test_scans_are_chosen_and_compared_with_the_keyboard_alone(
    open_visit: Open, rich_server: LiveServer, changed_files: dict[str, Path]
) -> None:
    visit = open_visit(server=rich_server)
    visit.enter_as_guest()
    visit.scan(changed_files["plain"], changed_files["paler"])
    visit.show_history()
    expect(visit.page.get_by_role("checkbox", name="Compare")).to_have_count(2)
    boxes = visit.page.get_by_role("checkbox", name="Compare")
    visit.page.get_by_role("tab", name="History").focus()
    for target, key in (
        (boxes.first, "Space"),
        (boxes.last, "Space"),
        (visit.page.get_by_role("button", name="Compare them"), "Enter"),
    ):
        for _ in range(12):
            if target.evaluate("one => one === document.activeElement"):
                break
            visit.page.keyboard.press("Tab")
        expect(target).to_be_focused()
        visit.page.keyboard.press(key)
    expect(visit.page.get_by_role("heading", name="Two scans compared")).to_be_focused()
