"""Painted truth: a face with concerns of recorded severity and exact masks, the same for the same seed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skin.core.concerns import Concern
from skin.core.zones import Zone
from skin.training import colour_paint, relief_paint
from skin.training.canvas import Canvas, blur, build_canvas
from skin.training.pigment import HAEMOGLOBIN, MELANIN, Field, Image, Layers, compose, to_density, to_linear, to_srgb
from skin.vision.alignment import AlignedFace

Painter = Callable[[Canvas, Layers, float, np.random.Generator], Field]
PAINTERS: Mapping[Concern, Painter] = {
    Concern.ACNE: colour_paint.paint_acne,
    Concern.REDNESS: colour_paint.paint_redness,
    Concern.DARK_SPOTS: colour_paint.paint_dark_spots,
    Concern.TEXTURE: relief_paint.paint_texture,
    Concern.PORES: relief_paint.paint_pores,
    Concern.WRINKLES: relief_paint.paint_wrinkles,
    Concern.DARK_CIRCLES: colour_paint.paint_dark_circles,
    Concern.EYE_BAGS: relief_paint.paint_eye_bags,
    Concern.OILINESS: colour_paint.paint_oiliness,
    Concern.DRYNESS: relief_paint.paint_dryness,
}
VISIBLE = 0.25
# Linear light above which a lightened face is compressed, as film and phones do.
SHOULDER = np.float32(0.65)
# The ten Monk Skin Tone swatches (Monk 2019, skintone.google), sRGB.
MONK_SWATCHES = (
    0xF6EDE4, 0xF3E7DB, 0xF7EAD0, 0xEADABA, 0xD7BD96, 0xA07E56, 0x825C43, 0x604134, 0x3A312A, 0x292420,
)  # fmt: skip
# How much denser a cheek looks in a photo than its swatch: light skin is photographed darker, deep skin brighter.
CHEEK_BELOW_SWATCH = (0.30, 0.30, 0.30, 0.30, 0.2, 0.0, -0.1, -0.3, -0.75, -0.9)


@dataclass(frozen=True, slots=True, eq=False)
class Painted:
    """A painted crop (H, W, 3), and for each concern painted its severity 0-3 and mask (H, W)."""

    rgb: Image
    severities: Mapping[Concern, float]
    masks: Mapping[Concern, NDArray[np.bool_]]


def paint(aligned: AlignedFace, severities: Mapping[Concern, float], *, seed: int, monk: int | None = None) -> Painted:
    """Paint concerns (severity above 0 to 3) on a face, after moving its skin to a Monk tone if one is given.

    Each concern draws from its own stream of the seed, so adding one does not move another.
    """
    canvas = build_canvas(aligned)
    if monk is not None:
        canvas = retone(canvas, monk)
    layers, masks = Layers.blank(canvas.shape), {}
    for number, (concern, painter) in enumerate(PAINTERS.items()):
        severity = severities.get(concern, 0.0)
        if severity <= 0:
            continue
        extent = painter(canvas, layers, severity, np.random.default_rng([seed, number]))
        masks[concern] = extent > VISIBLE
    rgb = to_srgb(compose(canvas.linear, layers, canvas.light_xyz)) if masks else to_srgb(canvas.linear)
    return Painted(rgb, {c: float(severities[c]) for c in masks}, masks)


def retone(canvas: Canvas, monk: int) -> Canvas:
    """The face with its skin moved to a Monk tone (1-10) by melanin and haemoglobin, its light and relief kept."""
    swatch = MONK_SWATCHES[monk - 1]
    target = np.array([[[swatch >> 16, swatch >> 8 & 255, swatch & 255]]], np.uint8)
    zones = canvas.aligned.zone_masks
    cheeks = zones[Zone.CHEEK_LEFT] | zones[Zone.CHEEK_RIGHT]
    # The lit part of the cheeks: a median would lift faces in half shadow until their bright side burns out.
    lit = np.percentile(canvas.linear[cheeks], 70, axis=0) if cheeks.any() else np.full(3, 0.3)
    now = to_density(lit.astype(np.float32))
    wanted = to_density(to_linear(target)[0, 0]) + np.float32(CHEEK_BELOW_SWATCH[monk - 1])
    change = wanted - now
    basis = np.stack([MELANIN, HAEMOGLOBIN], axis=1)
    amounts, *_ = np.linalg.lstsq(basis, change, rcond=None)
    step = basis @ amounts + 0.6 * (change - basis @ amounts)
    area = blur(_all_skin(canvas), 1.5 * canvas.px_per_mm)
    linear = canvas.linear * np.exp(-area[..., None] * step.astype(np.float32))
    over = np.maximum(linear - SHOULDER, 0.0)
    linear = np.minimum(linear, SHOULDER) + (1 - SHOULDER) * (1 - np.exp(-over / (1 - SHOULDER)))
    return Canvas(canvas.aligned, linear, canvas.skin, canvas.light_xyz, canvas.px_per_mm)


def _all_skin(canvas: Canvas) -> Field:
    """Skin inside and outside the face's outline (ears, neck): what has the cheeks' pigments, whatever its shade."""
    density = to_density(np.asarray(blur(canvas.linear, 2.0), np.float32))
    tint = density - density.mean(axis=2, keepdims=True)
    face = canvas.skin > 0.5
    if face.sum() < 50:
        return canvas.skin
    centre, spread = np.median(tint[face], axis=0), tint[face].std(axis=0) + 0.06
    alike = np.clip(1.8 - (((tint - centre) / (2.2 * spread)) ** 2).sum(axis=2), 0, 1)
    return np.maximum(canvas.skin, np.asarray(alike, np.float32))
