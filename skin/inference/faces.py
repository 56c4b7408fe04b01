"""Pictures for annotators: the face of an upload in the canonical frame, with what the pipeline makes of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from skin.core.concerns import Concern
from skin.core.findings import Findings
from skin.core.zones import Zone
from skin.errors import Code, Rejected
from skin.inference.classifier import Classifier
from skin.inference.examiner import FACE_PX
from skin.inference.pipeline import Analyser
from skin.vision.alignment import align, zone_polygons_px
from skin.vision.fingerprint import fingerprint
from skin.vision.heatmap import draw_face_map
from skin.vision.images import decode, encode
from skin.vision.landmarks import Landmarker
from skin.vision.quality import only_face

NO_FACE_CODES = (Code.NO_FACE, Code.MULTIPLE_FACES)


@dataclass(frozen=True, slots=True)
class FoundFace:
    """`jpeg` is the aligned face without metadata; `maps` are PNGs in its frame; no findings where a scan would refuse.

    `fingerprint` is a 64-bit perceptual hash in hexadecimal.
    """

    jpeg: bytes
    fingerprint: str
    findings: Findings | None
    maps: Mapping[Concern, bytes]


class FaceFinder:
    """Finds and aligns the one face of a picture; network and landmarker are loaded at the first picture."""

    def __init__(self, build: Callable[[], tuple[Landmarker, Classifier | None]]) -> None:
        self._build = build
        self._lock = Lock()
        self._parts: tuple[Landmarker, Analyser] | None = None

    def __call__(self, picture: bytes) -> FoundFace:
        """Raises SkinError for a file that is no picture, and when there is no face or more than one."""
        rgb = decode(picture)
        landmarker, analyser = self._ready()
        try:
            analysis = analyser.analyse(rgb)
        except Rejected as refusal:
            if refusal.code in NO_FACE_CODES:
                raise
            face = only_face(landmarker.detect(rgb))
            return _found(align(rgb, face, size_px=FACE_PX).crop_rgb, None, {})
        crop = align(rgb, analysis.face, size_px=FACE_PX).crop_rgb
        maps = {concern: draw_face_map(one, analysis.aligned) for concern, one in analysis.maps.items()}
        return _found(crop, analysis.findings, maps)

    def outline_zones(self, aligned_face: bytes) -> dict[Zone, list[tuple[float, float]]]:
        """The zones' outlines in shares of the picture's side; none where it does not show exactly one face."""
        rgb = decode(aligned_face)
        faces = self._ready()[0].detect(rgb)
        if len(faces) != 1:
            return {}
        height, width = rgb.shape[:2]
        outlines = zone_polygons_px(faces[0].points_px)
        return {
            zone: [(round(float(x) / width, 4), round(float(y) / height, 4)) for x, y in outline]
            for zone, outline in outlines.items()
        }

    def close(self) -> None:
        with self._lock:
            if self._parts is not None:
                self._parts[0].close()
                self._parts = None

    def _ready(self) -> tuple[Landmarker, Analyser]:
        with self._lock:
            if self._parts is None:
                landmarker, classifier = self._build()
                self._parts = landmarker, Analyser(landmarker, classifier)
            return self._parts


def take_aligned(picture: bytes) -> FoundFace:
    """A picture that is an aligned face already, such as one exported before; SkinError when it is no picture."""
    return _found(decode(picture), None, {})


def _found(crop_rgb: NDArray[np.uint8], findings: Findings | None, maps: Mapping[Concern, bytes]) -> FoundFace:
    return FoundFace(encode(crop_rgb), fingerprint(crop_rgb), findings, maps)
