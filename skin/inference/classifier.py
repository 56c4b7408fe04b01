"""The network: skin type and concerns from a canonical crop."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any, Protocol, Self

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from skin.core.concerns import ZONES_OF, Concern, SkinType
from skin.core.findings import ConcernFinding, TypeFinding
from skin.core.zones import Zone
from skin.inference.cards import Head, ModelCard, load_card, read_weights
from skin.inference.inputs import areas_input, image_input
from skin.vision.alignment import AlignedFace

SKIN_TYPE_HEAD, MONK_HEAD = "skin_type", "monk"

# Expected grade of the raters' scale 0-3 to score 0-100, so that grade and severity band agree.
_GRADES, _SCORES = (0.5, 1.5, 2.5, 3.0), (0.0, 30.0, 60.0, 100.0)
# A zone is named when its map reaches this share of the strongest zone's; smaller than so many map cells, it is hidden.
_NEAR_STRONGEST, _SMALLEST_ZONE = 0.5, 4.0


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a network says of one face; a head that is missing or not validated is missing here.

    `monk` holds the chances of steps 1-10; `maps` (96, 96) float32 0-1 lie over the crop and say where a concern shows.
    """

    skin_type: TypeFinding | None = None
    concerns: Mapping[Concern, ConcernFinding] = field(default_factory=dict)
    monk: tuple[float, ...] = ()
    maps: Mapping[Concern, NDArray[np.float32]] = field(default_factory=dict)


class Classifier(Protocol):
    """Judges aligned faces; may be called from any thread."""

    @property
    def card(self) -> ModelCard:
        """The card of the network behind it."""

    def predict(self, aligned: AlignedFace) -> Prediction:
        """Findings of the validated heads for an aligned face."""


class SkinClassifier:
    """The network of a model folder, run by ONNX Runtime; serving needs no torch."""

    def __init__(self, card: ModelCard, weights: bytes, *, threads: int = 1) -> None:
        self._card = card
        self._weights: bytes | None = weights
        self._threads = threads
        self._session: Any = None
        self._lock = Lock()

    @classmethod
    def from_folder(cls, folder: Path, *, threads: int = 1) -> Self:
        """The network in data/models/<name>.<tag>/, its weights checked against its card."""
        card = load_card(folder)
        return cls(card, read_weights(card, folder), threads=threads)

    @property
    def card(self) -> ModelCard:
        return self._card

    def load(self) -> None:
        """Make the network ready; `predict` does it at the first call otherwise."""
        self._ready()

    def unload(self) -> None:
        """Give the network's memory back; the next `predict` loads it again."""
        with self._lock:
            self._session = None

    def predict(self, aligned: AlignedFace) -> Prediction:
        heads = {
            name: head
            for name, head in self._card.heads.items()
            if head.validated or (head.voice and name == MONK_HEAD)
        }
        names = [head.output for head in heads.values()]
        if not names:
            return Prediction()
        maps_name = [self._card.maps_name] if self._card.maps_name else []
        outputs = self._ready().run([*names, *maps_name], self._inputs(aligned))
        logits = {name: np.ravel(out).astype(np.float64) for name, out in zip(heads, outputs, strict=False)}
        seen = zip(Concern, outputs[-1][0], strict=True) if maps_name else ()
        return _read(heads, logits, {concern: one for concern, one in seen if concern in heads}, aligned)

    def _ready(self) -> Any:
        with self._lock:
            if self._session is None:
                options = onnxruntime.SessionOptions()
                options.intra_op_num_threads = self._threads
                self._session = onnxruntime.InferenceSession(self._weights, options, providers=["CPUExecutionProvider"])
            return self._session

    def _inputs(self, aligned: AlignedFace) -> dict[str, NDArray[np.float32]]:
        mean, std = (np.array(c, np.float32)[:, None, None] for c in (self._card.mean, self._card.std))
        normal = (image_input(aligned.crop_rgb, self._card.input_px) / np.float32(255) - mean) / std
        areas = {self._card.areas_name: areas_input(aligned)} if self._card.areas_name else {}
        return {self._card.input_name: normal, **areas}


def _read(
    heads: Mapping[str, Head],
    logits: Mapping[str, NDArray[np.float64]],
    maps: Mapping[Concern, NDArray[np.float32]],
    aligned: AlignedFace,
) -> Prediction:
    concerns = {
        concern: _concern(concern, logits[concern] / heads[concern].temperature, maps.get(concern), aligned)
        for concern in Concern
        if concern in heads
    }
    skin_type = _skin_type(heads[SKIN_TYPE_HEAD], logits[SKIN_TYPE_HEAD]) if SKIN_TYPE_HEAD in heads else None
    monk = _grades(logits[MONK_HEAD] / heads[MONK_HEAD].temperature) if MONK_HEAD in heads else ()
    return Prediction(skin_type, concerns, tuple(float(p) for p in monk), maps)


def _skin_type(head: Head, logits: NDArray[np.float64]) -> TypeFinding:
    shares = np.exp((logits - logits.max()) / head.temperature)
    shares /= shares.sum()
    probabilities = {SkinType(label): float(p) for label, p in zip(head.labels, shares, strict=True)}
    value = max(probabilities, key=lambda kind: probabilities[kind])
    return TypeFinding(value, probabilities[value], probabilities)


def _grades(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Chances (K + 1,) of each grade from logits (K,) of being above each."""
    above = np.minimum.accumulate(1 / (1 + np.exp(-np.clip(logits, -30, 30))))
    return -np.diff(np.concatenate([[1.0], above, [0.0]]))


def _concern(
    concern: Concern, logits: NDArray[np.float64], where: NDArray[np.float32] | None, aligned: AlignedFace
) -> ConcernFinding:
    grades = _grades(logits)
    score = round(float(np.interp(grades @ np.arange(len(grades)), _GRADES, _SCORES)))
    if score == 0:
        return ConcernFinding(concern, score, float(grades.max()))
    zones = ZONES_OF[concern] if where is None else _zones(concern, where, aligned)
    return ConcernFinding(concern, score, float(grades.max()), zones)


def _zones(concern: Concern, where: NDArray[np.float32], aligned: AlignedFace) -> tuple[Zone, ...]:
    """The zones in which a concern shows most: those whose map comes near that of the strongest."""
    size = where.shape[::-1]
    shares = {
        zone: cv2.resize(aligned.zone_masks[zone].astype(np.float32), size, interpolation=cv2.INTER_AREA)
        for zone in ZONES_OF[concern]
        if zone in aligned.zone_masks
    }
    means = {zone: float((where * s).sum() / s.sum()) for zone, s in shares.items() if s.sum() > _SMALLEST_ZONE}
    strongest = max(means.values(), default=0.0)
    return tuple(zone for zone, mean in means.items() if mean >= _NEAR_STRONGEST * strongest)
