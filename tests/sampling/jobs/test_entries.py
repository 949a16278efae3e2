"""Job files and what they mean."""

import json

import pytest

from persimg.errors import UserError
from persimg.sampling.jobs import entries


def read(tmp_path, text, name="job.yaml"):
    (tmp_path / name).write_text(text)
    return entries.read(tmp_path / name)


def test_lists_mean_all_combinations(tmp_path):
    text = "base: mini\nsteps: 10\nprompts: [a, b]\nseeds: 0-9\nconcepts: [[], ['file.safetensors:0.8']]\n"
    found = list(read(tmp_path, text).entries())
    assert len(found) == 2 * 10 * 2 and len({json.dumps(e) for e in found}) == 40
    assert found[0] == {"base": "mini", "concepts": (), "steps": 10, "prompt": "a", "seed": 0}
    assert found[-1] == {"base": "mini", "concepts": ("file.safetensors:0.8",), "steps": 10, "prompt": "b", "seed": 9}


@pytest.mark.parametrize(
    ("text", "expected"), [("7", [7]), ("[1, 5]", [1, 5]), ("'0-2, 9'", [0, 1, 2, 9]), ("[3-4, 8]", [3, 4, 8]), ("0-1", [0, 1])]
)
def test_seeds(tmp_path, text, expected):
    assert [e["seed"] for e in read(tmp_path, f"prompt: a\nseed: {text}").entries()] == expected


def test_tasks_take_what_they_lack_from_above(tmp_path):
    job = read(tmp_path, "steps: 5\nseeds: [1, 2]\ntasks:\n- prompt: a\n- {prompt: [b, c], seed: 9, steps: 7}\n")
    assert [(e["prompt"], e["seed"], e["steps"]) for e in job.entries()] == [("a", 1, 5), ("a", 2, 5), ("b", 9, 7), ("c", 9, 7)]


def test_one_list_of_concepts_is_one_combination(tmp_path):
    assert [e["concepts"] for e in read(tmp_path, "prompt: a\nconcepts: [x, 'y:0.5']").entries()] == [("x", "y:0.5")]


def test_jsonl_and_csv(tmp_path):
    lines = read(tmp_path, '{"prompt": "a", "seed": 3}\n\n{"prompt": "b", "seeds": "0-1", "concepts": ["x"]}\n', "job.jsonl")
    assert [(e["prompt"], e["seed"], e.get("concepts", ())) for e in lines.entries()] == [("a", 3, ()), ("b", 0, ("x",)), ("b", 1, ("x",))]
    table = read(tmp_path, 'prompt,seed,steps,concepts\n"a cat, red",0-1,5,x:0.5; y\nb,,,\n', "job.csv")
    found = list(table.entries())
    assert found[0] == {"concepts": ("x:0.5", "y"), "steps": 5, "prompt": "a cat, red", "seed": 0}
    assert found[2] == {"prompt": "b", "seed": 0}


def test_wildcards_give_all_or_one_that_the_seed_chooses(tmp_path):
    (tmp_path / "animals.txt").write_text("cat\n# not this\n\ndog\nred fox\n")
    text = "prompt: a __animal__ in __place__\nseeds: 0-49\nwildcards: {animal: animals.txt, place: [snow, rain]}\n"
    every = [e["prompt"] for e in read(tmp_path, text).entries()]
    assert len(every) == 50 * 6 and len(set(every)) == 6 and "a red fox in rain" in every
    some = [e["prompt"] for e in read(tmp_path, text + "pick: random\n").entries()]
    assert len(some) == 50 and set(some) == set(every) and some == [e["prompt"] for e in read(tmp_path, text + "pick: random\n").entries()]


