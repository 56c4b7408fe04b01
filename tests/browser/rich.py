"""What a network will add to a result, told by colours of the photo, so that pages can be seen before there is one."""

import io
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from skin.config import Settings
from skin.core.concerns import Concern, SkinType
from skin.core.findings import ConcernFinding, NotJudged, Outcome, QualityCheck, TypeFinding
from skin.core.zones import Zone
from skin.scans.comparison import Repeatability
from skin.vision.images import decode
from tests.fakes import FakeExamination, FakeExaminer, build_findings

REPEATABILITY = Repeatability({"ita_deg": 1.2, "redness": 4.0, "pores": 3.0}, {"brightest_lightness": 12.0})
FACE_LEFT, FACE_SIDE = 0.21, 0.46  # of the square photo; from its top
MAPPED = (Concern.REDNESS, Concern.PORES)


class RichExaminer(FakeExaminer):
    """Redness follows the red of the photo and its light the blue, so that each can be changed alone."""

    def __call__(self, photos: Sequence[bytes]) -> FakeExamination:
        red, green, blue = decode(photos[0]).reshape(-1, 3).mean(axis=0)
        burst = len(photos) > 1
        tone = replace(build_findings(ita_deg=round(float(green) / 3, 1)).tone, ita_se_deg=0.8 if burst else None)
        judged = {Concern.REDNESS: round(float(red) / 3), Concern.PORES: 22, Concern.OILINESS: 64}
        findings = replace(
            build_findings(),
            tone=tone,
            skin_type=TypeFinding(SkinType.COMBINATION, 0.71),
            concerns=tuple(_judge(concern, judged.get(concern), burst) for concern in Concern),
            quality=(
                QualityCheck("face_width_px", 320.0, Outcome.GOOD),
                QualityCheck("brightest_lightness", round(float(blue), 1), Outcome.GOOD),
            ),
            zone_outlines_norm={Zone.NOSE: _square(0.5, 0.55), Zone.CHEEK_LEFT: _square(0.7, 0.6)},
            face_matrix_norm=(1 / FACE_SIDE, 0, -FACE_LEFT / FACE_SIDE, 0, 1 / FACE_SIDE, 0),
        )
        photo = Image.open(io.BytesIO(photos[0]))
        maps = {concern: _draw_map(photo.size) for concern in MAPPED}
        return FakeExamination(findings, (), overlay=_draw_oval(photo), face=_crop_face(photo), maps=maps)


def build_rich_examiner(_: Settings) -> RichExaminer:
    return RichExaminer()


def tint(photo: bytes, *, red: float = 1, blue: float = 1) -> bytes:
    """The photo with one colour weakened."""
    pixels = np.asarray(Image.open(io.BytesIO(photo)).convert("RGB")) * np.array([red, 1, blue])
    return _encode(Image.fromarray(pixels.astype(np.uint8)))


def _square(x: float, y: float) -> tuple[tuple[float, float], ...]:
    return ((x - 0.08, y - 0.08), (x + 0.08, y - 0.08), (x + 0.08, y + 0.08), (x - 0.08, y + 0.08))


def _crop_face(photo: Image.Image) -> bytes:
    side = photo.width * FACE_SIDE
    left = photo.width * FACE_LEFT
    return _encode(photo.crop((round(left), 0, round(left + side), round(side))).resize((512, 512)))


def _draw_oval(photo: Image.Image) -> bytes:
    drawn = photo.copy()
    box = [(0.34 * photo.width, 0.06 * photo.height), (0.54 * photo.width, 0.4 * photo.height)]
    ImageDraw.Draw(drawn).ellipse(box, outline="white", width=2)
    return _encode(drawn)


def _encode(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=95)
    return buffer.getvalue()


def _judge(concern: Concern, score: int | None, burst: bool) -> ConcernFinding:
    if score is None:
        return ConcernFinding(concern, not_judged=NotJudged.NO_VALIDATED_MODEL)
    return ConcernFinding(concern, score, 0.78, (Zone.NOSE, Zone.CHEEK_LEFT), score_se=1.9 if burst else None)


def _draw_map(size_wh: tuple[int, int]) -> bytes:
    width, height = size_wh
    strength = Image.new("L", size_wh)
    pen = ImageDraw.Draw(strength)
    for x, y in ((0.38, 0.28), (0.5, 0.28)):
        pen.ellipse([(x - 0.05) * width, (y - 0.05) * height, (x + 0.05) * width, (y + 0.05) * height], fill=190)
    drawn = Image.new("RGBA", size_wh, (72, 32, 240, 0))
    drawn.putalpha(strength.filter(ImageFilter.GaussianBlur(width * 0.015)))
    buffer = io.BytesIO()
    drawn.save(buffer, "PNG")
    return buffer.getvalue()
