"""The pages in Spanish and Hindi, asked for by the browser or chosen, with nothing left in English."""

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from skin.ui.languages import gettext, speaking
from tests.browser.conftest import Open, Visit
from tests.unit.test_translations import list_messages, read_catalogue

BY_HAND = re.compile(r"%|\{")


def choose(visit: Visit, name: str) -> None:
    visit.page.get_by_role("button", name=name, exact=True).click()
    visit.page.wait_for_load_state()


def enter(visit: Visit, language: str) -> None:
    with speaking(language):
        visit.page.get_by_role("button", name=gettext("Try as a guest")).click()
        visit.page.get_by_role("heading", name=gettext("Scan your face")).wait_for()


def scan(visit: Visit, language: str, file: Path) -> None:
    with speaking(language):
        visit.page.locator("input[type=file]").first.set_input_files(file)
        visit.page.get_by_role("button", name=gettext("Scan this photo")).click()
        expect(visit.page.get_by_role("heading", name=gettext("Your result"))).to_be_focused()


def find_english(visit: Visit, language: str) -> set[str]:
    """Whole texts on the page that are a source text of the catalogue and read otherwise in this language."""
    shown = set(visit.page.evaluate("document.body.innerText").splitlines())
    same = {message.id for message in read_catalogue(language) if message.id == message.string}
    return {text.strip() for text in shown} & {text for text in list_messages() if not BY_HAND.search(text)} - same


def breaches(visit: Visit) -> list[str]:
    found = Axe().run(visit.page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found.response["violations"]]


@pytest.mark.parametrize(("language", "size"), [("es", "desktop"), ("hi", "phone")])
def test_a_person_chooses_a_language_and_everything_follows(
    open_visit: Open, language: str, size: str, astronaut_file: Path
) -> None:
    visit = open_visit(size)
    visit.page.goto(visit.url)
    expect(visit.page.locator("html")).to_have_attribute("lang", "en")
    choose(visit, {"es": "Español", "hi": "हिन्दी"}[language])
    expect(visit.page.locator("html")).to_have_attribute("lang", language)
    visit.keep(f"{size}-{language}-1-signin")
    assert find_english(visit, language) == set()
    enter(visit, language)
    expect(visit.page.locator("html")).to_have_attribute("lang", language)
    assert visit.page.evaluate("navigator.language") == language
    visit.keep(f"{size}-{language}-2-scan")
    assert find_english(visit, language) == set()
    scan(visit, language, astronaut_file)
    visit.keep(f"{size}-{language}-3-result")
    assert find_english(visit, language) == set()
    assert not visit.is_wider_than_the_screen()
    assert breaches(visit) == []
    with speaking(language):
        for tab, heading in (("History", "History"), ("My data", "My data")):
            visit.page.get_by_role("tab", name=gettext(tab)).click()
            expect(visit.page.get_by_role("heading", name=gettext(heading), exact=True)).to_be_visible()
            visit.keep(f"{size}-{language}-4-{tab[:2].lower()}")
            assert find_english(visit, language) == set()
            assert not visit.is_wider_than_the_screen()
    choose(visit, "English")
    expect(visit.page.get_by_role("tab", name="My data")).to_be_visible()
    assert visit.outside() == set()


@pytest.mark.parametrize(("language", "accepted"), [("es", "es-MX"), ("hi", "hi-IN")])
def test_without_a_choice_the_browser_decides(open_visit: Open, language: str, accepted: str) -> None:
    visit = open_visit("phone" if language == "es" else "desktop", locale=accepted)
    visit.page.goto(visit.url)
    enter(visit, language)
    with speaking(language):
        expect(visit.page.get_by_role("tab", name=gettext("History"))).to_be_visible()
    assert find_english(visit, language) == set()
    visit.keep(f"{language}-by-browser")
