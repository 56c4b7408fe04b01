"""How tests run the commands."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

Run = Callable[..., subprocess.CompletedProcess[str]]
ROOT = Path(__file__).resolve().parents[2]


def environment(home: Path, database_url: str) -> dict[str, str]:
    return dict(os.environ, SKIN_HOME=str(home), SKIN_DATABASE_URL=database_url)
