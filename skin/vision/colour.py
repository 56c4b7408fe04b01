"""Robust skin colour under zone masks."""

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from skin.core.concerns import OPEN_SKIN
from skin.core.tone import Lab
from skin.core.zones import Zone

# A channel at or above this is burnt out, a pixel with all channels at or below the other is lost in the dark.
CLIPPED_AT = 253
LOST_AT = 4
# Skin pixels by luminance that count: below lie shadow, hair and beard, above lies shine.
LUMINANCE_BAND = (30.0, 90.0)
FEWEST_PIXELS = 100
FEWEST_BAND_PIXELS = 12

Range = tuple[float, float]

_levels = np.arange(256) / 255.0
_LINEAR = np.where(_levels <= 0.04045, _levels / 12.92, ((_levels + 0.055) / 1.055) ** 2.4).astype(np.float32)
_fine = np.linspace(0, 1, 1 << 16)
_SRGB = np.round(255 * np.where(_fine <= 0.0031308, 12.92 * _fine, 1.055 * _fine ** (1 / 2.4) - 0.055)).astype(np.uint8)
_LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)


Linear = NDArray[np.float32]

_XYZ_FROM_RGB = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
# Cone-like responses of the Bradford transform (Lam 1985; CIE 160:2004).
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
_CONES_FROM_RGB = _BRADFORD @ _XYZ_FROM_RGB
_RGB_FROM_CONES = np.linalg.inv(_CONES_FROM_RGB)


@dataclass(frozen=True, slots=True, eq=False)
class SkinColour:
    """Colour of open skin: in linear sRGB (3,), the same as CIE Lab (D65), and the share that was burnt out."""

    linear: Linear
    lab: Lab
    clipped_share: float


def to_linear(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """sRGB (..., 3) as linear light 0-1 (IEC 61966-2-1)."""
    return np.asarray(_LINEAR[rgb], np.float32)


def to_lab(linear: NDArray[np.float32]) -> NDArray[np.float32]:
    """Linear sRGB (N, 3) 0-1 as CIE Lab with the D65 white (N, 3)."""
    return np.asarray(cv2.cvtColor(linear.reshape(-1, 1, 3), cv2.COLOR_LRGB2LAB).reshape(-1, 3), np.float32)


def luminance(linear: NDArray[np.float32]) -> NDArray[np.float32]:
    """Relative luminance Y 0-1 of linear sRGB (..., 3)."""
    return np.asarray(linear @ _LUMINANCE, np.float32)


def lightness(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """CIE L* 0-100 of sRGB (..., 3)."""
    y = luminance(to_linear(rgb))
    return np.asarray(np.where(y > 216 / 24389, 116 * np.cbrt(y) - 16, y * 24389 / 27), np.float32)


def open_skin(rgb: NDArray[np.uint8], masks: Mapping[Zone, NDArray[np.bool_]]) -> NDArray[np.uint8]:
    """The pixels (N, 3) of the zones that are open skin on most faces."""
    return np.asarray(rgb[np.logical_or.reduce([masks[zone] for zone in OPEN_SKIN])], np.uint8)


def skin_colour(rgb: NDArray[np.uint8], masks: Mapping[Zone, NDArray[np.bool_]]) -> SkinColour | None:
    """Colour of the open skin in a crop (H, W, 3), or None if too little of it can be read.

    The interquartile mean of each channel: a median would jump by whole steps of 8 bits, a degree of ITA on dark skin.
    """
    pixels = open_skin(rgb, masks)
    if len(pixels) < FEWEST_PIXELS:
        return None
    brightest = np.maximum(np.maximum(pixels[:, 0], pixels[:, 1]), pixels[:, 2])
    clipped = brightest >= CLIPPED_AT
    readable = pixels[~clipped & (brightest > LOST_AT)]
    # With next to nothing readable the colour below means little, and its clipped share says so.
    linear = to_linear(readable if len(readable) >= FEWEST_PIXELS else pixels)
    y = luminance(linear)
    low, high = np.percentile(y, LUMINANCE_BAND)
    ordered = np.sort(linear[(y >= low) & (y <= high)], axis=0)
    quarter = len(ordered) // 4
    middle = ordered[quarter : len(ordered) - quarter].mean(axis=0)
    return SkinColour(middle, lab_of(middle), float(clipped.mean()))


def lab_of(linear: Linear) -> Lab:
    """One linear sRGB colour (3,) as CIE Lab (D65); lighter than white is cut off at white."""
    lightness_, redness, yellowness = (float(one) for one in to_lab(np.clip(linear, 0, 1)[None])[0])
    return lightness_, redness, yellowness


def adapt(linear: Linear, white: Linear) -> Linear:
    """Linear sRGB (3,) seen in light of this linear sRGB (3,), as it would be in D65 of luminance 1 (Bradford)."""
    return np.asarray(np.maximum(adaptation(white) @ linear, 0), np.float32)


def adapt_picture(rgb: NDArray[np.uint8], white: Linear) -> NDArray[np.uint8]:
    """The same of every pixel of an sRGB picture (H, W, 3); what becomes brighter than white is cut off at white."""
    linear = cv2.transform(to_linear(rgb), adaptation(white))
    return np.asarray(_SRGB[np.clip(linear * (len(_SRGB) - 1), 0, len(_SRGB) - 1).astype(np.uint16)], np.uint8)


def adaptation(white: Linear) -> NDArray[np.float64]:
    """The matrix (3, 3) that takes linear sRGB from light of this colour (3,) to D65 of luminance 1 (Bradford)."""
    from_cones, to_cones = _CONES_FROM_RGB @ white, _CONES_FROM_RGB @ np.ones(3)
    gains = to_cones / np.maximum(from_cones, 1e-6)
    return np.asarray(_RGB_FROM_CONES @ (gains[:, None] * _CONES_FROM_RGB), np.float64)


def band_mean(pixels: NDArray[np.uint8], band: Range) -> Linear | None:
    """Mean in linear light (3,) of the pixels (N, 3) between two percentiles of luminance; None below 12 pixels."""
    if len(pixels) < FEWEST_BAND_PIXELS:
        return None
    linear = to_linear(pixels)
    y = luminance(linear)
    low, high = np.percentile(y, band)
    return np.asarray(linear[(y >= low) & (y <= high)].mean(axis=0), np.float32)
