"""What identity_basis is fed of a picture: the face that is meant, and nobody else's."""

import itertools
import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch
import yaml
from helpers import tiny_base

pytest.importorskip("insightface")

from PIL import Image, ImageDraw, ImageFilter  # noqa: E402

from persimg import files  # noqa: E402
from persimg.cli.main import main  # noqa: E402
from persimg.concepts import store  # noqa: E402
from persimg.data import cache  # noqa: E402
from persimg.data.pictures import fitted, read_pictures  # noqa: E402
from persimg.errors import UserError  # noqa: E402
from persimg.evaluation import sources  # noqa: E402
from persimg.faces import detect, pack  # noqa: E402
from persimg.mini.world.figures import figure  # noqa: E402
from persimg.mini.world.render import draw  # noqa: E402
from persimg.mini.world.scene import Scene, Subject  # noqa: E402
from persimg.spaces import basis as bases  # noqa: E402
from persimg.spaces import face_map  # noqa: E402
from persimg.training.plan import plan  # noqa: E402
from persimg.training.run import train  # noqa: E402

WORDS = "cat dog robot car hat red blue green".split()
QUICK = {"batch_size": 1, "steps": 1, "mixed_precision": "no", "init": "cat", "consent": "drawn people", "size": 128}


def drawn(*numbers, framing="close", seed=0):
    people = tuple(Subject("person", None, person=figure(f"face:{n}")) for n in numbers)
    return Image.fromarray(draw(Scene(people, "room", "flat", seed=seed, framing=framing), masks=False).picture)


def folder_of(folder, *pictures):
    folder.mkdir(parents=True)
    for i, picture in enumerate(pictures):
        picture.save(folder / f"{i}.png")
    return folder


@pytest.fixture(scope="module")
def base():
    return tiny_base("sd_v")


@pytest.fixture(scope="module")
def basis(base, tmp_path_factory):
    return write_basis(base, tmp_path_factory.mktemp("basis") / "b.safetensors")


def write_basis(base, path, k=6):
    bases.save(bases.build(base, [f"{a} {b}" for a, b in itertools.permutations(WORDS, 2)], k), path)
    return path


@pytest.fixture
def learn(base, basis, monkeypatch):
    """Train as the command does; returns the pictures that were encoded."""

    def learned(pictures, out, name="ann", **changes):
        fed, original = [], cache.pixels
        with monkeypatch.context() as patch:
            patch.setattr(cache, "pixels", lambda image: fed.append(image) or original(image))
            list(train("identity_basis", pictures, name, "person", base, out, **{**QUICK, "basis": str(basis), "pack": "mini", **changes}))
        return fed

    return learned


def card(folder, name="ann"):
    return store.load(folder / f"{name}.safetensors").card


def faces(picture):
    return detect.sure(picture, pack.load())


@pytest.mark.parametrize("numbers", [(0, 1), (2, 3), (6, 7)])
def test_of_two_people_one_face_is_learned(learn, tmp_path, numbers):
    both = drawn(*numbers)
    assert len(faces(both)) == 2
    (fed,) = learn(folder_of(tmp_path / "p", both), tmp_path / "run", face="largest")
    (face,) = faces(fed)
    assert fed.size == (128, 128) and abs(face.box[[0, 2]].mean() - 64) < 12, "and it is in the middle"
    (training,), held_out = sources.beside(tmp_path / "run" / "ann.safetensors")
    assert fitted(training, (128, 128), "pad").tobytes() == fed.tobytes() and held_out == (), "as it was learned, so it is evaluated"


def test_a_small_face_in_a_wide_picture_is_cut_out(learn, tmp_path):
    wide = Image.new("RGB", (160, 128), "white")
    wide.paste(drawn(0, framing="wide"), (32, 0))
    (small,) = faces(wide)
    (fed,) = learn(folder_of(tmp_path / "p", wide), tmp_path / "run")
    (face,) = faces(fed)
    assert small.height < 128 / 3 < face.height and abs(face.box[[0, 2]].mean() - 64) < 12


def test_a_portrait_is_learned_as_it_is_bit_for_bit(learn, base, tmp_path):
    portrait = drawn(3)
    folder = folder_of(tmp_path / "p", portrait)
    (fed,) = learn(folder, tmp_path / "run")
    assert fed.tobytes() == fitted(portrait, (128, 128), "pad").tobytes()
    learn(folder, tmp_path / "plain", pack="")
    digests = [card(tmp_path / name).data["digest"] for name in ("run", "plain")]
    assert digests[0] == digests[1] and read_pictures(folder)[0].cut is None


