"""Masks that the gate finds, and misses, by cloth and tone: python -m benchmarks.cover DATA [--every 3].

Rendered onto bare faces of `interfaces` and `sfhq`; all bare faces, of `london` and `congress` too, count false alarms.
"""

import argparse
import csv
from collections import Counter
from pathlib import Path

import cv2

from benchmarks.gate import GROUPS, outcome
from benchmarks.masking import CLOTHS, Photo, wear_mask
from skin.core.cover import CLOTH
from skin.errors import SkinError
from skin.inference.pipeline import Analyser
from skin.vision.images import decode
from skin.vision.landmarks import Face, MediaPipeLandmarker
from skin.vision.quality import only_face

FOLDERS = ("interfaces", "sfhq", "congress", "london/neutral", "london/smiling")
COVERED = {"s0020"}  # a scarf over nose and mouth


def read_tones(data: Path) -> dict[str, float]:
    """By photo the mean of its raters' Monk tones."""
    given: dict[str, list[float]] = {}
    for ratings in (data / "ratings").glob("*.csv"):
        with ratings.open() as lines:
            for row in csv.DictReader(lines):
                given.setdefault(f"{ratings.stem}/{row['id']}", []).append(float(row["monk"]))
    return {photo: sum(tones) / len(tones) for photo, tones in given.items()}


def group_of(tone: float | None) -> str:
    return next((name for name, (above, upto) in GROUPS.items() if tone and above < tone <= upto), "not rated")


def judge(analyser: Analyser, rgb: Photo) -> str:
    """`cloth`, `bare`, or the code of the refusal."""
    found, checks, _ = outcome(analyser, rgb)
    if not checks:
        return found
    return "cloth" if any(check.name == CLOTH and check.hint for check in checks) else "bare"


def find_face(landmarker: MediaPipeLandmarker, rgb: Photo) -> Face | None:
    try:
        return only_face(landmarker.detect(rgb))
    except SkinError:
        return None


def show(title: str, counts: dict[str, Counter[str]]) -> None:
    print(f"\n{title}")
    for name, found in counts.items():
        print(f"| {name} | {sum(found.values())} | {dict(found.most_common())} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--every", type=int, default=1, help="masks onto every so many faces of sfhq")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    landmarker = MediaPipeLandmarker()
    analyser, tones = Analyser(landmarker), read_tones(options.data)
    bare: dict[str, Counter[str]] = {}
    by_cloth: dict[str, Counter[str]] = {}
    by_tone: dict[str, Counter[str]] = {}
    for folder in FOLDERS:
        for number, path in enumerate(sorted((options.data / folder).glob("*.jpg"))):
            rgb = decode(path.read_bytes())
            face = find_face(landmarker, rgb)
            if face is None or path.stem in COVERED:
                continue
            tone = tones.get(f"{folder.partition('/')[0]}/{path.stem}")
            found = judge(analyser, rgb)
            bare.setdefault(folder, Counter())[found] += 1
            bare.setdefault(group_of(tone), Counter())[found] += 1
            if found == "cloth":
                print("false alarm:", folder, path.stem)
            if found != "bare" or folder not in FOLDERS[:2] or (folder == "sfhq" and number % options.every):
                continue
            for cloth in CLOTHS:
                seen = judge(analyser, wear_mask(rgb, face, cloth, monk=tone or 4, seed=number))
                by_cloth.setdefault(cloth, Counter())[seen] += 1
                by_tone.setdefault(group_of(tone), Counter())[seen] += 1
    show("bare faces", bare)
    show("masked, by cloth", by_cloth)
    show("masked, by raters' Monk tone", by_tone)


if __name__ == "__main__":
    main()
