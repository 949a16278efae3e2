"""Metrics on material whose scores are known, with a backbone of one-hot colours."""

import pytest
import torch
from PIL import Image

from persimg.errors import UserError
from persimg.evaluation.evaluate import Row, controls, gate_lines, gates, prompt_means, score, summary
from persimg.evaluation.metric import Material, NotMeasured, load_metrics, measure, metric_names

RED, GREEN, BLUE = "red", "green", "blue"


class Colours:
    """A picture's mean colour, and the colour word of a text."""

    name, version = "colours", "1"

    def images(self, pictures):
        rows = [torch.tensor([sum(c) / len(c) for c in zip(*p.resize((4, 4)).get_flattened_data())]) + 1e-3 for p in pictures]
        return torch.nn.functional.normalize(torch.stack(rows), dim=1)

    def texts(self, texts):
        return torch.stack([torch.tensor([float(c in t.split()) for c in (RED, GREEN, BLUE)]) for t in texts])


def pictures(*colours):
    return tuple(Image.new("RGB", (16, 16), c) for c in colours)


def material(shown, prompts=None, **parts):
    return Material(pictures(*shown), prompts, "cat", Colours(), **parts)


def values(name, what):
    found = measure(load_metrics([name]), what)[name]
    return found if isinstance(found, str) else [None if v is None else round(v, 2) for v in found]


def test_every_metric_says_what_it_is():
    assert {"clip_t", "clip_i", "dino_i", "gallery_top1", "gallery_map", "diversity", "prior_drift", "copy_index", "copying", "slot_accuracy", "identity", "identity_all", "face_found", "identity_verified", "both_recognised", "joint", "blended", "swapped", "taste", "taste_by_pictures"} == set(metric_names())
    assert all(m.TITLE and m.BETTER in ("higher", "lower", "") and m.__doc__ for m in load_metrics().values())
    with pytest.raises(UserError, match="no metric named clip"):
        load_metrics(["clip"])


def test_clip_t_and_clip_i_follow_their_conventions():
    assert values("clip_t", material([RED, GREEN], ("a red {}", "a red {}"))) == [1, 0]
    assert values("clip_i", material([RED, GREEN], references=pictures(RED, RED, GREEN))) == [0.67, 0.33]
    own = material([RED, RED, GREEN], references=pictures(RED, RED, GREEN), leave_one_out=True)
    assert values("clip_i", own) == [0.5, 0.5, 0]
    assert "no held-out references" in values("clip_i", material([RED]))


def test_dino_i_follows_clip_i_in_its_own_encoder(monkeypatch, tmp_path):
    from persimg.evaluation import dino

    encoder = dino.Dino("colours", lambda picture: dino.pixels(picture) / 2 + 0.5 + 1e-3, lambda x: x.mean((2, 3)))
    monkeypatch.setattr(dino, "load_dino", lambda name: encoder)
    assert values("dino_i", material([RED, GREEN], references=pictures(RED, RED, BLUE))) == [0.67, 0]
    assert values("dino_i", material([RED, RED, BLUE], references=pictures(RED, RED, BLUE), leave_one_out=True)) == [0.5, 0.5, 0]
    assert "no held-out references" in values("dino_i", material([RED]))


def test_an_encoder_that_cannot_be_had_is_a_reason():
    found = values("dino_i", material([RED], references=pictures(RED), dino="nowhere"))
    assert "the encoder nowhere can't be loaded" in found


def test_gallery_rank_knows_chance_and_the_best():
    parts = {"references": pictures(RED, RED), "distractors": {"other": pictures(GREEN, BLUE)}}
    assert values("gallery_top1", material([RED, GREEN], **parts)) == [1, 0]
    assert values("gallery_map", material([RED], **parts)) == [1]
    assert values("gallery_map", material([GREEN], **parts))[0] < 0.7
    own = material([RED, RED], leave_one_out=True, **parts)
    assert values("gallery_top1", own) == [1, 1] and values("gallery_map", own) == [1, 1]
    assert "other subjects" in values("gallery_top1", material([RED], references=pictures(RED)))


def test_diversity_is_among_pictures_of_one_prompt():
    shown = material([RED, GREEN, BLUE], ("a {}", "a {}", "two {}"))
    assert values("diversity", shown) == [1, 1, None]
    assert "one seed" in values("diversity", material([RED, GREEN], ("a {}", "two {}")))


