"""ITA, its classes, and the Monk distribution."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skin.core.findings import NotJudged
from skin.core.tone import (
    ItaClass,
    JudgedColour,
    MonkScale,
    fitzpatrick_estimate,
    is_grey,
    ita_class,
    ita_deg,
    judge_tone,
    pool,
)

SCALE = MonkScale(0.0514, (-8.29, -5.76, -3.12, -1.32, -0.23, 0.39, 1.67, 4.03, 6.77), 19.6)

Lab = tuple[float, float, float]


def in_white_light(lab: Lab, **changes: object) -> JudgedColour:
    return JudgedColour(**({"seen_lab": lab, "lab": lab} | changes))  # type: ignore[arg-type]


# L*, b* and ITA of the ten published Monk swatches, computed by an independent implementation (sRGB, D65).
MONK_SWATCHES = [
    (94.211, 5.430, 83.0),
    (92.275, 7.288, 80.2),
    (93.091, 14.212, 71.7),
    (87.573, 17.755, 64.7),
    (77.902, 23.141, 50.3),
    (55.143, 26.744, 10.9),
    (42.470, 20.533, -20.1),
    (30.678, 13.338, -55.4),
    (21.069, 5.967, -78.3),
    (14.610, 3.528, -84.3),
]


@pytest.mark.parametrize(("lightness", "yellowness", "expected"), MONK_SWATCHES)
def test_ita_of_the_monk_swatches(lightness: float, yellowness: float, expected: float) -> None:
    assert ita_deg(lightness, yellowness) == pytest.approx(expected, abs=0.06)


@pytest.mark.parametrize(
    ("angle", "expected"),
    [
        (55.1, ItaClass.VERY_LIGHT),
        (55.0, ItaClass.LIGHT),
        (41.1, ItaClass.LIGHT),
        (41.0, ItaClass.INTERMEDIATE),
        (28.0, ItaClass.TAN),
        (10.0, ItaClass.BROWN),
        (-29.9, ItaClass.BROWN),
        (-30.0, ItaClass.DARK),
        (-90.0, ItaClass.DARK),
    ],
)
def test_classes_begin_above_the_published_bounds(angle: float, expected: ItaClass) -> None:
    assert ita_class(angle) is expected


def test_fitzpatrick_follows_the_classes() -> None:
    assert [fitzpatrick_estimate(angle) for angle in (60, 48, 35, 20, 0, -60)] == [1, 2, 3, 4, 5, 6]


@given(st.floats(0, 100), st.floats(-60, 100))
def test_ita_is_always_a_right_angle_at_most(lightness: float, yellowness: float) -> None:
    assert -90 <= ita_deg(lightness, yellowness) <= 90


@given(st.floats(0, 99), st.floats(0, 1), st.floats(0, 60))
def test_lighter_skin_never_has_a_smaller_ita(lightness: float, more: float, yellowness: float) -> None:
    assert ita_deg(lightness + more, yellowness) >= ita_deg(lightness, yellowness)


@given(st.floats(-90, 90))
def test_monk_probabilities_are_a_distribution(angle: float) -> None:
    shares = SCALE.probabilities(angle)
    assert len(shares) == 10
    assert min(shares) >= 0
    assert sum(shares) == pytest.approx(1)


@given(st.floats(-90, 89), st.floats(0.1, 1))
def test_a_lighter_ita_never_raises_the_monk_tone(angle: float, more: float) -> None:
    def mean(at: float) -> float:
        return sum(tone * share for tone, share in enumerate(SCALE.probabilities(at), 1))

    assert mean(angle + more) <= mean(angle)


def test_tone_of_ordinary_skin_is_judged() -> None:
    found = judge_tone(in_white_light((65.0, 12.0, 16.0)), SCALE)
    assert found.not_judged is None
    assert found.ita_deg == pytest.approx(43.15, abs=0.01)
    assert found.ita_class == "light"
    assert found.monk is not None
    assert sum(found.monk_probabilities[: found.monk]) >= 0.5
    assert sum(found.monk_probabilities[: found.monk - 1]) < 0.5
    assert found.ita_interval_deg is not None
    assert found.ita_interval_deg[0] < found.ita_deg < found.ita_interval_deg[1] <= 90
    assert 0 < (found.confidence or 0) <= 1


@pytest.mark.parametrize(
    ("lab", "clipped_share"),
    [
        ((60.0, 0.5, 1.0), 0.0),
        ((60.0, 10.0, -30.0), 0.0),
        ((60.0, -20.0, 20.0), 0.0),
        ((60.0, 40.0, 40.0), 0.0),
        ((80.0, 10.0, 15.0), 0.5),
    ],
    ids=["grey", "blue", "green", "garish", "burnt out"],
)
def test_tone_is_not_judged_in_light_that_hides_it(lab: tuple[float, float, float], clipped_share: float) -> None:
    found = judge_tone(in_white_light(lab, clipped_share=clipped_share), SCALE)
    assert found.not_judged is NotJudged.LIGHT
    assert (found.ita_deg, found.monk, found.monk_probabilities, found.confidence) == (None, None, (), None)


def test_grey_is_what_has_no_chroma() -> None:
    assert is_grey((50.0, 1.0, 1.0))
    assert not is_grey((20.0, 5.0, 6.0)), "very dark skin has little chroma, but it has"


@given(st.floats(10, 90), st.floats(5, 20), st.floats(6, 30))
def test_every_ordinary_skin_colour_gets_a_tone(lightness: float, redness: float, yellowness: float) -> None:
    found = judge_tone(in_white_light((lightness, redness, yellowness)), SCALE)
    assert found.monk in range(1, 11)


@pytest.mark.parametrize("thresholds", [(1.0,) * 9, tuple(range(8)), tuple(range(9, 0, -1))])
def test_a_scale_that_cannot_be_one_is_refused(thresholds: tuple[float, ...]) -> None:
    with pytest.raises(ValueError):
        MonkScale(0.05, thresholds, 20.0)


def test_the_scale_of_these_tests_rises() -> None:
    assert all(low < high for low, high in pairwise(SCALE.thresholds))


ORDINARY = (65.0, 12.0, 16.0)


@pytest.mark.parametrize(
    "light",
    [(2.0, 0.0, 0.0), (-2.0, 0.0, 0.0), (0.0, 2.2, 0.0), (0.0, -1.5, 0.0), (0.0, 0.0, 0.6)],
    ids=["far too bright", "far too dark", "candle light", "deep shade", "green light"],
)
def test_tone_is_not_judged_in_light_that_strays_too_far(light: tuple[float, float, float]) -> None:
    assert judge_tone(in_white_light(ORDINARY, light=light), SCALE).not_judged is NotJudged.LIGHT


def test_a_grey_photo_has_no_tone_even_if_its_correction_gave_it_colour() -> None:
    assert judge_tone(JudgedColour((60.0, 0.3, 0.2), ORDINARY), SCALE).not_judged is NotJudged.LIGHT


def test_the_interval_holds_what_the_light_leaves_uncertain() -> None:
    widths = []
    for sd in (0.0, 5.0, 15.0):
        low, high = judge_tone(in_white_light(ORDINARY, ita_sd_deg=sd), SCALE).ita_interval_deg or (0, 0)
        widths.append(high - low)
    assert widths[0] == pytest.approx(2 * 1.96 * 19.6)
    assert widths[0] < widths[1] < widths[2]


def test_light_that_leaves_the_ita_too_uncertain_gets_no_tone() -> None:
    assert judge_tone(in_white_light(ORDINARY, ita_sd_deg=40.0), SCALE).not_judged is NotJudged.LIGHT


def test_a_network_that_says_the_same_changes_nothing() -> None:
    alone = judge_tone(in_white_light(ORDINARY), SCALE)
    together = judge_tone(in_white_light(ORDINARY), SCALE, network=alone.monk_probabilities)
    assert together.monk_probabilities == pytest.approx(alone.monk_probabilities)


def test_a_network_moves_the_tone_towards_its_own_and_not_the_ita() -> None:
    alone = judge_tone(in_white_light(ORDINARY), SCALE)
    darker = tuple(0.91 if step == 6 else 0.01 for step in range(1, 11))
    together = judge_tone(in_white_light(ORDINARY), SCALE, network=darker)
    assert (together.monk or 0) > (alone.monk or 11)
    assert together.ita_deg == alone.ita_deg


DISTRIBUTIONS = st.lists(st.floats(0.001, 1), min_size=10, max_size=10).map(lambda x: [one / sum(x) for one in x])


@given(DISTRIBUTIONS, DISTRIBUTIONS, st.floats(0, 1))
def test_pooled_voices_are_a_distribution_that_does_not_depend_on_their_order(
    one: list[float], other: list[float], weight: float
) -> None:
    shares = pool([(one, weight), (other, 1 - weight)])
    assert sum(shares) == pytest.approx(1)
    assert shares == pytest.approx(pool([(other, 1 - weight), (one, weight)]))


@given(DISTRIBUTIONS, DISTRIBUTIONS)
def test_a_voice_without_weight_is_not_heard(one: list[float], other: list[float]) -> None:
    assert pool([(one, 1.0), (other, 0.0)]) == pytest.approx(one)


def test_a_voice_that_excludes_a_tone_does_not_break_the_pool() -> None:
    assert pool([((1.0, 0.0), 0.5), ((0.0, 1.0), 0.5)]) == pytest.approx((0.5, 0.5))
