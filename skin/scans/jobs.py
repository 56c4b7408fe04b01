"""The job queue: procrastinate on the same Postgres, so that a scan and its job commit together."""

import asyncio
import signal
import threading
from contextlib import suppress
from uuid import UUID

import structlog
from procrastinate import App, JobContext, PsycopgConnector, RetryStrategy
from procrastinate.contrib.sqlalchemy import SQLAlchemyPsycopg2Connector
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import DeleteJobCondition, Status
from psycopg import OperationalError
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from skin.errors import Code
from skin.scans.analysis import ScanWorker
from skin.scans.chores import Chores

log = structlog.get_logger(__name__)

QUEUE = "scans"
ANALYSE = "analyse_scan"
MAX_ATTEMPTS = 3
HEARTBEAT_S = 2.0
RESTART_S = 1.0
CONNECTION_S = 5.0  # what a worker waits for one, also on its way out
STALLED_AFTER_S = 8.0  # must exceed the heartbeat; a killed worker's scans are taken up again after it


class DatabaseQueue:
    """Adds jobs within the caller's transaction."""

    def __init__(self) -> None:
        self._app = App(connector=SQLAlchemyPsycopg2Connector())

    def open(self, engine: Engine) -> None:
        self._app.open(engine)

    def close(self) -> None:
        self._app.close()

    def defer(self, session: Session, scan_id: UUID) -> None:
        job = self._app.configure_task(ANALYSE, queue=QUEUE, connection=session.connection())
        job.defer(scan_id=str(scan_id))


def build_worker_app(database_url: str, worker: ScanWorker, chores: Chores) -> App:
    """The worker's side of the queue: its tasks, on psycopg 3."""
    app = App(connector=PsycopgConnector(conninfo=database_url, min_size=1, max_size=5, timeout=CONNECTION_S))

    @app.task(name=ANALYSE, queue=QUEUE, pass_context=True, retry=RetryStrategy(max_attempts=MAX_ATTEMPTS - 1, wait=1))
    def analyse_scan(context: JobContext, scan_id: str) -> None:
        try:
            worker.run(UUID(scan_id))
        except Exception:  # a front door: the person must see an end of it, and the log the cause
            log.exception("scan broke", scan_id=scan_id, attempt=context.job.attempts + 1)
            if context.job.attempts + 1 >= MAX_ATTEMPTS:
                worker.give_up(UUID(scan_id), Code.INTERNAL_ERROR)
            raise

    @app.periodic(cron="* * * * * */4")  # croniter has the seconds last
    @app.task(name="take_up_stalled_scans", queue=QUEUE, queueing_lock="take_up_stalled_scans")
    async def take_up_stalled_scans(timestamp: int) -> None:  # noqa: ARG001 (procrastinate gives it)
        """A worker that was killed leaves its jobs behind; one that kills its worker is given up."""
        manager = app.job_manager
        for job in await manager.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=STALLED_AFTER_S):
            if job.task_name == ANALYSE and job.attempts + 1 >= MAX_ATTEMPTS:
                await asyncio.to_thread(worker.give_up, UUID(str(job.task_kwargs["scan_id"])), Code.INTERNAL_ERROR)
                await manager.finish_job(job, Status.FAILED, delete_job=False)
            else:
                await manager.retry_job(job)
            log.warning("stalled job taken up", job_id=job.id, task=job.task_name, attempts=job.attempts)

    @app.periodic(cron="* * * * *")
    @app.task(name="erase_what_is_due", queue=QUEUE, queueing_lock="erase_what_is_due")
    def erase_what_is_due(timestamp: int) -> None:  # noqa: ARG001 (procrastinate gives it)
        chores.erase_what_is_due()

    @app.periodic(cron="*/10 * * * *")
    @app.task(name="keep_house", queue=QUEUE, queueing_lock="keep_house")
    def keep_house(timestamp: int) -> None:  # noqa: ARG001 (procrastinate gives it)
        chores.keep_house()

    return app


async def work(app: App, *, concurrency: int) -> None:
    """Take jobs until cancelled; running ones then end, and the others stay queued.

    Procrastinate ends its worker when the database goes away, and swallows a cancellation when it cannot say goodbye to
    it: the worker is started anew until this task is cancelled.
    """
    task = asyncio.current_task()
    assert task is not None
    while not task.cancelling():
        try:
            await app.open_async()
            await app.run_worker_async(
                queues=[QUEUE],
                concurrency=concurrency,
                install_signal_handlers=False,
                update_heartbeat_interval=HEARTBEAT_S,
                stalled_worker_timeout=STALLED_AFTER_S,
                delete_jobs=DeleteJobCondition.SUCCESSFUL,
                shutdown_graceful_timeout=10,
            )
        except (ConnectorException, OperationalError) as trouble:
            log.warning("queue is out of reach", cause=type(trouble.__cause__ or trouble).__name__)
        finally:
            await app.close_async()
        if not task.cancelling():
            log.warning("worker starts anew", in_s=RESTART_S)
            await asyncio.sleep(RESTART_S)


async def work_until_signalled(app: App, *, concurrency: int) -> None:
    """Take jobs until the process is interrupted or terminated."""
    working = asyncio.ensure_future(work(app, concurrency=concurrency))
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, working.cancel)
    with suppress(asyncio.CancelledError):
        await working


class BackgroundWorker:
    """A worker with a thread and an event loop of its own, inside the web process."""

    def __init__(self, app: App, *, concurrency: int) -> None:
        self._app = app
        self._concurrency = concurrency
        self._loop = asyncio.new_event_loop()
        self._task: asyncio.Task[None] | None = None
        self._thread = threading.Thread(target=self._run, name="scan-worker", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Let running scans end, then stop; what is left stays queued."""

        def cancel() -> None:
            if self._task is not None:
                self._task.cancel()

        self._loop.call_soon_threadsafe(cancel)
        self._thread.join(timeout=30)

    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._task = self._loop.create_task(work(self._app, concurrency=self._concurrency))
        try:
            self._loop.run_until_complete(self._task)
        except asyncio.CancelledError:
            log.info("worker stopped")
        finally:
            self._loop.close()
