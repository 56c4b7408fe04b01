"""Each annotator alone: the same picture twice (hidden repeats), known answers (gold), speed; and anchoring."""

from dataclasses import dataclass

import numpy as np

from skin.annotation.agreement import kappa_columns
from skin.annotation.coefficients import ABSENT, Floats, Values
from skin.annotation.ratings import FIELDS, Ratings
from skin.annotation.resampling import REPLICATES, Estimate, Integers, Part, find_shortage, resample, summarise
from skin.annotation.tables import Kind


@dataclass(frozen=True, slots=True)
class Match:
    """One field of two sets of answers to the same pictures; `bias` is how much higher the first is, in steps."""

    field: str
    pictures: int
    exact: Estimate
    within_one: Estimate
    kappa: Estimate
    bias: Estimate


@dataclass(frozen=True, slots=True)
class Speed:
    answers: int
    median_seconds: Estimate
    pictures_per_hour: Estimate


@dataclass(frozen=True, slots=True)
class RaterReport:
    """`annotator` is the number from 1; `repeats` compares second with first answers, `gold` answers with gold."""

    annotator: int
    repeats: tuple[Match, ...]
    gold: tuple[Match, ...]
    speed: Speed


@dataclass(frozen=True, slots=True)
class Anchoring:
    """How often answers equal the machine's suggestion: where it was shown, and where it was not."""

    field: str
    shown: int
    hidden: int
    equal_when_shown: Estimate
    equal_when_hidden: Estimate
    difference: Estimate


def report_raters(ratings: Ratings) -> tuple[RaterReport, ...]:
    regular, repeats = ratings.tabulate(Kind.REGULAR), ratings.tabulate(Kind.REPEAT)
    gold = ratings.tabulate(Kind.GOLD)
    return tuple(
        RaterReport(
            rater + 1,
            repeats=match(repeats[:, rater], regular[:, rater], ratings.person),
            gold=match(gold[:, rater], ratings.gold, ratings.person),
            speed=_time(ratings.seconds[ratings.rater == rater]),
        )
        for rater in range(len(ratings.annotators))
    )


def match(answers: Values, truth: Values, person: Integers) -> tuple[Match, ...]:
    """Every field of two sets of answers (pictures x fields), where both have one."""
    rows = ((answers != ABSENT) & (truth != ABSENT)).any(axis=1)
    answers, truth, person = answers[rows], truth[rows], _renumber(person[rows])
    both = (answers != ABSENT) & (truth != ABSENT)
    pictures, people = both.sum(axis=0), [len(np.unique(person[column])) for column in both.T]
    shortages = [find_shortage(*counts) for counts in zip(pictures.tolist(), people, strict=True)]
    if all(shortages):
        none = [Estimate(reason=shortage) for shortage in shortages]
        return tuple(
            Match(field, int(n), one, one, one, one) for field, n, one in zip(FIELDS, pictures, none, strict=True)
        )
    difference = np.where(both, answers.astype(float) - truth, 0)
    terms = [both, both & (difference == 0), both & (np.abs(difference) <= 1), difference]
    shares = Part(person, np.hstack(terms).astype(float), _divide_by_first)
    found, kappas = resample([shares, Part(person, *kappa_columns(answers, truth))], people=int(person.max()) + 1)
    matches = []
    for place, (field, shortage) in enumerate(zip(FIELDS, shortages, strict=True)):
        exact, within, bias = (
            Estimate(reason=shortage)
            if shortage
            else summarise(found.value[row, place], found.replicates[:, row, place])
            for row in range(3)
        )
        kappa = Estimate(reason=shortage) if shortage else summarise(kappas.value[place], kappas.replicates[:, place])
        matches.append(Match(field, int(pictures[place]), exact, within, kappa, bias))
    return tuple(matches)


def measure_anchoring(ratings: Ratings) -> tuple[Anchoring, ...]:
    """Answers given with the suggestion in sight against blind answers to pictures that have a suggestion, too."""
    regular = ratings.kind == Kind.REGULAR.value
    seen = regular & ratings.is_assisted
    blind = regular & ~ratings.is_assisted
    shown = _compare(ratings, seen, ratings.shown)
    hidden = _compare(ratings, blind, ratings.predicted[ratings.item])
    return tuple(
        Anchoring(field, one.pictures, other.pictures, one.summarise(), other.summarise(), _subtract(one, other))
        for field, one, other in zip(FIELDS, shown, hidden, strict=True)
    )


@dataclass(frozen=True, slots=True)
class _Share:
    pictures: int
    people: int
    value: float
    replicates: Floats

    def summarise(self) -> Estimate:
        shortage = find_shortage(self.pictures, self.people)
        return Estimate(reason=shortage) if shortage else summarise(self.value, self.replicates)


def _compare(ratings: Ratings, rows: Integers, suggested: Values) -> list[_Share]:
    """Per field, the share of answers that equal what the machine says."""
    given, machine = ratings.values[rows], suggested[rows]
    both = (given != ABSENT) & (machine != ABSENT)
    if not both.any():
        return [_Share(0, 0, np.nan, np.zeros(0))] * len(FIELDS)
    item = ratings.item[rows]
    person = _renumber(ratings.person[item])
    part = Part(person, np.hstack([both, both & (given == machine)]).astype(float), _divide_by_first)
    (found,) = resample([part], people=int(person.max()) + 1)
    return [
        _Share(len(np.unique(item[column])), len(np.unique(person[column])), value, replicates)
        for column, value, replicates in zip(both.T, found.value[0], found.replicates[:, 0].T, strict=True)
    ]


def _subtract(one: _Share, other: _Share) -> Estimate:
    """The replicates of both are drawn apart, since the pictures and people may differ."""
    shortage = find_shortage(min(one.pictures, other.pictures), min(one.people, other.people))
    if shortage:
        return Estimate(reason=shortage)
    shuffled = np.random.default_rng(1).permutation(other.replicates)
    return summarise(one.value - other.value, one.replicates - shuffled)


def _divide_by_first(sums: Floats) -> Floats:
    """The later blocks of columns over the first, as (..., blocks, fields)."""
    blocks = sums.reshape(*sums.shape[:-1], -1, len(FIELDS))
    number = blocks[..., :1, :]
    return np.asarray(np.where(number > 0, blocks[..., 1:, :] / np.where(number > 0, number, 1), np.nan))


def _time(seconds: Floats) -> Speed:
    """Over answers drawn again: they are not grouped by person, since it is the annotator who is slow or quick."""
    shortage = find_shortage(len(seconds), len(seconds))
    if shortage:
        return Speed(len(seconds), Estimate(reason=shortage), Estimate(reason=shortage))
    random = np.random.default_rng(0)
    drawn = [random.choice(seconds, len(seconds)) for _ in range(REPLICATES)]
    medians, means = (np.array([function(one) for one in drawn]) for function in (np.median, np.mean))
    return Speed(
        len(seconds),
        summarise(float(np.median(seconds)), medians),
        summarise(float(_per_hour(seconds.mean())), _per_hour(means)),
    )


def _per_hour(seconds: Floats) -> Floats:
    return np.asarray(3600 / np.where(seconds > 0, seconds, np.nan))


def _renumber(person: Integers) -> Integers:
    return np.asarray(np.unique(person, return_inverse=True)[1])
