"""Everything answered in a project, read once and kept until an answer comes, goes or changes."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Any, TypeVar
from uuid import UUID

from skin.annotation.queries import get_project
from skin.annotation.ratings import Ratings, Stamp, find_stamp, load_ratings
from skin.db.session import Sessions

KEPT = 32
T = TypeVar("T")
K = TypeVar("K")
V = TypeVar("V")


class Ledger:
    """Ratings and what was computed from them, by project; one computation at a time, outside any transaction."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._reading, self._computing = Lock(), Lock()
        self._ratings: OrderedDict[UUID, tuple[Stamp, Ratings]] = OrderedDict()
        self._results: OrderedDict[tuple[UUID, str], tuple[Stamp, Any]] = OrderedDict()

    def read(self, project_id: UUID) -> Ratings:
        return self._read(project_id)[1]

    def compute(self, project_id: UUID, name: str, function: Callable[[Ratings], T]) -> T:
        """`function` of the ratings, or what it gave last time if nothing has changed; `name` tells functions apart."""
        stamp, ratings = self._read(project_id)
        with self._computing:
            found = self._results.get((project_id, name))
            if found is None or found[0] != stamp:
                found = (stamp, function(ratings))
                _keep(self._results, (project_id, name), found)
        result: T = found[1]
        return result

    def _read(self, project_id: UUID) -> tuple[Stamp, Ratings]:
        with self._reading:
            with self._sessions.begin() as session:
                get_project(session, project_id)
                stamp = find_stamp(session, project_id)
                kept = self._ratings.get(project_id)
                if kept is not None and kept[0] == stamp:
                    return kept
                rows = load_ratings(session, project_id)
            kept = (stamp, rows)
            _keep(self._ratings, project_id, kept)
            return kept


def _keep(kept: OrderedDict[K, V], key: K, value: V) -> None:
    kept.pop(key, None)
    kept[key] = value
    if len(kept) > KEPT:
        kept.popitem(last=False)
