"""Concerns that are mostly colour or shine: acne, redness, dark spots, dark circles, oiliness."""

import cv2
import numpy as np

from skin.core.concerns import ZONES_OF, Concern
from skin.core.zones import Zone
from skin.training.canvas import Canvas, blob, blur, noise, scatter, stamp, under_eye
from skin.training.pigment import Field, Layers

# Highlights on a face: landmark, landmark it leans to, share, width and height in mm, strength.
HIGHLIGHTS = (
    (151, 10, 0.35, 15.0, 8.0, 1.0), (6, 197, 0.5, 2.5, 9.0, 0.8), (4, 5, 0.4, 4.0, 4.0, 1.1),
    (50, 117, 0.35, 8.0, 6.0, 0.8), (280, 346, 0.35, 8.0, 6.0, 0.8), (199, 200, 0.6, 6.0, 4.0, 0.5),
    (67, 69, 0.4, 9.0, 6.0, 0.5), (297, 299, 0.4, 9.0, 6.0, 0.5),
)  # fmt: skip


def paint_acne(canvas: Canvas, layers: Layers, severity: float, rng: np.random.Generator) -> Field:
    """Papules, pustules and comedones; 5, 20, 45 of them at grades 1, 2, 3, as the rubric counts."""
    zones = canvas.area(ZONES_OF[Concern.ACNE])
    clusters = np.exp(1.1 * noise(canvas.shape, 18 * canvas.px_per_mm, rng))
    count = max(1, round(float(np.interp(severity, [0, 1, 2, 3], [1, 5, 20, 45]))))
    extent = np.zeros(canvas.shape, np.float32)
    for centre in scatter(zones**2 * clusters, count, rng):
        kind = rng.choice(["papule", "pustule", "closed", "open"], p=[0.55, 0.15, 0.15, 0.15])
        _lesion(
            canvas, layers, extent, centre=(int(centre[0]), int(centre[1])), kind=str(kind), severity=severity, rng=rng
        )
    return np.asarray(np.minimum(extent, 1.0) * (canvas.skin > 0.3), np.float32)


def _lesion(
    canvas: Canvas, layers: Layers, extent: Field, *, centre: tuple[int, int], kind: str, severity: float,
    rng: np.random.Generator,
) -> None:  # fmt: skip
    inflamed = kind in ("papule", "pustule")
    size_mm = rng.lognormal(0.30 if inflamed else -0.35, 0.28)
    radius = size_mm * canvas.px_per_mm * (0.85 + 0.1 * severity)
    if not inflamed:
        radius = max(radius * 0.6, 1.0)
    r = blob(radius, rng, reach=3.2)
    core, halo = np.exp(-((r / 0.95) ** 2.6)), np.exp(-((r / 1.9) ** 2))
    stamp(extent, (r < 1.25).astype(np.float32), centre)
    if kind == "open":
        stamp(layers.melanin, 0.55 * core, centre)
        stamp(layers.height, -0.25 * radius * core, centre)
        return
    stamp(layers.height, radius * (0.30 if inflamed else 0.22) * np.exp(-((r / 0.9) ** 2)), centre)
    if not inflamed:
        stamp(layers.melanin, -0.05 * core, centre)
        return
    blood = rng.uniform(0.40, 0.75) * (0.75 + 0.15 * severity)
    stamp(layers.haemoglobin, blood * (0.75 * core + 0.35 * halo), centre)
    stamp(layers.melanin, 0.10 * blood * core, centre)
    if kind == "pustule":
        head = np.exp(-((r / 0.5) ** 3))
        stamp(layers.haemoglobin, -0.8 * blood * head, centre)
        stamp(layers.melanin, -0.12 * head, centre)
        stamp(layers.shade, -0.10 * head, centre)
    tilt = -0.35 * radius * canvas.light_xyz[:2]
    glint = (round(centre[0] - float(tilt[1])), round(centre[1] - float(tilt[0])))
    stamp(layers.shine, 0.10 * exposure(canvas) * np.exp(-((r / 0.35) ** 2)), glint)


def exposure(canvas: Canvas) -> float:
    """How bright the light looks, 0.35-1, judged by the skin: a camera opens for dark skin, but not wholly."""
    bright = canvas.linear[canvas.skin > 0.5]
    level = float(np.median(bright)) if bright.size else 0.4
    return float(np.clip((level / 0.4) ** 0.4, 0.35, 1.0))


def paint_redness(canvas: Canvas, layers: Layers, severity: float, rng: np.random.Generator) -> Field:
    """Diffuse erythema of cheeks, nose and chin: more haemoglobin with flushing borders and a little mottling."""
    places = [
        rng.uniform(0.6, 1.0) * canvas.area((Zone.CHEEK_LEFT, Zone.CHEEK_RIGHT), 5.0),
        rng.uniform(0.3, 1.0) * canvas.area((Zone.NOSE,), 3.0),
        rng.uniform(0.0, 0.6) * canvas.area((Zone.CHIN,), 4.0),
    ]
    flush = np.clip(np.sum(places, axis=0), 0.0, 1.0)
    coarse, fine = noise(canvas.shape, 14 * canvas.px_per_mm, rng), noise(canvas.shape, 2.2 * canvas.px_per_mm, rng)
    flush = flush * np.clip(0.85 + 0.28 * coarse + 0.07 * fine, 0.1, 1.5)
    layers.haemoglobin += np.float32(0.22 * severity) * flush
    layers.melanin += np.float32(0.012 * severity) * flush
    return np.asarray(np.clip(flush, 0, 1), np.float32)


