"""What a scan speaks about: skin types, concerns, severities, and the zones each concern is judged in."""

from enum import StrEnum

from skin.core.zones import Zone


class SkinType(StrEnum):
    """Apparent skin type, after the everyday cosmetic classes."""

    OILY = "oily"
    DRY = "dry"
    NORMAL = "normal"
    COMBINATION = "combination"
    SENSITIVE = "sensitive"


class Concern(StrEnum):
    """Visible skin concerns; a higher score is always more of it."""

    ACNE = "acne"
    REDNESS = "redness"
    DARK_SPOTS = "dark_spots"
    TEXTURE = "texture"
    PORES = "pores"
    WRINKLES = "wrinkles"
    DARK_CIRCLES = "dark_circles"
    EYE_BAGS = "eye_bags"
    DRYNESS = "dryness"
    OILINESS = "oiliness"


class Severity(StrEnum):
    """Bands of a 0-100 score: 0, 1-30, 31-60, 61-100."""

    NONE = "none"
    MILD = "mild"
    MODERATE = "moderate"
    SEVERE = "severe"

    @classmethod
    def of_score(cls, score: int) -> "Severity":
        if not 0 <= score <= 100:
            raise ValueError(f"score {score} is outside 0-100")
        if score == 0:
            return cls.NONE
        if score <= 30:
            return cls.MILD
        return cls.MODERATE if score <= 60 else cls.SEVERE


CHEEKS = (Zone.CHEEK_LEFT, Zone.CHEEK_RIGHT)
PERIORBITAL = (Zone.PERIORBITAL_LEFT, Zone.PERIORBITAL_RIGHT)
OPEN_SKIN = (Zone.FOREHEAD, *CHEEKS, Zone.NOSE, Zone.CHIN)

ZONES_OF: dict[Concern, tuple[Zone, ...]] = {
    Concern.ACNE: (*OPEN_SKIN, Zone.PERIORAL),
    Concern.REDNESS: (*CHEEKS, Zone.NOSE, Zone.CHIN),
    Concern.DARK_SPOTS: OPEN_SKIN,
    Concern.TEXTURE: OPEN_SKIN,
    Concern.PORES: (Zone.NOSE, *CHEEKS),
    Concern.WRINKLES: (Zone.FOREHEAD, Zone.GLABELLA, *PERIORBITAL, Zone.PERIORAL),
    Concern.DARK_CIRCLES: PERIORBITAL,
    Concern.EYE_BAGS: PERIORBITAL,
    Concern.DRYNESS: (*OPEN_SKIN, Zone.PERIORAL),
    Concern.OILINESS: (Zone.FOREHEAD, Zone.NOSE, *CHEEKS, Zone.CHIN),
}
