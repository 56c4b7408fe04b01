"""The documents say what there is, all of it, and nothing else."""

import re
from pathlib import Path
from typing import Any

import pytest

from skin.__main__ import _parser
from skin.config import Settings
from skin.errors import CATALOGUE, Code
from skin.scans.schemas import DISCLAIMER
from skin.ui.tools import ScanTools
from skin.web.errors import status_of

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()
API = (ROOT / "docs" / "api.md").read_text()
SETTINGS = {f"SKIN_{name.upper()}": field for name, field in Settings.model_fields.items()}


def table_rows(text: str) -> dict[str, list[str]]:
    """Rows of Markdown tables, by the code in their first cell."""
    rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in text.splitlines() if line[:3] == "| `"]
    return {row[0].strip("` "): row[1:] for row in rows}


def test_every_setting_is_documented_with_its_default_and_nothing_else_is() -> None:
    rows = table_rows((ROOT / "docs" / "settings.md").read_text())
    assert set(rows) == set(SETTINGS)
    for name, field in SETTINGS.items():
        default, description = rows[name]
        assert description.rstrip(" |") == field.description
        shown = ".skin" if name == "SKIN_HOME" else str(field.default)
        assert default == ("unset" if field.default in (None, []) else f"`{shown}`")


def test_the_example_file_lists_every_setting_and_nothing_else() -> None:
    listed = re.findall(r"^# (SKIN_\w+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert set(listed) == set(SETTINGS)


def test_every_error_code_is_documented_with_its_status_and_sentence_and_nothing_else_is() -> None:
    rows = table_rows((ROOT / "docs" / "errors.md").read_text())
    assert set(rows) == {code.value for code in CATALOGUE}
    for code, (_, sentence) in CATALOGUE.items():
        status, says = rows[code.value]
        assert (status, says.rstrip(" |")) == (str(status_of(code)), sentence)


def test_every_code_is_in_the_catalogue_and_its_sentence_tells_what_to_do() -> None:
    assert set(CATALOGUE) == set(Code)
    for _, sentence in CATALOGUE.values():
        assert re.fullmatch(r"[^.]+: [^.]+\.", sentence), sentence


def test_every_route_is_documented_and_nothing_else_is() -> None:
    from app import app

    routes = {f"{method.upper()} {path}" for path, methods in app.openapi()["paths"].items() for method in methods}
    documented = set(re.findall(r"`((?:GET|POST|DELETE|PUT|PATCH) /api/[^`]*)`", API))
    assert documented == routes


def test_every_gradio_endpoint_is_documented() -> None:
    documented = set(re.findall(r"`(/(?:scan|annotation)\w*)\(", API))
    lifecycle = {"/scan", "/scan_init", "/scan_upload", "/scan_status", "/scan_results", "/scan_history"}
    assert documented == lifecycle | {"/scan_compare", "/scan_timeline", "/annotation_next", "/annotation_submit"}


def test_every_tool_for_agents_is_documented_and_nothing_else_is() -> None:
    section = API[API.index("## Tools for agents") :]
    unused: Any = None
    assert set(table_rows(section)) == set(ScanTools(unused, unused, unused).every)


def test_every_command_is_documented() -> None:
    commands = _parser()._subparsers._group_actions[0].choices  # type: ignore[union-attr]
    for command in commands or ():
        assert f"python -m skin {command}" in README or f"python -m skin {command}" in API, command


@pytest.mark.parametrize("target", ["make run", "make test"])
def test_the_readme_names_the_two_commands(target: str) -> None:
    assert target in README


def test_the_readme_shows_a_picture_that_exists_and_says_what_this_is_not() -> None:
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README)
    assert pictures
    assert all((ROOT / picture).is_file() for picture in pictures)
    assert "not a diagnosis" in README
    assert "not a diagnosis" in DISCLAIMER


def test_every_link_within_the_documents_leads_somewhere() -> None:
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "data").rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name} -> {target}"
