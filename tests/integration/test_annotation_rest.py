"""Annotation over REST, on a real server with a real Postgres and the real face finder."""

import io
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest
from PIL import Image

from skin.core.concerns import Concern
from tests.conftest import LiveServer, encode_png
from tests.integration.test_rest import assert_problem

BASE = "/api/annotation"
LABEL = {"skin_type": "normal", "monk": 4, "concerns": {one.value: {"grade": 1, "zones": []} for one in Concern}}
ANSWER = {"label": LABEL, "seconds_spent": 12.5}
MakeProject = Callable[..., str]


@pytest.fixture(scope="module")
def admin(quick_server: LiveServer) -> httpx.Client:
    return quick_server.hire("admin")


@pytest.fixture
def annotator(quick_server: LiveServer) -> httpx.Client:
    return quick_server.hire("annotator")


@pytest.fixture
def make_project(admin: httpx.Client) -> MakeProject:
    """Makes a project with plain aligned pictures of one colour each; gives its id."""

    def make(pictures: int = 3, **rules: Any) -> str:
        answer = admin.post(f"{BASE}/projects", json={"name": uuid4().hex, **rules})
        assert answer.status_code == 201, answer.text
        project_id: str = answer.json()["id"]
        if pictures:
            add_pictures(admin, project_id, pictures)
        return project_id

    return make


def add_pictures(admin: httpx.Client, project_id: str, count: int, **fields: str) -> None:
    shade = uuid4().int % 200
    files = [
        ("image", (f"{one}.png", encode_png(Image.new("RGB", (64, 64), (20 * one, shade, 90))))) for one in range(count)
    ]
    answer = admin.post(
        f"{BASE}/projects/{project_id}/items", files=files, data={"is_aligned": "true"} | fields
    ).raise_for_status()
    assert answer.json() == {"added": count, "skipped": []}


def take(client: httpx.Client, project_id: str) -> dict[str, Any] | None:
    answer = client.post(f"{BASE}/projects/{project_id}/next").raise_for_status()
    return None if answer.status_code == 204 else answer.json()


def submit(client: httpx.Client, task: dict[str, Any], answer: dict[str, Any] = ANSWER) -> dict[str, Any] | None:
    done = client.post(f"{BASE}/assignments/{task['assignment_id']}/submit", json=answer).raise_for_status()
    following: dict[str, Any] | None = done.json()["next"]
    return following


def test_an_annotator_works_through_a_project_and_each_answer_brings_the_next_task(
    make_project: MakeProject, annotator: httpx.Client
) -> None:
    project_id = make_project(3, guidelines="Look closely.")
    task = take(annotator, project_id)
    seen = []
    while task is not None:
        assert task["project"]["guidelines"] == "Look closely."
        assert task["suggestion"] is None
        seen.append(task["item_id"])
        task = submit(annotator, task)
    assert len(set(seen)) == 3
    assert take(annotator, project_id) is None
    progress = annotator.get(f"{BASE}/projects/{project_id}/progress").json()
    counts = {"items": 3, "wanted": 3, "submitted": 3, "leased": 0, "skipped": 0}
    assert progress == counts | {"mine": {"submitted": 3, "seconds_median": 12.5}}
    mine = annotator.get(f"{BASE}/projects/{project_id}/mine").json()["tasks"]
    assert [one["item_id"] for one in mine] == seen[::-1]


def test_a_draft_comes_back_with_the_task_and_its_time(make_project: MakeProject, annotator: httpx.Client) -> None:
    project_id = make_project(2)
    task = take(annotator, project_id)
    assert task is not None
    draft = {"label": {"monk": 7, "note": "cheeks?"}, "seconds_spent": 3.0}
    assert annotator.put(f"{BASE}/assignments/{task['assignment_id']}/draft", json=draft).status_code == 204
    again = take(annotator, project_id)
    assert again is not None
    assert (again["assignment_id"], again["draft"]["monk"], again["seconds_spent"]) == (task["assignment_id"], 7, 3.0)
    assert annotator.get(f"{BASE}/assignments/{task['assignment_id']}").json()["draft"]["note"] == "cheeks?"


def test_a_submitted_answer_can_be_seen_and_corrected_by_its_annotator_only(
    quick_server: LiveServer, make_project: MakeProject, annotator: httpx.Client
) -> None:
    task = take(annotator, make_project(1))
    assert task is not None
    path = f"{BASE}/assignments/{task['assignment_id']}"
    assert_problem(annotator.put(f"{path}/answer", json=ANSWER), 404, "assignment_not_found")
    submit(annotator, task)
    corrected = {"label": LABEL | {"monk": 9}, "seconds_spent": 20}
    assert annotator.put(f"{path}/answer", json=corrected).status_code == 204
    seen = annotator.get(path).json()
    assert (seen["state"], seen["answer"]["monk"], seen["seconds_spent"]) == ("submitted", 9, 20.0)
    stranger = quick_server.hire("annotator")
    assert_problem(stranger.get(path), 404, "assignment_not_found")
    assert_problem(stranger.put(f"{path}/answer", json=ANSWER), 409, "lease_lost")


