"""What a person does, in a real browser: every journey at phone and desktop width, with nothing from outside."""

import io
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect
from sqlalchemy import text

from skin.errors import CATALOGUE, Code
from tests.browser.conftest import Open
from tests.conftest import LiveServer

SIZES = pytest.mark.parametrize("size", ["phone", "desktop"])


@SIZES
def test_a_guest_takes_a_photo_reads_the_result_and_deletes_it(open_visit: Open, size: str) -> None:
    visit = open_visit(size)
    page = visit.page
    visit.enter_as_guest()
    visit.keep(f"{size}-1-scan")
    page.get_by_role("button", name="Use the camera").click()
    page.get_by_role("button", name="Take the photo").click()
    visit.keep(f"{size}-2-review")
    page.get_by_role("button", name="Scan this photo").click()
    expect(page.get_by_role("heading", name="Your result")).to_be_focused()
    expect(page.locator("#scan-result").get_by_text("Monk", exact=False).first).to_be_visible()
    expect(page.locator("#scan-result .pic-face").first).to_be_visible()
    expect(page.locator("#scan-result")).to_contain_text("A cosmetic aid, not a diagnosis")
    visit.keep(f"{size}-3-result")
    assert not visit.is_wider_than_the_screen()

    page.get_by_role("tab", name="History").click()
    expect(page.locator(".hist-item")).to_have_count(1)
    visit.keep(f"{size}-4-history")
    page.locator(".hist-item").get_by_role("button", name="Open").click()
    expect(page.locator("#past-result").get_by_role("heading", name="Your result")).to_be_focused()
    page.get_by_role("button", name="Back to history").click()
    page.locator(".hist-item").get_by_role("button", name="Delete the scan").click()
    expect(page.get_by_role("heading", name="No scans yet")).to_be_visible()
    visit.keep(f"{size}-5-empty")
    assert not visit.is_wider_than_the_screen()
    assert visit.outside() == set()


def test_the_preview_is_mirrored_and_the_photo_is_not(open_visit: Open) -> None:
    visit = open_visit()
    visit.enter_as_guest()
    visit.page.get_by_role("button", name="Use the camera").click()
    preview = visit.page.locator("video")
    expect(preview).to_be_visible()
    assert preview.evaluate("video => getComputedStyle(video).transform").startswith("matrix(-1")
    visit.page.get_by_role("button", name="Take the photo").click()
    photo = visit.page.locator(".cap-shot")
    expect(photo).to_be_visible()
    assert photo.evaluate("img => getComputedStyle(img).transform") == "none"
    side_of_the_rocket = """img => {
        const canvas = document.createElement("canvas");
        [canvas.width, canvas.height] = [img.naturalWidth, img.naturalHeight];
        const context = canvas.getContext("2d");
        context.drawImage(img, 0, 0);
        const at = (x) => context.getImageData(x * canvas.width, 0.5 * canvas.height, 1, 1).data;
        return [Array.from(at(0.03)).slice(0, 3), Array.from(at(0.97)).slice(0, 3)];
    }"""
    left, right = photo.evaluate(side_of_the_rocket)
    assert left[0] - left[2] > right[0] - right[2], "the orange sleeve and the flag are on the left of the original"


@SIZES
def test_a_photo_from_a_file_is_scanned(open_visit: Open, size: str, astronaut_file: Path) -> None:
    visit = open_visit(size, dark=True)
    visit.enter_as_guest()
    visit.choose(astronaut_file)
    expect(visit.page.get_by_role("heading", name="Your result")).to_be_visible()
    visit.keep(f"{size}-6-result-dark")
    visit.page.get_by_role("button", name="Scan again").click()
    expect(visit.page.get_by_role("button", name="Use the camera")).to_be_visible()
    assert visit.outside() == set()


def test_a_photo_without_a_face_is_refused_with_the_way_out(open_visit: Open, tmp_path: Path) -> None:
    visit = open_visit("phone")
    visit.enter_as_guest()
    file = tmp_path / "grey.png"
    Image.new("RGB", (640, 480), "grey").save(file)
    visit.choose(file)
    expect(visit.page.get_by_role("alert")).to_have_text(CATALOGUE[Code.NO_FACE][1])
    expect(visit.page.get_by_role("button", name="Take another")).to_be_focused()
    visit.keep("phone-7-refused")
    for _ in range(2):
        visit.page.get_by_role("button", name="Take another").click()
        expect(visit.page.get_by_role("alert")).to_be_hidden()
        visit.choose(file)
        expect(visit.page.get_by_role("alert")).to_have_text(CATALOGUE[Code.NO_FACE][1])


