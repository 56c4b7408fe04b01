"""Annotators at work over REST, here and in Label Studio beside it in the same run.

`python -m benchmarks.annotation` starts this application and Label Studio (from PyPI, in a virtual environment of its
own) in a temporary folder and prints for both: tasks taken and submitted a second, how long a pair took, how often a
task was handed to two people though one answer was wanted, and the import of tasks.
"""

import argparse
import http.client
import io
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import venv
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import numpy as np
from PIL import Image
from sqlalchemy import text

from skin.core.concerns import Concern
from skin.db.embedded import EmbeddedPostgres
from skin.db.session import build_engine, parse_database_url

LABEL_STUDIO = "label-studio==1.23.2"
PASSWORD = "correct horse battery"
PICTURES_A_REQUEST = 500
LABEL = {"skin_type": "normal", "monk": 4, "concerns": {one.value: {"grade": 1, "zones": []} for one in Concern}}
ANSWER = json.dumps({"label": LABEL, "seconds_spent": 9.0}).encode()

_FILL_ITEMS = """
    INSERT INTO annotation_items (id, project_id, person, source, picture_key, sha256, phash)
    SELECT gen_random_uuid(), :id, 'person ' || n, 'benchmark', 'none', 'none ' || n, '0'
    FROM generate_series(1, :tasks) AS n
"""
_FILL_TASKS = """
    INSERT INTO annotation_assignments (id, project_id, item_id, slot)
    SELECT gen_random_uuid(), project_id, id, 0 FROM annotation_items WHERE project_id = :id
"""

Pair = Callable[[], str | None]  # takes a task and submits it; its name, or None when nothing is left


@dataclass
class Measured:
    """What clients did within the time they had."""

    seconds: float
    server_cpu_s: float = 0.0
    failed: int = 0
    latencies_ms: list[float] = field(default_factory=list)
    tasks: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        ordered = sorted(self.latencies_ms)
        twice = sum(count > 1 for count in Counter(self.tasks).values())
        return (
            f"{len(ordered) / self.seconds:7.1f} pairs/s, p50 {statistics.median(ordered):6.1f} ms, "
            f"p95 {ordered[int(len(ordered) * 0.95)]:6.1f} ms, {len(ordered)} pairs, {self.failed} failed, "
            f"{twice} tasks handed out twice, "
            f"{1000 * self.server_cpu_s / len(ordered):.1f} ms of the server's CPU a pair"
        )


class Caller:
    """One keep-alive connection, as thin as Python has it, so that the server is what is measured."""

    def __init__(self, port: int, token: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self._headers = {"Authorization": token, "Content-Type": "application/json"}

    def __call__(self, method: str, path: str, body: bytes | None = None) -> Any:
        self._connection.request(method, path, body, self._headers)
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path}: {answer.status} {content[:500]!r}")
        return json.loads(content) if content else None


def measure(pairs: list[Pair], seconds: float, server: subprocess.Popen[bytes]) -> Measured:
    """Let every client work for this long at the same time."""
    done = Measured(seconds, server_cpu_s=-_cpu_s(server.pid))
    lock, ready = threading.Lock(), threading.Barrier(len(pairs) + 1)

    def work(pair: Pair) -> None:
        latencies, tasks = list[float](), list[str]()
        ready.wait()
        end = time.perf_counter() + seconds
        while (begun := time.perf_counter()) < end:
            try:
                task = pair()
            except RuntimeError:  # Label Studio on SQLite answers 500 while its database is locked
                with lock:
                    done.failed += 1
                continue
            if task is None:
                break
            latencies.append((time.perf_counter() - begun) * 1000)
            tasks.append(task)
        with lock:
            done.latencies_ms += latencies
            done.tasks += tasks

    threads = [threading.Thread(target=work, args=(pair,)) for pair in pairs]
    for thread in threads:
        thread.start()
    ready.wait()
    for thread in threads:
        thread.join()
    done.server_cpu_s += _cpu_s(server.pid)
    return done


def _cpu_s(process_id: int) -> float:
    """What the process has used so far; its database not counted."""
    fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@dataclass
