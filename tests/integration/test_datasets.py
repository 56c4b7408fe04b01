"""Snapshots, exports and imports on a real Postgres."""

import hashlib
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pyarrow.parquet as pq
import pytest
from PIL import Image
from sqlalchemy import Text, delete, func, select, text, update
from sqlalchemy.orm import Session

from skin.accounts.tables import Role, User
from skin.annotation.items import Upload
from skin.annotation.labels import Label
from skin.annotation.projects import Projects
from skin.annotation.schemas import ProjectRequest
from skin.annotation.tables import Answer, Assignment, AuditEntry, FinalLabel, Item
from skin.datasets.consensus import bring_up_to_date, find_ahead
from skin.datasets.formats import Format
from skin.datasets.labels import Choice, read_records
from skin.datasets.pictures import Folder
from skin.datasets.record import LabelKind, Split, restore
from skin.datasets.schemas import ImportFormat, SnapshotRequest
from skin.datasets.service import Datasets
from skin.datasets.tables import DatasetLine
from skin.db.session import Sessions
from skin.errors import SkinError
from tests.integration.labelled import add_user, answer_all, list_items, portrait, record_fields
from tests.unit.labels import make_record


def read(datasets: Datasets, admin: User, snapshot_id: UUID, kind: Format = Format.JSON_LINES) -> bytes:
    return b"".join(datasets.snapshots.export(admin, snapshot_id, kind).pieces)


def test_a_snapshot_never_changes_though_answers_are_corrected(
    sessions: Sessions, admin: User, datasets: Datasets, make_project: Callable[..., UUID]
) -> None:
    project_id = make_project()
    answer_all(sessions, admin, datasets, project_id)
    snapshot = datasets.snapshots.create(admin, project_id)
    first = read(datasets, admin, snapshot.id)
    assert hashlib.sha256(first).hexdigest() == snapshot.sha256
    assert (snapshot.lines, snapshot.number, snapshot.erased_lines) == (12, 1, 0)
    with sessions.begin() as session:
        session.execute(update(Answer).values(label={"monk": 9, "schema_version": "labels.v1"}))
    assert read(datasets, admin, snapshot.id) == first
    second = datasets.snapshots.create(admin, project_id)
    assert (second.number, second.sha256 == snapshot.sha256) == (2, False)
    (listed, _) = datasets.snapshots.list_all(admin, project_id).snapshots
    assert listed == second


def test_a_line_of_an_earlier_version_leaves_as_it_was_stored(
    sessions: Sessions, admin: User, datasets: Datasets, make_project: Callable[..., UUID]
) -> None:
    project_id = make_project(1)
    answer_all(sessions, admin, datasets, project_id, raters=1)
    snapshot = datasets.snapshots.create(admin, project_id)
    with sessions.begin() as session:
        fewer = func.replace(DatasetLine.line, '"support":null,"sources":null,', "")
        session.execute(update(DatasetLine).where(DatasetLine.snapshot_id == snapshot.id).values(line=fewer))
        stored = session.scalars(select(DatasetLine.line).where(DatasetLine.snapshot_id == snapshot.id)).one()
    assert "support" not in stored
    assert read(datasets, admin, snapshot.id) == f"{stored}\n".encode()
    (row,) = pq.read_table(io.BytesIO(read(datasets, admin, snapshot.id, Format.PARQUET))).to_pylist()
    assert (row["support"], row["monk"]) == (None, 4)


def test_erasing_a_person_takes_their_lines_and_the_manifest_says_so(
    sessions: Sessions, admin: User, datasets: Datasets, make_project: Callable[..., UUID]
) -> None:
    project_id = make_project()
    answer_all(sessions, admin, datasets, project_id)
    snapshot = datasets.snapshots.create(admin, project_id)
    with sessions.begin() as session:
        session.execute(delete(Item).where(Item.project_id == project_id, Item.person == "p0"))
    (left,) = datasets.snapshots.list_all(admin, project_id).snapshots
    data = read(datasets, admin, snapshot.id)
    assert (left.lines, left.erased_lines, left.sha256) == (12, 6, snapshot.sha256)
    assert left.sha256_left == hashlib.sha256(data).hexdigest() != snapshot.sha256
    assert len(data.splitlines()) == 6


