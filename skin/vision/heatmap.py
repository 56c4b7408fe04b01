"""A concern's map as a picture that can be laid over the photo."""

import io

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from skin.vision.alignment import AlignedFace, warp_to_photo
from skin.vision.warping import pixel_centred

# Blue-violet is far from every skin's hue, so it shows on Monk 1 and on Monk 10 (checked on both).
INK_RGB = (72, 32, 240)
STRONGEST = 0.75
LONGEST_SIDE_PX = 1024
FACE_MAP_PX = 512


def draw_map(concern_map: NDArray[np.float32], aligned: AlignedFace, photo_size_wh: tuple[int, int]) -> bytes:
    """A PNG of one colour in the photo's proportions, whose opacity follows the map (h, w) of 0-1 over the crop.

    Only zones of skin are covered: a map says nothing about eyes, lips and background.
    """
    return _encode(warp_to_photo(_over_skin(concern_map, aligned), aligned, photo_size_wh))


def draw_face_map(concern_map: NDArray[np.float32], aligned: AlignedFace) -> bytes:
    """The same PNG to lay over the aligned face instead of the photo."""
    return _encode(_over_skin(concern_map, aligned))


def lay_over_face(photo_map: bytes, matrix_norm: tuple[float, ...]) -> bytes:
    """What `draw_map` made for the photo, as it lies over the aligned face; `matrix_norm` is that of the findings."""
    with Image.open(io.BytesIO(photo_map)) as picture:
        alpha = np.asarray(picture.getchannel("A"), np.float32)
    height, width = alpha.shape
    to_face = np.array(matrix_norm, np.float64).reshape(2, 3) * FACE_MAP_PX
    matrix = to_face @ np.diag([1 / width, 1 / height, 1])
    over_face = cv2.warpAffine(alpha, pixel_centred(matrix), (FACE_MAP_PX, FACE_MAP_PX), flags=cv2.INTER_LINEAR)
    return _encode(np.asarray(over_face, np.float32) / (255 * STRONGEST))


def _over_skin(concern_map: NDArray[np.float32], aligned: AlignedFace) -> NDArray[np.float32]:
    side = aligned.crop_rgb.shape[0]
    skin = np.any(list(aligned.zone_masks.values()), axis=0).astype(np.float32)
    strength = cv2.resize(concern_map, (side, side), interpolation=cv2.INTER_LINEAR)
    return np.asarray(strength * cv2.GaussianBlur(skin, (0, 0), 3), np.float32)


def _encode(strength: NDArray[np.float32]) -> bytes:
    alpha = np.clip(strength * STRONGEST * 255, 0, 255).astype(np.uint8)
    ink = np.broadcast_to(np.array(INK_RGB, np.uint8), (*alpha.shape, 3))
    picture = Image.fromarray(np.dstack([ink, alpha]), "RGBA")
    picture.thumbnail((LONGEST_SIDE_PX, LONGEST_SIDE_PX))
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", optimize=False)
    return buffer.getvalue()
