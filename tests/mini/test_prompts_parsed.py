"""Prompts as people type them: they say what they say, and nothing else."""

import random

import pytest

from persimg.errors import UserError
from persimg.mini.world import words as w
from persimg.mini.world.grammar import plural
from persimg.mini.world.parse import parse
from persimg.mini.world.render import draw

SLOTS = ("place", "style", "time", "weather", "mood", "framing", "relation")
CAT, DOG, BEAR, WOMAN, MAN = ({"is": name} for name in ("cat", "dog", "bear", "woman", "man"))
GIRL, BOY, SOMEBODY = WOMAN | {"age": "young"}, MAN | {"age": "young"}, {"is": "person"}


def said(prompt):
    """(of each subject what is said, of the picture what is said)."""
    found = parse(prompt)
    subjects = []
    for s in found.subjects:
        slots = {slot: getattr(s, slot) for slot in ("colour", "accessory", "pattern", "second", "pose") if getattr(s, slot)}
        subjects.append({"is": s.person.noun or "person", **dict(s.person.said)} if s.person else {"is": s.kind, **slots})
    return subjects, {slot: getattr(found, slot) for slot in SLOTS if getattr(found, slot)}


TYPED = {
    # what a subject is called
    "a teddy bear": [BEAR],
    "teddy bears": [BEAR, BEAR],
    "a pink teddy bear and a dog": [BEAR | {"colour": "pink"}, DOG],
    "a girl": [GIRL],
    "an old lady": [WOMAN | {"age": "old"}],
    "a boy with a hat": [BOY | {"accessory": "hat"}],
    "a boy and a girl": [BOY, GIRL],
    "a guy": [MAN],
    "a person": [SOMEBODY],
    "people": [SOMEBODY, SOMEBODY],
    "a photo of two people smiling": [SOMEBODY | {"expression": "smiling"}] * 2,
    "two smiling girls": [GIRL | {"expression": "smiling"}] * 2,
    "two men": [MAN, MAN],
    "two cats": [CAT, CAT],
    "two red cats wearing a hat": [CAT | {"colour": "red", "accessory": "hat"}] * 2,
    "two fish": [{"is": "fish"}] * 2,
    # poses, expressions and hair before their subject, and behind it after something else
    "a jumping cat": [CAT | {"pose": "jumping"}],
    "an upside down cat": [CAT | {"pose": "upside down"}],
    "a lying dog": [DOG | {"pose": "lying"}],
    "a cat lying down and a dog": [CAT | {"pose": "lying"}, DOG],
    "a cat and a jumping dog": [CAT, DOG | {"pose": "jumping"}],
    "a cat smiling and jumping": [CAT | {"pose": "jumping"}],
    "a man and a smiling woman": [MAN, WOMAN | {"expression": "smiling"}],
    "a man with a sad face": [MAN | {"expression": "sad"}],
    "a man with a big smile": [MAN | {"expression": "smiling"}],
    "a blond woman": [WOMAN | {"hair_colour": "blond"}],
    "a blonde girl with blue eyes": [GIRL | {"hair_colour": "blond", "eyes": "blue"}],
    "a blond dog": [DOG],
    # looks of what is no subject are nobody's
    "a black and white photo of a cat": [CAT],
    "black and white drawing of cat": [CAT],
    "an old photo of a woman": [WOMAN],
    "a woman with an old book": [WOMAN],
    "cat with red tail and dog": [CAT, DOG],
    "an old man with a white beard and dog": [MAN | {"age": "old", "beard": "beard"}, DOG],
    "a man with brown hair and dog": [MAN | {"hair_colour": "brown"}, DOG],
    "a cat on white background and dog": [CAT, DOG],
    "red background, cat": [CAT],
    "a cat with black shadow and dog": [CAT, DOG],
    "photo of smiling woman": [WOMAN | {"expression": "smiling"}],
    "a girl with cat ears": [GIRL],
    "a girl with red cat ears and a dog": [GIRL, DOG],
    "a man with a cat mask": [MAN],
    "a red cat portrait": [CAT | {"colour": "red"}],
    "red cat, grass, sky": [CAT | {"colour": "red"}],
    # what is denied is nobody's, and takes nothing else along
    "a cat with a hat, no dog": [CAT | {"accessory": "hat"}],
    "a cat without a hat": [CAT],
    "a cat without a red hat and a dog": [CAT, DOG],
    "a dog without cat ears and a bear": [DOG, BEAR],
    "a dog, not a red cat": [DOG],
    "no black and white dog, a cat": [CAT],
    "a cat that is not jumping and a dog": [CAT, DOG],
    "a cat that is not black and white": [CAT],
    "a cat that is not red, white dog": [CAT, DOG | {"colour": "white"}],
    "a cat not sitting on a table and a dog": [CAT, DOG],
    "a cat not in the snow and a dog": [CAT, DOG],
    "a cat not next to a dog": [CAT],
    "a cat, no background, wearing a hat": [CAT | {"accessory": "hat"}],
    "a cat with no shadow, dog": [CAT, DOG],
    "a cat, not pastel": [CAT],
    "a woman who is not old and a cat": [WOMAN, CAT],
    "a woman, no smile": [WOMAN],
    "a woman, no smile, with a hat": [WOMAN | {"accessory": "hat"}],
    "a man without a smile wearing glasses": [MAN | {"accessory": "glasses"}],
    # only a kind can be part of another noun
    "woman dog": [WOMAN, DOG],
    "character:3 head": [{"is": "character:3"}],
    "cat, character:3": [CAT, {"is": "character:3"}],
    # one of two
    "two cats, one wearing a hat": [CAT, CAT | {"accessory": "hat"}],
    "two cats, one with a hat, one with glasses": [CAT | {"accessory": "glasses"}, CAT | {"accessory": "hat"}],
    "two cats, one that is red": [CAT, CAT | {"colour": "red"}],
    "two people smiling, one with a beard": [SOMEBODY | {"expression": "smiling"}, SOMEBODY | {"expression": "smiling", "beard": "beard"}],
    "a photo of one cat jumping": [CAT | {"pose": "jumping"}],
    # two colours
    "a cat that is black and white": [CAT | {"colour": "black", "pattern": "two tone", "second": "white"}],
    "a cat that is red and a white dog": [CAT | {"colour": "red"}, DOG | {"colour": "white"}],
    "a striped black and white cat": [CAT | {"colour": "black", "pattern": "striped"}],
    "a red and white striped cat": [CAT | {"colour": "red", "pattern": "striped"}],
    # as before
    "a man with a beard and glasses": [MAN | {"beard": "beard", "accessory": "glasses"}],
    "a penguin wearing a scarf and a penguin wearing a hat": [{"is": "penguin", "accessory": "scarf"}, {"is": "penguin", "accessory": "hat"}],
}

