"""The camera takes several frames, so that a result can tell its own error."""

from pathlib import Path

from playwright.sync_api import Route, expect

from tests.browser.conftest import Open, Visit
from tests.conftest import LiveServer


def take_a_photo(visit: Visit) -> None:
    visit.page.get_by_role("button", name="Use the camera").click()
    visit.page.get_by_role("button", name="Take the photo").click()
    visit.page.get_by_role("button", name="Scan this photo").click()
    visit.page.get_by_role("heading", name="Your result").wait_for()


def uploads(visit: Visit) -> int:
    return sum("/gradio_api/upload" in address for address in visit.asked)


def test_the_camera_sends_three_frames_and_the_result_tells_its_error(
    open_visit: Open, rich_server: LiveServer
) -> None:
    visit = open_visit("phone", server=rich_server)
    visit.enter_as_guest()
    take_a_photo(visit)
    assert uploads(visit) == 3
    expect(visit.page.locator("#scan-result .res-tone")).to_contain_text("Give or take 0.8°")
    expect(visit.page.locator("#scan-result .concern").first).to_contain_text("give or take 1.9")
    visit.keep("phone-16-burst")


def test_frames_that_do_not_arrive_leave_a_scan_of_the_first(open_visit: Open, rich_server: LiveServer) -> None:
    visit = open_visit(server=rich_server)
    visit.enter_as_guest()
    arrived: list[Route] = []

    def drop_all_but_the_first(route: Route) -> None:
        arrived.append(route)
        route.continue_() if len(arrived) == 1 else route.abort()

    visit.page.route("**/gradio_api/upload*", drop_all_but_the_first)
    take_a_photo(visit)
    assert len(arrived) == 3
    expect(visit.page.locator("#scan-result")).not_to_contain_text("ive or take")


def test_a_file_is_sent_once(open_visit: Open, rich_server: LiveServer, astronaut_file: Path) -> None:
    visit = open_visit(server=rich_server)
    visit.enter_as_guest()
    visit.scan(astronaut_file)
    assert uploads(visit) == 1
    expect(visit.page.locator("#scan-result")).not_to_contain_text("ive or take")
