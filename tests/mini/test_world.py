import random
from dataclasses import replace

import numpy as np
import pytest

from persimg.cli.main import main
from persimg.errors import UserError
from persimg.evaluation.metrics.slot_accuracy import named_slots
from persimg.mini.world import words as w
from persimg.mini.world.caption import caption, captioned, words
from persimg.mini.world.characters import CHARACTERS
from persimg.mini.world.figures import figure
from persimg.mini.world.labels import label_names, scene_labels
from persimg.mini.world.parse import parse
from persimg.mini.world.people import HELD_OUT_FACES, PEOPLE
from persimg.mini.world.render import draw
from persimg.mini.world.scene import Scene, Subject, is_held_out, poses_of, sample_scene
from persimg.mini.world.styles import HELD_OUT, STYLES
from persimg.mini.world.vocabulary import VOCABULARY

POSITIONS = 48
"""of the tokenizer, start and end included"""
SLOTS = ("place", "style", "time", "weather", "mood", "framing", "relation")


def said_of(subject):
    """What a caption can say of a subject, faces apart."""
    who = subject.person
    return (subject.kind, subject.colour, subject.accessory, subject.pattern, subject.second, subject.pose, who and (who.who, who.noun))


@pytest.mark.parametrize("people", [False, True])
def test_fifty_thousand_training_scenes_hold_nothing_held_out(people):
    rng, known = random.Random(1), set(VOCABULARY) - set(w.RARE_WORDS)
    named = {c.name for c in CHARACTERS} | {name for _, name, _ in HELD_OUT.values()}
    descriptions = {c.description for c in CHARACTERS}
    faces, seen, longest = set(HELD_OUT_FACES), set(), 0
    for _ in range(50_000):
        scene, text = captioned(rng, people)
        assert not is_held_out(scene) and scene.style in w.STYLES
        assert all(s.kind in w.KINDS or (s.person and s.person.face not in faces) for s in scene.subjects)
        said = text.replace(",", " ").replace("-", " ").split()
        seen.update(said)
        longest = max(longest, len(said))
        assert not any(description in text for description in descriptions)
    assert seen <= known and not seen & named and longest + 2 <= POSITIONS, longest


def test_sizes_of_the_world():
    tables = (w.KINDS, w.COLOURS, w.PATTERNS, w.ACCESSORIES, w.PLACES, w.TIMES, w.WEATHERS, w.STYLES, w.MOODS, w.FRAMINGS, w.RELATIONS)
    assert [len(t) for t in tables] == [32, 12, 4, 8, 16, 4, 4, 8, 6, 3, 5]
    assert set(STYLES) == set(w.STYLES) and len(HELD_OUT) == 6 and len(HELD_OUT_FACES) == 24 and len(PEOPLE) == 128
    assert len(CHARACTERS) == 24 and all(sum(c.group == g for c in CHARACTERS) == 4 for g in range(6))
    assert len(VOCABULARY) < 1400


def test_one_combination_in_ten_is_held_out():
    for name, scenes in combinations().items():
        # three standard errors of as many independent draws
        room = 3 * (0.1 * 0.9 / len(scenes)) ** 0.5
        assert abs(np.mean([is_held_out(s) for s in scenes]) - 0.1) < room < 0.09, name
    scenes = [sample_scene(random.Random(i), held_out=True) for i in range(200)]
    assert all(is_held_out(s) and s.style in w.STYLES and all(x.kind in w.KINDS for x in s.subjects) for s in scenes)
    for name in w.PLACES:
        assert any(not is_held_out(Scene((), name, style)) for style in w.STYLES if style != "flat"), name


def combinations():
    """Rule → scenes of all its combinations, in which no other rule has a say."""
    free = {kind: next(s for c in w.COLOURS if not is_held_out(alone(s := Subject(kind, c)))) for kind in w.KINDS}
    people = [Subject("person", None, person=figure(f"person:{n}")) for n in range(len(PEOPLE))]
    return {
        "look": [alone(Subject(k, c, None, p)) for k in w.KINDS for c in w.COLOURS for p in w.PATTERNS],
        "accessory": [alone(replace(free[kind], accessory=a)) for kind in w.KINDS for a in w.ACCESSORIES],
        "person": [alone(wearing(subject, a)) for subject in people for a in w.ACCESSORIES],
        "place and style": [Scene((), place, style) for place in w.PLACES for style in w.STYLES if style != "flat"],
    }


