"""What hides skin or distorts it: cloth, hands, dark glasses, hair, closed eyes, an open mouth."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from skin.core.cover import CLOTH
from skin.core.zones import FACE_OVAL, Zone
from skin.vision.alignment import AlignedFace, face_mask
from skin.vision.cloth import CLOTHED, cloth_share
from skin.vision.colour import to_linear
from skin.vision.references import eye_openings, log_axes, mouth_opening
from skin.vision.warping import eyes_distance_px, transform

# Skin of one face differs this much at most from its cheeks and nose: darker in stops, in warmth, in tint.
DARKER, WARMTH, TINT = 1.5, 1.3, 0.35
FEWEST_PX = 50
# Landmarks run along the middle of the fingers, which reach this far to the sides, in shares of the eyes' distance.
FINGER = 0.07
ZONE_HIDDEN = 0.25  # of a zone's area
SKIN = (Zone.CHEEK_LEFT, Zone.CHEEK_RIGHT, Zone.NOSE)
FOREHEAD = (Zone.FOREHEAD,)
AROUND_EYES = (Zone.PERIORBITAL_LEFT, Zone.PERIORBITAL_RIGHT, Zone.GLABELLA)


@dataclass(frozen=True, slots=True)
class HandCover:
    """What hands hide: a share of the face oval, and the zones of which a good part lies under them."""

    share: float = 0.0
    zones: frozenset[Zone] = frozenset()


def judge_hands(aligned: AlignedFace, outlines: Sequence[NDArray[np.float32]]) -> HandCover:
    """What hands with these outlines (N, 2) in the photo hide of a face."""
    if not outlines:
        return HandCover()
    size = aligned.crop_rgb.shape[1], aligned.crop_rgb.shape[0]
    under = np.zeros(size[::-1], np.uint8)
    for outline in outlines:
        corners = np.round(transform(outline, aligned.matrix)).astype(np.int32)
        cv2.fillConvexPoly(under, corners, 1)
        cv2.polylines(under, [corners], True, 1, max(1, round(2 * FINGER * eyes_distance_px(aligned.points_crop))))
    hidden = under.astype(bool)
    zones = {zone for zone, mask in aligned.zone_masks.items() if mask.any() and hidden[mask].mean() >= ZONE_HIDDEN}
    return HandCover(float(hidden[face_mask(aligned.points_crop, FACE_OVAL, size)].mean()), frozenset(zones))


def judge_coverage(aligned: AlignedFace) -> dict[str, float]:
    """Shares of the face that are not like its own skin, and its expression.

    Its own skin is that of cheeks and nose, or of forehead and surroundings of the eyes where cloth hides those.
    """
    points = aligned.points_crop
    corners = float(np.linalg.norm(points[61] - points[291])) / eyes_distance_px(points)
    cloth = cloth_share(aligned)
    own = (*FOREHEAD, *AROUND_EYES) if cloth > CLOTHED else SKIN
    return {
        CLOTH: cloth,
        "eyes_covered_share": _unlike_skin(aligned, AROUND_EYES, own),
        "forehead_covered_share": _unlike_skin(aligned, FOREHEAD, own),
        "eye_opening": max(eye_openings(points)),
        "mouth_opening": mouth_opening(points),
        "mouth_width": corners,
    }


def _unlike_skin(aligned: AlignedFace, zones: tuple[Zone, ...], own: tuple[Zone, ...]) -> float:
    skin, found = (_axes(aligned, these) for these in (own, zones))
    if min(len(skin), len(found)) < FEWEST_PX:
        return 0.0
    apart = found - np.median(skin, axis=0)
    unlike = (apart[:, 0] < -DARKER) | (np.abs(apart[:, 1]) > WARMTH) | (np.abs(apart[:, 2]) > TINT)
    return float(unlike.mean())


def _axes(aligned: AlignedFace, zones: tuple[Zone, ...]) -> NDArray[np.float32]:
    """Every second pixel of every second row of the zones, as exposure, warmth and tint."""
    mask = np.logical_or.reduce([aligned.zone_masks[zone][::2, ::2] for zone in zones])
    return log_axes(to_linear(aligned.crop_rgb[::2, ::2][mask]))
