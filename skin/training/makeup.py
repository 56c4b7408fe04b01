"""Make-up: lips, brows and lids in other colours, so that the tone head does not rely on one of them."""

import cv2
import numpy as np
from numpy.typing import NDArray

from skin.core.zones import Feature
from skin.training.pigment import Image
from skin.vision.alignment import inside_features
from skin.vision.references import INNER_LIPS, LIDS, inside_outline

# How far each part may move in L*, a* and b*: lipstick, pencilled or bleached brows, eye shadow and liner.
STYLES: tuple[tuple[tuple[Feature, ...], tuple[float, ...], tuple[float, ...]], ...] = (
    ((Feature.LIPS,), (-35.0, -5.0, -12.0), (8.0, 45.0, 20.0)),
    ((Feature.BROW_LEFT, Feature.BROW_RIGHT), (-30.0, -5.0, -8.0), (15.0, 5.0, 8.0)),
    ((Feature.EYE_LEFT, Feature.EYE_RIGHT), (-25.0, -10.0, -20.0), (8.0, 15.0, 10.0)),
)
_BARE = (*LIDS, INNER_LIPS)
_EDGE_PX = 2.0


def make_up(rgb: Image, points: NDArray[np.float32], rng: np.random.Generator) -> Image:
    """A crop (H, W, 3) with landmarks (478, 2), its lips, brows and lids each in another colour, thin or thick.

    The eyes themselves, and what shows between the lips, are left.
    """
    size = rgb.shape[1], rgb.shape[0]
    lab = cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    bare = np.any([inside_outline(points, edge, size) for edge in _BARE], axis=0)
    for features, low, high in STYLES:
        where = inside_features(points, features, size) & ~bare
        cover = cv2.GaussianBlur(where.astype(np.float32), (0, 0), _EDGE_PX)
        lab += cover[..., None] * np.float32(rng.uniform(low, high) * rng.random())
    lab[..., 0] = np.clip(lab[..., 0], 0, 100)
    painted = cv2.cvtColor(lab, cv2.COLOR_LAB2RGB)
    return np.asarray(np.clip(painted * 255 + 0.5, 0, 255), np.uint8)
