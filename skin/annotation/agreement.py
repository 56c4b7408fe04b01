"""How far annotators agree, field by field, with intervals: overall, by annotator, pair, tone group and time."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from skin.annotation import coefficients as agree
from skin.annotation.coefficients import ABSENT, Floats, Values
from skin.annotation.ratings import FIELDS, Ratings, is_ordinal, scale_of
from skin.annotation.resampling import (
    FEWEST,
    Estimate,
    Integers,
    Part,
    Reason,
    Resampled,
    find_shortage,
    resample,
    summarise,
)

TONE_GROUPS = {"1-3": (1, 3), "4-6": (4, 6), "7-10": (7, 10)}


class By(StrEnum):
    """What agreement is broken down by."""

    ALL = "all"
    ANNOTATOR = "annotator"
    PAIR = "pair"
    TONE = "tone"
    MONTH = "month"
    WEEK = "week"


class IccForm(StrEnum):
    """Shrout & Fleiss 1979: (2,1) where the same annotators rated every picture, else (1,1)."""

    ONE_WAY = "ICC(1,1)"
    TWO_WAY = "ICC(2,1)"


@dataclass(frozen=True, slots=True)
class FieldAgreement:
    """One field in one group; `kappa` is the mean over `kappa_pairs` pairs, `exact` the share of equal answers."""

    field: str
    pictures: int
    people: int
    pairs_of_answers: int
    alpha: Estimate
    kappa: Estimate
    kappa_pairs: int
    fleiss: Estimate
    icc: Estimate
    icc_form: IccForm | None
    exact: Estimate


@dataclass(frozen=True, slots=True)
class GroupAgreement:
    """`annotators` are the numbers (from 1) of those whom the group is about; empty where it is about all."""

    group: str
    annotators: tuple[int, ...]
    pictures: int
    fields: tuple[FieldAgreement, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """Units x raters x fields; `pairs` are the columns whose kappas are averaged."""

    group: str
    values: Values
    item: Integers
    person: Integers
    pairs: tuple[tuple[int, int], ...]
    annotators: tuple[int, ...] = ()
    is_crossed: bool = True


def measure_agreement(ratings: Ratings, by: By) -> tuple[GroupAgreement, ...]:
    return tuple(measure(sample) for sample in _list_samples(ratings, by))


def measure(sample: Sample) -> GroupAgreement:
    """Every field of a sample, all from the same draws of people."""
    _, person = np.unique(sample.person, return_inverse=True)
    pictures = len(np.unique(sample.item))
    people = int(person.max(initial=-1)) + 1
    fields = [_Field(sample, column) for column in range(len(FIELDS))]
    if find_shortage(pictures, people):
        return GroupAgreement(
            sample.group, sample.annotators, pictures, tuple(field.describe(None, None) for field in fields)
        )
    whole = Part(person, np.hstack([field.columns for field in fields]), partial(_finish_fields, fields))
    parts = [whole, *(_pair_part(sample, person, pair) for pair in sample.pairs)]
    block, *kappas = resample(parts, people=people)
    return GroupAgreement(
        sample.group,
        sample.annotators,
        pictures,
        tuple(
            field.describe(_pick(block, place), [_pick(kappa, place) for kappa in kappas])
            for place, field in enumerate(fields)
        ),
    )


class _Field:
    """The columns of one field of a sample, and what their sums come to."""

    def __init__(self, sample: Sample, place: int) -> None:
        self.name = FIELDS[place]
        self._size = len(scale_of(self.name))
        values = sample.values[:, :, place]
        answers = (values != ABSENT).sum(axis=1)
        kept = answers >= 2
        self._pictures = len(np.unique(sample.item[kept]))
        self._people = len(np.unique(sample.person[kept]))
        self._pairs = int((answers * (answers - 1) // 2).sum())
        used = (values[kept] != ABSENT).any(axis=0)
        self._form = None
        if is_ordinal(self.name):
            complete = sample.is_crossed and kept.any() and bool((values[kept][:, used] != ABSENT).all())
            self._form = IccForm.TWO_WAY if complete else IccForm.ONE_WAY
        counts = agree.count_values(values, self._size)
        blocks = [agree.alpha_columns(counts), agree.fleiss_columns(counts), self._icc_columns(values, kept, used)]
        self.columns = np.hstack(blocks)
        self._ends = np.cumsum([block.shape[1] for block in blocks])[:-1]

    def _icc_columns(self, values: Values, kept: Integers, used: Integers) -> Floats:
        if self._form is IccForm.TWO_WAY:
            return np.asarray(agree.two_way_icc_columns(values[:, used]) * kept[:, None])
        return agree.one_way_icc_columns(values)

    def finish(self, sums: Floats) -> Floats:
        """Alpha, Fleiss' kappa, ICC and the share of equal answers."""
        pairs, shares, squares = np.split(sums, self._ends, axis=-1)
        icc = agree.two_way_icc if self._form is IccForm.TWO_WAY else agree.one_way_icc
        alpha = agree.alpha(pairs, self._size, ordinal=is_ordinal(self.name))
        return np.stack([alpha, agree.fleiss(shares), icc(squares), agree.exact(shares)], axis=-1)

    def describe(self, block: Resampled | None, kappas: Sequence[Resampled] | None) -> FieldAgreement:
        shortage = find_shortage(self._pictures, self._people)
        if block is None or kappas is None or shortage:
            alpha = fleiss = icc = exact = kappa = Estimate(reason=shortage or Reason.TOO_FEW_PICTURES)
            used: list[Resampled] = []
        else:
            alpha, fleiss, icc, exact = (summarise(*pair) for pair in zip(block.value, block.replicates.T, strict=True))
            used = [one for one in kappas if not np.isnan(one.value)]
            kappa = _average(used)
        if self._form is None:
            icc = Estimate(reason=Reason.NOMINAL_FIELD)
        return FieldAgreement(
            self.name, self._pictures, self._people, self._pairs,
            alpha=alpha, kappa=kappa, kappa_pairs=len(used), fleiss=fleiss, icc=icc, icc_form=self._form, exact=exact,
        )  # fmt: skip


