"""COCO: the pictures, every region as an annotation, and the grades beside them."""

from collections.abc import Iterable, Iterator
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import IO, Any

import orjson

from skin.core.concerns import Concern
from skin.datasets import mask as masks
from skin.datasets.columns import ANSWER_COLUMNS, flatten_answer
from skin.datasets.record import Record, batches

POINT_PX = 8  # the side of the box that stands for a point
SPOOL_BYTES = 1024 * 1024
CHUNK_BYTES = 1024 * 1024
CATEGORY_IDS = {concern.value: number for number, concern in enumerate(Concern, start=1)}
CATEGORIES = [
    {"id": number, "name": name, "supercategory": "skin", "keypoints": ["point"], "skeleton": []}
    for name, number in CATEGORY_IDS.items()
]


def write_coco(records: Iterable[Record]) -> Iterator[bytes]:
    """One COCO file, in pieces; annotations and grades wait in files, not in memory, until all pictures are named.

    The records of a picture must follow one another.
    """
    with SpooledTemporaryFile(SPOOL_BYTES) as annotations, SpooledTemporaryFile(SPOOL_BYTES) as labels:
        book = _Book(annotations, labels)
        yield b'{"info":{"description":"skin","version":"labels.v1"},"categories":' + orjson.dumps(CATEGORIES)
        yield b',"images":['
        for batch in batches(records):
            yield b"".join(map(book.enter, batch))
        yield b'],"licenses":' + orjson.dumps(book.list_licences())
        yield b',"annotations":['
        yield from _read_back(annotations)
        yield b'],"labels":['
        yield from _read_back(labels)
        yield b"]}"


class _Book:
    """Numbers pictures, annotations and licences while records come by."""

    def __init__(self, annotations: IO[bytes], labels: IO[bytes]) -> None:
        self._files = {"annotations": annotations, "labels": labels}
        self._counts = {"annotations": 0, "labels": 0, "images": 0}
        self._licences: dict[str, int] = {}
        self._item_id: str | None = None

    def enter(self, record: Record) -> bytes:
        """The picture's entry when it is a new one; the label's parts go to their files."""
        image = b""
        if record.item_id != self._item_id:
            self._item_id = record.item_id
            self._counts["images"] += 1
            image = (b"," if self._counts["images"] > 1 else b"") + orjson.dumps(self._image(record))
        label_id = self._write("labels", self._label(record))
        for region in record.label.get("regions") or ():
            size_hw = (record.height, record.width)
            self._write("annotations", self._annotation(region, size_hw) | {"label_id": label_id, **_said_by(record)})
        return image

    def list_licences(self) -> list[dict[str, Any]]:
        return [{"id": number, "name": name, "url": ""} for name, number in self._licences.items()]

    def _image(self, record: Record) -> dict[str, Any]:
        licence = self._licences.setdefault(record.licence, len(self._licences) + 1)
        place = {"id": self._counts["images"], "file_name": record.picture, "license": licence}
        size = {"width": record.width, "height": record.height}
        about = ("item_id", "sha256", "person", "source", "evaluation_only", "split")
        return place | size | {name: getattr(record, name) for name in about}

    def _label(self, record: Record) -> dict[str, Any]:
        answer = flatten_answer(record.label)
        graded = {name: answer[name] for name in ANSWER_COLUMNS if name != "regions"}
        told = ("label_id", "task", "mode", "suggestion_shown", "seconds_spent", "made_by", "created_at")
        return (
            {"image_id": self._counts["images"], "uuid": record.label_id}
            | {name: getattr(record, name) for name in told[1:]}
            | _said_by(record)
            | graded
        )

    def _annotation(self, region: dict[str, Any], size_hw: tuple[int, int]) -> dict[str, Any]:
        shape = _SHAPES[region["kind"]](region, size_hw)
        rest = {"image_id": self._counts["images"], "category_id": CATEGORY_IDS[region["concern"]], "iscrowd": 0}
        return rest | {"shape": region["kind"], "origin": region.get("origin", "annotator")} | shape

    def _write(self, part: str, entry: dict[str, Any]) -> int:
        self._counts[part] += 1
        number = self._counts[part]
        self._files[part].write((b"," if number > 1 else b"") + orjson.dumps({"id": number} | entry))
        return number


def _said_by(record: Record) -> dict[str, Any]:
    return {"kind": record.kind, "annotator": record.annotator}


def _box(region: dict[str, Any], size_hw: tuple[int, int]) -> dict[str, Any]:
    height, width = size_hw
    left, top, right, bottom = region["xyxy_norm"]
    box = [left * width, top * height, (right - left) * width, (bottom - top) * height]
    return {"bbox": box, "area": box[2] * box[3], "segmentation": []}


def _point(region: dict[str, Any], size_hw: tuple[int, int]) -> dict[str, Any]:
    """A keypoint, and a small box around it for programs that want one."""
    height, width = size_hw
    x, y = region["xy_norm"][0] * width, region["xy_norm"][1] * height
    left, top = max(0.0, x - POINT_PX / 2), max(0.0, y - POINT_PX / 2)
    box = [left, top, min(width, x + POINT_PX / 2) - left, min(height, y + POINT_PX / 2) - top]
    keypoint = {"keypoints": [x, y, 2], "num_keypoints": 1}
    return {"bbox": box, "area": box[2] * box[3], "segmentation": [], **keypoint}


def _mask(region: dict[str, Any], size_hw: tuple[int, int]) -> dict[str, Any]:
    mask = masks.resize(region["mask"], size_hw)
    run_lengths = {"size": mask["size_hw"], "counts": mask["counts"]}
    return {"bbox": masks.box_xywh_px(mask), "area": masks.area_px(mask), "segmentation": run_lengths}


_SHAPES = {"box": _box, "point": _point, "mask": _mask}


def _read_back(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    return iter(partial(file.read, CHUNK_BYTES), b"")
