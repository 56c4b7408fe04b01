"""A mask, scarf or veil over nose and mouth: no lips are to be seen, or nothing there is like the face's own skin."""

import numpy as np
from numpy.typing import NDArray

from skin.core.zones import Feature, Zone
from skin.vision.alignment import AlignedFace, inside_features
from skin.vision.colour import Linear, to_linear
from skin.vision.references import log_axes

CLOTHED = 0.5  # more than this is a covered face; of 632 bare ones two computer-made ones in red light reach it
NOSE_TIP = 5
FEWEST_PX = 50
# Bare lips show by the dark line between them, this many stops below the skin around, or by their colour (tint).
LINE, REDNESS = 2.0, 0.12
LINE_PERCENTILE = 3
# Cloth differs this much from forehead and from surroundings of the eyes: in warmth, in tint either way, or in stops.
WARMTH, GREENER, REDDER, DARKER = 1.5, 0.25, 1.0, 3.0
# A fringe hides the one, glasses the other: skin is what is like either.
REFERENCES = ((Zone.FOREHEAD,), (Zone.GLABELLA, Zone.PERIORBITAL_LEFT, Zone.PERIORBITAL_RIGHT))


def cloth_share(aligned: AlignedFace) -> float:
    """How much of nose and mouth lies under cloth, 0-1: a beard leaves the lips and the tip of the nose free."""
    return max(1.0 - _lips(aligned), _unlike_skin(aligned))


def _lips(aligned: AlignedFace) -> float:
    """How plainly lips show, 0-1."""
    size = aligned.crop_rgb.shape[1], aligned.crop_rgb.shape[0]
    lips = _axes(aligned, inside_features(aligned.points_crop, (Feature.LIPS,), size))
    around = _axes(aligned, aligned.zone_masks[Zone.PERIORAL])
    if min(len(lips), len(around)) < FEWEST_PX:
        return 1.0
    skin = np.median(around, axis=0)
    line = float(skin[0] - np.percentile(lips[:, 0], LINE_PERCENTILE)) / LINE
    redness = float(skin[2] - np.median(lips[:, 2])) / REDNESS
    return float(np.clip(max(line, redness), 0.0, 1.0))


def _unlike_skin(aligned: AlignedFace) -> float:
    """The share that is unlike skin in that of nose tip, mouth and lower cheeks where it is least."""
    masks = aligned.zone_masks
    low = np.arange(len(aligned.crop_rgb))[:, None] > aligned.points_crop[NOSE_TIP, 1]
    cheeks = masks[Zone.CHEEK_LEFT] | masks[Zone.CHEEK_RIGHT]
    found = [_axes(aligned, mask & low) for mask in (masks[Zone.NOSE], masks[Zone.PERIORAL], cheeks)]
    above = [_axes(aligned, np.logical_or.reduce([masks[zone] for zone in zones])) for zones in REFERENCES]
    if min(map(len, (*found, *above))) < FEWEST_PX:
        return 0.0
    skins = [np.median(axes, axis=0) for axes in above]
    return min(float(np.logical_and.reduce([_is_unlike(axes - skin) for skin in skins]).mean()) for axes in found)


def _is_unlike(apart: Linear) -> NDArray[np.bool_]:
    exposure, warmth, tint = apart.T
    return np.asarray((exposure < -DARKER) | (np.abs(warmth) > WARMTH) | (tint > GREENER) | (tint < -REDDER), np.bool_)


def _axes(aligned: AlignedFace, mask: NDArray[np.bool_]) -> Linear:
    """Every third pixel of every third row under the mask, as exposure, warmth and tint."""
    return log_axes(to_linear(aligned.crop_rgb[::3, ::3][mask[::3, ::3]]))
