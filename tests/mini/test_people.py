import random
from dataclasses import replace

import numpy as np
import pytest
import skia

from persimg.mini.world.brush import Brush
from persimg.mini.world.face import EXPRESSIONS, HAIR_WORDS, PARAMETERS, PEOPLE_WORDS, PLAIN, Face, Look, describe, sample_face
from persimg.mini.world.names import FIRST_WORDS, LAST_WORDS
from persimg.mini.world.people import APART, FRAMINGS, HELD_OUT_FACES, PEOPLE, FaceGeometry, draw_person
from persimg.mini.world.vocabulary import VOCABULARY
from persimg.mini.world.words import ACCESSORIES, COLOURS, KINDS, PLACES, STYLES

MIDDLE = Face(**{name: 0.5 for name in PARAMETERS})
VISIBLE = replace(MIDDLE, skin=0.2, hair_colour=0.3, fringe=0.3, hair_curl=0.2)
"""a face of which no part hides another"""


def picture(
    face: Face, look: Look = PLAIN, framing: str = "portrait", style: str = "flat", **pose
) -> tuple[np.ndarray, FaceGeometry, Brush]:
    surface = skia.Surface(128, 128)
    canvas = surface.getCanvas()
    canvas.clear(skia.Color(150, 200, 225))
    brush = Brush(canvas, style, 64, 72, 1.1)
    geometry = draw_person(brush, face, look, framing, **pose)
    brush.finish(geometry.main)
    return surface.toarray(colorType=skia.ColorType.kRGBA_8888_ColorType)[..., :3].astype(int), geometry, brush


def changed(a: np.ndarray, b: np.ndarray) -> int:
    """Pixels that differ clearly."""
    return int((np.abs(a - b).max(-1) > 24).sum())


def test_sizes():
    assert len(PEOPLE) == 128 and len(HELD_OUT_FACES) == 24 and len(PARAMETERS) >= 14
    assert len({p.name for p in PEOPLE}) == 128 and [p.number for p in PEOPLE] == list(range(128))
    firsts, lasts = zip(*(p.name.split() for p in PEOPLE))
    assert (len(set(firsts)), len(set(lasts))) == (96, 128)
    assert 50 <= sum(p.noun == "woman" for p in PEOPLE) <= 78


def test_names_hold_no_other_word():
    other = set(VOCABULARY) - set(FIRST_WORDS) - set(LAST_WORDS)
    other |= {*KINDS, *COLOURS, *ACCESSORIES, *PLACES, *PEOPLE_WORDS, *(s for synonyms in KINDS.values() for s in synonyms)}
    names = {*FIRST_WORDS, *LAST_WORDS}
    assert len(names) == 224 and all(name.isalpha() and name.islower() for name in names)
    assert [(n, w) for n in names for w in other if (len(w) > 3 and w in n) or n in w] == []


def test_faces_do_not_depend_on_words():
    values = np.array([p.face.values for p in PEOPLE])
    words = np.array([[f(w) for w in p.name.split() for f in (len, lambda w: ord(w[0]), lambda w: ord(w[-1]))] for p in PEOPLE])
    both = np.corrcoef(np.concatenate([values, words], 1).T)[: len(PARAMETERS), len(PARAMETERS) :]
    assert np.abs(both).max() < 0.35 and np.abs(both).mean() < 0.11
    shared = [(a, b) for a in PEOPLE for b in PEOPLE if a.number < b.number and a.name.split()[0] == b.name.split()[0]]
    alike = np.mean([a.face.distance(b.face) for a, b in shared])
    others = np.mean([a.face.distance(b.face) for a, b in zip(PEOPLE, PEOPLE[1:])])
    assert len(shared) == 32 and abs(alike - others) < 0.03


def test_parameters_are_independent_of_each_other():
    values = np.array([sample_face(random.Random(n)).values for n in range(3000)])
    between = np.abs(np.corrcoef(values.T) - np.eye(len(PARAMETERS)))
    tied = [PARAMETERS.index(name) for name in ("lashes", "beard", "hair_length")]
    between[np.ix_(tied, tied)] = 0
    assert between.max() < 0.08


