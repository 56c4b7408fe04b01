"""Plain words for what a result says; nothing here judges a person or promises more than was measured."""

from collections.abc import Sequence

from skin.core.concerns import Concern, Severity, SkinType
from skin.core.findings import Outcome
from skin.core.zones import Zone
from skin.scans.tables import ScanState

# Monk Skin Tone 1-10 as published (Ellis Monk and Google, 2022, skintone.google, CC BY 4.0).
MONK_COLOURS: Sequence[str] = (
    "#f6ede4", "#f3e7db", "#f7ead0", "#eadaba", "#d7bd96", "#a07e56", "#825c43", "#604134", "#3a312a", "#292420",
)  # fmt: skip

CONCERNS: dict[Concern, tuple[str, str]] = {
    Concern.ACNE: ("Acne", "Pimples and clogged pores"),
    Concern.REDNESS: ("Redness", "Skin that looks pink or red"),
    Concern.DARK_SPOTS: ("Dark spots", "Patches darker than the skin around them"),
    Concern.TEXTURE: ("Texture", "Small bumps and unevenness"),
    Concern.PORES: ("Pores", "Openings large enough to be seen"),
    Concern.WRINKLES: ("Lines", "Fine lines and wrinkles"),
    Concern.DARK_CIRCLES: ("Dark circles", "Darker skin below the eyes"),
    Concern.EYE_BAGS: ("Eye bags", "Fullness below the eyes"),
    Concern.DRYNESS: ("Dryness", "Flaking or dull, rough skin"),
    Concern.OILINESS: ("Shine", "Light mirrored by oil on the skin"),
}
SEVERITIES: dict[Severity, str] = {
    Severity.NONE: "None seen",
    Severity.MILD: "Mild",
    Severity.MODERATE: "Moderate",
    Severity.SEVERE: "Severe",
}
SKIN_TYPES: dict[SkinType, tuple[str, str]] = {
    SkinType.OILY: ("Oily", "Shine over most of the face."),
    SkinType.DRY: ("Dry", "Little shine, and some roughness."),
    SkinType.NORMAL: ("Normal", "Balanced, without much shine or roughness."),
    SkinType.COMBINATION: ("Combination", "Shine on forehead and nose, less on the cheeks."),
    SkinType.SENSITIVE: ("Sensitive", "Looks easily irritated."),
}
ZONES: dict[Zone, str] = {
    Zone.FOREHEAD: "forehead",
    Zone.GLABELLA: "between the brows",
    Zone.PERIORBITAL_LEFT: "below the left eye",
    Zone.PERIORBITAL_RIGHT: "below the right eye",
    Zone.NOSE: "nose",
    Zone.CHEEK_LEFT: "left cheek",
    Zone.CHEEK_RIGHT: "right cheek",
    Zone.PERIORAL: "around the mouth",
    Zone.CHIN: "chin",
}
DELETED = "The scan was deleted. You can undo it for ten minutes."
RESTORED = "The scan is back."
ERASED = "The scan was erased for good."
CHOICE_SAVED = "Your choice was saved."
CONSENT_GIVEN = "Your yes was saved. You can take it back at any time."
CONSENT_TAKEN_BACK = "Your yes was taken back."
OUTCOMES: dict[Outcome, str] = {Outcome.GOOD: "Good", Outcome.USABLE: "Could be better", Outcome.REJECT: "Too far off"}
STATES: dict[ScanState, str] = {
    ScanState.PENDING: "Never got its photo",
    ScanState.PROCESSING: "Still being worked on",
    ScanState.COMPLETED: "Done",
    ScanState.FAILED: "No result",
}
# After nhs.uk (melanoma, non-melanoma skin cancer, cellulitis).
SEE_DOCTOR: Sequence[str] = (
    "A mole or spot is new, or changes its size, shape or colour.",
    "Something hurts, itches, bleeds or weeps, and does not settle.",
    "A sore has not healed after four weeks.",
    "Redness spreads, feels hot, or comes with a fever: see one today.",
)
CHECKS: dict[str, str] = {
    "outside_frame_share": "Face outside the picture",
    "yaw_deg": "Turned to the side",
    "pitch_deg": "Turned up or down",
    "roll_deg": "Head tilted",
    "face_width_px": "Width of the face",
    "blur_px": "Blur",
    "brightest_lightness": "Light on the skin",
    "lost_in_dark_share": "Skin lost in shadow",
    "burnt_out_share": "Skin burnt out",
    "clipped_share": "Colour cut off by too much light",
    "light_difference_stops": "Difference of light, left to right",
    "light_colour_stops": "Colour cast of the light",
    "skin_chroma": "Strength of the skin's colour",
    "frame_margin_share": "Space around the face",
    "eyes_covered_share": "Eye area covered",
    "forehead_covered_share": "Forehead covered",
    "eye_opening": "Opening of the eyes",
    "mouth_opening": "Opening of the mouth",
    "mouth_width": "Width of the mouth",
    "measured_by": "Version of the app",
}
_UNITS: dict[str, str] = {
    "share": "{:.1%}",
    "deg": "{:.0f}°",
    "px": "{:.1f} px",
    "stops": "{:.1f} stops",
    "opening": "{:.2f}",
    "width": "{:.2f}",
}


def name_check(name: str) -> str:
    """A capture check in words; one that is not known yet keeps its own name."""
    return CHECKS.get(name, name.replace("_", " ").capitalize())


def show_value(name: str, value: float) -> str:
    """A measured value with the unit that ends its name."""
    form = _UNITS.get(name.rpartition("_")[2], "{:.1f}")
    return form.format(value + 0.0).replace(".0 px", " px").replace(".0%", "%")


def say_how_sure(confidence: float) -> str:
    """A probability in words, never without its number."""
    if confidence >= 0.85:
        word = "very sure"
    elif confidence >= 0.65:
        word = "fairly sure"
    else:
        word = "not very sure" if confidence < 0.4 else "somewhat sure"
    return f"{word}, {confidence:.0%}"


def say_give_or_take(standard_error: float, unit: str = "") -> str:
    """How far the pictures of one scan left the value open."""
    if standard_error < 0.05:
        return "steady"
    return f"give or take {f'{standard_error:.1f}'.removesuffix('.0')}{unit}"


def say_hours(hours: float) -> str:
    """A length of time: days where they come out even, except for a single one."""
    if hours > 24 and hours % 24 == 0:
        return f"{hours / 24:g} days"
    return "1 hour" if hours == 1 else f"{hours:g} hours"


def say_kept(hours: float) -> str:
    """Until when a photo is kept."""
    if hours == 0:
        return "erased within a minute of the result"
    return f"each is erased {say_hours(hours)} after it was taken"


def say_choice(hours: float, *, is_service: bool) -> str:
    """One way to keep photos, as a person may choose it."""
    said = "Only until the result is there" if hours == 0 else f"{say_hours(hours)} after the scan"
    return f"{said} (what this service does unless you choose)" if is_service else said


def say_zones(zones: Sequence[Zone]) -> str:
    return ", ".join(ZONES[zone] for zone in zones)
