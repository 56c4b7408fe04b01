"""Whatever a label says comes out of every format as it went in, as those formats' own readers read it."""

import csv
import io
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import numpy as np
import pyarrow.parquet as pq
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO

from skin.annotation.labels import Label
from skin.annotation.mask import draw, resize, trace
from skin.config import ROOT
from skin.core.concerns import Concern
from skin.datasets import mask as masks
from skin.datasets.coco import write_coco
from skin.datasets.columns import COLUMNS, GRADE_COLUMNS, ZONE_COLUMNS
from skin.datasets.found import Found, Unreadable, read_json_lines
from skin.datasets.parquet import write_parquet
from skin.datasets.record import LabelKind, Record, restore, write_line
from skin.datasets.sheet import LISTS, guard, write_csv, write_row
from skin.datasets.studio import write_label_studio
from skin.datasets.studio_config import build_config
from skin.datasets.studio_reader import read_label_studio
from tests.unit.labels import labels, make_record, texts
from tests.unit.labels import masks as any_masks

WORDS = yaml.safe_load((ROOT / "data" / "scales" / "labels.v1.yaml").read_text())
CONFIG = build_config(WORDS)
several = settings(max_examples=30, deadline=None)
FACE = Label.model_validate(
    {
        "skin_type": "oily",
        "monk": 6,
        "concerns": {concern.value: {"grade": 1, "zones": ["chin"]} for concern in Concern},
        "regions": [
            {"kind": "box", "concern": "acne", "xyxy_norm": [0.25, 0.5, 0.5, 0.75]},
            {"kind": "point", "concern": "acne", "xy_norm": [0.5, 0.5], "origin": "machine"},
            {"kind": "mask", "concern": "redness", "mask": {"size_hw": [4, 4], "counts": [5, 2, 2, 2, 5]}},
        ],
        "note": 'Zwei, drei; "vier"',
    }
)


def rebuild(row: dict[str, Any]) -> Label:
    """The label of a flat row."""
    concerns = {
        name: {"grade": row[name], "zones": row[zones]}
        for name, zones in zip(GRADE_COLUMNS, ZONE_COLUMNS, strict=True)
        if row[name] is not None or row[zones]
    }
    plain = ("schema_version", "skin_type", "monk", "monk_second", "quality_flags", "sure", "note", "regions")
    return Label.model_validate({name: row[name] for name in plain} | {"concerns": concerns})


@several
@given(labels, texts)
def test_json_lines_keep_a_record_whole(label: Label, source: str) -> None:
    record = make_record(label, source=source)
    assert restore(write_line(record)) == record
    (found,) = read_json_lines([write_line(record)])
    assert isinstance(found, Found)
    assert (found.label, found.annotator, found.seconds_spent) == (label, record.annotator, 12.5)


def test_a_line_is_the_same_whatever_the_order_of_its_keys() -> None:
    label = FACE.model_dump(mode="json")
    turned = dict(reversed(list(label.items())))
    assert write_line(make_record(FACE)) == write_line(replace(make_record(FACE), label=turned))


def test_a_bad_line_is_told_with_its_number_and_the_others_are_read() -> None:
    good = write_line(make_record(FACE))
    wrong = good.replace(b'"monk":6', b'"monk":16')
    first, second, third, fourth = read_json_lines([good, wrong, b"\n", b"{not json\n", good])
    assert isinstance(first, Found)
    assert isinstance(second, Unreadable)
    assert (second.where, "monk" in second.why, "16" in second.why) == ("line 2", True, False)
    assert isinstance(third, Unreadable)
    assert third.where == "line 4"
    assert isinstance(fourth, Found)


def read_csv(data: bytes) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = list(csv.DictReader(io.StringIO(data.decode(), newline="")))
    for row in rows:
        for name in LISTS:
            row[name] = row[name].split()
        for name in (*GRADE_COLUMNS, "monk", "monk_second", "sure"):
            row[name] = int(row[name]) if row[name] else None
        row["regions"] = json.loads(row["regions"] or "[]")
        row["skin_type"] = row["skin_type"] or None
        row["note"] = row["note"].removeprefix("'") if guard(row["note"]) != row["note"] else row["note"]
    return rows


@several
@given(st.lists(labels, max_size=3))
def test_csv_keeps_labels(said: list[Label]) -> None:
    rows = read_csv(b"".join(write_csv(make_record(label, item=n) for n, label in enumerate(said))))
    assert [rebuild(row) for row in rows] == said


fields = st.none() | st.booleans() | st.integers() | st.floats() | st.text("ab ,\"'\r\n", max_size=6)


@given(st.lists(fields, min_size=2, max_size=6))
def test_a_line_of_csv_is_the_one_that_the_library_writes(row: list[Any]) -> None:
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerow(row)
    assert write_row(row) == buffer.getvalue()


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "'quoted"])
def test_csv_gives_a_spreadsheet_no_formula(text: str) -> None:
    (row,) = csv.DictReader(io.StringIO(b"".join(write_csv([make_record(FACE, source=text)])).decode(), newline=""))
    assert row["source"] == f"'{text}"


