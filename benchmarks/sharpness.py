"""What blur changes in corrected ITA, and what is left at one sharpness: python -m benchmarks.sharpness DATA.

Photos of `interfaces`, each as it is and blurred by 1.1 px of the crop, which is what 1.5 px are in a London photo. "At
one sharpness" smooths the face until its edges are SHARPNESS_PX wide, by what the capture gate measures; "found again"
looks for the landmarks twice more on the face so smoothed. Nothing of it is served: docs/tone.md says why.
"""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from mediapipe.python.solutions.face_mesh import FaceMesh
from numpy.typing import NDArray

from skin.core.tone import ita_deg
from skin.inference.pipeline import SCALES, load_light_scale
from skin.vision.alignment import FRAME, AlignedFace, align
from skin.vision.colour import lab_of, skin_colour
from skin.vision.illuminant import estimate_light, in_white_light
from skin.vision.images import decode
from skin.vision.landmarks import Face, MediaPipeLandmarker
from skin.vision.quality import SHARPNESS_EYES_PX, blur_px
from skin.vision.references import listen
from skin.vision.warping import Frame, eyes_distance_px, similarity, transform, warp

Photo = NDArray[np.uint8]
Way = Callable[[Photo, Face], AlignedFace]
CROP_PX, BLUR_PX, SHARPNESS_PX = 512, 1.1, 4.0
# The gate's widths grow by 1.75 px of the crop where a face is blurred by 1.1 (median of the first 56 photos): this
# brings them to what was added.
TRUE_WIDTH = 0.63
AGAIN, AGAIN_PX = Frame((0.5, 0.43), 0.25), 256
LIGHT = load_light_scale(SCALES / "light.yaml")


def added_px(rgb: Photo, face: Face) -> float:
    """The blur, in px of the crop, that brings a face to SHARPNESS_PX; 0 if it is less sharp already."""
    distance = min(eyes_distance_px(face.points_px), SHARPNESS_EYES_PX)
    width = TRUE_WIDTH * blur_px(rgb, face) * FRAME.eyes_distance * CROP_PX / distance
    return float(np.sqrt(max(SHARPNESS_PX**2 - width**2, 0.0)))


def smoothed(rgb: Photo, sigma: float) -> Photo:
    return np.asarray(cv2.GaussianBlur(rgb, (0, 0), sigma), np.uint8) if sigma > 0.2 else rgb


def at_one_sharpness(rgb: Photo, face: Face) -> AlignedFace:
    aligned = align(rgb, face)
    return replace(aligned, crop_rgb=smoothed(aligned.crop_rgb, added_px(rgb, face)))


def found_again(mesh: Any, rgb: Photo, face: Face) -> Face:
    """The face by two more looks at its own part of the photo, at one sharpness."""
    sigma = added_px(rgb, face) * AGAIN.eyes_distance * AGAIN_PX / (FRAME.eyes_distance * CROP_PX)
    for _ in range(2):
        matrix = similarity(face.points_px, AGAIN, size_px=AGAIN_PX)
        crop = smoothed(warp(rgb, matrix, size_px=AGAIN_PX), sigma)
        seen = mesh.process(np.ascontiguousarray(crop)).multi_face_landmarks
        if not seen:
            return face
        points = np.array([(p.x, p.y, p.z) for p in seen[0].landmark], np.float32) * AGAIN_PX
        back = np.asarray(cv2.invertAffineTransform(matrix), np.float64)
        scale = np.sqrt(np.linalg.det(matrix[:, :2]))
        face = Face(np.column_stack([transform(points[:, :2], back), points[:, 2] / scale]).astype(np.float32))
    return face


def corrected_ita(rgb: Photo, aligned: AlignedFace) -> float:
    """In degrees, NaN where no skin can be read."""
    colour = skin_colour(aligned.crop_rgb, aligned.zone_masks)
    if colour is None:
        return float("nan")
    lab = lab_of(in_white_light(colour.linear, estimate_light(listen(rgb, aligned, colour.linear), LIGHT)))
    return ita_deg(lab[0], lab[2])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    options = parser.parse_args()
    landmarker, mesh = MediaPipeLandmarker(), FaceMesh(static_image_mode=True, refine_landmarks=True)
    ways: Mapping[str, Way] = {
        "as served": align,
        "at one sharpness": at_one_sharpness,
        "and its landmarks found again": lambda rgb, face: at_one_sharpness(rgb, found_again(mesh, rgb, face)),
    }
    own: dict[str, list[float]] = {name: [] for name in ways}
    same: dict[str, list[float]] = {name: [] for name in ways}
    for path in sorted((options.data / "interfaces").glob("*.jpg")):
        rgb = decode(path.read_bytes())
        faces = landmarker.detect(rgb)
        if len(faces) != 1:
            continue
        scale = np.sqrt(np.linalg.det(similarity(faces[0].points_px, FRAME, size_px=CROP_PX)[:, :2]))
        blurred = smoothed(rgb, BLUR_PX / scale)
        again = landmarker.detect(blurred)
        if len(again) != 1:
            continue
        for name, way in ways.items():
            before = corrected_ita(rgb, way(rgb, faces[0]))
            own[name].append(abs(corrected_ita(blurred, way(blurred, again[0])) - before))
            same[name].append(abs(corrected_ita(blurred, way(blurred, faces[0])) - before))
    print("| measured | n | ITA change, mean | median | 90 % | with the sharp photo's landmarks |")
    print("| --- " * 6 + "|")
    for name in ways:
        middle, high = np.nanpercentile(own[name], (50, 90))
        print(
            f"| {name} | {len(own[name])} | {np.nanmean(own[name]):.2f} | {middle:.2f} | {high:.2f} "
            f"| {np.nanmean(same[name]):.2f} |"
        )


if __name__ == "__main__":
    main()
