"""One stored photo from bytes to everything a scan keeps: findings, advice, and the drawn overlay."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skin.core.advice import Recommendation, Rule, advise
from skin.core.change import combine_burst
from skin.core.concerns import Concern
from skin.core.findings import Findings
from skin.errors import Rejected
from skin.inference.classifier import Classifier
from skin.inference.pipeline import Analyser, Analysis
from skin.vision.alignment import align
from skin.vision.heatmap import draw_map
from skin.vision.images import decode, encode
from skin.vision.landmarks import Landmarker
from skin.vision.overlay import draw

FACE_PX = 1024  # what a large photo holds of a face; people compare and annotate on it, the network has its own size


@dataclass(frozen=True, slots=True)
class Examination:
    """`overlay` is a JPEG of the photo with face and zones drawn on it; `maps` are PNGs to lay over it.

    `face` is a JPEG of the face alone in the canonical frame, FACE_PX square.
    """

    findings: Findings
    advice: tuple[Recommendation, ...]
    overlay: bytes
    face: bytes
    maps: Mapping[Concern, bytes]


class PhotoExaminer:
    """Examines photos; safe to call from several threads."""

    def __init__(self, landmarker: Landmarker, classifier: Classifier | None, rules: Sequence[Rule]) -> None:
        self._landmarker = landmarker
        self._analyser = Analyser(landmarker, classifier)
        self._rules = tuple(rules)

    def __call__(self, photos: Sequence[bytes]) -> Examination:
        """One result from the frames of a burst, or from a single photo.

        Raises SkinError (Rejected), that of the first frame refused, when most frames allow no honest result.
        """
        analysed: list[tuple[NDArray[np.uint8], Analysis]] = []
        refusals: list[Rejected] = []
        for photo in photos:
            rgb = decode(photo)
            try:
                analysed.append((rgb, self._analyser.analyse(rgb, hands=analysed[0][1].hands if analysed else None)))
            except Rejected as refusal:
                refusals.append(refusal)
        if len(refusals) >= max(1, len(analysed)):
            raise refusals[0]
        findings = combine_burst([analysis.findings for _, analysis in analysed])
        rgb, analysis = analysed[0]
        return Examination(
            findings,
            advise(findings, self._rules),
            overlay=encode(draw(rgb, analysis)),
            face=encode(align(rgb, analysis.face, size_px=FACE_PX).crop_rgb),
            maps=_draw_maps(findings, rgb, analysis),
        )

    def close(self) -> None:
        self._landmarker.close()


def _draw_maps(findings: Findings, rgb: NDArray[np.uint8], analysis: Analysis) -> dict[Concern, bytes]:
    """Of the concerns that were found present: where nothing was found, a map would only show noise."""
    present = {one.concern for one in findings.concerns if one.score}
    return {
        concern: draw_map(concern_map, analysis.aligned, (rgb.shape[1], rgb.shape[0]))
        for concern, concern_map in analysis.maps.items()
        if concern in present
    }


def prepare_photo(upload: bytes, *, max_bytes: int, max_pixels: int) -> bytes:
    """An upload as it is stored: upright, sRGB, at most 2,560 px long, without metadata; InvalidInput if unusable."""
    return encode(decode(upload, max_bytes=max_bytes, max_pixels=max_pixels))
