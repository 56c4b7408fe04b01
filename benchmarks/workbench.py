"""How long an annotator waits: from submit to the next face on the screen, in a real Chromium on a real server.

`python -m benchmarks.workbench [TASKS]` prints median and 95th percentile, and the same for encoding a painted mask.
"""

import io
import socket
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

import httpx
import numpy as np
import uvicorn
from PIL import Image
from playwright.sync_api import Page, sync_playwright
from skimage import data

from skin import bootstrap
from skin.accounts.tables import Role
from skin.accounts.tokens import COOKIE
from skin.config import Settings

CHROMIUM = "/usr/bin/chromium"
PASSWORD = "correct horse battery"
WARM_UP = 3
ENCODE = """async () => {
    const { Bitmap } = await import("/annotate/assets/bitmap.js");
    const bitmap = new Bitmap(1024, 1024);
    const place = () => [1024 * Math.random(), 1024 * Math.random()];
    for (let stroke = 0; stroke < 200; stroke++) {
        bitmap.sweep(place(), place(), 1 + 20 * Math.random(), stroke % 3 ? 1 : 0);
    }
    const laps = [];
    for (let lap = 0; lap < 50; lap++) {
        const began = performance.now();
        bitmap.encode();
        laps.push(performance.now() - began);
    }
    return laps;
}"""
REQUESTS = """(end) => performance.getEntriesByType("resource")
    .filter(({ name }) => name.endsWith(end)).map(({ duration }) => duration)"""
MEASURED = """() => performance.getEntriesByName("submit to painted").map(({ duration }) => duration)"""


def main() -> None:
    tasks = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    with tempfile.TemporaryDirectory(prefix="skin-bench-") as home, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        settings = Settings(_env_file=None, home=Path(home), port=probe.getsockname()[1])
        probe.close()
        hire(settings)
        server = start(settings)
        try:
            client = sign_in(settings)
            measure(client, fill(client, tasks + WARM_UP + 1), tasks)
        finally:
            server.should_exit = True
            time.sleep(2)


def start(settings: Settings) -> uvicorn.Server:
    app = bootstrap.build_app(settings)
    server = uvicorn.Server(uvicorn.Config(app, port=settings.port, log_level="error"))
    threading.Thread(target=server.run, daemon=True).start()
    while not server.started:
        time.sleep(0.1)
    return server


def hire(settings: Settings) -> None:
    """Before the server starts, since the embedded database stops with whoever opened it in this process."""
    parts = bootstrap.build_parts(settings)
    with bootstrap.open_database(parts):
        parts.accounts.register("bench@example.org", PASSWORD, Role.ADMIN)


def sign_in(settings: Settings) -> httpx.Client:
    client = httpx.Client(base_url=f"http://127.0.0.1:{settings.port}", timeout=600)
    form = {"username": "bench@example.org", "password": PASSWORD}
    token = client.post("/api/auth/token", data=form).raise_for_status().json()["access_token"]
    client.headers["Authorization"] = f"Bearer {token}"
    return client


def fill(client: httpx.Client, pictures: int) -> str:
    """A project of aligned faces as large as real ones, each a little different."""
    project_id: str = client.post("/api/annotation/projects", json={"name": "Bench"}).raise_for_status().json()["id"]
    face = Image.fromarray(data.astronaut()[20:260, 110:350]).resize((1024, 1024), Image.Resampling.LANCZOS)
    for shift in range(pictures):
        buffer = io.BytesIO()
        Image.fromarray(np.roll(np.asarray(face), shift, axis=0)).save(buffer, "PNG")
        client.post(
            f"/api/annotation/projects/{project_id}/items",
            files={"image": (f"{shift}.png", buffer.getvalue())},
            data={"is_aligned": "true"},
        ).raise_for_status()
    return project_id


def measure(client: httpx.Client, project_id: str, tasks: int) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        token = client.headers["Authorization"].removeprefix("Bearer ")
        page.context.add_cookies([{"name": COOKIE, "value": token, "url": str(client.base_url)}])
        page.goto(f"{client.base_url}/annotate?project={project_id}")
        page.evaluate("performance.setResourceTimingBufferSize(10_000)")
        for done in range(tasks + WARM_UP):
            answer(page, done)
        report("submit to the next face painted", page.evaluate(MEASURED)[WARM_UP:])
        report("  of it the submit's request", page.evaluate(REQUESTS, "/submit")[WARM_UP:])
        report("  of it the picture's request", page.evaluate(REQUESTS, "/picture")[WARM_UP + 1 :])
        report("encode a mask of 200 strokes", page.evaluate(ENCODE)[5:])
        browser.close()


def answer(page: Page, done: int) -> None:
    page.locator(".wb-face[data-shown]").wait_for()
    for key in ["4", "3", "j", *"0102010301"]:
        page.keyboard.press(key)
    page.wait_for_timeout(300)
    page.keyboard.press("Enter")
    page.locator("#position", has_text=f"{done + 1} done").wait_for()


def report(what: str, laps_ms: list[float]) -> None:
    median, p95 = statistics.median(laps_ms), float(np.percentile(laps_ms, 95))
    print(f"{what}: median {median:.1f} ms, 95th percentile {p95:.1f} ms, {len(laps_ms)} times")


if __name__ == "__main__":
    main()
