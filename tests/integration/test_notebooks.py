"""The notebooks run from top to bottom and define nothing that is used elsewhere."""

import json
from pathlib import Path

import matplotlib
import pytest

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_the_notebook_runs_from_top_to_bottom(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    scope: dict[str, object] = {"__name__": path.stem}
    for number, cell in enumerate(json.loads(path.read_text(encoding="utf-8"))["cells"]):
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), f"{path.name}, cell {number}", "exec"), scope)
    plt.close("all")
    if path.stem == "tone":
        assert "corrected by" in capsys.readouterr().out
        swings = scope["swings"]
        assert isinstance(swings, dict)
        for seen, corrected in swings.values():
            assert corrected < 0.6 * seen


def test_there_is_a_notebook_and_it_keeps_no_output() -> None:
    assert NOTEBOOKS
    for path in NOTEBOOKS:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        assert all(not cell.get("outputs") for cell in cells), f"clear the outputs of {path.name}"
