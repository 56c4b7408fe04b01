"""The capture gate: what of a photo can honestly be judged, measured on its face."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import hypot, inf, log2

import cv2
import numpy as np
from numpy.typing import NDArray

from skin.core.cover import CLOTH, GLASSES, HAND, LOWER_FACE
from skin.core.findings import Outcome, QualityCheck
from skin.core.tone import LEAST_CHROMA
from skin.core.zones import FACE_OVAL, Zone
from skin.errors import Code, error
from skin.vision.alignment import AlignedFace, face_mask, polygon_px
from skin.vision.cloth import CLOTHED
from skin.vision.colour import CLIPPED_AT, LOST_AT, lightness, luminance, open_skin, skin_colour, to_linear
from skin.vision.coverage import judge_coverage
from skin.vision.illuminant import Light
from skin.vision.landmarks import Face
from skin.vision.references import LEAST_EYE_OPENING
from skin.vision.sharpness import blur_px

Range = tuple[float, float]

SECOND_FACE_SHARE = 0.35
BURNT_OUT_AT = CLIPPED_AT - 3

# Pairs of the person's left and right, and the top and bottom of the mesh, that span the axes of the head.
LEFT_SIDE, RIGHT_SIDE = [454, 263, 362, 291, 356, 361], [234, 33, 133, 61, 127, 132]
TOP, BOTTOM = 10, 152


@dataclass(frozen=True, slots=True)
class Limit:
    """What values of one check are good and usable; beyond usable the photo is refused with `code`."""

    name: str
    good: Range
    usable: Range
    code: Code | None
    hint: str

    def judge(self, value: float) -> QualityCheck:
        """The value with its outcome."""
        if self.good[0] <= value <= self.good[1]:
            return QualityCheck(self.name, value, Outcome.GOOD)
        usable = self.code is None or self.usable[0] <= value <= self.usable[1]
        return QualityCheck(self.name, value, Outcome.USABLE if usable else Outcome.REJECT, self.hint)


# In the order in which they are told. No check looks at mean brightness: dark skin in good light is a good photo.
LIMITS = (
    Limit("outside_frame_share", (0, 0.002), (0, 0.04), Code.FACE_OUT_OF_FRAME, "Centre your face in the picture."),
    Limit("yaw_deg", (-10, 10), (-34, 34), Code.LARGE_ANGLE, "Turn your face straight to the camera."),
    Limit("pitch_deg", (-15, 5), (-30, 30), Code.LARGE_ANGLE, "Hold the camera at the height of your eyes."),
    Limit("roll_deg", (-10, 10), (-40, 40), Code.LARGE_ANGLE, "Hold your head upright."),
    Limit("face_width_px", (400, inf), (80, inf), Code.FACE_TOO_SMALL, "Move closer to the camera."),
    Limit("blur_px", (0, 2.8), (0, 4.0), Code.BLURRED, "Hold the camera still and wipe its lens."),
    Limit("brightest_lightness", (45, 100), (25, 100), Code.TOO_DARK, "Turn towards a window or a lamp."),
    Limit("lost_in_dark_share", (0, 0.05), (0, 0.5), Code.TOO_DARK, "Turn towards a window or a lamp."),
    Limit("burnt_out_share", (0, 0.02), (0, 0.2), Code.OVEREXPOSED, "Move away from the bright light."),
    Limit("clipped_share", (0, 0.05), (0, 0.9), Code.OVEREXPOSED, "Move away from the bright light."),
    Limit("light_difference_stops", (0, 0.6), (0, inf), None, "Face the light, so that both cheeks are lit alike."),
    Limit("light_colour_stops", (0, 0.8), (0, inf), None, "Use daylight or a white lamp, and no filter."),
    Limit("skin_chroma", (LEAST_CHROMA, inf), (0, inf), None, "Take the photo in colour."),
    Limit("frame_margin_share", (0.08, inf), (0.015, inf), Code.FACE_OUT_OF_FRAME, "Leave space around your face."),
    Limit(
        CLOTH,
        (0, CLOTHED),
        (0, inf),
        None,
        "Uncover nose and mouth if you can: a mask or scarf hides the skin under it.",
    ),
    Limit(GLASSES, (0, 0.5), (0, inf), None, "Take off your glasses if you can: they hide the skin below your eyes."),
    Limit(HAND, (0, 0.005), (0, inf), None, "Take your hand away from your face."),
    Limit("eyes_covered_share", (0, 0.35), (0, inf), None, "Take off glasses and push hair from your eyes."),
    Limit(
        "forehead_covered_share", (0, 0.4), (0, inf), None, "Show your forehead if you can. A headscarf is fine too."
    ),
    Limit("eye_opening", (LEAST_EYE_OPENING, inf), (0, inf), None, "Open your eyes."),
    Limit("mouth_opening", (0, 0.06), (0, inf), None, "Close your mouth and relax your face."),
    Limit("mouth_width", (0, 1.0), (0, inf), None, "Relax your face: a smile folds the skin."),
)


def only_face(faces: list[Face]) -> Face:
    """The one face of a photo; raises no_face, or multiple_faces if another is nearly as large."""
    if not faces:
        raise error(Code.NO_FACE)
    if any(other.width_px > SECOND_FACE_SHARE * faces[0].width_px for other in faces[1:]):
        raise error(Code.MULTIPLE_FACES)
    return faces[0]


def judge_quality(
    rgb: NDArray[np.uint8],
    face: Face,
    aligned: AlignedFace,
    *,
    light: Light | None = None,
    covers: Mapping[str, float] | None = None,
) -> tuple[QualityCheck, ...]:
    """Every check on a photo (H, W, 3) and its face, good or not, in the order of LIMITS.

    `light` is what was estimated of the photo's; without it the light counts as white. `covers` are what glasses
    and hands measured; without them there are none.
    """
    yaw, pitch, roll = head_angles_deg(face)
    coverage = judge_coverage(aligned)
    values = {
        "outside_frame_share": outside_frame_share(face, (rgb.shape[1], rgb.shape[0])),
        "yaw_deg": yaw,
        "pitch_deg": pitch,
        "roll_deg": roll,
        "face_width_px": face.width_px,
        "blur_px": blur_px(rgb, face),
        **_light(_without_cloth(aligned, coverage[CLOTH])),
        "light_colour_stops": 0.0 if light is None else float(np.hypot(light.mean[1], light.mean[2])),
        "frame_margin_share": frame_margin_share(face, (rgb.shape[1], rgb.shape[0])),
        **coverage,
        **({GLASSES: 0.0, HAND: 0.0} | dict(covers or {})),
    }
    return tuple(limit.judge(values[limit.name]) for limit in LIMITS)


def refuse_rejected(checks: tuple[QualityCheck, ...]) -> None:
    """Raise the error of the first check that rejects, if any does."""
    codes = {limit.name: limit.code for limit in LIMITS}
    for check in checks:
        code = codes[check.name]
        if check.outcome is Outcome.REJECT and code is not None:
            raise error(code)


def head_angles_deg(face: Face) -> tuple[float, float, float]:
    """Yaw (positive: towards the person's right), pitch (positive: looking up) and roll (positive: clockwise)."""
    points = face.points_px.astype(np.float64)
    across = points[LEFT_SIDE].sum(axis=0) - points[RIGHT_SIDE].sum(axis=0)
    down = points[BOTTOM] - points[TOP]
    yaw = np.arctan2(across[2], np.hypot(across[0], across[1]))
    pitch = -np.arctan2(down[2], np.hypot(down[0], down[1]))
    roll = np.arctan2(across[1], across[0])
    return float(np.degrees(yaw)), float(np.degrees(pitch)), float(np.degrees(roll))


def outside_frame_share(face: Face, size_wh: tuple[int, int]) -> float:
    """Share of the area of the face oval that lies outside the photo."""
    oval = cv2.convexHull(polygon_px(face.points_px, FACE_OVAL))
    width, height = size_wh
    frame = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    inside, _ = cv2.intersectConvexConvex(oval, frame)
    return max(0.0, 1.0 - float(inside) / max(float(cv2.contourArea(oval)), 1e-6))


def frame_margin_share(face: Face, size_wh: tuple[int, int]) -> float:
    """Distance of the face to the nearest edge of the photo in shares of its width, 0 if it reaches beyond.

    The mesh of a face that is cut squeezes itself inside the photo, so that it ends at the very edge.
    """
    left, top, right, bottom = face.box_xyxy_px
    gap = min(left, top, size_wh[0] - right, size_wh[1] - bottom)
    return max(0.0, gap / max(right - left, 1.0))


def _without_cloth(aligned: AlignedFace, cloth: float) -> AlignedFace:
    """White cloth is not burnt-out skin: under cloth the light is judged on the forehead alone."""
    if cloth <= CLOTHED:
        return aligned
    masks = {zone: mask & (zone not in LOWER_FACE) for zone, mask in aligned.zone_masks.items()}
    return replace(aligned, zone_masks=masks)


def _light(aligned: AlignedFace) -> dict[str, float]:
    size = aligned.crop_rgb.shape[1], aligned.crop_rgb.shape[0]
    face = lightness(aligned.crop_rgb[face_mask(aligned.points_crop, FACE_OVAL, size)])
    skin = open_skin(aligned.crop_rgb, aligned.zone_masks)
    if len(skin) == 0 or len(face) == 0:
        raise error(Code.LARGE_ANGLE)
    red, green, blue = skin.T
    brightest = np.maximum(np.maximum(red, green), blue)
    middle = np.maximum(np.minimum(red, green), np.minimum(np.maximum(red, green), blue))
    return {
        "brightest_lightness": float(np.percentile(face, 99)),
        "lost_in_dark_share": float((brightest <= LOST_AT).mean()),
        "burnt_out_share": float((middle >= BURNT_OUT_AT).mean()),
        "clipped_share": float((brightest >= CLIPPED_AT).mean()),
        "light_difference_stops": _light_difference_stops(aligned),
        "skin_chroma": _chroma(aligned),
    }


def _chroma(aligned: AlignedFace) -> float:
    """CIE chroma of the open skin, of every fourth pixel: next to 0 in a black-and-white photo."""
    masks = {zone: mask[::4, ::4] for zone, mask in aligned.zone_masks.items()}
    colour = skin_colour(aligned.crop_rgb[::4, ::4], masks)
    return 0.0 if colour is None else hypot(colour.lab[1], colour.lab[2])


def _light_difference_stops(aligned: AlignedFace) -> float:
    """Between the cheeks, in photographic stops."""
    sides = [luminance(to_linear(aligned.crop_rgb[aligned.zone_masks[z]])) for z in (Zone.CHEEK_LEFT, Zone.CHEEK_RIGHT)]
    if min(len(side) for side in sides) == 0:
        return 0.0
    left, right = (max(float(np.median(side)), 1e-4) for side in sides)
    return abs(log2(left / right))
