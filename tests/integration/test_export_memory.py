"""Exports hold a bounded part of the labels in memory."""

import json
import resource
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from skin.datasets.formats import Format, export
from tests.unit.labels import make_record
from tests.unit.test_dataset_formats import FACE

ROOT = Path(__file__).resolve().parents[2]
LABELS = 20_000
NOTE = "x" * 2000  # 40 MB of text in all, and no masks: packing those takes minutes, not memory
LIMIT_BYTES = 48_000_000


@pytest.mark.parametrize("kind", Format)
def test_an_export_of_many_labels_stays_small_in_memory(kind: Format) -> None:
    command = [sys.executable, "-m", "tests.integration.test_export_memory", kind.value]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    sent, grown = json.loads(done.stdout)
    assert sent > (LABELS * len(NOTE) if kind in (Format.JSON_LINES, Format.COCO, Format.CSV) else 100_000)
    assert grown < LIMIT_BYTES


def peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    first = make_record(FACE.model_copy(update={"note": NOTE, "regions": ()}))
    records = (replace(first, item_id=f"10000000-0000-0000-0000-{n // 3:012d}") for n in range(LABELS))
    before = peak_bytes()
    pieces = export(Format(sys.argv[1]), records, lambda _: b"\xff\xd8 a picture", title="many").pieces
    sys.stdout.write(json.dumps([sum(map(len, pieces)), peak_bytes() - before]))
