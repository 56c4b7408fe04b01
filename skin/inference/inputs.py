"""What the network is given: an aligned face as two arrays. Training and serving share this file."""

from collections.abc import Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from skin.core.zones import Zone
from skin.vision.alignment import AlignedFace

# Zones whose features are pooled together; left and right are one, so that mirroring a face changes nothing.
POOLS: tuple[tuple[Zone, ...], ...] = (
    (Zone.FOREHEAD,),
    (Zone.GLABELLA,),
    (Zone.PERIORBITAL_LEFT, Zone.PERIORBITAL_RIGHT),
    (Zone.NOSE,),
    (Zone.CHEEK_LEFT, Zone.CHEEK_RIGHT),
    (Zone.PERIORAL,),
    (Zone.CHIN,),
)
MAP_PX = 96
_SMALLEST_SHARE = 0.0005


def image_input(crop_rgb: NDArray[np.uint8], size_px: int) -> NDArray[np.float32]:
    """The crop as (1, 3, S, S) float32 RGB 0-255; the network normalises by itself."""
    if crop_rgb.shape[0] != size_px:
        crop_rgb = np.asarray(cv2.resize(crop_rgb, (size_px, size_px), interpolation=cv2.INTER_AREA), np.uint8)
    return np.ascontiguousarray(crop_rgb.transpose(2, 0, 1)[None], np.float32)


def zones_input(zone_masks: Mapping[Zone, NDArray[np.bool_]]) -> NDArray[np.float32]:
    """Share of each cell that a pool covers, (1, 7, 96, 96); a pool that is not seen is taken from the whole face."""
    full = [np.any([zone_masks[z] for z in pool], axis=0) for pool in POOLS]
    face = np.any(full, axis=0)
    pools = [mask if mask.mean() > _SMALLEST_SHARE else face for mask in full]
    small = [cv2.resize(m.astype(np.float32), (MAP_PX, MAP_PX), interpolation=cv2.INTER_AREA) for m in pools]
    return np.ascontiguousarray(np.stack(small)[None], np.float32)


def build_inputs(aligned: AlignedFace, size_px: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Both inputs of the network for one face."""
    return image_input(aligned.crop_rgb, size_px), zones_input(aligned.zone_masks)
