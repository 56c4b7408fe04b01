"""Whom the capture gate lets through, and why it refuses the rest: python -m benchmarks.gate DATA."""

import argparse
import csv
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.relighting import exposed, light_gains, relit
from skin.core.findings import Outcome, QualityCheck
from skin.errors import SkinError
from skin.inference.pipeline import Analyser
from skin.vision.images import decode, encode
from skin.vision.landmarks import MediaPipeLandmarker

Photo = NDArray[np.uint8]
FOLDERS = ("london/neutral", "london/smiling", "interfaces", "congress", "negatives")
GROUPS = {"1-3.5": (0, 3.5), "3.5-5.5": (3.5, 5.5), "5.5-7.5": (5.5, 7.5), "7.5-10": (7.5, 10)}


def _scaled(rgb: Photo, scale: float) -> Photo:
    return np.asarray(cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def _blurred(rgb: Photo, sigma: float) -> Photo:
    return np.asarray(cv2.GaussianBlur(rgb, (0, 0), sigma), np.uint8)


SPOILT: dict[str, Callable[[Photo], Photo]] = {
    "exposure -3 EV": lambda rgb: exposed(rgb, -3),
    "exposure -5 EV": lambda rgb: exposed(rgb, -5),
    "exposure +1 EV": lambda rgb: exposed(rgb, 1),
    "exposure +2 EV": lambda rgb: exposed(rgb, 2),
    "exposure +3 EV": lambda rgb: exposed(rgb, 3),
    "light 2850 K": lambda rgb: relit(rgb, light_gains(2850)),
    "light 9000 K": lambda rgb: relit(rgb, light_gains(9000)),
    "black and white": lambda rgb: np.repeat(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2),
    "blur 5 px": lambda rgb: _blurred(rgb, 5),
    "blur 10 px": lambda rgb: _blurred(rgb, 10),
    "320 px": lambda rgb: _scaled(rgb, 320 / max(rgb.shape)),
    "160 px": lambda rgb: _scaled(rgb, 160 / max(rgb.shape)),
    "cut at the mouth": lambda rgb: rgb[: round(0.62 * len(rgb))],
    "upside down": lambda rgb: np.ascontiguousarray(rgb[::-1, ::-1]),
}


def outcome(analyser: Analyser, rgb: Photo) -> tuple[str, tuple[QualityCheck, ...], bool]:
    """`good`, `usable` or the code of the refusal; the checks; whether a tone was told."""
    try:
        findings = analyser.analyse(decode(encode(rgb))).findings
    except SkinError as refusal:
        return refusal.code.value, (), False
    is_good = all(check.outcome is Outcome.GOOD for check in findings.quality)
    return "good" if is_good else "usable", findings.quality, findings.tone.monk is not None


def report(title: str, results: list[tuple[str, tuple[QualityCheck, ...], bool]]) -> None:
    """One row of the table."""
    counts = Counter(found for found, _, _ in results)
    refused = ", ".join(f"{code} {n}" for code, n in counts.most_common() if code not in ("good", "usable"))
    tones = sum(told for _, _, told in results)
    print(f"| {title} | {len(results)} | {counts['good']} | {counts['usable']} | {refused or '-'} | {tones} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--people", type=int, default=20, help="London people whose photos are spoilt")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    analyser = Analyser(MediaPipeLandmarker())
    print("| photos | n | good | usable | refused | with a tone |\n| --- | --- | --- | --- | --- | --- |")
    by_photo = {}
    for folder in FOLDERS:
        paths = sorted((options.data / folder).glob("*.jpg"))
        results = {path.stem: outcome(analyser, decode(path.read_bytes())) for path in paths}
        report(folder, list(results.values()))
        by_photo[folder] = results
    people = sorted((options.data / "london" / "neutral").glob("*.jpg"))[:: max(1, 61 // options.people)]
    photos = [decode(path.read_bytes()) for path in people]
    for name, spoil in SPOILT.items():
        report(f"london, {name}", [outcome(analyser, spoil(rgb)) for rgb in photos])
    for folder in ("london/neutral", "interfaces"):
        _report_groups(options.data, folder, by_photo[folder])
    for folder in FOLDERS[:-1]:
        flagged = Counter(c.name for _, checks, _ in by_photo[folder].values() for c in checks if c.hint)
        print(folder, "not good:", dict(flagged.most_common()))
        for name in (
            "lower_face_covered_share",
            "glasses_likelihood",
            "eyes_covered_share",
            "forehead_covered_share",
            "eye_opening",
            "light_colour_stops",
            "skin_chroma",
        ):
            who = [
                p for p, (_, checks, _) in by_photo[folder].items() if any(c.name == name and c.hint for c in checks)
            ]
            print("  ", name, who)


def _report_groups(data: Path, folder: str, results: dict[str, tuple[str, tuple[QualityCheck, ...], bool]]) -> None:
    given: dict[str, list[float]] = {}
    with (data / "ratings" / f"{folder.partition('/')[0]}.csv").open() as lines:
        for row in csv.DictReader(lines):
            given.setdefault(row["id"], []).append(float(row["monk"]))
    for name, (above, upto) in GROUPS.items():
        mine = [results[p][0] for p, m in given.items() if p in results and above < sum(m) / len(m) <= upto]
        passed = sum(found in ("good", "usable") for found in mine)
        print(f"{folder}, raters' Monk {name}: {passed} of {len(mine)} pass, {mine.count('good')} good")


if __name__ == "__main__":
    main()
