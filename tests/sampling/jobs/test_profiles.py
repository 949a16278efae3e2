"""Prompts rewritten for users, in jobs and in generate: what can be drawn without a profile can be drawn with one."""

import pytest
from helpers import random_concept, tiny_base, tiny_pipeline

from persimg import mini
from persimg.bases import loading
from persimg.cli.batch import _rewriter
from persimg.cli.main import main
from persimg.concepts import store
from persimg.preferences import targets
from persimg.sampling import provenance
from persimg.sampling.jobs import entries, survey
from persimg.sampling.jobs.manifest import plan
from persimg.spaces import TokenEmbeddings

ROOM = 75
"""tokens of a prompt to a CLIP"""
VECTORS = 12


@pytest.fixture
def world(tmp_path, monkeypatch):
    """A base, a concept of many tokens, and a user who likes one thing and hates another."""
    monkeypatch.chdir(tmp_path)
    tiny_pipeline("sd_v").save_pretrained(tmp_path / "base")
    store.save(random_concept(tiny_base("sd_v"), TokenEmbeddings("<mycat>", num_vectors=VECTORS, init="cat")), tmp_path / "mycat.safetensors")
    for text in ("I love snow", "I hate red"):
        assert main(["profile", "add", "say", "--user", "ann", text]) == 0
    return tmp_path


def rewritten(world, job):
    """Tasks of a job file, as its planner hands them out."""
    (world / "job.yaml").write_text(f"base: base\nsteps: 1\nprofile: ann\n{job}\n")
    read = entries.read(world / "job.yaml")
    return list(plan(read, rewrite=_rewriter(read, None)).tasks.values())


def drawn(world, *words):
    """What generate wrote into its picture."""
    assert main(["generate", *words, "--base", "base", "--steps", "1", "--profile", "ann", "--out", "out"]) == 0
    return provenance.read(max((world / "out").glob("*.png")))


def test_a_concept_of_many_tokens_takes_its_room(world):
    """As it is typed, <mycat> is few tokens."""
    for words, is_added in ((ROOM - VECTORS, False), (20, True)):
        prompt = "<mycat> " + " ".join(["cat"] * words)
        made = drawn(world, prompt, "--concept", "mycat.safetensors")
        (task,) = rewritten(world, f"prompt: {prompt}\nconcepts: [[mycat.safetensors]]")
        assert (made["prompt"] != prompt, task.prompt != prompt) == (is_added, is_added)


def test_the_own_negative_prompt_takes_its_room(world):
    for words, is_added in ((ROOM, False), (20, True)):
        typed = " ".join(["dirty"] * words)
        made = drawn(world, "a cat", "--negative", typed)["negative"]
        (task,) = rewritten(world, f"prompt: a cat\nnegative: {typed}")
        assert made == task.negative and made.startswith(typed) and ("red" in made) is is_added


def test_what_the_own_negative_prompt_names_is_not_added(world):
    assert "snow" in rewritten(world, "prompt: a cat")[0].prompt
    (task,) = rewritten(world, "prompt: a cat\nnegative: snow")
    assert "snow" not in task.prompt and task.negative == "snow, red"
    assert "snow" not in drawn(world, "a cat", "--negative", "snow")["prompt"]


def test_a_base_of_the_hub(world, monkeypatch):
    """In the hub's cache, as it lies there."""
    there = world / "hub/models--org--drawn"
    (there / "refs").mkdir(parents=True)
    (there / "refs/main").write_text("a" * 40)
    (there / "snapshots").mkdir()
    (there / "snapshots" / ("a" * 40)).symlink_to(mini.path("base"))
    monkeypatch.setenv("HF_HUB_CACHE", str(world / "hub"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    (world / "job.yaml").write_text("base: org/drawn\nsteps: 1\nprompt: a cat\nprofile: ann\n")
    assert main(["batch", "run", "job.yaml", "--out", "out", "--dry-run"]) == 0
    read = entries.read(world / "job.yaml")
    (task,) = plan(read, rewrite=_rewriter(read, None)).tasks.values()
    assert task.prompt == "a cat, in the snow" and task.negative == "red"


@pytest.mark.parametrize("kind", ["sd_v", "sdxl"])
def test_tokenizers_of_a_base_in_one_file_are_kept(monkeypatch, kind):
    base = tiny_base(kind)
    monkeypatch.setattr(loading, "load_base", lambda *args, **options: base)
    found = [survey.look({"bases": ["one.safetensors"], "concepts": []})["bases"]["one.safetensors"] for _ in range(2)]
    target = targets.of_name(found[0]["tokenizers"])
    assert found[0] == found[1] and target.budget == base.max_tokens
    assert target.count("a cat in the снег") == base.count_tokens("a cat in the снег")
    assert len(list((survey.cache().parent / "tokenizers").iterdir())) == 1


def test_copies_that_were_deleted_are_made_again(world):
    known = {"bases": {"x": {"stamp": [1], "facts": {"tokenizers": str(world / "gone")}}, "y": {"stamp": [1], "facts": {"tokenizers": None}}}}
    assert [survey._is_fresh(known, "bases", name, [1]) for name in "xy"] == [False, True]
    (world / "gone").mkdir()
    assert survey._is_fresh(known, "bases", "x", [1])
