"""Several people in one run, with coefficients of their own or by a map from their faces; and a further face by that map."""

import itertools
import json
from dataclasses import replace

import pytest
import torch
from helpers import assert_same_tensors, tensors, tiny_base, tiny_pipeline

pytest.importorskip("insightface")

from PIL import Image  # noqa: E402

from persimg import files  # noqa: E402
from persimg.cli.main import main  # noqa: E402
from persimg.concepts import exporting, library, store  # noqa: E402
from persimg.errors import UserError  # noqa: E402
from persimg.mini.world.figures import figure  # noqa: E402
from persimg.mini.world.render import draw  # noqa: E402
from persimg.mini.world.scene import Scene, Subject  # noqa: E402
from persimg.sampling.sampler import Sampler  # noqa: E402
from persimg.spaces import basis as bases  # noqa: E402
from persimg.spaces import face_map  # noqa: E402
from persimg.training import loop  # noqa: E402
from persimg.training.run import train  # noqa: E402

WORDS = "cat dog robot car hat red blue green".split()
NAMES = ("ann", "bob", "cid")
QUICK = {"batch_size": 3, "mixed_precision": "no", "checkpoint_every": 3, "seed": 3, "init": "cat", "consent": "drawn people"}


def portrait(*numbers, place="room", seed=0):
    people = tuple(Subject("person", None, person=figure(f"face:{n}")) for n in numbers)
    return Image.fromarray(draw(Scene(people, place, "flat", seed=seed, framing="close"), masks=False).picture)


def people_folder(folder, names=NAMES, each=1):
    for number, name in enumerate(names):
        (folder / name).mkdir(parents=True)
        for i in range(each):
            portrait(number, seed=i).save(folder / name / f"{i}.png")
    return folder


def write_basis(base, path, k=6):
    bases.save(bases.build(base, [f"{a} {b}" for a, b in itertools.permutations(WORDS, 2)], k), path)
    return path


@pytest.fixture(scope="module", params=["sd_v", "sdxl"])
def base(request):
    return tiny_base(request.param)


@pytest.fixture(scope="module")
def basis(base, tmp_path_factory):
    return write_basis(base, tmp_path_factory.mktemp("basis") / "b.safetensors")


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    return people_folder(tmp_path_factory.mktemp("pictures") / "people", each=2)


def learn(base, basis, people, out, steps=6, name="", **changes):
    return list(train("identity_basis", people, name, "person", base, out, **{**QUICK, "basis": str(basis), "steps": steps, **changes}))


MAP = {"inversion": "map", "pack": "mini"}


@pytest.mark.parametrize("route", [{}, MAP], ids=["coefficients", "map"])
def test_people_learned_together_get_a_concept_each_and_resume_bit_for_bit(base, basis, people, tmp_path, route):
    before = tensors(base)
    events = learn(base, basis, people, tmp_path / "whole", **route)
    learn(base, basis, people, tmp_path / "parts", steps=3, **route)
    learn(base, basis, people, tmp_path / "parts", **route)
    assert_same_tensors(before, tensors(base))
    found = {name: store.load(tmp_path / "whole" / f"{name}.safetensors") for name in NAMES}
    assert len({concept.digest for concept in found.values()}) == 3
    for name, concept in found.items():
        assert concept.digest == store.load(tmp_path / "parts" / f"{name}.safetensors").digest
        assert (concept.card.name, concept.card.expansion) == (name, f"<{name}> <{name}>_1") and concept.card.consent == "drawn people"
        assert len(concept.card.shown) == concept.card.data["pictures"] and concept.card.shown[0] == files.digest_file(sorted((people / name).glob("*.png"))[0])[:12]
        assert concept.card.data["pictures"] == 2 and concept.card.data["learned_with"] == 2
        for key, part in bases.load(basis).parts.items():
            alpha = concept.weights["identity_basis"][f"{key}_coefficients"]
            assert alpha.norm(dim=-1) == pytest.approx([1, 1], abs=1e-5)
            torch.testing.assert_close(concept.weights["identity_basis"][key], part.expand(alpha), atol=1e-6, rtol=0)
    assert events[-1].values["paths"].keys() == {*NAMES, *(["map"] if route else [])}
    assert not (tmp_path / "whole" / ".safetensors").exists()
    ann = tmp_path / "whole" / "ann.safetensors"
    noted = json.loads(library.noted_pictures(ann).read_text())
    assert [e["path"] for e in noted["learned"]] == [str((people / "ann" / f"{i}.png").resolve()) for i in range(2)]


