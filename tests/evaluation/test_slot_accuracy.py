from PIL import Image

from persimg.evaluation.metrics.slot_accuracy import named_slots, slot_accuracy
from persimg.mini.nets import Reader


def test_what_a_prompt_names():
    assert named_slots("character:3 wearing a hat in the snow") == {"place": "snow", "accessory_0": "hat"}
    assert named_slots("a red cat, pastel style") == {"style": "pastel", "kind_0": "cat", "colour_0": "red"}


def test_the_share_of_named_slots_is_counted(monkeypatch):
    answers = [{"place": "snow", "style": "flat", "accessory_0": "hat"}, {"place": "room", "style": "flat", "accessory_0": "none"}]
    monkeypatch.setattr(Reader, "read", lambda self, pixels: answers[: len(pixels)])
    pictures = [Image.new("RGB", (64, 64))] * 3
    prompts = ["character:0 wearing a hat in the snow", "character:0 wearing a hat in the snow, flat style", "character:0"]
    answers.append(answers[0])
    assert slot_accuracy(Reader({"place": ["a"]}, 8), pictures, prompts) == [1.0, 1 / 3, None]
