"""Hands that are found at faces: python -m benchmarks.hands DATA. Hands cut out of photos, pasted over other faces."""

import argparse
from collections import Counter
from pathlib import Path

import cv2
import numpy as np

from benchmarks.cover import find_face
from benchmarks.masking import Photo
from skin.core.cover import HAND
from skin.vision.alignment import align
from skin.vision.coverage import judge_hands
from skin.vision.hands import Outline
from skin.vision.images import decode, encode
from skin.vision.landmarks import Face, MediaPipeLandmarker
from skin.vision.quality import LIMITS
from skin.vision.warping import eyes_distance_px

OWNERS = ("interfaces/051", "interfaces/052", "interfaces/055", "interfaces/092", "sfhq/s0143", "sfhq/s0329")
PLACES = {"right cheek": 205, "left cheek": 425, "chin": 152, "mouth": 13}
FINGER = 0.16
LEAST = next(limit.good[1] for limit in LIMITS if limit.name == HAND)


def paste(hand: tuple[Photo, Outline, float], rgb: Photo, face: Face, landmark: int) -> Photo:
    """The hand at this landmark of the face, at the scale of the face."""
    source, outline, distance = hand
    scale = eyes_distance_px(face.points_px) / distance
    shift = face.points_px[landmark, :2] - scale * outline.mean(axis=0)
    matrix = np.column_stack([np.eye(2) * scale, shift])
    inside = np.zeros(source.shape[:2], np.uint8)
    corners = outline.astype(np.int32)
    cv2.fillConvexPoly(inside, corners, 255)
    cv2.polylines(inside, [corners], True, 255, max(1, round(FINGER * distance)))
    size = rgb.shape[1], rgb.shape[0]
    moved, cover = (cv2.warpAffine(one, matrix, size) for one in (source, inside))
    soft = cv2.GaussianBlur(cover, (0, 0), max(0.5, 0.01 * scale * distance)).astype(np.float32)[..., None] / 255
    return np.asarray(rgb * (1 - soft) + moved * soft, np.uint8)


def share(landmarker: MediaPipeLandmarker, rgb: Photo) -> float | None:
    """Of the face that hands are found to hide; None without a face."""
    face = find_face(landmarker, rgb)
    return None if face is None else judge_hands(align(rgb, face), landmarker.find_hands(rgb, face)).share


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--every", type=int, default=8)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    landmarker = MediaPipeLandmarker()
    hands = []
    for owner in OWNERS:
        rgb = decode((options.data / f"{owner}.jpg").read_bytes())
        face = landmarker.detect(rgb)[0]
        hands += [(rgb, outline, eyes_distance_px(face.points_px)) for outline in landmarker.find_hands(rgb, face)]
    paths = sorted((options.data / "interfaces").glob("*.jpg")) + sorted((options.data / "sfhq").glob("*.jpg"))
    found: Counter[str] = Counter()
    for number, path in enumerate(paths[:: options.every]):
        rgb = decode(path.read_bytes())
        face = find_face(landmarker, rgb)
        if face is None or share(landmarker, rgb):
            continue
        place = list(PLACES)[number % len(PLACES)]
        hidden = share(landmarker, decode(encode(paste(hands[number % len(hands)], rgb, face, PLACES[place]))))
        found[f"{place}: " + ("no face" if hidden is None else "found" if hidden > LEAST else "missed")] += 1
    print(f"{len(hands)} hands", *sorted(found.items()), sep="\n")


if __name__ == "__main__":
    main()
