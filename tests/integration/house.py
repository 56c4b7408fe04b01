"""Scans, their queue, their store and their chores, without a web server and with a clock of one's own."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import sessionmaker

from skin.accounts.tables import User
from skin.db.migrate import migrate
from skin.db.session import Sessions, build_engine, parse_database_url
from skin.scans.analysis import ScanWorker
from skin.scans.chores import Chores
from skin.scans.comparison import Repeatability
from skin.scans.jobs import DatabaseQueue
from skin.scans.service import Scans
from skin.scans.store import PictureStore, build_local_store
from skin.scans.tables import ScanState, SkinAnalysis
from tests.fakes import FakeExaminer


class House:
    """`time` is what its clock says; the database keeps the real time."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = parse_database_url(url)
        self.folder = folder
        self.engine = build_engine(self.url)
        migrate(self.engine)
        self.sessions: Sessions = sessionmaker(self.engine, expire_on_commit=False)
        self.queue = DatabaseQueue()
        self.queue.open(self.engine)
        self.time = datetime.now(UTC)
        self.store: PictureStore = build_local_store(folder)
        self.scans = Scans(
            self.sessions,
            self.store,
            self.queue,
            prepare=lambda photo: photo,
            repeatability=Repeatability(),
            clock=lambda: self.time,
        )
        self.chores = Chores(
            self.sessions,
            self.store,
            clock=lambda: self.time,
            picture_hours=24,
            erase_expired_guests=lambda: None,
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
