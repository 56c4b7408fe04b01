"""Skin colour as pigments and light: melanin and haemoglobin in optical density, relief and shine above them.

After Tsumura, Haneishi and Miyake (JOSA A 16(9), 1999) and Tsumura et al. (ACM TOG 22(3), 2003): the negative
logarithm of reflectance is a sum of pigment amounts times absorbance vectors plus shading, so that the same
amount of pigment is the same *factor* on light and on dark skin, which alpha-blended paint is not.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Field = NDArray[np.float32]

# Unit absorbance per linear sRGB channel. Melanin falls as wavelength^-3.3 (Jacques 2013,
# doi 10.1088/0031-9155/58/11/R37), taken at 600, 545 and 465 nm; haemoglobin is Tsumura's green-blue vector with the
# weak red of oxygenated blood.
MELANIN = np.array([0.38, 0.52, 0.87], np.float32) / np.float32(1.083)
HAEMOGLOBIN = np.array([0.13, 0.74, 0.60], np.float32) / np.float32(0.962)
DARKEST = 1e-3
# Share of light that skin's surface returns whatever its pigment (Fresnel, index 1.4-1.5; Anderson and Parrish 1981).
SURFACE = np.float32(0.03)
LINEAR_OF_BYTE = np.where((s := np.arange(256) / 255.0) <= 0.04045, s / 12.92, ((s + 0.055) / 1.055) ** 2.4).astype(
    np.float32
)


def to_linear(rgb: Image) -> Field:
    """Linear light 0-1 (H, W, 3) of an sRGB picture."""
    return np.asarray(LINEAR_OF_BYTE[rgb], np.float32)


def to_srgb(linear: Field) -> Image:
    """The sRGB picture (H, W, 3) of linear light; what is above 1 clips."""
    clipped = np.clip(linear, 0.0, 1.0)
    encoded = np.where(clipped <= 0.0031308, clipped * 12.92, 1.055 * np.power(clipped, 1 / 2.4) - 0.055)
    return np.asarray(np.round(encoded * 255.0), np.uint8)


def to_density(linear: Field) -> Field:
    """Optical density, natural logarithm, (H, W, 3)."""
    return np.asarray(-np.log(np.maximum(linear, DARKEST)), np.float32)


def split(density: Field) -> tuple[Field, Field, Field]:
    """Melanin, haemoglobin and shading amounts (H, W each): density written in the three vectors."""
    basis = np.stack([MELANIN, HAEMOGLOBIN, np.full(3, 3**-0.5, np.float32)], axis=1)
    amounts = density @ np.linalg.inv(basis).T.astype(np.float32)
    return amounts[..., 0], amounts[..., 1], amounts[..., 2]


@dataclass(slots=True)
class Layers:
    """What painting adds to a face, each (H, W): pigment and shade in density, height in px, shine in linear light."""

    melanin: Field
    haemoglobin: Field
    shade: Field
    height: Field
    shine: Field

    @classmethod
    def blank(cls, shape: tuple[int, int]) -> "Layers":
        return cls(*(np.zeros(shape, np.float32) for _ in range(5)))


def relight(height: Field, light_xyz: NDArray[np.float32]) -> Field:
    """Brightness factor (H, W) of a relief under one light, 1 where it is flat; Lambert with half ambient light."""
    dx = cv2.Sobel(height, cv2.CV_32F, 1, 0, ksize=3, scale=0.125)
    dy = cv2.Sobel(height, cv2.CV_32F, 0, 1, ksize=3, scale=0.125)
    x, y, z = (float(v) for v in light_xyz)
    lit = (z - dx * x - dy * y) / np.sqrt(1.0 + dx * dx + dy * dy) / z
    return np.asarray(0.5 + 0.5 * np.clip(lit, 0.0, 2.2), np.float32)


def compose(linear: Field, layers: Layers, light_xyz: NDArray[np.float32]) -> Field:
    """The face (H, W, 3, linear light) with the layers on it: pigment absorbs, relief shades, shine adds light."""
    pigment = layers.melanin[..., None] * MELANIN + layers.haemoglobin[..., None] * HAEMOGLOBIN
    relief = relight(layers.height, light_xyz)[..., None]
    painted = linear * np.exp(-pigment - layers.shade[..., None]) * relief + SURFACE * (relief - 1.0)
    painted = np.maximum(painted, 0.0)
    if not layers.shine.any():
        return np.asarray(painted, np.float32)
    # A highlight saturates softly, as on a sensor: the brighter the skin, the less it can add.
    shine = layers.shine[..., None]
    return np.asarray(painted + shine * np.clip(1.05 - painted, 0.0, 1.0), np.float32)
