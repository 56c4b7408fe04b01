"""The card of a trained model: what serving needs, and what was measured, in YAML and as a page."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import yaml

from skin.core.concerns import Concern
from skin.inference.cards import CARD_FILE, Head, ModelCard
from skin.training.assembly import GRAPH, INPUTS, MEAN, OUTPUTS, STD
from skin.training.bars import BARS, evidence_of, is_voice, measure_of, passes
from skin.training.evaluate import FieldResult, evaluate
from skin.training.labels import TRAINING_SETS, TYPES
from skin.training.loader import CROP_PX, load_faces
from skin.training.painted_pairs import PaintedScore, held_out, load_judge, painted_table, score_pairs
from skin.training.report import agreement_table, tone_table

TRAINING_DATA = {
    "interfaces": "96 stock portraits, CC0 (cjdowner/interfaces), rated twice; landmarks found in all",
    "sfhq": "390 computer-made adult faces, MIT (SelfishGene/SFHQ-T2I-dataset), rated once, 16 of them four times",
    "congress": "56 official portraits, public domain (US GPO), 225 px wide; their tone alone, rated twice",
    "imagenet start": "Google Coral mobilenet_v2_1.0_224_quant.tflite, Apache-2.0, dequantised (training/start.py)",
    "painted": "five paintings of each face by skin/training/synthesis.py, exact masks and severities",
}


PAINTED_FACES = 14
NOTES = {
    "labels": "All labels are apparent: passes of a vision-language model by a written rubric, not of people.",
    "london": "The 61 London people were looked at LOOKS times, never trained on; cross-validation made the choices.",
    "light": "One photo under unknown light: redness, tone, dark circles and shine move with the light.",
    "level": "Grades of mild and moderate lean to the middle; the order of people is better than the exact grade.",
    "tone": "Few training faces are Monk 1, 2, 9 or 10; figures for Monk 7-10 rest on few people.",
    "dryness": "Dryness and sensitivity hardly show in a photo and are not judged.",
    "input": "The network sees the face freed of the light that is estimated from its photo.",
    "maps": "Maps are learned from painted concerns and say where, not how deep; measured on painted faces only.",
}


def write_unmeasured_card(folder: Path) -> None:
    """The card of a model that was just trained: it can be served, and no head speaks until it was measured."""
    name, tag = folder.name.rsplit(".", 1)
    sha256 = hashlib.sha256((folder / GRAPH).read_bytes()).hexdigest()
    notes = {"measured": "Not measured yet: no head is shown."}
    write_card(build_card(name, tag, sha256=sha256, results=None, notes=notes), folder, {})


def publish(shared: Path, folder: Path, out: Path, *, looks: int) -> ModelCard:
    """Measure the model in `folder` on the London people and write its card; `looks` counts how often that was done."""
    name, tag = folder.name.rsplit(".", 1)
    sha256 = hashlib.sha256((folder / GRAPH).read_bytes()).hexdigest()
    notes = {key: text.replace("LOOKS", str(looks)) for key, text in NOTES.items()}
    write_unmeasured_card(folder)
    painted = _painted(shared, folder, out)
    results = evaluate(shared, "london", folder, out)
    card = build_card(name, tag, sha256=sha256, results=results, notes=notes)
    write_card(card, folder, results, painted=painted)
    return card


def _painted(shared: Path, folder: Path, out: Path) -> list[PaintedScore]:
    """Painted pairs, from `out` if they were scored before."""
    kept = out / "painted.json"
    if not kept.exists():
        faces = load_faces(shared, TRAINING_SETS, out / "faces")
        found = score_pairs(load_judge(folder), faces, held_out(faces, PAINTED_FACES, seed=3), seed=17)
        kept.write_text(json.dumps([score._asdict() for score in found], indent=1), encoding="utf-8")
    return [PaintedScore(**score) for score in json.loads(kept.read_text(encoding="utf-8"))]


def build_card(
    name: str, tag: str, *, sha256: str, results: Mapping[str, FieldResult] | None, notes: dict[str, str]
) -> ModelCard:
    """The card; without results from people never seen, no head is validated."""
    fields = (*(c.value for c in Concern), "monk", "skin_type")
    found = results or {}
    return ModelCard(
        name=name, tag=tag, file=GRAPH, sha256=sha256, input_px=CROP_PX,
        input_name=INPUTS[0], areas_name=INPUTS[1], maps_name=OUTPUTS[-1],
        light="neutral", mean=(MEAN,) * 3, std=(STD,) * 3,
        heads={field: _head(field, found.get(field)) for field in fields},
        training_data=TRAINING_DATA, notes=notes,
    )  # fmt: skip


def _head(field: str, result: FieldResult | None) -> Head:
    kind = "classes" if field == "skin_type" else "ordinal"
    labels = tuple(t.value for t in TYPES) if field == "skin_type" else ()
    if result is None:
        return Head(kind=kind, output=field, validated=False, labels=labels)
    measured = {"n": float(next(iter(result.measured.values())).people)}
    for name, figure in result.measured.items():
        measured |= {
            name: round(figure.value, 3),
            f"{name}_low": round(figure.low, 3),
            f"{name}_high": round(figure.high, 3),
        }
    for name, figure in result.raters.items():
        measured[f"raters_{name}"] = round(figure.value, 3)
    measured["calibration_error"] = round(result.calibration_error, 3)
    if field in BARS:
        measured[f"bar_{measure_of(field)}"] = BARS[field]
    return Head(
        kind=kind, output=field, validated=passes(field, result.measured),
        voice=is_voice(field, result.measured), labels=labels,
        evidence=evidence_of(field, result.measured), measured={k: v for k, v in measured.items() if np.isfinite(v)},
    )  # fmt: skip


def write_card(
    card: ModelCard, folder: Path, results: Mapping[str, FieldResult], *, painted: Sequence[PaintedScore] = ()
) -> None:
    """card.yaml and README.md in the model's folder."""
    text = yaml.safe_dump(card.model_dump(mode="json"), sort_keys=False, width=110, allow_unicode=True)
    (folder / CARD_FILE).write_text(text, encoding="utf-8")
    (folder / "README.md").write_text(_page(card, results, painted), encoding="utf-8")


