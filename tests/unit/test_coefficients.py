"""Coefficients of agreement against published worked examples, and against libraries on ratings drawn at random."""

import krippendorff
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from statsmodels.stats.inter_rater import cohens_kappa, fleiss_kappa

from skin.annotation import coefficients as agree
from skin.annotation.coefficients import ABSENT, Values

SIZE = 4
Ratings = st.integers(2, 5).flatmap(
    lambda raters: st.integers(5, 25).flatmap(
        lambda units: arrays(np.int8, (units, raters), elements=st.integers(ABSENT, SIZE - 1))
    )
)
Complete = arrays(np.int8, (20, 3), elements=st.integers(0, SIZE - 1))


def alpha_of(values: Values, size: int = SIZE, *, ordinal: bool = True) -> float:
    sums = agree.alpha_columns(agree.count_values(values, size)).sum(axis=0)
    return float(agree.alpha(sums, size, ordinal=ordinal))


def fleiss_of(values: Values, size: int = SIZE) -> float:
    return float(agree.fleiss(agree.fleiss_columns(agree.count_values(values, size)).sum(axis=0)))


def quadratic_of(values: Values) -> float:
    return float(agree.quadratic_kappa(agree.quadratic_kappa_columns(values[:, 0], values[:, 1]).sum(axis=0)))


def nominal_of(values: Values, size: int = SIZE) -> float:
    return float(agree.nominal_kappa(agree.nominal_kappa_columns(values[:, 0], values[:, 1], size).sum(axis=0)))


def one_way_of(values: Values) -> float:
    return float(agree.one_way_icc(agree.one_way_icc_columns(values).sum(axis=0)))


def two_way_of(values: Values) -> float:
    return float(agree.two_way_icc(agree.two_way_icc_columns(values).sum(axis=0)))


ALL = {
    "alpha": alpha_of, "nominal alpha": lambda values: alpha_of(values, ordinal=False), "fleiss": fleiss_of,
    "quadratic kappa": quadratic_of, "kappa": nominal_of, "ICC(1,1)": one_way_of, "ICC(2,1)": two_way_of,
}  # fmt: skip


def test_alpha_is_that_of_krippendorffs_own_example() -> None:
    """Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability", section C: four observers, twelve units."""
    rows = ["123321412...", "1233224125.3", ".3332342251.", "12332441251."]
    values = np.array([[ABSENT if one == "." else int(one) - 1 for one in row] for row in rows], dtype=np.int8).T
    assert alpha_of(values, 5, ordinal=False) == pytest.approx(0.743, abs=5e-4)
    assert alpha_of(values, 5, ordinal=True) == pytest.approx(0.815, abs=5e-4)


PSYCHIATRISTS = (  # Fleiss 1971, table 1: 30 patients, six psychiatrists each, five diagnoses
    "00060 03003 01401 00006 03030 20400 00402 20310 20040 00006 10050 11040 03300 10050 02031 "
    "00501 30012 51000 02040 10203 00006 01050 02013 20040 10041 05010 40002 02040 10500 00006"
)


def test_fleiss_kappa_is_that_of_his_psychiatrists() -> None:
    counts = np.array([[int(one) for one in row] for row in PSYCHIATRISTS.split()], dtype=float)
    assert counts.sum(axis=0).tolist() == [26, 26, 30, 55, 43]
    assert agree.fleiss(agree.fleiss_columns(counts).sum(axis=0)) == pytest.approx(0.430, abs=5e-4)


def test_the_icc_are_those_of_shrout_and_fleiss() -> None:
    """Shrout & Fleiss 1979, tables 2 and 4: six targets, four judges."""
    rows = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    values = np.array(rows, dtype=np.int8)
    assert one_way_of(values) == pytest.approx(0.17, abs=5e-3)
    assert two_way_of(values) == pytest.approx(0.29, abs=5e-3)


def test_kappa_is_that_of_cohens_two_judges() -> None:
    """Cohen 1960 and 1968, table 1: 200 people, three diagnoses."""
    cells = np.array([[88, 14, 18], [10, 40, 10], [2, 6, 12]])
    pairs = np.argwhere(cells >= 0).repeat(cells.ravel(), axis=0).astype(np.int8)
    assert nominal_of(pairs, 3) == pytest.approx(0.492, abs=5e-4)


