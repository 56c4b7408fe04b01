"""A real Chromium with a fake camera, watched for every address it asks for."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page, expect, sync_playwright
from skimage import data

from tests.browser.rich import REPEATABILITY, build_rich_examiner, tint
from tests.conftest import LiveServer, StartServer

CHROMIUM = Path("/usr/bin/chromium")
ARTIFACTS = Path(__file__).resolve().parents[2] / "artifacts"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
]
PATIENCE_MS = 30_000  # two shared cores may be busy with other tests
SIZES = {"phone": (390, 844), "tablet": (820, 1180), "desktop": (1366, 768)}


@dataclass
class Visit:
    """A page that is being looked at, and what it has asked for so far."""

    page: Page
    url: str
    asked: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def outside(self) -> set[str]:
        """Hosts that are not the server itself; blob: and data: stay in the browser."""
        hosts = {urlsplit(one).netloc for one in self.asked if urlsplit(one).scheme not in ("blob", "data")}
        return hosts - {urlsplit(self.url).netloc}

    def enter_as_guest(self) -> None:
        self.page.goto(self.url)
        self.page.get_by_role("button", name="Try as a guest").click()
        self.page.get_by_role("heading", name="Scan your face").wait_for()

    def register(self) -> None:
        """As a new person with an account of their own."""
        self.page.goto(self.url)
        self.page.locator("details summary").click()
        form = self.page.locator("form[action='/register']")
        form.get_by_label("E-mail address").fill(f"{uuid4().hex[:8]}@example.org")
        form.get_by_label("Password").fill("correct horse battery")
        form.get_by_role("button", name="Create account").click()
        self.page.get_by_role("heading", name="Scan your face").wait_for()

    def choose(self, file: Path) -> None:
        self.page.locator("input[type=file]").first.set_input_files(file)
        self.page.get_by_role("button", name="Scan this photo").click()

    def scan(self, *files: Path) -> None:
        """Scan one file after another, to the result of the last."""
        for file in files:
            again = self.page.get_by_role("button", name="Scan again")
            if again.is_visible():
                again.click()
            self.page.get_by_role("button", name="Use the camera").wait_for()
            self.choose(file)
            self.page.get_by_role("heading", name="Your result").wait_for()

    def show_history(self) -> None:
        self.page.get_by_role("tab", name="History").click()
        self.page.get_by_role("heading", name="History").wait_for()

    def compare_the_latest(self) -> None:
        """Side by side, the two newest scans of the history."""
        self.show_history()
        for box in self.page.get_by_role("checkbox", name="Compare").all()[:2]:
            box.check()
        self.page.get_by_role("button", name="Compare them").click()
        expect(self.page.get_by_role("heading", name="Two scans compared")).to_be_focused()

    def keep(self, name: str) -> None:
        """A screenshot of the whole page in artifacts/."""
        ARTIFACTS.mkdir(exist_ok=True)
        self.page.wait_for_timeout(250)
        self.page.screenshot(path=ARTIFACTS / f"{name}.png", full_page=True)

    def is_wider_than_the_screen(self) -> bool:
        return bool(self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))


Open = Callable[..., Visit]


@pytest.fixture(scope="session")
def camera_film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few frames of the astronaut's face, centred, as the raw video that Chromium takes for a camera."""
    portrait = data.astronaut()[0:300, 24:424]
    frame = cv2.resize(portrait, (1280, 960), interpolation=cv2.INTER_CUBIC)
    path = tmp_path_factory.mktemp("camera") / "face.y4m"
    write_y4m(path, [frame] * 3)
    return path


def write_y4m(path: Path, frames: list[NDArray[np.uint8]]) -> None:
    height, width = frames[0].shape[:2]
    with path.open("wb") as film:
        film.write(f"YUV4MPEG2 W{width} H{height} F10:1 Ip A1:1 C420jpeg\n".encode())
        for frame in frames:
            film.write(b"FRAME\n" + cv2.cvtColor(frame, cv2.COLOR_RGB2YUV_I420).tobytes())


@pytest.fixture(scope="package")
def browser(camera_film: Path) -> Iterator[Browser]:
    """For these tests only: until it is closed, no other test can run an event loop of its own."""
    if not CHROMIUM.exists():
        pytest.fail(f"{CHROMIUM} is missing: install Debian's chromium (make test does), browser tests need it")
    with sync_playwright() as playwright:
        flags = [*FLAGS, f"--use-file-for-fake-video-capture={camera_film}"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def launch(browser: Browser) -> Iterator[Callable[[Path], Browser]]:
    """Another browser for each film that its camera shall show."""
    launched: dict[Path, Browser] = {}

    def launch_one(film: Path) -> Browser:
        flags = [*FLAGS, f"--use-file-for-fake-video-capture={film}"]
        if film not in launched:
            launched[film] = browser.browser_type.launch(executable_path=CHROMIUM, args=flags)
        return launched[film]

    yield launch_one
    for one in launched.values():
        one.close()


@pytest.fixture
def open_visit(
    browser: Browser, launch: Callable[[Path], Browser], live_server: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Open]:
    """Opens pages, each in a browser profile of its own; a script error fails the test at its end."""
    visits: list[Visit] = []

    def open_one(
        size: str = "desktop",
        *,
        camera: bool = True,
        dark: bool = False,
        locale: str = "en-GB",
        server: LiveServer = live_server,
        film: Path | None = None,
    ) -> Visit:
        monkeypatch.setenv(
            "GRADIO_TEMP_DIR", str(server.settings.home / "uploads")
        )  # the latest server had set its own
        width, height = SIZES[size]
        context = (launch(film) if film else browser).new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            permissions=["camera"] if camera else [],
            reduced_motion="reduce",
            locale=locale,
        )
        context.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        visit = Visit(context.new_page(), server.url)
        visit.page.on("request", lambda request: visit.asked.append(request.url))
        visit.page.on("pageerror", lambda trouble: visit.broken.append(str(trouble)))
        visits.append(visit)
        return visit

    yield open_one
    for visit in visits:
        visit.page.context.close()
    assert [one for visit in visits for one in visit.broken] == []


@pytest.fixture
def astronaut_file(tmp_path: Path, astronaut_jpeg: bytes) -> Path:
    path = tmp_path / "astronaut.jpg"
    path.write_bytes(astronaut_jpeg)
    return path


@pytest.fixture(scope="session")
def rich_server(start_lasting_server: StartServer) -> LiveServer:
    """A server whose examiner judges concerns and draws maps, and whose repeatability has been measured."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("skin.bootstrap.load_repeatability", lambda: REPEATABILITY)
        return start_lasting_server(examiner=build_rich_examiner)


@pytest.fixture
def changed_files(tmp_path: Path, astronaut_file: Path, astronaut_jpeg: bytes) -> dict[str, Path]:
    """The astronaut's photo as it is, with less red skin, and in other light."""
    made = {"plain": astronaut_file, "paler": tmp_path / "paler.jpg", "other_light": tmp_path / "light.jpg"}
    made["paler"].write_bytes(tint(astronaut_jpeg, red=0.72))
    made["other_light"].write_bytes(tint(astronaut_jpeg, blue=0.8))
    return made
