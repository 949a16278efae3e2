from importlib import metadata

import pytest

from persimg.cli.main import main


def test_without_the_demo_one_line_says_so(monkeypatch, capsys):
    monkeypatch.setattr(metadata, "entry_points", lambda **which: [])
    assert main(["demo"]) == 2
    assert capsys.readouterr().err.strip() == "persimg: the demo isn't installed; pip install 'persimg[demo]'"


@pytest.mark.parametrize("wrong", [["--port", "99999"], ["--base", "/nowhere"], ["--login", "/nowhere/logins"], ["--add-user", "ann"]])
def test_what_can_not_work_is_said_before_anything_is_loaded(wrong, tmp_path, capsys):
    assert main(["demo", "--data", str(tmp_path), *wrong]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
