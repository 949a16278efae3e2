"""Faces: which one is meant, crops in standard position, packs that aren't what they should be."""

import shutil

import numpy as np
import pytest
from PIL import Image, ImageFilter

pytest.importorskip("insightface")

from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from insightface.utils import face_align  # noqa: E402
from mini_face_export import export  # noqa: E402
from mini_face_nets import build  # noqa: E402

from persimg import seeds  # noqa: E402
from persimg.errors import UserError  # noqa: E402
from persimg.faces import align, cut, detect, embed, pack  # noqa: E402
from persimg.mini.world.figures import figure  # noqa: E402
from persimg.mini.world.people import HELD_OUT_FACES  # noqa: E402
from persimg.mini.world.render import draw  # noqa: E402
from persimg.mini.world.scene import Scene, Subject, sample_scene  # noqa: E402

POINTS = np.array([[50.0, 60.0], [80.0, 60.0], [65.0, 75.0], [54.0, 92.0], [76.0, 92.0]])


def portrait(number=0):
    """A drawn person whose face is large, and where it is."""
    for i in range(200):
        drawing = draw(sample_scene(seeds.rng(1, "portrait", number, i), people=True), masks=False)
        if len(drawing.faces) == 1 and drawing.faces[0].box[3] - drawing.faces[0].box[1] > 50:
            return Image.fromarray(drawing.picture), drawing.faces[0]
    raise AssertionError


class Detector:
    """Finds what it is told to."""

    def __init__(self, *boxes):
        self.boxes = np.array([[*box, 0.9] for box in boxes], float).reshape(-1, 5)

    def detect(self, picture):
        return self.boxes, np.stack([np.array([b[0], b[1]]) + detect.USUAL * (b[2] - b[0], b[3] - b[1]) for b in self.boxes]) if len(self.boxes) else np.zeros((0, 5, 2))


class Pack:
    name = "told"

    def __init__(self, *boxes):
        self.detector = Detector(*boxes)