def test_known_and_held_out_faces_are_apart():
    faces = [*(p.face for p in PEOPLE), *HELD_OUT_FACES]
    assert min(a.distance(b) for i, a in enumerate(faces) for b in faces[:i]) >= APART


@pytest.mark.parametrize("name", PARAMETERS)
def test_every_parameter_shows(name: str):
    low, high = (picture(replace(VISIBLE, **{name: value}))[0] for value in (0.0, 1.0))
    assert changed(low, high) > 40


@pytest.mark.parametrize("style", STYLES)
def test_people_stay_apart_in_every_style(style: str):
    pictures = [picture(p.face, style=style)[0] for p in PEOPLE[:12]]
    assert min(changed(a, b) for i, a in enumerate(pictures) for b in pictures[:i]) > 1500


def test_looks_change_the_picture_and_the_words():
    face = replace(VISIBLE, age=0.7)
    plain, said = picture(face)[0], describe(face)
    looks = [*(Look(expression=e) for e in EXPRESSIONS), *(Look(hair_colour=c) for c in HAIR_WORDS if c != "gray")]
    looks += [Look(beard=True), Look(make_up=True), Look(age="young"), Look(age="old"), Look(accessory="headphones")]
    looks += [Look(accessory=a) for a in ACCESSORIES]
    for look in looks:
        assert changed(picture(face, look)[0], plain) > 40, look
        assert describe(face, look) != said or look == Look(age="old"), look


def test_descriptions_say_known_words():
    said = [describe(sample_face(random.Random(n))) for n in range(500)]
    assert {word for d in said for word in d.values()} <= PEOPLE_WORDS
    assert {d["noun"] for d in said} == {"woman", "man"}
    assert not any("beard" in d for d in said if d["noun"] == "woman")
    assert describe(PEOPLE[0].face, Look(hair_colour="blue", beard=True, age="old")).items() >= {
        ("hair_colour", "blue"), ("beard", "beard"), ("age", "old"),
    }  # fmt: skip


@pytest.mark.parametrize("framing", FRAMINGS)
def test_key_points_lie_on_the_face(framing: str):
    for n, person in enumerate(PEOPLE):
        r = random.Random(n)
        _, geometry, brush = picture(person.face, framing=framing, turn=r.uniform(-1, 1), tilt=r.uniform(-8, 8))
        (x0, y0, x1, y1), points = geometry.pixels(brush)
        assert ((points > (x0, y0)) & (points < (x1, y1))).all()
        left, right, nose, mouth_left, mouth_right = points
        assert left[0] < nose[0] < right[0] and mouth_left[0] < mouth_right[0]
        assert max(left[1], right[1]) < nose[1] < min(mouth_left[1], mouth_right[1]) + 1
        assert 0 <= x0 and x1 <= 128 and 0 <= y0 and y1 <= 128
        assert x1 - x0 >= (36 if framing == "portrait" else 24)


def test_eye_points_lie_on_the_pupils():
    image, geometry, brush = picture(replace(VISIBLE, eye_size=0.9, eye_shape=0.9), turn=0.5, tilt=5)
    for x, y in geometry.pixels(brush)[1][:2]:
        assert image[int(y), int(x)].max() < 110


def test_the_mouth_points_follow_the_expression():
    def corners(expression: str | None) -> np.ndarray:
        return np.array(picture(VISIBLE, Look(expression=expression))[1].points[3:])

    assert corners("smiling")[0, 1] < corners(None)[0, 1] < corners("sad")[0, 1]
    assert np.ptp(corners("surprised")[:, 0]) < np.ptp(corners("smiling")[:, 0])


def test_drawing_is_a_pure_function():
    first = picture(PEOPLE[7].face, turn=0.3)[0]
    picture(PEOPLE[8].face, Look(accessory="hat"))
    again, _, brush = picture(PEOPLE[7].face, turn=0.3)
    assert (first == again).all() and brush.matrix.mapXY(0, 0).x() == 64
    assert sample_face(random.Random(1)) == sample_face(random.Random(1))