def _finish_fields(fields: Sequence[_Field], sums: Floats) -> Floats:
    blocks = np.split(sums, np.cumsum([field.columns.shape[1] for field in fields])[:-1], axis=-1)
    return np.stack([field.finish(block) for field, block in zip(fields, blocks, strict=True)], axis=-2)


def _pair_part(sample: Sample, person: Integers, pair: tuple[int, int]) -> Part:
    """Cohen's kappa of two columns: of each field that both answered often enough, else nan."""
    one, other = (sample.values[:, column] for column in pair)
    rows = ((one != ABSENT) & (other != ABSENT)).any(axis=1)
    return Part(person[rows], *kappa_columns(one[rows], other[rows]))


def kappa_columns(one: Values, other: Values) -> tuple[Floats, Callable[[Floats], Floats]]:
    """Columns for each field's kappa of two raters (units x fields), and what their sums come to."""
    enough = np.where(((one != ABSENT) & (other != ABSENT)).sum(axis=0) >= FEWEST, 1.0, np.nan)
    blocks = [
        agree.quadratic_kappa_columns(first, second)
        if is_ordinal(field)
        else agree.nominal_kappa_columns(first, second, len(scale_of(field)))
        for field, first, second in zip(FIELDS, one.T, other.T, strict=True)
    ]
    ends = np.cumsum([block.shape[1] for block in blocks])[:-1]

    def finish(sums: Floats) -> Floats:
        parts = zip(FIELDS, np.split(sums, ends, axis=-1), strict=True)
        found = [agree.quadratic_kappa(part) if is_ordinal(name) else agree.nominal_kappa(part) for name, part in parts]
        return np.asarray(np.stack(found, axis=-1) * enough)

    return np.hstack(blocks), finish


