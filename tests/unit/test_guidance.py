"""The files that the guide runs on, and how they are sent."""

import gzip
import hashlib
import json
import re
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from skin.ui.guidance import CHECKS, Guidance, build_guide_routes, build_rules, load_guidance
from skin.ui.render import ASSETS, read_asset
from skin.ui.scan import read_words
from skin.vision.quality import LIMITS
from skin.vision.web_bundle import build_bundle
from skin.web.errors import install_error_handlers

RUNTIME = ASSETS / "runtime"


@pytest.fixture(scope="module")
def guidance() -> Guidance:
    return load_guidance()


@pytest.fixture
def client(guidance: Guidance) -> TestClient:
    app = FastAPI()
    install_error_handlers(app)
    app.include_router(build_guide_routes(guidance))
    return TestClient(app)


def read_runtime(name: str) -> bytes:
    content = (RUNTIME / name).read_bytes()
    return gzip.decompress(content) if name.endswith(".gz") else content


def test_the_runtime_is_what_its_table_says_and_no_file_is_large() -> None:
    rows = dict(re.findall(r"^\| `([^`]+)` .* `(\w{64})` \|$", (RUNTIME / "README.md").read_text(), re.MULTILINE))
    assert set(rows) == {path.name for path in RUNTIME.iterdir()} - {"README.md"}
    assert {name: hashlib.sha256(read_runtime(name)).hexdigest() for name in rows} == rows
    assert all(path.stat().st_size < 20_000_000 for path in RUNTIME.iterdir())


def test_the_models_are_those_of_the_wheel(tmp_path: Path) -> None:
    build_bundle(tmp_path / "face.task")
    assert (tmp_path / "face.task").read_bytes() == read_runtime("face.task")


def test_nothing_of_it_names_an_outside_host() -> None:
    named = {host for path in RUNTIME.iterdir() for host in re.findall(rb"https?://([\w.-]+)", read_runtime(path.name))}
    assert named <= {b"github.com", b"www.tensorflow.org", b"go", b"goto"}, "hints in error messages, and nothing else"


def test_files_are_kept_by_browsers_for_good_and_sent_compressed(client: TestClient, guidance: Guidance) -> None:
    for name, packed in guidance.files.items():
        answer = client.get(guidance.address + name)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["content-encoding"] == "gzip"
        assert int(answer.headers["content-length"]) == len(packed)
        plain = client.get(guidance.address + name, headers={"accept-encoding": "identity"})
        assert "content-encoding" not in plain.headers
        assert plain.content == answer.content == gzip.decompress(packed)


@pytest.mark.parametrize("name", ["worker.js", "vision_bundle.mjs"])
def test_scripts_are_sent_as_scripts(client: TestClient, guidance: Guidance, name: str) -> None:
    assert client.get(guidance.address + name).headers["content-type"].startswith("text/javascript")


@pytest.mark.parametrize("path", ["/guide/0123456789abcdef/guide.js", "{base}missing.js", "{base}README.md"])
def test_other_addresses_lead_nowhere(client: TestClient, guidance: Guidance, path: str) -> None:
    assert client.get(path.format(base=guidance.address)).status_code == 404


def test_the_address_changes_with_any_file(guidance: Guidance) -> None:
    changed = Guidance({**guidance.files, "rules.json": gzip.compress(b"{}")})
    assert changed.address != guidance.address


def test_the_rules_are_the_limits_of_the_gate() -> None:
    rules = json.loads(json.dumps(build_rules(), allow_nan=False))
    for limit in LIMITS:
        good = rules["limits"][limit.name]["good"]
        assert tuple(float("inf") if end is None else end for end in good) == limit.good


def test_every_check_has_its_place_on_the_page_and_every_hint_its_sentence() -> None:
    assert re.findall(r'\("(\w+)", _\("[^"]+"\)\)', read_asset("capture.html")) == list(CHECKS)
    sentences = read_words()["guide"]
    judging = read_asset("guide/judge.js") + read_asset("guide/guide.js")
    hints = set(re.findall(r'"(no_face|many_faces|closer|back|centre|good)"', judging))
    assert hints | {name for limits in CHECKS.values() for name in limits} <= set(sentences)
    assert all(sentences.values())


def test_no_sentence_stands_in_a_script() -> None:
    for script in ("capture.js", "guide/guide.js", "guide/judge.js", "guide/worker.js", "guide/measure.js"):
        code = re.sub(r"//.*|console\.\w+\(.*", "", read_asset(script))
        assert not re.search(r'["`][A-Z][a-z]+ [a-z]+', code), script
