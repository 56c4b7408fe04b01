"""Recommendations from a result. The rules are data (`data/advice/*.yaml`); this is how they are read and applied."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from skin.core.concerns import Concern, Severity, SkinType
from skin.core.findings import ConcernFinding, Findings
from skin.core.zones import ZONE_NAMES

WHOLE_FACE = "the face"  # where no zone stands out


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One piece of advice, with the finding it follows from."""

    code: str
    text: str
    reason: str
    see_doctor: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """Advice for a concern of some severities, for a skin type, or for a range of Monk tones.

    `because` is the reason with places for {severity}, {score} and {zones} (concern) or {monk} (tone).
    """

    code: str
    text: str
    because: str
    concern: Concern | None = None
    severities: tuple[Severity, ...] = ()
    skin_type: SkinType | None = None
    monk: tuple[int, ...] = ()
    see_doctor: bool = False


def parse_rules(entries: Iterable[Mapping[str, Any]]) -> tuple[Rule, ...]:
    """Rules from their YAML form; ValueError or TypeError for a name that does not exist."""
    rules = tuple(_parse(dict(entry)) for entry in entries)
    codes = [rule.code for rule in rules]
    if len(set(codes)) != len(codes):
        raise ValueError(f"advice codes must be unique: {sorted(codes)}")
    return rules


def advise(findings: Findings, rules: Sequence[Rule]) -> tuple[Recommendation, ...]:
    """What to recommend, advice to see a doctor first; what was not judged leads to no advice."""
    given = [
        Recommendation(rule.code, rule.text, reason, rule.see_doctor)
        for rule in rules
        if (reason := _reason(rule, findings)) is not None
    ]
    return tuple(sorted(given, key=lambda one: not one.see_doctor))


def _parse(entry: dict[str, Any]) -> Rule:
    if "concern" in entry:
        entry["concern"] = Concern(entry["concern"])
    if "skin_type" in entry:
        entry["skin_type"] = SkinType(entry["skin_type"])
    entry["severities"] = tuple(Severity(name) for name in entry.get("severities", ()))
    entry["monk"] = tuple(entry.get("monk", ()))
    rule = Rule(**entry)
    if sum((bool(rule.concern and rule.severities), bool(rule.skin_type), bool(rule.monk))) != 1:
        raise ValueError(f"advice {rule.code} must follow from exactly one of concern, skin_type and monk")
    return rule


def _reason(rule: Rule, findings: Findings) -> str | None:
    if rule.concern is not None:
        found = next(one for one in findings.concerns if one.concern is rule.concern)
        return _concern_reason(rule, found)
    if rule.skin_type is not None:
        return rule.because if findings.skin_type.value is rule.skin_type else None
    tone = findings.tone.monk
    return rule.because.format(monk=tone) if tone in rule.monk else None


def _concern_reason(rule: Rule, found: ConcernFinding) -> str | None:
    if found.severity not in rule.severities:
        return None
    zones = ", ".join(ZONE_NAMES[zone] for zone in found.zones) or WHOLE_FACE
    return rule.because.format(severity=found.severity.value, score=found.score, zones=zones)
