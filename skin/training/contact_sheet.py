"""A contact sheet of painted faces, concern by severity by tone, to be looked at by a person."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from skin.training.pigment import Image
from skin.training.synthesis import PAINTERS, paint
from skin.vision.alignment import AlignedFace

# The part of the crop that is shown: forehead to chin, ear to ear.
SHOWN = (slice(0.14, 0.92), slice(0.16, 0.84))
SEVERITIES = (0.0, 1.0, 2.0, 3.0)


def contact_sheet(faces: Sequence[tuple[AlignedFace, Sequence[int | None]]], *, cell_px: int, seed: int = 0) -> Image:
    """One row per concern; for each face and each of its Monk tones (None: its own) severities 0 to 3 side by side."""
    rows = []
    for concern in PAINTERS:
        cells: list[NDArray[np.uint8]] = [_caption(concern.value, cell_px)]
        for face, tones in faces:
            for tone in tones:
                cells += [
                    _shown(paint(face, {concern: severity}, seed=seed, monk=tone).rgb, cell_px)
                    for severity in SEVERITIES
                ]
        rows.append(np.concatenate(cells, axis=1))
    return np.concatenate(rows, axis=0)


def _shown(rgb: Image, cell_px: int) -> Image:
    down, across = (slice(round(s.start * rgb.shape[0]), round(s.stop * rgb.shape[0])) for s in SHOWN)
    part = rgb[down, across]
    size = (cell_px, round(cell_px * part.shape[0] / part.shape[1]))
    return np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.uint8)


def _caption(text: str, cell_px: int) -> Image:
    height = _shown(np.zeros((512, 512, 3), np.uint8), cell_px).shape[0]
    field = np.full((height, 26, 3), 255, np.uint8)
    lying = np.full((26, height, 3), 255, np.uint8)
    cv2.putText(lying, text.replace("_", " "), (6, 18), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (30, 30, 30), 1, cv2.LINE_AA)
    field[:] = cv2.rotate(lying, cv2.ROTATE_90_COUNTERCLOCKWISE)
    return field
