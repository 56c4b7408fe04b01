"""Every screen against axe-core's rules for WCAG 2.2 A and AA, at both widths, light and dark."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import Open
from tests.conftest import LiveServer

RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


SETTLED = """() => Promise.allSettled(document.getAnimations()
    .filter((one) => one.effect.getComputedTiming().iterations !== Infinity).map((one) => one.finished))"""


def find_violations(page: Page) -> list[str]:
    page.evaluate(SETTLED)  # colours half-way between two states are nobody's
    results = Axe().run(page, options={"resultTypes": ["violations"], "runOnly": RULES})
    return [
        f"{violation['id']}: {node['target']} {node['html'][:160]}"
        for violation in results.response["violations"]
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_no_screen_violates_wcag_aa(
    open_visit: Open, rich_server: LiveServer, changed_files: dict[str, Path], size: str, dark: bool
) -> None:
    visit = open_visit(size, dark=dark, server=rich_server)
    page = visit.page
    found: dict[str, list[str]] = {}
    page.goto(visit.url)
    found["sign-in"] = find_violations(page)
    visit.enter_as_guest()
    found["scan"] = find_violations(page)
    page.get_by_role("button", name="Use the camera").click()
    page.get_by_role("button", name="Take the photo").click()
    page.get_by_role("button", name="Take another").wait_for()
    found["review"] = find_violations(page)
    page.get_by_role("button", name="Take another").click()
    visit.scan(changed_files["plain"], changed_files["other_light"])
    page.get_by_role("button", name="Redness", exact=True).click()
    found["result"] = find_violations(page)
    page.get_by_role("button", name="Whole photo").click()
    found["whole photo"] = find_violations(page)
    visit.show_history()
    page.get_by_role("checkbox", name="Compare").first.check()
    found["history"] = find_violations(page)
    visit.compare_the_latest()
    found["compare"] = find_violations(page)
    page.get_by_role("button", name="Wipe").click()
    found["wipe"] = find_violations(page)
    page.get_by_role("tab", name="My data").click()
    page.get_by_role("button", name="Delete my account and everything").click()
    found["account"] = find_violations(page)
    assert {screen: violations for screen, violations in found.items() if violations} == {}