def test_an_export_holds_pseudonyms_only_and_keeps_people_in_one_split(
    sessions: Sessions, admin: User, datasets: Datasets, make_project: Callable[..., UUID]
) -> None:
    project_id = make_project(30)
    answer_all(sessions, admin, datasets, project_id)
    snapshot = datasets.snapshots.create(admin, project_id, SnapshotRequest(seed=3))
    data = read(datasets, admin, snapshot.id)
    with sessions.begin() as session:
        for user in session.scalars(select(User)):
            assert str(user.id).encode() not in data
            assert (user.email or "").encode() not in data
    records = list(map(restore, data.splitlines()))
    splits: dict[str, set[Split | None]] = {}
    for record in records:
        splits.setdefault(record.person, set()).add(record.split)
    assert len(splits) == 10
    assert all(len(found) == 1 for found in splits.values())
    assert snapshot.counts.people == {
        split: sum(found == {split} for found in splits.values()) for split in snapshot.counts.people
    }
    later = datasets.snapshots.create(admin, project_id, SnapshotRequest(seed=4))
    again = {record.person: {record.split} for record in map(restore, read(datasets, admin, later.id).splitlines())}
    assert again == splits


def test_a_consensus_found_ahead_is_found_anew_when_answers_have_come_since(
    sessions: Sessions, admin: User, datasets: Datasets, make_project: Callable[..., UUID]
) -> None:
    project_id = make_project(1)
    answer_all(sessions, admin, datasets, project_id, raters=1)
    ahead = find_ahead(sessions, project_id)
    with sessions.begin() as session:
        assert bring_up_to_date(session, project_id, ahead) is ahead
    answer_all(sessions, admin, datasets, project_id, raters=2)
    with sessions.begin() as session:
        choice = Choice(kinds=[LabelKind.CONSENSUS], consensus=ahead)
        (median, _) = read_records(session, project_id, choice)
    assert median.support
    assert median.support["monk"]["answers"] == 2


def test_moments_are_told_in_utc_wherever_the_database_is(
    sessions: Sessions, admin: User, datasets: Datasets, make_project: Callable[..., UUID]
) -> None:
    project_id = make_project()
    answer_all(sessions, admin, datasets, project_id)
    later = datetime(2026, 11, 22, 23, 59, 59, 120, tzinfo=UTC)
    with sessions.begin() as session:
        one = select(func.max(Assignment.id.cast(Text))).where(Assignment.project_id == project_id).scalar_subquery()
        session.execute(update(Answer).where(Answer.assignment_id.cast(Text) == one).values(created_at=later))
    engine = sessions.kw["bind"]
    name = engine.url.database
    with engine.begin() as connection:
        connection.execute(text(f"ALTER DATABASE {name} SET timezone TO 'Asia/Kolkata'"))
    engine.dispose()
    lines = b"".join(datasets.snapshots.export_now(admin, project_id, Format.JSON_LINES).pieces).splitlines()
    with engine.begin() as connection:
        connection.execute(text(f"ALTER DATABASE {name} RESET timezone"))
    engine.dispose()
    assert {json.loads(line)["created_at"] for line in lines} == {"2026-11-22T10:00:00+00:00", later.isoformat()}


def test_pictures_of_an_evaluation_only_source_never_train(
    sessions: Sessions, admin: User, datasets: Datasets, tmp_path: Path
) -> None:
    project_id = Projects(sessions).create(admin, ProjectRequest(name=uuid4().hex)).id
    source = uuid4().hex
    datasets.items.add(
        admin, project_id, (Upload(f"{n}", portrait(n, 50), source=f"{source}/{n}", person=f"e{n}") for n in range(9))
    )
    answer_all(sessions, admin, datasets, project_id, raters=1)
    datasets.keep_for_evaluation(admin, source)
    datasets.keep_for_evaluation(admin, source)
    snapshot = datasets.snapshots.create(admin, project_id)
    assert snapshot.counts.pictures == {Split.TEST: 9}
    assert all(restore(line).evaluation_only for line in read(datasets, admin, snapshot.id).splitlines())


