"""Plain words for what a result says; nothing here judges a person or promises more than was measured."""

from collections.abc import Sequence
from typing import Any

from skin.core.advice import WHOLE_FACE, Rule
from skin.core.concerns import Concern, Severity, SkinType
from skin.core.findings import Outcome
from skin.core.zones import ZONE_NAMES, Zone
from skin.scans.schemas import RecommendationView, ScanResultResponse
from skin.scans.tables import ScanState
from skin.ui.formats import show_number, show_share
from skin.ui.languages import gettext, ngettext

# Monk Skin Tone 1-10 as published (Ellis Monk and Google, 2022, skintone.google, CC BY 4.0).
MONK_COLOURS: Sequence[str] = (
    "#f6ede4", "#f3e7db", "#f7ead0", "#eadaba", "#d7bd96", "#a07e56", "#825c43", "#604134", "#3a312a", "#292420",
)  # fmt: skip

# Of Gradio's own components: tabs and buttons that are not part of our HTML.
LABELS: dict[str, str] = {
    "scan": "Scan",
    "history": "History",
    "account": "My data",
    "scan_again": "Scan again",
    "back_to_history": "Back to history",
}
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
ZONES = ZONE_NAMES
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
    "lower_face_covered_share": "Nose and mouth covered",
    "glasses_likelihood": "Glasses",
    "hand_share": "Hand over the face",
    "eyes_covered_share": "Eye area covered",
    "forehead_covered_share": "Forehead covered",
    "eye_opening": "Opening of the eyes",
    "mouth_opening": "Opening of the mouth",
    "mouth_width": "Width of the mouth",
    "measured_by": "Version of the app",
}
_UNITS: dict[str, tuple[str, int, int]] = {
    "deg": ("%(number)s°", 0, 0),
    "px": ("%(number)s px", 1, 0),
    "stops": ("%(number)s stops", 1, 1),
    "opening": ("%(number)s", 2, 2),
    "width": ("%(number)s", 2, 2),
}  # how it is written, and with how many decimals at most and at least


def name_check(name: str) -> str:
    """A capture check in words; one that is not known yet keeps its own name."""
    known = CHECKS.get(name)
    return gettext(known) if known else name.replace("_", " ").capitalize()


def show_value(name: str, value: float) -> str:
    """A measured value with the unit that ends its name."""
    unit = name.rpartition("_")[2]
    if unit in ("share", "likelihood"):
        return show_share(value, digits=1)
    form, most, least = _UNITS.get(unit, ("%(number)s", 1, 1))
    return gettext(form) % {"number": show_number(value, digits=most, least=least)}


def say_how_sure(confidence: float) -> str:
    """A probability in words, never without its number."""
    if confidence >= 0.85:
        form = gettext("very sure, %(share)s")
    elif confidence >= 0.65:
        form = gettext("fairly sure, %(share)s")
    elif confidence >= 0.4:
        form = gettext("somewhat sure, %(share)s")
    else:
        form = gettext("not very sure, %(share)s")
    return form % {"share": show_share(confidence)}


def say_give_or_take(standard_error: float, unit: str = "") -> str:
    """How far the pictures of one scan left the value open."""
    if standard_error < 0.05:
        return gettext("steady")
    return gettext("give or take %(value)s") % {"value": show_number(standard_error, digits=1, least=0) + unit}


def say_hours(hours: float) -> str:
    """A length of time: days where they come out even, except for a single one."""
    if hours > 24 and hours % 24 == 0:
        number = hours / 24
        form = ngettext("%(number)s day", "%(number)s days", int(number))
    else:
        number = hours
        form = ngettext("%(number)s hour", "%(number)s hours", 1 if hours == 1 else 2)
    return form % {"number": show_number(number, digits=2, least=0)}


def say_kept(hours: float) -> str:
    """Until when a photo is kept."""
    if hours == 0:
        return gettext("erased within a minute of the result")
    return gettext("each is erased %(time)s after it was taken") % {"time": say_hours(hours)}


def say_choice(hours: float, *, is_service: bool) -> str:
    """One way to keep photos, as a person may choose it."""
    if hours == 0:
        said = gettext("Only until the result is there")
    else:
        said = gettext("%(time)s after the scan") % {"time": say_hours(hours)}
    return gettext("%(choice)s (what this service does unless you choose)") % {"choice": said} if is_service else said


def say_zones(zones: Sequence[Zone]) -> str:
    return ", ".join(gettext(ZONES[zone]) for zone in zones)


def say_reason(given: RecommendationView, result: ScanResultResponse, rules: Sequence[Rule]) -> str:
    """Why this advice was given, said anew from the finding; as it was said then if the rule is gone or has changed."""
    rule = next((one for one in rules if one.code == given.code), None)
    if rule is None:
        return given.reason
    found = next((one for one in result.concerns if one.name is rule.concern), None)
    values: dict[str, Any] = {"monk": result.skin_tone.monk}
    if found is not None and found.severity is not None:
        values["severity"] = gettext(SEVERITIES[found.severity]).lower()
        values["score"] = found.score
        values["zones"] = say_zones(found.zones) or gettext(WHOLE_FACE)
    elif rule.concern is not None:
        return given.reason
    return gettext(rule.because).format(**values)
