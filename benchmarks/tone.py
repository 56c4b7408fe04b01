"""Tone under other light, exposure and camera, beside skin-tone-classifier: python -m benchmarks.tone DATA [--stone P].

DATA is the folder with `london` and `ratings`. With `--stone BIN` (the `stone` program of skin-tone-classifier 1.2.6 in
an environment of its own, with opencv < 5) the rival sees the same files; `--photos` keeps them, and its answers.
"""

import argparse
import csv
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from math import nan
from pathlib import Path

import cv2
import numpy as np
from scipy.stats import spearmanr

from benchmarks.relighting import PERTURBATIONS
from benchmarks.repeatability import build_analyser
from skin.core.tone import ita_deg
from skin.errors import SkinError
from skin.inference.pipeline import Analyser
from skin.vision.colour import lab_of, to_linear
from skin.vision.images import decode, encode

PLAIN = "none"
GROUPS = {"1-3.5": (0, 3.5), "3.5-5.5": (3.5, 5.5), "5.5-7.5": (5.5, 7.5), "7.5-10": (7.5, 10)}
MAY_ABSTAIN = ("2850", "9000")


@dataclass(frozen=True)
class Answer:
    """What a tool says of one photo: NaN where it abstains or refuses."""

    ita: float
    monk: float
    interval: tuple[float, float] = (nan, nan)
    expected: float = nan


Answers = dict[tuple[str, str], Answer]


def file_of(person: str, perturbation: str) -> str:
    return f"{person}@{perturbation.replace(' ', '_')}.jpg"


def write_photos(data: Path, folder: Path) -> list[str]:
    """Every neutral London photo under every perturbation, as files; the ids of the people."""
    people = []
    for path in sorted((data / "london" / "neutral").glob("*.jpg")):
        people.append(path.stem)
        if (folder / file_of(path.stem, list(PERTURBATIONS)[-1])).is_file():
            continue
        rgb = decode(path.read_bytes())
        (folder / file_of(path.stem, PLAIN)).write_bytes(encode(rgb))
        for name, perturb in PERTURBATIONS.items():
            (folder / file_of(path.stem, name)).write_bytes(encode(perturb(rgb)))
    return people


def ask_ourselves(analyser: Analyser, folder: Path, people: Iterable[str]) -> Answers:
    """The whole pipeline on each file."""
    answers: Answers = {}
    for person in people:
        for name in (PLAIN, *PERTURBATIONS):
            answers[person, name] = ask(analyser, folder / file_of(person, name))
    return answers


def ask(analyser: Analyser, path: Path) -> Answer:
    """The whole pipeline on one file."""
    try:
        tone = analyser.analyse(decode(path.read_bytes())).findings.tone
    except SkinError:
        return Answer(nan, nan)
    if tone.ita_deg is None or tone.monk is None or tone.ita_interval_deg is None:
        return Answer(nan, nan)
    expected = sum(step * share for step, share in enumerate(tone.monk_probabilities, start=1))
    return Answer(tone.ita_deg, tone.monk, tone.ita_interval_deg, expected)


def ask_stone(program: str, folder: Path, people: Iterable[str]) -> Answers:
    """skin-tone-classifier on the same files; its ITA is that of the dominant colour it finds, its Monk its label."""
    out = folder.parent / f"{folder.name}_stone"
    if not (out / "result.csv").is_file():
        command = [program, "-i", str(folder), "-p", "monk", "-t", "color", "-o", str(out), "--n_workers", "1"]
        subprocess.run(command, check=True, capture_output=True)
    with (out / "result.csv").open() as lines:
        rows = {row["file"]: row for row in csv.DictReader(lines)}
    answers: Answers = {}
    for person in people:
        for name in (PLAIN, *PERTURBATIONS):
            row = rows.get(file_of(person, name), {})
            known = (row.get("skin tone") or "").startswith("#")
            answers[person, name] = (
                Answer(_ita_of(row["dominant 1"]), float("ABCDEFGHIJ".index(row["tone label"][-1]) + 1))
                if known
                else Answer(nan, nan)
            )
    return answers


def _ita_of(code: str) -> float:
    pixel = np.array([[int(code[at : at + 2], 16) for at in (1, 3, 5)]], np.uint8)
    lab = lab_of(to_linear(pixel)[0])
    return ita_deg(lab[0], lab[2])


def compare(answers: Answers, people: list[str], name: str) -> tuple[float, float, float]:
    """Mean absolute ITA change, share of unchanged Monk classes, and abstention, of what is judged unperturbed."""
    pairs = [(answers[who, PLAIN], answers[who, name]) for who in people]
    pairs = [(one, other) for one, other in pairs if not np.isnan(one.ita)]
    judged = [(one, other) for one, other in pairs if not np.isnan(other.ita)]
    if not judged:
        return nan, nan, 1.0
    change = float(np.mean([abs(one.ita - other.ita) for one, other in judged]))
    unchanged = float(np.mean([one.monk == other.monk for one, other in judged]))
    return change, unchanged, 1 - len(judged) / len(pairs)


