"""The guide in front of the camera: it waits, says what to do, and takes the photo by itself."""

import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Route, expect

from skin.ui.guidance import CHECKS, HOLD_MS, PATIENCE_MS
from skin.ui.scan import read_words
from skin.vision.quality import LIMITS
from tests.browser import films
from tests.browser.conftest import Open, Visit
from tests.browser.test_accessibility import find_violations
from tests.conftest import LiveServer

WORDS = read_words()
HINTS = {limit.name: limit.hint for limit in LIMITS}
SIZES = pytest.mark.parametrize("size", ["phone", "desktop"])
FILMS: dict[str, Callable[[Path], Path]] = {
    "arrival": films.write_arrival,
    "hopper": lambda path: films.write_film(path, [(films.hopper(), 5)]),
    "dark": lambda path: films.write_film(path, [(films.frame_at(1, stops=4), 5)]),
    "two": lambda path: films.write_film(path, [(films.two_people(), 5)]),
}
# Remembers each hint that is shown, in window.hints, and what was read aloud, in window.said.
REMEMBER = """() => {
    const remember = (name, element) => {
        window[name] = [];
        new MutationObserver(() => window[name].push(element.textContent)).observe(element, { childList: true });
    };
    remember("hints", document.querySelector(".cap-hint"));
    remember("said", document.querySelector(".cap-status"));
}"""


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    made: dict[str, Path] = {}

    def make(name: str) -> Path:
        if name not in made:
            made[name] = FILMS[name](tmp_path_factory.mktemp("film") / f"{name}.mjpeg")
        return made[name]

    return make


def open_camera(visit: Visit) -> None:
    visit.enter_as_guest()
    visit.page.evaluate(REMEMBER)
    visit.page.get_by_role("button", name="Use the camera").click()
    visit.page.locator(".cap[data-guide=on]").wait_for()


def cut_off_the_world(visit: Visit) -> list[str]:
    """Every request that would leave the server is aborted, and listed."""
    tried: list[str] = []
    own = urlsplit(visit.url).netloc

    def decide(route: Route) -> None:
        if urlsplit(route.request.url).netloc in (own, ""):
            route.continue_()
        else:
            tried.append(route.request.url)
            route.abort()

    visit.page.context.route("**/*", decide)
    return tried


@SIZES
def test_it_waits_until_the_face_is_in_place_then_takes_a_burst_that_is_scanned(
    open_visit: Open, rich_server: LiveServer, film: Callable[[str], Path], size: str
) -> None:
    visit = open_visit(size, server=rich_server, film=film("arrival"))
    tried = cut_off_the_world(visit)
    page = visit.page
    open_camera(visit)
    expect(page.locator(".cap-hint")).to_have_text(HINTS["forehead_covered_share"])
    visit.keep(f"{size}-20-guide")
    expect(page.locator(".cap[data-phase=review]")).to_be_visible()
    hints = page.evaluate("window.hints")
    assert hints.index(WORDS["guide"]["closer"]) < hints.index(HINTS["forehead_covered_share"])
    assert hints[-1] == WORDS["guide"]["good"]
    expect(page.get_by_role("button", name="Scan this photo")).to_be_focused()
    shot = page.locator(".cap-shot")
    assert shot.evaluate("img => img.decode().then(() => [img.naturalWidth, img.naturalHeight])") == [*films.SIZE_WH]
    visit.keep(f"{size}-21-guide-shot")
    page.get_by_role("button", name="Scan this photo").click()
    expect(page.get_by_role("heading", name="Your result")).to_be_focused()
    assert sum("/gradio_api/upload" in address for address in visit.asked) == 3
    assert not visit.is_wider_than_the_screen()
    assert (tried, visit.outside()) == ([], set())


def test_every_check_turns_good_and_the_photo_passes_the_gate_as_good(
    open_visit: Open, live_server: LiveServer, film: Callable[[str], Path]
) -> None:
    visit = open_visit("phone", film=film("hopper"))
    page = visit.page
    open_camera(visit)
    expect(page.locator(".cap[data-phase=review]")).to_be_visible()
    assert page.locator("[data-check].is-good").count() == len(CHECKS)
    page.get_by_role("button", name="Scan this photo").click()
    page.get_by_role("heading", name="Your result").wait_for()
    token = next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "skin_session")
    headers = {"Authorization": f"Bearer {token}"}
    (scan,) = page.request.get(f"{live_server.url}/api/scan/history", headers=headers).json()["scans"]
    result = page.request.get(f"{live_server.url}/api/scan/{scan['scan_id']}/results", headers=headers).json()
    held = {name for limits in CHECKS.values() for name in limits} | {"face_width_px", "frame_margin_share"}
    assert {check["name"]: check["outcome"] for check in result["quality"] if check["name"] in held} == dict.fromkeys(
        held, "good"
    )


