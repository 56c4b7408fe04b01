"""One photo to its findings."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

import numpy as np
import yaml
from numpy.typing import NDArray

from skin.core.concerns import OPEN_SKIN, Concern
from skin.core.cover import GLASSES, HAND, hidden_zones, hides, uncover
from skin.core.findings import ConcernFinding, Findings, NotJudged, ToneFinding, TypeFinding
from skin.core.tone import JudgedColour, MonkScale, is_grey, judge_tone
from skin.core.zones import Zone
from skin.inference.classifier import Classifier, Prediction
from skin.vision.alignment import AlignedFace, align
from skin.vision.colour import SkinColour, lab_of, skin_colour
from skin.vision.coverage import HandCover, judge_hands
from skin.vision.glasses import GlassesScale
from skin.vision.illuminant import Light, LightScale, estimate_light, in_neutral_light, in_white_light, ita_sd_deg
from skin.vision.landmarks import Face, Landmarker
from skin.vision.quality import judge_quality, only_face, refuse_rejected
from skin.vision.references import Voice, listen
from skin.vision.sharpness import align_at_one_sharpness

# Raised with every change that can change a result.
PIPELINE_VERSION = "9"

# What a black-and-white photo hides.
COLOUR_CONCERNS = frozenset({Concern.ACNE, Concern.REDNESS, Concern.DARK_SPOTS, Concern.DARK_CIRCLES})

# The smallest face whose texture can be judged; of a smaller one the network is heard for its tone alone.
DETAIL_WIDTH_PX = 256

SCALES = Path(__file__).parents[2] / "data" / "scales"


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """The findings, and where in the photo they were made."""

    findings: Findings
    face: Face
    aligned: AlignedFace
    maps: Mapping[Concern, NDArray[np.float32]]
    hands: HandCover = field(default_factory=HandCover)


class Analyser:
    """Finds the face in a photo, judges whether the photo is fit, and what it tells; may be called from any thread."""

    def __init__(
        self, landmarker: Landmarker, classifier: Classifier | None = None, *, monk_scale: MonkScale | None = None
    ) -> None:
        self._landmarker = landmarker
        self._classifier = classifier
        self._monk_scale = monk_scale or load_monk_scale(SCALES / "monk.yaml")
        self._light_scale = load_light_scale(SCALES / "light.yaml")
        self._glasses_scale = load_glasses_scale(SCALES / "glasses.yaml")

    def analyse(self, rgb: NDArray[np.uint8], *, hands: HandCover | None = None) -> Analysis:
        """Findings for a photo (H, W, 3) as `images.decode` gives it; raises Rejected with the reason why not.

        `hands` are those of an earlier frame of the same burst, which spares the look for them (19 ms).
        """
        clock = _Clock()
        face = only_face(self._landmarker.detect(rgb))
        clock.lap("detect")
        aligned = align(rgb, face)
        clock.lap("align")
        steady = align_at_one_sharpness(rgb, face, self._landmarker)
        colour = skin_colour(steady.crop_rgb, steady.zone_masks)
        light = self._light(rgb, steady, colour)
        clock.lap("tone")
        hands = hands or judge_hands(aligned, self._landmarker.find_hands(rgb, face))
        covers = {GLASSES: self._glasses_scale.likelihood(aligned), HAND: hands.share}
        checks = judge_quality(rgb, face, aligned, light=light, covers=covers)
        refuse_rejected(checks)
        hidden = hidden_zones(checks) | hands.zones
        clock.lap("quality")
        prediction = self._predict(aligned, light)
        detailed = prediction if face.width_px >= DETAIL_WIDTH_PX else None
        clock.lap("classify")
        card = self._classifier.card if self._classifier else None
        concerns = self._concerns(detailed, hides_colour=colour is None or is_grey(colour.lab))
        findings = Findings(
            skin_type=self._skin_type(detailed, hidden),
            tone=self._tone(None if hides(hidden, OPEN_SKIN) else colour, light, prediction),
            concerns=tuple(uncover(one, hidden) for one in concerns),
            quality=checks,
            face_box_xyxy_norm=_box_norm(face, rgb),
            model_name=card.name if card else "none",
            model_version=card.tag if card else "none",
            pipeline_version=PIPELINE_VERSION,
            timing_ms=clock.laps_ms,
            face_matrix_norm=aligned.matrix_norm((rgb.shape[1], rgb.shape[0])),
            zone_outlines_norm=aligned.zone_outlines_norm(),
        )
        return Analysis(findings, face, aligned, detailed.maps if detailed else {}, hands)

    def _light(self, rgb: NDArray[np.uint8], aligned: AlignedFace, colour: SkinColour | None) -> Light | None:
        return None if colour is None else estimate_light(listen(rgb, aligned, colour.linear), self._light_scale)

    def _tone(self, colour: SkinColour | None, light: Light | None, prediction: Prediction | None) -> ToneFinding:
        if colour is None or light is None:
            return ToneFinding(not_judged=NotJudged.ZONE_HIDDEN)
        exposure, warmth, tint = (float(one) for one in light.mean)
        judged = JudgedColour(
            seen_lab=colour.lab,
            lab=lab_of(in_white_light(colour.linear, light)),
            light=(exposure, warmth, tint),
            ita_sd_deg=ita_sd_deg(colour.linear, light),
            clipped_share=colour.clipped_share,
        )
        return judge_tone(judged, self._monk_scale, network=prediction.monk if prediction else ())

    def _predict(self, aligned: AlignedFace, light: Light | None) -> Prediction | None:
        if self._classifier is None:
            return None
        if light is not None and self._classifier.card.light == "neutral":
            aligned = in_neutral_light(aligned, light.mean)
        return self._classifier.predict(aligned)

    def _why_missing(self, prediction: Prediction | None) -> NotJudged:
        small = self._classifier is not None and prediction is None
        return NotJudged.RESOLUTION if small else NotJudged.NO_VALIDATED_MODEL

    def _skin_type(self, prediction: Prediction | None, hidden: Collection[Zone]) -> TypeFinding:
        found = prediction.skin_type if prediction else None
        if found and hides(hidden, OPEN_SKIN):
            return TypeFinding(not_judged=NotJudged.ZONE_HIDDEN)
        return found or TypeFinding(not_judged=self._why_missing(prediction))

    def _concerns(self, prediction: Prediction | None, *, hides_colour: bool) -> tuple[ConcernFinding, ...]:
        found: Mapping[Concern, ConcernFinding] = prediction.concerns if prediction else {}
        missing = self._why_missing(prediction)
        return tuple(
            ConcernFinding(concern, not_judged=NotJudged.LIGHT)
            if hides_colour and concern in COLOUR_CONCERNS
            else found.get(concern, ConcernFinding(concern, not_judged=missing))
            for concern in Concern
        )


def load_monk_scale(path: Path) -> MonkScale:
    """The fitted model of data/scales/monk.yaml."""
    fitted = yaml.safe_load(path.read_text(encoding="utf-8"))
    numbers = {name: fitted[name] for name in ("ita_sd_deg", "light_factor", "widest_interval_deg", "voice_weights")}
    return MonkScale(fitted["slope_per_deg"], tuple(fitted["thresholds"]), **numbers)


def load_light_scale(path: Path) -> LightScale:
    """The fitted voices of data/scales/light.yaml."""
    fitted = yaml.safe_load(path.read_text(encoding="utf-8"))
    voices = tuple(Voice(name) for name in fitted["voices"])
    exposure, warmth, tint = fitted["light_sd"]
    return LightScale(voices, np.array(fitted["offsets"]), np.array(fitted["noise"]), (exposure, warmth, tint))


def load_glasses_scale(path: Path) -> GlassesScale:
    """The fitted regression of data/scales/glasses.yaml."""
    fitted = yaml.safe_load(path.read_text(encoding="utf-8"))
    return GlassesScale(fitted["intercept"], fitted["weights"])


def _box_norm(face: Face, rgb: NDArray[np.uint8]) -> tuple[float, float, float, float]:
    height, width = rgb.shape[:2]
    left, top, right, bottom = face.box_xyxy_px
    return (
        min(max(left / width, 0.0), 1.0),
        min(max(top / height, 0.0), 1.0),
        min(max(right / width, 0.0), 1.0),
        min(max(bottom / height, 0.0), 1.0),
    )


class _Clock:
    def __init__(self) -> None:
        self.laps_ms: dict[str, float] = {}
        self._last = perf_counter()

    def lap(self, stage: str) -> None:
        now = perf_counter()
        self.laps_ms[stage] = round((now - self._last) * 1000, 2)
        self._last = now