def _page(card: ModelCard, results: Mapping[str, FieldResult], painted: Sequence[PaintedScore]) -> str:
    shown = [n for n, h in card.heads.items() if h.validated]
    voices = [n for n, h in card.heads.items() if h.voice]
    hidden = [n for n, h in card.heads.items() if not h.validated and not h.voice]
    lines = [
        "---", "license: apache-2.0", "library_name: onnx", "tags: [skin, face, image-classification]", "---",
        f"# {card.name}.{card.tag}", "",
        "Apparent skin type, Monk tone and ten visible concerns of one aligned face, with a map per concern. "
        f"Two MobileNetV2 trunks ({card.input_px} px as ImageNet taught it, and 384 px taught by painted faces), zone "
        "pooling, a map decoder, calibrated linear heads. How it was made: docs/model.md.", "",
        "## Intended use", "Cosmetic self-observation with the project's own capture gate and alignment. **Not** "
        "a medical device, not for diagnosis, not for judging other people, not for children.", "",
        "## What is shown", f"Validated heads: {', '.join(shown) or 'none'}.",
        f"Heard beside colour in the tone, though below its bar: {', '.join(voices) or 'none'}.",
        f"Not judged, because they missed their bar or photos do not show them: {', '.join(hidden) or 'none'}.", "",
        "## Measured", *agreement_table(results), "", *tone_table(results), "",
        "### Painted faces never painted in training: share of pairs told right, and maps", *painted_table(painted), "",
        "## Limits", *(f"- {text}" for text in card.notes.values()), "",
        "## Training data", *(f"- {name}: {text}" for name, text in card.training_data.items()), "",
    ]  # fmt: skip
    return "\n".join(lines)
