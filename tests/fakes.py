"""Fakes of slow parts; each passes the contract tests of the real thing (tests/integration/test_contracts.py)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from skin.config import Settings
from skin.core.advice import Recommendation
from skin.core.concerns import Concern
from skin.core.findings import (
    ConcernFinding,
    Findings,
    NotJudged,
    Outcome,
    QualityCheck,
    ToneFinding,
    TypeFinding,
)
from skin.errors import Code, error
from skin.vision.images import decode


@dataclass(frozen=True)
class FakeExamination:
    findings: Findings
    advice: tuple[Recommendation, ...]
    overlay: bytes
    face: bytes
    maps: Mapping[Concern, bytes]


class FakeExaminer:
    """Tells the mean of the photo's green channel as its ITA, so that a mixed-up result shows; refuses black photos."""

    def __call__(self, photos: Sequence[bytes]) -> FakeExamination:
        photo = photos[0]
        green = float(decode(photo)[..., 1].mean())
        if green < 1:
            raise error(Code.NO_FACE)
        return FakeExamination(build_findings(ita_deg=round(green, 2)), (), overlay=photo, face=photo, maps={})

    def close(self) -> None:
        """Holds nothing."""


def build_fake_examiner(_: Settings) -> FakeExaminer:
    return FakeExaminer()


def build_findings(*, ita_deg: float = 38.5, monk: int = 4) -> Findings:
    return Findings(
        skin_type=TypeFinding(not_judged=NotJudged.NO_VALIDATED_MODEL),
        tone=ToneFinding(
            ita_deg=ita_deg,
            ita_interval_deg=(ita_deg - 5, ita_deg + 5),
            ita_class="intermediate",
            monk=monk,
            monk_probabilities=tuple(float(step == monk) for step in range(1, 11)),
            fitzpatrick_estimate=3,
            confidence=0.6,
        ),
        concerns=tuple(ConcernFinding(concern, not_judged=NotJudged.NO_VALIDATED_MODEL) for concern in Concern),
        quality=(QualityCheck("face_width_px", 300.0, Outcome.GOOD),),
        face_box_xyxy_norm=(0.2, 0.2, 0.8, 0.8),
        model_name="fake",
        model_version="0",
        pipeline_version="0",
        timing_ms={"total": 1.0},
        face_matrix_norm=(1, 0, 0, 0, 1, 0),  # the fake's face is its photo
    )
