"""`persimg rewrite`: what is printed, and what can be wrong with its options, each in one line."""

import json

import pytest

from persimg.cli import options
from persimg.cli.main import main
from persimg.preferences import rewriters
from persimg.preferences.events import Event, Shown
from persimg.preferences.rewriter import Rewrite
from persimg.preferences.store import Store

DAY = "2026-01-05T10:00:00.000+00:00"
LLM = ("--rewriter", "llm", "--llm-model", "m", "--llm-url")
NOBODY = "http://127.0.0.1:9/v1"


@pytest.fixture
def rewrite(tmp_path, capsys):
    """(exit code, stdout, stderr) of the command for a user who likes ink and dislikes fog."""
    url = f"sqlite:///{tmp_path / 'taste.sqlite'}"
    with Store(url) as store:
        store.add(Event("01A", "ann", DAY, "edit", "pin", attribute="medium.ink", weight=2.0))
        store.add(Event("01B", "ann", DAY, "edit", "pin", attribute="weather.fog", weight=-2.0))
        store.add(Event("01C", "ann", DAY, "like", shown=(Shown("p", {"mood.serene": 1.0}, "a cat \x1b[2J" + "x" * 5000),)))
        store.add(Event("01D", "ann", DAY, "statement", "I like serene pictures"))

    def run(*words):
        capsys.readouterr()
        code = main(["rewrite", "a dog", "--user", "ann", "--store", url, *map(str, words)])
        return (code, *capsys.readouterr())

    return run


def test_events_are_told_in_short_clean_lines(rewrite):
    code, out, _ = rewrite()
    assert code == 0 and "[01C]" in out and "\x1b" not in out and max(map(len, out.splitlines())) < 300


def test_strength_zero_says_why_nothing_is_changed(rewrite):
    assert "--strength 0 uses no taste" in rewrite("--strength", "0")[1]
    assert "no taste of this user is known" in rewrite("--user", "bob")[1]


def test_a_guide_is_told_in_place_of_a_prompt_that_stays(rewrite):
    _, out, _ = rewrite("--rewriter", "conditioning", "--strength", "0.5")
    assert "after" not in out and "guide     taste: liked " in out
    (line,) = (line for line in out.splitlines() if line.startswith("guide"))
    assert "ink drawing" in line and "disliked" in line and "fog" in line and "beta 0.5" in line and "stays as it is" in line
    assert "guide" not in rewrite()[1]


def test_help_names_every_rewriter(capsys):
    for command in ("rewrite", "generate"):
        with pytest.raises(SystemExit):
            main([command, "--help"])
        told = " ".join(capsys.readouterr().out.split())
        (names,) = (part.split(" (default")[0] for part in told.split("--rewriter NAME ")[1:] if "(default both)" in part)
        assert sorted(names.replace(" or ", ", ").split(", ")) == rewriters.names() and "conditioning" in names


@pytest.mark.parametrize("url", ["http://[::1", "http://127.0.0.1:abc/v1", "http://127.0.0.1:70000", "nonsense"])
def test_a_bad_address_is_one_line(rewrite, url):
    code, out, err = rewrite(*LLM, url)
    assert code == 2 and out == "" and err.startswith("persimg: --llm-url") and len(err.splitlines()) == 1


@pytest.mark.parametrize("content, wrong", [
    (None, "could not be read"), (b"\xff\xfe\x00", "holds no key"), (b"", "holds no key"), (b"one\ntwo", "holds no key"), ("schlüssel".encode(), "holds no key"),
])  # fmt: skip
def test_a_bad_key_file_is_one_line(rewrite, tmp_path, content, wrong):
    path = tmp_path / "key"
    if content is not None:
        path.write_bytes(content)
    code, _, err = rewrite(*LLM, NOBODY, "--llm-key-file", path)
    assert code == 2 and wrong in err and len(err.splitlines()) == 1
    path.write_bytes(b" sk-123\n")
    assert options._key(path) == "sk-123" and options._key(None) == "none"
    assert "could not be read" in rewrite(*LLM, NOBODY, "--llm-key-file", tmp_path)[2]


def test_a_fallback_is_said_in_one_line(rewrite):
    pytest.importorskip("openai")
    code, out, err = rewrite(*LLM, NOBODY, "--llm-mode", "icl")
    assert code == 0 and out == rewrite()[1]
    assert err.startswith("the endpoint failed (") and err.endswith("): written by both\n") and len(err.splitlines()) == 1
    code, out, err = rewrite(*LLM, NOBODY, "--json")
    assert json.loads(out)["trace"]["fallback"] is True and json.loads(out)["trace"]["mode"] == "zero_shot" and "written by both" in err


def test_generate_says_it_too(tmp_path, capsys):
    pytest.importorskip("openai")
    with Store(url := f"sqlite:///{tmp_path / 'taste.sqlite'}") as store:
        store.add(Event("01A", "ann", DAY, "edit", "pin", attribute="medium.watercolor", weight=2.0))
    words = ("--profile", "ann", "--store", url, *LLM, NOBODY, "--steps", "1", "--device", "cpu", "--out", tmp_path / "out")
    assert main(["generate", "a cat", *map(str, words)]) == 0
    err = capsys.readouterr().err
    assert err.count("written by both") == 1 and "the endpoint failed (" in err and "prompt for ann: a cat, " in err


def test_what_a_model_said_wrong_is_told_cleanly(capsys):
    options.say_fallback(Rewrite("a", "a", trace={"fallback": True, "complaints": ["it adds '\x1b[2J" + "x" * 900]}))
    err = capsys.readouterr().err
    assert "could not be used" in err and "\x1b" not in err and len(err) < 250
    options.say_fallback(Rewrite("a", "a", trace={"fallback": False, "complaints": ["no"]}))
    options.say_fallback(Rewrite("a", "a"))
    assert capsys.readouterr().err == ""


def test_an_unknown_mode_is_refused(rewrite):
    assert rewrite(*LLM, NOBODY, "--llm-mode", "ten_shot")[0] == 2