def alone(subject):
    return Scene((subject,), "room", "flat")


def wearing(subject, accessory):
    return replace(subject, person=replace(subject.person, look=replace(subject.person.look, accessory=accessory)))


def test_what_is_never_and_what_is_always_held_out():
    stranger = Subject("person", None, person=replace(figure("person:0"), who=None))
    assert not any(is_held_out(alone(wearing(stranger, a))) for a in w.ACCESSORIES)
    assert not any(is_held_out(Scene((), place, "flat")) for place in w.PLACES)
    assert all(is_held_out(Scene((), place, style)) for place in w.PLACES for style in HELD_OUT)
    assert all(is_held_out(alone(Subject(f"character:{c.number}", None))) for c in CHARACTERS)
    assert all(is_held_out(alone(Subject("person", None, person=figure(f"face:{n}")))) for n in range(len(HELD_OUT_FACES)))


def test_templates_and_descriptions_use_known_words():
    texts = [*w.OBJECT_TEMPLATES, *w.STYLE_TEMPLATES, *(c.description for c in CHARACTERS), *(text for _, _, text in HELD_OUT.values())]
    assert {word for text in texts for word in words(text.replace("{}", " "))} <= set(VOCABULARY)


@pytest.mark.parametrize("people", [False, True])
def test_canonical_captions_parse_back_whole(people):
    rng = random.Random(2)
    for i in range(3000):
        scene = sample_scene(rng, people, held_out=i % 3 == 0)
        text = caption(scene)
        again = parse(text).filled(rng)
        assert replace(again, seed=scene.seed, subjects=()) == replace(scene, subjects=()), text
        assert [said_of(s) for s in again.subjects] == [said_of(s) for s in scene.subjects], text
        for mine, true in zip(again.subjects, scene.subjects):
            if true.person:
                assert mine.person.look == true.person.look if true.person.who else says_no_more(mine.person, true.person, text)
        assert len(words(text)) + 2 <= POSITIONS, text


def says_no_more(mine, true, text):
    """Of somebody without a name: all that the caption says is true of both."""
    stated = dict(parse(text).subjects[0].person.said) if parse(text).subjects[0].person else {}
    return all(true.traits.get(k) == v for k, v in stated.items()) or len(parse(text).subjects) > 1


@pytest.mark.parametrize("people", [False, True])
def test_varied_captions_never_parse_to_something_else(people):
    rng = random.Random(3)
    for _ in range(5000):
        scene, text = captioned(rng, people)
        said = parse(text)
        assert [s.kind for s in said.subjects] == [s.kind for s in scene.subjects], text
        for mine, true in zip(said.subjects, scene.subjects):
            for slot in ("colour", "accessory", "pattern", "second", "pose"):
                assert getattr(mine, slot) in (None, getattr(true, slot)), (slot, text)
            if true.person:
                assert mine.person.who == true.person.who and mine.person.noun in (None, true.person.noun), text
                assert mine.person.traits.items() <= true.person.traits.items() or true.person.who, text
                for slot in ("expression", "hair_colour", "beard", "make_up", "age", "accessory"):
                    assert not true.person.who or getattr(mine.person.look, slot) in (None, getattr(true.person.look, slot)), (slot, text)
        for slot in SLOTS:
            assert getattr(said, slot) in (None, getattr(scene, slot)), (slot, text)


@pytest.mark.parametrize("people", [False, True])
def test_a_filled_prompt_shows_what_it_says(people):
    rng = random.Random(8)
    for _ in range(500):
        said = parse(captioned(rng, people)[1])
        scene = said.filled(rng)
        for mine, stated in zip(scene.subjects, said.subjects):
            if stated.person:
                assert stated.person.who or dict(stated.person.said).items() <= mine.person.traits.items()
            else:
                assert mine.colour and (mine.pattern == "two tone") == (mine.second is not None)
        assert all(getattr(said, slot) in (None, getattr(scene, slot)) for slot in SLOTS)


