"""The Hugging Face folder is what the real `datasets` library loads."""

import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml
from PIL import Image

from skin.annotation.labels import Label
from skin.datasets.hub import build_card, write_hub
from skin.datasets.record import LabelKind, Split
from tests.unit.labels import make_record
from tests.unit.test_dataset_formats import FACE

SUPPORT = {"monk": {"answers": 3, "confidence": 0.75}}
LOAD = """
import json, sys
import datasets
datasets.disable_progress_bars()
loaded = datasets.load_dataset(sys.argv[1], cache_dir=sys.argv[2])
told = {split: [{k: v for k, v in row.items() if k != "image"} | {"size": row["image"].size} for row in rows]
        for split, rows in loaded.items()}
print(json.dumps({"rows": told, "features": next(iter(loaded.values())).features._to_yaml_list()}))
"""


def jpeg(item_id: str) -> bytes | None:
    buffer = io.BytesIO()
    Image.new("RGB", (64, 64), (200, 150, int(item_id[-1]) * 20)).save(buffer, "JPEG")
    return None if item_id.endswith("4") else buffer.getvalue()


@pytest.fixture(scope="module")
def archive() -> bytes:
    records = [
        make_record(FACE, item=1, number=1, split=Split.TRAIN),
        make_record(FACE, item=1, number=2, split=Split.TRAIN, kind=LabelKind.CONSENSUS, support=SUPPORT),
        make_record(Label(monk=2), item=2, number=3, split=Split.TEST),
        make_record(Label(monk=3), item=3, number=4, split=Split.TRAIN),
        make_record(Label(monk=3), item=4, number=5, split=Split.TRAIN),
    ]
    return b"".join(write_hub(records, jpeg, title="Spring"))


def test_the_folder_holds_pictures_tables_and_a_card(archive: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        assert opened.testzip() is None
        names = sorted(name.replace("10000000-0000-0000-0000-00000000000", "") for name in opened.namelist())
        card = opened.read("README.md").decode()
    assert names == [
        *("README.md", "data/test/2.jpg", "data/test/metadata.parquet"),
        *("data/train/1.jpg", "data/train/3.jpg", "data/train/metadata.parquet"),
    ]
    assert card == build_card("Spring", ["test", "train"])
    assert yaml.safe_load(card.split("---")[1])["pretty_name"] == "Spring"


def test_the_real_library_loads_it(archive: bytes, tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        opened.extractall(tmp_path / "faces")
    offline = dict(os.environ, HF_HUB_OFFLINE="1", HF_HOME=str(tmp_path / "home"))
    command = [sys.executable, "-c", LOAD, str(tmp_path / "faces"), str(tmp_path / "cache")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=offline)
    assert done.returncode == 0, done.stderr[-2000:]
    told = yaml.safe_load(done.stdout.splitlines()[-1])
    train, test = told["rows"]["train"], told["rows"]["test"]
    assert [len(train), len(test)] == [2, 1]
    assert train[0]["size"] == [64, 64]
    assert [(one["kind"], one["monk"]) for one in train[0]["labels"]] == [("answer", 6), ("consensus", 6)]
    assert train[0]["labels"][1]["support"]["monk"] == SUPPORT["monk"]
    assert train[0]["labels"][0]["regions"][0]["xyxy_norm"] == [0.25, 0.5, 0.5, 0.75]
    card = build_card("Spring", ["train", "test"])
    assert told["features"] == yaml.safe_load(card.split("---")[1])["dataset_info"]["features"]
