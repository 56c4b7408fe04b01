"""Concern maps over the photo of a result."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.conftest import LiveServer, StartServer
from tests.fakes import build_fake_examiner

SAME_PLACE = """() => {
    const [photo, map] = document.querySelectorAll("#scan-result .res-frame img");
    const [one, other] = [photo.getBoundingClientRect(), map.getBoundingClientRect()];
    return ["x", "y", "width", "height"].every((side) => Math.abs(one[side] - other[side]) < 1);
}"""


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_one_map_at_a_time_lies_over_the_photo(
    open_visit: Open, rich_server: LiveServer, astronaut_file: Path, size: str
) -> None:
    visit = open_visit(size, server=rich_server)
    page = visit.page
    visit.enter_as_guest()
    visit.scan(astronaut_file)
    map_, strength = page.locator("#scan-result .res-map"), page.get_by_label("Strength")
    redness, pores = (page.get_by_role("button", name=name, exact=True) for name in ("Redness", "Pores"))
    expect(map_).to_be_hidden()
    expect(strength).to_be_hidden()
    redness.click()
    expect(map_).to_be_visible()
    expect(map_).to_have_attribute("alt", "Where it was seen: Redness")
    page.wait_for_function("document.querySelector('#scan-result .res-map').naturalWidth > 0")
    assert page.evaluate(SAME_PLACE)
    page.locator(".map-strength").evaluate("slider => slider.scrollIntoView({ block: 'end' })")
    expect(page.locator("#scan-result .res-frame")).to_be_in_viewport(ratio=0.95)
    visit.keep(f"{size}-15-map")
    strength.fill("30")
    assert map_.evaluate("map => getComputedStyle(map).opacity") == "0.3"
    pores.click()
    expect(redness).to_have_attribute("aria-pressed", "false")
    expect(map_).to_have_attribute("alt", "Where it was seen: Pores")
    page.get_by_role("button", name="Whole photo").click()
    assert page.evaluate(SAME_PLACE)
    pores.click()
    expect(map_).to_be_hidden()
    assert not visit.is_wider_than_the_screen()
    assert visit.outside() == set()


def test_without_maps_nothing_offers_one(open_visit: Open, start_server: StartServer, astronaut_file: Path) -> None:
    visit = open_visit(server=start_server(examiner=build_fake_examiner))
    visit.enter_as_guest()
    visit.scan(astronaut_file)
    assert visit.page.locator(".res-maps, .res-map").count() == 0


def test_a_map_that_is_gone_is_said_to_be_gone(open_visit: Open, rich_server: LiveServer, astronaut_file: Path) -> None:
    visit = open_visit(server=rich_server)
    visit.enter_as_guest()
    visit.scan(astronaut_file)
    visit.page.route("**/maps/*.png", lambda route: route.fulfill(status=404, body="{}"))
    visit.page.get_by_role("button", name="Redness", exact=True).click()
    expect(visit.page.get_by_text("This map is not kept any more.")).to_be_visible()
    expect(visit.page.locator("#scan-result .res-map")).to_be_hidden()
