"""Scans become pictures to label only while their owner's yes stands, and nothing of them stays afterwards."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import func, select, update

from skin.accounts.consents import Consents, Wording
from skin.accounts.service import Accounts
from skin.accounts.tables import Purpose, Role, User
from skin.accounts.tokens import TokenSigner
from skin.annotation.collection import STRAY_AFTER, Collection
from skin.annotation.tables import Answer, Assignment, Item, Project
from skin.core.concerns import Concern
from skin.errors import SkinError
from skin.scans.comparison import Repeatability
from skin.scans.erasure import Erasure
from skin.scans.jobs import DatabaseQueue
from skin.scans.records import build_analysis
from skin.scans.service import Scans
from skin.scans.store import FACE, PictureStore, build_local_store, map_name
from skin.scans.tables import ScanSession, ScanState
from skin.vision.heatmap import lay_over_face
from tests.fakes import build_findings
from tests.integration.annotating import Office, build_label

TRAINING = Purpose.TRAINING


@dataclass
class Clinic:
    """Owners, their scans, and a project that takes them."""

    office: Office
    scan_store: PictureStore
    store: PictureStore
    folder: Path
    collection: Collection
    scans: Scans
    consents: Consents
    erasure: Erasure
    admin: User

    def open_project(self) -> UUID:
        return self.office.make_project(0, takes_scans=True, overlap=2)

    def add_owner(self, *, agrees: bool = True) -> UUID:
        owner = self.office.hire(Role.USER)
        if agrees:
            self.consents.grant(owner.id, TRAINING, "training.v1")
        return owner.id

    def add_scan(self, owner_id: UUID) -> UUID:
        """A completed scan with a face picture of its own and one map."""
        key = uuid4().hex
        self.scan_store.save(key, FACE, draw_face(seed=int(key[:8], 16)))
        self.scan_store.save(key, map_name(Concern.ACNE), draw_photo_map())
        with self.office.sessions.begin() as session:
            scan = ScanSession(user_id=owner_id, status=ScanState.COMPLETED, picture_key=key)
            session.add(scan)
            session.flush()
            session.add(build_analysis(scan.id, build_findings(), (), mapped=[Concern.ACNE]))
        return scan.id

    def count(self, project_id: UUID) -> tuple[int, int]:
        """Items and assignments of the project."""
        with self.office.sessions.begin() as session:
            counts = [
                session.scalar(select(func.count()).select_from(table).where(table.project_id == project_id)) or 0
                for table in (Item, Assignment)
            ]
        return counts[0], counts[1]

    def list_pictures(self) -> list[str]:
        return sorted(path.name for path in self.folder.rglob("*") if path.is_file())


@pytest.fixture
def clinic(office: Office, tmp_path: Path) -> Clinic:
    with office.sessions.begin() as session:
        session.execute(update(Project).values(is_open=False))  # those of other tests
    scan_store, store = build_local_store(tmp_path / "scans"), build_local_store(tmp_path / "training")
    collection = Collection(office.sessions, scan_store, store, clock=office.clock)
    scans = Scans(
        office.sessions,
        scan_store,
        DatabaseQueue(),
        prepare=bytes,
        repeatability=Repeatability(),
        clock=office.clock,
        forget_scan=collection.forget_scan,
    )
    wordings = {TRAINING: Wording("training.v1", "May we?", ("Say yes or no.",))}
    consents = Consents(office.sessions, wordings, forget_owner=collection.forget_owner)
    accounts = Accounts(
        office.sessions,
        TokenSigner("x" * 32, timedelta(hours=1)),
        clock=office.clock,
        guest_lifetime=timedelta(hours=1),
        picture_hours=24,
    )
    return Clinic(
        office=office,
        scan_store=scan_store,
        store=store,
        folder=tmp_path / "training",
        collection=collection,
        scans=scans,
        consents=consents,
        erasure=Erasure(accounts, consents, scans),
        admin=office.hire(Role.ADMIN),
    )


def draw_face(seed: int) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG")
    return buffer.getvalue()


def draw_photo_map() -> bytes:
    """Strong in the right half of a photo twice as wide as high."""
    alpha = np.zeros((100, 200), np.uint8)
    alpha[:, 100:] = 180
    buffer = io.BytesIO()
    Image.fromarray(np.dstack([np.zeros((100, 200, 3), np.uint8), alpha]), "RGBA").save(buffer, "PNG")
    return buffer.getvalue()


def test_only_scans_whose_owner_agreed_are_collected_and_each_once(clinic: Clinic) -> None:
    project_id = clinic.open_project()
    clinic.add_scan(clinic.add_owner(agrees=False))
    agreeing = clinic.add_owner()
    clinic.add_scan(agreeing)
    clinic.add_scan(agreeing)
    assert clinic.collection.collect(clinic.admin, project_id) == 2
    clinic.collection.keep()
    assert clinic.count(project_id) == (2, 4)
    with clinic.office.sessions.begin() as session:
        items = session.scalars(select(Item).where(Item.project_id == project_id)).all()
    assert len({item.person for item in items}) == 1
    assert {item.licence for item in items} == {"consent training.v1"}
    assert str(agreeing) not in {item.person for item in items}
    for item in items:
        assert item.prediction is not None
        assert item.prediction["label"]["monk"] == 4
        assert clinic.store.load(item.picture_key, FACE) is not None


def test_only_administrators_collect(clinic: Clinic) -> None:
    with pytest.raises(SkinError) as refused:
        clinic.collection.collect(clinic.office.hire(), clinic.open_project())
    assert refused.value.code == "not_permitted"


@pytest.mark.parametrize("ending", ["withdrawal", "deletion", "erasure", "end of account"])
def test_whatever_ends_the_consent_erases_items_pictures_tasks_and_answers_at_once(clinic: Clinic, ending: str) -> None:
    project_id = clinic.open_project()
    owner_id = clinic.add_owner()
    scan_id = clinic.add_scan(owner_id)
    kept_id = clinic.add_scan(clinic.add_owner())
    clinic.collection.collect(clinic.admin, project_id)
    tasks = clinic.office.open_tasks()
    for _ in range(2):
        annotator = clinic.office.hire()
        task = tasks.take(annotator.id, project_id)
        while task is not None:
            task = tasks.submit(annotator.id, task.assignment_id, build_label(), 1.0)
    assert clinic.count(project_id) == (2, 4)
    act: dict[str, Callable[[], None]] = {
        "withdrawal": lambda: clinic.consents.withdraw(owner_id, TRAINING),
        "deletion": lambda: clinic.scans.delete(owner_id, scan_id),
        "erasure": lambda: clinic.scans.erase(owner_id, scan_id),
        "end of account": lambda: clinic.erasure.erase_account(owner_id),
    }
    act[ending]()
    assert clinic.count(project_id) == (1, 2)
    assert clinic.list_pictures() == [FACE, map_name(Concern.ACNE)]
    with clinic.office.sessions.begin() as session:
        left = session.scalars(select(Item.scan_id).where(Item.project_id == project_id)).all()
        answers = select(func.count()).select_from(Answer).join(Assignment)
        assert session.scalar(answers.where(Assignment.project_id == project_id)) == 2
    assert left == [kept_id]
    clinic.collection.keep()
    assert clinic.count(project_id) == (1, 2)


def test_a_deletion_that_is_undone_brings_the_scan_back_to_the_project(clinic: Clinic) -> None:
    project_id, owner_id = clinic.open_project(), clinic.add_owner()
    scan_id = clinic.add_scan(owner_id)
    clinic.collection.keep()
    clinic.scans.delete(owner_id, scan_id)
    assert clinic.count(project_id) == (0, 0)
    clinic.scans.restore(owner_id, scan_id)
    clinic.collection.keep()
    assert clinic.count(project_id) == (1, 2)


def test_a_task_whose_picture_was_withdrawn_is_gone_for_its_annotator(clinic: Clinic) -> None:
    project_id, owner_id = clinic.open_project(), clinic.add_owner()
    clinic.add_scan(owner_id)
    clinic.collection.keep()
    tasks, annotator = clinic.office.open_tasks(), clinic.office.hire()
    task = tasks.take(annotator.id, project_id)
    assert task is not None
    clinic.consents.withdraw(owner_id, TRAINING)
    with pytest.raises(SkinError) as refused:
        tasks.submit(annotator.id, task.assignment_id, build_label(), 1.0)
    assert refused.value.code == "assignment_not_found"


def test_what_a_killed_process_left_behind_is_erased_by_the_chore(clinic: Clinic) -> None:
    project_id, owner_id = clinic.open_project(), clinic.add_owner()
    clinic.add_scan(owner_id)
    clinic.collection.keep()
    deaf = Consents(clinic.office.sessions, {TRAINING: Wording("training.v1", "", ())})
    deaf.withdraw(owner_id, TRAINING)
    clinic.store.save("stray", FACE, b"x")
    assert clinic.count(project_id) == (1, 2)
    clinic.collection.keep()
    assert clinic.count(project_id) == (0, 0)
    assert clinic.list_pictures() == [FACE]
    clinic.office.clock.advance(seconds=STRAY_AFTER.total_seconds() + 60)
    clinic.collection.keep()
    assert clinic.list_pictures() == []


def test_a_map_of_the_photo_lies_over_the_same_places_of_the_face() -> None:
    """The face picture is the square around the photo's right half, so all of it is covered but its left edge."""
    laid = lay_over_face(draw_photo_map(), (4 / 3, 0.0, -1 / 3, 0.0, 2 / 3, 1 / 6))
    with Image.open(io.BytesIO(laid)) as picture:
        alpha = np.asarray(picture.getchannel("A"))
    side = alpha.shape[0]
    assert alpha.shape == (side, side)
    assert alpha[side // 2, side // 2] == 180
    assert alpha[side // 2, side // 6] == 0
    assert alpha[side // 12, side // 2] == 0