@given(st.permutations(range(12)))
def test_quadratic_kappa_is_the_correlation_where_both_raters_use_the_scale_alike(order: list[int]) -> None:
    """Cohen 1968, p. 218."""
    first = np.array([0, 0, 0, 1, 1, 1, 1, 2, 2, 3, 3, 3], dtype=np.int8)
    second = first[order]
    assert quadratic_of(np.column_stack([first, second])) == pytest.approx(np.corrcoef(first, second)[0, 1])


@settings(deadline=None)
@given(Ratings, st.booleans())
def test_alpha_is_that_of_the_krippendorff_library(values: Values, ordinal: bool) -> None:
    kept = values[(values != ABSENT).sum(axis=1) >= 2]
    assume(len(np.unique(kept[kept != ABSENT])) > 1)
    expected = krippendorff.alpha(
        value_counts=agree.count_values(values, SIZE).astype(int),
        level_of_measurement="ordinal" if ordinal else "nominal",
    )
    assert alpha_of(values, ordinal=ordinal) == pytest.approx(expected)


@given(Complete)
def test_cohens_kappa_is_that_of_statsmodels(values: Values) -> None:
    table = np.zeros((SIZE, SIZE))
    np.add.at(table, (values[:, 0], values[:, 1]), 1)
    assume(len(np.unique(values[:, :2])) > 1)
    assert nominal_of(values) == pytest.approx(cohens_kappa(table, return_results=False))
    assert quadratic_of(values) == pytest.approx(cohens_kappa(table, wt="quadratic", return_results=False))


@given(Complete)
def test_fleiss_kappa_is_that_of_statsmodels(values: Values) -> None:
    assume(len(np.unique(values)) > 1)
    assert fleiss_of(values) == pytest.approx(fleiss_kappa(agree.count_values(values, SIZE)))


@pytest.mark.parametrize("name", ALL)
@given(values=Complete)
def test_perfect_agreement_is_one_and_no_variation_is_no_number(name: str, values: Values) -> None:
    same = np.repeat(values[:, :1], 3, axis=1)
    found = ALL[name](same)
    assert np.isnan(found) if len(np.unique(same)) == 1 else found == pytest.approx(1)


@pytest.mark.parametrize("name", ALL)
@given(values=Complete, order=st.permutations(range(3)))
def test_the_order_of_raters_and_pictures_does_not_matter(name: str, values: Values, order: list[int]) -> None:
    kept = values[:, :2] if "kappa" in name else values
    turned = kept[::-1, ::-1] if "kappa" in name else kept[::-1, order]
    assert ALL[name](turned) == pytest.approx(ALL[name](kept), nan_ok=True)


@pytest.mark.parametrize("name", [name for name in ALL if name != "ICC(2,1)"])
@given(values=Complete)
def test_pictures_with_a_single_answer_change_nothing(name: str, values: Values) -> None:
    kept = values[:, :2] if "kappa" in name else values
    single = np.full_like(kept, ABSENT)
    single[:, 0] = 3
    assert ALL[name](np.vstack([kept, single])) == pytest.approx(ALL[name](kept), nan_ok=True)


def test_a_biased_rater_lowers_the_icc_that_counts_bias() -> None:
    true = np.arange(20, dtype=np.int8) % 8
    fair = np.column_stack([true, true])
    biased = np.column_stack([true, true + 2]).astype(np.int8)
    assert two_way_of(fair) == pytest.approx(1)
    assert two_way_of(biased) < 0.8


def test_many_sums_at_once_give_each_its_own_coefficient() -> None:
    values = np.random.default_rng(1).integers(0, SIZE, (40, 3)).astype(np.int8)
    columns = agree.alpha_columns(agree.count_values(values, SIZE))
    halves = np.stack([columns[:20].sum(axis=0), columns[20:].sum(axis=0)])
    assert agree.alpha(halves, SIZE, ordinal=True).tolist() == [alpha_of(values[:20]), alpha_of(values[20:])]
