import random

import pytest
from PIL import Image

from persimg.errors import UserError
from persimg.evaluation.metrics.slot_accuracy import answers, named_slots, slot_accuracy
from persimg.mini.nets import Reader, load_reader
from persimg.mini.world.parse import parse
from persimg.mini.world.render import draw


def test_what_a_prompt_names():
    assert named_slots("character:3 wearing a hat in the snow") == {"place": "snow", "accessory_0": "hat"}
    assert named_slots("a red cat, pastel style") == {"style": "pastel", "kind_0": "cat", "colour_0": "red"}
    assert named_slots("a cat behind a tree") == {"kind_0": "cat"}


def test_a_prompt_that_asks_for_two_accessories_is_not_scored_as_if_for_one():
    with pytest.raises(UserError, match="hat and glasses"):
        named_slots("a cat with a hat and glasses")


@pytest.mark.parametrize(
    ("prompt", "relation"),
    [
        ("a woman behind a man", "beside"), ("a man in front of a red car", "beside"), ("a blue dog behind a woman", "beside"),
        ("a red cat behind a blue dog", "behind"), ("a red cat in front of a blue dog", "in front of"),
    ],
)  # fmt: skip
def test_true_renders_show_the_relation_that_is_asked_for(prompt, relation):
    renders = [Image.fromarray(draw(parse(prompt).filled(random.Random(i))).picture) for i in range(8)]
    assert named_slots(prompt)["relation"] == relation
    assert [answer["relation"] for answer in answers(load_reader(), renders)] == [relation] * 8


def test_the_share_of_named_slots_is_counted(monkeypatch):
    answers = [{"place": "snow", "style": "flat", "accessory_0": "hat"}, {"place": "room", "style": "flat", "accessory_0": "none"}]
    monkeypatch.setattr(Reader, "read", lambda self, pixels: answers[: len(pixels)])
    pictures = [Image.new("RGB", (64, 64))] * 3
    prompts = ["character:0 wearing a hat in the snow", "character:0 wearing a hat in the snow, flat style", "character:0"]
    answers.append(answers[0])
    assert slot_accuracy(Reader({"place": ["a"]}, 8), pictures, prompts) == [1.0, 1 / 3, None]