@pytest.mark.parametrize(
    ("name", "size", "told"),
    [
        ("dark", "phone", HINTS["brightest_lightness"]),
        ("two", "desktop", WORDS["guide"]["many_faces"]),
        ("dark", "desktop", HINTS["brightest_lightness"]),
        ("two", "phone", WORDS["guide"]["many_faces"]),
    ],
)
def test_it_says_what_is_wrong_aloud_too_and_takes_no_photo(
    open_visit: Open, film: Callable[[str], Path], name: str, size: str, told: str
) -> None:
    visit = open_visit(size, film=film(name), dark=True)
    open_camera(visit)
    expect(visit.page.locator(".cap-hint")).to_have_text(told)
    expect(visit.page.locator(".cap-status")).to_have_text(told)
    visit.page.wait_for_timeout(2 * HOLD_MS + PATIENCE_MS)
    assert visit.page.locator(".cap").get_attribute("data-phase") == "live"
    assert visit.page.evaluate("window.said").count(told) == 1
    visit.keep(f"{size}-22-guide-{name}")


def test_switched_off_it_leaves_the_photo_to_the_person_and_stays_off(
    open_visit: Open, film: Callable[[str], Path]
) -> None:
    visit = open_visit(film=film("hopper"))
    page = visit.page
    visit.enter_as_guest()
    page.evaluate("localStorage.setItem('skin.automatic', 'off')")
    page.reload()
    page.get_by_role("button", name="Use the camera").click()
    switch = page.get_by_role("switch", name="Take it by itself")
    expect(switch).not_to_be_checked()
    expect(page.locator(".cap-hint")).to_have_text(WORDS["guide"]["by_hand"])
    page.wait_for_timeout(2 * HOLD_MS)
    assert page.locator(".cap").get_attribute("data-phase") == "live"
    switch.check()
    expect(page.locator(".cap[data-phase=review]")).to_be_visible()
    assert page.evaluate("localStorage.getItem('skin.automatic')") == "on"


def test_without_its_runtime_the_photo_is_taken_by_hand(open_visit: Open) -> None:
    visit = open_visit("phone")
    visit.page.route("**/guide/**/*.wasm", lambda route: route.abort())
    visit.enter_as_guest()
    visit.page.get_by_role("button", name="Use the camera").click()
    expect(visit.page.locator(".cap-hint")).to_have_text(WORDS["guide"]["failed"])
    visit.keep("phone-23-guide-failed")
    visit.page.get_by_role("button", name="Take the photo").click()
    visit.page.get_by_role("button", name="Scan this photo").click()
    expect(visit.page.get_by_role("heading", name="Your result")).to_be_visible()


def test_nothing_looks_any_more_once_the_camera_is_closed(open_visit: Open) -> None:
    visit = open_visit()
    visit.enter_as_guest()
    page = visit.page
    for _ in range(2):
        with page.expect_worker() as looking:
            page.get_by_role("button", name="Use the camera").click()
        expect(page.locator(".cap-hint")).to_have_text(WORDS["guide"]["closer"])
        with looking.value.expect_event("close"):
            page.get_by_role("button", name="Cancel").click()
        assert page.workers == []


def test_nothing_of_the_guide_is_loaded_before_the_camera_opens(open_visit: Open, astronaut_file: Path) -> None:
    visit = open_visit()
    visit.enter_as_guest()
    visit.scan(astronaut_file)
    assert not [address for address in visit.asked if "/guide/" in address]


@pytest.mark.parametrize("name", ["NotAllowedError", "NotFoundError", "NotReadableError", "AbortError"])
def test_a_camera_that_does_not_open_is_explained_and_a_file_is_the_way_out(
    open_visit: Open, astronaut_file: Path, name: str
) -> None:
    visit = open_visit("phone")
    visit.page.add_init_script(
        f"navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', {json.dumps(name)}))"
    )
    visit.enter_as_guest()
    visit.page.get_by_role("button", name="Use the camera").click()
    expect(visit.page.get_by_role("alert")).to_have_text(WORDS["camera"].get(name, WORDS["camera"]["other"]))
    if name == "NotAllowedError":
        visit.keep("phone-24-camera-denied")
        visit.choose(astronaut_file)
        expect(visit.page.get_by_role("heading", name="Your result")).to_be_visible()


def test_a_camera_that_is_unplugged_is_explained(open_visit: Open) -> None:
    visit = open_visit()
    open_camera(visit)
    visit.page.evaluate(
        "document.querySelector('video').srcObject.getVideoTracks()[0].dispatchEvent(new Event('ended'))"
    )
    expect(visit.page.get_by_role("alert")).to_have_text(WORDS["camera"]["ended"])
    expect(visit.page.get_by_role("button", name="Use the camera")).to_be_visible()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@SIZES
def test_the_guide_violates_no_rule_of_wcag_aa(open_visit: Open, size: str, dark: bool) -> None:
    visit = open_visit(size, dark=dark)
    open_camera(visit)
    expect(visit.page.locator(".cap-hint")).to_have_text(WORDS["guide"]["closer"])
    assert find_violations(visit.page) == []
    assert not visit.is_wider_than_the_screen()
