"""The examples of the README and of docs/api.md do what they say, against a running server."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import LiveServer

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = (ROOT / "README.md").read_text() + (ROOT / "docs" / "api.md").read_text()
ADDRESS = "http://127.0.0.1:7860"


def example(language: str, with_text: str) -> str:
    blocks = re.findall(rf"```{language}\n(.*?)```", EXAMPLES, re.DOTALL)
    return next(block for block in blocks if with_text in block)


def run(command: list[str], folder: Path) -> str:
    environment = dict(os.environ, PATH=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    done = subprocess.run(
        command, check=False, cwd=folder, env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def folder(tmp_path: Path, astronaut_png: bytes) -> Path:
    (tmp_path / "face.png").write_bytes(astronaut_png)
    return tmp_path


def test_the_curl_example_ends_in_a_result(live_server: LiveServer, folder: Path) -> None:
    script = example("bash", "curl").replace(ADDRESS, live_server.url)
    printed = run(["bash", "-euo", "pipefail", "-c", script], folder)
    result = json.loads(printed[printed.rindex('{"scan_id"') :])
    assert result["status"] == "completed"
    assert result["skin_tone"]["ita_deg"] is not None


def test_the_gradio_client_example_prints_the_tone(live_server: LiveServer, folder: Path) -> None:
    printed = run([sys.executable, "-c", example("python", "gradio_client").replace(ADDRESS, live_server.url)], folder)
    assert re.fullmatch(r"\d+ -?\d+\.?\d*\n", printed)


def test_the_mcp_example_prints_the_tone(live_server: LiveServer, tmp_path: Path, astronaut_jpeg: bytes) -> None:
    (tmp_path / "face.jpg").write_bytes(astronaut_jpeg)
    printed = run(
        [sys.executable, "-c", example("python", "ClientSession").replace(ADDRESS, live_server.url)], tmp_path
    )
    assert re.fullmatch(r"\d+\n", printed)
