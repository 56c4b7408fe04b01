"""What the command line refuses before it begins."""

import sys

import pytest

from skin.__main__ import main


@pytest.mark.parametrize("command", ["train", "evaluate"])
def test_a_model_folder_without_a_tag_is_refused_before_hours_of_work(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["skin", command, "--model", "models/mine"])
    with pytest.raises(SystemExit):
        main()
    assert "name the folder as name.tag" in capsys.readouterr().err
