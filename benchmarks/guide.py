"""How often the guide of the camera looks, next to MediaPipe's own web loop, which finds the face and measures nothing.

python -m benchmarks.guide [--seconds 10] [--rounds 3] [--model face_landmarker.task]; needs Debian's chromium.
Both see the same film, turn by turn, on the same page of a running application. `--model` is what MediaPipe's loop
finds the face with, in place of the guide's own bundle.
"""

import argparse
import os
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import psutil
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.pages import FLAGS
from benchmarks.workbench import CHROMIUM, start
from skin.config import Settings
from skin.ui.guidance import load_guidance
from tests.browser import films

CAMERA = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")
# The switch is off, so that no photo ends the looking; every answer of a worker is a look.
WATCH = """
localStorage.setItem("skin.automatic", "off");
window.looks = [];
window.Worker = class extends Worker {
    constructor(...given) {
        super(...given);
        this.addEventListener("message", () => looks.push(performance.now() - this.asked));
    }
    postMessage(...given) {
        this.asked = performance.now();
        super.postMessage(...given);
    }
};"""
# As in MediaPipe's own example: on the page, each new picture of the video, one face.
LOOP = """async ([base, model]) => {
    const { FaceLandmarker } = await import(base + "vision_bundle.mjs");
    const finder = await FaceLandmarker.createFromOptions(
        { wasmLoaderPath: base + "vision_wasm_internal.js", wasmBinaryPath: base + "vision_wasm_internal.wasm" },
        { baseOptions: { modelAssetPath: model, delegate: "CPU" }, runningMode: "VIDEO", numFaces: 1 },
    );
    const video = document.querySelector("video");
    let shown = -1;
    window.looks = [];
    const look = () => {
        if (video.currentTime !== shown) {
            const began = performance.now();
            shown = video.currentTime;
            if (finder.detectForVideo(video, began).faceLandmarks.length) looks.push(performance.now() - began);
        }
        requestAnimationFrame(look);
    };
    look();
}"""
PARTS = """async (base) => {
    const [{ FaceLandmarker }, { createShrink }, measure, rules] = await Promise.all([
        import(base + "vision_bundle.mjs"), import(base + "guide.js"), import(base + "measure.js"),
        fetch(base + "rules.json").then((answer) => answer.json()),
    ]);
    const finder = await FaceLandmarker.createFromOptions(
        { wasmLoaderPath: base + "vision_wasm_internal.js", wasmBinaryPath: base + "vision_wasm_internal.wasm" },
        { baseOptions: { modelAssetPath: base + "face.task", delegate: "CPU" }, runningMode: "IMAGE", numFaces: 2 },
    );
    const video = document.querySelector("video");
    const shrink = createShrink();
    const pen = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
    const laps = { "make a picture small": [], "find the face": [], "cut it out": [], "measure it": [] };
    for (let lap = 0; lap < 60; lap += 1) {
        const times = [performance.now()];
        const lapse = (result) => { times.push(performance.now()); return result; };
        const frame = lapse(shrink(video, video.videoWidth, video.videoHeight));
        const [found] = lapse(finder.detect(frame)).faceLandmarks;
        const points = found.map((p) => [p.x * frame.width, p.y * frame.height, p.z * frame.width]);
        const aligned = measure.alignmentOf(points, rules);
        pen.canvas.width = pen.canvas.height = aligned.size;
        pen.setTransform(...aligned.matrix);
        pen.drawImage(frame, 0, 0);
        const { data } = lapse(pen.getImageData(0, 0, aligned.size, aligned.size));
        lapse(measure.judgePixels(data, aligned, rules));
        frame.close();
        Object.values(laps).forEach((times_of, part) => times_of.push(times[part + 1] - times[part]));
    }
    return laps;
}"""
PICTURES = """() => new Promise((done) => {
    document.querySelector("video").requestVideoFrameCallback((_, { presentedFrames }) => done(presentedFrames));
})"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--model", type=Path)
    asked = parser.parse_args()
    measured: dict[str, list[dict[str, float]]] = {"camera alone": [], "the guide": [], "MediaPipe's loop": []}
    print(f"load before {say_load()}")
    with (
        tempfile.TemporaryDirectory(prefix="skin-bench-") as home,
        serving(Path(home)) as url,
        sync_playwright() as playwright,
    ):
        film = films.write_film(Path(home) / "film.mjpeg", [(films.hopper(), 5)])
        flags = [*FLAGS, *CAMERA, f"--use-file-for-fake-video-capture={film}"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        for _ in range(asked.rounds):
            for name, rows in measured.items():
                page = open_camera(browser, url, has_guide=name == "the guide")
                if name == "MediaPipe's loop":
                    run_loop(page, asked.model)
                rows.append(watch(page, asked.seconds))
                page.context.close()
        page = open_camera(browser, url, has_guide=False)
        laps = page.evaluate(PARTS, load_guidance().address)
        browser.close()
    print(f"load after {say_load()}; {os.cpu_count()} cores; medians of {asked.rounds} rounds of {asked.seconds:.0f} s")
    report(measured)
    for part, times in laps.items():
        print(f"{part:22} {median(times[10:]):6.1f} ms, by itself on the page")


@contextmanager
def serving(home: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = start(Settings(_env_file=None, home=home, port=port, registration_limit="100000/minute"))
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        time.sleep(2)


def open_camera(browser: Browser, url: str, *, has_guide: bool) -> Page:
    """The scan page of a new guest, with the camera open; without the guide it only shows the picture."""
    context = browser.new_context(viewport={"width": 1366, "height": 768}, permissions=["camera"])
    context.set_default_timeout(120_000)
    context.add_init_script(WATCH)
    page = context.new_page()
    if not has_guide:
        page.route("**/guide/**/worker.js", lambda route: route.abort())
    page.goto(url)
    page.get_by_role("button", name="Try as a guest").click()
    page.get_by_role("button", name="Use the camera").click()
    page.locator(f".cap[data-guide={'on' if has_guide else 'failed'}]").wait_for()
    return page


def run_loop(page: Page, model: Path | None) -> None:
    base = load_guidance().address
    if model is not None:
        page.route("**/own.task", lambda route: route.fulfill(path=model, content_type="application/octet-stream"))
    page.evaluate(LOOP, [base, base + "face.task" if model is None else "/own.task"])


def watch(page: Page, seconds: float) -> dict[str, float]:
    """Once all is warm: looks, pictures and the browser's CPU time a second, and how many ms a look takes."""
    page.wait_for_timeout(2000)
    pictures, cpu, began = page.evaluate(PICTURES), browser_cpu_s(), time.monotonic()
    page.evaluate("looks.length = 0")
    page.wait_for_timeout(seconds * 1000)
    looks: list[float] = page.evaluate("looks")
    took = time.monotonic() - began
    return {
        "looks": len(looks) / took,
        "pictures": (page.evaluate(PICTURES) - pictures) / took,
        "cpu": (browser_cpu_s() - cpu) / took,
        "look": median(looks) if looks else 0.0,
    }


def browser_cpu_s() -> float:
    spent = 0.0
    for process in psutil.Process().children(recursive=True):
        if "chrom" in process.name():
            spent += sum(process.cpu_times()[:2])
    return spent


def report(measured: dict[str, list[dict[str, float]]]) -> None:
    def middle(name: str, of: str) -> float:
        return median(row[of] for row in measured[name])

    for name in measured:
        print(
            f"{name:18} {middle(name, 'looks'):5.1f} looks/s of {middle(name, 'pictures'):4.1f} pictures/s,"
            f" a look {middle(name, 'look'):5.1f} ms, CPU {middle(name, 'cpu'):4.2f} s a second"
        )
    ratio = middle("the guide", "looks") / middle("MediaPipe's loop", "looks")
    print(f"looks of the guide to looks of MediaPipe's loop: {ratio:.2f}")


def say_load() -> str:
    return " ".join(f"{one:.2f}" for one in os.getloadavg())


if __name__ == "__main__":
    main()