class Skin:
    """This application as a process of its own, and its database for what REST does not do in bulk."""

    port: int
    database_url: str
    process: subprocess.Popen[bytes]

    def sign_up(self, role: str) -> str:
        """A new person with this role; their token."""
        email = f"{uuid4().hex}@example.org"
        url = f"http://127.0.0.1:{self.port}/api/auth"
        httpx.post(f"{url}/register", json={"email": email, "password": PASSWORD}).raise_for_status()
        self.execute("UPDATE users SET role = CAST(:role AS user_role) WHERE email = :email", role=role, email=email)
        answer = httpx.post(f"{url}/token", data={"username": email, "password": PASSWORD}).raise_for_status()
        return f"Bearer {answer.json()['access_token']}"

    def execute(self, statement: str, **values: Any) -> None:
        engine = build_engine(parse_database_url(self.database_url))
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(statement), values)
        engine.dispose()

    def make_project(self, tasks: int) -> str:
        """With this many rows, each wanting one answer, and no pictures; written by the database itself."""
        project_id = str(uuid4())
        self.execute(
            "INSERT INTO annotation_projects (id, name, schema_version) VALUES (:id, :name, 'labels.v1')",
            id=project_id,
            name=project_id,
        )
        self.execute(_FILL_ITEMS, id=project_id, tasks=tasks)
        self.execute(_FILL_TASKS, id=project_id)
        self.execute("VACUUM ANALYZE")
        return project_id

    def separate(self, token: str, project_id: str) -> Pair:
        """POST next, then POST submit, as Label Studio needs it."""
        call = Caller(self.port, token)

        def pair() -> str | None:
            task = call("POST", f"/api/annotation/projects/{project_id}/next")
            if task is None:
                return None
            call("POST", f"/api/annotation/assignments/{task['assignment_id']}/submit", ANSWER)
            return str(task["item_id"])

        return pair

    def combined(self, token: str, project_id: str) -> Pair:
        """POST submit, which answers with the next task: one request a pair, as our page does it."""
        call = Caller(self.port, token)
        held: list[Any] = []

        def pair() -> str | None:
            task = held.pop() if held else call("POST", f"/api/annotation/projects/{project_id}/next")
            if task is None:
                return None
            held.append(call("POST", f"/api/annotation/assignments/{task['assignment_id']}/submit", ANSWER)["next"])
            return str(task["item_id"])

        return pair

    def import_pictures(self, token: str, project_id: str, count: int) -> float:
        """Upload this many aligned JPEG pictures of 64 px; the seconds it took."""
        pictures = [_picture(one) for one in range(count)]
        begun = time.perf_counter()
        with httpx.Client(timeout=600, headers={"Authorization": token}) as client:
            for start in range(0, count, PICTURES_A_REQUEST):
                files = [("image", (f"{one}.jpg", pictures[one])) for one in range(start, start + PICTURES_A_REQUEST)]
                answer = client.post(
                    f"http://127.0.0.1:{self.port}/api/annotation/projects/{project_id}/items",
                    files=files,
                    data={"is_aligned": "true"},
                ).raise_for_status()
                assert answer.json()["added"] == PICTURES_A_REQUEST, answer.text[:500]
        return time.perf_counter() - begun


@contextmanager
def run_skin(folder: Path) -> Iterator[Skin]:
    database = EmbeddedPostgres(folder / "postgres")
    port = _free_port()
    environment = os.environ | {
        "SKIN_HOME": str(folder / "home"),
        "SKIN_DATABASE_URL": database.url,
        "SKIN_PORT": str(port),
        "SKIN_REGISTRATION_LIMIT": "1000/minute",
        "SKIN_SIGN_IN_LIMIT": "1000/minute",
    }
    process = subprocess.Popen([sys.executable, "-m", "skin", "serve"], env=environment, stderr=subprocess.DEVNULL)
    try:
        _wait_for(f"http://127.0.0.1:{port}/api/health", process)
        yield Skin(port, database.url, process)
    finally:
        process.terminate()
        process.wait(30)
        database.close()


@dataclass
class LabelStudio:
    """Label Studio as a process of its own, with one choice a field and a picture, on its own SQLite.

    All clients share its one account, so a task that is handed out twice there may be the same person's.
    """

    port: int
    token: str
    process: subprocess.Popen[bytes]

    def make_project(self, tasks: int) -> tuple[str, float]:
        """A project with this many tasks; the seconds their import took."""
        fields = ["skin_type", "monk", *(one.value for one in Concern)]
        choices = "".join(
            f'<Choices name="{name}" toName="image" required="true">'
            + "".join(f'<Choice value="{value}"/>' for value in range(4))
            + "</Choices>"
            for name in fields
        )
        config = f'<View><Image name="image" value="$image"/>{choices}</View>'
        with httpx.Client(
            base_url=f"http://127.0.0.1:{self.port}", timeout=1800, headers={"Authorization": f"Token {self.token}"}
        ) as client:
            made = client.post("/api/projects", json={"title": "benchmark", "label_config": config}).raise_for_status()
            project_id = made.json()["id"]
            rows = [{"image": f"/data/{one}.jpg"} for one in range(tasks)]
            begun = time.perf_counter()
            for start in range(0, tasks, 10_000):
                path = f"/api/projects/{project_id}/import"
                client.post(path, json=rows[start : start + 10_000]).raise_for_status()
            return str(project_id), time.perf_counter() - begun

    def pair(self, project_id: str) -> Pair:
        call = Caller(self.port, f"Token {self.token}")
        fields = ["skin_type", "monk", *(one.value for one in Concern)]
        result = [
            {"from_name": name, "to_name": "image", "type": "choices", "value": {"choices": ["1"]}} for name in fields
        ]
        body = json.dumps({"result": result, "lead_time": 9.0}).encode()

        def pair() -> str | None:
            task = call("GET", f"/api/projects/{project_id}/next")
            call("POST", f"/api/tasks/{task['id']}/annotations/", body)
            return str(task["id"])

        return pair


