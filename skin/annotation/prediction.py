"""What the machine found, as a label: the suggestion of assisted projects."""

from math import log
from typing import Any

from skin.annotation.labels import ConcernLabel, Label
from skin.core.concerns import Concern, Severity
from skin.core.findings import Findings

GRADES = {severity: grade for grade, severity in enumerate(Severity)}


def build_prediction(findings: Findings, mapped: list[Concern]) -> dict[str, Any]:
    """The stored form: `label`, `model`, the `maps` there are, and `uncertainty` from 0 (sure) to 1."""
    label = Label(
        skin_type=findings.skin_type.value,
        monk=findings.tone.monk,
        concerns={
            found.concern: ConcernLabel(grade=GRADES[found.severity], zones=found.zones)
            for found in findings.concerns
            if found.severity is not None
        },
    )
    return {
        "label": label.model_dump(mode="json"),
        "model": f"{findings.model_name}.{findings.model_version}",
        "maps": sorted(concern.value for concern in mapped),
        "uncertainty": measure_uncertainty(findings),
    }


def measure_uncertainty(findings: Findings) -> float:
    """Mean normalised entropy of what was judged, 1 where nothing was."""
    spreads = [
        _entropy(list(findings.skin_type.probabilities.values())),
        _entropy(list(findings.tone.monk_probabilities)),
        *(_entropy([one.confidence, 1 - one.confidence]) for one in findings.concerns if one.confidence is not None),
    ]
    known = [one for one in spreads if one is not None]
    return round(sum(known) / len(known), 4) if known else 1.0


def _entropy(shares: list[float]) -> float | None:
    """Shannon entropy in shares of the largest possible; None of less than two shares."""
    if len(shares) < 2:
        return None
    return -sum(share * log(share) for share in shares if share > 0) / log(len(shares))
