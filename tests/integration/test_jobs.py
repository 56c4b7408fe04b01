"""Scans are analysed once, whatever happens to the workers."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import sessionmaker

from skin.accounts.tables import User
from skin.core.concerns import Concern
from skin.db.migrate import migrate
from skin.db.session import Sessions, build_engine, libpq_url, parse_database_url
from skin.errors import Code, NotFound
from skin.scans.analysis import ScanWorker
from skin.scans.comparison import Repeatability
from skin.scans.jobs import BackgroundWorker, Chores, DatabaseQueue, build_worker_app
from skin.scans.service import Scans
from skin.scans.store import PictureStore, build_local_store, photo_name
from skin.scans.tables import ScanSession, ScanState, SkinAnalysis
from tests.fakes import FakeExaminer


class House:
    """Scans, their queue and their store, without a web server."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = parse_database_url(url)
        self.folder = folder
        self.engine = build_engine(self.url)
        migrate(self.engine)
        self.sessions: Sessions = sessionmaker(self.engine, expire_on_commit=False)
        self.queue = DatabaseQueue()
        self.queue.open(self.engine)
        self.store: PictureStore = build_local_store(folder)
        self.scans = Scans(
            self.sessions, self.store, self.queue, prepare=lambda photo: photo, repeatability=Repeatability()
        )
        self.worker = ScanWorker(self.sessions, self.store, FakeExaminer())
        with self.sessions.begin() as session:
            guest = User(expires_at=datetime.now(UTC) + timedelta(days=1))
            session.add(guest)
        self.user_id = guest.id

    def upload(self, photo: bytes) -> UUID:
        scan_id = self.scans.init(self.user_id).scan_id
        self.scans.upload(self.user_id, scan_id, photo)
        return scan_id

    def state(self, scan_id: UUID) -> ScanState:
        return self.scans.get_status(self.user_id, scan_id).status

    def wait_for(self, scan_id: UUID, state: ScanState, timeout_s: float = 60) -> None:
        give_up_at = time.monotonic() + timeout_s
        while self.state(scan_id) is not state:
            assert time.monotonic() < give_up_at, f"scan is {self.state(scan_id)}, not {state}"
            time.sleep(0.1)

    def count_jobs(self) -> int:
        with self.engine.connect() as connection:
            query = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'analyse_scan'"
            return int(connection.execute(text(query)).scalar_one())

    def count_analyses(self, scan_id: UUID) -> int:
        with self.sessions.begin() as session:
            return len(session.scalars(select(SkinAnalysis).where(SkinAnalysis.scan_id == scan_id)).all())


@pytest.fixture
def house(make_database: Callable[[], str], tmp_path: Path) -> Iterator[House]:
    house = House(make_database(), tmp_path / "pictures")
    yield house
    house.queue.close()
    house.engine.dispose()


class Broken(Exception):
    """Not one of ours."""


def test_the_scan_and_its_job_commit_together_or_not_at_all(house: House, astronaut_png: bytes) -> None:
    scan_id = house.scans.init(house.user_id).scan_id

    class BrokenQueue:
        def defer(self, session: object, scan_id: UUID) -> None:
            house.queue.defer(session, scan_id)  # type: ignore[arg-type]
            raise Broken

    scans = Scans(
        house.sessions, house.store, BrokenQueue(), prepare=lambda photo: photo, repeatability=Repeatability()
    )
    with pytest.raises(Broken):
        scans.upload(house.user_id, scan_id, astronaut_png)
    assert (house.state(scan_id), house.count_jobs()) == (ScanState.PENDING, 0)
    assert list(house.folder.rglob("*.jpg")) == [], "a photo without its scan must not stay"


def test_a_job_that_runs_twice_gives_one_result(house: House, astronaut_png: bytes) -> None:
    scan_id = house.upload(astronaut_png)
    house.worker.run(scan_id)
    first = house.scans.get_results(house.user_id, scan_id)
    house.worker.run(scan_id)
    assert house.count_analyses(scan_id) == 1
    assert house.scans.get_results(house.user_id, scan_id) == first


def test_two_workers_on_one_scan_give_one_result(house: House, astronaut_png: bytes) -> None:
    """The other worker finishes while the first is still examining."""
    scan_id = house.upload(astronaut_png)

    class Overtaken(FakeExaminer):
        def __call__(self, photos):  # type: ignore[no-untyped-def]
            house.worker.run(scan_id)
            return super().__call__(photos)

    ScanWorker(house.sessions, house.store, Overtaken()).run(scan_id)
    assert house.count_analyses(scan_id) == 1
    assert house.state(scan_id) is ScanState.COMPLETED


def test_a_scan_erased_while_it_is_examined_leaves_nothing(house: House, astronaut_png: bytes) -> None:
    scan_id = house.upload(astronaut_png)

    class Erased(FakeExaminer):
        def __call__(self, photos):  # type: ignore[no-untyped-def]
            house.scans.erase(house.user_id, scan_id)
            return super().__call__(photos)

    ScanWorker(house.sessions, house.store, Erased()).run(scan_id)
    assert house.count_analyses(scan_id) == 0
    assert list(house.folder.rglob("*.jpg")) == []


def test_a_refused_photo_ends_failed_with_its_code(house: House, blank_png: bytes) -> None:
    class Refusing:
        def __call__(self, photos):  # type: ignore[no-untyped-def]
            from skin.errors import error

            raise error(Code.BLURRED)

    scan_id = house.upload(blank_png)
    ScanWorker(house.sessions, house.store, Refusing()).run(scan_id)
    status = house.scans.get_status(house.user_id, scan_id)
    assert status.error is not None
    assert (status.status, status.error.code) == (ScanState.FAILED, "blurred")


