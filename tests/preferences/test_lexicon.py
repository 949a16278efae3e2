import re

import pytest
import yaml

from persimg.mini.world import words as w
from persimg.mini.world.caption import caption
from persimg.mini.world.grammar import SINGLE_WORDS
from persimg.mini.world.parse import parse
from persimg.mini.world.scene import sample_scene
from persimg.mini.world.vocabulary import VOCABULARY
from persimg.preferences.attributes import of_prompt
from persimg.preferences.drawn import SLOTS, attribute_of, drawn
from persimg.preferences.lexicon import PATH, lexicon
from persimg.preferences.phrases import keys_of, meanings, phrases
from persimg.preferences.statement import mentions
from persimg.seeds import rng

VALUES = [(slot, value) for slot, values in SLOTS.items() for value in values]
PHRASES = {**w.SLOTS, "pattern": w.PATTERNS, "accessory": w.ACCESSORIES}


def known_phrase(id):
    """The first phrase of an attribute that the drawn world knows all words of."""
    return next(p for p in lexicon().attributes[id].phrases if set(p.split()) <= set(VOCABULARY))


# --- the table --------------------------------------------------------------------------------------------------------


def test_size_of_the_table():
    table = lexicon()
    assert 20 <= len(table.categories) <= 30 and 400 <= len(table.attributes) <= 500
    assert all(sum(a.category == c for a in table.attributes.values()) >= 5 for c in table.categories)


def test_ids_are_well_formed_and_in_order():
    attributes = lexicon().attributes
    assert all(re.fullmatch(r"[a-z]+\.[a-z][a-z0-9_]*", id) for id in attributes)
    assert all(id == a.id and id.split(".")[0] == a.category for id, a in attributes.items())
    assert [a.order for a in attributes.values()] == list(range(len(attributes)))


def test_the_file_says_nothing_that_is_not_read():
    table = yaml.safe_load(PATH.read_text())
    for entry in table["categories"].values():
        assert set(entry) <= {"words", "exclusive", "content", "templates", "attributes"}
        assert all(set(value) <= {"names", "phrases", "instead", "negative", "opposites", "sensitive", "fault"} for value in entry["attributes"].values())
        assert all("{}" in template for template in entry["templates"])


def test_no_name_means_two_attributes():
    found = {}
    for text, kind, value in meanings():
        keys, meaning = tuple(keys_of(text)), (kind, value)
        assert keys and found.setdefault(keys, meaning) == meaning, f"{text}: {found[keys]} and {meaning}"


def test_every_name_and_phrase_means_its_attribute():
    for id, attribute in lexicon().attributes.items():
        for text in (*attribute.names, *attribute.phrases):
            assert id in of_prompt(text) or "no" in keys_of(text), (id, text)
        assert phrases()[tuple(keys_of(attribute.name))] == ("attribute", id)


def test_opposites_are_mutual_and_conflict():
    table = lexicon()
    for id, attribute in table.attributes.items():
        for opposite in attribute.opposites:
            assert opposite != id and id in table.attributes[opposite].opposites
            assert table.conflicts(id, opposite) and table.conflicts(opposite, id)
        assert not table.conflicts(id, id)


EXCLUSIVE = {"medium": True, "time": True, "weather": True, "place": True, "framing": True, "lighting": False, "mood": False}


@pytest.mark.parametrize("category, is_exclusive", EXCLUSIVE.items())
def test_exclusive_categories(category, is_exclusive):
    table = lexicon()
    first, second = [id for id, a in table.attributes.items() if a.category == category and not a.opposites][:2]
    assert table.conflicts(first, second) == table.conflicts(second, first) == is_exclusive


def test_sensitive_attributes_are_marked():
    sensitive = {id for id, a in lexicon().attributes.items() if a.is_sensitive}
    assert {"theme.gore", "theme.nudity", "theme.religious", "theme.political"} <= sensitive < set(lexicon().attributes)
    assert not sensitive & set(drawn())


