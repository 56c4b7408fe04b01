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

_levels = np.arange(256) / 255.0
_LINEAR = np.where(_levels <= 0.04045, _levels / 12.92, ((_levels + 0.055) / 1.055) ** 2.4).astype(np.float32)
_LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)


@dataclass(frozen=True, slots=True)
class SkinColour:
    """Colour of open skin: median in linear light as CIE Lab (D65), and the share of pixels that were burnt out."""

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
    """Colour of the open skin in a crop (H, W, 3), or None if too little of it can be read."""
    pixels = open_skin(rgb, masks)
    if len(pixels) < FEWEST_PIXELS:
        return None
    brightest = pixels.max(axis=1)
    clipped = brightest >= CLIPPED_AT
    readable = pixels[~clipped & (brightest > LOST_AT)]
    # With next to nothing readable the colour below means little, and its clipped share says so.
    linear = to_linear(readable if len(readable) >= FEWEST_PIXELS else pixels)
    y = luminance(linear)
    low, high = np.percentile(y, LUMINANCE_BAND)
    lab = to_lab(np.median(linear[(y >= low) & (y <= high)], axis=0).astype(np.float32)[None])[0]
    return SkinColour((float(lab[0]), float(lab[1]), float(lab[2])), float(clipped.mean()))
