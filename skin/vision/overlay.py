"""Drawing on a copy of the photo what was looked at: the face and its zones."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from skin.core.findings import Findings
from skin.core.zones import FACE_OVAL, Zone
from skin.vision.alignment import polygon_px, zone_polygons_px
from skin.vision.landmarks import Face

Colour = tuple[int, int, int]
Points = NDArray[np.float32]

# Labels stand beside the face, so that they cover no skin: the person's right on the left of the photo.
LEFT_LABELS = {
    Zone.FOREHEAD: "Forehead",
    Zone.PERIORBITAL_RIGHT: "Right eye area",
    Zone.CHEEK_RIGHT: "Right cheek",
    Zone.PERIORAL: "Mouth area",
}
RIGHT_LABELS = {
    Zone.GLABELLA: "Between brows",
    Zone.PERIORBITAL_LEFT: "Left eye area",
    Zone.NOSE: "Nose",
    Zone.CHEEK_LEFT: "Left cheek",
    Zone.CHIN: "Chin",
}
SMALLEST_LABEL_PX = 9.0

_WHITE: Colour = (255, 255, 255)
_INK: Colour = (13, 20, 28)
_AMBER: Colour = (255, 190, 60)
_SHIFT = 4


class Drawable(Protocol):
    """An analysis: its face and its findings."""

    @property
    def face(self) -> Face:
        """The face with its landmarks in photo pixels."""

    @property
    def findings(self) -> Findings:
        """What was found on it."""


class _Label(NamedTuple):
    text: str
    anchor_xy: tuple[float, float]
    marked: bool


def draw(rgb: NDArray[np.uint8], analysis: Drawable) -> NDArray[np.uint8]:
    """A copy of the photo (H, W, 3) with the outline of the face and its zones; zones with a concern stand out."""
    points, width = analysis.face.points_px, analysis.face.width_px
    marked = {zone for concern in analysis.findings.concerns if concern.score for zone in concern.zones}
    outlines = {zone: _smooth(outline) for zone, outline in zone_polygons_px(points).items()}
    canvas = np.array(rgb)
    for zone in marked:
        _blend(canvas, [outlines[zone]], _AMBER, width_px=0, strength=0.16)
    stroke = max(0.75, width / 270)
    oval = _smooth(polygon_px(points, FACE_OVAL))
    # A dark line under each light one: one of the two shows on any skin.
    _blend(canvas, [oval, *outlines.values()], _INK, width_px=2.6 * stroke, strength=0.3)
    _blend(canvas, [oval], _WHITE, width_px=1.3 * stroke, strength=0.9)
    _blend(canvas, [outlines[z] for z in Zone if z not in marked], _WHITE, width_px=stroke, strength=0.75)
    _blend(canvas, [outlines[z] for z in Zone if z in marked], _AMBER, width_px=1.3 * stroke, strength=1.0)
    return _with_labels(canvas, outlines, marked, face=analysis.face)


def _smooth(outline: Points) -> Points:
    """The closed outline with its corners cut twice (Chaikin 1974)."""
    for _ in range(2):
        following = np.roll(outline, -1, axis=0)
        pairs = np.stack([0.75 * outline + 0.25 * following, 0.25 * outline + 0.75 * following], axis=1)
        outline = pairs.reshape(-1, 2).astype(np.float32)
    return outline


def _blend(
    canvas: NDArray[np.uint8], outlines: Sequence[Points], colour: Colour, *, width_px: float, strength: float
) -> None:
    """Draw outlines, or fill them where `width_px` is 0, into `canvas`; lines under one pixel get fainter instead."""
    if not outlines:
        return
    every = np.concatenate(outlines)
    margin = width_px + 2
    low = np.maximum(np.floor(every.min(axis=0) - margin), 0).astype(int)
    high = np.maximum(np.ceil(every.max(axis=0) + margin), low).astype(int)
    part = canvas[low[1] : high[1], low[0] : high[0]]
    if part.size == 0:
        return
    cover = np.zeros(part.shape[:2], np.uint8)
    fixed = [np.round((outline - low - 0.5) * (1 << _SHIFT)).astype(np.int32) for outline in outlines]
    if width_px > 0:
        cv2.polylines(cover, fixed, True, 255, max(1, round(width_px)), cv2.LINE_AA, _SHIFT)
    else:
        cv2.fillPoly(cover, fixed, 255, cv2.LINE_AA, _SHIFT)
    faint = min(1.0, width_px) if width_px > 0 else 1.0
    alpha = (cover.astype(np.float32) * (strength * faint / 255))[..., None]
    part[:] = np.round(part * (1 - alpha) + np.array(colour, np.float32) * alpha)


def _with_labels(
    canvas: NDArray[np.uint8], outlines: dict[Zone, Points], marked: Iterable[Zone], *, face: Face
) -> NDArray[np.uint8]:
    size_px = face.width_px / 20
    if size_px < SMALLEST_LABEL_PX:
        return canvas
    picture = Image.fromarray(canvas)
    pen = ImageDraw.Draw(picture, "RGBA")
    font = ImageFont.load_default(size_px)
    left, _, right, _ = face.box_xyxy_px
    for names, edge_x, side in ((LEFT_LABELS, left, -1), (RIGHT_LABELS, right, 1)):
        labels = [_Label(text, _anchor(outlines[zone], side), zone in marked) for zone, text in names.items()]
        _draw_column(pen, font, labels, edge_x=edge_x + side * 0.16 * face.width_px)
    return np.array(picture, np.uint8)


def _anchor(outline: Points, side: int) -> tuple[float, float]:
    """The point of the outline nearest to the labels."""
    point = outline[np.argmax(side * outline[:, 0])]
    return float(point[0]), float(point[1])


def _draw_column(
    pen: ImageDraw.ImageDraw, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, labels: list[_Label], *, edge_x: float
) -> None:
    """Labels with their inner end at `edge_x`, level with their anchors but never on each other, inside the photo."""
    photo_width, photo_height = pen.im.size
    step = 1.9 * getattr(font, "size", 12)
    below = -step
    for label in sorted(labels, key=lambda each: each.anchor_xy[1]):
        y = min(max(label.anchor_xy[1], below + step, step), photo_height - step)
        below = y
        length, is_left = pen.textlength(label.text, font), edge_x < label.anchor_xy[0]
        pad = step / 4
        x = edge_x - length if is_left else edge_x
        x = min(max(x, 2 * pad), photo_width - length - 2 * pad)
        end = x + length + pad if is_left else x - pad
        ink = (*(_AMBER if label.marked else _WHITE), 255)
        for width, colour in ((3, (*_INK, 90)), (1, (*ink[:3], 220))):
            pen.line([label.anchor_xy, (end, y)], fill=colour, width=max(1, round(width * step / 40)))
        pen.rounded_rectangle([x - pad, y - 0.42 * step, x + length + pad, y + 0.42 * step], step / 5, (*_INK, 175))
        pen.text((x, y), label.text, fill=ink, font=font, anchor="lm")
