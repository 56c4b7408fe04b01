"""Agreement, consensus and adjudication over REST, from answers that were really given."""

from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from skin.annotation.ratings import FIELDS
from tests.integration.disputed import BASE, PICTURES, Work, label_of
from tests.integration.test_rest import assert_problem


def test_agreement_comes_with_counts_and_intervals_or_a_reason(work: Work) -> None:
    found = work.read("agreement")
    assert (found["pictures"], found["answers"], found["replicates"], found["level"]) == (PICTURES, 24, 1000, 0.95)
    fields = {field["field"]: field for field in found["groups"][0]["fields"]}
    assert tuple(fields) == FIELDS
    assert fields["monk"]["alpha"] == {"value": 1, "low": 1, "high": 1, "reason": None}
    assert fields["monk"]["icc_form"] == "ICC(2,1)"
    assert fields["acne"]["alpha"] == {"value": None, "low": None, "high": None, "reason": "no_variation"}
    assert fields["acne"]["exact"]["value"] == pytest.approx(11 / 12)
    assert {one["difference"]["reason"] for one in found["anchoring"]} == {"too_few_pictures"}


def test_agreement_is_told_by_annotator_pair_tone_and_time(work: Work) -> None:
    by_annotator = work.read("agreement", by="annotator")
    assert [group["annotators"] for group in by_annotator["groups"]] == [[1], [2]]
    assert [rater["speed"]["median_seconds"]["value"] for rater in by_annotator["raters"]] == [10, 11]
    ids = [annotator.get("/api/auth/me").json()["id"] for annotator in work.annotators]
    assert by_annotator["annotators"] == ids
    assert [group["group"] for group in work.read("agreement", by="pair")["groups"]] == ["1 and 2"]
    tones = {group["group"]: group["pictures"] for group in work.read("agreement", by="tone")["groups"]}
    assert tones == {"1-3": 5, "4-6": 3, "7-10": 4}
    assert len(work.read("agreement", by="month")["groups"]) == 1
    assert_problem(work.admin.get(f"{work.path}/agreement", params={"by": "moon"}), 422, "invalid_request")


def test_a_corrected_answer_changes_what_is_shown_at_once(work: Work) -> None:
    assert work.read("disagreements")["open"] == 1
    task = work.annotators[1].get(f"{work.path}/mine").json()["tasks"][-1]
    correction = {"label": label_of(0), "seconds_spent": 30}
    path = f"{BASE}/assignments/{task['assignment_id']}/answer"
    work.annotators[1].put(path, json=correction).raise_for_status()
    assert work.read("disagreements") == {"open": 0, "decided": 0, "items": []}


def test_consensus_gives_the_median_and_the_models_value_page_by_page(work: Work) -> None:
    first = work.read("consensus", limit=7)
    rest = work.read("consensus", limit=7, offset=first["next_offset"])
    assert [len(first["items"]), len(rest["items"]), rest["next_offset"]] == [7, 5, None]
    items = first["items"] + rest["items"]
    every = [item["fields"] for item in items]
    said = [label_of(number) for number in range(PICTURES)]
    for field in ("monk", "skin_type"):
        for judged in ("median", "model"):
            assert sorted(one[field][judged] for one in every) == sorted(label[field] for label in said)
        assert all(one[field]["answers"] == 2 and 0.5 < one[field]["confidence"] <= 1 for one in every)
    assert {rater["annotator"] for rater in first["raters"]["monk"]} == {1, 2}
    assert all((one["zones"], one["quality_flags"]) == ({"redness": ["nose"]}, ["makeup"]) for one in items)
    marks = sorted((one["xy_norm"] for item in items for one in item["regions"]), key=lambda xy: xy[1])
    assert marks == [[0.5, 0.01 * number] for number in range(PICTURES)]