def test_a_skipped_picture_is_left_to_others(
    quick_server: LiveServer, make_project: MakeProject, annotator: httpx.Client
) -> None:
    project_id = make_project(1)
    task = take(annotator, project_id)
    assert task is not None
    path = f"{BASE}/assignments/{task['assignment_id']}"
    for _ in range(2):
        assert annotator.post(f"{path}/skip", json={"reason": "I know her."}).json() == {"next": None}
    assert take(annotator, project_id) is None
    other = take(quick_server.hire("annotator"), project_id)
    assert other is not None
    assert other["item_id"] == task["item_id"]
    progress = annotator.get(f"{BASE}/projects/{project_id}/progress").json()
    assert (progress["wanted"], progress["leased"], progress["skipped"]) == (1, 1, 1)


def test_an_answer_with_gaps_is_refused(make_project: MakeProject, annotator: httpx.Client) -> None:
    task = take(annotator, make_project(1))
    assert task is not None
    path = f"{BASE}/assignments/{task['assignment_id']}/submit"
    assert_problem(annotator.post(path, json={"label": {}, "seconds_spent": 1}), 422, "label_incomplete")
    unusable = {"label": {"quality_flags": ["not_a_face"]}, "seconds_spent": 1}
    assert annotator.post(path, json=unusable).status_code == 200


def test_a_face_is_found_and_aligned_and_what_cannot_be_used_is_named(
    quick_server: LiveServer, admin: httpx.Client, make_project: MakeProject, astronaut_jpeg: bytes, blank_png: bytes
) -> None:
    project_id = make_project(0, mode="assisted")
    files = [
        ("image", (name, content))
        for name, content in [("face.jpg", astronaut_jpeg), ("wall.png", blank_png), ("face again.jpg", astronaut_jpeg)]
    ]
    answer = admin.post(f"{BASE}/projects/{project_id}/items", files=files).raise_for_status().json()
    assert answer["added"] == 1
    assert [(one["name"], one["code"]) for one in answer["skipped"]] == [
        ("wall.png", "no_face"),
        ("face again.jpg", "item_known"),
    ]
    annotator = quick_server.hire("annotator")
    task = take(annotator, project_id)
    assert task is not None
    assert task["suggestion"]["model"].startswith("skinnet")
    assert task["suggestion"]["label"]["monk"] in range(1, 11)
    picture = annotator.get(task["picture_url"]).raise_for_status()
    with Image.open(io.BytesIO(picture.content)) as image:
        assert image.size == (1024, 1024)
    for concern in task["suggestion"]["maps"]:
        drawn = annotator.get(f"{BASE}/items/{task['item_id']}/maps/{concern}").raise_for_status()
        assert drawn.headers["content-type"] == "image/png"
    assert_problem(quick_server.hire("annotator").get(task["picture_url"]), 404, "item_not_found")


def test_annotators_are_not_told_what_is_hidden(make_project: MakeProject, annotator: httpx.Client) -> None:
    project_id = make_project(1, gold_rate=0.1)
    project = annotator.get(f"{BASE}/projects/{project_id}").json()
    assert project["rules"] is None
    task = take(annotator, project_id)
    assert task is not None
    assert not {"kind", "gold", "person", "source"} & set(task)


def test_a_closed_project_gives_no_tasks_but_takes_the_last_answers(
    admin: httpx.Client, make_project: MakeProject, annotator: httpx.Client
) -> None:
    project_id = make_project(2)
    task = take(annotator, project_id)
    assert task is not None
    admin.patch(f"{BASE}/projects/{project_id}", json={"is_open": False}).raise_for_status()
    assert_problem(annotator.post(f"{BASE}/projects/{project_id}/next"), 409, "project_closed")
    assert submit(annotator, task) is None
    listed = annotator.get(f"{BASE}/projects").json()["projects"]
    assert project_id not in [one["id"] for one in listed]


def test_wanting_more_or_fewer_answers_adds_and_drops_open_tasks(
    admin: httpx.Client, make_project: MakeProject
) -> None:
    project_id = make_project(2)
    for overlap in (3, 1, 2):
        admin.patch(f"{BASE}/projects/{project_id}", json={"overlap": overlap}).raise_for_status()
        progress = admin.get(f"{BASE}/projects/{project_id}/progress").json()
        assert progress["wanted"] == 2 * overlap


def test_every_deed_is_in_the_log_without_labels(
    admin: httpx.Client, make_project: MakeProject, annotator: httpx.Client
) -> None:
    project_id = make_project(1)
    task = take(annotator, project_id)
    assert task is not None
    submit(annotator, task)
    entries = admin.get(f"{BASE}/audit", params={"limit": 3}).json()["entries"]
    assert [one["action"] for one in entries] == ["submit", "import", "create"]
    assert [one["details"] for one in entries] == [{}, {"added": 1}, {}]
    older = admin.get(f"{BASE}/audit", params={"limit": 1, "before": entries[0]["id"]}).json()["entries"]
    assert older == entries[1:2]


def test_a_project_name_is_given_once(admin: httpx.Client) -> None:
    name = {"name": uuid4().hex}
    admin.post(f"{BASE}/projects", json=name).raise_for_status()
    assert_problem(admin.post(f"{BASE}/projects", json=name), 409, "project_name_taken")


def test_the_schema_has_the_words_of_every_concern(annotator: httpx.Client) -> None:
    schema = annotator.get(f"{BASE}/schema").raise_for_status().json()
    assert set(schema["words"]["concerns"]) == {one.value for one in Concern}
    assert schema["monk_swatches"][0] == "#f6ede4"
    assert len(schema["monk_swatches"]) == 10
