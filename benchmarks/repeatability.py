"""How well a scan repeats itself: python -m benchmarks.repeatability DATA [--write].

Neutral and smiling photos of the same person (same minute, same light), and re-lit copies, through the whole pipeline.
Writes data/scales/repeatability.yaml, SEM, ICC and n of each field that is judged, and the table into the model's card.
"""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import yaml
from numpy.typing import NDArray

from benchmarks.relighting import exposed, light_gains, relit
from skin.bootstrap import find_model_folder
from skin.core.findings import Findings
from skin.errors import SkinError
from skin.inference.classifier import SkinClassifier
from skin.inference.pipeline import Analyser
from skin.vision.images import decode, encode
from skin.vision.landmarks import MediaPipeLandmarker

Photo = NDArray[np.uint8]
Table = NDArray[np.float64]
ROOT = Path(__file__).resolve().parents[1] / "data"
RELIT: Mapping[str, Callable[[Photo], Photo]] = {
    "exposure -0.5 EV": lambda rgb: exposed(rgb, -0.5),
    "exposure +0.3 EV": lambda rgb: exposed(rgb, 0.3),
    "light 4000 K from 5000 K": lambda rgb: relit(rgb, light_gains(4000, reference_k=5000)),
    "light 6500 K from 5000 K": lambda rgb: relit(rgb, light_gains(6500, reference_k=5000)),
}
HOW = "neutral and smiling photos of the same London people, same minute, same light"
HOW_RELIT = "the neutral photo and four re-lit copies: -0.5 and +0.3 EV, 4000 K and 6500 K from 5000 K"
ABOUT = (
    "How far two scans of the same skin differ: the within-person SD (SEM) in the field's own unit, that over the SD "
    "between people, and the ICC. A change below 1.96 x sqrt(2) x SEM is told as no real change. Another day, camera "
    "and room are not measured and will repeat worse. `python -m benchmarks.repeatability DATA --write`."
)


@dataclass(frozen=True)
class Repeatability:
    """`sem` is the within-person SD, `ratio` that over the between-person SD, `icc` is ICC(2,1)."""

    sem: float
    ratio: float
    icc: float
    n: int


def icc_2_1(table: Table) -> float:
    """Two-way random, single measure, absolute agreement, of a table (people, repeats) (Shrout and Fleiss 1979)."""
    people, repeats = table.shape
    grand = table.mean()
    rows = repeats * np.square(table.mean(axis=1) - grand).sum() / (people - 1)
    columns = people * np.square(table.mean(axis=0) - grand).sum() / (repeats - 1)
    left = np.square(table - table.mean(axis=1, keepdims=True) - table.mean(axis=0) + grand).sum()
    error = left / ((people - 1) * (repeats - 1))
    return float((rows - error) / (rows + (repeats - 1) * error + repeats * (columns - error) / people))


def repeat(table: Table) -> Repeatability:
    """Of a table (people, repeats) without gaps."""
    within = float(np.sqrt(table.var(axis=1, ddof=1).mean()))
    between = float(table.mean(axis=1).std(ddof=1))
    return Repeatability(within, within / between, icc_2_1(table), len(table))


def fields_of(findings: Findings) -> dict[str, float]:
    """What is judged, by field."""
    values = {} if findings.tone.ita_deg is None else {"ita_deg": findings.tone.ita_deg}
    return values | {one.concern.value: float(one.score) for one in findings.concerns if one.score is not None}


def measure(analyser: Analyser, rgb: Photo) -> dict[str, float]:
    """Nothing if the photo is refused."""
    try:
        return fields_of(analyser.analyse(decode(encode(rgb))).findings)
    except SkinError:
        return {}


def tables(rows: list[list[dict[str, float]]]) -> dict[str, Table]:
    """By field, the people for whom every repeat was judged."""
    names = sorted({name for row in rows for one in row for name in one})
    found = {
        name: np.array([[one[name] for one in row] for row in rows if all(name in o for o in row)]) for name in names
    }
    return {name: table for name, table in found.items() if len(table) >= 10}


def build_analyser() -> Analyser:
    """With the network of data/models, if one is there."""
    folder = find_model_folder()
    return Analyser(MediaPipeLandmarker(), SkinClassifier.from_folder(folder) if folder else None)


def publish(page: Path, table: list[str]) -> None:
    """Put the table into a model's card, before its limits and in place of an earlier one."""
    above, limits = page.read_text(encoding="utf-8").split("## Limits", 1)
    above = above.partition("## Repeatability")[0].rstrip()
    page.write_text(
        "\n".join([above, "", "## Repeatability", ABOUT, "", *table, "", f"## Limits{limits}"]), encoding="utf-8"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    analyser = build_analyser()
    expressions, lights = [], []
    for path in sorted((options.data / "london" / "neutral").glob("*.jpg")):
        rgb = decode(path.read_bytes())
        neutral = measure(analyser, rgb)
        smiling = measure(analyser, decode((path.parent.parent / "smiling" / path.name).read_bytes()))
        expressions.append([neutral, smiling])
        lights.append([neutral, *(measure(analyser, change(rgb)) for change in RELIT.values())])
    written = {}
    lines = ["| field | repeats | n | SEM | within / between SD | ICC(2,1) |", "| --- | --- | --- | --- | --- | --- |"]
    for how, rows in ((HOW, expressions), (HOW_RELIT, lights)):
        for name, table in tables(rows).items():
            one = repeat(table)
            lines.append(f"| {name} | {how} | {one.n} | {one.sem:.2f} | {one.ratio:.2f} | {one.icc:.3f} |")
            if name not in written or one.sem > written[name]["sem"]:
                written[name] = {"sem": round(one.sem, 3), "icc": round(one.icc, 4), "n": one.n, "how": how}
    print("\n".join(lines))
    if options.write:
        comment = (
            "# Written by benchmarks/repeatability.py; of two ways of repeating a scan, the one that repeats worse.\n"
        )
        text = comment + yaml.safe_dump(written, sort_keys=True, allow_unicode=True, width=110)
        (ROOT / "scales" / "repeatability.yaml").write_text(text, encoding="utf-8")
        folder = find_model_folder()
        if folder:
            publish(folder / "README.md", lines)


if __name__ == "__main__":
    main()