def test_a_cut_is_the_same_again_and_told_by_the_card_and_the_user_s_files_stay(learn, tmp_path):
    folder = folder_of(tmp_path / "p", drawn(0, 1))
    before = {path.name: files.digest_file(path) for path in folder.iterdir()}
    learn(folder, tmp_path / "one", face="largest", steps=2)
    learn(folder, tmp_path / "two", face="largest")
    assert learn(folder, tmp_path / "two", face="largest", steps=2) == [], "the latents are those of before"
    one, two = (store.load(tmp_path / name / "ann.safetensors") for name in ("one", "two"))
    assert one.digest == two.digest and one.card.data == two.card.data
    assert {path.name: files.digest_file(path) for path in folder.iterdir()} == before
    learn(folder, tmp_path / "whole", pack="")
    whole = card(tmp_path / "whole")
    assert one.card.recipe["cut"] and "cut" not in whole.recipe and whole.data["digest"] == one.card.data["digest"], "consent to the picture is one"
    with pytest.raises(UserError, match=f"pack: .*cut: None → {one.card.recipe['cut']}|cut: None → {one.card.recipe['cut']}.*pack: "):
        learn(folder, tmp_path / "whole", face="largest", steps=2)


@pytest.mark.parametrize("route", ["coefficients", "map"])
def test_of_several_people_each_picture_is_cut_by_itself(learn, tmp_path, route):
    folder_of(tmp_path / "people" / "ann", drawn(0, 1), drawn(0))
    folder_of(tmp_path / "people" / "bob", drawn(3))
    fed = learn(tmp_path / "people", tmp_path / "run", name="", face="largest", inversion=route)
    assert len(fed) == 3 and [len(faces(picture)) for picture in fed] == [1, 1, 1]
    assert [picture.tobytes() for picture in fed[1:]] == [drawn(0).tobytes(), drawn(3).tobytes()]


def test_held_out_pictures_are_cut_to_the_face_and_must_show_one(learn, base, basis, tmp_path):
    folder = folder_of(tmp_path / "p", *[drawn(0, 1, seed=i) for i in range(5)])
    learn(folder, tmp_path / "run", face="largest")
    training, (kept,) = sources.beside(tmp_path / "run" / "ann.safetensors")
    assert [len(faces(picture)) for picture in (*training, kept)] == [1] * 5, "scores compare with the subject, not with the group"
    made = plan("identity_basis", folder_of(tmp_path / "two", drawn(0), drawn(0, 1)), "ann", "person", "mini", tmp_path / "no", {"keep_out": 1, "face_box": "20,20,80,80"}, "drawn")
    assert made.pictures[0].cut and made.held_out[0].cut and made.pictures[0].cut.quad != made.held_out[0].cut.quad, "the box is of the one to learn from"
    cat = Image.fromarray(draw(Scene((Subject("cat", "red"),), "room", "flat"), masks=False).picture)
    with pytest.raises(UserError, match="4.png: no drawn face is found"):
        learn(folder_of(tmp_path / "cat", *[drawn(0, seed=i) for i in range(4)], cat), tmp_path / "no")
    assert not (tmp_path / "no").exists()


def test_a_mask_is_cut_alike_or_refused_in_one_line(learn, base, tmp_path):
    both = drawn(0, 1)
    face, other = faces(both)
    for name, shown in (("own", face), ("other", other)):
        mask = Image.new("L", both.size, 0)
        ImageDraw.Draw(mask).ellipse(tuple(shown.box), fill=255)
        folder_of(tmp_path / name, both)
        mask.save(tmp_path / name / "0.mask.png")
    learn(tmp_path / "own", tmp_path / "run", face="largest")
    (path,) = (tmp_path / "run" / "cache").glob("*.safetensors")
    from safetensors.torch import load_file

    kept = load_file(path)["0.mask"][0]
    ys, xs = torch.nonzero(kept > 0.5, as_tuple=True)
    assert abs(float(xs.float().mean()) / kept.shape[1] - 0.5) < 0.12 and 0.1 < float(kept.mean()) < 0.6
    with pytest.raises(UserError, match="0.mask.png leaves nothing of the face that is learned"):
        learn(tmp_path / "other", tmp_path / "no", face="largest")


def test_beyond_a_cut_nothing_counts(learn, tmp_path):
    from safetensors.torch import load_file

    learn(folder_of(tmp_path / "p", drawn(0, 1)), tmp_path / "run", face="largest")
    (path,) = (tmp_path / "run" / "cache").glob("*.safetensors")
    counted = load_file(path)["0.mask"]
    assert set(counted.unique().tolist()) == {0.0, 1.0} and counted[0, 16, 16] == 1