WITH_SLOTS = {
    "a cat with a red and white hat next to a blue dog": ([CAT | {"accessory": "hat"}, DOG | {"colour": "blue"}], {"relation": "next to"}),
    "cat with red and white hat next to dog": ([CAT | {"accessory": "hat"}, DOG], {"relation": "next to"}),
    "cat on beach": ([CAT], {"place": "beach"}),
    "my dog at night": ([DOG], {"time": "night"}),
    "red car, rain": ([{"is": "car", "colour": "red"}], {"weather": "rain"}),
    "a yellow car on the street at dusk": ([{"is": "car", "colour": "yellow"}], {"place": "city", "time": "sunset"}),
    "a smiling man with a beard indoors": ([MAN | {"expression": "smiling", "beard": "beard"}], {"place": "room"}),
    "old lady with glasses in the kitchen": ([WOMAN | {"age": "old", "accessory": "glasses"}], {"place": "kitchen"}),
    "kitten wearing a crown, close-up": ([CAT | {"accessory": "crown"}], {"framing": "close"}),
    "girl with long blond hair in a forest": ([GIRL | {"hair_length": "long", "hair_colour": "blond"}], {"place": "forest"}),
    "puppies in the meadow": ([DOG, DOG], {"place": "meadow"}),
    "a cat in the snow and jumping": ([CAT | {"pose": "jumping"}], {"place": "snow"}),
    "a man in an old castle": ([MAN], {"place": "castle"}),
    "watercolor painting of a cat by the lake at sunset": ([CAT], {"style": "watercolor", "place": "lake", "time": "sunset"}),
    "two robots, neon lights": ([{"is": "robot"}] * 2, {"style": "neon"}),
    "a boy behind a girl": ([BOY, GIRL], {"relation": "behind"}),
    "cat, dog, beach": ([CAT, DOG], {"place": "beach"}),
    "two penguins in the snow, one wearing a scarf": ([{"is": "penguin"}, {"is": "penguin", "accessory": "scarf"}], {"place": "snow"}),
    # a look of the place is the place's, and a style has none
    "a woman in white snow with dog": ([WOMAN, DOG], {"place": "snow"}),
    "an old castle and woman": ([WOMAN], {"place": "castle"}),
    "an old castle and woman in the forest": ([WOMAN], {"place": "forest"}),
    "a bird in a green jungle with butterfly": ([{"is": "bird"}, {"is": "butterfly"}], {"place": "jungle"}),
    "red sunset, cat": ([CAT], {"time": "sunset"}),
    "white fog and cat": ([CAT], {"weather": "fog"}),
    "a red neon cat": ([CAT | {"colour": "red"}], {"style": "neon"}),
    "at night, jumping cat": ([CAT | {"pose": "jumping"}], {"time": "night"}),
    # denied slots
    "a man not smiling next to a dog": ([MAN, DOG], {"relation": "next to"}),
    "a man in the city at night, no rain, and a dog": ([MAN, DOG], {"place": "city", "time": "night"}),
    "a house in the forest, no fog, with a car": ([{"is": "house"}, {"is": "car"}], {"place": "forest"}),
    "a cat not on the beach, in the snow": ([CAT], {"place": "snow"}),
    # a relation to what isn't drawn is none
    "a cat behind a tree and a dog": ([CAT, DOG], {}),
    "a man in front of the castle and a dog": ([MAN, DOG], {"place": "castle"}),
    "a cat behind a tree next to a dog": ([CAT, DOG], {"relation": "next to"}),
    "a cat next to a dog behind a tree": ([CAT, DOG], {"relation": "next to"}),
    "a cat behind a tree": ([CAT], {}),
    "a cat next to a flower": ([CAT], {}),
    "two cats in front of a tree": ([CAT, CAT], {}),
    "behind a cat, a dog": ([CAT, DOG], {}),
}


