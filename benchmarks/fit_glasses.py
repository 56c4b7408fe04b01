"""Fits data/scales/glasses.yaml: python -m benchmarks.fit_glasses DATA. London and congress only count alarms.

Labels by looking at every photo of `interfaces` and `sfhq`; tinted and mirroring glasses are left out of the fit.
"""

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from skin.core.cover import GLASSES
from skin.errors import SkinError
from skin.inference.pipeline import SCALES, load_glasses_scale
from skin.vision.alignment import align
from skin.vision.glasses import measure_edges
from skin.vision.images import decode, encode
from skin.vision.landmarks import MediaPipeLandmarker
from skin.vision.quality import LIMITS, head_angles_deg, only_face

Array = NDArray[np.float64]
CLEAR = {
    "interfaces": "008 016 020 023 029 034 045 050 062 065 067 082 092",
    "sfhq": """
    s0005 s0013 s0023 s0062 s0066 s0085 s0097 s0115 s0157 s0223 s0225 s0238 s0239 s0243 s0245 s0246 s0247 s0285 s0286
    s0287 s0288 s0289 s0290 s0291 s0292 s0293 s0294 s0295 s0296 s0297 s0298 s0299 s0301 s0302 s0303 s0304
    s0305 s0306 s0307 s0308 s0367 s0382""",
    "congress": """
    A000014 B000208 D000355 D000407 G000568 G000572 L000559 M000312 P000263 P000585 R000435 S000888 S001195 W000215""",
    "london/neutral": "",
    "london/smiling": "",
}
DARK = {
    "interfaces": "004 010 015 026 032 038 043 048 053 075 099",
    "sfhq": """
    s0010 s0024 s0025 s0026 s0027 s0028 s0029 s0043 s0104 s0248 s0249 s0250 s0251 s0310 s0311 s0312 s0325 s0331 s0335
    s0345 s0378 s0383""",
}
THRESHOLD = next(limit.good[1] for limit in LIMITS if limit.name == GLASSES)


def read_edges(folder: Path, landmarker: MediaPipeLandmarker) -> dict[str, dict[str, float]]:
    """By photo whose face the gate would not refuse for its angle."""
    found = {}
    for path in sorted(folder.glob("*.jpg")):
        rgb = decode(encode(decode(path.read_bytes())))
        try:
            face = only_face(landmarker.detect(rgb))
        except SkinError:
            continue
        yaw, pitch, _ = head_angles_deg(face)
        if abs(yaw) <= 34 and abs(pitch) <= 30:
            found[path.stem] = measure_edges(align(rgb, face))
    return found


def build() -> LogisticRegression:
    return LogisticRegression(C=1.0)


def report(title: str, chances: Array, worn: Array) -> None:
    """How many of those called are right, and how many of those that are right are called."""
    called, wears = chances > THRESHOLD, worn == 1
    right = (called & wears).sum()
    print(f"{title}: precision {right} of {called.sum()}, recall {right} of {wears.sum()}, n {len(worn)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    data = parser.parse_args().data
    landmarker = MediaPipeLandmarker()
    edges = {name: read_edges(data / name, landmarker) for name in CLEAR}
    names = sorted(next(iter(edges["interfaces"].values())))
    dark = {name: set(ids.split()) for name, ids in DARK.items()}
    tables, worn = {}, {}
    for name, photos in edges.items():
        kept = [photo for photo in photos if photo not in dark.get(name, ())]
        tables[name] = np.log([[photos[photo][edge] for edge in names] for photo in kept])
        worn[name] = np.array([photo in CLEAR[name].split() for photo in kept], float)
    for taught, asked in (("sfhq", "interfaces"), ("interfaces", "sfhq")):
        model = build().fit(tables[taught], worn[taught])
        report(f"fitted on {taught}, asked on {asked}", model.predict_proba(tables[asked])[:, 1], worn[asked])
    both = np.concatenate([tables["sfhq"], tables["interfaces"]])
    truth = np.concatenate([worn["sfhq"], worn["interfaces"]])
    folds = StratifiedKFold(10, shuffle=True, random_state=0)
    report("both, ten folds", cross_val_predict(build(), both, truth, cv=folds, method="predict_proba")[:, 1], truth)
    model = build().fit(both, truth)
    for name in ("congress", "london/neutral", "london/smiling"):
        report(f"fitted on both, asked on {name}", model.predict_proba(tables[name])[:, 1], worn[name])
    for name, ids in dark.items():
        rows = np.log([[edges[name][photo][edge] for edge in names] for photo in sorted(ids & set(edges[name]))])
        print(f"dark glasses of {name}: {(model.predict_proba(rows)[:, 1] > THRESHOLD).sum()} of {len(rows)} called")
    print(f"intercept: {model.intercept_[0]:.4f}")
    print("weights: {" + ", ".join(f"{edge}: {w:.4f}" for edge, w in zip(names, model.coef_[0], strict=True)) + "}")
    scale = load_glasses_scale(SCALES / "glasses.yaml")
    print(f"in use: {scale.intercept}, {scale.weights}")


if __name__ == "__main__":
    main()