@several
@given(st.lists(labels, max_size=3))
def test_parquet_keeps_labels(said: list[Label]) -> None:
    data = b"".join(write_parquet(make_record(label, item=n) for n, label in enumerate(said)))
    table = pq.read_table(io.BytesIO(data))
    assert tuple(table.column_names) == COLUMNS
    rows = table.to_pylist()
    for row in rows:
        row["regions"] = [{k: v for k, v in region.items() if v is not None} for region in row["regions"]]
    assert [rebuild(row) for row in rows] == said


def test_parquet_is_read_by_pandas() -> None:
    import pandas as pd

    frame = pd.read_parquet(io.BytesIO(b"".join(write_parquet([make_record(FACE)] * 3))))
    assert frame["monk"].tolist() == [6, 6, 6]
    assert frame["acne_zones"].iloc[0].tolist() == ["chin"]


@several
@given(any_masks())
def test_masks_are_what_pycocotools_decodes(mask: dict[str, Any]) -> None:
    drawn = draw(mask)
    height, width = mask["size_hw"]
    theirs = coco_mask.frPyObjects({"size": [height, width], "counts": mask["counts"]}, height, width)
    assert np.array_equal(coco_mask.decode(theirs), drawn)
    assert trace(drawn) == mask
    assert masks.area_px(mask) == coco_mask.area(theirs)
    assert masks.box_xywh_px(mask) == coco_mask.toBbox(theirs).tolist()


@several
@given(any_masks(), st.integers(0, 50), st.integers(0, 50))
def test_a_mask_made_larger_and_small_again_is_the_same(mask: dict[str, Any], more_rows: int, more: int) -> None:
    size = (mask["size_hw"][0] + more_rows, mask["size_hw"][1] + more)
    assert resize(resize(mask, size), tuple(mask["size_hw"])) == mask


