"""What a prompt is rewritten for: words are counted as they will be encoded."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace

import pytest
from helpers import tiny_pipeline
from hypothesis import example, given, settings
from hypothesis import strategies as st
from strategies import liking

from persimg import mini
from persimg.bases.loading import load_base
from persimg.errors import UserError
from persimg.preferences import rewriters, targets
from persimg.preferences.lexicon import lexicon
from persimg.preferences.rewriter import Target, negatives

LOADED = load_base("mini", device="cpu")
NAMED = targets.of_name("mini")
TASTE = liking("medium.ink", "weather.fog", "palette.warm", "accessory.hat")
PARTS = st.sampled_from(["'", "tree", "cat", "CAFÉ", " ", ",", "don't", "<a>", "3"])
LONG = "a red cat and a blue dog and a small green bird in the snow at night"


@settings(max_examples=200, deadline=None)
@example("красная кошка на пляже")
@example("“cat”, a cat 🐱")
@example("'tree' don't ﬁ İ hello_world 3d <|endoftext|>")
@given(st.one_of(st.text(max_size=30), st.lists(PARTS, max_size=9).map("".join)))
def test_the_name_counts_as_the_base_does(text):
    assert NAMED.count(text) == targets.of_base(LOADED).count(text) == LOADED.count_tokens(text)


def test_the_name_knows_what_the_base_knows():
    of_base = targets.of_base(LOADED)
    phrases = [p for a in lexicon().attributes.values() for p in (*a.phrases, *a.instead, *a.negative)]
    assert [NAMED.knows(p) for p in phrases] == [of_base.knows(p) for p in phrases]
    assert NAMED.knows("a cat in the snow") and not NAMED.knows("chiaroscuro")
    assert (NAMED.budget, NAMED.most_negative) == (of_base.budget, of_base.most_negative) == (LOADED.max_tokens, targets.MINI_NEGATIVE)


def test_a_copy_of_the_embedded_base_is_known_for_one(tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(mini.path("base"), folder, ignore=shutil.ignore_patterns("*.safetensors"))
    found = targets.of_name(str(folder))
    assert (found.count("Кошка"), found.knows("chiaroscuro"), found.side("in warm colors")) == (NAMED.count("Кошка"), False, "mood")


def test_no_torch_for_the_embedded_base():
    code = "import sys; from persimg.preferences import targets; targets.of_name('mini').count('a cat')"
    code += "; print('torch' in sys.modules, 'transformers' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split() == ["False", "False"]


def test_damaged_tokenizers_are_one_line(tmp_path):
    tiny_pipeline("sd").save_pretrained(tmp_path / "sd")
    (tmp_path / "sd/tokenizer/tokenizer_config.json").write_text("{")
    shutil.copytree(mini.path("base"), tmp_path / "words", ignore=shutil.ignore_patterns("*.safetensors"))
    (tmp_path / "words/tokenizer/tokenizer.json").write_text(json.dumps({"no": "tokenizer"}))
    for name in ("sd", "words"):
        with pytest.raises(UserError, match="tokenizer") as caught:
            targets.of_name(str(tmp_path / name))
        assert caught.value.exit_code == 3 and "\n" not in str(caught.value)
    with pytest.raises(UserError, match="no tokenizer to read"):
        targets.of_name("org/model")


# --- for one task -----------------------------------------------------------------------------------------------------


def test_what_a_concept_becomes_is_counted():
    rows = " ".join(["<ab>", *(f"<ab>_{i}" for i in range(1, 12))])
    for target in (NAMED, Target(count=NAMED.count)):
        counted = targets.for_task(target, {"<ab>": f"{rows} cat"})
        assert counted.count("<ab> in the snow") == 12 + 1 + 3 and counted.count("<other>") == target.count("<other>")
        assert targets.for_task(target, {}).count("<ab>") == target.count("<ab>")


def test_a_long_concept_leaves_less_room():
    rows = " ".join(["<ab>", *(f"<ab>_{i}" for i in range(1, 12))])
    prompt = f"<ab> and {LONG} in an old city by the sea, and a cat"
    rewrite = rewriters.find("both")
    both = (rewrite(prompt, TASTE, 1.0, target).rewritten for target in (NAMED, targets.for_task(NAMED, {"<ab>": rows})))
    loose, counted = (text.replace("<ab>", "a " * 12) for text in both)
    assert NAMED.count(counted) <= NAMED.budget < NAMED.count(loose) and len(counted) > len(prompt.replace("<ab>", "a " * 12))


@pytest.mark.parametrize("words", [0, 10, 22, 23])
def test_the_own_negative_prompt_takes_its_room(words):
    typed = ", ".join(["ugly"] * words)
    disliking = replace(TASTE, beliefs={a: replace(b, weight=-b.weight) for a, b in TASTE.beliefs.items()})
    for target in (NAMED, Target(NAMED.budget, NAMED.count)):
        made = rewriters.find("both")("a cat", disliking, 1.0, targets.for_task(target, {}, typed))
        assert bool(made.negative) is (words < 23)
        assert not made.negative or target.count(negatives(typed, made.negative)) <= target.budget


def test_lists_of_the_conditioning_are_counted_alone():
    prompt = f"{LONG}, {LONG}, {LONG}"
    assert NAMED.count(prompt) > NAMED.budget and not rewriters.find("attributes")(prompt, TASTE, 1.0, replace(NAMED, most_negative=8)).changes
    short, long = (rewriters.find("conditioning")(text, TASTE, 1.0, NAMED) for text in ("a cat", "a cat" + " and a cat" * 30))
    assert short.guides == long.guides and len(short.guides["taste"]["liked"]) > 2
    tight = rewriters.find("conditioning")("a cat", TASTE, 1.0, replace(NAMED, budget=5))
    assert tight.guides["taste"]["liked"] and NAMED.count(", ".join(tight.guides["taste"]["liked"])) <= 5
