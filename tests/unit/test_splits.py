"""Splits keep people together, fill evenly, and never let what was learned test what learns next."""

from collections import Counter, defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skin.core.concerns import SkinType
from skin.datasets.duplicates import find_near_duplicates
from skin.datasets.record import Split
from skin.datasets.splits import DEFAULT_SHARES, Picture, assign_splits, tone_group

several = settings(max_examples=30, deadline=None)


@st.composite
def crowds(draw: st.DrawFn) -> list[Picture]:
    people = draw(st.integers(1, 30))
    return [
        Picture(
            item_id=str(number),
            person=f"p{draw(st.integers(1, people))}",
            phash=f"{number:016x}",
            monk=draw(st.none() | st.integers(1, 10)),
            skin_type=draw(st.none() | st.sampled_from(list(SkinType))),
            evaluation_only=draw(st.integers(0, 9)) == 0,
        )
        for number in range(draw(st.integers(0, 60)))
    ]


@several
@given(crowds(), st.integers(0, 5), st.randoms())
def test_the_order_of_pictures_changes_nothing(crowd: list[Picture], seed: int, random: np.random.RandomState) -> None:
    turned = list(crowd)
    random.shuffle(turned)
    assert assign_splits(crowd, DEFAULT_SHARES, seed=seed) == assign_splits(turned, DEFAULT_SHARES, seed=seed)


@several
@given(crowds(), st.lists(st.tuples(st.integers(1, 30), st.integers(1, 30)), max_size=10))
def test_people_who_look_alike_stay_together_and_evaluation_only_never_trains(
    crowd: list[Picture], pairs: list[tuple[int, int]]
) -> None:
    names = {picture.person for picture in crowd}
    alike = [(f"p{one}", f"p{other}") for one, other in pairs if {f"p{one}", f"p{other}"} <= names]
    splits = assign_splits(crowd, DEFAULT_SHARES, seed=1, alike=alike)
    assert set(splits) == names
    assert all(splits[one] == splits[other] for one, other in alike)
    assert all(splits[picture.person] is Split.TEST for picture in crowd if picture.evaluation_only)


@several
@given(crowds(), crowds())
def test_nobody_moves_when_more_people_come(crowd: list[Picture], more: list[Picture]) -> None:
    trained = [picture for picture in crowd if not picture.evaluation_only]
    before = assign_splits(trained, DEFAULT_SHARES, seed=1)
    new = [picture for picture in more if not picture.evaluation_only]
    after = assign_splits([*trained, *new], DEFAULT_SHARES, seed=1, earlier=before)
    assert {person: after[person] for person in before} == before


def test_when_people_of_two_splits_turn_out_to_be_one_training_wins() -> None:
    crowd = [Picture(str(n), name, "0") for n, name in enumerate("ab")]
    earlier = {"a": Split.TEST, "b": Split.TRAIN}
    splits = assign_splits(crowd, DEFAULT_SHARES, seed=1, alike=[("a", "b")], earlier=earlier)
    assert splits == {"a": Split.TRAIN, "b": Split.TRAIN}


def test_every_tone_and_type_comes_into_every_split_in_its_share() -> None:
    rng = np.random.default_rng(7)
    kinds = list(SkinType)
    crowd = [
        Picture(f"{person}-{n}", f"p{person}", "0", monk=monk, skin_type=kind)
        for person in range(1000)
        for monk, kind in [(int(rng.choice([2, 5, 5, 8])), kinds[int(rng.integers(5))])]
        for n in range(int(rng.integers(1, 4)))
    ]
    splits = assign_splits(crowd, DEFAULT_SHARES, seed=3)
    counts: dict[str, Counter[Split]] = defaultdict(Counter)
    for picture in crowd:
        for stratum in ("all", tone_group(picture.monk), str(picture.skin_type)):
            counts[stratum][splits[picture.person]] += 1
    for stratum, found in counts.items():
        for split, share in DEFAULT_SHARES.items():
            assert found[split] / found.total() == pytest.approx(share, abs=0.02), stratum


def test_another_seed_gives_other_splits() -> None:
    crowd = [Picture(str(n), f"p{n}", "0", monk=5) for n in range(100)]
    assert assign_splits(crowd, DEFAULT_SHARES, seed=1) != assign_splits(crowd, DEFAULT_SHARES, seed=2)


@several
@given(
    st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=12),
    st.lists(st.lists(st.integers(0, 63), max_size=8), max_size=12),
    st.integers(0, 8),
)
def test_near_duplicates_are_all_pairs_within_the_distance_and_no_others(
    originals: list[int], flips: list[list[int]], within: int
) -> None:
    values = list(originals)
    for number, bits in enumerate(flips):
        changed = originals[number % len(originals)]
        for bit in bits:
            changed ^= 1 << bit
        values.append(changed)
    found = set(find_near_duplicates([f"{value:016x}" for value in values], within))
    expected = {
        (first, second, distance)
        for first in range(len(values))
        for second in range(first + 1, len(values))
        if (distance := (values[first] ^ values[second]).bit_count()) <= within
    }
    assert found == expected
