"""Coefficients of agreement from additive sums.

Every coefficient here is a function of sums over pictures, so a bootstrap is one matrix product instead of thousands of
passes over the ratings: `*_columns` gives the terms of each unit (picture), the caller adds them up with any weights,
and the function of the same name turns the sums into the coefficient. Sums may have leading axes. A coefficient that
its sums leave undefined (nobody's values vary) is nan.

Values are positions on the scale (0, 1, ...), one row a unit, one column a rater; ABSENT where a rater said nothing.
"""

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.int8]
Floats = NDArray[np.float64]
ABSENT = -1


def count_values(values: Values, size: int) -> Floats:
    """How many raters gave each of `size` values, for every unit."""
    return np.stack([(values == step).sum(axis=1, dtype=float) for step in range(size)], axis=1)


def alpha_columns(counts: Floats) -> Floats:
    """The unit's pairs of answers for each pair of values, over its answers but one (Krippendorff 2011)."""
    one, other = np.triu_indices(counts.shape[1])
    answers = counts.sum(axis=1)
    pairs = np.where(one == other, counts[:, one] * (counts[:, one] - 1), 2 * counts[:, one] * counts[:, other])
    pairs[answers < 2] = 0
    return np.asarray(pairs / np.maximum(answers - 1, 1)[:, None])


def alpha(sums: Floats, size: int, *, ordinal: bool) -> Floats:
    """Krippendorff's alpha for ordinal or nominal values, with the squares of its distances multiplied out."""
    one, other = np.triu_indices(size)
    marginals = sums @ ((np.eye(size)[one] + np.eye(size)[other]) / 2)
    total = marginals.sum(axis=-1)
    if not ordinal:
        differing = total - sums[..., one == other].sum(axis=-1)
        return 1 - _divide((total - 1) * differing, total**2 - (marginals**2).sum(axis=-1))
    # The distance of two values is the number of answers between their middles.
    places = np.cumsum(marginals, axis=-1) - marginals / 2
    squares = (marginals * places**2).sum(axis=-1)
    observed = squares - (sums * places[..., one] * places[..., other]).sum(axis=-1)
    by_chance = total * squares - (marginals * places).sum(axis=-1) ** 2
    return 1 - _divide((total - 1) * observed, by_chance)


def fleiss_columns(counts: Floats) -> Floats:
    """One, the unit's share of agreeing pairs of raters, and the share of each value."""
    answers = counts.sum(axis=1)
    agreeing = (counts * (counts - 1)).sum(axis=1) / np.maximum(answers * (answers - 1), 1)
    columns = np.column_stack([np.ones(len(counts)), agreeing, counts / np.maximum(answers, 1)[:, None]])
    columns[answers < 2] = 0
    return columns


def fleiss(sums: Floats) -> Floats:
    """Fleiss' kappa (1971); with unequal numbers of raters each picture counts alike (Gwet 2014, chapter 2)."""
    units = sums[..., 0]
    observed = _divide(sums[..., 1], units)
    by_chance = (_divide(sums[..., 2:], units[..., None]) ** 2).sum(axis=-1)
    return _divide(observed - by_chance, 1 - by_chance)


def exact(sums: Floats) -> Floats:
    """The mean share of agreeing pairs of raters, from the columns of `fleiss`."""
    return _divide(sums[..., 1], sums[..., 0])


def quadratic_kappa_columns(one: Values, other: Values) -> Floats:
    """One, both values, their squares and their product, where both raters answered."""
    first, second = one.astype(float), other.astype(float)
    columns = np.column_stack([np.ones(len(one)), first, second, first**2, second**2, first * second])
    columns[(one == ABSENT) | (other == ABSENT)] = 0
    return columns


def quadratic_kappa(sums: Floats) -> Floats:
    """Cohen's kappa (1968) with quadratic weights: one less the mean square difference over that expected by chance."""
    units, first, second, first_squares, second_squares, products = np.moveaxis(sums, -1, 0)
    observed = _divide(first_squares + second_squares - 2 * products, units)
    by_chance = _divide(first_squares + second_squares, units) - 2 * _divide(first * second, units**2)
    return 1 - _divide(observed, by_chance)


def nominal_kappa_columns(one: Values, other: Values, size: int) -> Floats:
    """One, whether both agree, and each rater's values, where both answered."""
    steps = np.arange(size)
    columns = np.column_stack(
        [np.ones(len(one)), one == other, one[:, None] == steps, other[:, None] == steps],
    ).astype(float)
    columns[(one == ABSENT) | (other == ABSENT)] = 0
    return columns


def nominal_kappa(sums: Floats) -> Floats:
    """Cohen's kappa (1960)."""
    units = sums[..., 0]
    first, second = np.split(sums[..., 2:], 2, axis=-1)
    by_chance = _divide((first * second).sum(axis=-1), units**2)
    return _divide(_divide(sums[..., 1], units) - by_chance, 1 - by_chance)


def one_way_icc_columns(values: Values) -> Floats:
    """One, the answers, their square, sum, sum of squares, and squared sum over their number."""
    present = values != ABSENT
    answers = present.sum(axis=1).astype(float)
    scores = np.where(present, values, 0).astype(float)
    total = scores.sum(axis=1)
    columns = [np.ones(len(values)), answers, answers**2, total, (scores**2).sum(axis=1)]
    result = np.column_stack([*columns, total**2 / np.maximum(answers, 1)])
    result[answers < 2] = 0
    return result


def one_way_icc(sums: Floats) -> Floats:
    """ICC(1,1) of Shrout & Fleiss (1979); with unequal numbers of raters their mean as in Donner (1986)."""
    units, answers, answers_squared, total, squares, unit_squares = np.moveaxis(sums, -1, 0)
    between = _divide(unit_squares - _divide(total**2, answers), units - 1)
    within = _divide(squares - unit_squares, answers - units)
    raters = _divide(answers - _divide(answers_squared, answers), units - 1)
    return _divide(between - within, between + (raters - 1) * within)


def two_way_icc_columns(values: Values) -> Floats:
    """One, the squared sum of the unit, its sum of squares, and each rater's value; every rater has answered."""
    scores = values.astype(float)
    return np.column_stack([np.ones(len(values)), scores.sum(axis=1) ** 2, (scores**2).sum(axis=1), scores])


def two_way_icc(sums: Floats) -> Floats:
    """ICC(2,1) of Shrout & Fleiss (1979): raters and pictures are samples, and a rater's bias counts as error."""
    units, unit_squares, squares = np.moveaxis(sums[..., :3], -1, 0)
    by_rater = sums[..., 3:]
    raters = by_rater.shape[-1]
    overall = _divide(by_rater.sum(axis=-1) ** 2, units * raters)
    of_units = unit_squares / raters - overall
    of_raters = _divide((by_rater**2).sum(axis=-1), units) - overall
    between = _divide(of_units, units - 1)
    error = _divide(squares - overall - of_units - of_raters, (units - 1) * (raters - 1))
    bias = _divide(raters * (of_raters / (raters - 1) - error), units)
    return _divide(between - error, between + (raters - 1) * error + bias)


def _divide(above: Floats, below: Floats) -> Floats:
    """nan instead of a division by nothing, or by what rounding left of nothing."""
    below = np.asarray(below, dtype=float)
    safe = np.abs(below) > 1e-9
    return np.where(safe, above / np.where(safe, below, 1.0), np.nan)
