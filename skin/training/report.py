"""The evaluation as a page: tables in Markdown, and two plots."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np

from skin.training.scores import Figure

if TYPE_CHECKING:
    from skin.training.evaluate import FieldResult

NOTE = (
    "Ratings are independent passes of a vision-language model by a written rubric, not people and not dermatologists; "
    "they share habits, so their agreement is an upper bound and all labels are *apparent*. Intervals: 95 % "
    "bootstrap over people."
)


def write_report(results: "Mapping[str, FieldResult]", out: Path, *, title: str) -> None:
    """report.md with agreement.png and reliability.png beside it."""
    lines = [f"# {title}", "", NOTE, "", *agreement_table(results), "", *tone_table(results), ""]
    lines += ["![agreement](agreement.png)", "", "![reliability](reliability.png)", ""]
    (out / "report.md").write_text("\n".join(lines), encoding="utf-8")
    mpl.use("Agg")
    _plot_agreement(results, out / "agreement.png")
    _plot_reliability(results, out / "reliability.png")


def cell(figure: Figure | None) -> str:
    """`.81 (.70-.88)`, or a dash where it is not defined."""
    if figure is None or not np.isfinite(figure.value):
        return "-"
    return f"{figure.value:.2f} ({figure.low:.2f} to {figure.high:.2f})"


def agreement_table(results: "Mapping[str, FieldResult]") -> list[str]:
    """One line per field: the model, its ceiling, its floors."""
    floors = sorted({n for r in results.values() for n in r.floors})
    head = ["field", "n", "Spearman", "raters A-B", "kappa", "raters A-B", "MAE", "exact", "within one", "ECE", *floors]
    lines = ["| " + " | ".join(head) + " |", "| " + " | ".join("---" for _ in head) + " |"]
    for name, r in results.items():
        people = next(iter(r.measured.values())).people
        row = [name, str(people), cell(r.measured.get("spearman")), cell(r.raters.get("spearman"))]
        row += [cell(r.measured.get("kappa")), cell(r.raters.get("kappa")), cell(r.measured.get("mae"))]
        row += [cell(r.measured.get("exact")), cell(r.measured.get("within_one")), f"{r.calibration_error:.2f}"]
        lines.append("| " + " | ".join(row + [cell(r.floors.get(n)) for n in floors]) + " |")
    return lines


def tone_table(results: "Mapping[str, FieldResult]") -> list[str]:
    """Spearman by tone group."""
    groups = next((r.by_tone for r in results.values() if r.by_tone), {})
    lines = ["| Spearman | " + " | ".join(groups) + " |", "| --- " * (len(groups) + 1) + "|"]
    for name, r in results.items():
        if r.by_tone:
            lines.append(f"| {name} | " + " | ".join(f"{cell(f)}, n={f.people}" for f in r.by_tone.values()) + " |")
    return lines


def _plot_agreement(results: "Mapping[str, FieldResult]", path: Path) -> None:
    from matplotlib import pyplot as plt

    names = [n for n, r in results.items() if "spearman" in r.measured]
    figure, axes = plt.subplots(figsize=(8, 0.42 * len(names) + 1.2))
    for row, name in enumerate(names):
        r = results[name]
        ours = r.measured["spearman"]
        axes.plot([ours.low, ours.high], [row, row], color="tab:blue", lw=2)
        axes.plot(ours.value, row, "o", color="tab:blue", label="model" if row == 0 else None)
        if "spearman" in r.raters:
            axes.plot(r.raters["spearman"].value, row, "k|", ms=14, label="rater A with B" if row == 0 else None)
        for number, (floor, value) in enumerate(sorted(r.floors.items())):
            axes.plot(value.value, row, "x", color=f"C{number + 1}", label=floor if row == 0 else None)
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.set_xlabel("Spearman with the raters' mean")
    axes.legend(loc="lower left", fontsize=8)
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)


def _plot_reliability(results: "Mapping[str, FieldResult]", path: Path) -> None:
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(5, 5))
    axes.plot([0, 1], [0, 1], "k--", lw=1)
    for name, r in results.items():
        points = np.array([p[:2] for p in r.reliability])
        if len(points):
            axes.plot(points[:, 0], points[:, 1], ".-", lw=0.7, label=f"{name} ({r.calibration_error:.2f})")
    axes.set_xlabel("confidence")
    axes.set_ylabel("share that agree with the raters' grade")
    axes.legend(fontsize=7)
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)