@pytest.mark.parametrize("route", [{}, {**MAP, "ema_decay": 0.5}], ids=["coefficients", "map"])
def test_samples_of_each_are_what_generate_draws_from_the_checkpoint(base, basis, people, tmp_path, route):
    prompts = ("a photo of {}", "{} in the snow")
    events = learn(base, basis, people, tmp_path, steps=4, checkpoint_every=2, sample_every=2, sample_prompts="|".join(prompts), **route)
    assert [len(e.values["paths"]) for e in events if e.kind == "sample"] == [6, 6]
    for step, name in itertools.product((2, 4), NAMES):
        with Sampler(base, [store.load(tmp_path / "checkpoints" / f"{step:06d}" / f"{name}.safetensors")]) as sampler:
            for i, prompt in enumerate(prompts):
                (expected,) = sampler.stream([sampler.task(prompt.format(f"<{name}>"), seed=i)])
                with Image.open(tmp_path / "samples" / f"{step:06d}-{name}-{i}.png") as found:
                    assert found.tobytes() == expected.picture.tobytes()


def test_gradients_reach_the_map_alone(base, basis, people, tmp_path, monkeypatch):
    seen, original = [], loop.Loop._update

    def update(self):
        seen.append((sum(p.numel() for p in self.params), all(bool(p.grad.any()) for p in self.params)))
        return original(self)

    monkeypatch.setattr(loop.Loop, "_update", update)
    learn(base, basis, people, tmp_path / "run", steps=1, **MAP)
    assert seen == [((512 + 1) * 2 * 6 * len(base.text_encoders), True)]


def test_each_row_is_captioned_with_who_is_in_it(base, basis, people, tmp_path, monkeypatch):
    seen, original = [], loop.Loop._row

    def row(self, index, place):
        made = original(self, index, place)
        seen.append((self.data.people[index], made.caption))
        return made

    monkeypatch.setattr(loop.Loop, "_row", row)
    learn(base, basis, people, tmp_path / "run", steps=3)
    assert {who for who, _ in seen} == set(NAMES) and all(f"<{who}> <{who}>_1" in caption for who, caption in seen)


def test_the_map_gives_a_learned_face_its_own_point_and_a_further_one_another(base, basis, people, tmp_path):
    from persimg.faces import embed, pack

    learn(base, basis, people, tmp_path / "run", **MAP)
    trained, found, reader = face_map.load(tmp_path / "run" / "map.safetensors"), bases.load(basis), pack.load()
    trained.check(base, found, reader)
    assert trained.card["consent"] == QUICK["consent"], "the one file that tells it, where there are many people"

    def point(picture):
        return trained.weights(found, torch.from_numpy(embed.of_person(picture, reader, "it")))["clip_l_coefficients"]

    ann = store.load(tmp_path / "run" / "ann.safetensors").weights["identity_basis"]["clip_l_coefficients"]
    assert torch.equal(point(portrait(0)), point(portrait(0)))
    again, other = (torch.nn.functional.cosine_similarity(ann, point(p)).mean() for p in (portrait(0, place="snow", seed=4), portrait(9)))
    assert again > other and point(portrait(9)).norm(dim=-1) == pytest.approx([1, 1], abs=1e-5)


