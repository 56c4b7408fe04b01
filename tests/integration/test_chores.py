"""What is due is erased, and nothing else is: photos by each person's choice, deleted scans after the time to undo."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update

from skin.accounts.retention import CHOICES_HOURS, find_retention
from skin.accounts.tables import User
from skin.core.concerns import Concern
from skin.errors import InvalidInput, NotFound
from skin.scans.chores import Chores
from skin.scans.service import UNDO_TIME
from skin.scans.store import photo_name
from skin.scans.tables import ScanSession, ScanState
from tests.integration.house import House

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def add_person(house: House, **values: object) -> UUID:
    with house.sessions.begin() as session:
        user = User(email=f"{uuid4().hex}@example.org", password_hash="x", **values)
        session.add(user)
    return user.id


def add_scan(house: House, photo: bytes, user_id: UUID, *, analysed: bool = True) -> UUID:
    scan_id = house.scans.init(user_id).scan_id
    house.scans.upload(user_id, scan_id, photo)
    if analysed:
        house.worker.run(scan_id)
    return scan_id


def has_pictures(house: House, scan_id: UUID) -> bool:
    with house.sessions.begin() as session:
        key = session.get_one(ScanSession, scan_id).picture_key
    return key is not None and (house.folder / key / photo_name(0)).exists()


def count_pictures(house: House) -> int:
    return len(list(house.folder.rglob("*.jpg")))


@pytest.mark.parametrize("own", [None, *CHOICES_HOURS])
def test_photos_are_kept_exactly_as_long_as_their_person_chose(
    house: House, astronaut_png: bytes, own: float | None
) -> None:
    user_id = add_person(house, picture_retention_hours=own)
    scan_id = add_scan(house, astronaut_png, user_id)
    with house.sessions.begin() as session:
        hours = find_retention(session.get_one(User, user_id), service_hours=24).picture_hours
        created_at = session.get_one(ScanSession, scan_id).created_at
    house.time = created_at + hours * HOUR - MINUTE
    house.chores.erase_what_is_due()
    assert has_pictures(house, scan_id)
    house.time = created_at + hours * HOUR
    house.chores.erase_what_is_due()
    assert not has_pictures(house, scan_id)
    assert count_pictures(house) == 0
    assert house.scans.get_results(user_id, scan_id).skin_tone.ita_deg is not None, "the result stays"


def test_each_persons_choice_is_for_their_own_photos(house: House, astronaut_png: bytes) -> None:
    short, long = (add_person(house, picture_retention_hours=hours) for hours in (1, 720))
    scans = [add_scan(house, astronaut_png, user_id) for user_id in (short, long, house.user_id)]
    house.time = datetime.now(UTC) + 2 * HOUR
    house.chores.erase_what_is_due()
    assert [has_pictures(house, one) for one in scans] == [False, True, True]
    house.time += 23 * HOUR
    house.chores.erase_what_is_due()
    assert [has_pictures(house, one) for one in scans] == [False, True, False]


def test_a_guests_photos_are_kept_as_the_service_does_whatever_the_row_says(house: House, astronaut_png: bytes) -> None:
    with house.sessions.begin() as session:
        session.execute(update(User).where(User.id == house.user_id).values(picture_retention_hours=720))
    scan_id = add_scan(house, astronaut_png, house.user_id)
    house.time = datetime.now(UTC) + 25 * HOUR
    house.chores.erase_what_is_due()
    assert not has_pictures(house, scan_id)


def test_a_photo_that_waits_for_its_analysis_is_not_taken_away_too_soon(house: House, astronaut_png: bytes) -> None:
    user_id = add_person(house, picture_retention_hours=0)
    scan_id = add_scan(house, astronaut_png, user_id, analysed=False)
    house.time = datetime.now(UTC) + 59 * MINUTE
    house.chores.erase_what_is_due()
    assert has_pictures(house, scan_id)
    house.time += 2 * MINUTE
    house.chores.erase_what_is_due()
    assert not has_pictures(house, scan_id)
    status = house.scans.get_status(user_id, scan_id)
    assert status.error is not None
    assert (status.status, status.error.code) == (ScanState.FAILED, "picture_not_found")


def test_pictures_that_no_scan_remembers_are_erased_after_the_longest_time(house: House, astronaut_png: bytes) -> None:
    scan_id = add_scan(house, astronaut_png, add_person(house, picture_retention_hours=720))
    house.store.save("orphan", photo_name(0), b"a picture that no scan remembers")
    house.time = datetime.now(UTC) + 719 * HOUR
    house.chores.keep_house()
    assert (has_pictures(house, scan_id), count_pictures(house)) == (True, 4)
    house.time += 2 * HOUR
    house.chores.keep_house()
    assert count_pictures(house) == 0


def test_a_deleted_scan_is_hidden_from_every_door_at_once(house: House, astronaut_png: bytes) -> None:
    scan_id, other_id = (add_scan(house, astronaut_png, house.user_id) for _ in range(2))
    user_id, scans = house.user_id, house.scans
    scans.delete(user_id, scan_id)
    for ask in (
        lambda: scans.get_status(user_id, scan_id),
        lambda: scans.get_results(user_id, scan_id),
        lambda: scans.get_overlay(user_id, scan_id),
        lambda: scans.get_face(user_id, scan_id),
        lambda: scans.get_map(user_id, scan_id, Concern.REDNESS),
        lambda: scans.compare(user_id, scan_id, other_id),
        lambda: scans.compare(user_id, other_id, scan_id),
        lambda: scans.upload(user_id, scan_id, astronaut_png),
        lambda: scans.write_note(user_id, scan_id, "still here?"),
        lambda: scans.delete(user_id, scan_id),
    ):
        with pytest.raises(NotFound) as refusal:
            ask()
        assert refusal.value.code == "scan_not_found"
    assert [one.scan_id for one in scans.list_history(user_id).scans] == [other_id]
    assert [one.scan_id for one in scans.list_deleted(user_id)] == [scan_id]


def test_a_restored_scan_is_as_it_was(house: House, astronaut_png: bytes) -> None:
    scan_id = add_scan(house, astronaut_png, house.user_id)
    house.scans.write_note(house.user_id, scan_id, "By the window")
    before = house.scans.get_results(house.user_id, scan_id)
    house.scans.delete(house.user_id, scan_id)
    house.time += UNDO_TIME
    house.chores.erase_what_is_due()
    restored = house.scans.restore(house.user_id, scan_id)
    assert (restored.scan_id, restored.note) == (scan_id, "By the window")
    house.time += 2 * UNDO_TIME
    house.chores.erase_what_is_due()
    assert house.scans.get_results(house.user_id, scan_id) == before
    assert has_pictures(house, scan_id)
    assert house.scans.list_deleted(house.user_id) == []


def test_a_deleted_scan_is_erased_when_the_time_to_undo_is_over_also_by_a_worker_that_started_later(
    house: House, astronaut_png: bytes
) -> None:
    scan_id, kept_id = (add_scan(house, astronaut_png, house.user_id) for _ in range(2))
    house.scans.delete(house.user_id, scan_id)
    house.time += UNDO_TIME + timedelta(seconds=1)
    with pytest.raises(NotFound):
        house.scans.restore(house.user_id, scan_id)
    assert house.scans.list_deleted(house.user_id) == []
    later = Chores(
        house.sessions, house.store, clock=lambda: house.time, picture_hours=24, erase_expired_guests=lambda: None
    )
    later.erase_what_is_due()
    with house.sessions.begin() as session:
        assert session.get(ScanSession, scan_id) is None
    assert (count_pictures(house), house.count_analyses(scan_id)) == (3, 0)
    assert has_pictures(house, kept_id)


def test_a_deleted_scan_can_be_erased_at_once(house: House, astronaut_png: bytes) -> None:
    scan_id = add_scan(house, astronaut_png, house.user_id)
    house.scans.delete(house.user_id, scan_id)
    house.scans.erase(house.user_id, scan_id)
    assert count_pictures(house) == 0
    with pytest.raises(NotFound):
        house.scans.restore(house.user_id, scan_id)


def test_nobody_restores_or_erases_the_scan_of_another(house: House, astronaut_png: bytes) -> None:
    scan_id = add_scan(house, astronaut_png, house.user_id)
    house.scans.delete(house.user_id, scan_id)
    other_id = add_person(house)
    for act in (house.scans.restore, house.scans.erase, house.scans.delete):
        with pytest.raises(NotFound):
            act(other_id, scan_id)
    assert house.scans.list_deleted(other_id) == []
    assert has_pictures(house, scan_id)


def test_the_pictures_of_a_deleted_scan_go_with_the_account(house: House, astronaut_png: bytes) -> None:
    scan_id = add_scan(house, astronaut_png, house.user_id)
    house.scans.delete(house.user_id, scan_id)
    house.scans.erase_pictures(house.user_id)
    assert count_pictures(house) == 0


def test_a_scan_deleted_and_restored_while_it_is_examined_has_its_result(house: House, astronaut_png: bytes) -> None:
    scan_id = add_scan(house, astronaut_png, house.user_id, analysed=False)
    house.scans.delete(house.user_id, scan_id)
    house.worker.run(scan_id)
    house.scans.restore(house.user_id, scan_id)
    assert house.scans.get_results(house.user_id, scan_id).skin_tone.ita_deg is not None


def test_a_note_is_kept_without_the_space_around_it_and_can_be_taken_away(house: House) -> None:
    scan_id = house.scans.init(house.user_id).scan_id
    assert house.scans.write_note(house.user_id, scan_id, "  New cream \n").note == "New cream"
    assert house.scans.list_history(house.user_id).scans[0].note == "New cream"
    assert house.scans.write_note(house.user_id, scan_id, " ").note == ""


@pytest.mark.parametrize("note", ["x" * 2001, "a\0b"], ids=["too long", "a null character"])
def test_a_note_that_cannot_be_kept_is_refused(house: House, note: str) -> None:
    scan_id = house.scans.init(house.user_id).scan_id
    with pytest.raises(InvalidInput):
        house.scans.write_note(house.user_id, scan_id, note)
