"""What several answers say together: the plain median, and a model of how each annotator errs.

Skin types: Dawid & Skene (1979, J R Stat Soc C 28:20), each annotator having a table of confusions. Grades and Monk
steps: the same mixture, but an annotator's row of the table is a normal density around the true step, moved by the
annotator's bias and as wide as their spread, cut at the middles between steps. Two numbers instead of a table, so that
some dozens of answers suffice. Both are fitted by expectation maximisation and start from the answers' shares.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import erf, sqrt

import numpy as np

from skin.annotation.coefficients import ABSENT, Floats, Values
from skin.annotation.ratings import FIELDS, Ratings, is_ordinal, scale_of
from skin.annotation.resampling import Integers
from skin.annotation.tables import Kind

ROUNDS = 200
TOLERANCE = 1e-5
SMOOTHING = 0.1  # answers added to each cell, so that nothing seen never is not held to be impossible
BIASES = np.arange(-2.0, 2.01, 0.1)
SPREADS = np.geomspace(0.25, 2.5, 24)
BIAS_SD = 0.5
SPREAD_CENTRE, SPREAD_LOG_SD = 0.6, 0.5
LAPSE = 0.01  # share of answers that say nothing, so that one slip does not rule out a step


@dataclass(frozen=True, slots=True)
class Rater:
    """What the ordinal model thinks of an annotator, in steps of the field's scale."""

    annotator: int
    bias: float
    spread: float


@dataclass(frozen=True, slots=True)
class FieldConsensus:
    """Per picture: the number of answers, the plain median (the commonest skin type), the model's value and its share.

    All values are positions on the field's scale, ABSENT where nobody answered.
    """

    field: str
    answers: Integers
    plain: Values
    modelled: Values
    confidence: Floats
    raters: tuple[Rater, ...]


@dataclass(frozen=True, slots=True)
class Fitted:
    """Pictures x values, the share of each value, annotators x true x said, and the ordinal model's parameters."""

    chances: Floats
    prevalence: Floats
    confusions: Floats
    biases: Floats | None = None
    spreads: Floats | None = None


def find_consensus(ratings: Ratings) -> tuple[FieldConsensus, ...]:
    """Every field from the regular answers."""
    regular = ratings.kind == Kind.REGULAR.value
    return tuple(
        _agree_on(field, ratings, (ratings.values[:, place] != ABSENT) & regular, place)
        for place, field in enumerate(FIELDS)
    )


def fit_dawid_skene(item: Integers, rater: Integers, said: Integers, size: int, smoothing: float = SMOOTHING) -> Fitted:
    """Prevalences and tables of confusion; `item` and `rater` count from 0 without gaps."""

    def learn(expected: Floats) -> Floats:
        smoothed = expected + smoothing
        total = smoothed.sum(axis=2, keepdims=True)
        return np.asarray(smoothed / np.where(total > 0, total, 1))

    chances, prevalence, confusions = _maximise(item, rater, said, size, learn)
    return Fitted(chances, prevalence, confusions)


