"""The composition root: the only place where parts meet and the only one that knows the settings' names."""

import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import SystemRandom

import structlog
import uvicorn
import yaml
from fastapi import FastAPI
from sqlalchemy import Engine, text
from sqlalchemy.engine import URL
from sqlalchemy.orm import sessionmaker

from skin.accounts.consents import Consents, load_wordings
from skin.accounts.service import Accounts
from skin.accounts.tokens import TokenSigner
from skin.annotation.adjudication import Adjudication
from skin.annotation.collection import Collection
from skin.annotation.items import Items
from skin.annotation.ledger import Ledger
from skin.annotation.panel import Panel
from skin.annotation.projects import Projects
from skin.annotation.service import Annotation
from skin.annotation.tasks import Tasks
from skin.annotation.vocabulary import load_vocabulary
from skin.config import ROOT, Settings, load_jwt_secret
from skin.core.advice import Rule, parse_rules
from skin.datasets.imports import Imports
from skin.datasets.service import Datasets
from skin.datasets.snapshots import Snapshots
from skin.db.embedded import EmbeddedPostgres
from skin.db.migrate import migrate
from skin.db.session import Sessions, build_engine, libpq_url, parse_database_url
from skin.inference.classifier import SkinClassifier
from skin.inference.examiner import PhotoExaminer, prepare_photo
from skin.inference.faces import FaceFinder, take_aligned
from skin.logs import configure_logging
from skin.scans.analysis import Examiner, ScanWorker
from skin.scans.chores import Chores
from skin.scans.comparison import Repeatability
from skin.scans.erasure import Erasure
from skin.scans.export import Exports
from skin.scans.jobs import BackgroundWorker, DatabaseQueue, build_worker_app, work_until_signalled
from skin.scans.service import Scans
from skin.scans.store import PictureStore, build_local_store, build_s3_store
from skin.vision.landmarks import MediaPipeLandmarker
from skin.web.app import Services, build_api
from skin.web.limits import RateLimits

log = structlog.get_logger(__name__)

MAX_UPLOAD_BYTES = 15 * 1024 * 1024
MAX_UPLOAD_PIXELS = 50_000_000
SHUTDOWN_S = 5


@dataclass(frozen=True, slots=True)
class Parts:
    """What the web process and a worker both are made of; `sessions` is bound once the database is open."""

    settings: Settings
    sessions: Sessions
    queue: DatabaseQueue
    store: PictureStore
    accounts: Accounts
    consents: Consents
    scans: Scans
    erasure: Erasure
    exports: Exports
    annotation: Annotation
    datasets: Datasets


def build_parts(settings: Settings) -> Parts:
    sessions = sessionmaker(expire_on_commit=False)
    queue = DatabaseQueue()
    store = build_store(settings)
    accounts = Accounts(
        sessions,
        TokenSigner(load_jwt_secret(settings), timedelta(minutes=settings.access_token_minutes)),
        clock=now,
        guest_lifetime=timedelta(hours=settings.guest_retention_hours),
        picture_hours=settings.picture_retention_hours,
    )
    prepare = partial(prepare_photo, max_bytes=MAX_UPLOAD_BYTES, max_pixels=MAX_UPLOAD_PIXELS)
    annotation = build_annotation(settings, sessions, store)
    collection = annotation.collection
    scans = Scans(
        sessions,
        store,
        queue,
        prepare=prepare,
        repeatability=load_repeatability(),
        clock=now,
        forget_scan=collection.forget_scan,
    )
    wordings = load_wordings(ROOT / "data" / "consents")
    consents = Consents(sessions, wordings, forget_owner=collection.forget_owner)
    return Parts(
        settings=settings,
        sessions=sessions,
        queue=queue,
        store=store,
        accounts=accounts,
        consents=consents,
        scans=scans,
        erasure=Erasure(accounts, consents, scans),
        exports=Exports(sessions, store, accounts, consents, clock=now),
        annotation=annotation,
        datasets=build_datasets(settings, sessions, annotation.items),
    )


