"""What tests of datasets are made of: people, projects of small pictures, and answers that were given elsewhere."""

import json
from dataclasses import asdict
from uuid import UUID, uuid4

import numpy as np
from PIL import Image
from sqlalchemy import select

from skin.accounts.tables import Role, User
from skin.annotation.items import Upload
from skin.annotation.labels import Label
from skin.annotation.tables import Item
from skin.core.concerns import Concern
from skin.datasets.record import Record
from skin.datasets.schemas import ImportFormat
from skin.datasets.service import Datasets
from skin.db.session import Sessions
from tests.conftest import encode_png
from tests.unit.labels import make_record

GRADES = {concern.value: {"grade": 1, "zones": ["chin"]} for concern in Concern}


def add_user(sessions: Sessions, role: Role) -> User:
    user = User(email=f"{uuid4().hex}@example.org", password_hash="x", role=role)
    with sessions.begin() as session:
        session.add(user)
    return user


def upload(number: int, seed: int = 0) -> Upload:
    return Upload(name=f"{number}.png", picture=portrait(number, seed), source="set/x", person=f"p{number // 3}")


def portrait(number: int, seed: int = 0) -> bytes:
    rng = np.random.default_rng([number, seed])
    rough = Image.fromarray(rng.integers(0, 255, (8, 8, 3)).astype(np.uint8))
    return encode_png(rough.resize((64, 64), Image.Resampling.BICUBIC))


def list_items(sessions: Sessions, project_id: UUID) -> list[Item]:
    with sessions.begin() as session:
        return list(session.scalars(select(Item).where(Item.project_id == project_id).order_by(Item.id)))


def answer_all(sessions: Sessions, admin: User, datasets: Datasets, project_id: UUID, *, raters: int = 2) -> None:
    """Everybody answers everything, by importing."""
    label = Label.model_validate({"skin_type": "oily", "monk": 4, "concerns": GRADES, "note": "=1"})
    lines = b"".join(
        json.dumps(
            {
                **record_fields(make_record(label, number=number, annotator=f"rater {number}"), item),
                "created_at": "2026-11-22T10:00:00+00:00",
            }
        ).encode()
        + b"\n"
        for item in list_items(sessions, project_id)
        for number in range(raters)
    )
    done = datasets.imports.add_file(admin, project_id, ImportFormat.JSON_LINES, lines)
    assert not done.refused


def record_fields(record: Record, item: Item) -> dict[str, object]:
    return asdict(record) | {"item_id": str(item.id), "sha256": item.sha256}
