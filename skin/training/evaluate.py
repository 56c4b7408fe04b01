"""`python -m skin evaluate`: how well the model agrees with raters on a rated set, next to ceiling and floors."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import onnxruntime
import structlog
from numpy.typing import NDArray

from skin.inference.cards import load_card
from skin.inference.inputs import build_inputs
from skin.training import scores
from skin.training.assembly import GRAPH, INPUTS, load_model
from skin.training.baselines import find_floors
from skin.training.labels import GRADED, TYPES, load_ratings
from skin.training.loader import Faces, load_faces, load_labels
from skin.training.report import write_report
from skin.training.scores import Figure, figure

log = structlog.get_logger(__name__)
Array = NDArray[np.float64]
FIELDS = (*(c.value for c in GRADED), "monk")
MEASURES = {
    "spearman": scores.spearman, "kappa": scores.weighted_kappa, "mae": scores.mean_error,
    "exact": scores.exact, "within_one": scores.within_one,
}  # fmt: skip
TONE_GROUPS = {"Monk 1-3": (0.0, 3.5), "Monk 4-6": (3.5, 6.5), "Monk 7-10": (6.5, 10.5)}


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """What a model says of N faces: chances of grades (N, 10, 4), Monk (N, 10), types (N, 4)."""

    grades: Array
    monk: Array
    types: Array

    def expected(self, name: str) -> Array:
        """Expected grade 0-3 or Monk step 1-10, (N,)."""
        if name == "monk":
            return np.asarray(self.monk @ np.arange(1, 11), np.float64)
        return np.asarray(self.grades[:, FIELDS.index(name)] @ np.arange(4), np.float64)

    def confidence(self, name: str) -> tuple[Array, Array]:
        """Chance of the likeliest step and that step, (N,) each."""
        chances, first = (self.monk, 1) if name == "monk" else (self.grades[:, FIELDS.index(name)], 0)
        return chances.max(axis=1), chances.argmax(axis=1) + float(first)


@dataclass(slots=True)
class FieldResult:
    """Everything measured of one field."""

    measured: dict[str, Figure] = field(default_factory=dict)
    raters: dict[str, Figure] = field(default_factory=dict)
    floors: dict[str, Figure] = field(default_factory=dict)
    by_tone: dict[str, Figure] = field(default_factory=dict)
    calibration_error: float = float("nan")
    reliability: list[tuple[float, float, int]] = field(default_factory=list)


def predict(folder: Path, faces: Faces) -> Told:
    """Run the served ONNX file of a model folder, as serving does."""
    card = load_card(folder)
    session = onnxruntime.InferenceSession(str(folder / GRAPH), providers=["CPUExecutionProvider"])
    names = [o.name for o in session.get_outputs()]
    rows = []
    for row in range(len(faces)):
        face = faces.neutral(row) if card.light == "neutral" else faces.aligned(row)
        rgb, areas = build_inputs(face, card.input_px)
        normal = (rgb / np.float32(255) - np.float32(card.mean[0])) / np.float32(card.std[0])
        rows.append(dict(zip(names, session.run(None, dict(zip(INPUTS, (normal, areas), strict=True))), strict=True)))
    grades = np.stack([[steps(row[c.value][0]) for c in GRADED] for row in rows])
    monk = np.stack([steps(row["monk"][0]) for row in rows])
    raised = np.exp(np.stack([row["skin_type"][0] for row in rows]))
    return Told(grades, monk, raised / raised.sum(axis=1, keepdims=True))


def steps(above_logits: NDArray[np.float32]) -> Array:
    """Chances (K + 1,) from logits (K,) of being above each cut."""
    above = 1 / (1 + np.exp(-above_logits.astype(np.float64)))
    return -np.diff(np.concatenate([[1.0], above, [0.0]]))


def evaluate(shared: Path, name: str, folder: Path, out: Path) -> dict[str, FieldResult]:
    """Measure the model in `folder` on one rated set; writes report.md, report.json and plots to `out`."""
    cache = out / "faces"
    faces = load_faces(shared, [name], cache)
    told = predict(folder, faces)
    floors = find_floors(shared, faces, load_model(folder).network, cache)
    log.info("predicted", set=name, people=len(faces))
    results = measure(told, shared, faces, floors=floors)
    text = json.dumps({field: asdict(result) for field, result in results.items()}, indent=1)
    (out / "report.json").write_text(text, encoding="utf-8")
    write_report(results, out, title=f"{folder.name} on {name} ({len(faces)} people)")
    return results


def measure(
    told: Told, shared: Path, faces: Faces, *, floors: Mapping[str, Mapping[str, Array]]
) -> dict[str, FieldResult]:
    """All fields of a prediction against the raters of one set."""
    labels = load_labels(shared, faces)
    truths: dict[str, Array] = {f: labels.grades[:, i].astype(np.float64) for i, f in enumerate(FIELDS[:-1])}
    truths["monk"] = labels.monk.astype(np.float64)
    raters = rater_pair(shared, faces)
    results = {}
    for name in FIELDS:
        result, truth, guess = FieldResult(), truths[name], told.expected(name)
        result.measured = {m: figure(f, guess, truth) for m, f in MEASURES.items()}
        if raters is not None:
            result.raters = {m: figure(f, raters[0][name], raters[1][name]) for m, f in MEASURES.items()}
        result.floors = {n: figure(scores.spearman, f[name], truth) for n, f in floors.items() if name in f}
        for group, (low, high) in TONE_GROUPS.items():
            rows = (truths["monk"] > low) & (truths["monk"] <= high)
            result.by_tone[group] = figure(scores.spearman, guess[rows], truth[rows])
        confidence, step = told.confidence(name)
        hit = (step == np.floor(truth + 0.5)).astype(np.float64)
        result.calibration_error = scores.calibration_error(confidence, hit)
        result.reliability = scores.reliability(confidence, hit)
        results[name] = result
    results["skin_type"] = _types(told, labels.types.astype(np.float64), raters)
    return results


def rater_pair(shared: Path, faces: Faces) -> tuple[dict[str, Array], dict[str, Array]] | None:
    """Grades of raters A and B for the same faces, or None where not both rated all."""
    table = load_ratings(shared, faces.sets[0])
    first, second = (table[table["rater"] == r].set_index("id") for r in ("A", "B"))
    if not (set(faces.ids) <= set(first.index) & set(second.index)):
        return None
    columns = (*FIELDS, "skin_type")
    one, other = ({c: _column(t.loc[list(faces.ids), c]) for c in columns} for t in (first, second))
    return one, other


def _column(values: Sequence[object]) -> Array:
    kinds = [t.value for t in TYPES]
    return np.array([kinds.index(v) if isinstance(v, str) else v for v in values], np.float64)


def _types(told: Told, truth: Array, raters: tuple[dict[str, Array], dict[str, Array]] | None) -> FieldResult:
    guess, best = told.types.argmax(axis=1).astype(np.float64), truth.argmax(axis=1).astype(np.float64)
    kinds = {"kappa": scores.plain_kappa, "exact": scores.exact}
    result = FieldResult({m: figure(f, guess, best) for m, f in kinds.items()})
    if raters is not None:
        result.raters = {m: figure(f, raters[0]["skin_type"], raters[1]["skin_type"]) for m, f in kinds.items()}
    hit = (guess == best).astype(np.float64)
    result.calibration_error = scores.calibration_error(told.types.max(axis=1), hit)
    result.reliability = scores.reliability(told.types.max(axis=1), hit)
    return result