@pytest.fixture(scope="module")
def noise():
    return Image.fromarray(np.random.default_rng(0).integers(0, 255, (128, 160, 3), np.uint8))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Untrained networks in the format of a pack."""
    import torch

    made = tmp_path_factory.mktemp("pack")
    for role, side in (("detector", 128), ("recognizer", 112)):
        torch.manual_seed(0)
        net = build(role).train()
        with torch.no_grad():
            net(torch.randn(4, 3, side, side))
        export(net.eval(), role, made)
    return made


# --- which face -------------------------------------------------------------------------------------------------------


def test_the_largest_face_is_meant_unless_two_are_alike(noise):
    assert detect.the_face(noise, Pack((0, 0, 30, 40), (50, 10, 110, 90)), "a.png").height == 80
    with pytest.raises(UserError, match=r"a.png: 2 faces are about equally large \(50,10,60,80 and 0,0,58,78\)") as caught:
        detect.the_face(noise, Pack((0, 0, 58, 78), (50, 10, 110, 90)), "a.png")
    assert "--face-box" in str(caught.value) and caught.value.exit_code == 3
    assert detect.the_face(noise, Pack((0, 0, 58, 78), (50, 10, 110, 90)), "a.png", "largest").height == 80


def test_no_face_a_tiny_and_a_blurred_one_say_what_to_do(noise):
    for given, said in (((), "no face is found by the pack told"), (((0, 0, 15, 20),), "20 px high, at least 24")):
        with pytest.raises(UserError, match=said):
            detect.the_face(noise, Pack(*given), "a.png")
    with pytest.raises(UserError, match="the face is blurred"):
        detect.the_face(noise.filter(ImageFilter.GaussianBlur(8)), Pack((10, 10, 90, 110)), "a.png")
    with pytest.raises(UserError, match="only, largest"):
        detect.the_face(noise, Pack((10, 10, 90, 110)), "a.png", "smallest")


def test_drawn_faces_are_sharp_and_blurred_ones_are_not():
    for number in range(6):
        picture, mark = portrait(number)
        size = float(mark.box[3] - mark.box[1])
        assert detect.sharpness(picture, mark.box) > detect.LEAST_SHARPNESS > detect.sharpness(picture.filter(ImageFilter.GaussianBlur(size / 8)), mark.box)


@pytest.mark.parametrize("text", ["", "1,2,3", "a,b,c,d", "1,2,nan,4", "1;2;3;4", "1,2,3,4,5"])
def test_a_box_that_is_none(text):
    with pytest.raises(UserError, match="X,Y,W,H"):
        detect.parse_box(text)


def test_a_marked_face_lies_in_the_picture_and_has_usual_points(noise):
    face = detect.boxed(detect.parse_box("10,20,60,80"), noise, "a.png")
    assert face.box.tolist() == [10, 20, 70, 100] and ((face.points > [10, 20]) & (face.points < [70, 100])).all()
    for box in ((100, 20, 80, 80), (-1, 0, 40, 40), (0, 0, 0, 40)):
        with pytest.raises(UserError, match="outside of a.png"):
            detect.boxed(box, noise, "a.png")


# --- crops ------------------------------------------------------------------------------------------------------------


def turned(points, degrees, scale, shift):
    angle = np.radians(degrees)
    return scale * points @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]) + shift


@settings(max_examples=60, deadline=None)
@given(st.floats(-180, 180), st.floats(0.2, 5), st.floats(-50, 50))
def test_the_crop_turns_and_grows_with_the_face(degrees, scale, shift):
    one = align.ffhq_quad(detect.Face(np.zeros(4), POINTS, 1.0))
    other = align.ffhq_quad(detect.Face(np.zeros(4), turned(POINTS, degrees, scale, shift), 1.0))
    np.testing.assert_allclose(other, turned(one, degrees, scale, shift), atol=1e-6)
    sides = np.linalg.norm(np.diff(np.vstack([one, one[:1]]), axis=0), axis=1)
    assert sides == pytest.approx([sides[0]] * 4) and sides[0] == pytest.approx(max(4 * 30, 3.6 * 32))


def test_a_tilted_portrait_comes_out_upright():
    picture, mark = portrait()
    face = detect.Face(mark.box, mark.points, 1.0)
    straight = np.asarray(align.ffhq_crop(picture, face, 64), float)
    centre = np.array([63.5, 63.5])
    tilted = picture.rotate(25, Image.Resampling.BICUBIC, fillcolor=(128, 128, 128))
    points = turned(mark.points - centre, -25, 1.0, centre)
    again = np.asarray(align.ffhq_crop(tilted, detect.Face(mark.box, points, 1.0), 64), float)
    middle = slice(20, 44)
    assert np.abs(straight[middle, middle] - again[middle, middle]).mean() < 12 < np.abs(straight[middle, middle] - straight[::-1][middle, middle]).mean()


def test_a_face_at_the_border_is_filled_with_the_edge(noise):
    crop = align.ffhq_crop(noise, detect.Face(np.zeros(4), POINTS - [45, 55], 1.0), 64)
    assert crop.size == (64, 64) and np.asarray(crop).std() > 10


def test_points_land_where_arcface_expects_them():
    picture = Image.new("RGB", (160, 128), (90, 90, 90))
    for x, y in POINTS[:2]:
        picture.paste((255, 0, 0), (int(x) - 1, int(y) - 1, int(x) + 2, int(y) + 2))
    crop = align.arcface_crop(picture, detect.Face(np.zeros(4), POINTS, 1.0)).astype(int)
    ys, xs = np.nonzero(crop[..., 0] - crop[..., 1] > 60)
    for left, right in ((38.3, 51.7), (73.5, 51.5)):
        assert (np.hypot(xs - left, ys - right) < 8).any()


def test_of_an_ffhq_crop_one_fixed_map_gives_arcface_s_crop(noise):
    np.testing.assert_array_equal(align.TEMPLATE.astype(np.float32), face_align.arcface_dst)
    smooth = noise.resize((640, 512), Image.Resampling.BICUBIC)  # what differs by being interpolated twice is little then
    for degrees, scale in ((0, 1.5), (25, 1.2), (-40, 2.0)):
        face = detect.Face(np.zeros(4), turned(align.TEMPLATE - 56, degrees, scale, [320, 256]), 1.0)
        crop = align.ffhq_crop(smooth, face, 224)
        direct, mapped = (align.arcface_crop(p, f).astype(int) for p, f in ((smooth, face), (crop, align.aligned_face(crop, "a.png"))))
        assert np.abs(direct - mapped)[20:-20, 20:-20].mean() < 4 < np.abs(direct - direct[::-1])[20:-20, 20:-20].mean()


def test_an_ffhq_crop_given_as_aligned_is_who_detection_finds():
    """The fixed map knows drawn faces by their average alone, so that those of odd proportions come out a little off."""
    mini, found, mapped = pack.load(), [], []
    for number in range(len(HELD_OUT_FACES)):
        picture = Image.fromarray(draw(Scene((Subject("person", None, person=figure(f"face:{number}")),), "room", "flat", framing="close"), masks=False).picture)
        face = detect.the_face(picture, mini, "a.png")
        found.append(embed.embed(picture, face, mini))
        mapped.append(embed.of_person(align.ffhq_crop(picture, face, 256), mini, "a.png", aligned=True))
    cosines = np.array(mapped) @ np.array(found).T
    assert np.diag(cosines).mean() > 0.85 and (cosines.argmax(1) == np.arange(len(cosines))).all()


def test_an_aligned_picture_is_square_large_and_sharp(noise):
    square = noise.crop((0, 0, 128, 128))
    cases = {"160x128 px, no face aligned": noise, "px high, at least 24": square.resize((32, 32)), "is blurred": square.filter(ImageFilter.GaussianBlur(8))}
    for said, picture in cases.items():
        with pytest.raises(UserError, match=said) as caught:
            align.aligned_face(picture, "a.png")
        assert caught.value.exit_code == 3
    assert align.aligned_face(square, "a.png").height == pytest.approx(128 * 0.4 / 0.58, rel=0.25)


# --- cuts -------------------------------------------------------------------------------------------------------------


def test_a_picture_is_cut_where_its_face_is_small_or_not_alone():
    tall, low = detect.Face(np.array([10, 10, 60, 60]), POINTS, 1.0), detect.Face(np.array([10, 10, 50, 42]), POINTS, 1.0)
    assert not cut.needed([tall], tall, 128) and cut.needed([low], low, 128) and cut.needed([tall, low], tall, 128)


def test_what_lies_beyond_the_middle_between_two_people_is_not_in_the_cut():
    picture = Image.new("RGB", (160, 128), "blue")
    picture.paste("red", (90, 0, 160, 128))
    own, other = (detect.Face(np.array([x - 30.0, 40, x + 30, 100]), POINTS + [x - 65, 0], 1.0) for x in (50, 130))
    made, free = cut.cut_to(own, picture.size, [other]), cut.cut_to(own, picture.size)
    assert made.bounds == (0, 0, 90, 128) and made.of(picture).size == (made.side, made.side)
    assert not np.asarray(made.of(picture))[..., 0].any() and np.asarray(free.of(picture))[..., 0].any()
    assert cut.cut_to(other, picture.size, [own]).bounds == (90, 0, 160, 128)
    below = detect.Face(own.box + [0, 70, 0, 70], own.points + [0, 70], 1.0)
    assert cut.cut_to(own, (160, 200), [below]).bounds == (0, 0, 160, 105) and cut.cut_to(below, (160, 200), [own]).bounds == (0, 105, 160, 200)
    outside = np.asarray(made.of(Image.new("RGB", picture.size, "white"), "constant"))
    assert (outside == 0).any() and (outside == 255).any()


# --- packs ------------------------------------------------------------------------------------------------------------


def test_a_pack_folder_embeds_to_unit_vectors(folder):
    loaded = pack.load(folder)
    picture, mark = portrait()
    face = detect.Face(mark.box, mark.points, 1.0)
    vector, aligned = embed.embed(picture, face, loaded), embed.of_person(picture, loaded, "a.png", aligned=True)
    assert vector.shape == (512,) and np.linalg.norm(vector) == pytest.approx(1, abs=1e-5) and np.linalg.norm(aligned) == pytest.approx(1, abs=1e-5)
    assert embed.compare(vector, vector) == pytest.approx(1, abs=1e-5) and pack.load(folder) is loaded and len(loaded.digest) == 12


def test_packs_that_are_none(folder, tmp_path, monkeypatch):
    import socket

    monkeypatch.setattr(socket.socket, "connect", lambda *_: pytest.fail("nothing may be downloaded"))
    alone = tmp_path / "alone"
    alone.mkdir()
    cases = {"buffalo_l": "aren't downloaded", tmp_path / "nowhere": "there is no face pack", alone: "has no .onnx file"}
    monkeypatch.setattr(pack, "INSIGHTFACE_HOME", tmp_path)
    for name, said in cases.items():
        with pytest.raises(UserError, match=said):
            pack.load(name)
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "det.onnx").write_bytes(b"no network at all")
    with pytest.raises(UserError, match="is damaged"):
        pack.load(broken)
    for kept, missing in (("det", "recognizer"), ("rec", "detector")):
        half = tmp_path / kept
        half.mkdir()
        for file in folder.glob(f"{kept}*"):
            shutil.copy(file, half)
        with pytest.raises(UserError, match=f"has no {missing}"):
            pack.load(half)


def test_the_licence_of_another_pack_is_said_before_its_first_use(folder, caplog):
    pack.load.cache_clear()
    pack.load(folder)
    assert "non-commercial" in caplog.text
