"""What hides skin or distorts it: glasses, hair, hands, closed eyes, an open mouth."""

import numpy as np
from numpy.typing import NDArray

from skin.core.zones import Zone
from skin.vision.alignment import AlignedFace
from skin.vision.colour import to_linear
from skin.vision.references import eye_openings, log_axes, mouth_opening
from skin.vision.warping import eyes_distance_px

# Skin of one face differs this much at most from its cheeks and nose: darker in stops, in warmth, in tint.
DARKER, WARMTH, TINT = 1.5, 1.3, 0.35
FEWEST_PX = 50
SKIN = (Zone.CHEEK_LEFT, Zone.CHEEK_RIGHT, Zone.NOSE)
AROUND_EYES = (Zone.PERIORBITAL_LEFT, Zone.PERIORBITAL_RIGHT, Zone.GLABELLA)


def judge_coverage(aligned: AlignedFace) -> dict[str, float]:
    """Shares of forehead and of the surroundings of the eyes that are not like the face's own skin, and its expression.

    A beard is darker than skin as a mask is, and a hand has its colour: neither can be told from skin by this.
    """
    points = aligned.points_crop
    corners = float(np.linalg.norm(points[61] - points[291])) / eyes_distance_px(points)
    return {
        "eyes_covered_share": _unlike_skin(aligned, AROUND_EYES),
        "forehead_covered_share": _unlike_skin(aligned, (Zone.FOREHEAD,)),
        "eye_opening": max(eye_openings(points)),
        "mouth_opening": mouth_opening(points),
        "mouth_width": corners,
    }


def _unlike_skin(aligned: AlignedFace, zones: tuple[Zone, ...]) -> float:
    skin, found = (_axes(aligned, these) for these in (SKIN, zones))
    if min(len(skin), len(found)) < FEWEST_PX:
        return 0.0
    apart = found - np.median(skin, axis=0)
    unlike = (apart[:, 0] < -DARKER) | (np.abs(apart[:, 1]) > WARMTH) | (np.abs(apart[:, 2]) > TINT)
    return float(unlike.mean())


def _axes(aligned: AlignedFace, zones: tuple[Zone, ...]) -> NDArray[np.float32]:
    """Every second pixel of every second row of the zones, as exposure, warmth and tint."""
    mask = np.logical_or.reduce([aligned.zone_masks[zone][::2, ::2] for zone in zones])
    return log_axes(to_linear(aligned.crop_rgb[::2, ::2][mask]))