def build_annotation(settings: Settings, sessions: Sessions, scans: PictureStore) -> Annotation:
    """`scans` is the store of scans' pictures, of which consented ones are copied."""
    store = build_store(settings, purpose="training")
    find_face = FaceFinder(lambda: (MediaPipeLandmarker(), build_classifier(settings)))
    ledger = Ledger(sessions)
    return Annotation(
        projects=Projects(sessions),
        items=Items(
            sessions,
            store,
            find_face=find_face,
            take_aligned=take_aligned,
            outline_zones=find_face.outline_zones,
        ),
        tasks=Tasks(sessions, clock=now, random=SystemRandom()),
        collection=Collection(sessions, scans, store, clock=now),
        panel=Panel(sessions, ledger),
        adjudication=Adjudication(sessions, ledger),
        vocabulary=load_vocabulary(ROOT / "data" / "scales"),
    )


def build_datasets(settings: Settings, sessions: Sessions, items: Items) -> Datasets:
    snapshots = Snapshots(sessions, build_store(settings, purpose="training"))
    return Datasets(sessions, items, snapshots, Imports(sessions))


def build_store(settings: Settings, *, purpose: str = "") -> PictureStore:
    """The place of scans' pictures or, for a purpose of its own, one beside it that their retention never touches."""
    if settings.picture_store is None:
        return build_local_store(settings.home / (f"{purpose}-pictures" if purpose else "pictures"))
    place = settings.picture_store.rstrip("/") + (f"-{purpose}" if purpose else "")
    if not place.startswith("s3://"):
        return build_local_store(settings.resolve_folder(place))
    secret = settings.s3_secret_access_key
    return build_s3_store(
        place,
        endpoint=settings.s3_endpoint,
        region=settings.s3_region,
        access_key_id=settings.s3_access_key_id,
        secret_access_key=secret.get_secret_value() if secret else None,
    )


def build_examiner(settings: Settings) -> Examiner:
    return PhotoExaminer(MediaPipeLandmarker(), build_classifier(settings), load_advice())


def build_classifier(settings: Settings) -> SkinClassifier | None:
    folder = settings.model_dir or find_model_folder()
    return SkinClassifier.from_folder(folder) if folder else None


def find_model_folder() -> Path | None:
    """The shipped network of the highest tag (v10 after v9); None when none ships: then nothing is judged by one."""
    folders = (card.parent for card in (ROOT / "data" / "models").glob("*/card.yaml"))
    return max(folders, key=lambda folder: (len(folder.name), folder.name), default=None)


def load_repeatability() -> Repeatability:
    """What was measured of repeated scans (benchmarks/repeatability.py writes it)."""
    scales = ROOT / "data" / "scales"
    fields, tolerances = (
        yaml.safe_load(file.read_text()) if file.exists() else {}
        for file in (scales / "repeatability.yaml", scales / "comparability.yaml")
    )
    return Repeatability({name: entry["sem"] for name, entry in fields.items()}, tolerances)


def load_advice() -> tuple[Rule, ...]:
    files = sorted((ROOT / "data" / "advice").glob("*.yaml"))
    return parse_rules(entry for file in files for entry in yaml.safe_load(file.read_text()))


def build_app(settings: Settings, *, examiner: Callable[[Settings], Examiner] = build_examiner) -> FastAPI:
    """The whole web application; database, store and worker open when it starts and close when it stops."""
    configure_logging(settings.log_format)
    prepare_gradio(settings)
    from skin.ui.app import Retention, mount_pages  # Gradio reads its environment at import
    from skin.ui.services import Services as PageServices

    parts = build_parts(settings)
    limits = RateLimits(
        {
            "sign_in": settings.sign_in_limit,
            "registration": settings.registration_limit,
            "upload": settings.upload_limit,
        }
    )
    checks: dict[str, Callable[[], None]] = {}

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        with open_database(parts) as url, open_worker(parts, url, examiner, checks):
            checks["database"] = partial(_check_database, parts.sessions)
            checks["store"] = parts.store.check
            log.info("ready", address=f"http://{settings.host}:{settings.port}")
            yield

    services = Services(
        accounts=parts.accounts,
        consents=parts.consents,
        scans=parts.scans,
        erasure=parts.erasure,
        exports=parts.exports,
        annotation=parts.annotation,
        datasets=parts.datasets,
        limits=limits,
        checks=checks,
    )
    app = build_api(services, lifespan=lifespan, max_upload_bytes=MAX_UPLOAD_BYTES, cors_origins=settings.cors_origins)
    return mount_pages(
        app,
        PageServices(parts.accounts, parts.consents, parts.scans, parts.erasure, parts.exports, parts.annotation),
        count=limits.hit,
        max_upload_bytes=MAX_UPLOAD_BYTES,
        advice_rules=load_advice(),
        retention=Retention(settings.picture_retention_hours, settings.guest_retention_hours),
    )


