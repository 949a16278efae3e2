"""How past prompts are searched, from the command line: with the embedded CLIP, by words, and what can be wrong with it."""

import json

import pytest

from persimg.cli.main import main
from persimg.preferences import encoder
from persimg.preferences.events import Event
from persimg.preferences.store import Store
from persimg.sampling.jobs import manifest

PROMPTS = ("a kitten, ink drawing", "a tower beside the sea, oil painting", "a castle, neon style")


@pytest.fixture
def store(tmp_path):
    url = f"sqlite:///{tmp_path / 'taste.sqlite'}"
    with Store(url) as store:
        store.add_all(Event(f"01{i}", "ann", f"2026-01-0{i + 1}T10:00:00.000+00:00", "prompt", text) for i, text in enumerate(PROMPTS))
    return url


@pytest.fixture
def rewrite(store, capsys):
    def run(*words):
        capsys.readouterr()
        assert main(["rewrite", "a cat", "--user", "ann", "--store", store, "--rewriter", "history", "--json", *words]) == 0
        return json.loads(capsys.readouterr().out)

    return run


@pytest.mark.parametrize("retriever", ["dense", "fused"])
def test_the_embedded_clip_finds_a_kitten_for_a_cat(rewrite, retriever):
    made = rewrite("--retriever", retriever, "--retrieved", "1")
    assert [past["prompt"] for past in made["trace"]["retrieved"]] == [PROMPTS[0]] and made["rewritten"] == "a cat, ink drawing"
    assert made["changes"][0]["why"] == "the one past prompt looked at asked for it (1 like this one)"
    assert rewrite("--retriever", retriever, "--retrieved", "1") == made


def test_words_alone_find_no_kitten_and_load_no_model(rewrite, monkeypatch):
    monkeypatch.setattr(encoder, "Encoder", None)
    for words in (("--retrieved", "1"), ("--retrieved", "1", "--retriever", "bm25", "--clip", "mini")):
        assert [past["prompt"] for past in rewrite(*words)["trace"]["retrieved"]] == [PROMPTS[-1]]
    assert len(rewrite()["trace"]["retrieved"]) == 3


def test_generate_searches_as_it_is_told(store, tmp_path, capsys):
    words = ("--profile", "ann", "--store", store, "--rewriter", "history", "--steps", "1", "--out", str(tmp_path / "out"), "--json")
    for more, prompt in ((("--retriever", "dense"), "a cat, ink drawing"), ((), "a cat, neon style")):
        assert main(["generate", "a cat", *words, "--retrieved", "1", *more]) == 0
        assert json.loads(capsys.readouterr().out)["prompt"] == prompt


def test_batch_searches_as_it_is_told(store, tmp_path, monkeypatch, capsys):
    planned, plan = [], manifest.plan

    def watched(*args):
        found = plan(*args)
        planned.extend(task.prompt for task in found.tasks.values())
        return found

    monkeypatch.setattr(manifest, "plan", watched)
    (tmp_path / "job.yaml").write_text("base: mini\nprompt: a cat\nprofile: ann\nrewriter: history\n")
    for more in (("--retriever", "dense"), ()):
        words = ("--out", str(tmp_path / "out"), "--store", store, "--retrieved", "1", "--dry-run", "--json")
        assert main(["batch", "run", str(tmp_path / "job.yaml"), *words, *more]) == 0
    assert planned == ["a cat, ink drawing", "a cat, neon style"]


@pytest.mark.parametrize("wrong", [("--retriever", "sorcery"), ("--retrieved", "0"), ("--retrieved", "8"), ("--retriever", "dense", "--clip", "nothing")])
def test_what_can_not_be_searched_by_is_said_in_a_line(store, wrong, capsys):
    assert main(["rewrite", "a cat", "--user", "ann", "--store", store, *wrong]) == 2
    assert wrong[-2] in capsys.readouterr().err.strip().splitlines()[-1]


def test_vectors_are_kept_and_of_length_one(monkeypatch):
    known = encoder.Encoder("mini")
    first = known(["a cat", "a castle", "a cat"])
    assert first[0] @ first[0] == pytest.approx(1) and (first[0] == first[2]).all()
    monkeypatch.setattr(known._backbone, "texts", None)
    assert (known(["a castle", "a cat"]) == first[1::-1]).all()
    assert encoder.encoder("mini") is encoder.encoder("mini")