def fit_ordinal(item: Integers, rater: Integers, said: Integers, size: int) -> Fitted:
    """Prevalences, and a bias and a spread per annotator, the likeliest of a grid under weak normal priors."""
    tables, prior = _list_densities(size)
    logs = np.log(tables).reshape(len(tables), -1)
    chosen = np.zeros(0, dtype=np.int64)

    def learn(expected: Floats) -> Floats:
        nonlocal chosen
        chosen = np.argmax(expected.reshape(len(expected), -1) @ logs.T + prior, axis=1)
        return np.asarray(tables[chosen])

    chances, prevalence, confusions = _maximise(item, rater, said, size, learn)
    biases, spreads = BIASES[chosen // len(SPREADS)], SPREADS[chosen % len(SPREADS)]
    return Fitted(chances, prevalence, confusions, biases, spreads)


def _agree_on(field: str, ratings: Ratings, rows: Integers, place: int) -> FieldConsensus:
    size = len(scale_of(field))
    items, item = np.unique(ratings.item[rows], return_inverse=True)
    raters, rater = np.unique(ratings.rater[rows], return_inverse=True)
    said = ratings.values[rows, place].astype(np.int64)
    result = FieldConsensus(
        field,
        answers=np.bincount(ratings.item[rows], minlength=len(ratings.items)),
        plain=np.full(len(ratings.items), ABSENT, dtype=np.int8),
        modelled=np.full(len(ratings.items), ABSENT, dtype=np.int8),
        confidence=np.full(len(ratings.items), np.nan),
        raters=(),
    )
    if not len(said):
        return result
    counts = _count(item, said, size)
    ordinal = is_ordinal(field)
    fitted = (fit_ordinal if ordinal else fit_dawid_skene)(item, rater, said, size)
    chosen = find_middle(fitted.chances) if ordinal else fitted.chances.argmax(axis=1)
    result.plain[items] = find_middle(counts) if ordinal else counts.argmax(axis=1)
    result.modelled[items] = chosen
    result.confidence[items] = fitted.chances[np.arange(len(items)), chosen]
    if fitted.biases is None or fitted.spreads is None:
        return result
    described = zip(raters.tolist(), fitted.biases.tolist(), fitted.spreads.tolist(), strict=True)
    known = tuple(Rater(number + 1, round(bias, 2), round(spread, 2)) for number, bias, spread in described)
    return FieldConsensus(field, result.answers, result.plain, result.modelled, result.confidence, known)


def find_middle(shares: Floats) -> Integers:
    """The lower median of each row of shares."""
    total = np.cumsum(shares, axis=1)
    return np.asarray((total >= total[:, -1:] / 2 - 1e-12).argmax(axis=1))


def _maximise(
    item: Integers, rater: Integers, said: Integers, size: int, learn: Callable[[Floats], Floats]
) -> tuple[Floats, Floats, Floats]:
    """Expectation maximisation from the shares of answers, until no chance moves any more."""
    counts = _count(item, said, size)
    chances = counts / counts.sum(axis=1, keepdims=True)
    raters = int(rater.max()) + 1
    prevalence, confusions = chances.mean(axis=0), np.zeros((raters, size, size))
    order = np.argsort(item, kind="stable")
    starts = np.unique(item[order], return_index=True)[1]
    cell = rater * size + said
    for _ in range(ROUNDS):
        prevalence = chances.mean(axis=0)
        weights = chances[item].T
        expected = np.array([np.bincount(cell, one, minlength=raters * size) for one in weights], dtype=np.float64)
        confusions = learn(expected.reshape(size, raters, size).transpose(1, 0, 2))
        with np.errstate(divide="ignore"):
            told = np.log(confusions)[rater, :, said]
            logs = np.log(prevalence) + np.add.reduceat(told[order], starts, axis=0)
        likely = np.exp(logs - logs.max(axis=1, keepdims=True))
        updated = likely / likely.sum(axis=1, keepdims=True)
        moved = np.abs(updated - chances).max()
        chances = updated
        if moved < TOLERANCE:
            break
    return chances, prevalence, confusions


def _count(item: Integers, said: Integers, size: int) -> Floats:
    cells = np.bincount(item * size + said, minlength=(int(item.max()) + 1) * size)
    return cells.reshape(-1, size).astype(float)


def _list_densities(size: int) -> tuple[Floats, Floats]:
    """For every bias and spread of the grid: true x said, and the logarithm of its prior."""
    normal = np.vectorize(lambda z: (1 + erf(z / sqrt(2))) / 2)
    bias, spread = (axis.ravel() for axis in np.meshgrid(BIASES, SPREADS, indexing="ij"))
    cuts = np.arange(size - 1) + 0.5
    centres = np.arange(size)[None, :] + bias[:, None]
    below = normal((cuts[None, None, :] - centres[:, :, None]) / spread[:, None, None])
    edges = np.concatenate([np.zeros((*centres.shape, 1)), below, np.ones((*centres.shape, 1))], axis=2)
    prior = -0.5 * (bias / BIAS_SD) ** 2 - 0.5 * (np.log(spread / SPREAD_CENTRE) / SPREAD_LOG_SD) ** 2
    return (1 - LAPSE) * np.diff(edges, axis=2) + LAPSE / size, prior
