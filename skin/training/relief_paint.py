"""Concerns that are mostly relief: texture, pores, wrinkles, eye bags, dryness."""

from collections.abc import Iterator

import cv2
import numpy as np

from skin.core.concerns import ZONES_OF, Concern
from skin.core.zones import Zone
from skin.training.canvas import Canvas, blob, blur, noise, scatter, stamp, under_eye
from skin.training.pigment import Field, Layers

BROW_LINE = (70, 63, 105, 66, 107, 9, 336, 296, 334, 293, 300)
FOREHEAD_TOP = (54, 103, 67, 109, 109, 10, 338, 338, 297, 332, 284)
# Nose wing to mouth corner, right then left.
NASOLABIAL = ((129, 203, 206, 216, 212), (358, 423, 426, 436, 432))
# Outer and inner corner of each eye: crow's feet leave the outer one.
EYES = ((33, 133), (263, 362))


def paint_texture(canvas: Canvas, layers: Layers, severity: float, rng: np.random.Generator) -> Field:
    """Uneven surface: a band of bumps relit by the face's light and, from moderate on, shallow scars."""
    zones = canvas.area(ZONES_OF[Concern.TEXTURE], 4.0)
    patchy = np.clip(0.8 + 0.5 * noise(canvas.shape, 15 * canvas.px_per_mm, rng), 0.1, 1.6) * zones
    small = rng.uniform(1.1, 1.9) * canvas.px_per_mm
    bumps = 0.8 * noise(canvas.shape, small, rng) + noise(canvas.shape, 2.2 * small, rng)
    layers.height += np.float32(0.075 * severity) * patchy * bumps
    layers.haemoglobin += np.float32(0.012 * severity) * patchy * np.clip(bumps, -1, 2)
    for centre in scatter(zones**2, round(max(0.0, severity - 1.3) * 14), rng):
        radius = canvas.px_per_mm * rng.lognormal(-0.1, 0.3)
        pit = np.exp(-(blob(radius, rng, reach=2.2) ** 2.5))
        stamp(layers.height, -0.30 * radius * pit, (int(centre[0]), int(centre[1])))
        stamp(layers.shade, 0.05 * pit, (int(centre[0]), int(centre[1])))
    return np.asarray(np.clip(patchy, 0, 1), np.float32)


def paint_pores(canvas: Canvas, layers: Layers, severity: float, rng: np.random.Generator) -> Field:
    """Enlarged pores on nose and inner cheeks: small dark pits, denser and wider with severity."""
    zones = canvas.area(ZONES_OF[Concern.PORES], 4.0)
    near_nose = blur(canvas.aligned.zone_masks[Zone.NOSE].astype(np.float32), 9 * canvas.px_per_mm)
    place = zones * np.clip(near_nose / (near_nose.max() + 1e-6) * 1.6, 0.0, 1.0)
    step = canvas.px_per_mm * float(np.interp(severity, [0, 1, 2, 3], [2.4, 2.0, 1.7, 1.45]))
    rows, columns = (np.arange(0, side, step) for side in canvas.shape)
    grid = np.stack(np.meshgrid(rows, columns, indexing="ij"), axis=-1).reshape(-1, 2)
    centres = np.round(grid + rng.normal(0, 0.33 * step, grid.shape)).astype(int)
    inside = ((centres >= 0) & (centres < np.array(canvas.shape))).all(axis=1)
    centres = centres[inside]
    kept = centres[rng.random(len(centres)) < place[centres[:, 0], centres[:, 1]] * 0.9]
    dots = [np.zeros(canvas.shape, np.float32) for _ in range(2)]
    for row, column in kept:
        dots[int(rng.random() < 0.35)][row, column] += np.float32(rng.lognormal(0.0, 0.35))
    size = canvas.px_per_mm * (0.20 + 0.045 * severity)
    pits = sum(blur(d, s) * (2 * np.pi * s * s) for d, s in zip(dots, (size, 1.45 * size), strict=True))
    pits = np.minimum(np.asarray(pits, np.float32), 1.8)
    layers.height -= np.float32(0.20 + 0.13 * severity) * pits
    layers.melanin += np.float32(0.06 + 0.035 * severity) * pits
    layers.shade += np.float32(0.03 + 0.022 * severity) * pits
    return np.asarray(np.clip(place * 1.2, 0, 1), np.float32)


