import random

import numpy as np
import pytest
from helpers import picture_folder, tiny_base
from PIL import Image

from persimg import files
from persimg.data.cache import examples
from persimg.data.concept_data import ConceptData, split
from persimg.data.pictures import buckets, fitted, read_pictures, target_size
from persimg.errors import UserError


def test_captions_masks_and_order(tmp_path):
    folder = picture_folder(tmp_path / "p", 3)
    (folder / "01.txt").write_text("a cat\n in the snow ")
    Image.new("L", (64, 64), 255).save(folder / "02.mask.png")
    found = read_pictures(folder)
    assert [p.path.name for p in found] == ["00.png", "01.png", "02.png"]
    assert found[1].caption == "a cat in the snow" and found[2].mask_path is not None and found[0].mask_path is None


def write_bad(folder, kind):
    path = folder / "bad.jpg"
    if kind == "text":
        path.write_text("not a picture")
    elif kind == "truncated":
        whole = (folder / "00.png").read_bytes()
        path = folder / "bad.png"
        path.write_bytes(whole[: len(whole) // 2])
    elif kind == "tiny":
        Image.new("RGB", (1, 1)).save(path)
    elif kind == "huge":
        path = folder / "bad.png"
        Image.new("1", (30000, 30000)).save(path)
    return path


@pytest.mark.parametrize("kind", ["text", "truncated", "tiny", "huge"])
def test_a_bad_picture_is_named(tmp_path, kind):
    folder = picture_folder(tmp_path / "p", 2)
    path = write_bad(folder, kind)
    with pytest.raises(UserError) as caught:
        read_pictures(folder)
    assert caught.value.exit_code == 3 and path.name in str(caught.value) and "\n" not in str(caught.value)


def test_no_pictures_is_said(tmp_path):
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(UserError, match="holds no pictures"):
        read_pictures(tmp_path)
    with pytest.raises(UserError, match="is not a folder"):
        read_pictures(tmp_path / "nowhere")


def test_unusual_pictures_load_rightly(tmp_path):
    Image.new("CMYK", (16, 8), (0, 255, 255, 0)).save(tmp_path / "cmyk.jpg")
    Image.fromarray(np.full((8, 16), 32896, np.uint16)).save(tmp_path / "sixteen.png")
    frames = [Image.new("RGB", (16, 8), c) for c in ("red", "blue")]
    frames[0].save(tmp_path / "moving.gif", save_all=True, append_images=frames[1:])
    turned = Image.new("RGB", (16, 8), "green")
    exif = turned.getexif()
    exif[0x0112] = 6
    turned.save(tmp_path / "turned.jpg", exif=exif)
    Image.new("RGBA", (16, 8), (255, 0, 0, 0)).save(tmp_path / "clear.png")
    pixel = {p.stem: files.open_picture(p).getpixel((4, 4)) for p in tmp_path.iterdir()}
    assert pixel["cmyk"][0] > 200 and pixel["cmyk"][1] < 60
    assert pixel["sixteen"] == (128, 128, 128)
    assert pixel["moving"][0] > 200 and pixel["moving"][2] < 60
    assert files.open_picture(tmp_path / "turned.jpg").size == (8, 16)
    assert pixel["clear"] == (255, 255, 255)


def test_pad_keeps_everything_crop_fills(tmp_path):
    wide = Image.new("RGB", (64, 32), "red")
    assert fitted(wide, (32, 32), "pad").getpixel((16, 1)) == (255, 255, 255)
    assert fitted(wide, (32, 32), "crop").getpixel((16, 1)) == (255, 0, 0)
    folder = tmp_path / "p"
    folder.mkdir()
    wide.save(folder / "a.png")
    width, height = target_size(read_pictures(folder)[0], "bucket", 512, 64)
    assert width / height == pytest.approx(2, rel=0.15) and width % 64 == height % 64 == 0
    assert all(0.5 <= w / h <= 2 for w, h in buckets(512, 64))


def test_captions_name_the_concept(tmp_path):
    folder = picture_folder(tmp_path / "p", 2)
    (folder / "01.txt").write_text("on the beach")
    data = ConceptData("mycat", "cat", read_pictures(folder))
    assert "<mycat>" in data.caption(0, random.Random(0))
    assert data.caption(1, random.Random(0)) == "<mycat>, on the beach"
    before = data.digest
    (folder / "01.txt").write_text("in the snow")
    assert ConceptData("mycat", "cat", read_pictures(folder)).digest != before
    assert [len(part) for part in split(data.pictures, 1)] == [1, 1]


def test_padding_does_not_count(tmp_path):
    """A picture twice as wide as high: the latents of the white bars are left out of the loss, those of the picture aren't."""
    folder = tmp_path / "wide"
    folder.mkdir()
    Image.new("RGB", (64, 32), "red").save(folder / "0.png")
    Image.new("RGB", (64, 64), "red").save(folder / "1.png")
    base = tiny_base()
    data = ConceptData("new", "cat", read_pictures(folder), (), "object", 32, "pad", False)
    wide, square = examples(base, data, tmp_path / "cache")
    assert square.mask is None and wide.mask is not None
    assert wide.mask[0].bool().all(1).tolist() == [False] * 2 + [True] * 4 + [False] * 2
