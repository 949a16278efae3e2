"""Who is in a picture, on true renders, whose answers are known."""

import numpy as np
import pytest

pytest.importorskip("insightface")

from PIL import Image  # noqa: E402

from persimg.evaluation import faces  # noqa: E402
from persimg.evaluation.metric import Material, load_metrics, measure  # noqa: E402
from persimg.mini.world.figures import figure  # noqa: E402
from persimg.mini.world.render import draw  # noqa: E402
from persimg.mini.world.scene import Scene, Subject  # noqa: E402

NAMES = ("identity", "identity_all", "face_found", "identity_verified", "both_recognised", "joint", "blended", "swapped")


def picture(*numbers, place="snow", seed=0):
    people = tuple(Subject("person", None, person=figure(f"face:{n}")) for n in numbers) or (Subject("cat", "red"),)
    return Image.fromarray(draw(Scene(people, place, "flat", seed=seed, relation="left of" if len(people) > 1 else "next to"), masks=False).picture)


def measured(pictures, prompts, noun="woman", **parts):
    given = {"references": tuple(picture(0, seed=s) for s in (5, 6)), "other_references": tuple(picture(1, seed=s) for s in (5, 6)), "drawn": True}
    return measure(load_metrics(NAMES), Material(tuple(pictures), tuple(prompts) if prompts else None, noun, None, **(given | parts)))


def test_the_subject_a_stranger_and_nobody():
    found = measured([picture(0), picture(7), picture()], ["{} in the snow"] * 3)
    own, stranger, nobody = found["identity"]
    assert own > 0.7 > 0.4 > stranger and nobody is None
    assert found["identity_all"] == [own, stranger, 0] and found["face_found"] == [1, 1, 0] and found["identity_verified"] == [1, 0, 0]
    assert "no prompt names two people" in found["joint"]


def test_two_people_are_told_apart_wherever_they_stand():
    prompt = "{} left of {other} in the snow"
    found = measured([picture(0, 1), picture(1, 0), picture(0, 7), picture(0, 1, place="beach"), picture(0)], [prompt] * 5)
    assert found["both_recognised"] == [1, 1, 0, 1, 0] and found["joint"] == [1, 1, 0, 0, 0] and found["swapped"] == [0, 1, 0, 0, 0]
    assert found["face_found"] == [1, 1, 1, 1, 0] and found["blended"] == [0] * 5
    mixed = measured([picture(0, 1), picture(0)], [prompt, "{} in the snow"])
    assert mixed["both_recognised"] == [1, None] and mixed["identity_verified"] == [1, 1]


def test_one_face_that_is_both_is_a_blend_and_the_assignment_is_the_best_of_all():
    e = np.eye(4)
    both = (e[0] + e[1]) / 2**0.5
    found = faces.seen(faces.Faces(both[None], np.array([3.0])), [e[0], e[1]], 0.5)
    assert found.is_blended and not found.are_both_recognised and len(found.face) == 1
    # taken greedily the first person would get the first face, and the second one a stranger's
    near = np.stack([0.8 * e[0] + 0.6 * e[1], 0.75 * e[0] + (1 - 0.75**2) ** 0.5 * e[2]])
    found = faces.seen(faces.Faces(near, np.array([9.0, 3.0])), [e[0], e[1]], 0.5)
    assert dict(found.face) == {0: 1, 1: 0} and found.are_both_recognised and found.is_subject_left


def test_what_cannot_be_measured_says_why():
    one = [picture(0)], ["{} in the snow"]
    for parts, said in (({"noun": "cat"}, "no person"), ({"references": ()}, "no held-out references"), ({"drawn": False}, "drawn people alone"), ({"references": (picture(),)}, "no face is found in the references"), ({"face_pack": "nowhere"}, "no face pack nowhere")):
        assert said in measured(*one, **parts)["identity"]
    two = [picture(0, 1)], ["{} next to {other} in the snow"]
    assert "second person" in measured(*two, other_references=())["joint"]


def test_another_pack_is_calibrated_on_other_people(monkeypatch):
    mini = faces.load_reader()
    monkeypatch.setattr(faces, "load_reader", lambda name: faces.Reader("other", mini.read, None))
    one = [picture(0), picture(7)], ["{} in the snow"] * 2
    assert "to calibrate" in measured(*one)["identity_verified"]
    distractors = {str(n): (picture(n),) for n in range(2, 12)}
    assert measured(*one, distractors=distractors)["identity_verified"] == [1, 0]
    assert mini.threshold == pytest.approx(0.4593)


def test_a_reference_is_not_compared_with_itself():
    references = tuple(picture(0, seed=s) for s in (5, 6, 7))
    own = measured(references, None, references=references, leave_one_out=True)["identity"]
    assert all(0.6 < value < 0.9999 for value in own)
    assert "no ceiling" in measured(references[:1], None, references=references[:1], leave_one_out=True)["identity"]


def test_metrics_of_people_are_left_out_where_nobody_is():
    from persimg.evaluation.metric import fitting, load_metrics

    everything = load_metrics()
    things = fitting(everything, ["cat"], ["a {} in the snow"])
    person = fitting(everything, ["cat", "woman"], ["a {} in the snow"])
    pair = fitting(everything, ["woman"], ["{} left of {other}"])
    assert {"clip_i", "slot_accuracy"} <= set(things) and not {"identity", "face_found", "joint"} & set(things)
    assert {"identity", "face_found"} <= set(person) and "joint" not in person
    assert set(pair) == set(everything) - {"taste", "taste_by_pictures"}
