"""What tests of agreement and consensus are made of: a project that two annotators answered over REST."""

from dataclasses import dataclass
from typing import Any

import httpx

from skin.core.concerns import Concern
from tests.conftest import LiveServer

BASE = "/api/annotation"
PICTURES = 12


@dataclass
class Work:
    """A project whose pictures two annotators have answered; the second sees more acne in the first picture added."""

    server: LiveServer
    admin: httpx.Client
    annotators: list[httpx.Client]
    project_id: str

    @property
    def path(self) -> str:
        return f"{BASE}/projects/{self.project_id}"

    def read(self, path: str, **query: Any) -> Any:
        return self.admin.get(f"{self.path}/{path}", params=query).raise_for_status().json()


def label_of(number: int, *, acne: int = 0) -> dict[str, Any]:
    """With a point of redness and a flag; who sees acne sees it on the chin."""
    concerns = {one.value: {"grade": number % 4, "zones": []} for one in Concern}
    concerns["acne"] = {"grade": acne, "zones": ["chin"] if acne else []}
    concerns["redness"]["zones"] = ["nose"]
    point = {"kind": "point", "concern": "redness", "xy_norm": [0.5, 0.01 * number], "origin": "annotator"}
    kinds = ("oily", "dry", "normal", "combination", "sensitive")
    return {"skin_type": kinds[number % 5], "monk": 1 + number % 10, "concerns": concerns} | {
        "regions": [point],
        "quality_flags": ["makeup"],
    }