def test_a_marked_face_is_cut_out_without_being_looked_for(learn, tmp_path):
    rng = np.random.default_rng(0)
    picture = Image.fromarray(rng.integers(0, 255, (160, 200, 3), np.uint8))
    folder = folder_of(tmp_path / "p", picture)
    (fed,) = learn(folder, tmp_path / "run", face_box="60,50,60,70")
    side = round(1.6 * 60)  # four distances of usual eyes
    middle = picture.crop((90 - side // 2, 77 - side // 2, 90 + side // 2, 77 + side // 2)).resize((128, 128), Image.Resampling.LANCZOS)
    apart = np.abs(np.asarray(fed.filter(ImageFilter.GaussianBlur(4)), float) - np.asarray(middle.filter(ImageFilter.GaussianBlur(4)), float))
    assert apart.mean() < 8
    folder_of(tmp_path / "two", picture, picture)
    cases = {
        "--face-box is of one picture, --pictures has 2": (tmp_path / "two", {}), "given with --aligned": (folder, {"aligned": True}),
        "given with --face largest": (folder, {"face": "largest"}), "is no box": (folder, {"face_box": "1,2"}), "is outside of": (folder, {"face_box": "0,0,999,9"}),
    }  # fmt: skip
    for said, (given, changes) in cases.items():
        with pytest.raises(UserError, match=said):
            learn(given, tmp_path / "no", **{"face_box": "60,50,60,70", **changes})
    assert not (tmp_path / "no").exists()


@pytest.mark.parametrize("route_pack", ["mini", ""])
def test_aligned_pictures_are_square_and_sharp_and_learned_as_they_are(learn, tmp_path, route_pack):
    square = drawn(3)
    (fed,) = learn(folder_of(tmp_path / "p", square), tmp_path / "run", aligned=True, pack=route_pack)
    assert fed.tobytes() == square.tobytes()
    sad = {"which are square": square.crop((0, 0, 128, 90)), "is blurred": square.filter(ImageFilter.GaussianBlur(12)), "px high": square.resize((24, 24))}
    for i, (said, picture) in enumerate(sad.items()):
        with pytest.raises(UserError, match=said) as caught:
            learn(folder_of(tmp_path / f"sad{i}", picture), tmp_path / "no", aligned=True, pack=route_pack)
        assert caught.value.exit_code == 3


# --- what a run depends on --------------------------------------------------------------------------------------------


def test_a_basis_built_anew_at_the_same_path_is_refused(learn, base, basis, tmp_path):
    own = shutil.copy(basis, tmp_path / "b.safetensors")
    folder = folder_of(tmp_path / "p", drawn(3))
    learn(folder, tmp_path / "run", basis=str(own))
    write_basis(base, own, 5)
    was, now = bases.load(basis).digest, bases.load(own).digest
    with pytest.raises(UserError, match=f"holds another run .basis_digest: {was} → {now}.") as caught:
        learn(folder, tmp_path / "run", basis=str(own), steps=2)
    assert len(str(caught.value).splitlines()) == 1


def test_another_pack_of_the_same_name_is_refused_and_a_run_that_noted_none_goes_on(learn, tmp_path, monkeypatch):
    folder, path = folder_of(tmp_path / "p", drawn(3)), tmp_path / "run" / "recipe.yaml"
    learn(folder, tmp_path / "run")
    reader = pack.load("mini")
    was = reader.digest
    with monkeypatch.context() as patch:
        patch.setattr(reader, "digest", "0" * 12)
        with pytest.raises(UserError, match=f"holds another run .pack_digest: {was} → {'0' * 12}."):
            learn(folder, tmp_path / "run", steps=2)
    saved = yaml.safe_load(path.read_text())
    saved["run"] = {name: value for name, value in saved["run"].items() if not name.endswith("_digest")}
    path.write_text(yaml.safe_dump(saved))
    learn(folder, tmp_path / "run", steps=2)
    assert yaml.safe_load(path.read_text())["run"]["pack_digest"] == was


def test_what_was_read_when_aligned_meant_another_crop_is_refused(learn, base, basis, tmp_path):
    for i, name in enumerate(("ann", "bob")):
        folder_of(tmp_path / "people" / name, drawn(3 * i))
    found, path = bases.load(basis), tmp_path / "run" / "recipe.yaml"
    learn(tmp_path / "people", tmp_path / "run", name="", inversion="map", aligned=True)
    trained = face_map.load(tmp_path / "run" / "map.safetensors")
    trained.check(base, found, pack.load(), aligned=True)
    before = replace(trained, card={k: v for k, v in trained.card.items() if k != "alignment"})
    before.check(base, found, pack.load())
    with pytest.raises(UserError, match="earlier they were ArcFace's; leave --aligned out") as caught:
        before.check(base, found, pack.load(), aligned=True)
    assert caught.value.exit_code == 3 and len(str(caught.value).splitlines()) == 1
    saved = yaml.safe_load(path.read_text())
    assert saved["run"].pop("alignment") == "ffhq"
    path.write_text(yaml.safe_dump(saved))
    with pytest.raises(UserError, match="holds another run .alignment: None → ffhq."):
        learn(tmp_path / "people", tmp_path / "run", name="", inversion="map", aligned=True, steps=2)


def test_basis_apply_refuses_aligned_pictures_by_a_map_of_before(learn, base, basis, tmp_path, capsys):
    base.pipeline.save_pretrained(tmp_path / "base")
    for i, name in enumerate(("ann", "bob")):
        folder_of(tmp_path / "people" / name, drawn(3 * i))
    learn(tmp_path / "people", tmp_path / "run", name="", inversion="map")
    trained = face_map.load(tmp_path / "run" / "map.safetensors")
    face_map.save(replace(trained, card={k: v for k, v in trained.card.items() if k != "alignment"}), tmp_path / "before.safetensors")
    drawn(5).save(tmp_path / "eve.png")
    words = ["basis", "apply", "--picture", str(tmp_path / "eve.png"), "--name", "eve", "--consent", "drawn", "--base", str(tmp_path / "base"), "--basis", str(basis)]
    for name, extra, code in (("run/map", ["--aligned"], 0), ("before", [], 0), ("before", ["--aligned"], 3)):
        out = tmp_path / f"{name.replace('/', '-')}-{len(extra)}.safetensors"
        assert main([*words, "--map", str(tmp_path / f"{name}.safetensors"), "--out", str(out), *extra]) == code and out.exists() == (code == 0)
    assert "leave --aligned out" in capsys.readouterr().err


def test_cards_of_every_route_tell_which_recognizer_had_a_part(learn, base, basis, tmp_path):
    from persimg.faces import embed
    from persimg.methods.identity_basis import applied

    folder_of(tmp_path / "people" / "ann", drawn(0))
    folder_of(tmp_path / "people" / "bob", drawn(3))
    reader = pack.load()
    learn(tmp_path / "people", tmp_path / "map", name="", inversion="map")
    learn(tmp_path / "people", tmp_path / "own", name="")
    learn(tmp_path / "people" / "ann", tmp_path / "none", pack="")
    cards = [card(tmp_path / "map"), card(tmp_path / "own")]
    trained = face_map.load(tmp_path / "map" / "map.safetensors")
    made = applied(trained, base, bases.load(basis), embed.of_person(drawn(5), reader, "eve"), "eve", "person", "drawn")
    for found in [*cards, made.card]:
        assert found.recipe["pack_digest"] == reader.digest and found.recipe["basis_digest"] == bases.load(basis).digest
    assert made.card.recipe["inversion"] == "map" and not {"pack_digest", "judge_digest"} & set(card(tmp_path / "none").recipe)
    found = bases.load(basis)
    bases.save(replace(found, card={**found.card, "judged_by": {"pack": "x", "pack_digest": "abc"}}), tmp_path / "judged.safetensors")
    learn(tmp_path / "people" / "ann", tmp_path / "judged", basis=str(tmp_path / "judged.safetensors"))
    assert card(tmp_path / "judged").recipe["judge_digest"] == "abc"


# --- the command ------------------------------------------------------------------------------------------------------


def test_a_dry_run_shows_what_is_learned(base, basis, tmp_path, capsys):
    base.pipeline.save_pretrained(tmp_path / "base")
    folder = folder_of(tmp_path / "p", drawn(0, 1))
    words = ["train", "identity_basis", "--pictures", str(folder), "--name", "ann", "--class-noun", "person", "--consent", "drawn", "--out", str(tmp_path / "run")]
    assert main([*words, "--base", str(tmp_path / "base"), "--basis", str(basis), "--pack", "mini", "--size", "128", "--face", "largest", "--dry-run"]) == 0
    with Image.open(tmp_path / "run" / "pictures.png") as sheet:
        assert len(faces(sheet.convert("RGB"))) == 1
    with pytest.raises(SystemExit):
        main(["train", "identity_basis", "--help"])
    told = " ".join(capsys.readouterr().out.split())
    assert "--face-box" in told and "lower than a third of it, is cut to the face" in told and "aligned as FFHQ's are" in told