@pytest.mark.parametrize(
    ("prompt", "kind", "colour", "accessory", "slots"),
    [
        ("character:3 wearing a hat in the snow", "character:3", None, "hat", {"place": "snow"}),
        ("<character:0>, pastel style", "character:0", None, None, {"style": "pastel"}),
        ("blue car city", "car", "blue", None, {"place": "city"}),
        ("a photo of my kitty at the seaside by moonlight", "cat", None, None, {"place": "beach", "time": "night"}),
        ("a grey puppy that is happy", "dog", "gray", None, {}),
        ("a dark photo of the frog", "frog", None, None, {"mood": "dark"}),
        ("a close-up photo of a red frog in the rain, style:3", "frog", "red", None, {"framing": "close", "weather": "rain", "style": "style:3"}),
        ("umbrella kitchen pixel evening", "umbrella", None, None, {"place": "kitchen", "style": "pixel", "time": "sunset"}),
    ],
)
def test_prompts_as_people_type_them(prompt, kind, colour, accessory, slots):
    said = parse(prompt)
    first = said.subjects[0]
    assert (first.kind, first.colour, first.accessory) == (kind, colour, accessory)
    assert {slot: getattr(said, slot) for slot in SLOTS if getattr(said, slot)} == slots


def test_patterns_colours_and_relations_are_told_apart():
    def first(prompt):
        return said_of(parse(prompt).subjects[0])[1:6]

    assert first("a red and white cat") == ("red", None, "two tone", "white", None)
    assert first("a striped blue cat jumping") == ("blue", None, "striped", None, "jumping")
    assert first("a two tone red cat")[2:4] == ("two tone", None)
    both = parse("a red cat with a hat to the left of a spotted teal car facing left")
    assert both.relation == "left of" and [s.accessory for s in both.subjects] == ["hat", None]
    assert both.subjects[1].pattern == "spotted" and both.subjects[1].pose == "facing left"
    assert Scene(both.subjects, "room", "flat", relation="right of").from_left == both.subjects[::-1]


def test_prompts_of_people():
    name = PEOPLE[5].name
    said = parse(f"a photo of old {name} wearing a hat with green hair, smiling on the beach").subjects[0].person
    assert (said.who, said.look.age, said.look.accessory, said.look.hair_colour, said.look.expression) == ("person:5", "old", "hat", "green", "smiling")
    stranger = parse("an old man with a beard with blue eyes and a red cat in a room")
    assert dict(stranger.subjects[0].person.said) == {"age": "old", "beard": "beard", "eyes": "blue"} and stranger.subjects[1].colour == "red"
    assert parse("a bald man").filled(random.Random(0)).subjects[0].person.traits["hair_length"] == "bald"
    held_out = parse("face:3 in the forest").filled(random.Random(0))
    assert held_out.subjects[0].person.face == HELD_OUT_FACES[3] and is_held_out(held_out)


@pytest.mark.parametrize(
    "prompt", ["a zebra", "in the snow", "character:99", "face:24", "a cat, style:6", "a cat and a dog and a fish", "animal:3", "a cat in foo:3"]
)
def test_what_the_world_cannot_draw_is_said(prompt):
    with pytest.raises(UserError):
        parse(prompt)


@pytest.mark.parametrize("people", [False, True])
def test_drawing_is_a_pure_function(people):
    scene = sample_scene(random.Random(4), people)
    first = draw(scene)
    draw(sample_scene(random.Random(5)))
    again = draw(scene)
    assert np.array_equal(first.picture, again.picture) and first.picture.shape == (128, 128, 3)
    assert draw(scene, 64).picture.shape == (64, 64, 3)
    assert np.array_equal(first.picture, draw(scene, masks=False).picture)


def test_masks_cover_the_subjects():
    rng = random.Random(6)
    for i in range(90):
        scene = replace(sample_scene(rng, i % 3 == 0), weather="clear")
        drawing = draw(scene)
        empty = draw(replace(scene, subjects=())).picture
        changed = (drawing.picture.astype(int) - empty).__abs__().sum(-1) > 12
        union = np.logical_or.reduce(drawing.masks)
        assert len(drawing.masks) == len(scene.subjects) and all(0.006 < m.mean() < 0.97 for m in drawing.masks)
        assert (changed & ~union).sum() < (0.09 if scene.style in ("pixel", "neon") else 0.045) * changed.size, scene
        assert changed[union].mean() > 0.6, scene


def test_faces_are_where_the_drawing_says():
    rng = random.Random(7)
    for _ in range(60):
        scene = sample_scene(rng, people=True)
        faces = draw(scene, 256).faces
        assert [f.subject for f in faces] == [i for i, s in enumerate(scene.subjects) if s.person]
        for face in faces:
            x0, y0, x1, y1 = face.box
            assert (x1 - x0) > 20 and ((face.points > face.box[:2] - 2) & (face.points < face.box[2:] + 2)).all()