def test_every_kind_of_label_is_exported_as_what_it_is(
    sessions: Sessions, admin: User, datasets: Datasets, make_project: Callable[..., UUID]
) -> None:
    project_id = make_project(1)
    answer_all(sessions, admin, datasets, project_id, raters=1)
    (item,) = list_items(sessions, project_id)
    said = Label(monk=3).model_dump(mode="json")
    with sessions.begin() as session:
        session.add(FinalLabel(item_id=item.id, label=said, provenance={}, decided_by=admin.id))
        change = {"gold": said, "prediction": {"label": said, "model": "skinnet.v1", "maps": [], "uncertainty": 1}}
        session.execute(update(Item).where(Item.id == item.id).values(**change))
    data = b"".join(datasets.snapshots.export_now(admin, project_id, Format.JSON_LINES).pieces)
    records = {record.kind: record for record in map(restore, data.splitlines())}
    assert set(records) == {LabelKind.ANSWER, LabelKind.FINAL, LabelKind.GOLD, LabelKind.PREDICTION}
    assert records[LabelKind.PREDICTION].made_by == "skinnet.v1"
    assert records[LabelKind.FINAL].annotator not in (None, records[LabelKind.ANSWER].annotator)
    only = datasets.snapshots.create(admin, project_id, SnapshotRequest(kinds=[LabelKind.FINAL]))
    assert only.counts.kinds == {LabelKind.FINAL: 1}


@pytest.mark.parametrize("kind", [Format.JSON_LINES, Format.LABEL_STUDIO])
def test_labels_come_back_into_the_same_project_as_known_and_into_another_one_as_they_were(
    sessions: Sessions, admin: User, datasets: Datasets, make_project: Callable[..., UUID], kind: Format
) -> None:
    project_id, other_id = make_project(4, seed=9), make_project(4, seed=9)
    answer_all(sessions, admin, datasets, project_id)
    data = b"".join(datasets.snapshots.export_now(admin, project_id, kind).pieces)
    again = datasets.imports.add_file(admin, project_id, ImportFormat(kind.value), data)
    assert (again.added, again.known, again.refused) == (0, 8, [])
    moved = datasets.imports.add_file(admin, other_id, ImportFormat(kind.value), data)
    assert (moved.added, moved.known, moved.refused) == (8, 0, [])
    assert told(sessions, other_id) == told(sessions, project_id)
    with sessions.begin() as session:
        wanted = session.scalars(select(Assignment.state).where(Assignment.project_id == other_id)).all()
    assert wanted == ["submitted"] * 8


def told(sessions: Sessions, project_id: UUID) -> list[tuple[object, ...]]:
    with sessions.begin() as session:
        query = (
            select(Item.sha256, Answer.label, Answer.seconds_spent, Answer.created_at)
            .join(Assignment, Assignment.item_id == Item.id)
            .join(Answer, Answer.assignment_id == Assignment.id)
            .where(Item.project_id == project_id)
        )
        return sorted((tuple(row) for row in session.execute(query)), key=lambda row: (row[0], str(row)))


def test_another_label_of_the_same_rater_is_refused_and_the_first_is_kept(
    sessions: Sessions, admin: User, datasets: Datasets, make_project: Callable[..., UUID]
) -> None:
    project_id = make_project(1)
    (item,) = list_items(sessions, project_id)
    lines = [
        json.dumps(record_fields(make_record(Label(monk=monk), annotator="A"), item)).encode() for monk in (3, 3, 4)
    ]
    stranger = json.dumps(record_fields(make_record(Label(monk=1)), Item(id=uuid4(), sha256="0"))).encode()
    data = b"\n".join([*lines, stranger, b"{}"])
    done = datasets.imports.add_file(admin, project_id, ImportFormat.JSON_LINES, data)
    assert (done.added, done.known, [one.where for one in done.refused]) == (1, 1, ["line 3", "line 4", "line 5"])


RATINGS = (
    "rater,id,monk,monk_alt,ita_class,skin_type,acne,redness,dark_spots,texture,pores,wrinkles,dark_circles,"
    "eye_bags,dryness,oiliness,sure,note\n"
    "A,001,3,2,light,normal,0,1,0,0,0,0,1,0,0,0,2,Hat\n"
    "B,001,4,,light,oily,0,1,0,0,0,0,1,0,0,3,3,\n"
    "A,002,30,,,oily,0,1,0,0,0,0,1,0,0,3,3,\n"
    "A,009,3,,,oily,0,1,0,0,0,0,1,0,0,3,3,\n"
)