def test_a_map_of_another_base_basis_or_recognizer_is_refused(base, basis, people, tmp_path):
    from persimg.faces import pack

    learn(base, basis, people, tmp_path / "run", steps=1, **MAP)
    trained, found, reader = face_map.load(tmp_path / "run" / "map.safetensors"), bases.load(basis), pack.load()
    other = bases.load(write_basis(base, tmp_path / "b5.safetensors", 5))
    stranger = type("Pack", (), {"name": "other", "digest": "0" * 12})()
    cases = {"was learned on tiny": (tiny_base("sd_epsilon", seed=9), found, reader), "over the identity basis": (base, other, reader), "this recognizer is other's": (base, found, stranger)}
    for said, given in cases.items():
        with pytest.raises(UserError, match=said) as caught:
            trained.check(*given)
        assert caught.value.exit_code == 3
    face_map.save(replace(trained, card={k: v for k, v in trained.card.items() if k != "pack"}), tmp_path / "half.safetensors")
    for path, said in ((tmp_path / "half.safetensors", "is no map"), (basis, "is no map"), (tmp_path / "none", "doesn't exist")):
        with pytest.raises(UserError, match=said):
            face_map.load(path)


def test_people_that_cannot_be_learned_together(base, basis, people, tmp_path):
    many = people_folder(tmp_path / "many", [f"p{i}" for i in range(11)])
    odd = people_folder(tmp_path / "odd", ["a b", "bob"])
    cases = {
        "holds 11 people": (many, {}), "a map is learned from several": (people / "ann", {**MAP, "name": "ann"}), "their folders name them": (people, {"name": "ann"}),
        "'a b' can't be used": (odd, {}), "isn't named": (people, {"inversion": "map"}), "of 11 people none": (many, {**MAP, "sample_every": 2}),
    }  # fmt: skip
    for said, (folder, changes) in cases.items():
        with pytest.raises(UserError, match=said):
            learn(base, basis, folder, tmp_path / "run", **changes)
    assert not (tmp_path / "run").exists()
    (people_folder(tmp_path / "empty") / "dan").mkdir()
    with pytest.raises(UserError, match="dan holds no pictures"):
        learn(base, basis, tmp_path / "empty", tmp_path / "run")


# --- the commands -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def learned(tmp_path_factory):
    """A map on a base in a folder, by the command: options of the base and the map's file."""
    home = tmp_path_factory.mktemp("map")
    tiny_pipeline().save_pretrained(home / "base")
    from persimg.bases.loading import load_base

    basis = write_basis(load_base(str(home / "base"), dtype="fp32"), home / "b.safetensors")
    common = ["--base", str(home / "base"), "--basis", str(basis)]
    words = ["train", "identity_basis", "--pictures", str(people_folder(home / "people")), "--class-noun", "person", "--consent", "drawn", *common]
    words += ["--inversion", "map", "--pack", "mini", "--init", "cat", "--steps", "2", "--batch-size", "2", "--no-library", "--out", str(home / "run")]
    assert main(words) == 0 and main(words) == 0
    return common, home / "run" / "map.safetensors"


def applied(learned, picture, out, *extra):
    common, file = learned
    return ["basis", "apply", "--map", str(file), "--picture", str(picture), "--name", "dan", "--out", str(out), *common, "--consent", "drawn", *extra]


