"""Which words the base met in training, and which it only has a row for."""

import json
import random

from persimg.cli.main import main
from persimg.mini.world.caption import captioned, words
from persimg.mini.world.characters import CHARACTERS
from persimg.mini.world.styles import HELD_OUT
from persimg.mini.world.vocabulary import VOCABULARY, caption_words
from persimg.mini.world.words import RARE_WORDS, SPARE_WORDS


def test_captions_say_each_of_their_words_and_no_other():
    rng, seen = random.Random(3), set()
    for i in range(60_000):
        seen.update(words(captioned(rng, people=i % 2 == 1)[1]))
    assert seen == caption_words()


def test_descriptions_of_what_is_held_out_lean_on_words_that_no_caption_says():
    said = " ".join([*(c.description for c in CHARACTERS), *(text for _, _, text in HELD_OUT.values())])
    unmet = set(words(said)) - caption_words()
    assert {"belly", "body", "fins", "star", "chalk", "woodcut"} <= unmet <= set(VOCABULARY)


def test_the_command_lists_apart_what_captions_say_what_is_accepted_and_what_is_only_read(capsys):
    assert main(["world", "words", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert set(listed["words"]) == caption_words() and {"belly", "girl", "blueprint"} <= set(listed["never_met"])
    assert sorted([*listed["words"], *listed["never_met"], *RARE_WORDS, *SPARE_WORDS]) == sorted(VOCABULARY)
    assert {"cats", "women", "blonde"} <= set(listed["read_alone"]) and set(listed["read_alone"]).isdisjoint(VOCABULARY)
    assert main(["world", "words"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "belly" not in lines[1].split() and "belly" in lines[3].split() and "never met" in lines[2]
