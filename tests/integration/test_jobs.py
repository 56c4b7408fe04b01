"""Scans are analysed once, whatever happens to the workers."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from skin.core.concerns import Concern
from skin.db.session import build_engine, libpq_url
from skin.errors import Code, NotFound
from skin.scans.analysis import ScanWorker
from skin.scans.comparison import Repeatability
from skin.scans.jobs import BackgroundWorker, build_worker_app
from skin.scans.service import Scans
from skin.scans.store import photo_name
from skin.scans.tables import ScanState
from tests.fakes import FakeExaminer
from tests.integration.house import House


class Broken(Exception):
    """Not one of ours."""


def test_the_scan_and_its_job_commit_together_or_not_at_all(house: House, astronaut_png: bytes) -> None:
    scan_id = house.scans.init(house.user_id).scan_id

    class BrokenQueue:
        def defer(self, session: object, scan_id: UUID) -> None:
            house.queue.defer(session, scan_id)  # type: ignore[arg-type]
            raise Broken

    scans = Scans(
        house.sessions,
        house.store,
        BrokenQueue(),
        prepare=lambda photo: photo,
        repeatability=Repeatability(),
        clock=lambda: house.time,
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


def start_worker(house: House, scan_worker: ScanWorker, concurrency: int = 1) -> BackgroundWorker:
    app = build_worker_app(libpq_url(house.url), scan_worker, house.chores)
    worker = BackgroundWorker(app, concurrency=concurrency)
    worker.start()
    return worker


WORKER = """
import sys, time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from sqlalchemy.orm import sessionmaker
from skin.db.session import build_engine, libpq_url, parse_database_url
from skin.scans.analysis import ScanWorker
from skin.scans.chores import Chores
from skin.scans.jobs import BackgroundWorker, build_worker_app
from skin.scans.store import build_local_store

def examine(photos):
    print("examining", flush=True)
    time.sleep(600)

url = parse_database_url(sys.argv[1])
sessions = sessionmaker(build_engine(url), expire_on_commit=False)
store = build_local_store(Path(sys.argv[2]))
worker = ScanWorker(sessions, store, examine)
now = lambda: datetime.now(UTC)
chores = Chores(sessions, store, clock=now, picture_hours=24, erase_expired_guests=print)
BackgroundWorker(build_worker_app(libpq_url(url), worker, chores), concurrency=1).start()
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


@contextmanager
def database_away(house: House) -> Iterator[None]:
    """Within, nobody is connected to the database and nobody can connect."""
    admin = build_engine(house.url.set(database="postgres")).execution_options(isolation_level="AUTOCOMMIT")
    name = house.url.database
    with admin.connect() as connection:
        connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false"))
        everybody = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name")
        connection.execute(everybody, {"name": name})
        yield
        connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true"))
    admin.dispose()


def test_a_worker_outlives_a_database_that_goes_away(house: House, astronaut_png: bytes) -> None:
    worker = start_worker(house, house.worker)
    house.wait_for(house.upload(astronaut_png), ScanState.COMPLETED)
    with database_away(house):
        time.sleep(3)
    house.wait_for(house.upload(astronaut_png), ScanState.COMPLETED)
    worker.stop()
    assert not worker.is_alive()


def test_a_worker_waits_for_a_database_that_comes_late(house: House, astronaut_png: bytes) -> None:
    scan_id = house.upload(astronaut_png)
    with database_away(house):
        worker = start_worker(house, house.worker)
        time.sleep(33)  # the pool gives up after 30
        assert worker.is_alive()
    house.wait_for(scan_id, ScanState.COMPLETED)
    worker.stop()
    assert not worker.is_alive()


def test_a_worker_can_be_stopped_while_the_database_is_away(house: House, astronaut_png: bytes) -> None:
    worker = start_worker(house, house.worker)
    house.wait_for(house.upload(astronaut_png), ScanState.COMPLETED)
    with database_away(house):
        worker.stop()
        assert not worker.is_alive()


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