@pytest.mark.parametrize("prompt", TYPED)
def test_subjects_are_what_the_prompt_says(prompt):
    assert said(prompt) == (TYPED[prompt], {})


@pytest.mark.parametrize("prompt", WITH_SLOTS)
def test_subjects_and_slots_are_what_the_prompt_says(prompt):
    assert said(prompt) == WITH_SLOTS[prompt]


@pytest.mark.parametrize("prompt", [*TYPED, *WITH_SLOTS])
def test_what_is_understood_can_be_drawn(prompt):
    scene = parse(prompt).filled(random.Random(1))
    assert len(draw(scene, 32).masks) == len(scene.subjects)


@pytest.mark.parametrize("prompt", ["a cat with a hat and glasses", "a woman wearing glasses and a hat", "two people with a hat and a scarf"])
def test_two_accessories_of_one_subject_are_refused_in_one_line(prompt):
    with pytest.raises(UserError, match="asked for on one subject") as caught:
        parse(prompt)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("prompt", "both"),
    [
        ("a dog house", "dog and house"), ("a bird house in the snow", "bird and house"), ("a robot dog", "robot and dog"),
        ("cat dog beach", "cat and dog"), ("a cat person", "cat and person"), ("a cat without a dog house", "dog and house"),
    ],
)  # fmt: skip
def test_one_thing_or_two_is_asked_in_one_line(prompt, both):
    with pytest.raises(UserError, match=f"names {both} with nothing between them, which can be one thing or two") as caught:
        parse(prompt)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("prompt", "count"),
    [
        ("three cats", 3), ("a cat and two dogs", 3), ("cats and dogs", 4), ("cats dogs", 4),
        ("no people on the beach", 0), ("a hat and glasses", 0), ("a cat mask", 0),
    ],
)  # fmt: skip
def test_more_than_two_and_none_are_refused_with_their_number(prompt, count):
    with pytest.raises(UserError, match=f"names {count} subjects"):
        parse(prompt)


def test_every_kind_has_a_plural():
    for kind, others in w.KINDS.items():
        for word in (kind, *others):
            assert said(plural(word))[0] == [{"is": kind}] * 2, word
