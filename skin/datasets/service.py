"""All that the doors ask about datasets."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlalchemy.dialects import postgresql

from skin.accounts.tables import User
from skin.annotation.items import Items
from skin.annotation.permissions import require_admin
from skin.annotation.schemas import ItemsResponse, SkippedFile
from skin.datasets import queries, schemas
from skin.datasets.imports import Imports
from skin.datasets.pictures import Folder
from skin.datasets.ratings import read_ratings
from skin.datasets.snapshots import Snapshots
from skin.datasets.tables import EvaluationSource
from skin.db.session import Sessions

FILES = 50  # added at once, so that a stopped import loses little


@dataclass(frozen=True, slots=True)
class Datasets:
    """Its parts open their own short transactions; every method takes the person who acts first."""

    sessions: Sessions
    items: Items
    snapshots: Snapshots
    imports: Imports

    def add_folder(self, user: User, project_id: UUID, folder: Folder, told: Callable[[], object]) -> ItemsResponse:
        """Add the pictures that the project does not have from this folder; `told` is called after each of them."""
        require_admin(user)
        with self.sessions.begin() as session:
            known = queries.list_sources(session, project_id, folder.source)
        files = folder.list_files()
        waiting = [file for file in files if folder.source_of(file) not in known]
        for _ in range(len(files) - len(waiting)):
            told()
        added, skipped = 0, list[SkippedFile]()
        for start in range(0, len(waiting), FILES):
            uploads = folder.read(waiting[start : start + FILES], told)
            done = self.items.add(user, project_id, uploads)
            added += done.added
            skipped += done.skipped
        return ItemsResponse(added=added, skipped=skipped)

    def add_ratings(self, user: User, project_id: UUID, source: str, table: Path) -> schemas.LabelsResponse:
        """The ratings of a table whose `id` is the name of a file of this source, without its ending."""
        require_admin(user)
        with self.sessions.begin() as session:
            sources = queries.list_sources(session, project_id, source)
        items = {Path(name).stem: item_id for name, item_id in sources.items()}
        return self.imports.add(user, project_id, read_ratings(table.read_text("utf-8-sig"), items))

    def keep_for_evaluation(self, user: User, source: str) -> None:
        """Never let pictures of this source teach a network: from now on they go to the test, with their people."""
        require_admin(user)
        with self.sessions.begin() as session:
            session.execute(postgresql.insert(EvaluationSource).values(source=source).on_conflict_do_nothing())
