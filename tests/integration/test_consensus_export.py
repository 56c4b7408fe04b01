"""What answers say together leaves with them: the median, the rater model's values, and a final label's sources."""

import csv
import io
import json
from typing import Any

import pyarrow.parquet as pq

from skin.annotation.ratings import FIELDS
from tests.integration.disputed import PICTURES, Work

KINDS = ["answer", "final", "consensus"]


def take(work: Work, **request: Any) -> str:
    made = work.admin.post(f"{work.path}/snapshots", json=request).raise_for_status().json()
    return f"/api/annotation/snapshots/{made['id']}/export"


def send(work: Work, path: str, kind: str) -> bytes:
    return work.admin.get(path, params={"format": kind}).raise_for_status().content


def decide(work: Work) -> tuple[str, list[dict[str, Any]]]:
    """Take the second annotator's word where they disagree: the picture, and its answers."""
    (item,) = work.read("disagreements")["items"]
    path = f"/api/annotation/items/{item['item_id']}"
    answers: list[dict[str, Any]] = work.admin.get(f"{path}/answers").raise_for_status().json()["answers"]
    work.admin.put(f"{path}/final", json={"label": answers[1]["label"]}).raise_for_status()
    return item["item_id"], answers


def value_of(label: dict[str, Any], field: str) -> Any:
    return label[field] if field in ("skin_type", "monk") else label["concerns"][field]["grade"]


def test_a_snapshot_holds_the_median_the_models_value_and_the_sources_of_final_labels(work: Work) -> None:
    item_id, answers = decide(work)
    wanted = {one["item_id"]: one["fields"] for one in work.read("consensus")["items"]}
    records = [json.loads(line) for line in send(work, take(work, kinds=KINDS), "jsonl").splitlines()]
    told = {(one["item_id"], one["made_by"]): one for one in records if one["kind"] == "consensus"}
    assert len(told) == 2 * PICTURES
    for item, fields in wanted.items():
        median, model = told[item, "median"], told[item, "rater_model"]
        for field, verdict in fields.items():
            assert value_of(median["label"], field) == verdict["median"]
            assert value_of(model["label"], field) == verdict["model"]
            assert median["support"][field] == {"answers": 2, "confidence": None}
            assert model["support"][field] == {"answers": 2, "confidence": verdict["confidence"]}
        (given, _) = (one["label"] for one in records if one["kind"] == "answer" and one["item_id"] == item)
        for one in (median, model):
            assert (one["label"]["regions"], one["label"]["quality_flags"]) == (given["regions"], ["makeup"])
            zones = {name: found["zones"] for name, found in one["label"]["concerns"].items() if found["zones"]}
            assert zones == {"redness": ["nose"]}
    (final,) = (one for one in records if one["kind"] == "final")
    assert (final["item_id"], final["sources"]["acne"]) == (item_id, [answers[1]["answer_id"]])
    said = {one["label_id"] for one in records if one["kind"] == "answer" and one["item_id"] == item_id}
    assert set(final["sources"]["monk"]) == said == {one["answer_id"] for one in answers}


def test_a_consensus_alone_is_made_of_the_answers_though_they_are_left_out(work: Work) -> None:
    records = [json.loads(line) for line in send(work, take(work, kinds=["consensus"]), "jsonl").splitlines()]
    assert [one["kind"] for one in records] == ["consensus"] * 2 * PICTURES
    assert all(len(one["label"]["regions"]) == 1 for one in records)


def test_tables_and_coco_hold_the_same_as_json_lines(work: Work) -> None:
    decide(work)
    path = take(work, kinds=KINDS)
    records = [json.loads(line) for line in send(work, path, "jsonl").splitlines()]
    told = [(one["kind"], one["made_by"], one["support"], one["sources"], one["label"]["monk"]) for one in records]
    sheet = csv.DictReader(io.StringIO(send(work, path, "csv").decode(), newline=""))
    read = [
        (
            row["kind"],
            row["made_by"] or None,
            *(json.loads(row[name] or "null") for name in ("support", "sources", "monk")),
        )
        for row in sheet
    ]
    rows = pq.read_table(io.BytesIO(send(work, path, "parquet"))).to_pylist()
    labels = json.loads(send(work, path, "coco"))["labels"]
    assert read == told
    assert [(row["kind"], row["made_by"], row["support"], row["sources"], row["monk"]) for row in rows] == told
    assert [(row["kind"], row["made_by"], row["support"], row["sources"], row["monk"]) for row in labels] == told
    assert {tuple(row["support"] or ()) for row in rows} == {(), FIELDS}


def test_label_studio_gets_a_consensus_as_a_prediction(work: Work) -> None:
    tasks = json.loads(send(work, take(work, kinds=["consensus"]), "label_studio"))
    named = [[one["model_version"] for one in task["predictions"]] for task in tasks]
    assert named == [["consensus: median", "consensus: rater_model"]] * PICTURES


def test_a_consensus_is_computed_only_when_asked_for(work: Work) -> None:
    kinds = [json.loads(line)["kind"] for line in send(work, take(work), "jsonl").splitlines()]
    assert set(kinds) == {"answer"}