def print_perturbations(ours: Answers, theirs: Answers | None, people: list[str]) -> None:
    print(
        f"| perturbation (n = {len(people)}) | ITA change | bar | Monk unchanged | abstains | rival ITA | rival Monk |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for name in PERTURBATIONS:
        change, same, abstained = compare(ours, people, name)
        rival = compare(theirs, people, name) if theirs else (nan, nan, nan)
        allowed = any(kelvin in name for kelvin in MAY_ABSTAIN) or abstained <= 0.15
        met = allowed and (np.isnan(change) or change <= rival[0] / 3)
        bar = f"{rival[0] / 3:.1f} {'met' if met else 'MISSED'}" if theirs else "-"
        print(f"| {name} | {change:.1f} | {bar} | {same:.0%} | {abstained:.0%} | {rival[0]:.1f} | {rival[1]:.0%} |")
    mean = np.nanmean([compare(ours, people, name)[1] for name in PERTURBATIONS])
    print(f"\nMonk unchanged, mean over all that are judged: {mean:.1%} (bar 85 %)\n")


def print_agreement(title: str, answers: Answers, ratings: dict[str, float]) -> None:
    """Against the mean of the raters, on unperturbed photos, with a bootstrap interval over people."""
    who = [person for person in ratings if not np.isnan(answers.get((person, PLAIN), Answer(nan, nan)).monk)]
    found = np.array([answers[person, PLAIN].monk for person in who])
    angle = np.array([answers[person, PLAIN].ita for person in who])
    rated = np.array([ratings[person] for person in who])
    apart = np.abs(found - rated)
    draws = np.random.default_rng(0).integers(0, len(who), (1000, len(who)))
    low, high = np.percentile([spearmanr(found[d], rated[d])[0] for d in draws], (2.5, 97.5))
    print(f"{title}: n {len(who)}, within one step {np.mean(apart <= 1):.1%}, mean error {apart.mean():.2f} steps,")
    of_monk, of_ita = spearmanr(found, rated)[0], -spearmanr(angle, rated)[0]
    means = np.array([answers[person, PLAIN].expected for person in who])
    of_mean = nan if np.isnan(means).any() else spearmanr(means, rated)[0]
    print(f"  Spearman of Monk {of_monk:.3f} [{low:.2f}, {high:.2f}], of its mean {of_mean:.3f}, of ITA {of_ita:.3f}")
    for name, (above, upto) in GROUPS.items():
        mine = (rated > above) & (rated <= upto)
        if mine.any():
            share, bias = np.mean(apart[mine] <= 1), np.mean((found - rated)[mine])
            print(f"  raters {name}: n {mine.sum()}, within one step {share:.0%}, mean difference {bias:+.2f}")


def print_steadiness(title: str, answers: Answers, ratings: dict[str, float]) -> None:
    """By tone group, over all perturbations that may not abstain, with a bootstrap interval over people.

    A class flips the more easily the nearer a face stands to its edge; how far the distribution's mean moves does not
    depend on that.
    """
    names = [name for name in PERTURBATIONS if not any(kelvin in name for kelvin in MAY_ABSTAIN)]
    for group, (above, upto) in GROUPS.items():
        who = [person for person, rated in ratings.items() if above < rated <= upto]
        change, same, abstained = np.nanmean([compare(answers, who, name) for name in names], axis=0)
        each = [np.nanmean([compare(answers, [person], name)[1] for name in names]) for person in who]
        draws = np.random.default_rng(0).integers(0, len(who), (1000, len(who)))
        low, high = np.nanpercentile(np.nanmean(np.array(each)[draws], axis=1), (2.5, 97.5))
        moves = [abs(answers[one, name].expected - answers[one, PLAIN].expected) for one in who for name in names]
        moved = "-" if np.isnan(moves).all() else f"{np.nanmean(moves):.2f}"
        print(
            f"{title}, raters {group}: n {len(who)}, Monk unchanged {same:.1%} [{low:.0%}, {high:.0%}], "
            f"its mean moves by {moved} steps, ITA change {change:.1f}, abstains {abstained:.0%}"
        )


def read_ratings(data: Path) -> dict[str, float]:
    """Mean Monk tone by the raters."""
    given: dict[str, list[float]] = {}
    with (data / "ratings" / "london.csv").open() as lines:
        for row in csv.DictReader(lines):
            given.setdefault(row["id"], []).append(float(row["monk"]))
    return {person: float(np.mean(values)) for person, values in given.items()}


def print_expressions(analyser: Analyser, ours: Answers, data: Path, people: list[str]) -> None:
    """Neutral against smiling: within-person over between-person SD of ITA."""
    pairs = [(ours[who, PLAIN].ita, ask(analyser, data / "london" / "smiling" / f"{who}.jpg").ita) for who in people]
    table = np.array([pair for pair in pairs if not np.isnan(pair).any()])
    within = float(np.sqrt(np.mean(np.diff(table, axis=1) ** 2) / 2))
    between = float(table.mean(axis=1).std(ddof=1))
    print(f"\nneutral and smiling: n {len(table)}, ITA within-person SD {within:.1f}, between {between:.1f}, ", end="")
    print(f"ratio {within / between:.2f} (bar .25)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--stone", help="path of the `stone` program")
    parser.add_argument("--photos", type=Path, help="keep the perturbed photos here")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.photos or Path(temporary) / "photos"
        folder.mkdir(parents=True, exist_ok=True)
        people = write_photos(options.data, folder)
        analyser = build_analyser()
        ours = ask_ourselves(analyser, folder, people)
        theirs = ask_stone(options.stone, folder, people) if options.stone else None
        print_perturbations(ours, theirs, people)
        ratings = {who: monk for who, monk in read_ratings(options.data).items() if who in people}
        for title, answers in {"ours": ours, "skin-tone-classifier": theirs}.items():
            if answers:
                print_agreement(title, answers, ratings)
                print_steadiness(title, answers, ratings)
        print_expressions(analyser, ours, options.data, people)


if __name__ == "__main__":
    main()
