import json

import pytest

from persimg.cli.main import main


@pytest.mark.parametrize("wrong", [["--prompts", "-5"], ["--prompts", "0"], ["--prompts", "20", "--events", "-3"]])
def test_numbers_that_make_no_sense_are_refused_in_one_line(wrong, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["bench", "rewrite", "--events", "0", *wrong]) == 2
    said = capsys.readouterr().err.strip().splitlines()
    assert len(said) == 1 and "out of range" in said[0]


def test_the_command_is_timed_from_start_to_end(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["bench", "rewrite", "--prompts", "20", "--events", "0", "--json"]) == 0
    row = json.loads(capsys.readouterr().out)["rewrites"][0]
    whole = [row[f"command_{name}_ms"] for name in ("first", "again", "after_event")]
    # a process that starts Python and reads a store can't be faster than the rewrite in it
    assert row["prompts"] == 20 and min(whole) > row["rewrite_ms"] > 0 and row["profile_ms"] > 0 and row["index_ms"] > 0
