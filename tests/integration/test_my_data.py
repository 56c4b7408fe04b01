"""What a person decides about their own data: consents, how long photos are kept, notes, deletion, export."""

import io
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID
from zipfile import ZipFile

import httpx
import pytest

from skin.accounts import queries
from skin.accounts.consents import Consents, Wording, load_wordings
from skin.accounts.tables import Purpose, User
from skin.bootstrap import load_repeatability
from skin.db.session import Sessions
from skin.errors import Conflict, NotPermitted
from skin.scans.export import stream_zip
from tests.conftest import LiveServer, StartServer, wait_until_finished
from tests.fakes import build_fake_examiner
from tests.integration.conftest import Connect

TRAINING = Purpose.TRAINING


@pytest.fixture
def person_id(sessions: Sessions) -> UUID:
    return add_user(sessions, email=f"{datetime.now(UTC).timestamp()}@example.org", password_hash="x")


@pytest.fixture(scope="module")
def server(start_server: StartServer) -> LiveServer:
    return start_server(examiner=build_fake_examiner)


def add_user(sessions: Sessions, **values: object) -> UUID:
    with sessions.begin() as session:
        user = User(**values)
        session.add(user)
    return user.id


def has_consented(sessions: Sessions, user_id: UUID) -> bool:
    with sessions.begin() as session:
        return queries.has_consented(session, user_id, TRAINING)


def ask(sessions: Sessions, version: str = "training.v1") -> Consents:
    return Consents(sessions, {TRAINING: Wording(version, "May we?", ("Say yes or no.",))})


def test_nobody_has_consented_before_they_said_so(sessions: Sessions, person_id: UUID) -> None:
    assert not has_consented(sessions, person_id)
    state = ask(sessions).list_states(person_id)[0]
    assert (state.granted, state.decided_at) == (False, None)


def test_the_latest_decision_counts_and_all_are_kept(sessions: Sessions, person_id: UUID) -> None:
    consents = ask(sessions)
    for granted in (True, True, False, True, False, False):
        if granted:
            consents.grant(person_id, TRAINING, "training.v1")
        else:
            consents.withdraw(person_id, TRAINING)
        assert has_consented(sessions, person_id) is granted
    assert [one.granted for one in consents.list_decisions(person_id)] == [False, True, False, True]


def test_a_yes_names_the_wording_that_was_shown(sessions: Sessions, person_id: UUID) -> None:
    ask(sessions).grant(person_id, TRAINING, "training.v1")
    later = ask(sessions, "training.v2")
    with pytest.raises(Conflict):
        later.grant(person_id, TRAINING, "training.v1")
    later.grant(person_id, TRAINING, "training.v2")
    assert [one.text_version for one in later.list_decisions(person_id)] == ["training.v2", "training.v1"]


def test_one_persons_yes_is_nobody_elses(sessions: Sessions, person_id: UUID) -> None:
    other_id = add_user(sessions, email=f"other{datetime.now(UTC).timestamp()}@example.org", password_hash="x")
    ask(sessions).grant(person_id, TRAINING, "training.v1")
    assert not has_consented(sessions, other_id)
    assert ask(sessions).list_decisions(other_id) == []


def test_a_guest_cannot_agree_but_may_say_no(sessions: Sessions) -> None:
    guest_id = add_user(sessions, expires_at=datetime.now(UTC) + timedelta(days=1))
    with pytest.raises(NotPermitted):
        ask(sessions).grant(guest_id, TRAINING, "training.v1")
    ask(sessions).withdraw(guest_id, TRAINING)
    assert not has_consented(sessions, guest_id)


def test_the_latest_wording_of_a_purpose_is_the_one_with_the_highest_number(tmp_path: Path) -> None:
    for number in (2, 10, 9):
        (tmp_path / f"training.v{number}.md").write_text(f"# Number {number}\n\nFirst\nline.\n\nSecond.\n")
    assert load_wordings(tmp_path)[TRAINING] == Wording("training.v10", "Number 10", ("First line.", "Second."))


def test_a_purpose_without_a_wording_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="training"):
        load_wordings(tmp_path)


