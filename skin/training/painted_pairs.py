"""Exact tests on painted faces that training never saw: is the painted one told from the bare one, and where."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score

from skin.core.concerns import Concern
from skin.inference.inputs import areas_input, image_input
from skin.training.assembly import GRAPH, INPUTS, MEAN, OUTPUTS, STD
from skin.training.bank import small_masks
from skin.training.labels import GRADED
from skin.training.loader import CROP_PX, PAINT_FOLDS, Faces, person_folds
from skin.training.network import SKIN
from skin.training.synthesis import paint

Array = NDArray[np.float64]
# From picture (1, 3, S, S) 0-255 and areas to expected grades (10,) and maps (10, 96, 96).
Judge = Callable[[NDArray[np.float32], NDArray[np.float32]], tuple[Array, Array]]
TONES = {"Monk 1-3": 2, "Monk 4-6": 5, "Monk 7-10": 8}
MODERATE = 2.0
# A map cell (5 px of the crop) counts as painted when a tenth of it is: lines and freckles are thinner than a cell.
PAINTED_CELL = 25


class PaintedScore(NamedTuple):
    """Of one concern on one tone: pairs, share where the painted face scores higher, map quality inside the face."""

    concern: str
    tone: str
    pairs: int
    higher: float
    auroc: float
    auprc: float
    painted_share: float
    best_iou: float


def held_out(faces: Faces, count: int, *, seed: int) -> list[int]:
    """Rows of `count` training-set faces that were never painted for training."""
    rows = np.flatnonzero(person_folds(faces, PAINT_FOLDS, 0) == 0)
    return [int(row) for row in np.random.default_rng(seed).permutation(rows)[:count]]


def load_judge(folder: Path) -> Judge:
    """The served ONNX file of a model folder as a judge of painted faces."""
    session = onnxruntime.InferenceSession(str(folder / GRAPH), providers=["CPUExecutionProvider"])
    names = [*(c.value for c in GRADED), OUTPUTS[-1]]

    def judge(rgb: NDArray[np.float32], areas: NDArray[np.float32]) -> tuple[Array, Array]:
        normal = (rgb / np.float32(255) - np.float32(MEAN)) / np.float32(STD)
        *logits, maps = session.run(names, dict(zip(INPUTS, (normal, areas), strict=True)))
        expected = [float((1 / (1 + np.exp(-one.astype(np.float64)))).sum()) for one in logits]
        return np.array(expected), np.asarray(maps[0], np.float64)

    return judge


def painted_table(found: Sequence[PaintedScore]) -> list[str]:
    """One line per concern: pairs told right on each tone group, and map quality over all."""
    head = ["painted at 2.0", *TONES, "pairs", "map AUROC", "AUPRC (chance)", "best IoU"]
    lines = ["| " + " | ".join(head) + " |", "| --- " * len(head) + "|"]
    for concern in dict.fromkeys(f.concern for f in found):
        rows = [f for f in found if f.concern == concern]
        quality = np.array([(r.auroc, r.auprc, r.painted_share, r.best_iou) for r in rows])
        auroc, auprc, chance, iou = (float(q) for q in quality.mean(axis=0))
        cells = [concern, *(f"{r.higher:.0%}" for r in rows), str(sum(r.pairs for r in rows))]
        lines.append("| " + " | ".join([*cells, f"{auroc:.2f}", f"{auprc:.2f} ({chance:.2f})", f"{iou:.2f}"]) + " |")
    return lines


def score_pairs(judge: Judge, faces: Faces, rows: Sequence[int], *, seed: int) -> list[PaintedScore]:
    """Every concern at moderate severity on every tone group, on the faces numbered in `rows`."""
    found = []
    for tone, monk in TONES.items():
        bare = {row: _judge(judge, faces, row, {}, monk=monk, seed=seed) for row in rows}
        for number, concern in enumerate(GRADED):
            higher, cells, truth = [], [], []
            for row in rows:
                grades, maps, masks = _judge(judge, faces, row, {concern: MODERATE}, monk=monk, seed=seed + row)
                higher.append(float(grades[number] > bare[row][0][number]))
                inside = areas_input(faces.aligned(row))[0, :SKIN].max(axis=0) > 0.5
                cells.append(maps[number][inside])
                truth.append(masks[number][inside] > PAINTED_CELL)
            found.append(
                _summary((concern.value, tone), np.array(higher), np.concatenate(cells), np.concatenate(truth))
            )
    return found


def _judge(
    judge: Judge, faces: Faces, row: int, severities: dict[Concern, float], *, monk: int, seed: int
) -> tuple[Array, Array, NDArray[np.uint8]]:
    face = faces.neutral(row)
    painted = paint(face, severities, seed=seed, monk=monk)
    grades, maps = judge(image_input(painted.rgb, CROP_PX), areas_input(face))
    return grades, maps, small_masks(painted)


def _summary(name: tuple[str, str], higher: Array, cells: Array, truth: NDArray[np.bool_]) -> PaintedScore:
    if truth.all() or not truth.any():
        return PaintedScore(*name, len(higher), float(higher.mean()), *(float("nan"),) * 4)
    ious = [
        float((truth & told).sum() / max(1, (truth | told).sum()))
        for told in (cells > cut for cut in np.quantile(cells, np.linspace(0.5, 0.995, 25)))
    ]
    return PaintedScore(
        *name, len(higher), float(higher.mean()), float(roc_auc_score(truth, cells)),
        float(average_precision_score(truth, cells)), float(truth.mean()), max(ious),
    )  # fmt: skip