def test_one_photograph_becomes_a_small_concept_like_any_other(learned, tmp_path, capsys):
    portrait(7).save(tmp_path / "dan.png")
    out = tmp_path / "dan.safetensors"
    assert main([*applied(learned, tmp_path / "dan.png", out), "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    concept = store.load(out)
    assert record["bytes"] < 16_000 and concept.card.consent == "drawn" and concept.card.trigger_phrase == "<dan>"
    assert len(concept.card.shown) == 1, "so that its consent can be revoked by the picture"
    assert set(concept.weights["identity_basis"]) == {"clip_l", "clip_l_coefficients"}
    exporting.export(concept, "diffusers", tmp_path / "ti.safetensors")
    from safetensors.torch import load_file

    (rows,) = load_file(tmp_path / "ti.safetensors").values()
    assert torch.equal(rows.float(), concept.weights["identity_basis"]["clip_l"])
    words = ["generate", "a <dan> in the snow", "--concept", str(out), "--steps", "2", "--out", str(tmp_path / "out"), *learned[0][:2]]
    assert main(words) == 0 and len(list((tmp_path / "out").glob("*.png"))) == 1
    assert main(applied(learned, tmp_path / "dan.png", out)) == 2 and "exists" in capsys.readouterr().err


def sad_pictures():
    thing = Image.fromarray(draw(Scene((Subject("cat", "red"),), "room", "flat"), masks=False).picture)
    small = Image.new("RGB", (128, 128), (90, 120, 150))
    small.paste(portrait(1).resize((34, 34)), (50, 50))
    both = Image.new("RGB", (256, 128))
    for i in (0, 1):
        both.paste(portrait(1), (128 * i, 0))
    return {"thing": thing, "small": small, "both": both, "rotated": portrait(1).rotate(90), "grey": portrait(1).convert("L")}


@pytest.mark.parametrize("case, code, said", [
    ("thing", 3, "no drawn face is found by the pack mini"), ("both", 3, "faces are about equally large"), ("small", 3, "px high, at least 24"),
])  # fmt: skip
def test_photographs_that_are_no_portrait_are_one_line(learned, tmp_path, capsys, case, code, said):
    sad_pictures()[case].save(tmp_path / "p.png")
    assert main(applied(learned, tmp_path / "p.png", tmp_path / "dan.safetensors")) == code
    assert said in (told := capsys.readouterr().err) and len(told.strip().splitlines()) == 1 and not (tmp_path / "dan.safetensors").exists()


def test_a_turned_portrait_is_turned_back_or_refused_in_one_line(learned, tmp_path, capsys):
    """A detector for upright faces needn't find it; what EXIF says is minded."""
    sad_pictures()["rotated"].save(tmp_path / "p.png")
    code = main(applied(learned, tmp_path / "p.png", tmp_path / "p.safetensors"))
    assert code == 0 or (code == 3 and len(capsys.readouterr().err.strip().splitlines()) == 1)
    exif = Image.Exif()
    exif[0x0112] = 6  # shown a quarter turn clockwise
    portrait(1).rotate(90).save(tmp_path / "camera.jpg", exif=exif, quality=98)
    assert main(applied(learned, tmp_path / "camera.jpg", tmp_path / "c.safetensors")) == 0


def test_of_two_faces_one_can_be_chosen_and_a_grey_picture_will_do(learned, tmp_path):
    pictures = sad_pictures()
    pictures["both"].save(tmp_path / "both.png")
    pictures["grey"].save(tmp_path / "grey.png")
    for i, extra in enumerate((["--face", "largest"], ["--face-box", "20,20,90,100"])):
        assert main(applied(learned, tmp_path / "both.png", tmp_path / f"{i}.safetensors", *extra)) == 0
    assert main(applied(learned, tmp_path / "grey.png", tmp_path / "grey.safetensors")) == 0


def test_a_real_photograph_goes_through_aligned_and_is_no_drawn_face_otherwise(learned, tmp_path, capsys):
    data = pytest.importorskip("skimage.data")
    Image.fromarray(data.astronaut()).save(tmp_path / "astronaut.png")
    assert main(applied(learned, tmp_path / "astronaut.png", tmp_path / "a.safetensors")) == 3
    assert "no drawn face is found" in capsys.readouterr().err
    assert main(applied(learned, tmp_path / "astronaut.png", tmp_path / "a.safetensors", "--aligned")) == 0


@pytest.mark.parametrize("extra, said", [
    (["--face-box", "1,2,3"], "is no box"), (["--pack", "nowhere"], "there is no face pack nowhere"), (["--consent", ""], "with consent only"), (["--name", "a b"], "can't be used"),
])  # fmt: skip
def test_words_that_cannot_work(learned, tmp_path, capsys, extra, said):
    portrait(7).save(tmp_path / "dan.png")
    assert main(applied(learned, tmp_path / "dan.png", tmp_path / "d.safetensors", *extra)) in (2, 3)
    assert said in capsys.readouterr().err
