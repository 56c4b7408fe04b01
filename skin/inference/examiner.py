"""One stored photo from bytes to everything a scan keeps: findings, advice, and the drawn overlay."""

from collections.abc import Sequence
from dataclasses import dataclass

from skin.core.advice import Recommendation, Rule, advise
from skin.core.findings import Findings
from skin.inference.classifier import Classifier
from skin.inference.pipeline import Analyser
from skin.vision.images import decode, encode
from skin.vision.landmarks import Landmarker
from skin.vision.overlay import draw


@dataclass(frozen=True, slots=True)
class Examination:
    """`overlay` is a JPEG of the photo with face and zones drawn on it."""

    findings: Findings
    advice: tuple[Recommendation, ...]
    overlay: bytes


class PhotoExaminer:
    """Examines photos; safe to call from several threads."""

    def __init__(self, landmarker: Landmarker, classifier: Classifier | None, rules: Sequence[Rule]) -> None:
        self._landmarker = landmarker
        self._analyser = Analyser(landmarker, classifier)
        self._rules = tuple(rules)

    def __call__(self, photo: bytes) -> Examination:
        """Raises SkinError (Rejected) when the photo allows no honest result."""
        rgb = decode(photo)
        analysis = self._analyser.analyse(rgb)
        return Examination(
            findings=analysis.findings,
            advice=advise(analysis.findings, self._rules),
            overlay=encode(draw(rgb, analysis)),
        )

    def close(self) -> None:
        self._landmarker.close()


def prepare_photo(upload: bytes, *, max_bytes: int, max_pixels: int) -> bytes:
    """An upload as it is stored: upright, sRGB, at most 2,560 px long, without metadata; InvalidInput if unusable."""
    return encode(decode(upload, max_bytes=max_bytes, max_pixels=max_pixels))