def test_a_disagreement_is_seen_side_by_side_decided_and_kept_with_its_sources(work: Work) -> None:
    queue = work.read("disagreements")
    assert [queue["open"], queue["decided"]] == [1, 0]
    (item,) = queue["items"]
    assert (item["size"], item["fields"]) == (1, [{"field": "acne", "steps": 3, "values": [0, 3]}])
    path = f"{BASE}/items/{item['item_id']}"
    seen = work.admin.get(f"{path}/answers").raise_for_status()
    answers = seen.json()["answers"]
    assert [one["annotator"] for one in answers] == ["Annotator 1", "Annotator 2"]
    for annotator in work.annotators:
        person = annotator.get("/api/auth/me").json()
        assert person["id"] not in seen.text
        assert person["email"] not in seen.text
    assert work.admin.get(seen.json()["picture_url"]).headers["content-type"] == "image/jpeg"
    second = {"label": answers[1]["label"]}
    decided = work.admin.put(f"{path}/final", json=second).raise_for_status().json()
    assert decided["sources"]["acne"] == [answers[1]["answer_id"]]
    assert decided["sources"]["monk"] == [one["answer_id"] for one in answers]
    assert (decided["earlier"], work.read("disagreements")["open"]) == (0, 0)
    assert [one["item_id"] for one in work.read("disagreements", decided=True)["items"]] == [item["item_id"]]


def test_an_earlier_decision_is_kept_and_comes_back_when_the_later_one_is_undone(work: Work) -> None:
    path = f"{BASE}/items/{work.read('disagreements')['items'][0]['item_id']}"
    for acne in (2, 1):
        final = work.admin.put(f"{path}/final", json={"label": label_of(0, acne=acne)}).raise_for_status().json()
        assert final["sources"]["acne"] == []
    assert final["earlier"] == 1
    work.admin.delete(f"{path}/final").raise_for_status()
    back = work.admin.get(f"{path}/answers").json()["final"]
    assert (back["label"]["concerns"]["acne"]["grade"], back["earlier"]) == (2, 0)
    for _ in range(2):
        assert work.admin.delete(f"{path}/final").status_code == 204
    assert work.admin.get(f"{path}/answers").json()["final"] is None
    actions = [one["action"] for one in work.admin.get(f"{BASE}/audit").json()["entries"]][:4]
    assert actions == ["undo_adjudication", "undo_adjudication", "adjudicate", "adjudicate"]


def test_a_final_label_with_gaps_is_refused(work: Work) -> None:
    path = f"{BASE}/items/{work.read('disagreements')['items'][0]['item_id']}/final"
    assert_problem(work.admin.put(path, json={"label": {"monk": 3}}), 422, "label_incomplete")
    assert_problem(work.admin.put(f"{BASE}/items/{uuid4()}/final", json={"label": label_of(0)}), 404, "item_not_found")


@pytest.mark.parametrize("path", ["agreement", "consensus", "disagreements"])
def test_only_administrators_see_across_people(work: Work, path: str) -> None:
    assert_problem(work.annotators[0].get(f"{work.path}/{path}"), 403, "not_permitted")
    assert_problem(httpx.get(f"{work.server.url}{work.path}/{path}"), 401, "not_authenticated")
    assert_problem(work.admin.get(f"{BASE}/projects/{uuid4()}/{path}"), 404, "project_not_found")


def test_only_administrators_adjudicate(work: Work) -> None:
    path = f"{BASE}/items/{work.read('disagreements')['items'][0]['item_id']}"
    stranger = work.annotators[0]
    assert_problem(stranger.get(f"{path}/answers"), 403, "not_permitted")
    assert_problem(stranger.put(f"{path}/final", json={"label": label_of(0)}), 403, "not_permitted")
    assert_problem(stranger.delete(f"{path}/final"), 403, "not_permitted")


def test_an_erased_annotator_leaves_answers_without_a_pseudonym(work: Work) -> None:
    path = f"{BASE}/items/{work.read('disagreements')['items'][0]['item_id']}/answers"
    engine = work.server.open_engine()
    with engine.begin() as connection:
        person = work.annotators[0].get("/api/auth/me").json()["id"]
        connection.execute(text("DELETE FROM users WHERE id = :id"), {"id": person})
    engine.dispose()
    names = [one["annotator"] for one in work.admin.get(path).json()["answers"]]
    assert names == ["Former annotator", "Annotator 1"]
    assert work.read("agreement")["answers"] == PICTURES
