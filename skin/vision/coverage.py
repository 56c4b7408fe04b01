"""What hides skin or distorts it: cloth, dark glasses, hair, closed eyes, an open mouth."""

import numpy as np
from numpy.typing import NDArray

from skin.core.cover import CLOTH
from skin.core.zones import Zone
from skin.vision.alignment import AlignedFace
from skin.vision.cloth import CLOTHED, cloth_share
from skin.vision.colour import to_linear
from skin.vision.references import eye_openings, log_axes, mouth_opening
from skin.vision.warping import eyes_distance_px

# Skin of one face differs this much at most from its cheeks and nose: darker in stops, in warmth, in tint.
DARKER, WARMTH, TINT = 1.5, 1.3, 0.35
FEWEST_PX = 50
SKIN = (Zone.CHEEK_LEFT, Zone.CHEEK_RIGHT, Zone.NOSE)
FOREHEAD = (Zone.FOREHEAD,)
AROUND_EYES = (Zone.PERIORBITAL_LEFT, Zone.PERIORBITAL_RIGHT, Zone.GLABELLA)


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