def test_ratings_with_their_pictures_become_answers_and_doing_it_again_adds_nothing(
    sessions: Sessions, admin: User, datasets: Datasets, tmp_path: Path
) -> None:
    project_id = Projects(sessions).create(admin, ProjectRequest(name=uuid4().hex, overlap=2)).id
    root = tmp_path / "faces"
    root.mkdir()
    for number in (1, 2):
        (root / f"00{number}.png").write_bytes(portrait(number, 77))
    (root / "003.png").write_bytes(b"no picture")
    (tmp_path / "ratings.csv").write_text(RATINGS)
    folder = Folder(root=root, source="faces", stems=True, licence="CC0")
    seen: list[None] = []
    done = datasets.add_folder(admin, project_id, folder, lambda: seen.append(None))
    assert (done.added, [one.name for one in done.skipped], len(seen)) == (2, ["003.png"], 3)
    rated = datasets.add_ratings(admin, project_id, "faces", tmp_path / "ratings.csv")
    assert (rated.added, [one.where for one in rated.refused]) == (2, ["line 4", "line 5"])
    assert datasets.add_folder(admin, project_id, folder, lambda: None).added == 0
    again = datasets.add_ratings(admin, project_id, "faces", tmp_path / "ratings.csv")
    assert (again.added, again.known) == (0, 2)
    data = b"".join(datasets.snapshots.export_now(admin, project_id, Format.PARQUET).pieces)
    rows = sorted(pq.read_table(io.BytesIO(data)).to_pylist(), key=lambda row: row["monk"])
    assert [(row["monk"], row["monk_second"], row["sure"], row["note"]) for row in rows] == [
        (3, 2, 2, "Hat\nita_class: light"),
        (4, None, 3, "ita_class: light"),
    ]
    assert rows[0]["annotator"] != rows[1]["annotator"]
    assert (rows[0]["licence"], rows[0]["source"]) == ("CC0", "faces")


def test_a_table_or_a_folder_says_whose_pictures_are(tmp_path: Path) -> None:
    (tmp_path / "ada").mkdir()
    for name in ("ada/1.png", "ada/2.png", "3.png", "4.png", "notes.txt"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "people.csv").write_text("file,person,licence\n4.png,ada,CC BY 4.0\n")
    folder = Folder(root=tmp_path, source="s", licence="CC0", table=tmp_path / "people.csv")
    found = {one.name: (one.person, one.licence) for one in folder.read(folder.list_files(), lambda: None)}
    assert found == {
        "ada/1.png": ("s/ada", "CC0"),
        "ada/2.png": ("s/ada", "CC0"),
        "3.png": ("", "CC0"),
        "4.png": ("s/ada", "CC BY 4.0"),
    }


def test_near_duplicates_are_listed(admin: User, datasets: Datasets, make_project: Callable[..., UUID]) -> None:
    project_id = make_project(3)
    first = Image.open(io.BytesIO(portrait(0))).convert("RGB")
    buffer = io.BytesIO()
    first.resize((48, 48)).save(buffer, "JPEG", quality=60)
    datasets.items.add(admin, project_id, [Upload("copy", buffer.getvalue(), person="somebody else")])
    found = datasets.snapshots.find_near_duplicates(admin, project_id)
    assert [pair.same_person for pair in found.pairs] == [False]
    assert datasets.snapshots.create(admin, project_id).counts.alike == 1


def test_only_administrators_may_and_exports_are_noted(
    sessions: Sessions, admin: User, datasets: Datasets, make_project: Callable[..., UUID]
) -> None:
    project_id = make_project(1)
    answer_all(sessions, admin, datasets, project_id, raters=1)
    snapshot = datasets.snapshots.create(admin, project_id)
    read(datasets, admin, snapshot.id, Format.CSV)
    with sessions.begin() as session:
        entries = list_audit(session, project_id)
    assert ("export", {"number": 1, "format": "csv"}) in entries
    annotator = add_user(sessions, Role.ANNOTATOR)
    for attempt in (
        lambda: datasets.snapshots.create(annotator, project_id),
        lambda: datasets.snapshots.list_all(annotator, project_id),
        lambda: datasets.snapshots.export(annotator, snapshot.id, Format.CSV),
        lambda: datasets.snapshots.export_now(annotator, project_id, Format.CSV),
        lambda: datasets.imports.add(annotator, project_id, []),
        lambda: datasets.keep_for_evaluation(annotator, "x"),
    ):
        with pytest.raises(SkinError) as refusal:
            attempt()
        assert refusal.value.code == "not_permitted"


def list_audit(session: Session, project_id: UUID) -> list[tuple[str, object]]:
    query = select(AuditEntry.action, AuditEntry.details).where(AuditEntry.subject_id == project_id)
    return [tuple(row) for row in session.execute(query)]
