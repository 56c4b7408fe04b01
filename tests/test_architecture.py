"""The house rules that a machine can check: sizes, names, layering and what serving may import."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted((ROOT / "skin").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
FILE_STOP, FUNCTION_STOP, PARAMETER_STOP = 400, 60, 8
BANNED_NAMES = {"models", "model", "util", "utils", "helper", "helpers", "common", "manager", "misc"}


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", [*SOURCES, *TESTS], ids=name_of)
def test_no_file_is_longer_than_the_stop(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= FILE_STOP


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_no_function_is_longer_or_takes_more_than_the_stop(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        length = (node.end_lineno or node.lineno) - node.lineno + 1
        taken = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        taken = [one for one in taken if one.arg not in ("self", "cls")]
        assert length <= FUNCTION_STOP or "migrations" in path.parts, f"{node.name} has {length} lines"
        assert len(taken) <= PARAMETER_STOP, f"{node.name} takes {len(taken)} parameters"


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_no_file_has_a_name_that_says_nothing(path: Path) -> None:
    assert path.stem not in BANNED_NAMES
    assert len(path.relative_to(ROOT / "skin").parts) <= 3 or "migrations" in path.parts


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_only_front_doors_catch_everything(path: Path) -> None:
    doors = {"skin/web/routes/health.py", "skin/scans/jobs.py", "skin/scans/service.py", "skin/ui/errors.py"}
    doors |= {"skin/annotation/items.py", "skin/annotation/collection.py"}
    caught = [
        node.lineno
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or getattr(node.type, "id", "") in ("Exception", "BaseException"))
    ]
    assert not caught or name_of(path) in doors, f"lines {caught}"


def test_only_the_settings_read_the_environment() -> None:
    readers = {name_of(path) for path in SOURCES if "os.environ" in path.read_text() or "getenv" in path.read_text()}
    assert readers <= {"skin/config.py", "skin/bootstrap.py"}  # bootstrap sets what Gradio reads at import


def test_serving_imports_neither_torch_nor_training() -> None:
    code = "import app, sys; print(sorted({'torch', 'timm', 'torchvision', 'skin.training'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_fakes_are_not_importable_from_the_product() -> None:
    for path in SOURCES:
        assert "tests" not in {alias.split(".")[0] for alias in imported(path)}


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names
