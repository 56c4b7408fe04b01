"""The report of a scan: a page for paper, and the PDF that a browser makes of it."""

import io
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from skin.scans.schemas import DISCLAIMER
from skin.ui.words import SEE_DOCTOR
from tests.browser.conftest import Open, Visit
from tests.browser.test_accessibility import RULES
from tests.conftest import LiveServer


def open_report(visit: Visit) -> Page:
    with visit.page.context.expect_page() as opened:
        visit.page.get_by_role("link", name="Report").click()
    report = opened.value
    report.on("request", lambda request: visit.asked.append(request.url))
    report.on("pageerror", lambda trouble: visit.broken.append(str(trouble)))
    report.get_by_role("heading", name="Skin report").wait_for()
    return report


def read(pdf: bytes) -> tuple[PdfReader, str]:
    reader = PdfReader(io.BytesIO(pdf))
    return reader, " ".join(" ".join(page.extract_text() for page in reader.pages).split())


@pytest.mark.parametrize(("paper", "width_pt"), [("A4", 595), ("Letter", 612)])
def test_the_report_prints_to_a_pdf_that_holds_every_finding(
    open_visit: Open, rich_server: LiveServer, astronaut_file: Path, paper: str, width_pt: int
) -> None:
    visit = open_visit(server=rich_server, dark=True)
    visit.enter_as_guest()
    visit.scan(astronaut_file)
    report = open_report(visit)
    assert report.url.split("/")[-2] in report.content()
    reader, text = read(report.pdf(format=paper))
    assert reader.pages[0].mediabox.width == pytest.approx(width_pt, abs=2)
    for told in (
        "Monk 4 of 10",
        "Combination",
        "64 of 100",
        "22 of 100",
        "Redness",
        "Left cheek",
        "fake 0",
        DISCLAIMER,
    ):
        assert told in text or told.lower() in text.lower(), told
    for line in SEE_DOCTOR:
        assert line in text
    assert report.url.split("/")[-2] in text.replace(" ", "")
    assert "Print or save" not in text
    assert visit.outside() == set()


def test_the_picture_is_on_the_report_only_when_it_is_ticked(
    open_visit: Open, rich_server: LiveServer, astronaut_file: Path
) -> None:
    visit = open_visit(server=rich_server)
    visit.enter_as_guest()
    visit.scan(astronaut_file)
    report = open_report(visit)
    faces = [address for address in visit.asked if address.endswith("face.jpg")]
    assert not any(page.images for page in read(report.pdf(format="A4"))[0].pages)
    report.get_by_role("checkbox", name="With the picture of the face").check()
    report.wait_for_function("document.querySelector('.rep-face').naturalWidth > 0")
    assert len([address for address in visit.asked if address.endswith("face.jpg")]) == len(faces) + 1
    assert any(page.images for page in read(report.pdf(format="A4"))[0].pages)


def test_paper_is_light_also_where_the_screen_is_dark(
    open_visit: Open, rich_server: LiveServer, astronaut_file: Path
) -> None:
    visit = open_visit(server=rich_server, dark=True)
    visit.enter_as_guest()
    visit.scan(astronaut_file)
    report = open_report(visit)
    ink = "getComputedStyle(document.querySelector('.rep h1')).color"
    assert report.evaluate(ink) == "rgb(243, 239, 233)"
    report.emulate_media(media="print", color_scheme="dark")
    assert report.evaluate(ink) == "rgb(33, 30, 26)"
    expect(report.get_by_role("button", name="Print or save as PDF")).to_be_hidden()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_the_report_violates_no_rule_of_wcag_aa(
    open_visit: Open, rich_server: LiveServer, astronaut_file: Path, size: str, dark: bool
) -> None:
    visit = open_visit(size, server=rich_server, dark=dark)
    visit.enter_as_guest()
    visit.scan(astronaut_file)
    report = open_report(visit)
    found = Axe().run(report, options={"resultTypes": ["violations"], "runOnly": RULES}).response["violations"]
    assert found == []
    assert not report.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    report.goto(f"{visit.url}/scans/7f1c9f4e-7a54-4f0e-9d6b-0f5f6f2f5a11/report")
    expect(report.get_by_text("There is no such scan among yours")).to_be_visible()
    assert Axe().run(report, options={"resultTypes": ["violations"], "runOnly": RULES}).response["violations"] == []
