"""Consensus: Dawid & Skene's own data, and simulated annotators whose bias is known."""

import numpy as np
import pytest

from skin.annotation.consensus import find_middle, fit_dawid_skene, fit_ordinal
from skin.annotation.resampling import Integers

# Dawid & Skene 1979, table 1: 45 patients; the first anaesthetist saw each form three times, four others once.
PATIENTS = (
    "1111111 3334334 1122122 2223121 2223222 2223322 1222111 3333433 2222223 2322223 4444444 2223343 1111111 2223212 "
    "1211111 1112111 1111111 1111111 2222221 2221322 2222222 2222221 2223222 2212222 1111111 1111111 2322222 1111111 "
    "1111111 1121121 1111111 3333233 1111111 2222222 2223232 4334343 2212232 2323233 3333432 1111111 1111111 1212111 "
    "2322222 1211111 2222222"
)
SEATS = np.array([0, 0, 0, 1, 2, 3, 4])


def test_dawid_and_skene_find_what_they_published() -> None:
    """Their table 2 (no true response known): the prevalences, and the first anaesthetist's error rates."""
    said = np.array([[int(one) - 1 for one in patient] for patient in PATIENTS.split()])
    item, rater = (grid.ravel() for grid in np.meshgrid(np.arange(len(said)), SEATS, indexing="ij"))
    fitted = fit_dawid_skene(item, rater, said.ravel(), 4, smoothing=0)
    assert fitted.prevalence == pytest.approx([0.40, 0.42, 0.11, 0.07], abs=0.005)
    assert fitted.confusions[0, 0] == pytest.approx([0.89, 0.11, 0, 0], abs=0.005)
    assert fitted.confusions[0, 1] == pytest.approx([0.07, 0.88, 0.05, 0], abs=0.005)


def simulate(seed: int, biases: tuple[float, ...], size: int, pictures: int = 400, answers: int = 3) -> list[Integers]:
    """True steps, and who said what of which picture."""
    random = np.random.default_rng(seed)
    true = random.choice(size, pictures, p=random.dirichlet(np.full(size, 5.0)))
    item = np.repeat(np.arange(pictures), answers)
    rater = np.concatenate([random.choice(len(biases), answers, replace=False) for _ in range(pictures)])
    said = np.rint(true[item] + np.array(biases)[rater] + random.normal(0, 0.6, len(item)))
    return [true, item, rater, np.clip(said, 0, size - 1).astype(np.int64)]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("size", "biases"), [(10, (-1.4, 0.0, 0.2, 1.2, 0.0)), (4, (-0.7, 0.0, 0.1, 0.8, 0.0))])
def test_the_ordinal_model_beats_the_median_where_annotators_differ_in_bias(
    seed: int, size: int, biases: tuple[float, ...]
) -> None:
    true, item, rater, said = simulate(seed, biases, size)
    fitted = fit_ordinal(item, rater, said, size)
    counts = np.zeros((len(true), size))
    np.add.at(counts, (item, said), 1)
    wrong_by_model = np.abs(find_middle(fitted.chances) - true).mean()
    wrong_by_median = np.abs(find_middle(counts) - true).mean()
    assert wrong_by_model < 0.9 * wrong_by_median
    assert fitted.biases == pytest.approx(biases, abs=0.4)


def test_the_ordinal_model_is_no_worse_than_the_median_where_annotators_are_alike() -> None:
    by_model, by_median = [], []
    for seed in range(10):
        true, item, rater, said = simulate(seed, (0.0, 0.0, 0.0, 0.0), 4)
        counts = np.zeros((len(true), 4))
        np.add.at(counts, (item, said), 1)
        by_model.append(np.abs(find_middle(fit_ordinal(item, rater, said, 4).chances) - true).mean())
        by_median.append(np.abs(find_middle(counts) - true).mean())
    assert np.mean(by_model) <= np.mean(by_median)


def test_the_confidence_is_the_share_of_pictures_that_are_right() -> None:
    true, item, rater, said = simulate(7, (-0.6, 0.0, 0.5, 0.0), 4, pictures=2000)
    fitted = fit_ordinal(item, rater, said, 4)
    chosen = find_middle(fitted.chances)
    told = fitted.chances[np.arange(len(true)), chosen].mean()
    assert told == pytest.approx((chosen == true).mean(), abs=0.05)


def test_the_middle_is_the_lower_median() -> None:
    assert find_middle(np.array([[1.0, 0, 1], [0, 1, 2], [3, 1, 1]])).tolist() == [0, 2, 0]