def paint_wrinkles(canvas: Canvas, layers: Layers, severity: float, rng: np.random.Generator) -> Field:
    """Static lines along the skin's tension lines: forehead, frown, crow's feet, nasolabial; valleys with shoulders."""
    valley = np.zeros(canvas.shape, np.float32)
    for line, strength in _lines(canvas, severity, rng):
        valley = np.maximum(valley, _crease(canvas, line, strength, rng))
    bare = np.minimum(1.0, canvas.area((*Zone,), 1.0) * 1.6 + 0.0)
    valley *= bare
    depth = np.float32(0.35 + 0.45 * severity)
    width = canvas.px_per_mm * (0.36 + 0.12 * severity)
    groove, shoulders = blur(valley, width), blur(valley, 3.2 * width)
    layers.height += depth * (1.0 * shoulders - 1.5 * groove) * canvas.px_per_mm
    layers.shade += np.float32(0.10 + 0.08 * severity) * groove
    layers.haemoglobin += np.float32(0.02 * severity) * groove
    return np.asarray(np.clip(blur(valley, 1.3 * canvas.px_per_mm) * 2.2, 0, 1), np.float32)


def _lines(canvas: Canvas, severity: float, rng: np.random.Generator) -> Iterator[tuple[Field, float]]:
    mm = canvas.px_per_mm
    brow, top = (canvas.aligned.points_crop[list(line)] for line in (BROW_LINE, FOREHEAD_TOP))
    for share in np.linspace(0.28, 0.80, round(1 + severity * 1.2)) + rng.normal(0, 0.03):
        start, stop = sorted(rng.choice(11, 2, replace=False)) if rng.random() < 0.3 else (1, 9)
        if stop - start < 4:
            start, stop = 2, 8
        wave = rng.normal(0, 0.6 * mm, (11, 2)) * [0.3, 1.0]
        line = brow + share * (top - brow) + wave
        yield line[start : stop + 1], rng.uniform(0.6, 1.0)
    if rng.random() < 0.35 + 0.2 * severity:
        for inner, side in ((107, 55), (336, 285)):
            upper, lower = canvas.at(inner, 9, 0.40), canvas.at(side, 8, 0.45)
            middle = (upper + lower) / 2 + rng.normal(0, 0.5 * mm, 2)
            yield np.stack([upper - [0, 2.5 * mm], middle, lower]).astype(np.float32), rng.uniform(0.5, 0.9)
    for outer, inner in EYES:
        yield from _crows_feet(canvas, outer, inner, severity=severity, rng=rng)
    for fold in NASOLABIAL:
        points = canvas.aligned.points_crop[list(fold)] + rng.normal(0, 0.4 * mm, 2)
        yield points[: 4 + int(severity > 1.5)], rng.uniform(0.8, 1.2)


def _crows_feet(
    canvas: Canvas, outer: int, inner: int, *, severity: float, rng: np.random.Generator
) -> Iterator[tuple[Field, float]]:
    mm, corner = canvas.px_per_mm, canvas.at(outer)
    away = corner - canvas.at(inner)
    heading = np.arctan2(away[1], away[0])
    side = np.sign(away[0])
    for spread in np.linspace(-0.55, 0.75, round(1.5 + severity)):
        angle = heading + side * (spread + rng.normal(0, 0.08))
        length = mm * rng.uniform(5, 8 + 3 * severity)
        start = corner + mm * rng.uniform(4, 6) * np.array([np.cos(angle), np.sin(angle)])
        bend = side * rng.normal(0.10, 0.10)
        steps = np.linspace(0, 1, 5)[:, None]
        ray = np.column_stack([np.cos(angle + bend * steps[:, 0]), np.sin(angle + bend * steps[:, 0])])
        yield (start + length * steps * ray).astype(np.float32), rng.uniform(0.4, 0.8)


