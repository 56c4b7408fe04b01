"""What one photo told: judged values, and what could not be judged and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from skin.core.concerns import Concern, Severity, SkinType
from skin.core.zones import Zone


class NotJudged(StrEnum):
    """Why a field has no value."""

    NO_VALIDATED_MODEL = "no_validated_model"
    LIGHT = "light"
    ZONE_HIDDEN = "zone_hidden"
    RESOLUTION = "resolution"
    UNCERTAIN = "uncertain"


NOT_JUDGED_REASONS: dict[NotJudged, str] = {
    NotJudged.NO_VALIDATED_MODEL: "No network here has passed its test on this, so nothing is shown.",
    NotJudged.LIGHT: "The light in this photo hides the true colour: try daylight from the front.",
    NotJudged.ZONE_HIDDEN: "The part of the face where this shows is hidden: show it if you can.",
    NotJudged.RESOLUTION: "The face is too small in this photo for fine detail: move closer or use a larger photo.",
    NotJudged.UNCERTAIN: "This photo allows no answer that is sure enough: try again closer and in even light.",
}


class Outcome(StrEnum):
    """What a capture check says of the photo."""

    GOOD = "good"
    USABLE = "usable"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class QualityCheck:
    """One measured property of the photo; `hint` is a sentence of help unless the outcome is good."""

    name: str
    value: float
    outcome: Outcome
    hint: str = ""


@dataclass(frozen=True, slots=True)
class TypeFinding:
    """Apparent skin type; `probabilities` sum to 1 over the types the network was trained for."""

    value: SkinType | None = None
    confidence: float | None = None
    probabilities: Mapping[SkinType, float] = field(default_factory=dict)
    not_judged: NotJudged | None = None


@dataclass(frozen=True, slots=True)
class ToneFinding:
    """Skin colour: ITA in degrees with a 95 % interval, and Monk Skin Tone 1-10 as a distribution.

    `ita_se_deg` is the standard error within a burst of frames; a single photo has none.

    `fitzpatrick_estimate` (1-6) is read off the ITA and is an estimate only: Fitzpatrick is
    defined by reaction to sun, which no photo shows.
    """

    ita_deg: float | None = None
    ita_interval_deg: tuple[float, float] | None = None
    ita_se_deg: float | None = None
    ita_class: str | None = None
    monk: int | None = None
    monk_probabilities: tuple[float, ...] = ()
    fitzpatrick_estimate: int | None = None
    confidence: float | None = None
    not_judged: NotJudged | None = None


@dataclass(frozen=True, slots=True)
class ConcernFinding:
    """One concern: score 0-100 (higher = more of it), confidence 0-1, zones where it shows.

    `score_se` is the standard error within a burst of frames; a single photo has none.
    """

    concern: Concern
    score: int | None = None
    confidence: float | None = None
    zones: tuple[Zone, ...] = ()
    score_se: float | None = None
    not_judged: NotJudged | None = None

    @property
    def severity(self) -> Severity | None:
        return None if self.score is None else Severity.of_score(self.score)


@dataclass(frozen=True, slots=True)
class Findings:
    """All that is known of one photo, with what it was measured by.

    `face_box_xyxy_norm` is relative to the upright photo (0-1); `timing_ms` names each stage. `face_matrix_norm`, two
    rows of three, takes a place in the photo (0-1) to its place in the aligned picture of the face (0-1), in which
    `zone_outlines_norm` has the corners of every zone.
    """

    skin_type: TypeFinding
    tone: ToneFinding
    concerns: tuple[ConcernFinding, ...]
    quality: tuple[QualityCheck, ...]
    face_box_xyxy_norm: tuple[float, float, float, float]
    model_name: str
    model_version: str
    pipeline_version: str
    timing_ms: Mapping[str, float]
    face_matrix_norm: tuple[float, float, float, float, float, float] | None = None
    zone_outlines_norm: Mapping[Zone, tuple[tuple[float, float], ...]] = field(default_factory=dict)
