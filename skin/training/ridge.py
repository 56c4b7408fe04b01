"""Ridge regression: what a linear rule learns from rated faces and from pairs that differ by what was painted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from skin.training.labels import Labels

Array = NDArray[np.float64]
# Standardised features are cut here, so that one odd pixel statistic cannot decide a face.
CUT = 4.0


@dataclass(frozen=True, slots=True, eq=False)
class Ridge:
    """Fitted weights: `mean`, `scale` (D,), `weight` (D, T), `bias` (G, T) for each group of training faces."""

    mean: Array
    scale: Array
    weight: Array
    bias: Array

    def predict(self, features: Array, group: NDArray[np.int64] | int = 0) -> Array:
        """Scores (N, T) of features (N, D) with the bias of their group."""
        standard = np.clip((features - self.mean) * self.scale, -CUT, CUT)
        return np.asarray(standard @ self.weight + self.bias[group], np.float64)


def block_scales(widths: Sequence[int], shares: Sequence[float]) -> Array:
    """Multipliers (D,) that give each block of features its share of the total variance whatever its width."""
    return np.concatenate([np.full(w, np.sqrt(s / w)) for w, s in zip(widths, shares, strict=True)])


@dataclass(frozen=True, slots=True, eq=False)
class Lessons:
    """What ridge learns from: targets (N, T), weight (N,), and the group (N,) of each face, which has its own level."""

    targets: Array
    weight: Array
    group: NDArray[np.int64]

    def among(self, rows: NDArray[np.bool_]) -> "Lessons":
        """Only these faces (N,)."""
        return Lessons(self.targets[rows], self.weight[rows], self.group[rows])

    def of(self, column: int) -> "Lessons":
        """Only this target."""
        return Lessons(self.targets[:, column : column + 1], self.weight, self.group)


class Differences(NamedTuple):
    """Pairs of features (P, D) whose scores must differ by `rise` (P,), each pair counting `weight` of a face."""

    bare: Array | NDArray[np.float32]
    painted: Array | NDArray[np.float32]
    rise: Array
    weight: float


def standards(features: Array, weight: Array) -> tuple[Array, Array]:
    """Mean (D,) and inverse deviation (D,) of features (N, D)."""
    mean = np.average(features, axis=0, weights=weight)
    return mean, 1.0 / (np.sqrt(np.average((features - mean) ** 2, axis=0, weights=weight)) + 1e-6)


def fit_ridge(
    features: Array,
    lessons: Lessons,
    *,
    importance: Array,
    penalties: Array,
    standard: tuple[Array, Array] | None = None,
    differences: Differences | None = None,
) -> Ridge:
    """Weighted ridge in the dual within groups, one penalty per target by leave-one-out error.

    Sets differ in camera and in raters, so only differences within a set teach. `features` (N, D); `importance` (D,)
    multiplies standardised features, `standard` is what to standardise them by if not by themselves. `differences`
    teach every target too, but do not choose the penalty: they are easier than faces.
    """
    weight = lessons.weight
    mean, scale = standard or standards(features, weight)

    def standardised(rows: Array | NDArray[np.float32]) -> Array:
        return np.asarray(np.clip((rows - mean) * scale, -CUT, CUT), np.float64)

    design = standardised(features)
    offset, centre = (_group_means(values, lessons) for values in (design, lessons.targets))
    root = np.sqrt(weight)[:, None]
    within, goals = (design - offset[lessons.group]) * root, (lessons.targets - centre[lessons.group]) * root
    if differences is not None:
        share = np.sqrt(differences.weight)
        apart = standardised(differences.painted) - standardised(differences.bare)
        rise = np.repeat(differences.rise[:, None], goals.shape[1], axis=1)
        within, goals = np.concatenate([within, share * apart]), np.concatenate([goals, share * rise])
    within = within * importance
    values, vectors = np.linalg.eigh(within @ within.T)
    turned = np.asarray(vectors.T @ goals, np.float64)
    penalty = _penalties(values, vectors[: len(weight)], turned, penalties)
    dual = vectors @ (turned / (values[:, None] + penalty))
    solved = (within.T @ dual) * importance[:, None]
    return Ridge(mean, scale, solved, centre - offset @ solved)


def _group_means(values: Array, lessons: Lessons) -> Array:
    """Weighted mean (G, D) of each group."""
    groups = range(int(lessons.group.max()) + 1)
    rows = [lessons.group == g for g in groups]
    return np.stack([np.average(values[r], axis=0, weights=lessons.weight[r]) for r in rows])


def _penalties(values: Array, vectors: Array, turned: Array, penalties: Array) -> Array:
    """The best penalty (T,) by leave-one-out error of the rows whose eigenvectors' rows are given."""
    errors = []
    for penalty in penalties:
        shrink = 1.0 / (values + penalty)
        residual = vectors @ (turned * shrink[:, None])
        errors.append(((residual / ((vectors**2) @ shrink)[:, None]) ** 2).sum(axis=0))
    return np.asarray(penalties[np.argmin(np.stack(errors), axis=0)], np.float64)


def targets_of(labels: Labels) -> Array:
    """What ridge aims at (N, 15): mean grades, mean Monk step, type shares."""
    return np.asarray(np.concatenate([labels.grades, labels.monk[:, None], labels.types], axis=1), np.float64)