def _pick(resampled: Resampled, place: int) -> Resampled:
    return Resampled(resampled.value[place], resampled.replicates[:, place])


def _average(kappas: Sequence[Resampled]) -> Estimate:
    """Light's kappa (1971): the plain mean over pairs of raters."""
    if not kappas:
        return Estimate(reason=Reason.TOO_FEW_PICTURES)
    replicates = np.stack([one.replicates for one in kappas])
    defined = ~np.isnan(replicates)
    means = np.where(defined, replicates, 0).sum(axis=0) / np.where(defined.any(axis=0), defined.sum(axis=0), np.nan)
    return summarise(float(np.mean([one.value for one in kappas])), means)


def _list_samples(ratings: Ratings, by: By) -> Iterator[Sample]:
    table = ratings.tabulate()
    answered = (table != ABSENT).any(axis=2)
    shared = answered.sum(axis=1) >= 2
    pairs = _find_pairs(answered)
    if by is By.PAIR:
        yield from (_pair_sample(ratings, table, pair) for pair in pairs)
    elif by is By.ANNOTATOR:
        yield from (_against_others(ratings, table, rater) for rater in range(len(ratings.annotators)))
    else:
        for name, chosen in _list_selections(ratings, table, by):
            rows = np.flatnonzero(chosen & shared)
            some = _find_pairs(answered[rows])
            yield Sample(name, table[rows], rows, ratings.person[rows], pairs=some)


def _list_selections(ratings: Ratings, table: Values, by: By) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Named selections of items."""
    if by is By.ALL:
        yield "all", np.ones(len(table), dtype=bool)
    elif by is By.TONE:
        monk = _median_of(table[:, :, FIELDS.index("monk")]) + 1
        for name, (low, high) in TONE_GROUPS.items():
            yield name, (monk >= low) & (monk <= high)
    else:
        unit = "M" if by is By.MONTH else "W"
        latest = np.full(len(table), np.datetime64("NaT"), dtype="datetime64[s]")
        np.fmax.at(latest, ratings.item, ratings.finished_at)
        periods = latest.astype(f"datetime64[{unit}]")
        for period in np.unique(periods[~np.isnat(periods)]):
            yield str(period), periods == period


def _median_of(values: Values) -> Integers:
    """The lower median of each row's answers, below any scale where there are none."""
    ordered = np.sort(np.where(values == ABSENT, np.int8(127), values), axis=1)
    present = (values != ABSENT).sum(axis=1)
    middle = ordered[np.arange(len(values)), np.maximum(present - 1, 0) // 2].astype(np.int64)
    return np.where(present > 0, middle, -100)


def _find_pairs(answered: Integers) -> tuple[tuple[int, int], ...]:
    """Pairs of annotators who share enough pictures."""
    common = answered.T.astype(np.int64) @ answered.astype(np.int64)
    return tuple((one, other) for one, other in combinations(range(len(common)), 2) if common[one, other] >= FEWEST)


def _pair_sample(ratings: Ratings, table: Values, pair: tuple[int, int]) -> Sample:
    both = table[:, pair]
    rows = np.flatnonzero((both != ABSENT).any(axis=2).all(axis=1))
    one, other = (rater + 1 for rater in pair)
    return Sample(f"{one} and {other}", both[rows], rows, ratings.person[rows], ((0, 1),), annotators=(one, other))


def _against_others(ratings: Ratings, table: Values, rater: int) -> Sample:
    """One annotator's answers beside each other answer to the same picture."""
    samples = [_pair_sample(ratings, table, (rater, other)) for other in range(table.shape[1]) if other != rater]
    return Sample(
        str(rater + 1),
        np.concatenate([sample.values for sample in samples] or [table[:0, :2]]),
        np.concatenate([sample.item for sample in samples] or [np.zeros(0, dtype=np.int64)]),
        np.concatenate([sample.person for sample in samples] or [np.zeros(0, dtype=np.int64)]),
        pairs=((0, 1),),
        annotators=(rater + 1,),
        is_crossed=False,
    )