def test_a_lost_photo_ends_the_scan_instead_of_the_worker(house: House, astronaut_png: bytes) -> None:
    scan_id = house.upload(astronaut_png)
    for picture in house.folder.rglob(photo_name(0)):
        picture.unlink()
    house.worker.run(scan_id)
    assert house.state(scan_id) is ScanState.FAILED


def test_a_scan_nobody_knows_is_passed_over(house: House) -> None:
    house.worker.run(uuid4())


def test_a_bug_is_tried_three_times_and_then_told(house: House, astronaut_png: bytes) -> None:
    tries: list[int] = []

    class Buggy:
        def __call__(self, photos):  # type: ignore[no-untyped-def]
            tries.append(1)
            raise Broken

    worker = start_worker(house, ScanWorker(house.sessions, house.store, Buggy()))
    scan_id = house.upload(astronaut_png)
    house.wait_for(scan_id, ScanState.FAILED)
    worker.stop()
    status = house.scans.get_status(house.user_id, scan_id)
    assert status.error is not None
    assert (len(tries), status.error.code) == (3, "internal_error")


def test_pictures_are_erased_when_their_time_is_over_and_results_stay(house: House, astronaut_png: bytes) -> None:
    scan_id = house.upload(astronaut_png)
    house.worker.run(scan_id)
    house.store.save("orphan", photo_name(0), b"a picture that no scan remembers")
    assert len(list(house.folder.rglob("*.jpg"))) == 4
    house.worker.erase_old_pictures(datetime.now(UTC) + timedelta(minutes=1))
    assert list(house.folder.rglob("*.jpg")) == []
    assert house.scans.get_results(house.user_id, scan_id).skin_tone.ita_deg is not None
    with house.sessions.begin() as session:
        assert session.get_one(ScanSession, scan_id).picture_key is None


def test_pictures_within_their_time_stay(house: House, astronaut_png: bytes) -> None:
    scan_id = house.upload(astronaut_png)
    house.worker.run(scan_id)
    house.worker.erase_old_pictures(datetime.now(UTC) - timedelta(minutes=1))
    assert len(list(house.folder.rglob("*.jpg"))) == 3


def start_worker(house: House, scan_worker: ScanWorker, concurrency: int = 1) -> BackgroundWorker:
    chores = Chores(
        scan_worker,
        clock=lambda: datetime.now(UTC),
        picture_retention=timedelta(days=1),
        erase_expired_guests=lambda: None,
    )
    worker = BackgroundWorker(build_worker_app(libpq_url(house.url), chores), concurrency=concurrency)
    worker.start()
    return worker


WORKER = """
import sys, time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from sqlalchemy.orm import sessionmaker
from skin.db.session import build_engine, libpq_url, parse_database_url
from skin.scans.analysis import ScanWorker
from skin.scans.jobs import BackgroundWorker, Chores, build_worker_app
from skin.scans.store import build_local_store

def examine(photos):
    print("examining", flush=True)
    time.sleep(600)

url = parse_database_url(sys.argv[1])
sessions = sessionmaker(build_engine(url), expire_on_commit=False)
worker = ScanWorker(sessions, build_local_store(Path(sys.argv[2])), examine)
now = lambda: datetime.now(UTC)
chores = Chores(worker, clock=now, picture_retention=timedelta(1), erase_expired_guests=print)
BackgroundWorker(build_worker_app(libpq_url(url), chores), concurrency=1).start()
time.sleep(600)
"""


def test_a_scan_whose_worker_was_killed_is_taken_up_by_another(house: House, astronaut_png: bytes) -> None:
    """kill -9 in the middle of an examination, which no handler sees."""
    database = house.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", WORKER, database, str(house.folder)]
    victim = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ))
    assert victim.stdout is not None
    scan_id = house.upload(astronaut_png)
    with victim.stdout as printed:
        assert printed.readline() == "examining\n"
    victim.send_signal(signal.SIGKILL)
    victim.wait()
    assert house.state(scan_id) is ScanState.PROCESSING
    rescuer = start_worker(house, house.worker)
    house.wait_for(scan_id, ScanState.COMPLETED)
    rescuer.stop()
    assert house.count_analyses(scan_id) == 1


def test_a_worker_that_is_stopped_lets_its_scan_end(house: House, astronaut_png: bytes) -> None:
    started: list[int] = []

    class Slow(FakeExaminer):
        def __call__(self, photos):  # type: ignore[no-untyped-def]
            started.append(1)
            time.sleep(1)
            return super().__call__(photos)

    worker = start_worker(house, ScanWorker(house.sessions, house.store, Slow()))
    scan_id = house.upload(astronaut_png)
    give_up_at = time.monotonic() + 30
    while not started:
        assert time.monotonic() < give_up_at
        time.sleep(0.02)
    worker.stop()
    assert not worker.is_alive()
    assert house.state(scan_id) is ScanState.COMPLETED


def test_maps_are_kept_with_the_scan_and_erased_with_it(house: House, astronaut_png: bytes) -> None:
    class Mapping(FakeExaminer):
        def __call__(self, photos):  # type: ignore[no-untyped-def]
            return replace(super().__call__(photos), maps={Concern.REDNESS: b"a map"})

    scan_id = house.upload(astronaut_png)
    ScanWorker(house.sessions, house.store, Mapping()).run(scan_id)
    concerns = {one.name: one.has_map for one in house.scans.get_results(house.user_id, scan_id).concerns}
    assert [name for name, has_map in concerns.items() if has_map] == [Concern.REDNESS]
    assert house.scans.get_map(house.user_id, scan_id, Concern.REDNESS) == b"a map"
    with pytest.raises(NotFound):
        house.scans.get_map(house.user_id, scan_id, Concern.ACNE)
    house.scans.erase(house.user_id, scan_id)
    assert list(house.folder.rglob("*.*")) == []
