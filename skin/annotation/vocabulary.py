"""The words of the label schema, for those who draw forms of it."""

from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, Field

from skin.annotation.labels import SCHEMA_VERSION
from skin.core.concerns import ZONES_OF
from skin.core.zones import Zone


class Vocabulary(BaseModel):
    """data/scales/labels.v1.yaml, with the zones, those each concern is judged in, and the Monk swatches."""

    version: str
    words: dict[str, Any] = Field(description="The schema's titles, rules and grades.")
    zones: list[Zone]
    zones_of_concern: dict[str, list[Zone]]
    monk_swatches: list[str] = Field(description="Monk Skin Tone 1-10 as #rrggbb, for show only.")


def load_vocabulary(scales: Path) -> Vocabulary:
    words = yaml.safe_load((scales / f"{SCHEMA_VERSION}.yaml").read_text(encoding="utf-8"))
    swatches = yaml.safe_load((scales / "monk.yaml").read_text(encoding="utf-8"))["swatches"]
    return Vocabulary(
        version=words.pop("version"),
        words=words,
        zones=list(Zone),
        zones_of_concern={concern.value: list(zones) for concern, zones in ZONES_OF.items()},
        monk_swatches=[f"#{swatch}" for swatch in swatches],
    )
