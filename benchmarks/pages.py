"""How soon a page is seen and a result is read, against a bare `gr.Interface` of the same examination in the same run:

python -m benchmarks.pages PHOTO [--rounds 7]; needs Debian's chromium.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import httpx
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

PORTS = {"skin": 7971, "bare": 7972}
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
WATCH = """new PerformanceObserver((list) => { window.largest = list.getEntries().at(-1).startTime; })
    .observe({ type: "largest-contentful-paint", buffered: true })"""
PAINTS = """() => [performance.getEntriesByName("first-contentful-paint")[0].startTime, window.largest]"""
MEASURES = ("first paint", "largest paint", "photo to result", "bytes to the browser")


def serve_bare(port: int) -> None:
    """What somebody would write who has the examination and wants a page."""
    import gradio as gr

    from skin.bootstrap import build_examiner
    from skin.config import Settings

    examine = build_examiner(Settings(_env_file=None))

    def scan(path: str) -> str:
        findings = examine([Path(path).read_bytes()]).findings
        return f"Monk {findings.tone.monk}"

    gr.Interface(scan, gr.Image(type="filepath", sources=["upload"]), gr.Textbox()).launch(server_port=port)


@contextmanager
def serving(home: Path) -> Iterator[None]:
    shared = dict(os.environ, GRADIO_ANALYTICS_ENABLED="False", SKIN_HOME=str(home))
    generous = {f"SKIN_{name}_LIMIT": "100000/minute" for name in ("UPLOAD", "REGISTRATION")}
    commands = {
        "skin": ([sys.executable, "app.py"], shared | generous | {"SKIN_PORT": str(PORTS["skin"])}),
        "bare": ([sys.executable, "-m", "benchmarks.pages", "--serve-bare"], shared),
    }
    running = [subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
               for command, env in commands.values()]  # fmt: skip
    try:
        for name, path in (("skin", "/api/ready"), ("bare", "/")):
            wait_for(f"http://127.0.0.1:{PORTS[name]}{path}")
        yield
    finally:
        for process in running:
            process.terminate()
            process.wait()


def wait_for(address: str) -> None:
    give_up_at = time.monotonic() + 300
    while time.monotonic() < give_up_at:
        try:
            if httpx.get(address).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    raise TimeoutError(address)


def scan_with_skin(page: Page, photo: Path) -> None:
    page.locator("input[type=file]").first.set_input_files(photo)
    page.get_by_role("button", name="Scan this photo").wait_for()
    page.evaluate("window.began = performance.now()")
    page.get_by_role("button", name="Scan this photo").click()
    page.get_by_role("heading", name="Your result").wait_for()


def scan_bare(page: Page, photo: Path) -> None:
    page.locator("input[type=file]").first.set_input_files(photo)
    page.locator("img").first.wait_for()
    page.evaluate("window.began = performance.now()")
    page.get_by_role("button", name="Submit").click()
    page.wait_for_function("document.querySelector('textarea').value.startsWith('Monk')")


def open_skin(context: BrowserContext) -> Page:
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{PORTS['skin']}/signin")
    page.get_by_role("button", name="Try as a guest").click()
    page.get_by_role("heading", name="Scan your face").wait_for()
    page.close()
    return context.new_page()


def visit(browser: Browser, name: str, photo: Path) -> list[float]:
    """The measures of one visit with an empty cache, times in ms."""
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    signing_in = open_skin(context) if name == "skin" else context.new_page()
    signing_in.close()
    page = context.new_page()
    network = context.new_cdp_session(page)
    network.send("Network.enable")
    network.send("Network.clearBrowserCache")
    loaded: list[float] = []
    network.on("Network.loadingFinished", lambda event: loaded.append(event["encodedDataLength"]))
    page.goto(f"http://127.0.0.1:{PORTS[name]}/")
    page.evaluate(WATCH)
    page.locator("input[type=file]").first.wait_for(state="attached")
    page.wait_for_timeout(1500)
    first, largest = page.evaluate(PAINTS)
    size = sum(loaded)
    scan: Callable[[Page, Path], None] = scan_with_skin if name == "skin" else scan_bare
    scan(page, photo)
    took = page.evaluate("performance.now() - window.began")
    context.close()
    return [first, largest, took, size]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photo", type=Path, nargs="?")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--serve-bare", action="store_true")
    asked = parser.parse_args()
    if asked.serve_bare:
        serve_bare(PORTS["bare"])
        return
    with tempfile.TemporaryDirectory() as home, serving(Path(home)), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        measured: dict[str, list[list[float]]] = {"skin": [], "bare": []}
        for turn in range(asked.rounds + 1):
            for name, rows in measured.items():
                row = visit(browser, name, asked.photo)
                if turn:  # the first warms both servers
                    rows.append(row)
        browser.close()
    print(f"medians of {asked.rounds} visits with an empty cache")
    for at, measure in enumerate(MEASURES):
        skin, bare = (median(row[at] for row in measured[name]) for name in ("skin", "bare"))
        print(f"{measure:22} skin {skin:10.0f}   bare gr.Interface {bare:10.0f}   ratio {skin / bare:.2f}")


if __name__ == "__main__":
    main()