def test_an_upload_that_fails_is_told_and_can_be_tried_again(open_visit: Open, astronaut_file: Path) -> None:
    visit = open_visit()
    visit.enter_as_guest()
    visit.page.route("**/gradio_api/upload", lambda route: route.fulfill(status=500, body="{}"))
    visit.choose(astronaut_file)
    expect(visit.page.get_by_role("alert")).to_contain_text("The photo did not arrive")


def test_a_heic_photo_is_scanned_though_the_browser_cannot_show_it(
    open_visit: Open, tmp_path: Path, astronaut_jpeg: bytes
) -> None:
    from pillow_heif import from_pillow

    file = tmp_path / "IMG_0001.heic"
    from_pillow(Image.open(io.BytesIO(astronaut_jpeg))).save(file)
    visit = open_visit()
    visit.enter_as_guest()
    visit.page.locator("input[type=file]").first.set_input_files(file)
    expect(visit.page.get_by_text("This browser cannot show it")).to_be_visible()
    visit.page.get_by_role("button", name="Scan this photo").click()
    expect(visit.page.get_by_role("heading", name="Your result")).to_be_visible()


def test_a_blocked_camera_is_explained(open_visit: Open) -> None:
    visit = open_visit()
    visit.page.add_init_script(
        "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError'))"
    )
    visit.enter_as_guest()
    visit.page.get_by_role("button", name="Use the camera").click()
    expect(visit.page.get_by_role("alert")).to_contain_text("The camera is blocked")


def test_a_wrong_password_is_told_and_the_address_kept(open_visit: Open) -> None:
    visit = open_visit()
    visit.page.goto(visit.url)
    assert visit.page.url.endswith("/signin")
    form = visit.page.locator("form[action='/signin']")
    form.get_by_label("E-mail address").fill("ada@example.org")
    form.get_by_label("Password").fill("not her password")
    form.get_by_role("button", name="Sign in").click()
    expect(visit.page.locator("#failure")).to_have_text(CATALOGUE[Code.BAD_CREDENTIALS][1])
    expect(form.get_by_label("E-mail address")).to_have_value("ada@example.org")
    visit.keep("desktop-8-wrong-password")


def test_once_the_photo_is_erased_the_result_says_so(
    open_visit: Open, live_server: LiveServer, astronaut_file: Path
) -> None:
    visit = open_visit()
    visit.enter_as_guest()
    visit.choose(astronaut_file)
    expect(visit.page.get_by_role("heading", name="Your result")).to_be_visible()
    engine = live_server.open_engine()
    with engine.begin() as connection:
        connection.execute(text("UPDATE scan_sessions SET picture_key = NULL"))
    engine.dispose()
    visit.page.reload()
    visit.page.get_by_role("tab", name="History").click()
    visit.page.locator(".hist-item").get_by_role("button", name="Open").click()
    expect(visit.page.locator("#past-result").get_by_text("The photo has been erased")).to_be_visible()
    visit.keep("desktop-9-erased")


def test_leaving_and_deleting_the_account_end_at_the_door(open_visit: Open) -> None:
    visit = open_visit()
    visit.enter_as_guest()
    visit.page.get_by_role("button", name="Sign out").first.click()
    expect(visit.page.get_by_role("heading", name="Sign in")).to_be_visible()
    visit.enter_as_guest()
    visit.page.get_by_role("tab", name="My data").click()
    visit.page.get_by_role("button", name="Delete my account and everything").click()
    visit.keep("desktop-10-delete-account")
    visit.page.get_by_role("button", name="Delete everything").click()
    expect(visit.page.get_by_role("heading", name="Sign in")).to_be_visible()
    visit.page.goto(visit.url)
    assert visit.page.url.endswith("/signin")


def test_an_expired_sign_in_leads_back_to_the_door(open_visit: Open) -> None:
    visit = open_visit()
    visit.enter_as_guest()
    visit.page.context.clear_cookies()
    visit.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    visit.page.wait_for_url("**/signin")


def test_a_scan_can_be_made_with_the_keyboard_alone(open_visit: Open) -> None:
    visit = open_visit()
    visit.enter_as_guest()
    expect(visit.page.locator(".top-name")).to_have_text("Guest")
    for name in ("Use the camera", "Take the photo", "Scan this photo"):
        button = visit.page.get_by_role("button", name=name)
        expect(button).to_be_visible()
        for _ in range(12):
            if button.evaluate("button => button === document.activeElement"):
                break
            visit.page.keyboard.press("Tab")
        expect(button).to_be_focused()
        visit.page.keyboard.press("Enter")
    expect(visit.page.get_by_role("heading", name="Your result")).to_be_focused()
