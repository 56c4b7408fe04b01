"""What several files of these tests stand on."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest
from gradio_client import Client
from PIL import Image
from sqlalchemy.orm import sessionmaker

from skin.accounts.tables import Role, User
from skin.annotation.items import Items
from skin.annotation.projects import Projects
from skin.annotation.schemas import ProjectRequest
from skin.datasets.imports import Imports
from skin.datasets.service import Datasets
from skin.datasets.snapshots import Snapshots
from skin.db.migrate import migrate
from skin.db.session import Sessions, build_engine, parse_database_url
from skin.inference.faces import take_aligned
from skin.scans.store import build_local_store
from tests.conftest import LiveServer, encode_png
from tests.integration.annotating import Office
from tests.integration.disputed import BASE, PICTURES, Work, label_of
from tests.integration.house import House
from tests.integration.labelled import add_user, upload
from tests.integration.shell import ROOT, Run, environment

Connect = Callable[[httpx.Client], Client]


@pytest.fixture
def house(make_database: Callable[[], str], tmp_path: Path) -> Iterator[House]:
    house = House(make_database(), tmp_path / "pictures")
    yield house
    house.queue.close()
    house.engine.dispose()


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Connects the real Gradio client as the person that an HTTP client is signed in as."""
    opened: list[Client] = []

    def open_client(rest: httpx.Client) -> Client:
        headers = {"Authorization": rest.headers["Authorization"]}
        client = Client(str(rest.base_url), headers=headers, verbose=False, analytics_enabled=False)
        opened.append(client)
        return client

    yield open_client
    for client in opened:
        client.close()


@pytest.fixture(scope="module")
def sessions(make_database: Callable[[], str]) -> Iterator[Sessions]:
    engine = build_engine(parse_database_url(make_database()))
    migrate(engine)
    yield sessionmaker(engine, expire_on_commit=False)
    engine.dispose()


@pytest.fixture(scope="module")
def office(sessions: Sessions) -> Office:
    return Office(sessions)


@pytest.fixture(scope="module")
def admin(sessions: Sessions) -> User:
    return add_user(sessions, Role.ADMIN)


@pytest.fixture
def datasets(sessions: Sessions, tmp_path: Path) -> Datasets:
    store = build_local_store(tmp_path / "pictures")
    items = Items(sessions, store, find_face=take_aligned, take_aligned=take_aligned, outline_zones=lambda _: {})
    return Datasets(sessions, items, Snapshots(sessions, store), Imports(sessions))


@pytest.fixture
def make_project(sessions: Sessions, admin: User, datasets: Datasets) -> Callable[..., UUID]:
    """A project with pictures of one colour each; every third is of the person before."""

    def make(pictures: int = 6, *, seed: int = 0) -> UUID:
        project_id = Projects(sessions).create(admin, ProjectRequest(name=uuid4().hex, overlap=2)).id
        datasets.items.add(admin, project_id, (upload(n, seed) for n in range(pictures)))
        return project_id

    return make


@pytest.fixture
def database_url(make_database: Callable[[], str]) -> str:
    return make_database()


@pytest.fixture
def run(database_url: str, tmp_path: Path) -> Run:
    variables = environment(tmp_path / "home", database_url)

    def run(*arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "skin", *arguments]
        return subprocess.run(
            command, check=False, cwd=ROOT, env=variables, input=typed, capture_output=True, text=True, timeout=120
        )

    return run


@pytest.fixture
def work(quick_server: LiveServer) -> Iterator[Work]:
    admin = quick_server.hire("admin")
    annotators = [quick_server.hire("annotator") for _ in range(2)]
    made = admin.post(f"{BASE}/projects", json={"name": uuid4().hex, "overlap": 2}).raise_for_status()
    project_id = made.json()["id"]
    files = [
        ("image", (f"{one}.png", encode_png(Image.new("RGB", (64, 64), (20 * one, 9, 90))))) for one in range(PICTURES)
    ]
    path = f"{BASE}/projects/{project_id}/items"
    admin.post(path, files=files, data={"is_aligned": "true"}).raise_for_status()
    number: dict[str, int] = {}
    for place, annotator in enumerate(annotators):
        task = annotator.post(f"{BASE}/projects/{project_id}/next").raise_for_status().json()
        while task is not None:
            which = number.setdefault(task["item_id"], len(number))
            answer = {"label": label_of(which, acne=3 * place * (which == 0)), "seconds_spent": 10 + place}
            done = annotator.post(f"{BASE}/assignments/{task['assignment_id']}/submit", json=answer)
            task = done.raise_for_status().json()["next"]
    yield Work(quick_server, admin, annotators, project_id)
    for client in (admin, *annotators):
        client.close()
