"""Datasets over REST, and as commands."""

import csv
import hashlib
import io
import json
import zipfile
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from skin.annotation.labels import Label
from skin.datasets.formats import MEDIA_TYPES, Format
from tests.conftest import LiveServer
from tests.integration.labelled import portrait
from tests.integration.shell import Run
from tests.integration.test_annotation_rest import BASE, LABEL, add_pictures, submit, take
from tests.integration.test_rest import assert_problem


@pytest.fixture(scope="module")
def admin(quick_server: LiveServer) -> httpx.Client:
    return quick_server.hire("admin")


@pytest.fixture(scope="module")
def answered(quick_server: LiveServer, admin: httpx.Client) -> str:
    """A project of three pictures, all of them answered once."""
    project_id: str = admin.post(f"{BASE}/projects", json={"name": uuid4().hex}).raise_for_status().json()["id"]
    add_pictures(admin, project_id, 3)
    task = take(admin, project_id)
    while task is not None:
        task = submit(admin, task)
    return project_id


def test_a_snapshot_is_made_listed_and_sent_in_every_format(admin: httpx.Client, answered: str) -> None:
    made = admin.post(f"{BASE}/projects/{answered}/snapshots", json={"seed": 2})
    assert made.status_code == 201, made.text
    manifest = made.json()
    assert (manifest["lines"], manifest["counts"]["kinds"], manifest["erased_lines"]) == (3, {"answer": 3}, 0)
    assert admin.get(f"{BASE}/projects/{answered}/snapshots").json() == {"snapshots": [manifest]}
    sent = {
        kind: admin.get(f"{BASE}/snapshots/{manifest['id']}/export", params={"format": kind.value}).raise_for_status()
        for kind in Format
    }
    for kind, answer in sent.items():
        assert answer.headers["content-type"] == MEDIA_TYPES[kind]
        assert answer.headers["content-disposition"].startswith("attachment")
    assert hashlib.sha256(sent[Format.JSON_LINES].content).hexdigest() == manifest["sha256"]
    rows = list(csv.DictReader(io.StringIO(sent[Format.CSV].text, newline="")))
    assert [row["monk"] for row in rows] == ["4", "4", "4"]
    assert len(sent[Format.COCO].json()["images"]) == len(sent[Format.LABEL_STUDIO].json()) == 3
    assert sent[Format.PARQUET].content[:4] == sent[Format.PARQUET].content[-4:] == b"PAR1"
    with zipfile.ZipFile(io.BytesIO(sent[Format.HUGGING_FACE].content)) as archive:
        assert sum(name.endswith(".jpg") for name in archive.namelist()) == 3


def test_labels_are_taken_in_and_the_bad_ones_named(admin: httpx.Client, answered: str) -> None:
    snapshot = admin.post(f"{BASE}/projects/{answered}/snapshots").json()["id"]
    tasks = admin.get(f"{BASE}/snapshots/{snapshot}/export", params={"format": "label_studio"}).json()
    tasks[0]["annotations"][0]["result"] = [{"from_name": "monk", "value": {"choices": ["11"]}}]
    answer = admin.post(
        f"{BASE}/projects/{answered}/labels",
        params={"format": "label_studio"},
        files={"file": ("tasks.json", json.dumps(tasks))},
    ).raise_for_status()
    told = answer.json()
    assert (told["added"], told["known"], [one["where"] for one in told["refused"]]) == (
        0,
        2,
        ["task 1, annotation 1"],
    )


def test_near_duplicates_can_be_asked_for(admin: httpx.Client, answered: str) -> None:
    found = admin.get(f"{BASE}/projects/{answered}/near-duplicates", params={"bits": 0}).raise_for_status().json()
    assert found["cut_off"] is False


def test_what_is_not_there_or_not_allowed_is_a_problem(
    quick_server: LiveServer, admin: httpx.Client, answered: str
) -> None:
    missing = admin.get(f"{BASE}/snapshots/{uuid4()}/export", params={"format": "csv"})
    assert_problem(missing, 404, "snapshot_not_found")
    assert_problem(admin.get(f"{BASE}/snapshots/{uuid4()}/export", params={"format": "xml"}), 422, "invalid_request")
    unequal = {"shares": {"train": 0.9, "test": 0.9}}
    assert_problem(admin.post(f"{BASE}/projects/{answered}/snapshots", json=unequal), 422, "invalid_request")
    annotator = quick_server.hire("annotator")
    assert_problem(annotator.post(f"{BASE}/projects/{answered}/snapshots"), 403, "not_permitted")
    assert_problem(annotator.get(f"{BASE}/projects/{answered}/snapshots"), 403, "not_permitted")
    guest = quick_server.sign_up()
    assert_problem(guest.get(f"{BASE}/projects/{answered}/near-duplicates"), 403, "not_permitted")


def test_pictures_ratings_and_labels_go_in_and_out_by_command(
    run: Run,
    tmp_path: Path,
    astronaut_png: bytes,
) -> None:
    folder = tmp_path / "faces"
    folder.mkdir()
    (folder / "001.png").write_bytes(astronaut_png)
    (folder / "002.png").write_bytes(portrait(1))
    names = ",".join(LABEL["concerns"])  # type: ignore[arg-type]
    (tmp_path / "ratings.csv").write_text(f"rater,id,monk,skin_type,{names}\nA,001,4,oily{',1' * 10}\nA,002,4,oily\n")
    who = ("faces", "--admin", "ada@example.org")
    run("user", "ada@example.org", "--create", "--role", "admin", typed="correct horse battery\n")
    assert run("import", *who).stderr.startswith("project_not_found")
    pictures = ("--pictures", str(folder), "--ratings", str(tmp_path / "ratings.csv"))
    first = run("import", *who, "--create", *pictures, "--evaluation-only")
    assert "Pictures: 1 added, 1 not.\nLabels: 1 added, 0 known already, 0 left, 1 refused." in first.stdout
    assert "002.png: no_face" in first.stderr
    assert "line 3: there is no picture 002" in first.stderr
    again = run("import", *who, *pictures)
    assert "Labels: 0 added, 1 known already" in again.stdout
    out = tmp_path / "faces.jsonl"
    assert run("export", *who, "--out", str(out)).returncode == 0
    lines = [json.loads(line) for line in out.read_bytes().splitlines()]
    (answer,) = (line for line in lines if line["kind"] == "answer")
    assert answer["evaluation_only"] is True
    assert Label.model_validate(answer["label"]).monk == 4
    back = run("import", *who, "--labels", str(out))
    assert back.stdout.startswith("Labels: 0 added, 1 known already"), back.stderr
    assert run("export", *who, "--out", str(out), "--kinds", "consensus").returncode == 0
    together = [json.loads(line) for line in out.read_bytes().splitlines()]
    assert [(line["made_by"], line["label"]["monk"]) for line in together] == [("median", 4), ("rater_model", 4)]
    assert "1 added" not in (left := run("import", *who, "--labels", str(out)).stdout)
    assert "2 left" in left
    assert run("export", *who, "--out", str(out), "--snapshot", "7").stderr.startswith("snapshot_not_found")
