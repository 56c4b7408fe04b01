"""When the network or the sign-in is lost on the way, the shots are kept and sent again."""

from pathlib import Path

import pytest
from playwright.sync_api import Route, expect

from skin.ui.scan import read_words
from tests.browser.conftest import Open, Visit

WORDS = read_words()


def take_a_photo(visit: Visit) -> None:
    visit.enter_as_guest()
    visit.page.get_by_role("button", name="Use the camera").click()
    visit.page.get_by_role("button", name="Take the photo").click()
    visit.page.get_by_role("button", name="Scan this photo").wait_for()


def try_again(visit: Visit) -> None:
    visit.page.get_by_role("button", name="Try again").click()
    expect(visit.page.get_by_role("heading", name="Your result")).to_be_visible()


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_a_network_lost_in_the_middle_of_the_upload_costs_no_shot(open_visit: Open, size: str) -> None:
    visit = open_visit(size)
    context, sent = visit.page.context, []

    def lose_the_network(route: Route) -> None:
        sent.append(route.request.url)
        context.set_offline(True)
        route.abort("internetdisconnected")

    take_a_photo(visit)
    visit.page.route("**/gradio_api/upload*", lose_the_network, times=1)
    visit.page.get_by_role("button", name="Scan this photo").click()
    expect(visit.page.get_by_role("alert")).to_have_text(WORDS["lost"])
    expect(visit.page.get_by_role("button", name="Try again")).to_be_focused()
    expect(visit.page.locator(".cap-shot")).to_be_visible()
    visit.keep(f"{size}-25-offline")
    visit.page.get_by_role("button", name="Try again").click()
    expect(visit.page.get_by_role("alert")).to_have_text(WORDS["lost"])
    context.set_offline(False)
    try_again(visit)
    assert len(sent) == 1


@pytest.mark.parametrize(("address", "scans"), [("**/gradio_api/queue/join*", 0), ("**/gradio_api/queue/data*", 1)])
def test_a_network_lost_while_an_answer_is_awaited_is_told_and_the_page_comes_back_by_itself(
    open_visit: Open, astronaut_file: Path, address: str, scans: int
) -> None:
    visit, asked = open_visit(), list[Route]()

    def hold(route: Route) -> None:
        asked.append(route)

    visit.enter_as_guest()
    visit.page.wait_for_timeout(1500)  # until all is answered that the page asks as it loads
    visit.page.route(address, hold)
    with visit.page.expect_request(address):
        visit.choose(astronaut_file)
    expect(visit.page.locator(".cap[data-phase=working]")).to_be_visible()
    visit.page.context.set_offline(True)
    expect(visit.page.get_by_role("alert")).to_have_text(WORDS["lost_waiting"])
    for route in asked:
        route.abort("internetdisconnected")  # as the browser does with what it waits for
    visit.page.unroute_all(behavior="ignoreErrors")
    with visit.page.expect_navigation():
        visit.page.context.set_offline(False)
    visit.page.get_by_role("heading", name="Scan your face").wait_for()
    visit.show_history()
    expect(visit.page.get_by_role("button", name="Open")).to_have_count(scans)


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_a_sign_in_that_expires_during_the_capture_costs_no_shot(open_visit: Open, size: str) -> None:
    visit = open_visit(size)
    take_a_photo(visit)
    visit.page.context.clear_cookies()
    visit.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    visit.page.get_by_role("button", name="Scan this photo").click()
    expect(visit.page.get_by_role("alert")).to_have_text(WORDS["signed_out"])
    visit.keep(f"{size}-26-signed-out")
    with visit.page.context.expect_page() as opened:
        visit.page.get_by_role("link", name="Sign in").click()
    opened.value.get_by_role("button", name="Try as a guest").click()
    opened.value.get_by_role("heading", name="Scan your face").wait_for()
    opened.value.close()
    try_again(visit)
