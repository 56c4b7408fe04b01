"""Labels, folds and measures of agreement."""

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from skin.core.concerns import Concern
from skin.training import scores
from skin.training.bank import random_severities
from skin.training.labels import GRADED, HOME, OWN_RATINGS, TONE_SETS, TRAINING_SETS, TYPES, load_ratings, mean_labels
from skin.training.loader import CROP_PX, MISJUDGED_SD, Change, Faces, person_folds
from skin.vision.colour import to_linear

COLUMNS = "rater,id,monk,monk_alt,ita_class,skin_type," + ",".join(c.value for c in Concern) + ",sure"
LINES = (
    "A,001,3,2,light,normal,0,1,0,0,0,0,1,0,0,0,3",
    "B,001,5,5,light,oily,0,2,0,0,0,0,1,0,0,0,1",
    "A,002,8,8,dark,oily,3,0,0,0,0,0,1,0,0,2,2",
)


@pytest.fixture(scope="module")
def ratings() -> pd.DataFrame:
    return pd.read_csv(io.StringIO("\n".join((COLUMNS, *LINES))), dtype={"id": str})


def faces(ids: list[str], sets: list[str]) -> Faces:
    empty = np.zeros((len(ids), 1))
    numbers = empty.astype(np.float32)
    return Faces(empty.astype(np.uint8), numbers, numbers, numbers, tuple(ids), tuple(sets))


def test_a_rater_counts_as_much_as_they_are_sure(ratings: pd.DataFrame) -> None:
    labels = mean_labels(ratings, ["001", "002"])
    assert labels.grades[0, GRADED.index(Concern.REDNESS)] == pytest.approx(0.75 * 1 + 0.25 * 2)
    assert labels.types[0].tolist() == pytest.approx([0.25, 0, 0, 0.75])
    assert TYPES[3] == "normal"


def test_the_second_choice_of_tone_counts_a_quarter(ratings: pd.DataFrame) -> None:
    labels = mean_labels(ratings, ["001"])
    assert labels.monk[0] == pytest.approx(0.75 * 2.75 + 0.25 * 5)
    assert labels.monk_shares.sum() == pytest.approx(1)


