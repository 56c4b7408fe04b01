"""Log lines tell where something broke, and nothing of whom it broke for."""

import logging
from collections.abc import Iterator

import pytest
import structlog

from skin.logs import configure_logging

SECRET = "correct horse battery"


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


def break_with(password: str) -> None:
    raise RuntimeError(f"a password of {len(password)} letters")


@pytest.mark.parametrize("log_format", ["console", "json"])
@pytest.mark.parametrize("name", ["skin", "uvicorn.error"])
def test_a_traceback_names_the_place_and_no_local_value(
    log_format: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging(log_format)
    try:
        break_with(SECRET)
    except RuntimeError:
        if name == "skin":
            structlog.get_logger(name).exception("it broke")
        else:
            logging.getLogger(name).exception("it broke")
    said = capsys.readouterr().err
    assert "it broke" in said
    assert "a password of 21 letters" in said
    assert "in break_with" in said
    assert SECRET not in said
