"""Advice follows from what was found, says why, and from what was not judged follows nothing."""

from dataclasses import replace

import pytest

from skin.bootstrap import load_advice
from skin.core.advice import advise, parse_rules
from skin.core.concerns import Concern, Severity, SkinType
from skin.core.findings import ConcernFinding, Findings, ToneFinding, TypeFinding
from skin.core.zones import Zone
from tests.fakes import build_findings

RULES = load_advice()


def with_concern(concern: Concern, score: int) -> Findings:
    found = build_findings()
    finding = ConcernFinding(concern, score=score, confidence=0.9, zones=(Zone.CHEEK_LEFT, Zone.NOSE))
    return replace(found, concerns=tuple(finding if one.concern is concern else one for one in found.concerns))


def test_nothing_judged_leads_to_no_advice() -> None:
    assert advise(replace(build_findings(), tone=ToneFinding()), RULES) == ()


def test_every_tone_has_its_advice_on_the_sun() -> None:
    for monk in range(1, 11):
        given = advise(build_findings(monk=monk), RULES)
        assert len(given) == 1
        assert given[0].code.startswith("sunscreen_")
        assert f"Monk {monk}" in given[0].reason


def test_the_reason_names_severity_score_and_zones() -> None:
    given = {one.code: one for one in advise(with_concern(Concern.REDNESS, 45), RULES)}
    assert given["redness_gentle_care"].reason == "Redness was judged moderate (45 of 100): left cheek, nose."


@pytest.mark.parametrize("concern", list(Concern))
def test_a_concern_that_is_not_there_leads_to_no_advice(concern: Concern) -> None:
    assert len(advise(with_concern(concern, 0), RULES)) == 1  # the sun's


@pytest.mark.parametrize("concern", list(Concern))
def test_every_severe_concern_leads_to_advice(concern: Concern) -> None:
    assert len(advise(with_concern(concern, 90), RULES)) == 2


def test_seeing_a_doctor_comes_first() -> None:
    given = advise(with_concern(Concern.ACNE, 80), RULES)
    assert [one.see_doctor for one in given] == [True, False]


def test_a_judged_skin_type_leads_to_its_advice() -> None:
    found = replace(build_findings(), skin_type=TypeFinding(SkinType.OILY, 0.8))
    assert "type_oily" in {one.code for one in advise(found, RULES)}


@pytest.mark.parametrize(
    "entries",
    [
        [{"code": "a", "text": "t", "because": "b"}],
        [{"code": "a", "text": "t", "because": "b", "concern": "acne"}],
        [{"code": "a", "text": "t", "because": "b", "concern": "beauty", "severities": ["mild"]}],
        [{"code": "a", "text": "t", "because": "b", "monk": [1], "skin_type": "oily"}],
        [{"code": "a", "text": "t", "because": "b", "monk": [1]}] * 2,
    ],
)
def test_a_rule_that_follows_from_nothing_or_is_ambiguous_is_refused(entries: list[dict[str, object]]) -> None:
    with pytest.raises(ValueError):
        parse_rules(entries)


@pytest.mark.parametrize(
    ("score", "severity"),
    [(0, "none"), (1, "mild"), (30, "mild"), (31, "moderate"), (60, "moderate"), (61, "severe"), (100, "severe")],
)
def test_severity_bands_are_where_the_vocabulary_puts_them(score: int, severity: str) -> None:
    assert Severity.of_score(score) == severity


@pytest.mark.parametrize("score", [-1, 101])
def test_a_score_outside_0_to_100_has_no_severity(score: int) -> None:
    with pytest.raises(ValueError):
        Severity.of_score(score)