@pytest.fixture
def load_coco(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    def load(records: list[Record]) -> COCO:
        (tmp_path / "coco.json").write_bytes(b"".join(write_coco(records)))
        return COCO(str(tmp_path / "coco.json"))

    return load


def test_coco_is_read_by_pycocotools(load_coco: Any) -> None:
    small = {"width": 64, "height": 32}
    coco = load_coco([make_record(FACE, item=item, number=item, **small) for item in (1, 1, 2)])
    assert {cat["name"] for cat in coco.loadCats(coco.getCatIds())} == {concern.value for concern in Concern}
    assert [(image["width"], image["height"]) for image in coco.dataset["images"]] == [(64, 32), (64, 32)]
    box, point, mask = coco.loadAnns(coco.getAnnIds(imgIds=[2]))
    assert (box["bbox"], box["category_id"]) == ([16.0, 16.0, 16.0, 8.0], 1)
    assert (point["keypoints"], point["bbox"], point["origin"]) == ([32.0, 16.0, 2], [28.0, 12.0, 8.0, 8.0], "machine")
    drawn = coco.annToMask(mask)
    assert drawn.shape == (32, 64)
    assert drawn.sum() == mask["area"] == 4 * 8 * 16
    assert coco.dataset["labels"][2]["monk"] == 6
    assert mask["label_id"] == coco.dataset["labels"][2]["id"]


@several
@given(st.lists(labels, max_size=3))
def test_coco_keeps_grades_and_regions(said: list[Label]) -> None:
    size = {"width": 1000, "height": 1000}
    data = json.loads(b"".join(write_coco(make_record(label, item=n, **size) for n, label in enumerate(said))))
    assert len(data["images"]) == len(said)
    kinds = {category["id"]: category["name"] for category in data["categories"]}
    for label, told in zip(said, data["labels"], strict=True):
        assert rebuild(told | {"regions": []}) == label.model_copy(update={"regions": ()})
        regions = [one for one in data["annotations"] if one["label_id"] == told["id"]]
        for region, entry in zip(label.regions, regions, strict=True):
            assert (entry["shape"], kinds[entry["category_id"]]) == (region.kind, region.concern)
            if region.kind == "box":
                x, y, width, height = entry["bbox"]
                assert (x, y, x + width, y + height) == pytest.approx([1000 * share for share in region.xyxy_norm])
            elif region.kind == "point":
                assert entry["keypoints"][:2] == pytest.approx([1000 * share for share in region.xy_norm])
            else:
                run_lengths = {"size_hw": entry["segmentation"]["size"], "counts": entry["segmentation"]["counts"]}
                small = resize(run_lengths, region.mask.size_hw)
                assert small == region.mask.model_dump(mode="json")


@several
@given(st.lists(labels, max_size=3))
def test_label_studio_keeps_labels(said: list[Label]) -> None:
    records = [make_record(label, item=n, number=n, width=64, height=64) for n, label in enumerate(said)]
    found = list(read_label_studio(b"".join(write_label_studio(records))))
    assert [one.label for one in found if isinstance(one, Found)] == said
    assert [one.sha256 for one in found if isinstance(one, Found)] == [record.sha256 for record in records]


@pytest.mark.parametrize("kind", LabelKind)
def test_label_studio_keeps_peoples_and_the_machines_word_apart(kind: LabelKind) -> None:
    annotator = "f3a9" if kind is LabelKind.ANSWER else None
    record = make_record(FACE, kind=kind, annotator=annotator, made_by="m.v1")
    (task,) = json.loads(b"".join(write_label_studio([record])))
    is_machine = kind in (LabelKind.PREDICTION, LabelKind.CONSENSUS)
    assert (len(task["annotations"]), len(task["predictions"])) == ((0, 1) if is_machine else (1, 0))
    (found,) = read_label_studio(json.dumps(task).encode())
    assert isinstance(found, Found)
    assert found.kind is kind


def test_a_label_studio_result_that_we_cannot_keep_is_told_with_its_place() -> None:
    (task,) = json.loads(b"".join(write_label_studio([make_record(FACE)])))
    task["annotations"][0]["result"][0]["value"]["rotation"] = 30
    broken = task | {"annotations": [{"result": [{"from_name": "mask", "value": {"rle": [0] * 20}}]}]}
    for one in (task, broken):
        (found,) = read_label_studio(json.dumps([one]).encode())
        assert isinstance(found, Unreadable)
        assert found.where == "task 1, annotation 1"


def test_the_labelling_screen_has_a_choice_for_every_word() -> None:
    view = Xml.fromstring(CONFIG)
    controls = {one.get("name"): [choice.get("value") for choice in one] for one in view if one.get("toName")}
    assert controls["acne"] == ["0", "1", "2", "3"]
    assert controls["box"] == controls["mask"] == [concern.value for concern in Concern]
    assert set(controls["skin_type"]) == set(WORDS["skin_type"])


CONVERT = """
import os, sys
from label_studio_sdk.converter.converter import Converter
config, tasks, out = sys.argv[1:]
for format in ("CSV", "COCO", "BRUSH_TO_NUMPY"):
    os.makedirs(f"{out}/{format}")
    Converter(config, out, download_resources=False).convert(tasks, f"{out}/{format}", format, is_dir=False)
"""


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What Label Studio's own converter makes of our export."""
    folder = tmp_path_factory.mktemp("studio")
    (folder / "config.xml").write_text(CONFIG)
    records = [make_record(FACE, item=item, number=item, width=64, height=32) for item in (1, 2)]
    (folder / "tasks.json").write_bytes(b"".join(write_label_studio(records)))
    command = [sys.executable, "-c", CONVERT, str(folder / "config.xml"), str(folder / "tasks.json"), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


def test_label_studios_converter_reads_our_grades(converted: Path) -> None:
    (file,) = (converted / "CSV").glob("*.csv")
    first, second = csv.DictReader(io.StringIO(file.read_text(), newline=""))
    assert (first["monk"], first["skin_type"], first["acne"], first["note"]) == ("6", "oily", "1", FACE.note)
    assert first["annotator"] == "f3a9c1d2b4e5@raters.invalid"
    assert second["item_id"].endswith("2")


def test_label_studios_converter_makes_the_same_coco_boxes_of_our_export(converted: Path) -> None:
    theirs = json.loads((converted / "COCO" / "result.json").read_text())
    ids = {category["id"]: category["name"] for category in theirs["categories"]}
    boxes = [(ids[one["category_id"]], one["bbox"]) for one in theirs["annotations"] if not one.get("keypoints")]
    assert boxes == [("acne", [16.0, 16.0, 16.0, 8.0])] * 2
    keypoints = [one["keypoints"] for one in theirs["annotations"] if one.get("keypoints")]
    assert [[value for value in one if value] for one in keypoints] == [[32.0, 16.0, 2]] * 2


def test_label_studios_converter_unpacks_our_brush(converted: Path) -> None:
    ours = draw(resize(FACE.model_dump(mode="json")["regions"][2]["mask"], (32, 64)))
    files = sorted((converted / "BRUSH_TO_NUMPY").glob("*redness*.npy"))
    assert len(files) == 2
    assert np.array_equal(np.load(files[0]) > 0, ours)


def test_our_reader_reads_a_brush_that_label_studio_packed(tmp_path: Path) -> None:
    code = (
        "import json, numpy as np; from label_studio_sdk.converter.brush import mask2rle;"
        "rng = np.random.default_rng(1); mask = (rng.random((20, 30)) < 0.4).astype(np.uint8) * 255;"
        "print(json.dumps([mask2rle(mask), (mask > 0).tolist()]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    packed, drawn = json.loads(done.stdout)
    assert np.array_equal(draw(masks.unpack_brush(packed, (20, 30))), np.array(drawn))