def test_who_names_a_fault_complains():
    faults = {id for id, attribute in lexicon().attributes.items() if attribute.is_fault}
    assert "depth.blurry" in faults and not faults & set(drawn())
    for id in faults:
        name = lexicon().attributes[id].name
        assert mentions(f"it is {name}").weights()[id] < 0 < mentions(f"I love that it is {name}").weights()[id] and id in of_prompt(name)


# --- the drawn world --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slot, value", VALUES)
def test_the_drawn_world_reads_its_value_back_from_the_phrase(slot, value):
    phrase = known_phrase(attribute_of(slot, value))
    scene = parse(f"a {phrase} cat" if slot == "pattern" else f"a cat, {phrase}")
    assert getattr(scene if slot in w.SLOTS else scene.subjects[0], slot) == value


@pytest.mark.parametrize("slot, value", VALUES)
def test_the_drawn_world_draws_its_value_for_the_phrase(slot, value):
    id = attribute_of(slot, value)
    assert drawn()[id] == (slot, value) and drawn()[id] == drawn()[of_id(known_phrase(id))]
    assert lexicon().categories[id.split(".")[0]].is_content == (slot in ("place", "accessory"))


def of_id(phrase):
    (id,) = of_prompt(phrase)
    return id


def test_each_value_is_one_attribute():
    ids = [attribute_of(slot, value) for slot, value in VALUES]
    assert len(set(ids)) == len(ids) and set(drawn().values()) == set(VALUES)


@pytest.mark.parametrize("slot, value", [v for v in VALUES if v[0] in PHRASES])
def test_all_phrases_of_the_drawn_world_are_understood(slot, value):
    for phrase in PHRASES[slot][value]:
        assert {drawn()[id] for id in of_prompt(phrase)} == {(slot, value)}, phrase


@pytest.mark.parametrize(
    "text, id",
    [
        ("how late it is", "time.night"),
        ("I love it after dark", "time.night"),
        ("the crack of dawn", "time.morning"),
        ("the sun going down", "time.sunset"),
        ("washed out colours", "saturation.muted"),
        ("the colors are subdued", "saturation.muted"),
        ("the happy vibe", "mood.cheerful"),
        ("wet streets and puddles", "weather.rain"),
        ("not a cloud in sight", "weather.clear"),
        ("seen from afar", "framing.wide"),
        ("up close", "framing.close"),
        ("the whole animal", "framing.full"),
        ("the specs", "accessory.glasses"),
        ("the scarves", "accessory.scarf"),
        ("a bowtie", "accessory.bow"),
        ("8-bit", "medium.pixel"),
        ("cathedral windows", "medium.glass"),
        ("freckled", "pattern.spotted"),
        ("cyan", "color.teal"),
        ("tropical plants", "place.jungle"),
    ],
)
def test_everyday_names_of_what_the_drawn_world_draws(text, id):
    assert set(mentions(text).weights()) == {id}


def test_single_words_of_short_prompts_are_understood():
    pairs = {word: (slot, name) for slot, table in SINGLE_WORDS.items() for word, name in table.items()}
    wrong = {word for word, value in pairs.items() if {drawn().get(id) for id in of_prompt(word)} != {value}}
    assert wrong == {"space"}  # "too much space around the cat" is about no galaxy


def test_captions_ask_for_what_they_say():
    random = rng(0, "captions")
    for _ in range(200):
        scene = sample_scene(random)
        said = {slot: getattr(scene, slot) for slot in w.SLOTS if getattr(scene, slot) != w.DEFAULTS.get(slot)}
        assert {attribute_of(slot, value) for slot, value in said.items()} <= set(of_prompt(caption(scene)))


def test_styles_of_the_drawn_world_exclude_each_other():
    ids = [attribute_of("style", style) for style in w.STYLES]
    assert all(lexicon().conflicts(a, b) for a in ids for b in ids if a != b)