def _crease(canvas: Canvas, line: Field, strength: float, rng: np.random.Generator) -> Field:
    """A hand-drawn line (H, W), deepest in its middle, breaking here and there."""
    ends = np.linspace(0, len(line) - 1, 48)
    index = np.arange(len(line))
    smooth = [np.interp(ends, index, line[:, axis]) for axis in (0, 1)]
    kernel = np.hanning(11) / np.hanning(11).sum()
    path = np.column_stack([np.convolve(np.pad(c, 5, mode="edge"), kernel, mode="valid") for c in smooth])
    breaks = np.interp(np.arange(48), np.linspace(0, 47, 7), np.clip(rng.normal(0.9, 0.3, 7), 0.15, 1.2))
    taper = np.sin(np.linspace(0.12, np.pi - 0.12, 48)) ** 0.8 * breaks * strength
    field = np.zeros(canvas.shape, np.float32)
    fixed = np.round(path * 16).astype(int)
    for start, stop, value in zip(fixed[:-1], fixed[1:], taper, strict=False):
        cv2.line(field, tuple(map(int, start)), tuple(map(int, stop)), float(value), 1, cv2.LINE_AA, 4)
    return field


def paint_eye_bags(canvas: Canvas, layers: Layers, severity: float, rng: np.random.Generator) -> Field:
    """A bulge below each eye: lit above, shaded where it meets the cheek."""
    t = np.linspace(0.0, 1.0, 32, dtype=np.float32)
    reach = rng.uniform(0.52, 0.68)
    bulge = np.where(t < reach, np.clip(np.sin(np.pi * np.minimum(t / reach, 1)), 0, 1) ** 0.8, 0.0)
    border = np.exp(-(((t - reach) / 0.17) ** 2))
    mm = canvas.px_per_mm
    puff = blur(under_eye(canvas, np.asarray(bulge, np.float32)), 1.1 * mm)
    fold = blur(under_eye(canvas, np.asarray(border, np.float32)), 1.3 * mm)
    zones = canvas.aligned.zone_masks
    bare = blur((zones[Zone.PERIORBITAL_LEFT] | zones[Zone.PERIORBITAL_RIGHT]).astype(np.float32), 0.8 * mm)
    puff, fold = puff * bare, fold * bare
    layers.height += np.float32(0.5 * severity) * mm * puff
    layers.shade += np.float32(0.085 * severity) * fold - np.float32(0.020 * severity) * puff
    layers.haemoglobin += np.float32(0.02 * severity) * fold
    return np.asarray(np.clip(puff + fold, 0, 1), np.float32)


def paint_dryness(canvas: Canvas, layers: Layers, severity: float, rng: np.random.Generator) -> Field:
    """Ashy, flaking patches: pale plates with lifted edges, fine lines, and no shine."""
    zones = canvas.area(ZONES_OF[Concern.DRYNESS], 4.0)
    mm = canvas.px_per_mm
    patch = np.clip(noise(canvas.shape, 13 * mm, rng) - 1.1 + 0.55 * severity, 0, 1) * zones
    plates = noise(canvas.shape, 1.1 * mm, rng) + 0.6 * noise(canvas.shape, 2.4 * mm, rng)
    flakes = np.clip((plates - 0.75) * 3.0, 0, 1) * patch
    lines = np.abs(noise(canvas.shape, 1.6 * mm, rng))
    cracks = np.exp(-((lines / 0.10) ** 2)) * patch
    ashen = np.float32(0.03 + 0.02 * severity)
    layers.shade -= ashen * patch + np.float32(0.03 + 0.025 * severity) * flakes
    layers.melanin -= np.float32(0.05 * severity) * flakes
    layers.haemoglobin += np.float32(0.03 * severity) * patch
    layers.height += np.float32(0.14 * severity) * flakes - np.float32(0.05 * severity) * cracks
    layers.shine *= 1.0 - 0.8 * patch
    return np.asarray(np.clip(patch * 1.4, 0, 1), np.float32)
