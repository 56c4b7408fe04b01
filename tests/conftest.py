"""Fixtures for every tier: pictures that dependencies ship, a real Postgres, a real server."""

import io
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
import uvicorn
from PIL import Image
from skimage import data
from sqlalchemy import Engine, make_url, text

from skin.bootstrap import build_app, build_examiner
from skin.config import Settings
from skin.db.embedded import EmbeddedPostgres
from skin.db.session import build_engine, parse_database_url
from skin.scans.analysis import Examiner
from tests.fakes import build_fake_examiner

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
GENEROUS = "100000/minute"


@pytest.fixture(scope="session")
def astronaut_png() -> bytes:
    return encode_png(Image.fromarray(data.astronaut()))


@pytest.fixture(scope="session")
def astronaut_jpeg() -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(data.astronaut()).save(buffer, "JPEG", quality=95)
    return buffer.getvalue()


@pytest.fixture(scope="session")
def blank_png() -> bytes:
    """A photo of nobody: an evenly lit wall."""
    return encode_png(Image.new("RGB", (640, 480), (180, 170, 160)))


@pytest.fixture(scope="session")
def grace_hopper_jpeg() -> bytes:
    import matplotlib

    return (Path(matplotlib.get_data_path()) / "sample_data" / "grace_hopper.jpg").read_bytes()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    if not SHARED_DATA.is_dir():
        pytest.skip(
            "needs the rated photos, which may not be in the repository: they measure on many people what other tests "
            "hold on the public-domain portraits and on made-up data"
        )
    return SHARED_DATA


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a real, empty Postgres cluster."""
    with tempfile.TemporaryDirectory(prefix="skin-pg-") as folder:
        server = EmbeddedPostgres(Path(folder) / "pg")
        yield server.url
        server.close()


@pytest.fixture(scope="session")
def make_database(postgres: str) -> Iterator[Callable[[], str]]:
    """Makes empty databases; all are dropped at the end."""
    admin = build_engine(parse_database_url(postgres)).execution_options(isolation_level="AUTOCOMMIT")
    made: list[str] = []

    def make() -> str:
        made.append(f"test_{uuid4().hex}")
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {made[-1]}"))
        return make_url(postgres).set(database=made[-1]).render_as_string(hide_password=False)

    yield make
    with admin.connect() as connection:
        for name in made:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@dataclass(frozen=True)
class LiveServer:
    """A running server, and the means to look behind it."""

    url: str
    settings: Settings

    def open_engine(self) -> Engine:
        assert self.settings.database_url is not None
        return build_engine(parse_database_url(self.settings.database_url))

    def sign_up(self) -> httpx.Client:
        """A client signed in as a new guest."""
        client = httpx.Client(base_url=self.url, timeout=60)
        token = client.post("/api/auth/guest").raise_for_status().json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        return client

    def hire(self, role: str) -> httpx.Client:
        """A client signed in as a new person with this role."""
        client = self.register()
        engine = self.open_engine()
        with engine.begin() as connection:
            change = text("UPDATE users SET role = CAST(:role AS user_role) WHERE id = :id")
            connection.execute(change, {"role": role, "id": client.get("/api/auth/me").json()["id"]})
        engine.dispose()
        return client

    def register(self) -> httpx.Client:
        """A client signed in as a new person with an e-mail address."""
        client = httpx.Client(base_url=self.url, timeout=60)
        email, password = f"{uuid4().hex}@example.org", "correct horse battery"
        client.post("/api/auth/register", json={"email": email, "password": password}).raise_for_status()
        answer = client.post("/api/auth/token", data={"username": email, "password": password}).raise_for_status()
        client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        return client


StartServer = Callable[..., LiveServer]


@contextmanager
def servers(make_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartServer]:
    """Starts servers with settings of one's own; all are stopped at the end of the block."""
    running: list[tuple[uvicorn.Server, threading.Thread]] = []

    def start(examiner: Callable[[Settings], Examiner] = build_examiner, **changes: object) -> LiveServer:
        home = tmp_path_factory.mktemp("home")
        values = {"sign_in_limit": GENEROUS, "registration_limit": GENEROUS, "upload_limit": GENEROUS} | changes
        values = {"home": home, "database_url": make_database(), "port": free_port()} | values
        settings = Settings(_env_file=None, **values)
        config = uvicorn.Config(
            build_app(settings, examiner=examiner),
            host="127.0.0.1",
            port=settings.port,
            log_config=None,
            timeout_graceful_shutdown=1,  # a page that still listens for events would hold it for ever
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        running.append((server, thread))
        give_up_at = time.monotonic() + 60
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            assert time.monotonic() < give_up_at, "the server took over a minute to start"
            time.sleep(0.02)
        return LiveServer(f"http://127.0.0.1:{settings.port}", settings)

    yield start
    for server, _ in running:
        server.should_exit = True
    for _, thread in running:
        thread.join(timeout=60)
        assert not thread.is_alive(), "a server did not stop"


@pytest.fixture(scope="module")
def start_server(make_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartServer]:
    """Starts servers that stop with the module: each holds connections, threads and a network in memory."""
    with servers(make_database, tmp_path_factory) as start:
        yield start


@pytest.fixture(scope="session")
def start_lasting_server(
    make_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[StartServer]:
    """Starts servers that many modules share."""
    with servers(make_database, tmp_path_factory) as start:
        yield start


@pytest.fixture(scope="session")
def live_server(start_lasting_server: StartServer) -> LiveServer:
    """The whole application as a newcomer gets it, with the real pipeline."""
    return start_lasting_server()


@pytest.fixture(scope="session")
def quick_server(start_lasting_server: StartServer) -> LiveServer:
    """The whole application with a fake examiner, for tests that do not scan."""
    return start_lasting_server(build_fake_examiner)


@pytest.fixture(autouse=True)
def gradio_folder_of_live_server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Gradio looks up its folder in the environment, which the latest of several servers in a process has set."""
    if "live_server" in request.fixturenames:
        server: LiveServer = request.getfixturevalue("live_server")
        monkeypatch.setenv("GRADIO_TEMP_DIR", str(server.settings.home / "uploads"))


def wait_until_finished(client: httpx.Client, scan_id: str, timeout_s: float = 60) -> dict[str, object]:
    """Polls the status as a program would; the last status answer."""
    give_up_at = time.monotonic() + timeout_s
    while True:
        answer: dict[str, object] = client.get(f"/api/scan/{scan_id}/status").raise_for_status().json()
        if answer["status"] in ("completed", "failed"):
            return answer
        assert time.monotonic() < give_up_at, f"scan {scan_id} is still {answer['status']}"
        time.sleep(0.05)


def encode_png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