def test_raters_of_tones_are_brought_to_the_level_of_those_who_rated_the_same_photos(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ratings").mkdir()
    (tmp_path / "ratings" / "interfaces.csv").write_text("\n".join((COLUMNS, *LINES)))
    monkeypatch.setattr("skin.training.labels.OWN_RATINGS", tmp_path)
    # G sees 001 (4 by A and B) and 002 (8) half a step too light, H sees them as they do.
    head = "rater,id,monk,monk_alt,sure\n"
    (tmp_path / "interfaces.csv").write_text(head + "G,001,4,4,3\nG,002,7,7,3\nH,001,4,4,3\nH,002,8,8,3\n")
    (tmp_path / "congress.csv").write_text(head + "G,X1,2,3,3\nH,X1,3,3,1\n")
    tones = load_ratings(tmp_path, "congress")
    assert tones["id"].tolist() == ["X1", "X1"]
    assert tones["monk"].tolist() == pytest.approx([2.5, 3.0])
    assert tones["monk_alt"].tolist() == pytest.approx([3.5, 3.0])
    labels = mean_labels(tones, ["X1"])
    assert labels.monk[0] == pytest.approx(0.75 * (0.75 * 2.5 + 0.25 * 3.5) + 0.25 * 3.0)
    assert labels.monk_shares[0].sum() == pytest.approx(1)
    assert labels.weight[0] == 0 < labels.tone_weight[0]


@pytest.mark.parametrize("name", [*TRAINING_SETS, *TONE_SETS])
def test_our_own_ratings_keep_to_the_rubric_and_hold_each_photo_once_a_rater(name: str) -> None:
    lines = pd.read_csv(OWN_RATINGS / f"{name}.csv", dtype={"id": str})
    assert lines[["monk", "monk_alt"]].isin(range(1, 11)).all(axis=None)
    assert lines["sure"].isin(range(1, 4)).all()
    assert not lines.duplicated(["rater", "id"]).any()
    assert lines.groupby("rater").size().nunique() == 1
    if name in TRAINING_SETS:
        assert lines.columns.tolist() == COLUMNS.split(",")
        assert lines[[concern.value for concern in GRADED]].isin(range(4)).all(axis=None)
        assert lines["skin_type"].isin([one.value for one in TYPES]).all()


def test_whoever_told_the_tones_of_a_set_rated_photos_of_home_too() -> None:
    raters = {name: set(pd.read_csv(OWN_RATINGS / f"{name}.csv")["rater"]) for name in (HOME, *TONE_SETS)}
    assert all(raters[name] <= raters[HOME] for name in TONE_SETS)


def test_more_and_surer_raters_weigh_more(ratings: pd.DataFrame) -> None:
    two, one = mean_labels(ratings, ["001", "002"]).weight
    assert two > one > 0


def test_a_person_is_never_in_two_folds() -> None:
    ids = [f"{i // 2:03d}" for i in range(60)]
    fold = person_folds(faces(ids, ["interfaces"] * 30 + ["sfhq"] * 30), 5, seed=0)
    people: dict[tuple[str, str], set[int]] = {}
    for place, (name, number) in enumerate(zip(ids, fold, strict=True)):
        people.setdefault((name, "interfaces" if place < 30 else "sfhq"), set()).add(int(number))
    assert all(len(found) == 1 for found in people.values())
    assert set(fold) == set(range(5))


def one_face(cameras: list[list[float]]) -> Faces:
    """Speckles at random landmarks, taken by these cameras (kelvin, EV) in light that was estimated as none."""
    rng = np.random.default_rng(4)
    crops = rng.integers(60, 180, (1, CROP_PX, CROP_PX, 3)).astype(np.uint8)
    points = rng.uniform(0, CROP_PX, (1, 478, 2)).astype(np.float32)
    lights = np.zeros((1, len(cameras), 3), np.float32)
    return Faces(crops, points, np.array([cameras], np.float32), lights, ("001",), ("interfaces",))


def test_a_copy_by_a_worse_camera_shows_the_same_light_with_less_detail() -> None:
    one = one_face([[6500, 0], [4000, -0.5]])
    plain, worse = one.neutral(0, 1).crop_rgb, one.neutral(0, 1, Change.CAMERA).crop_rgb
    assert np.array_equal(worse, one.neutral(0, 1, Change.CAMERA).crop_rgb)
    assert worse.std(axis=(0, 1)).max() < 0.8 * plain.std(axis=(0, 1)).min()
    assert to_linear(worse).mean(axis=(0, 1)) == pytest.approx(to_linear(plain).mean(axis=(0, 1)), rel=0.02)
    assert not np.array_equal(worse, one.neutral(0, change=Change.CAMERA).crop_rgb)


def test_a_copy_in_misjudged_light_is_lit_otherwise_and_differs_in_nothing_else() -> None:
    one = one_face([[6500, 0]] * 40)
    plain = to_linear(one.neutral(0).crop_rgb)
    copies = [to_linear(one.neutral(0, copy, Change.LIGHT_ESTIMATE).crop_rgb) for copy in range(40)]
    factors = np.array([copy.mean(axis=(0, 1)) / plain.mean(axis=(0, 1)) for copy in copies])
    assert np.std(np.log2(factors[:, 1])) == pytest.approx(MISJUDGED_SD[0], rel=0.3)
    assert np.std(np.log2(factors[:, 0] / factors[:, 2])) == pytest.approx(MISJUDGED_SD[1], rel=0.3)
    dark = plain.max(axis=2) < 0.1
    unlit = np.linalg.lstsq(plain[dark], copies[3][dark], rcond=None)[0]
    assert np.abs(copies[3][dark] - plain[dark] @ unlit).max() < 0.005
    assert np.array_equal(copies[3], to_linear(one.neutral(0, 3, Change.LIGHT_ESTIMATE).crop_rgb))


def test_folds_are_the_same_for_the_same_seed() -> None:
    some = faces([f"{i}" for i in range(20)], ["sfhq"] * 20)
    assert np.array_equal(person_folds(some, 4, 7), person_folds(some, 4, 7))


def test_about_a_third_of_the_concerns_is_painted() -> None:
    counts = [len(random_severities(np.random.default_rng(seed))) for seed in range(200)]
    assert 3.0 < np.mean(counts) < 4.0


def test_agreement_of_a_perfect_and_of_a_reversed_order() -> None:
    truth = np.array([0.0, 1, 2, 3])
    assert scores.spearman(truth, truth) == pytest.approx(1)
    assert scores.spearman(3 - truth, truth) == pytest.approx(-1)
    assert scores.weighted_kappa(truth, truth) == pytest.approx(1)
    assert scores.within_one(truth + 1, truth) == 1
    assert scores.exact(truth + 1, truth) == 0


def test_a_constant_has_no_rank_correlation() -> None:
    assert np.isnan(scores.spearman(np.ones(5), np.arange(5.0)))


def test_an_interval_holds_its_value_and_shrinks_with_people(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scores, "ROUNDS", 150)
    rng = np.random.default_rng(0)
    widths = []
    for people in (30, 300):
        truth = rng.normal(size=people)
        found = scores.figure(scores.spearman, truth + rng.normal(size=people), truth)
        assert found.low <= found.value <= found.high
        widths.append(found.high - found.low)
    assert widths[1] < widths[0]


def test_confidence_that_comes_true_has_little_calibration_error() -> None:
    rng = np.random.default_rng(1)
    confidence = rng.uniform(0.3, 1.0, 5000)
    hit = (rng.random(5000) < confidence).astype(float)
    assert scores.calibration_error(confidence, hit) < 0.03
    assert scores.calibration_error(np.ones(5000), hit) > 0.25