def difference(a, b):
    """Share of pixels that differ visibly."""
    return (np.abs(draw(a).picture.astype(int) - draw(b).picture).sum(-1) > 40).mean()


def test_every_slot_changes_the_picture_visibly():
    base = Scene((Subject("cat", "red"), Subject("train", "blue")), "meadow", "flat", 3)
    styles = [*w.STYLES, *HELD_OUT]
    for slot, names in (("style", styles), ("time", w.TIMES), ("mood", [None, *w.MOODS]), ("weather", w.WEATHERS), ("place", w.PLACES)):
        scenes = [replace(base, **{slot: name}) for name in names]
        for i, a in enumerate(scenes):
            for b in scenes[:i]:
                assert difference(a, b) > 0.04, (slot, getattr(a, slot), getattr(b, slot))
    for framing in ("close", "wide"):
        assert difference(base, replace(base, framing=framing)) > 0.1
    for relation in list(w.RELATIONS)[2:]:
        assert difference(base, replace(base, relation=relation)) > 0.1


@pytest.mark.parametrize("kind", w.KINDS)
def test_patterns_poses_and_accessories_change_the_subject(kind):
    plain = Scene((Subject(kind, "red"),), "room", "flat", 3)
    others = [{"pattern": p} for p in list(w.PATTERNS)[1:]] + [{"pose": p} for p in poses_of(kind)[1:]] + [{"accessory": a} for a in w.ACCESSORIES]
    for other in others:
        changed = replace(plain, subjects=(replace(plain.subjects[0], **other),))
        least = 0.012 if "pattern" in other or "accessory" in other else 0.015
        assert difference(plain, changed) > least, (kind, other)


@pytest.mark.parametrize("people", [False, True])
def test_what_a_caption_names_is_what_the_reader_is_taught(people):
    rng, names = random.Random(9), label_names()
    for _ in range(1000):
        scene, text = captioned(rng, people)
        true = scene_labels(scene)
        assert true.keys() == names.keys() and all(name in names[slot] for slot, name in true.items())
        if len(scene.subjects) == 1 or parse(text).relation == scene.relation or scene.relation == "next to":
            named = named_slots(text)
            assert all(name in names[slot] for slot, name in named.items())
            assert all(true[slot] == name for slot, name in named.items()), (text, named, true)


def test_characters_of_a_group_differ():
    pictures = [draw(Scene((Subject(f"character:{c.number}", None),), "room", "flat", 7)).picture.astype(int) for c in CHARACTERS]
    for a in CHARACTERS:
        for b in CHARACTERS[: a.number]:
            assert (np.abs(pictures[a.number] - pictures[b.number]).sum(-1) > 60).mean() > 0.05, (a.name, b.name)


def test_named_people_and_held_out_faces_can_be_drawn():
    for who in ("person:0", "person:127", "face:0", "face:23"):
        scene = Scene((Subject("person", None, person=figure(who)),), "room", "flat", 1)
        assert len(draw(scene).faces) == 1


def test_command_draws_and_refuses(tmp_path, capsys):
    assert main(["world", "draw", "character:2 in the forest", "-n", "2", "--masks", "--captions", "--out", str(tmp_path)]) == 0
    assert sorted(p.name for p in tmp_path.iterdir()) == ["0000.mask.png", "0000.png", "0000.txt", "0001.mask.png", "0001.png", "0001.txt"]
    assert main(["world", "draw", "a zebra", "--out", str(tmp_path / "x")]) == 2
    assert "zebra" in capsys.readouterr().err and not (tmp_path / "x").exists()
    assert main(["world", "draw", "a cat", "-n", "0", "--out", str(tmp_path / "x")]) == 2
    assert main(["world", "draw", f"{PEOPLE[0].name} with a red cat, style:2", "--captions", "--out", str(tmp_path / "y")]) == 0
    assert PEOPLE[0].name in (tmp_path / "y" / "0000.txt").read_text()


@pytest.mark.parametrize(("action", "first"), [("characters", "character:0"), ("people", "alvira"), ("styles", "flat"), ("words", "a ")])
def test_command_lists(action, first, capsys):
    assert main(["world", action]) == 0
    assert first in capsys.readouterr().out
