"""What blur changes in corrected ITA, as a photo is and at one sharpness: python -m benchmarks.sharpness DATA.

Photos of the training sets, each as it is and blurred by 1.1 px of the crop, which is what 1.5 px are in a London
photo. "As it is" measures the aligned face; "at one sharpness" is what is served (skin/vision/sharpness.py).
"""

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from skin.core.tone import ita_deg
from skin.inference.pipeline import SCALES, load_light_scale
from skin.vision.alignment import FRAME, AlignedFace, align
from skin.vision.colour import lab_of, skin_colour
from skin.vision.illuminant import estimate_light, in_white_light
from skin.vision.images import decode
from skin.vision.landmarks import Face, MediaPipeLandmarker
from skin.vision.references import listen
from skin.vision.sharpness import align_at_one_sharpness
from skin.vision.warping import similarity

Photo = NDArray[np.uint8]
CROP_PX, BLUR_PX = 512, 1.1
LIGHT = load_light_scale(SCALES / "light.yaml")


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
    landmarker = MediaPipeLandmarker()
    ways: Mapping[str, Callable[[Photo, Face], AlignedFace]] = {
        "as it is": align,
        "at one sharpness": lambda rgb, face: align_at_one_sharpness(rgb, face, landmarker),
    }
    print("| set | measured | n | ITA change, mean | median | 90 % |")
    print("| --- " * 6 + "|")
    for name in ("interfaces", "congress", "sfhq"):
        apart: dict[str, list[float]] = {way: [] for way in ways}
        for path in sorted((options.data / name).glob("*.jpg")):
            rgb = decode(path.read_bytes())
            faces = landmarker.detect(rgb)
            if len(faces) != 1:
                continue
            scale = np.sqrt(np.linalg.det(similarity(faces[0].points_px, FRAME, size_px=CROP_PX)[:, :2]))
            blurred = np.asarray(cv2.GaussianBlur(rgb, (0, 0), BLUR_PX / scale), np.uint8)
            again = landmarker.detect(blurred)
            if len(again) != 1:
                continue
            for way, view in ways.items():
                before, after = corrected_ita(rgb, view(rgb, faces[0])), corrected_ita(blurred, view(blurred, again[0]))
                apart[way].append(abs(after - before))
        for way, found in apart.items():
            middle, high = np.nanpercentile(found, (50, 90))
            print(f"| {name} | {way} | {len(found)} | {np.nanmean(found):.2f} | {middle:.2f} | {high:.2f} |")


if __name__ == "__main__":
    main()
