"""What the network must beat: single hand measures of zones, frozen ImageNet features with ridge, and a rival tool."""

import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from PIL import Image

from skin.core.concerns import Concern
from skin.core.zones import Zone
from skin.inference.inputs import areas_input, image_input
from skin.training.labels import TRAINING_SETS
from skin.training.loader import CROP_PX, Faces, load_faces, load_labels
from skin.training.network import SKIN, SkinNetwork, pool_all
from skin.training.ridge import Lessons, block_scales, fit_ridge, targets_of
from skin.vision.alignment import AlignedFace

Array = NDArray[np.float64]
PENALTIES = np.logspace(-3, 2, 14)


def hand_measures(face: AlignedFace) -> Mapping[str, float]:
    """One number per field from zone polygons, as the data's README lists them; higher is more, Monk in minus ITA."""
    lab = cv2.cvtColor(face.crop_rgb.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    light, red = lab[..., 0], lab[..., 1]
    eye_ears = face.points_crop[:, 0]
    width = float(eye_ears.max() - eye_ears.min())
    fine = light - cv2.GaussianBlur(light, (0, 0), 0.008 * width)
    cheeks = _mask(face, Zone.CHEEK_LEFT, Zone.CHEEK_RIGHT)
    eyes = _mask(face, Zone.PERIORBITAL_LEFT, Zone.PERIORBITAL_RIGHT)
    nose, forehead = _mask(face, Zone.NOSE), _mask(face, Zone.FOREHEAD)
    detail = float(fine[cheeks].std())
    yellow = float(np.median(lab[..., 2][cheeks]))
    return {
        "monk": -float(np.degrees(np.arctan2(np.median(light[cheeks]) - 50, max(yellow, 1e-3)))),
        Concern.REDNESS: float(np.median(red[nose | cheeks])),
        Concern.ACNE: float(np.median(red[nose])),
        Concern.DARK_SPOTS: detail,
        Concern.TEXTURE: detail,
        Concern.PORES: detail,
        Concern.WRINKLES: detail,
        Concern.EYE_BAGS: detail,
        Concern.DARK_CIRCLES: float(np.median(light[cheeks]) - np.median(light[eyes])),
        Concern.OILINESS: float(np.percentile(light[forehead], 97) - np.median(light[forehead])),
    }


def _mask(face: AlignedFace, *zones: Zone) -> NDArray[np.bool_]:
    mask = np.any([face.zone_masks[z] for z in zones], axis=0)
    return np.asarray(mask if mask.any() else np.any(list(face.zone_masks.values()), axis=0), np.bool_)


def find_floors(shared: Path, asked: Faces, network: SkinNetwork, cache: Path) -> dict[str, dict[str, Array]]:
    """Scores (N,) of every baseline for the faces asked about, by baseline and field; `cache` keeps what is slow."""
    measures = [hand_measures(asked.aligned(row)) for row in range(len(asked))]
    hand = {name: np.array([m[name] for m in measures]) for name in measures[0]}
    frozen = frozen_ridge(network, shared, asked, cache)
    ridge = {name: frozen[:, i] for i, name in enumerate((*(c.value for c in Concern), "monk"))}
    found = {"hand measure": hand, "frozen + ridge": ridge}
    rival = rival_monk(asked)
    return found if rival is None else {**found, "skin-tone-classifier": {"monk": rival}}


def frozen_features(network: SkinNetwork, faces: Faces) -> NDArray[np.float32]:
    """Zone-pooled features (N, D) of the network's trunk that was never taught."""
    rows = []
    for row in range(len(faces)):
        face = faces.aligned(row)
        rgb, areas = image_input(face.crop_rgb, CROP_PX), areas_input(face)[:, :SKIN]
        with torch.no_grad():
            levels = network.sharp_levels(torch.from_numpy(rgb))
            rows.append(pool_all(levels, torch.from_numpy(areas))[0].numpy())
    return np.stack(rows)


def frozen_ridge(network: SkinNetwork, shared: Path, asked: Faces, cache: Path) -> Array:
    """Scores (N, 15) of `asked` by one plain ridge on frozen features of the training sets."""
    known = load_faces(shared, TRAINING_SETS, cache)
    labels, kept = load_labels(shared, known), cache / "frozen.npy"
    if not kept.exists():
        np.save(kept, frozen_features(network, known))
    train, test = np.load(kept).astype(np.float64), frozen_features(network, asked).astype(np.float64)
    lessons = Lessons(targets_of(labels), labels.weight.astype(np.float64), np.zeros(len(known), np.int64))
    importance = block_scales([train.shape[1]], [1.0])
    return fit_ridge(train, lessons, importance=importance, penalties=PENALTIES).predict(test)


def rival_monk(faces: Faces) -> Array | None:
    """Monk steps (N,) by skin-tone-classifier, NaN where it finds no face; None when `stone` is not installed."""
    tool = shutil.which("stone")
    if tool is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        pictures, out = Path(folder) / "in", Path(folder) / "out"
        pictures.mkdir()
        for name, crop in zip(faces.ids, faces.crops, strict=True):
            Image.fromarray(crop).save(pictures / f"{name}.png")
        command = [tool, "-i", str(pictures), "-d", "-p", "monk", "-t", "color", "-o", str(out)]
        subprocess.run(command, check=True, capture_output=True, timeout=1800)
        table = pd.concat([pd.read_csv(f) for f in out.rglob("*.csv")])
    label = next(c for c in table.columns if "label" in c.lower())
    step = {
        Path(str(f)).stem: "ABCDEFGHIJ".index(str(v)[-1]) + 1
        for f, v in zip(table.iloc[:, 0], table[label], strict=True)
    }
    return np.array([step.get(i, np.nan) for i in faces.ids], np.float64)
