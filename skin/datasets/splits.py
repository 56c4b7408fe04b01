"""Who learns and who tests: whole people go to one split, in even shares of tones and skin types."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from skin.datasets.record import Split

DEFAULT_SHARES: Mapping[Split, float] = {Split.TRAIN: 0.7, Split.VALIDATION: 0.15, Split.TEST: 0.15}
ALL = "all"


@dataclass(frozen=True, slots=True)
class Picture:
    """What splitting looks at in one item; tone and type are None where nobody said."""

    item_id: str
    person: str
    phash: str
    monk: float | None = None
    skin_type: str | None = None
    evaluation_only: bool = False


def tone_group(monk: float | None) -> str:
    """Light (Monk 1-3), medium (4-6) or dark (7-10)."""
    if monk is None:
        return "unknown"
    return "light" if monk < 3.5 else "medium" if monk < 6.5 else "dark"


def assign_splits(
    pictures: Iterable[Picture],
    shares: Mapping[Split, float],
    *,
    seed: int,
    alike: Iterable[tuple[str, str]] = (),
    earlier: Mapping[str, Split] | None = None,
) -> dict[str, Split]:
    """The split of every person.

    `alike` are pairs of people that must stay together. Somebody's split in `earlier` is kept, so that what one network
    has learned never tests the next; of people that turn out to belong together, training wins. Evaluation-only
    pictures take all of their people to the test. The same pictures and seed give the same splits in any order.
    """
    people = list(pictures)
    groups = _group({picture.person for picture in people}, alike)
    strata: dict[str, Counter[str]] = {group: Counter() for group in groups.values()}
    evaluation_only = set()
    for picture in people:
        group = groups[picture.person]
        tone, kind = f"tone {tone_group(picture.monk)}", f"type {picture.skin_type}"
        strata[group].update((ALL, tone, kind, f"{tone}, {kind}"))
        if picture.evaluation_only:
            evaluation_only.add(group)
    fixed = _fix(groups, earlier or {}) | dict.fromkeys(evaluation_only, Split.TEST)
    chosen = _fill(strata, shares, fixed, seed)
    return {person: chosen[group] for person, group in groups.items()}


def _group(people: Iterable[str], alike: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The name of each person's group: the first name in it."""
    parents = {person: person for person in people}

    def root(person: str) -> str:
        while parents[person] != person:
            parents[person] = parents[parents[person]]
            person = parents[person]
        return person

    for one, other in alike:
        first, second = sorted((root(one), root(other)))
        parents[second] = first
    return {person: root(person) for person in parents}


def _fix(groups: Mapping[str, str], earlier: Mapping[str, Split]) -> dict[str, Split]:
    fixed: dict[str, Split] = {}
    order = list(Split)
    for person, split in earlier.items():
        if person in groups:
            group = groups[person]
            fixed[group] = min(split, fixed.get(group, split), key=order.index)
    return fixed


def _fill(
    strata: Mapping[str, Counter[str]], shares: Mapping[Split, float], fixed: Mapping[str, Split], seed: int
) -> dict[str, Split]:
    """The largest groups first, each to the split where it brings the counts of its strata nearest to their shares.

    Nearest by the sum of (count - expected)^2 / expected, as in a chi-square test.
    """
    totals = sum(strata.values(), Counter[str]())
    counts = {split: Counter[str]() for split in shares}
    chosen = dict(fixed)
    for group, split in fixed.items():
        counts.setdefault(split, Counter()).update(strata[group])

    def cost(group: str, split: Split) -> float:
        sizes, filled, share = strata[group], counts[split], shares[split]
        return sum(n * (2 * filled[s] + n - 2 * share * totals[s]) / (share * totals[s]) for s, n in sizes.items())

    wanted = [split for split in Split if shares.get(split, 0) > 0]
    free = [group for group in strata if group not in fixed]
    for group in sorted(free, key=lambda group: (-strata[group][ALL], _draw(seed, group))):
        chosen[group] = min(wanted, key=lambda split: (cost(group, split), list(Split).index(split)))
        counts[chosen[group]].update(strata[group])
    return chosen


def _draw(seed: int, group: str) -> bytes:
    """A random-looking place for a group, the same on every machine."""
    return hashlib.sha256(f"{seed} {group}".encode()).digest()
