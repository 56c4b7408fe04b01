"""COCO: the pictures, every region as an annotation, and the grades beside them."""

from collections.abc import Iterable, Iterator
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import IO, Any

import orjson

from skin.annotation.mask import resize
from skin.core.concerns import Concern
from skin.datasets import mask as masks
from skin.datasets.columns import ANSWER_COLUMNS, flatten_answer
from skin.datasets.record import BATCH, Record, batches

POINT_PX = 8  # the side of the box that stands for a point
SPOOL_BYTES = 1024 * 1024
CHUNK_BYTES = 1024 * 1024
GRADED_COLUMNS = ANSWER_COLUMNS[: ANSWER_COLUMNS.index("regions")]
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
        for batch in batches(map(book.enter, records)):
            yield b"".join(batch)
        book.finish()
        yield b'],"licenses":' + orjson.dumps(book.list_licences())
        yield b',"annotations":['
        yield from _read_back(annotations)
        yield b'],"labels":['
        yield from _read_back(labels)
        yield b"]}"


class _Book:
    """Numbers pictures, annotations and licences while records come by."""

    def __init__(self, annotations: IO[bytes], labels: IO[bytes]) -> None:
        self._annotations = _Part(annotations)
        self._labels = _Part(labels)
        self._images = 0
        self._licences: dict[str, int] = {}
        self._item_id: str | None = None

    def enter(self, record: Record) -> bytes:
        """The picture's entry when it is a new one; the label's parts go to their files."""
        image = b""
        if record.item_id != self._item_id:
            self._item_id = record.item_id
            self._images += 1
            image = (b"," if self._images > 1 else b"") + orjson.dumps(self._image(record))
        label_id = self._labels.count()
        self._labels.add([self._label(label_id, record)])
        if regions := record.label.get("regions"):
            self._annotations.add([self._annotation(region, record, label_id) for region in regions])
        return image

    def finish(self) -> None:
        """Write what has not been written yet."""
        self._annotations.flush()
        self._labels.flush()

    def list_licences(self) -> list[dict[str, Any]]:
        return [{"id": number, "name": name, "url": ""} for name, number in self._licences.items()]

    def _image(self, record: Record) -> dict[str, Any]:
        licence = self._licences.setdefault(record.licence, len(self._licences) + 1)
        place = {"id": self._images, "file_name": record.picture, "license": licence}
        size = {"width": record.width, "height": record.height}
        about = ("item_id", "sha256", "person", "source", "evaluation_only", "split")
        return place | size | {name: getattr(record, name) for name in about}

    def _label(self, number: int, record: Record) -> dict[str, Any]:
        entry = dict(zip(GRADED_COLUMNS, flatten_answer(record.label), strict=False))
        return {
            "id": number,
            "image_id": self._images,
            "uuid": record.label_id,
            "task": record.task,
            "mode": record.mode,
            "suggestion_shown": record.suggestion_shown,
            "seconds_spent": record.seconds_spent,
            "made_by": record.made_by,
            "created_at": record.created_at,
            "kind": record.kind,
            "annotator": record.annotator,
            "support": record.support,
            "sources": record.sources,
        } | entry

    def _annotation(self, region: dict[str, Any], record: Record, label_id: int) -> dict[str, Any]:
        shape = region["kind"]
        entry = {
            "id": self._annotations.count(),
            "image_id": self._images,
            "category_id": CATEGORY_IDS[region["concern"]],
            "iscrowd": 0,
            "shape": shape,
            "origin": region.get("origin", "annotator"),
        }
        _SHAPES[shape](entry, region, record.height, record.width)
        entry["label_id"] = label_id
        entry["kind"] = record.kind
        entry["annotator"] = record.annotator
        return entry


class _Part:
    """Numbered entries in a file, written some at a time."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._counted = 0
        self._waiting: list[bytes] = []
        self._comma = b""

    def count(self) -> int:
        """The next entry's number."""
        self._counted += 1
        return self._counted

    def add(self, entries: list[dict[str, Any]]) -> None:
        self._waiting.append(orjson.dumps(entries)[1:-1])
        if len(self._waiting) == BATCH:
            self.flush()

    def flush(self) -> None:
        if self._waiting:
            self._file.write(self._comma + b",".join(self._waiting))
            self._waiting.clear()
            self._comma = b","


def _box(entry: dict[str, Any], region: dict[str, Any], height: int, width: int) -> None:
    left, top, right, bottom = region["xyxy_norm"]
    wide, high = (right - left) * width, (bottom - top) * height
    entry["bbox"] = [left * width, top * height, wide, high]
    entry["area"] = wide * high
    entry["segmentation"] = []


def _point(entry: dict[str, Any], region: dict[str, Any], height: int, width: int) -> None:
    """A keypoint, and a small box around it for programs that want one."""
    x, y = region["xy_norm"]
    x, y = x * width, y * height
    left, top = max(0.0, x - POINT_PX / 2), max(0.0, y - POINT_PX / 2)
    wide, high = min(width, x + POINT_PX / 2) - left, min(height, y + POINT_PX / 2) - top
    entry["bbox"] = [left, top, wide, high]
    entry["area"] = wide * high
    entry["segmentation"] = []
    entry["keypoints"] = [x, y, 2]
    entry["num_keypoints"] = 1


def _mask(entry: dict[str, Any], region: dict[str, Any], height: int, width: int) -> None:
    mask = resize(region["mask"], (height, width))
    entry["bbox"] = masks.box_xywh_px(mask)
    entry["area"] = masks.area_px(mask)
    entry["segmentation"] = {"size": mask["size_hw"], "counts": mask["counts"]}


_SHAPES = {"box": _box, "point": _point, "mask": _mask}


def _read_back(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    return iter(partial(file.read, CHUNK_BYTES), b"")
