"""All that the doors ask about annotation."""

from dataclasses import dataclass

from skin.annotation.adjudication import Adjudication
from skin.annotation.collection import Collection
from skin.annotation.items import Items
from skin.annotation.panel import Panel
from skin.annotation.projects import Projects
from skin.annotation.tasks import Tasks
from skin.annotation.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Annotation:
    """Its parts open their own short transactions; every method takes the person who acts first."""

    projects: Projects
    items: Items
    tasks: Tasks
    collection: Collection
    panel: Panel
    adjudication: Adjudication
    vocabulary: Vocabulary

    def keep_house(self) -> None:
        """For the chores, every few minutes."""
        self.collection.keep()
        self.projects.refresh_orders()
