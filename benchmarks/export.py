"""How fast and in how much memory labels leave: each format from Postgres to a file, and Label Studio's own converter.

    python -m benchmarks.export [--labels 100000] [--studio 5000]

Each format runs in a process of its own, so that its peak memory is its own; CPU seconds are that process's, the
database's come on top. Labels are made up, of the usual size: all fields, two boxes, a point, and a mask on every
tenth. Label Studio's converter (the part of its export that turns tasks into CSV and COCO, without its database) reads
what we wrote for it.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import numpy as np
from sqlalchemy import insert, text
from sqlalchemy.orm import Session, sessionmaker

from skin.annotation.labels import Label
from skin.annotation.mask import trace
from skin.annotation.tables import Answer, Assignment, AssignmentState, Item, Project
from skin.core.concerns import ZONES_OF, Concern, SkinType
from skin.datasets.formats import Format, export
from skin.datasets.labels import Choice, read_records
from skin.db.embedded import EmbeddedPostgres
from skin.db.migrate import migrate
from skin.db.session import build_engine, parse_database_url

OVERLAP = 3
MEASURED = (Format.JSON_LINES, Format.CSV, Format.COCO, Format.PARQUET, Format.LABEL_STUDIO)
CONVERT = """
import sys, os, logging
logging.disable(logging.CRITICAL)
from label_studio_sdk.converter.converter import Converter
config, tasks, out, kind = sys.argv[1:]
os.makedirs(out)
Converter(config, out, download_resources=False).convert(tasks, out, kind, is_dir=False)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--labels", type=int, default=100_000)
    parser.add_argument("--studio", type=int, default=5_000)
    parser.add_argument("--only", nargs=4, metavar=("URL", "PROJECT", "FORMAT", "OUT"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.only:
        url, project, kind, out = arguments.only
        print(json.dumps(measure(url, UUID(project), Format(kind), Path(out))))
        return
    with tempfile.TemporaryDirectory(prefix="skin-export-") as folder:
        server = EmbeddedPostgres(Path(folder) / "pg")
        try:
            run(server.url, Path(folder), arguments.labels, arguments.studio)
        finally:
            server.close()


def run(url: str, folder: Path, labels: int, studio: int) -> None:
    engine = build_engine(parse_database_url(url))
    migrate(engine)
    with sessionmaker(engine).begin() as session:
        large, small = fill(session, labels), fill(session, studio)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))  # which Postgres does by itself where labels come over days
    engine.dispose()
    print(f"{'format':<30}{'labels':>8}{'s':>8}{'CPU s':>8}{'MB':>8}{'MB/s':>8}{'peak MB':>9}")
    for kind in MEASURED:
        show(kind.value, labels, measure_apart(url, large, kind, folder / kind.value))
    tasks = folder / "tasks.json"
    show("label_studio", studio, measure_apart(url, small, Format.LABEL_STUDIO, tasks))
    for kind_of_theirs in ("CSV", "COCO"):
        show(f"their converter, {kind_of_theirs}", studio, convert(folder, tasks, kind_of_theirs))


