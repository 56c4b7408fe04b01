"""Intervals by the bootstrap over people: all pictures of a person are drawn together, since they are alike."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from skin.annotation.coefficients import Floats

REPLICATES = 1000
LEVEL = 0.95
FEWEST = 10
UNDEFINED_SHARE = 0.05
CHUNK = 200

Integers = NDArray[np.int64]


class Reason(StrEnum):
    """Why a number is not given."""

    TOO_FEW_PICTURES = "too_few_pictures"
    TOO_FEW_PEOPLE = "too_few_people"
    NO_VARIATION = "no_variation"
    NOMINAL_FIELD = "nominal_field"


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its 95 % interval, or the reason why there is none."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """Columns to be added up over units, and what is made of their sums (which have leading axes)."""

    people: Integers
    columns: Floats
    finish: Callable[[Floats], Floats]


@dataclass(frozen=True, slots=True)
class Resampled:
    value: Floats
    replicates: Floats


def resample(parts: Sequence[Part], *, people: int, seed: int = 0) -> list[Resampled]:
    """Each part as it is, and with `people` people drawn anew REPLICATES times, the same draws for all parts.

    `Part.people` tells each unit's person, as a number below `people`.
    """
    sums = [_add_per_person(part) for part in parts]
    singles = [by_person.astype(np.float32) for _, by_person in sums]  # twice as fast, and only for the intervals
    drawn: list[list[Floats]] = [[] for _ in parts]
    for weights in _draw(people, seed):
        for part, (who, _), single, results in zip(parts, sums, singles, drawn, strict=True):
            chosen = weights if len(who) == people else weights[:, who]
            results.append(part.finish((chosen @ single).astype(float)))
    return [
        Resampled(part.finish(by_person.sum(axis=0)), np.concatenate(results))
        for part, (_, by_person), results in zip(parts, sums, drawn, strict=True)
    ]


def summarise(value: float, replicates: Floats) -> Estimate:
    """The percentile interval; no number at all where it is undefined in too many replicates."""
    defined = replicates[~np.isnan(replicates)]
    if np.isnan(value) or len(defined) < (1 - UNDEFINED_SHARE) * len(replicates):
        return Estimate(reason=Reason.NO_VARIATION)
    low, high = np.quantile(defined, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Estimate(float(value), float(low), float(high))


def find_shortage(pictures: int, people: int) -> Reason | None:
    """Why this is too little to compute anything from, if it is."""
    if pictures < FEWEST:
        return Reason.TOO_FEW_PICTURES
    return Reason.TOO_FEW_PEOPLE if people < FEWEST else None


def _add_per_person(part: Part) -> tuple[Integers, Floats]:
    order = np.argsort(part.people, kind="stable")
    who, starts = np.unique(part.people[order], return_index=True)
    if not len(who):
        return who, np.zeros((0, part.columns.shape[1]))
    return who, np.add.reduceat(part.columns[order], starts, axis=0)


def _draw(people: int, seed: int) -> Iterator[NDArray[np.float32]]:
    """How often each person is drawn, CHUNK replicates at once."""
    random = np.random.default_rng(seed)
    for _ in range(REPLICATES // CHUNK):
        drawn = random.integers(people, size=(CHUNK, people)) + np.arange(CHUNK)[:, None] * people
        yield np.bincount(drawn.ravel(), minlength=CHUNK * people).reshape(CHUNK, people).astype(np.float32)
