"""Label Studio's JSON: one task a picture, people's labels as its annotations, the machine's as its predictions."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

import orjson

from skin.annotation.mask import resize
from skin.core.concerns import Concern
from skin.datasets import mask as masks
from skin.datasets.record import LabelKind, Record
from skin.datasets.studio_config import IMAGE, point_value, zones_name

RATERS_DOMAIN = "raters.invalid"  # RFC 2606: an address that can never be anybody's
DATA_FIELDS = ("item_id", "sha256", "person", "source", "licence", "evaluation_only", "split")
META_FIELDS = ("kind", "task", "mode", "suggestion_shown")
CONSENSUS = "consensus: "


def write_label_studio(records: Iterable[Record]) -> Iterator[bytes]:
    """One JSON array, a task a piece; the records of a picture must follow one another."""
    numbers = _Numbers()
    yield b"["
    for number, (_, labels) in enumerate(groupby(records, key=lambda record: record.item_id), start=1):
        yield (b",\n" if number > 1 else b"") + orjson.dumps(_task(number, list(labels), numbers))
    yield b"]\n"


class _Numbers:
    """Whole numbers for annotations and annotators, since Label Studio wants such."""

    def __init__(self) -> None:
        self._people: dict[str, int] = {}
        self._annotations = 0

    def of_person(self, name: str) -> int:
        return self._people.setdefault(name, len(self._people) + 1)

    def next_annotation(self) -> int:
        self._annotations += 1
        return self._annotations


def _task(number: int, labels: list[Record], numbers: _Numbers) -> dict[str, Any]:
    first = labels[0]
    data = {IMAGE: first.picture} | {name: getattr(first, name) for name in DATA_FIELDS}
    annotations, predictions = [], []
    for record in labels:
        if record.kind in (LabelKind.CONSENSUS, LabelKind.PREDICTION):
            predictions.append(_prediction(record))
        else:
            annotations.append(_annotation(record, numbers))
    return {"id": number, "data": data, "annotations": annotations, "predictions": predictions}


def _annotation(record: Record, numbers: _Numbers) -> dict[str, Any]:
    name = record.annotator or record.kind.value
    return {
        "id": numbers.next_annotation(),
        "unique_id": record.label_id,
        "completed_by": {"id": numbers.of_person(name), "email": f"{name}@{RATERS_DOMAIN}"},
        "was_cancelled": False,
        "ground_truth": record.kind in (LabelKind.FINAL, LabelKind.GOLD),
        "lead_time": record.seconds_spent,
        "created_at": record.created_at,
        "updated_at": record.created_at,
        "meta": {field: getattr(record, field) for field in META_FIELDS},
        "result": build_result(record.label, (record.height, record.width)),
    }


def _prediction(record: Record) -> dict[str, Any]:
    prefix = CONSENSUS if record.kind is LabelKind.CONSENSUS else ""
    result = build_result(record.label, (record.height, record.width))
    return {"model_version": prefix + (record.made_by or ""), "created_at": record.created_at, "result": result}


def build_result(label: dict[str, Any], size_hw: tuple[int, int]) -> list[dict[str, Any]]:
    """A label's values and regions as Label Studio's results."""
    results = [_region(region, size_hw) for region in label.get("regions") or ()]
    for field in ("skin_type", "monk", "monk_second", "sure"):
        results += _choices(field, [label.get(field)])
    concerns = label.get("concerns") or {}
    for concern in Concern:
        judged = concerns.get(concern.value) or {}
        results += _choices(concern.value, [judged.get("grade")])
        results += _choices(zones_name(concern), judged.get("zones") or [])
    results += _choices("quality_flags", label.get("quality_flags") or [])
    if label.get("note"):
        results.append({"from_name": "note", "type": "textarea", "value": {"text": [label["note"]]}})
    for number, result in enumerate(results, start=1):
        result |= {"id": f"r{number}", "to_name": IMAGE}
    return results


def _choices(name: str, values: list[Any]) -> list[dict[str, Any]]:
    said = [str(value) for value in values if value is not None]
    return [{"from_name": name, "type": "choices", "value": {"choices": said}}] if said else []


def _region(region: dict[str, Any], size_hw: tuple[int, int]) -> dict[str, Any]:
    height, width = size_hw
    shape = _SHAPES[region["kind"]](region, size_hw)
    shape["meta"] = {"origin": region.get("origin", "annotator")} | shape.get("meta", {})
    return shape | {"original_width": width, "original_height": height, "image_rotation": 0}


def _box(region: dict[str, Any], _: tuple[int, int]) -> dict[str, Any]:
    left, top, right, bottom = (100 * share for share in region["xyxy_norm"])
    place = {"x": left, "y": top, "width": right - left, "height": bottom - top, "rotation": 0}
    value = place | {"rectanglelabels": [region["concern"]]}
    return {"from_name": "box", "type": "rectanglelabels", "value": value}


def _point(region: dict[str, Any], _: tuple[int, int]) -> dict[str, Any]:
    x, y = (100 * share for share in region["xy_norm"])
    value = {"x": x, "y": y, "width": 0.5, "keypointlabels": [point_value(Concern(region["concern"]))]}
    return {"from_name": "point", "type": "keypointlabels", "value": value}


def _mask(region: dict[str, Any], size_hw: tuple[int, int]) -> dict[str, Any]:
    packed = masks.pack_brush(resize(region["mask"], size_hw))
    value = {"format": "rle", "rle": packed, "brushlabels": [region["concern"]]}
    meta = {"size_hw": region["mask"]["size_hw"]}
    return {"from_name": "mask", "type": "brushlabels", "value": value, "meta": meta}


_SHAPES = {"box": _box, "point": _point, "mask": _mask}