def test_consent_is_given_and_taken_back_over_rest(server: LiveServer) -> None:
    client = server.register()
    [asked] = client.get("/api/me/consents").raise_for_status().json()["consents"]
    assert (asked["purpose"], asked["granted"]) == ("training", False)
    assert asked["wording"]["paragraphs"]
    yes = {"granted": True, "text_version": asked["wording"]["version"]}
    agreed = client.put("/api/me/consents/training", json=yes).raise_for_status().json()
    assert agreed["consents"][0]["granted"]
    assert agreed["consents"][0]["decided_at"] == agreed["decisions"][0]["created_at"]
    left = client.put("/api/me/consents/training", json={"granted": False}).raise_for_status().json()
    assert not left["consents"][0]["granted"]
    assert [one["granted"] for one in left["decisions"]] == [False, True]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"granted": True}, 422, "invalid_request"),
        ({"granted": True, "text_version": "training.v0"}, 409, "consent_text_changed"),
        ({"text_version": "training.v1"}, 422, "invalid_request"),
    ],
)
def test_a_yes_to_no_wording_or_an_old_one_is_refused(
    server: LiveServer, body: dict[str, object], status: int, code: str
) -> None:
    answer = server.register().put("/api/me/consents/training", json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_guests_yes_and_an_unknown_purpose_are_refused_over_rest(server: LiveServer) -> None:
    yes = {"granted": True, "text_version": "training.v1"}
    answer = server.sign_up().put("/api/me/consents/training", json=yes)
    assert (answer.status_code, answer.json()["code"]) == (403, "consent_needs_account")
    assert server.register().put("/api/me/consents/selling", json=yes).status_code == 422


def test_consents_are_for_those_who_are_signed_in(server: LiveServer) -> None:
    assert httpx.get(f"{server.url}/api/me/consents").status_code == 401
    assert httpx.put(f"{server.url}/api/me/consents/training", json={"granted": False}).status_code == 401


def test_how_long_photos_are_kept_is_chosen_over_rest(server: LiveServer) -> None:
    client = server.register()
    told = client.get("/api/me/retention").raise_for_status().json()
    assert told == {
        "picture_hours": 24.0,
        "own_hours": None,
        "service_hours": 24.0,
        "choices_hours": [0.0, 1.0, 24.0, 168.0, 720.0],
    }
    for hours in (0, 720, None):
        chosen = client.put("/api/me/retention", json={"own_hours": hours}).raise_for_status().json()
        assert chosen == client.get("/api/me/retention").json()
        assert (chosen["own_hours"], chosen["picture_hours"]) == (hours, 24 if hours is None else hours)


@pytest.mark.parametrize("body", [{"own_hours": 2}, {"own_hours": -1}, {"own_hours": 1e9}, {}])
def test_only_the_offered_times_can_be_chosen(server: LiveServer, body: dict[str, float]) -> None:
    answer = server.register().put("/api/me/retention", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


def test_a_guest_cannot_choose_how_long_photos_are_kept(server: LiveServer) -> None:
    answer = server.sign_up().put("/api/me/retention", json={"own_hours": 0})
    assert (answer.status_code, answer.json()["code"]) == (403, "retention_needs_account")


def test_a_scan_is_noted_deleted_and_restored_over_rest(server: LiveServer, astronaut_jpeg: bytes) -> None:
    client = server.register()
    scan_id = scan(client, astronaut_jpeg)
    noted = client.patch(f"/api/scan/{scan_id}", json={"note": "After the sea"}).raise_for_status().json()
    assert noted["note"] == "After the sea"
    assert client.get(f"/api/scan/{scan_id}/results").json()["note"] == "After the sea"
    assert client.delete(f"/api/scan/{scan_id}").status_code == 204
    gone = client.get(f"/api/scan/{scan_id}/results")
    assert (gone.status_code, gone.json()["code"]) == (404, "scan_not_found")
    assert client.get("/api/scan/history").json()["scans"] == []
    restored = client.post(f"/api/scan/{scan_id}/restore").raise_for_status().json()
    assert client.get("/api/scan/history").json()["scans"] == [restored] == [noted]
    stranger = server.register()
    assert stranger.post(f"/api/scan/{scan_id}/restore").status_code == 404
    assert stranger.patch(f"/api/scan/{scan_id}", json={"note": "mine"}).status_code == 404


@pytest.mark.parametrize("body", [{"note": "x" * 2001}, {"note": None}, {}, {"note": "", "status": "failed"}])
def test_nothing_but_a_short_note_can_be_changed_in_a_scan(server: LiveServer, body: dict[str, object]) -> None:
    client = server.sign_up()
    scan_id = client.post("/api/scan/init").json()["scan_id"]
    assert client.patch(f"/api/scan/{scan_id}", json=body).status_code == 422


def test_the_timeline_has_ones_own_scans_that_are_not_deleted_from_the_earliest(
    server: LiveServer, astronaut_jpeg: bytes, grace_hopper_jpeg: bytes, connect: Connect
) -> None:
    client = server.register()
    assert client.get("/api/scan/timeline").raise_for_status().json() == {
        "scans": [], "drawn": [], "courses": [], "left_out": []
    }  # fmt: skip
    photos = (astronaut_jpeg, grace_hopper_jpeg, astronaut_jpeg)
    first, second, third = (scan(client, photo) for photo in photos)
    client.post("/api/scan/init").raise_for_status()
    client.delete(f"/api/scan/{third}").raise_for_status()
    told = client.get("/api/scan/timeline").raise_for_status().json()
    assert [one["scan_id"] for one in told["scans"]] == told["drawn"] == [first, second]
    [tone] = told["courses"]
    assert (tone["field"], tone["verdict"]) == ("ita_deg", "less")
    values = [client.get(f"/api/scan/{one}/results").json()["skin_tone"]["ita_deg"] for one in (first, second)]
    assert [point["value"] for point in tone["points"]] == values
    half = 1.96 * load_repeatability().sems["ita_deg"]
    assert tone["points"][0]["interval"] == pytest.approx([values[0] - half, values[0] + half], abs=0.01)
    assert connect(client).predict(api_name="/scan_timeline") == told
    assert server.register().get("/api/scan/timeline").json()["scans"] == []


def test_an_export_holds_everything_about_its_owner_and_nothing_of_another(
    server: LiveServer, astronaut_jpeg: bytes, grace_hopper_jpeg: bytes
) -> None:
    client, other = server.register(), server.register()
    scan_id, deleted, others = scan(client, astronaut_jpeg), scan(client, astronaut_jpeg), scan(other, astronaut_jpeg)
    client.patch(f"/api/scan/{scan_id}", json={"note": "Après la mer ☀"}).raise_for_status()
    client.delete(f"/api/scan/{deleted}").raise_for_status()
    client.put("/api/me/retention", json={"own_hours": 168}).raise_for_status()
    client.put("/api/me/consents/training", json={"granted": True, "text_version": "training.v1"}).raise_for_status()
    answer = client.get("/api/me/export").raise_for_status()
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"].startswith('attachment; filename="skin-')
    with ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        files = {name: archive.read(name) for name in archive.namelist()}
    [folder] = {name.rpartition("/")[0] for name in files if name.startswith("scans/")}
    assert folder.endswith(scan_id)
    pictures = {f"{folder}/{name}" for name in ("photo_0.jpg", "overlay.jpg", "face.jpg")}
    assert set(files) == {"README.txt", "account.json", "consents.json", f"{folder}/scan.json", *pictures}
    assert files[f"{folder}/overlay.jpg"] == client.get(f"/api/scan/{scan_id}/overlay").content
    told = json.loads(files[f"{folder}/scan.json"])
    assert told["note"] == "Après la mer ☀"
    assert told["result"] == client.get(f"/api/scan/{scan_id}/results").json()
    account = json.loads(files["account.json"])
    assert (account["email"], account["photos_kept_hours"]) == (client.get("/api/auth/me").json()["email"], 168)
    [decision] = json.loads(files["consents.json"])["decisions"]
    assert (decision["purpose"], decision["granted"], decision["text_version"]) == ("training", True, "training.v1")
    everything = b"".join(files.values())
    for secret in (others, deleted, other.get("/api/auth/me").json()["email"], "argon2"):
        assert secret.encode() not in everything


def test_every_file_of_an_export_is_explained_in_its_readme(server: LiveServer, astronaut_jpeg: bytes) -> None:
    client = server.register()
    scan(client, astronaut_jpeg)
    with ZipFile(io.BytesIO(client.get("/api/me/export").content)) as archive:
        readme = archive.read("README.txt").decode()
        for name in archive.namelist():
            told = re.sub(r"photo_\d", "photo_<n>", name.rpartition("/")[2])
            assert told in readme or told == "README.txt"


def test_nothing_can_be_exported_without_an_account_or_after_its_erasure(server: LiveServer) -> None:
    assert httpx.get(f"{server.url}/api/me/export").status_code == 401
    client = server.register()
    client.get("/api/me/export").raise_for_status()
    client.delete("/api/auth/me").raise_for_status()
    assert client.get("/api/me/export").status_code == 401


def test_an_export_is_sent_file_by_file() -> None:
    def load() -> Iterator[tuple[str, bytes]]:
        yield "one.jpg", b"1" * 100_000
        sent.append(len(parts))

    sent: list[int] = []
    parts: list[bytes] = []
    for part in stream_zip([("README.txt", b"read me")], load()):
        parts.append(part)
    assert sent == [2], "what is there is sent before the next picture is loaded"
    with ZipFile(io.BytesIO(b"".join(parts))) as archive:
        assert (archive.namelist(), archive.testzip()) == (["README.txt", "one.jpg"], None)


def scan(client: httpx.Client, photo: bytes) -> str:
    scan_id: str = client.post("/api/scan/init").raise_for_status().json()["scan_id"]
    client.post(f"/api/scan/{scan_id}/upload", files={"image": photo}).raise_for_status()
    assert wait_until_finished(client, scan_id)["status"] == "completed"
    return scan_id
