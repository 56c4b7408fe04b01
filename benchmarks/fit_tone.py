"""Fits data/scales/light.yaml and monk.yaml: python -m benchmarks.fit_tone DATA [--write]. Never sees London.

Trained on `interfaces` and `sfhq` (apparent Monk tones by passes of a vision-language model), with the unlabelled
`congress` for the zero of the light. `sfhq` counts 1/5: its light is staged.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit
from scipy.stats import spearmanr

from skin.core.tone import ita_deg
from skin.errors import SkinError
from skin.vision.colour import Linear, lab_of, skin_colour
from skin.vision.illuminant import LightScale, estimate_light, in_white_light, ita_sd_deg
from skin.vision.images import decode
from skin.vision.landmarks import MediaPipeLandmarker
from skin.vision.quality import only_face
from skin.vision.references import Heard, Voice, listen
from skin.vision.sharpness import align_at_one_sharpness

Array = NDArray[np.float64]
SCALES = Path(__file__).resolve().parents[1] / "data" / "scales"

# How much of what voices stray by is light, and not noise (variance, stops^2): the covariance of skin and sclera
# around the mean of their tone, 68 interfaces and 282 sfhq photos.
SHARED_LIGHT = (0.22, 0.09, 0.006)
# How far the light of a user's photo may stray: one stop, and from about 3,300 to 20,000 K.
LIGHT_SD = (1.0, 0.8, 0.15)
# Ordinary light is that of photos whose brightest 1 % is just below full and neutral.
ORDINARY = (-0.2, 0.15, 0.08)
ORDINARY_WITHIN = 0.4  # stops; photos farther from ordinary light count less for the Monk scale
MIN_CHROMA, MAX_CLIPPED, SFHQ_WEIGHT = 5.0, 0.3, 0.2


@dataclass(frozen=True)
class Sample:
    """One photo: its skin in linear light, what its voices said, and its rating (None for congress)."""

    photo: str
    skin: Linear
    said: dict[Voice, Heard]
    monk: float | None = None
    weight: float = 1.0


def read_samples(data: Path) -> list[Sample]:
    """Every photo of the training sets with one face and skin that can be read."""
    landmarker = MediaPipeLandmarker()
    samples = []
    for folder in ("interfaces", "sfhq", "congress"):
        ratings = _ratings(data / "ratings" / f"{folder}.csv")
        for path in sorted((data / folder).glob("*.jpg")):
            rgb = decode(path.read_bytes())
            try:
                steady = align_at_one_sharpness(rgb, only_face(landmarker.detect(rgb)), landmarker)
            except SkinError:
                continue
            colour = skin_colour(steady.crop_rgb, steady.zone_masks)
            if colour is None or np.hypot(*colour.lab[1:]) < MIN_CHROMA or colour.clipped_share > MAX_CLIPPED:
                continue
            monk, sure = ratings.get(path.stem, (None, 3.0))
            if monk is None and folder != "congress":
                continue
            weight = sure / 3 * (SFHQ_WEIGHT if folder == "sfhq" else 1.0)
            said = listen(rgb, steady, colour.linear)
            samples.append(Sample(f"{folder}/{path.stem}", colour.linear, said, monk, weight))
    landmarker.close()
    return samples


def _ratings(path: Path) -> dict[str, tuple[float, float]]:
    if not path.is_file():
        return {}
    rows = pd.read_csv(path, dtype={"id": str}).groupby("id")[["monk", "sure"]].mean()
    return {str(photo): (float(row.monk), float(row.sure)) for photo, row in rows.iterrows()}


def fit_light(samples: list[Sample]) -> LightScale:
    """Offsets and noise of the voices, and the zero of the light."""
    rated = [sample for sample in samples if sample.monk is not None]
    weights = np.array([sample.weight for sample in rated])
    silent = Heard((0.0, 0.0, 0.0), 0.0)
    heard = [[sample.said.get(voice, silent) for voice in Voice] for sample in rated]
    said = np.array([[one.axes for one in row] for row in heard])
    counted = weights[:, None] * np.array([[one.trust for one in row] for row in heard])
    mean = np.array([np.average(said[:, v], axis=0, weights=counted[:, v]) for v in range(len(Voice))])
    noise = np.array([_noise(said[:, :, axis] - mean[:, axis], counted, SHARED_LIGHT[axis]) for axis in range(3)])
    first = LightScale(tuple(Voice), mean, noise, LIGHT_SD)
    ordinary = [s for s in samples if not s.photo.startswith("sfhq") and _is_ordinary(s)]
    zero = np.mean([estimate_light(sample.said, first).mean for sample in ordinary], axis=0)
    print(f"zero of the light {zero.round(3)} from {len(ordinary)} photos")
    return LightScale(tuple(Voice), mean + zero, noise, LIGHT_SD)


def _is_ordinary(sample: Sample) -> bool:
    whites = sample.said.get(Voice.WHITES)
    if whites is None:
        return True
    exposure, warmth, tint = whites.axes
    return exposure > ORDINARY[0] and abs(warmth) < ORDINARY[1] and abs(tint) < ORDINARY[2]


def _noise(stray: Array, counted: Array, shared: float) -> Array:
    """Covariance (V, V) of what voices stray by (N, V; how far each counts), less what light moves them by together."""
    limit = 3 * 1.4826 * np.nanmedian(np.where(counted > 0, np.abs(stray), np.nan), axis=0)
    clipped = np.clip(stray, -limit, limit)
    count = stray.shape[1]
    found = np.zeros((count, count))
    for one in range(count):
        for other in range(count):
            both = np.minimum(counted[:, one], counted[:, other])
            found[one, other] = np.average(clipped[:, one] * clipped[:, other], weights=both)
    values, directions = np.linalg.eigh(found - shared)
    return np.asarray(directions @ np.diag(np.maximum(values, 0.02 * np.trace(found) / count)) @ directions.T)


def fit_monk(angles: Array, monk: Array, weights: Array) -> tuple[float, Array]:
    """Slope and thresholds of the proportional-odds model, by maximum likelihood; a rating of 3.5 is half 3, half 4."""
    row = np.arange(len(monk))
    low, high = np.floor(monk).astype(int) - 1, np.ceil(monk).astype(int) - 1

    def unpacked(values: Array) -> tuple[float, Array]:
        return float(np.exp(values[0])), np.cumsum(np.concatenate([values[1:2], np.exp(values[2:])]))

    def misfit(values: Array) -> float:
        slope, thresholds = unpacked(values)
        below = expit(thresholds + slope * angles[:, None])
        shares = np.diff(np.column_stack([np.zeros(len(angles)), below, np.ones(len(angles))]), axis=1)
        likelihood = weights @ np.log(np.maximum((shares[row, low] + shares[row, high]) / 2, 1e-9))
        return -float(likelihood) + 0.02 * float(np.square(values[2:]).sum())

    start = np.concatenate([[-3.0, -8.0], np.full(8, 0.6)])
    return unpacked(minimize(misfit, start, method="L-BFGS-B").x)


def judge(angles: Array, slope: float, thresholds: Array) -> NDArray[np.int64]:
    """Median class of each ITA."""
    return 1 + np.asarray((slope * angles[:, None] + thresholds < 0).sum(axis=1), np.int64)


def corrected(samples: list[Sample], light: LightScale) -> tuple[Array, Array, Array]:
    """ITA (N,), the SD its light leaves (N,), and the light (N, 3)."""
    rows = []
    for sample in samples:
        found = estimate_light(sample.said, light)
        lab = lab_of(in_white_light(sample.skin, found))
        rows.append((ita_deg(lab[0], lab[2]), ita_sd_deg(sample.skin, found), *found.mean))
    table = np.array(rows)
    return table[:, 0], table[:, 1], table[:, 2:]


def monk_weights(samples: list[Sample], light: Array) -> Array:
    """What each photo counts for the Monk scale: the nearer its light is to ordinary, the more.

    Balancing the tones (by their frequency or its root) and counting sfhq 1/20 were tried: no better cross-validated.
    """
    return np.array([sample.weight for sample in samples]) * closeness(light)


def closeness(light: Array) -> Array:
    """Weight of a photo by how near its light is to ordinary."""
    return np.asarray(np.exp(-0.5 * (np.linalg.norm(light[:, :2], axis=1) / ORDINARY_WITHIN) ** 2))


def cross_validate(samples: list[Sample], folds: int = 10) -> dict[str, dict[str, float]]:
    """Each photo (each of another person) judged by scales that were fitted without it."""
    monk = np.array([sample.monk for sample in samples], float)
    fold = np.random.default_rng(0).permutation(len(samples)) % folds
    angles, found = np.zeros(len(samples)), np.zeros(len(samples))
    for one in range(folds):
        train = [sample for sample, at in zip(samples, fold, strict=True) if at != one]
        light = fit_light(train)
        a, _, by = corrected(train, light)
        slope, thresholds = fit_monk(a, monk[fold != one], monk_weights(train, by))
        angles[fold == one] = corrected([samples[i] for i in np.where(fold == one)[0]], light)[0]
        found[fold == one] = judge(angles[fold == one], slope, thresholds)
    result = {}
    for folder in ("interfaces", "sfhq"):
        mine = np.array([sample.photo.startswith(folder) for sample in samples])
        apart = np.abs(found - monk)[mine]
        result[folder] = {
            "n": int(mine.sum()),
            "mean_error_steps": round(float(apart.mean()), 2),
            "within_one_step": round(float((apart <= 1).mean()), 2),
            "spearman": round(float(spearmanr(found[mine], monk[mine])[0]), 2),
            "spearman_ita": round(-float(spearmanr(angles[mine], monk[mine])[0]), 2),
        }
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--write", action="store_true", help="write data/scales/light.yaml and print the Monk scale")
    options = parser.parse_args()
    samples = read_samples(options.data)
    light = fit_light(samples)
    rated = [sample for sample in samples if sample.monk is not None]
    angles, left, by = corrected(rated, light)
    monk = np.array([sample.monk for sample in rated], float)
    weights = monk_weights(rated, by)
    slope, thresholds = fit_monk(angles, monk, weights)
    curve = np.polyfit(monk, angles, 2, w=np.sqrt(weights))
    real = np.array([sample.photo.startswith("interfaces") for sample in rated])
    stray = (angles - np.polyval(curve, monk))[real]
    print("Monk scale", {"slope_per_deg": round(slope, 4), "thresholds": [round(float(t), 4) for t in thresholds]})
    print(
        "ITA around that of its tone",
        {
            "n": int(real.sum()),
            "sd": round(float(np.average(stray**2, weights=weights[real]) ** 0.5), 1),
            "q95": round(float(np.quantile(np.abs(stray), 0.95)), 1),
            "left_by_light_median": round(float(np.median(left[real])), 1),
        },
    )
    print("cross-validated", cross_validate(rated))
    if options.write:
        write_light(light)


def write_light(light: LightScale) -> None:
    """Replace the numbers of data/scales/light.yaml, below its comment."""
    path = SCALES / "light.yaml"
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    comment = "".join(line for line in text.splitlines(keepends=True) if line.startswith("#"))
    numbers = {
        "voices": [voice.value for voice in light.voices],
        "offsets": np.round(light.offsets, 4).tolist(),
        "noise": np.round(light.noise, 5).tolist(),
        "light_sd": list(light.light_sd),
    }
    path.write_text(comment + yaml.safe_dump(numbers, sort_keys=False, default_flow_style=None), encoding="utf-8")


if __name__ == "__main__":
    main()