def paint_dark_spots(canvas: Canvas, layers: Layers, severity: float, rng: np.random.Generator) -> Field:
    """Freckles, lentigines or melasma patches: more melanin, with irregular outlines."""
    kind = rng.choice(["freckles", "lentigines", "melasma"], p=[0.4, 0.35, 0.25])
    zones = canvas.area(ZONES_OF[Concern.DARK_SPOTS])
    spots = np.zeros(canvas.shape, np.float32)
    if kind == "melasma":
        zones = canvas.area((Zone.CHEEK_LEFT, Zone.CHEEK_RIGHT, Zone.FOREHEAD), 6.0)
        lumps = noise(canvas.shape, 11 * canvas.px_per_mm, rng) + 0.5 * noise(canvas.shape, 4 * canvas.px_per_mm, rng)
        spots = zones * np.clip(lumps - 0.9 + 0.45 * severity, 0.0, 1.0) * np.float32(0.14 + 0.11 * severity)
    else:
        many = kind == "freckles"
        counts = [0, 35, 110, 260] if many else [0, 6, 18, 40]
        count = max(2, round(float(np.interp(severity, [0, 1, 2, 3], counts)) * rng.uniform(0.8, 1.2)))
        middle = blur(canvas.aligned.zone_masks[Zone.NOSE].astype(np.float32), 14 * canvas.px_per_mm)
        weight = (
            zones**2 * np.exp(0.5 * noise(canvas.shape, 15 * canvas.px_per_mm, rng)) * (middle + 0.05 if many else 1)
        )
        for centre in scatter(weight, count, rng):
            radius = canvas.px_per_mm * (rng.lognormal(-0.55, 0.3) if many else rng.lognormal(0.35, 0.45))
            r = blob(max(radius, 0.8), rng, reach=2.0)
            dark = rng.uniform(0.22, 0.50) * (0.75 + 0.2 * severity)
            stamp(spots, dark * np.exp(-((r / 0.95) ** 3)), (int(centre[0]), int(centre[1])))
        spots = np.minimum(spots, 0.9) * np.minimum(1.0, zones * 2)
    layers.melanin += spots
    return np.asarray(np.clip(spots / 0.10, 0, 1), np.float32)


def paint_dark_circles(canvas: Canvas, layers: Layers, severity: float, rng: np.random.Generator) -> Field:
    """Brown and bluish shade below the eyes, deepest at the inner corner and along the tear trough."""
    t = np.linspace(0.0, 1.0, 24, dtype=np.float32)
    profile = np.exp(-(((t - rng.uniform(0.30, 0.45)) / 0.38) ** 2)) * np.clip((1.05 - t) / 0.4, 0, 1)
    ring = blur(under_eye(canvas, np.asarray(profile, np.float32)), 1.6 * canvas.px_per_mm)
    ring *= np.clip(1.0 + 0.15 * noise(canvas.shape, 6 * canvas.px_per_mm, rng), 0.3, 1.6) * _lower_skin(canvas)
    brown = rng.uniform(0.3, 0.9)
    depth = np.float32(0.26 * severity)
    layers.melanin += depth * np.float32(0.75 * brown) * ring
    layers.haemoglobin += depth * np.float32(0.45 * (1.2 - brown)) * ring
    layers.shade += depth * np.float32(0.45) * ring
    return np.asarray(np.clip(ring, 0, 1), np.float32)


def _lower_skin(canvas: Canvas) -> Field:
    """Skin below the eyes (H, W): dark skin there is still skin, so only features are left out, softly."""
    zones = canvas.aligned.zone_masks
    near = (zones[Zone.PERIORBITAL_LEFT] | zones[Zone.PERIORBITAL_RIGHT]).astype(np.float32)
    return np.asarray(0.9 * blur(near, 0.8 * canvas.px_per_mm) + 0.1 * canvas.skin, np.float32)


def paint_oiliness(canvas: Canvas, layers: Layers, severity: float, rng: np.random.Generator) -> Field:
    """Specular shine on the T-zone and cheeks, shifted to the light and broken up by the skin's grain."""
    glow = np.zeros(canvas.shape, np.float32)
    y, x = np.mgrid[: canvas.shape[0], : canvas.shape[1]].astype(np.float32)
    for start, end, share, width_mm, height_mm, strength in HIGHLIGHTS:
        centre = canvas.at(start, end, share) + 5.0 * canvas.px_per_mm * canvas.light_xyz[:2] * [1.0, 0.3]
        dx, dy = (x - centre[0]) / (width_mm * canvas.px_per_mm), (y - centre[1]) / (height_mm * canvas.px_per_mm)
        glow += np.float32(strength * rng.uniform(0.5, 1.2)) * np.exp(-0.5 * (dx * dx + dy * dy) ** 1.2)
    luma = canvas.linear.mean(axis=2)
    local = np.clip(luma / (blur(luma, 9 * canvas.px_per_mm) + 1e-3), 0.4, 1.8)
    grain = noise(canvas.shape, 0.7 * canvas.px_per_mm, rng) + 0.8 * noise(canvas.shape, 2.5 * canvas.px_per_mm, rng)
    sheen = glow * local**2.5 * np.clip(0.85 + 0.13 * grain, 0.3, 1.6)
    sheen *= np.minimum(1.0, canvas.area(tuple(Zone), 2.0) * 1.4)
    sheen = np.asarray(cv2.GaussianBlur(sheen, (0, 0), 0.35 * canvas.px_per_mm), np.float32)
    # Skin under the sheen looks a little deeper, as when wet.
    layers.melanin += np.float32(0.015 * severity) * np.minimum(sheen, 1.0)
    layers.shine += np.float32(0.14 * severity) * exposure(canvas) * np.minimum(sheen, 1.6)
    return np.asarray(np.clip(sheen, 0, 1), np.float32)