@contextmanager
def run_label_studio(folder: Path, installed: Path | None) -> Iterator[LabelStudio]:
    program = (installed or _install_label_studio(folder / "venv")) / "bin" / "label-studio"
    port, token = _free_port(), uuid4().hex
    environment = os.environ | {
        "LABEL_STUDIO_BASE_DATA_DIR": str(folder / "data"),
        "LABEL_STUDIO_USERNAME": "ada@example.org",
        "LABEL_STUDIO_PASSWORD": PASSWORD,
        "LABEL_STUDIO_USER_TOKEN": token,
        "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
        "COLLECT_ANALYTICS": "false",
        "LATEST_VERSION_CHECK": "false",
    }
    command = [str(program), "start", "--no-browser", "--port", str(port), "--internal-host", "127.0.0.1"]
    with (folder / "label-studio.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=folder)
    try:
        _wait_for(f"http://127.0.0.1:{port}/health", process)
        yield LabelStudio(port, token, process)
    finally:
        process.terminate()
        process.wait(60)


def _install_label_studio(folder: Path) -> Path:
    venv.create(folder, with_pip=True)
    subprocess.run([folder / "bin" / "pip", "install", "--quiet", LABEL_STUDIO], check=True)
    return folder


def _wait_for(url: str, process: subprocess.Popen[bytes], *, seconds: float = 600) -> None:
    give_up_at = time.monotonic() + seconds
    while time.monotonic() < give_up_at:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended with {process.returncode}")
        try:
            if httpx.get(url, timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.2)
    raise TimeoutError(url)


def _picture(seed: int) -> bytes:
    noise = np.random.default_rng(seed).integers(0, 255, (8, 8, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).resize((64, 64)).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def measure_skin(skin: Skin, arguments: argparse.Namespace) -> dict[str, Measured]:
    project_id = skin.make_project(arguments.tasks)
    people = [skin.sign_up("annotator") for _ in range(arguments.clients)]
    found = {}
    for name, form in (("combined", skin.combined), ("separate", skin.separate)):
        one = [form(people[0], project_id)]
        found[f"1 client, {name}"] = measure(one, arguments.seconds, skin.process)
        found[f"{len(people)} clients, {name}"] = measure(
            [form(one, project_id) for one in people], arguments.seconds, skin.process
        )
    for name, measured in found.items():
        print(f"  {name:20} {measured}", flush=True)
    seconds = skin.import_pictures(skin.sign_up("admin"), skin.make_project(0), arguments.imported)
    print(f"  import of {arguments.imported} pictures: {seconds:.1f} s", flush=True)
    return found


def measure_label_studio(rival: LabelStudio, arguments: argparse.Namespace) -> dict[str, Measured]:
    project_id, seconds = rival.make_project(arguments.rival_tasks)
    print(f"  import of {arguments.rival_tasks} tasks (addresses only): {seconds:.1f} s", flush=True)
    pairs = [rival.pair(project_id) for _ in range(arguments.clients)]
    found = {
        "1 client": measure(pairs[:1], arguments.seconds, rival.process),
        f"{len(pairs)} clients": measure(pairs, arguments.seconds, rival.process),
    }
    for name, measured in found.items():
        print(f"  {name:20} {measured}", flush=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", type=int, default=100_000, help="tasks in our project")
    parser.add_argument("--rival-tasks", type=int, default=10_000, help="tasks in Label Studio's")
    parser.add_argument("--imported", type=int, default=10_000, help="pictures imported here, a multiple of 500")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=20, help="for every measurement")
    parser.add_argument("--only-skin", action="store_true", help="leave Label Studio out")
    parser.add_argument("--label-studio", type=Path, help="a virtual environment that has it; else one is made")
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="skin-annotation-"))
    try:
        print(f"Skin, {arguments.tasks} tasks, load of the machine {os.getloadavg()[0]:.1f}", flush=True)
        with run_skin(folder / "skin") as skin:
            ours = measure_skin(skin, arguments)
        if arguments.only_skin:
            return
        print(f"Label Studio, {arguments.rival_tasks} tasks, load of the machine {os.getloadavg()[0]:.1f}", flush=True)
        (folder / "rival").mkdir()
        with run_label_studio(folder / "rival", arguments.label_studio) as rival:
            theirs = measure_label_studio(rival, arguments)
        for clients in theirs:
            here, there = (len(one.tasks) / one.seconds for one in (ours[f"{clients}, separate"], theirs[clients]))
            print(f"{clients}, next and submit apart: {here / there:.1f} times as many pairs a second here")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
