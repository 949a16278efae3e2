import random

import numpy as np
import pytest

from persimg.cli.main import main
from persimg.errors import UserError
from persimg.mini.world.caption import caption, captioned, words
from persimg.mini.world.characters import CHARACTERS
from persimg.mini.world.parse import parse
from persimg.mini.world.render import draw
from persimg.mini.world.scene import Scene, Subject, sample_scene
from persimg.mini.world.words import ACCESSORIES, COLOURS, KINDS, OBJECT_TEMPLATES, PLACES, RARE_WORDS, STYLE_TEMPLATES, STYLES, VOCABULARY


def test_a_hundred_thousand_training_scenes_hold_no_character():
    rng, known = random.Random(1), set(VOCABULARY) - set(RARE_WORDS)
    named = {c.name for c in CHARACTERS} | {c.description for c in CHARACTERS}
    for _ in range(100_000):
        scene, text = captioned(rng)
        assert all(s.kind in KINDS and s.colour in COLOURS for s in scene.subjects)
        assert set(words(text)) <= known, text
        assert not any(name in text for name in named)


def test_sizes_of_the_world():
    assert (len(KINDS), len(COLOURS), len(PLACES), len(ACCESSORIES), len(STYLES)) == (16, 12, 8, 5, 4)
    assert len(CHARACTERS) == 16 and all(sum(c.group == g for c in CHARACTERS) == 4 for g in range(4))


def test_templates_and_descriptions_use_known_words():
    texts = [*OBJECT_TEMPLATES, *STYLE_TEMPLATES, *(c.description for c in CHARACTERS)]
    assert {w for text in texts for w in words(text.replace("{}", " "))} <= set(VOCABULARY)


def test_canonical_captions_parse_back_whole():
    rng = random.Random(2)
    for _ in range(3000):
        scene = sample_scene(rng)
        said = parse(caption(scene))
        assert (said.subjects, said.place, said.style) == (scene.subjects, scene.place, scene.style), caption(scene)


def test_varied_captions_never_parse_to_something_else():
    rng = random.Random(3)
    for _ in range(5000):
        scene, text = captioned(rng)
        said = parse(text)
        assert [s.kind for s in said.subjects] == [s.kind for s in scene.subjects], text
        for mine, true in zip(said.subjects, scene.subjects):
            assert mine.colour in (None, true.colour) and mine.accessory in (None, true.accessory), text
        assert said.place in (None, scene.place) and said.style in (None, scene.style), text


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("character:3 wearing a hat in the snow", (("character:3", None, "hat"), "snow", None)),
        ("<character:0>, pastel style", (("character:0", None, None), None, "pastel")),
        ("blue car city", (("car", "blue", None), "city", None)),
        ("a photo of my kitty at the seaside by moonlight", (("cat", None, None), "beach", "night")),
        ("a grey puppy that is happy", (("dog", "gray", None), None, None)),
    ],
)
def test_prompts_as_people_type_them(prompt, expected):
    said = parse(prompt)
    assert ((said.subjects[0].kind, said.subjects[0].colour, said.subjects[0].accessory), said.place, said.style) == expected


@pytest.mark.parametrize("prompt", ["a zebra", "in the snow", "character:99", "a cat and a dog and a fish"])
def test_what_the_world_cannot_draw_is_said(prompt):
    with pytest.raises(UserError):
        parse(prompt)


def test_drawing_is_a_pure_function():
    scene = sample_scene(random.Random(4))
    first = draw(scene)
    draw(sample_scene(random.Random(5)))
    again = draw(scene)
    assert np.array_equal(first.picture, again.picture) and first.picture.shape == (128, 128, 3)
    assert draw(scene, 64).picture.shape == (64, 64, 3)


def test_masks_cover_the_subjects():
    rng = random.Random(6)
    for _ in range(60):
        scene = sample_scene(rng)
        drawing = draw(scene)
        empty = draw(Scene((), scene.place, scene.style, scene.seed)).picture
        changed = (drawing.picture != empty).any(-1)
        union = np.logical_or.reduce(drawing.masks)
        assert len(drawing.masks) == len(scene.subjects) and all(0.02 < m.mean() < 0.6 for m in drawing.masks)
        assert (changed & ~union).sum() < 0.02 * changed.size and changed[union].mean() > 0.7


def test_characters_of_a_group_differ():
    pictures = [draw(Scene((Subject(f"character:{c.number}", None),), "room", "flat", 7)).picture.astype(int) for c in CHARACTERS]
    for a in CHARACTERS:
        for b in CHARACTERS[: a.number]:
            assert (np.abs(pictures[a.number] - pictures[b.number]).sum(-1) > 60).mean() > 0.05, (a.name, b.name)


def test_command_draws_and_refuses(tmp_path, capsys):
    assert main(["world", "draw", "character:2 in the forest", "-n", "2", "--masks", "--captions", "--out", str(tmp_path)]) == 0
    assert sorted(p.name for p in tmp_path.iterdir()) == ["0000.mask.png", "0000.png", "0000.txt", "0001.mask.png", "0001.png", "0001.txt"]
    assert main(["world", "draw", "a zebra", "--out", str(tmp_path / "x")]) == 2
    assert "zebra" in capsys.readouterr().err and not (tmp_path / "x").exists()
    assert main(["world", "draw", "a cat", "-n", "0", "--out", str(tmp_path / "x")]) == 2
