"""Reading Label Studio's JSON that was made with our labelling screen, by us or by Label Studio itself."""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson
from pydantic import ValidationError

from skin.annotation.labels import Label
from skin.annotation.mask import resize
from skin.core.concerns import Concern
from skin.datasets import mask as masks
from skin.datasets.found import UNKNOWN_ANNOTATOR, Found, Unreadable
from skin.datasets.record import LabelKind, explain
from skin.datasets.studio import CONSENSUS, RATERS_DOMAIN
from skin.datasets.studio_config import POINT_CONCERNS, zones_name

PLACE_DIGITS = 6  # a millionth of the side: percents come back with the last bits changed
NUMBERS = ("monk", "monk_second", "sure")
SINGLE = ("skin_type", *NUMBERS)
ZONES = {zones_name(concern): concern.value for concern in Concern}


def read_label_studio(data: bytes) -> Iterator[Found | Unreadable]:
    """Every annotation and prediction of a Label Studio export, the bad ones too; skipped annotations say nothing."""
    try:
        tasks = orjson.loads(data)
    except orjson.JSONDecodeError as failure:
        yield Unreadable("the file", f"is not JSON: {failure}")
        return
    for number, task in enumerate(tasks if isinstance(tasks, list) else [tasks], start=1):
        if not isinstance(task, dict) or not isinstance(task.get("data"), dict):
            yield Unreadable(f"task {number}", "has no data")
            continue
        for part in ("annotations", "predictions"):
            for position, entry in enumerate(task.get(part) or [], start=1):
                where = f"task {task.get('id', number)}, {part[:-1]} {position}"
                if isinstance(entry, dict) and not entry.get("was_cancelled"):
                    yield _read_entry(where, task["data"], entry, is_prediction=part == "predictions")


def _read_entry(
    where: str, data: Mapping[str, Any], entry: Mapping[str, Any], *, is_prediction: bool
) -> Found | Unreadable:
    try:
        label = read_result(entry.get("result") or [])
        seconds = float(entry.get("lead_time") or 0)
    except ValidationError as failure:
        return Unreadable(where, explain(failure))
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as failure:
        return Unreadable(where, f"is not a result of our labelling screen ({type(failure).__name__}: {failure})")
    annotator = _annotator(entry.get("completed_by"))
    meta = entry.get("meta") or {}
    return Found(
        where=where,
        item_id=data.get("item_id"),
        sha256=data.get("sha256"),
        kind=_predicted_kind(entry) if is_prediction else _kind(entry, annotator),
        annotator=annotator,
        label=label,
        task=meta.get("task"),
        mode=meta.get("mode"),
        seconds_spent=seconds,
        created_at=entry.get("created_at"),
    )


def read_result(results: list[Mapping[str, Any]]) -> Label:
    """The label that Label Studio's results say; ValueError when they do not fit the schema."""
    label: dict[str, Any] = {"concerns": {}, "regions": []}
    for result in results:
        name, value = result["from_name"], result["value"]
        if name in _REGIONS:
            origin = (result.get("meta") or {}).get("origin", "annotator")
            label["regions"].append(_REGIONS[name](result) | {"origin": origin})
        elif name == "note":
            label["note"] = "\n".join(value["text"]) if isinstance(value["text"], list) else value["text"]
        elif name in SINGLE:
            said = value["choices"][0]
            label[name] = int(said) if name in NUMBERS else said
        elif name == "quality_flags":
            label[name] = value["choices"]
        elif name in ZONES:
            label["concerns"].setdefault(ZONES[name], {})["zones"] = value["choices"]
        else:
            label["concerns"].setdefault(name, {})["grade"] = int(value["choices"][0])
    return Label.model_validate(label)


def _annotator(completed_by: Any) -> str:
    """Our pseudonym when the label was ours, else the address or number that Label Studio knows the person by."""
    if isinstance(completed_by, dict):
        completed_by = completed_by.get("email") or completed_by.get("id")
    return str(completed_by or UNKNOWN_ANNOTATOR).removesuffix(f"@{RATERS_DOMAIN}")


def _kind(entry: Mapping[str, Any], annotator: str) -> LabelKind:
    if not entry.get("ground_truth"):
        return LabelKind.ANSWER
    return LabelKind.GOLD if annotator == LabelKind.GOLD.value else LabelKind.FINAL


def _predicted_kind(entry: Mapping[str, Any]) -> LabelKind:
    is_consensus = str(entry.get("model_version") or "").startswith(CONSENSUS)
    return LabelKind.CONSENSUS if is_consensus else LabelKind.PREDICTION


def _box(result: Mapping[str, Any]) -> dict[str, Any]:
    value = result["value"]
    if value.get("rotation"):
        raise ValueError("a turned box cannot be kept: our boxes stand upright")
    corners = (value["x"], value["y"], value["x"] + value["width"], value["y"] + value["height"])
    return {"kind": "box", "concern": value["rectanglelabels"][0], "xyxy_norm": [_share(one) for one in corners]}


def _point(result: Mapping[str, Any]) -> dict[str, Any]:
    value = result["value"]
    concern = POINT_CONCERNS[value["keypointlabels"][0]]
    return {"kind": "point", "concern": concern, "xy_norm": [_share(value["x"]), _share(value["y"])]}


def _mask(result: Mapping[str, Any]) -> dict[str, Any]:
    """The brush, at the size it was painted in when nothing gets lost by that."""
    size_hw = result["original_height"], result["original_width"]
    mask = masks.unpack_brush(result["value"]["rle"], size_hw)
    painted_hw = (result.get("meta") or {}).get("size_hw")
    if painted_hw:
        smaller = resize(mask, tuple(painted_hw))
        if resize(smaller, size_hw) == mask:
            mask = smaller
    return {"kind": "mask", "concern": result["value"]["brushlabels"][0], "mask": mask}


def _share(percent: float) -> float:
    """Within the picture, because a region drawn to the edge may end a hair beyond it."""
    return min(1.0, max(0.0, round(percent / 100, PLACE_DIGITS)))


_REGIONS = {"box": _box, "point": _point, "mask": _mask}