def test_drift_is_against_the_base():
    parts = {"references": pictures(RED), "base_class_pictures": pictures(GREEN, GREEN)}
    assert values("prior_drift", material([RED], class_pictures=pictures(RED, GREEN), **parts)) == [1, 0]


def test_copying_is_beyond_what_references_are():
    parts = {"references": pictures(GREEN), "training": pictures(RED)}
    assert values("copying", material([RED, GREEN], **parts)) == [1, 0]
    assert values("copy_index", material([RED, GREEN], **parts)) == [1, 0]


def test_a_row_has_intervals_over_prompts_and_controls_catch_pasting():
    what = material([GREEN] * 4, ("a green {}", "a green {}", "a red {}", "a red {}"), references=pictures(RED, RED), training=pictures(RED))
    assert prompt_means([1.0, None, 0.0, 0.5], what.prompts) == {"a green {}": 1.0, "a red {}": 0.25}
    found = summary([1.0, 1.0, 0.0, 0.0], what.prompts)
    assert found["mean"] == 0.5 and found["lo"] == 0 and found["hi"] == 1 and found["n"] == 4 and "subject only" in found["speaks_of"]
    record = score([Row("mine", "scored", what), *controls(what)], load_metrics())
    rows = {r["title"]: r["scores"] for r in record["rows"]}
    pasted, mine = rows["a training picture, whatever the prompt"], rows["mine"]
    assert pasted["clip_i"]["mean"] > mine["clip_i"]["mean"] and pasted["copy_index"]["mean"] > 0.99
    assert rows["held-out references"]["clip_i"]["mean"] > 0.99 and "not_measured" in rows["held-out references"]["clip_t"]
    spoken = {title: scores["clip_i"].get("speaks_of") for title, scores in rows.items()}
    assert spoken["mine"] == "prompts, of this subject only" and spoken["held-out references"] == "pictures, of this subject only"
    assert record["references"] == 2 and mine["slot_accuracy"]["not_measured"].startswith("prompts outside")


def test_drift_is_over_seeds_and_one_picture_has_no_interval():
    parts = {"references": pictures(RED), "class_pictures": pictures(RED, GREEN), "base_class_pictures": pictures(GREEN, GREEN)}
    found = score([Row("mine", "scored", material([RED], ("a red {}",), **parts))], load_metrics())["rows"][0]["scores"]
    assert found["prior_drift"]["speaks_of"] == "seeds, of this subject only" and found["prior_drift"]["lo"] == 0
    assert (found["clip_t"]["mean"], found["clip_t"]["lo"]) == (1, None)


def table(**changes):
    """Rows as in scores.json: what is pasted is nearest and answers no prompt, noise is last."""
    values = {"mine": (0.5, 0.9), "the base": (0.2, 1.0), "pasted": (0.8, 0.2), "noise": (0.0, 0.1), "references": (0.9, None)} | changes
    names = ("clip_i", "slot_accuracy")
    return [{"title": t, "scores": {n: {"not_measured": "no"} if v is None else {"mean": v} for n, v in zip(names, found)}} for t, found in values.items()]


def outcome(rows):
    return {g["gate"]: g["passed"] for g in gates(rows, "references", "pasted", "noise")}


def test_gates_say_whether_the_table_catches_what_it_must():
    assert list(outcome(table()).values()) == [True] * 4
    lost = {"a pasted training picture wins CLIP-I": {"mine": (0.85, 0.9)}, "a pasted training picture loses the slots": {"pasted": (0.8, 0.95)},
            "noise is last in CLIP-I": {"noise": (0.3, 0.1)}, "noise is last in the slots": {"noise": (0.0, 0.95)}}  # fmt: skip
    for gate, change in lost.items():
        assert [g for g, passed in outcome(table(**change)).items() if not passed] == [gate]
    assert outcome(table(pasted=(None, None), noise=(None, None))) == {}
    assert gate_lines({"gates": [{"gate": "a", "passed": True}, {"gate": "b", "passed": False}]}) == ["passed: a", "failed: b"]


def test_no_prompt_is_a_reason_not_a_crash():
    with pytest.raises(NotMeasured):
        material([RED]).texts