def serve(app: FastAPI, settings: Settings) -> None:
    """Serve until stopped; no access log, since an address is not ours to keep."""
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=SHUTDOWN_S,  # an open page listens for events for ever
        forwarded_allow_ips=settings.trusted_proxies,
    )


@contextmanager
def open_database(parts: Parts) -> Iterator[URL]:
    """The database, migrated, with `parts` bound to it until the end of the block."""
    with _database_url(parts.settings) as url:
        engine = build_engine(
            url, pool_size=parts.settings.database_pool_size, max_overflow=parts.settings.database_pool_overflow
        )
        try:
            migrate(engine)
            _bind(parts, engine)
            yield url
        finally:
            parts.queue.close()
            engine.dispose()


@contextmanager
def open_worker(
    parts: Parts, url: URL, examiner: Callable[[Settings], Examiner], checks: dict[str, Callable[[], None]]
) -> Iterator[None]:
    """The worker inside the web process, unless the settings leave the work to others."""
    if parts.settings.worker_concurrency == 0:
        yield
        return
    examine = examiner(parts.settings)
    app = build_worker_app(libpq_url(url), ScanWorker(parts.sessions, parts.store, examine), build_chores(parts))
    worker = BackgroundWorker(app, concurrency=parts.settings.worker_concurrency)
    worker.start()
    checks["model"] = partial(_check_alive, worker)
    try:
        yield
    finally:
        worker.stop()
        examine.close()


async def run_worker(settings: Settings) -> None:
    """A worker of its own, until it is told to stop."""
    configure_logging(settings.log_format)
    parts = build_parts(settings)
    with open_database(parts) as url:
        worker = ScanWorker(parts.sessions, parts.store, build_examiner(settings))
        app = build_worker_app(libpq_url(url), worker, build_chores(parts))
        await work_until_signalled(app, concurrency=max(1, settings.worker_concurrency))


def build_chores(parts: Parts) -> Chores:
    return Chores(
        parts.sessions,
        parts.store,
        clock=now,
        picture_hours=parts.settings.picture_retention_hours,
        erase_expired_guests=parts.erasure.erase_expired_guests,
        keep_annotation=parts.annotation.keep_house,
    )


def now() -> datetime:
    return datetime.now(UTC)


def prepare_gradio(settings: Settings) -> None:
    """No look-ups outside, and uploads in a folder of our own: Gradio reads these when it is imported."""
    folder = settings.home / "uploads"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["GRADIO_ANALYTICS_CACHE_FREQUENCY"] = "1000000000"  # else it sums up past events after every event
    os.environ["GRADIO_ANALYTICS_MAX_EVENTS"] = "1"
    os.environ["GRADIO_TEMP_DIR"] = str(folder)
    os.environ["HF_HUB_OFFLINE"] = "1"


@contextmanager
def _database_url(settings: Settings) -> Iterator[URL]:
    if settings.database_url:
        yield parse_database_url(settings.database_url)
        return
    embedded = EmbeddedPostgres(settings.home / "postgres")
    try:
        yield parse_database_url(embedded.url)
    finally:
        embedded.close()


def _bind(parts: Parts, engine: Engine) -> None:
    parts.sessions.configure(bind=engine)
    parts.queue.open(engine)


def _check_database(sessions: Sessions) -> None:
    with sessions.begin() as session:
        session.execute(text("SELECT 1"))


def _check_alive(worker: BackgroundWorker) -> None:
    if not worker.is_alive():
        raise RuntimeError("the worker has stopped")
