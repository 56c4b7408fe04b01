"""The face of a result: its maps one at a time, and the slider between the plain and the drawn one."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open, Visit
from tests.browser.rich import FACE_LEFT, FACE_SIDE
from tests.conftest import LiveServer, StartServer
from tests.fakes import build_fake_examiner

SLIDER = "Plain face on the left, drawn face on the right"
PLACE = """(layer, part) => {
    const [own, frame] = [layer, layer.closest(part)].map((one) => one.getBoundingClientRect());
    return [(own.x - frame.x) / frame.width, (own.y - frame.y) / frame.height,
            own.width / frame.width, own.height / frame.height];
}"""


def scan(open_visit: Open, server: LiveServer, photo: Path, size: str = "desktop") -> Visit:
    visit = open_visit(size, server=server)
    visit.enter_as_guest()
    visit.scan(photo)
    return visit


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_one_map_at_a_time_lies_over_the_face(
    open_visit: Open, rich_server: LiveServer, astronaut_file: Path, size: str
) -> None:
    visit = scan(open_visit, rich_server, astronaut_file, size)
    page = visit.page
    map_, strength = page.locator("#scan-result .pic-map"), page.get_by_label("Strength")
    areas, redness, pores = (
        page.get_by_role("button", name=name, exact=True) for name in ("Areas", "Redness", "Pores")
    )
    expect(areas).to_have_attribute("aria-pressed", "true")
    expect(map_).to_be_hidden()
    expect(strength).to_be_hidden()
    redness.click()
    expect(map_).to_be_visible()
    expect(areas).to_have_attribute("aria-pressed", "false")
    expect(map_).to_have_attribute("alt", "Where it was seen: Redness")
    page.wait_for_function("document.querySelector('#scan-result .pic-map').naturalWidth > 0")
    laid = pytest.approx([-FACE_LEFT / FACE_SIDE, 0, 1 / FACE_SIDE, 1 / FACE_SIDE], abs=0.005)
    assert map_.evaluate(PLACE, ".wipe") == laid
    visit.keep(f"{size}-15-map")
    strength.fill("30")
    assert map_.evaluate("map => getComputedStyle(map).opacity") == "0.3"
    pores.click()
    expect(redness).to_have_attribute("aria-pressed", "false")
    expect(map_).to_have_attribute("alt", "Where it was seen: Pores")
    page.get_by_role("button", name="Whole photo").click()
    page.wait_for_function("document.querySelector('#scan-result .wipe').getBoundingClientRect().height > 0")
    assert map_.evaluate(PLACE, ".wipe") == pytest.approx([0, 0, 1, 1], abs=0.005)
    expect(page.get_by_role("slider", name=SLIDER)).to_be_hidden()
    pores.click()
    expect(map_).to_be_hidden()
    assert not visit.is_wider_than_the_screen()
    assert visit.outside() == set()


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_the_slider_goes_from_the_plain_to_the_drawn_face_by_key_and_pointer(
    open_visit: Open, rich_server: LiveServer, astronaut_file: Path, size: str
) -> None:
    page = scan(open_visit, rich_server, astronaut_file, size).page
    slider, drawn = page.get_by_role("slider", name=SLIDER), page.locator("#scan-result .wipe-over")
    expect(slider).to_have_value("50")
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(slider).to_have_value("52")
    page.keyboard.press("Home")
    assert drawn.evaluate("over => getComputedStyle(over).clipPath") == "inset(0px 0px 0px 0%)"
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] * 0.8, box["y"] + box["height"] / 2)
    expect(slider).to_have_value("80")
    assert drawn.evaluate("over => getComputedStyle(over).clipPath") == "inset(0px 0px 0px 80%)"


def test_without_maps_nothing_offers_one(open_visit: Open, start_server: StartServer, astronaut_file: Path) -> None:
    visit = scan(open_visit, start_server(examiner=build_fake_examiner), astronaut_file)
    assert visit.page.locator("[data-map], .pic-map, .pic-strength").count() == 0


def test_a_map_that_is_gone_is_said_to_be_gone(open_visit: Open, rich_server: LiveServer, astronaut_file: Path) -> None:
    visit = scan(open_visit, rich_server, astronaut_file)
    visit.page.route("**/maps/*.png", lambda route: route.fulfill(status=404, body="{}"))
    visit.page.get_by_role("button", name="Redness", exact=True).click()
    expect(visit.page.get_by_text("This map is not kept any more.")).to_be_visible()
    expect(visit.page.locator("#scan-result .pic-map")).to_be_hidden()