W = list(range(1000))
WRONG = {
    "no prompt": ("steps: 3", "has no prompt"),
    "unknown key": ("prompt: a\nstep: 3", "step is unknown"),
    "twice": ("prompt: a\nprompts: [b]", "prompt is given twice"),
    "seed range": ("prompt: a\nseed: 9-1", "seed '9-1' can't be read"),
    "negative seed": ("prompt: a\nseed: -4", "can't be read"),
    "steps": ("prompt: a\nsteps: many", "steps is 'many'"),
    "half a step": ("prompt: a\nsteps: 2.5", "steps is 2.5"),
    "prompt is a number": ("prompt: 3", "prompt is 3"),
    "empty list": ("prompts: []", "prompt is empty"),
    "wildcard": ("prompt: a __b__", "uses __b__"),
    "wildcard file": ("prompt: a __b__\nwildcards: {b: nothing.txt}", "could not be read"),
    "concepts": ("prompt: a\nconcepts: [3]", "concepts is [3]"),
    "pick": ("prompt: a\npick: some", "pick is 'some'"),
    "safety": ("prompt: a\nsafety: 3", "safety is 3"),
    "batch": ("prompt: a\nbatch: large", "batch is 'large'"),
    "no batch": ("prompt: a\nbatch: 0", "batch is 0"),
    "a batch below nothing": ("prompt: a\nbatch: -1", "batch is -1"),
    "dtype": ("prompt: a\ndtype: fp8", "dtype is 'fp8'"),
    "attention": ("prompt: a\nattention: flash", "attention is 'flash'"),
    "endless steps": ("prompt: a\nsteps: .inf", "steps is inf"),
    "steps beyond floats": (f"prompt: a\nsteps: {10**400}", "steps is 1000"),
    "no number": ("prompt: a\nguidance: .nan", "guidance is nan"),
    "a date that isn't": ("prompt: 2024-13-45", "is not valid YAML"),
    "a tag on nothing": ("prompt: !!bool perhaps", "is not valid YAML"),
    "brackets": ("prompt: " + "[" * 5000, "is not valid YAML"),
    "a digit that is none": ('prompt: a\nseed: "\u00b2"', "can't be read"),
    "a seed too large": (f"prompt: a\nseed: {2**63}", "can't be read"),
    "half a character": ('prompt: "\\ud800"', "prompt is"),
    "a file's name": ('prompt: a __b__\nwildcards: {b: "\\0"}', "could not be read"),
    "a key of the whole job": ("tasks: [{prompt: a, strict: true}]", "strict is a key of the whole job"),
    "too many words": (f"prompt: __a__ __b__\nnegative: __c__\nwildcards: {{a: {W}, b: {W}, c: {W}}}", "1000000000 combinations"),
    "yaml": ("prompt: [a", "is not valid YAML"),
    "a list": ("- a", "is not a mapping"),
    "too many": ("prompt: a\nseeds: [0-9999999, 0-9999999]", "combinations"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said_in_one_line(tmp_path, name):
    text, expected = WRONG[name]
    with pytest.raises(UserError) as caught:
        list(read(tmp_path, text).entries())
    assert expected in str(caught.value) and "\n" not in str(caught.value)


def test_texts_keep_what_only_looks_like_the_end_of_a_line(tmp_path):
    (line,) = read(tmp_path, '{"prompt": "a\u2028b"}\n', "job.jsonl").entries()
    first, second = read(tmp_path, 'prompt,seed\n"a cat\non a beach",1\n"b\u2028c",2\n', "job.csv").entries()
    assert (line["prompt"], first["prompt"], second["prompt"]) == ("a\u2028b", "a cat\non a beach", "b\u2028c")


def test_random_words_are_no_combinations(tmp_path):
    assert len(list(read(tmp_path, f"prompt: __a__ __b__ __c__\npick: random\nwildcards: {{a: {W}, b: {W}, c: {W}}}").entries())) == 1


def test_other_files_are_refused(tmp_path):
    wrong = [
        ("job.txt", "a", "suffix"), ("job.jsonl", "{", "line 1"), ("job.jsonl", '{"prompt": ' + "[" * 100_000, "line 1"),
        ("job.jsonl", '{"prompt": "a", "steps": 1e999}', "steps is inf"), ("job.csv", "prompt,strict\na,yes\n", "whole job"),
        ("job.csv", "prompt,seed\na\n", "line 2"), ("job.csv", "", "no tasks"),
    ]  # fmt: skip
    for name, text, expected in wrong:
        with pytest.raises(UserError, match=expected):
            list(read(tmp_path, text, name).entries())
    (tmp_path / "job.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UserError, match="UTF-8"):
        entries.read(tmp_path / "job.yaml")
    with pytest.raises(UserError, match="could not be read"):
        entries.read(tmp_path / "none.yaml")
