"""What each head must reach on real people it never saw before it may be shown, and how good its evidence is."""

from collections.abc import Mapping
from typing import Literal

from skin.core.concerns import Concern
from skin.training.scores import Figure

Evidence = Literal["good", "fair", "weak", "none"]
# Spearman with the raters' mean, for skin type Cohen's kappa; set by the project before the model was measured.
BARS: Mapping[str, float] = {
    "monk": 0.90,
    Concern.REDNESS: 0.75,
    Concern.DARK_SPOTS: 0.70,
    Concern.WRINKLES: 0.75,
    Concern.OILINESS: 0.70,
    Concern.ACNE: 0.55,
    Concern.EYE_BAGS: 0.50,
    Concern.DARK_CIRCLES: 0.55,
    Concern.TEXTURE: 0.50,
    Concern.PORES: 0.40,
    "skin_type": 0.40,
}
MONK_WITHIN_ONE = 0.95
# Spearman that the corrected ITA alone reached on the same people: a Monk head that ranks better is heard in the tone.
COLOUR_ALONE = 0.84
GOOD_SPEARMAN = 0.70


def measure_of(name: str) -> str:
    """Which measure a field's bar is about."""
    return "kappa" if name == "skin_type" else "spearman"


def passes(name: str, measured: Mapping[str, Figure]) -> bool:
    """Whether a head reached its bar; dryness has none, because photos hardly show it."""
    if name not in BARS or measure_of(name) not in measured:
        return False
    reached = measured[measure_of(name)].value >= BARS[name]
    return bool(reached and (name != "monk" or measured["within_one"].value >= MONK_WITHIN_ONE))


def is_voice(name: str, measured: Mapping[str, Figure]) -> bool:
    """Whether a head is heard beside colour in the tone."""
    return name == "monk" and "spearman" in measured and measured["spearman"].value > COLOUR_ALONE


def evidence_of(name: str, measured: Mapping[str, Figure]) -> Evidence:
    """Good, fair or weak by what was measured; none below the bar."""
    if not passes(name, measured):
        return "none"
    figure = measured[measure_of(name)]
    if figure.value >= GOOD_SPEARMAN and figure.low >= 0.5:
        return "good"
    return "fair" if figure.low >= 0.3 else "weak"
