"""Which picture is labelled first: the pure part of the informative order."""

from hypothesis import given
from hypothesis import strategies as st

from skin.annotation.labels import ConcernLabel, Label
from skin.annotation.prediction import measure_uncertainty
from skin.annotation.priority import (
    BALANCE_LIMIT,
    UNKNOWN_DISAGREEMENT,
    group_of,
    measure_balance,
    measure_disagreement,
    score,
)
from skin.core.concerns import Concern, SkinType
from tests.fakes import build_findings

shares = st.floats(0, 1)


def graded(grade: int, monk: int | None = None) -> Label:
    return Label(monk=monk, concerns={Concern.ACNE: ConcernLabel(grade=grade)})


@given(shares, shares, st.floats(0.25, 4), st.floats(0.01, 0.5))
def test_more_uncertainty_more_disagreement_and_rarer_groups_come_sooner(
    uncertainty: float, disagreement: float, balance: float, more: float
) -> None:
    before = score(uncertainty, disagreement, balance)
    assert score(uncertainty + more, disagreement, balance) > before
    assert score(uncertainty, disagreement + more, balance) > before
    assert score(uncertainty, disagreement, balance * (1 + more)) > before


def test_disagreement_is_the_mean_distance_of_pairs_in_shares_of_each_scale() -> None:
    assert measure_disagreement([]) == measure_disagreement([graded(1)]) == UNKNOWN_DISAGREEMENT
    assert measure_disagreement([graded(2), graded(2)]) == 0
    assert measure_disagreement([graded(0), graded(3)]) == 1
    assert measure_disagreement([graded(0), graded(3), graded(3)]) == (1 + 1 + 0) / 3
    assert measure_disagreement([graded(0, monk=1), graded(0, monk=10)]) == (0 + 1) / 2


def test_a_group_half_as_large_as_an_even_share_counts_for_the_root_of_two() -> None:
    groups = {(0, None): 3, (1, None): 1}
    assert measure_balance((1, None), groups) == 2**0.5
    assert measure_balance((0, None), groups) == (2 / 3) ** 0.5
    assert measure_balance((2, None), groups) == 1
    crowd = {(one, None): 1 if one else 10_000 for one in range(3)}
    assert measure_balance((1, None), crowd) == BALANCE_LIMIT


def test_a_picture_belongs_to_the_tone_group_and_type_of_the_latest_voice() -> None:
    machine = Label(monk=3, skin_type=SkinType.OILY)
    assert group_of([machine]) == (0, "oily")
    assert group_of([machine, Label(monk=4)]) == (1, "oily")
    assert group_of([machine, Label(monk=7, skin_type=SkinType.DRY)]) == (2, "dry")
    assert group_of([]) == (None, None)


def test_a_sure_prediction_has_no_uncertainty() -> None:
    assert measure_uncertainty(build_findings()) == 0
