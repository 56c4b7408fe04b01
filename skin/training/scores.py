"""How well predictions agree with raters: rank, kappa, error and calibration, with bootstrap intervals over people."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr
from sklearn.metrics import cohen_kappa_score

Array = NDArray[np.float64]
ROUNDS = 1000
BINS = 10


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured number with its 95 % interval over people; NaN where it is not defined."""

    value: float
    low: float
    high: float
    people: int


def spearman(told: Array, truth: Array) -> float:
    """Rank correlation; NaN when either side is constant."""
    if len(truth) < 3 or np.ptp(told) == 0 or np.ptp(truth) == 0:
        return float("nan")
    return float(spearmanr(told, truth).statistic)


def weighted_kappa(told: Array, truth: Array) -> float:
    """Quadratic weighted kappa of values rounded to whole steps."""
    return _kappa(told, truth, "quadratic")


def plain_kappa(told: Array, truth: Array) -> float:
    """Cohen's kappa of classes."""
    return _kappa(told, truth, None)


def _kappa(told: Array, truth: Array, weights: str | None) -> float:
    a, b = np.floor(told + 0.5).astype(int), np.floor(truth + 0.5).astype(int)
    if len(np.union1d(a, b)) < 2:
        return float("nan")
    return float(cohen_kappa_score(a, b, weights=weights))


def mean_error(told: Array, truth: Array) -> float:
    """Mean absolute error in steps."""
    return float(np.abs(told - truth).mean())


def exact(told: Array, truth: Array) -> float:
    """Share of people whose rounded values are equal."""
    return float((np.floor(told + 0.5) == np.floor(truth + 0.5)).mean())


def within_one(told: Array, truth: Array) -> float:
    """Share of people told within one step of the raters' mean."""
    return float((np.abs(np.floor(told + 0.5) - truth) <= 1.0).mean())


def figure(measure: Callable[[Array, Array], float], told: Array, truth: Array, *, seed: int = 0) -> Figure:
    """The measure on one row per person, with a percentile bootstrap interval."""
    rng = np.random.default_rng(seed)
    count = len(truth)
    drawn = (rng.integers(0, count, count) for _ in range(ROUNDS))
    values = np.array([measure(told[rows], truth[rows]) for rows in drawn]) if count else np.array([np.nan])
    low, high = np.nanpercentile(values, [2.5, 97.5]) if np.isfinite(values).any() else (np.nan, np.nan)
    return Figure(measure(told, truth) if count else float("nan"), float(low), float(high), count)


def calibration_error(confidence: Array, hit: Array) -> float:
    """Expected calibration error: how far confidence is from the share of hits, over bins of equal count."""
    order = np.argsort(confidence)
    parts = [p for p in np.array_split(order, min(BINS, max(1, len(order) // 5))) if len(p)]
    gaps = [len(p) * abs(float(confidence[p].mean() - hit[p].mean())) for p in parts]
    return float(sum(gaps) / max(1, len(order)))


def reliability(confidence: Array, hit: Array) -> list[tuple[float, float, int]]:
    """Points of a reliability diagram: mean confidence, share of hits, count, over bins of equal count."""
    order = np.argsort(confidence)
    parts = [p for p in np.array_split(order, BINS) if len(p)]
    return [(float(confidence[p].mean()), float(hit[p].mean()), len(p)) for p in parts]
