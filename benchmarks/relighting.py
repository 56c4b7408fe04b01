"""The same photo as another light, exposure or camera would have given it: what the tone benchmark perturbs by."""

from collections.abc import Callable, Mapping
from io import BytesIO

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

Photo = NDArray[np.uint8]

_RGB_FROM_XYZ = np.array(
    [[3.2404542, -1.5371385, -0.4985314], [-0.9692660, 1.8760108, 0.0415560], [0.0556434, -0.2040259, 1.0572252]]
)
D65_K, FACTS_K = 6504.0, 5000.0
SIDE_PX, BLUR_SIGMA_PX, JPEG_QUALITY = 640, 1.5, 40


def white_rgb(kelvin: float) -> NDArray[np.float64]:
    """Linear sRGB of a white of this colour temperature at Y = 1.

    CIE daylight from 4,000 K (CIE 15:2004), the Planckian locus below (Kim 2002, US patent 7024034).
    """
    t = 1000.0 / kelvin
    if kelvin > 7000:
        x = -2.0064 * t**3 + 1.9018 * t**2 + 0.24748 * t + 0.237040
    elif kelvin >= 4000:
        x = -4.6070 * t**3 + 2.9678 * t**2 + 0.09911 * t + 0.244063
    else:
        x = -0.2661239 * t**3 - 0.2343589 * t**2 + 0.8776956 * t + 0.179910
    if kelvin >= 4000:
        y = -3.0 * x**2 + 2.870 * x - 0.275
    else:
        y = -0.9549476 * x**3 - 1.37418593 * x**2 + 2.09137015 * x - 0.16748867
    return np.asarray(_RGB_FROM_XYZ @ np.array([x / y, 1.0, (1 - x - y) / y]), np.float64)


def light_gains(kelvin: float, *, reference_k: float = D65_K) -> NDArray[np.float64]:
    """Von Kries gains in linear sRGB from light of `reference_k` to that of `kelvin`; grey keeps its luminance."""
    gains = white_rgb(kelvin) / white_rgb(reference_k)
    return np.asarray(gains / (gains @ np.array([0.2126, 0.7152, 0.0722])), np.float64)


def relit(rgb: Photo, gains: NDArray[np.float64]) -> Photo:
    """The photo with its linear light scaled by channel, clipped and quantised again as a camera would."""
    level = np.arange(256) / 255.0
    linear = np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4)[:, None] * gains
    signal = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * np.maximum(linear, 1e-9) ** (1 / 2.4) - 0.055)
    table = np.clip(np.round(signal * 255), 0, 255).astype(np.uint8)
    return np.stack([table[rgb[..., channel], channel] for channel in range(3)], axis=-1)


def exposed(rgb: Photo, stops: float) -> Photo:
    """The photo with more or less light, in photographic stops."""
    return relit(rgb, np.full(3, 2.0**stops))


def _compressed(rgb: Photo) -> Photo:
    stream = BytesIO()
    Image.fromarray(rgb).save(stream, "JPEG", quality=JPEG_QUALITY)
    return np.asarray(Image.open(stream).convert("RGB"), np.uint8)


def _blurred(rgb: Photo) -> Photo:
    return np.asarray(cv2.GaussianBlur(rgb, (0, 0), BLUR_SIGMA_PX), np.uint8)


def _smaller(rgb: Photo) -> Photo:
    scale = SIDE_PX / max(rgb.shape[:2])
    return np.asarray(cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def _light(kelvin: float, reference_k: float) -> Callable[[Photo], Photo]:
    return lambda rgb: relit(rgb, light_gains(kelvin, reference_k=reference_k))


# The published list; lights are relative to D65, and once more to the 5,000 K at which 6,500 K is a change.
PERTURBATIONS: Mapping[str, Callable[[Photo], Photo]] = {
    **{f"light {k} K": _light(k, D65_K) for k in (2850, 3500, 6500, 9000)},
    **{f"light {k} K from 5000 K": _light(k, FACTS_K) for k in (2850, 3500, 6500, 9000)},
    "exposure -1 EV": lambda rgb: exposed(rgb, -1),
    "exposure -0.5 EV": lambda rgb: exposed(rgb, -0.5),
    "exposure +0.5 EV": lambda rgb: exposed(rgb, 0.5),
    "JPEG 40": _compressed,
    "blur 1.5 px": _blurred,
    "640 px": _smaller,
}