def fill(session: Session, labels: int) -> UUID:
    """A project with this many answers, OVERLAP to a picture."""
    project = Project(name=uuid4().hex, schema_version="labels.v1", overlap=OVERLAP)
    session.add(project)
    session.flush()
    rng = np.random.default_rng(1)
    said = [make_label(rng, with_mask=number % 10 == 0) for number in range(200)]
    for start in range(0, labels, OVERLAP * 1000):
        count = min(labels - start, OVERLAP * 1000)
        items = [make_item(project.id) for _ in range(-(-count // OVERLAP))]
        tasks = [make_task(project.id, items[number // OVERLAP]["id"], number % OVERLAP) for number in range(count)]
        answers = [
            {"assignment_id": task["id"], "label": said[(start + n) % 200], "mode": "blind", "seconds_spent": 9.5}
            for n, task in enumerate(tasks)
        ]
        session.execute(insert(Item), items)
        session.execute(insert(Assignment), tasks)
        session.execute(insert(Answer), answers)
    return project.id


def make_item(project_id: UUID) -> dict[str, object]:
    name = uuid4().hex
    about = {"person": name[:8], "source": "made-up", "licence": "CC0", "phash": name[:16]}
    return {"id": uuid4(), "project_id": project_id, "picture_key": name, "sha256": name * 2, **about}


def make_task(project_id: UUID, item_id: object, slot: int) -> dict[str, object]:
    done = {"state": AssignmentState.SUBMITTED, "finished_at": "2026-11-22T10:00:00Z"}
    return {"id": uuid4(), "project_id": project_id, "item_id": item_id, "slot": slot, **done}


def make_label(rng: np.random.Generator, *, with_mask: bool) -> dict[str, object]:
    kinds, concerns = list(SkinType), list(Concern)
    corners = rng.uniform(0, 0.9, (3, 2)).tolist()
    regions: list[dict[str, object]] = [
        {"kind": "box", "concern": "acne", "xyxy_norm": [x, y, x + 0.05, y + 0.05]} for x, y in corners[:2]
    ]
    regions.append({"kind": "point", "concern": "dark_spots", "xy_norm": corners[2]})
    if with_mask:
        rows, columns = np.mgrid[:1024, :1024]
        y, x = rng.uniform(200, 800, 2)
        drawn = (rows - y) ** 2 + (columns - x) ** 2 < rng.uniform(30, 120) ** 2
        regions.append({"kind": "mask", "concern": "redness", "mask": trace(drawn)})
    label = Label.model_validate(
        {
            "skin_type": kinds[int(rng.integers(len(kinds)))],
            "monk": int(rng.integers(1, 11)),
            "concerns": {one: {"grade": int(rng.integers(4)), "zones": ZONES_OF[one][:2]} for one in concerns},
            "regions": regions,
            "sure": 2,
        }
    )
    return label.model_dump(mode="json")


def measure_apart(url: str, project_id: UUID, kind: Format, out: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.export", "--only", url, str(project_id), kind.value, str(out)]
    told: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return told


def measure(url: str, project_id: UUID, kind: Format, out: Path) -> dict[str, float]:
    engine = build_engine(parse_database_url(url))
    before, start, used = _peak_mb(), time.perf_counter(), time.process_time()
    with sessionmaker(engine).begin() as session, out.open("wb") as file:
        for piece in pieces(session, project_id, kind):
            file.write(piece)
    times = {"seconds": time.perf_counter() - start, "cpu": time.process_time() - used}
    return times | {"megabytes": out.stat().st_size / 1e6, "peak": _peak_mb(), "before": before}


def pieces(session: Session, project_id: UUID, kind: Format) -> Iterator[bytes]:
    session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    return export(kind, read_records(session, project_id, Choice()), lambda _: None, title="bench").pieces


def convert(folder: Path, tasks: Path, kind: str) -> dict[str, float]:
    """Label Studio's converter on our tasks."""
    import yaml

    from skin.config import ROOT
    from skin.datasets.studio_config import build_config

    config = folder / "config.xml"
    config.write_text(build_config(yaml.safe_load((ROOT / "data" / "scales" / "labels.v1.yaml").read_text())))
    start, used = time.perf_counter(), _children_cpu_s()
    out = folder / f"theirs-{kind}"
    command = [sys.executable, "-c", CONVERT, str(config), str(tasks), str(out), kind]
    subprocess.run(command, check=True, capture_output=True)
    times = {"seconds": time.perf_counter() - start, "cpu": _children_cpu_s() - used}
    size = sum(file.stat().st_size for file in out.rglob("*") if file.is_file()) / 1e6
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return times | {"megabytes": size, "peak": peak, "before": 0}


def show(name: str, labels: int, told: dict[str, float]) -> None:
    seconds, size = told["seconds"], told["megabytes"]
    rates = f"{seconds:>8.1f}{told['cpu']:>8.1f}{size:>8.1f}{size / seconds:>8.1f}{told['peak']:>9.0f}"
    print(f"{name:<30}{labels:>8}{rates}", flush=True)


def _children_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
