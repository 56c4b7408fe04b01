"""What raters say of faces: tables of ratings, and soft labels made of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skin.core.concerns import Concern, SkinType
from skin.inference.pipeline import SCALES

# `interfaces` was rated by the raters of the test set and shows real people, so its level is the one that is kept.
HOME = "interfaces"
TRAINING_SETS = (HOME, "sfhq")
# Portraits by one studio, too small for anything but their tone, told by raters of the project's own.
TONE_SETS = ("congress",)
OWN_RATINGS = SCALES.parent / "ratings"
# Skin types that raters used; `sensitive` cannot be seen in a photo and has no labels.
TYPES = (SkinType.OILY, SkinType.COMBINATION, SkinType.DRY, SkinType.NORMAL)
GRADED = tuple(Concern)


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """Soft labels of N faces: shares of grades (N, 10, 4), Monk steps (N, 10), types (N, 4); weights (N,) by `sure`.

    Where raters told the tone alone, `weight` is 0 and only `tone_weight` is not.
    """

    grade_shares: NDArray[np.float32]
    monk_shares: NDArray[np.float32]
    types: NDArray[np.float32]
    weight: NDArray[np.float32]
    tone_weight: NDArray[np.float32]

    @property
    def grades(self) -> NDArray[np.float32]:
        """Mean grade (N, 10), 0-3."""
        return np.asarray(self.grade_shares @ np.arange(4, dtype=np.float32), np.float32)

    @property
    def monk(self) -> NDArray[np.float32]:
        """Mean Monk step (N,), 1-10."""
        return np.asarray(self.monk_shares @ np.arange(1, 11, dtype=np.float32), np.float32)


def load_ratings(shared: Path, name: str) -> pd.DataFrame:
    """All lines of one rated set, one per rater and photo, in the rubric's columns; of a tone set in those of tone."""
    if name in TONE_SETS:
        return _load_tones(load_ratings(shared, HOME), name)
    return pd.read_csv(shared / "ratings" / f"{name}.csv", dtype={"id": str})


def _load_tones(home: pd.DataFrame, name: str) -> pd.DataFrame:
    """Tones of one set, each rater brought to the level of `home`'s raters by the photos there that both rated.

    Mean equating (Kolen and Brennan 2014): raters differ in level by up to half a step, in order hardly.
    """
    there, lines = (pd.read_csv(OWN_RATINGS / f"{one}.csv", dtype={"id": str}) for one in (HOME, name))
    apart = there["id"].map(home.groupby("id")["monk"].mean()) - there["monk"]
    level = lines["rater"].map(apart.groupby(there["rater"]).mean())
    return lines.assign(monk=lines["monk"] + level, monk_alt=lines["monk_alt"] + level)


def mean_labels(ratings: pd.DataFrame, ids: Sequence[str]) -> Labels:
    """What the raters say of each id, each line weighted by how sure its rater was (1-3)."""
    rows = [_shares_of(group) for group in (ratings[ratings["id"] == name] for name in ids)]
    return Labels(*(np.array(column, np.float32) for column in zip(*rows, strict=True)))


def _shares_of(
    lines: pd.DataFrame,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], float, float]:
    sure = lines["sure"].to_numpy(float)
    share = sure / sure.sum()
    weight = float(sure.mean() / 3 * np.sqrt(len(lines)))
    # monk_alt is the rater's second choice and counts a quarter.
    first, second = (_steps(lines[name].to_numpy(float)) for name in ("monk", "monk_alt"))
    monk = share @ (0.75 * first + 0.25 * second)
    if "skin_type" not in lines:
        return np.full((len(GRADED), 4), 0.25), monk, np.full(len(TYPES), 0.25), 0.0, weight
    grades = np.stack([share @ np.eye(4)[lines[c.value].to_numpy(int)] for c in GRADED])
    types = np.array([share @ (lines["skin_type"] == t.value).to_numpy(float) for t in TYPES])
    return grades, monk, types, weight, weight


def _steps(monk: NDArray[np.float64]) -> NDArray[np.float64]:
    """Tones (N,) as shares (N, 10) of the ten steps: one between two steps counts for both, the more the nearer."""
    return np.maximum(0.0, 1.0 - np.abs(np.clip(monk, 1, 10)[:, None] - np.arange(1, 11)))
