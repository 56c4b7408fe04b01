"""Model cards: what a network is, what it expects, and how good each of its heads was measured to be."""

import hashlib
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

Channels = tuple[float, float, float]
CARD_FILE = "card.yaml"


class _Card(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Head(_Card):
    """One output of a network.

    `classes` gives a logit for each of `labels`; `ordinal` gives, for grades 0 to K, K logits of being above grade k.
    A head that was not validated on people it had never seen is never shown; `evidence` says how far a valid one may be
    trusted. The `monk` head may be a `voice`: heard beside colour in the tone though below its own bar, because it was
    measured to rank people better than colour alone does. `measured` holds its figures with `n` and the ends of their
    95 % intervals (`_low`, `_high`).
    """

    kind: Literal["classes", "ordinal"]
    output: str
    validated: bool
    voice: bool = False
    evidence: Literal["good", "fair", "weak", "none"] = "none"
    labels: tuple[str, ...] = ()
    temperature: Annotated[float, Field(gt=0)] = 1.0
    measured: dict[str, float] = Field(default_factory=dict)


class ModelCard(_Card):
    """Everything needed to run a network and to trust it; the only source of its preprocessing.

    With `light` neutral the crop is first freed of its estimated light (`illuminant.in_neutral_light`). The network
    sees it scaled to `input_px`, as (rgb / 255 - mean) / std in channel-first order, and under `areas_name`, if given,
    the areas of `inputs.areas_input`; `maps_name` is its output of a map per concern.
    """

    name: str
    tag: str
    file: str
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    input_px: Annotated[int, Field(gt=0)]
    input_name: str = "input"
    areas_name: str | None = None
    maps_name: str | None = None
    light: Literal["as_taken", "neutral"] = "as_taken"
    mean: Channels
    std: Channels
    heads: dict[str, Head]
    training_data: dict[str, str]
    notes: dict[str, str] = Field(default_factory=dict)
    measured: dict[str, float] = Field(default_factory=dict)


def load_card(folder: Path) -> ModelCard:
    """The card of the model in data/models/<name>.<tag>/."""
    return ModelCard.model_validate(yaml.safe_load((folder / CARD_FILE).read_text(encoding="utf-8")))


def read_weights(card: ModelCard, folder: Path) -> bytes:
    """The weights that the card speaks of; raises ValueError if the file is another one."""
    weights = (folder / card.file).read_bytes()
    found = hashlib.sha256(weights).hexdigest()
    if found != card.sha256:
        raise ValueError(f"{folder / card.file} has sha256 {found}, its card says {card.sha256}")
    return weights
