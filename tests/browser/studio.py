"""A project of annotation on a running server, and ways of doing things on its desk."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect
from skimage import data
from sqlalchemy import text

from skin.accounts.tokens import COOKIE
from skin.core.concerns import Concern
from skin.scans.store import build_local_store, map_name
from tests.browser.conftest import Visit
from tests.conftest import LiveServer, encode_png

BASE = "/api/annotation"
GRADES = [1, 0, 2, 0, 1, 3, 0, 0, 1, 2]
SUGGESTED = {
    "skin_type": "normal",
    "monk": 3,
    "concerns": {concern.value: {"grade": 1, "zones": ["nose"]} for concern in Concern},
}


@dataclass
class Studio:
    """A project with pictures on a running server, seen from its administrator's side."""

    server: LiveServer
    admin: httpx.Client
    project_id: str

    def query(self, statement: str, **values: Any) -> list[Any]:
        engine = self.server.open_engine()
        with engine.begin() as connection:
            result = connection.execute(text(statement), values)
            rows = [row[0] for row in result] if result.returns_rows else []
        engine.dispose()
        return rows

    def hire(self, role: str = "annotator") -> httpx.Client:
        return self.server.hire(role)

    def answers(self) -> list[dict[str, Any]]:
        return self.query(
            "SELECT answer.label FROM annotation_answers answer JOIN annotation_assignments one"
            " ON one.id = answer.assignment_id WHERE one.project_id = :id ORDER BY answer.created_at",
            id=self.project_id,
        )


def build_studio(server: LiveServer, pictures: int = 2, **rules: Any) -> Studio:
    """A new project of a new administrator, with portraits that differ a little."""
    admin = server.hire("admin")
    made = admin.post(f"{BASE}/projects", json={"name": f"Project {uuid4().hex[:8]}", **rules}).raise_for_status()
    studio = Studio(server, admin, made.json()["id"])
    if pictures:
        files = [("image", (f"{shift}.png", encode_png(portrait(shift)))) for shift in range(pictures)]
        answer = admin.post(f"{BASE}/projects/{studio.project_id}/items", files=files).raise_for_status().json()
        assert answer == {"added": pictures, "skipped": []}
    return studio


def portrait(shift: int) -> Image.Image:
    return Image.fromarray(np.roll(data.astronaut(), 5 * shift, axis=1))


def enter(visit: Visit, client: httpx.Client) -> None:
    """Signed in as the client's person, by its cookie."""
    token = client.headers["Authorization"].removeprefix("Bearer ")
    visit.page.context.add_cookies([{"name": COOKIE, "value": token, "url": visit.url}])


def open_desk(visit: Visit, studio: Studio, client: httpx.Client) -> Page:
    enter(visit, client)
    visit.page.goto(f"{visit.url}/annotate?project={studio.project_id}")
    await_desk(visit.page)
    return visit.page


def await_desk(page: Page) -> None:
    expect(page.locator("body")).to_have_attribute("data-state", "work")
    expect(page.locator(".wb-face")).to_have_attribute("data-shown", "true")


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def grade_all(page: Page) -> None:
    """Skin type 4 and tone 3 or 4, then every concern, by keys alone."""
    press(page, "4", "3", "Shift+4", "j", *map(str, GRADES))


def suggest(studio: Studio) -> NDArray[np.uint8]:
    """Gives every picture a suggestion with a map of redness; the map's strength (1024, 1024)."""
    strength = Image.new("L", (512, 512))
    ImageDraw.Draw(strength).ellipse((300, 260, 380, 340), fill=180)
    drawn = Image.new("RGBA", strength.size, (72, 32, 240, 0))
    drawn.putalpha(strength)
    store = build_local_store(studio.server.settings.home / "training-pictures")
    keys = studio.query("SELECT picture_key FROM annotation_items WHERE project_id = :id", id=studio.project_id)
    for key in keys:
        store.save(key, map_name(Concern.REDNESS), encode_png(drawn))
    suggestion = {"label": SUGGESTED, "model": "painted.v0", "maps": ["redness"], "uncertainty": 0.5}
    studio.query(
        "UPDATE annotation_items SET prediction = CAST(:suggestion AS jsonb) WHERE project_id = :id",
        suggestion=json.dumps(suggestion),
        id=studio.project_id,
    )
    return np.asarray(strength.resize((1024, 1024), Image.Resampling.BILINEAR))
