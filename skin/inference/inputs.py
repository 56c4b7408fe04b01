"""What the network is given: an aligned face as two arrays. Training and serving share this file."""

import cv2
import numpy as np
from numpy.typing import NDArray

from skin.core.zones import Feature, Zone
from skin.vision.alignment import AlignedFace, inside_features

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
# What beside the skin tells its tone by contrast: eye whites, irises, brows and lips stand in the same light.
FEATURES: tuple[tuple[Feature, ...], ...] = (
    (Feature.EYE_LEFT, Feature.EYE_RIGHT),
    (Feature.BROW_LEFT, Feature.BROW_RIGHT),
    (Feature.LIPS,),
)
MAP_PX = 96
_SMALLEST_SHARE = 0.0005


def image_input(crop_rgb: NDArray[np.uint8], size_px: int) -> NDArray[np.float32]:
    """The crop as (1, 3, S, S) float32 RGB 0-255; the network normalises by itself."""
    if crop_rgb.shape[0] != size_px:
        crop_rgb = np.asarray(cv2.resize(crop_rgb, (size_px, size_px), interpolation=cv2.INTER_AREA), np.uint8)
    return np.ascontiguousarray(crop_rgb.transpose(2, 0, 1)[None], np.float32)


def areas_input(aligned: AlignedFace) -> NDArray[np.float32]:
    """Share of each cell that an area covers, (1, 10, 96, 96): the seven pools of skin, then eyes, brows and lips.

    A pool of skin that is not seen is taken from the whole face.
    """
    masks = [np.any([aligned.zone_masks[z] for z in pool], axis=0) for pool in POOLS]
    face = np.any(masks, axis=0)
    skin = [mask if mask.mean() > _SMALLEST_SHARE else face for mask in masks]
    size = aligned.crop_rgb.shape[1], aligned.crop_rgb.shape[0]
    features = [inside_features(aligned.points_crop, pool, size) for pool in FEATURES]
    areas = [*skin, *features]
    small = [cv2.resize(m.astype(np.float32), (MAP_PX, MAP_PX), interpolation=cv2.INTER_AREA) for m in areas]
    return np.ascontiguousarray(np.stack(small)[None], np.float32)


def build_inputs(aligned: AlignedFace, size_px: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Both inputs of the network for one face."""
    return image_input(aligned.crop_rgb, size_px), areas_input(aligned)
