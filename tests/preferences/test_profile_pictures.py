import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from persimg.errors import UserError
from persimg.mini.world.render import draw
from persimg.mini.world.scene import Scene, Subject, sample_scene
from persimg.preferences.lexicon import lexicon
from persimg.preferences.pictures import MEASURED, color_shares, measured, of_pictures, of_pixels
from persimg.seeds import rng


def flat(*rgb):
    return Image.new("RGB", (64, 64), rgb)


def drawing(seed=0, **slots):
    scene = Scene((Subject("cat", "red"),), "forest", seed=seed, **{"style": "flat", **slots})
    return Image.fromarray(draw(scene, masks=False).picture)


def drawings(count):
    random = rng(0, "pictures")
    return [Image.fromarray(draw(sample_scene(random), masks=False).picture) for _ in range(count)]


# --- what is measured -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rgb, name",
    [
        ((220, 30, 30), "red"), ((250, 140, 30), "orange"), ((250, 220, 60), "yellow"), ((60, 170, 80), "green"), ((40, 170, 170), "teal"),
        ((50, 90, 220), "blue"), ((140, 60, 200), "purple"), ((250, 140, 190), "pink"), ((130, 80, 45), "brown"),
        ((250, 250, 250), "white"), ((20, 20, 20), "black"), ((140, 140, 140), "gray"),
    ],
)  # fmt: skip
def test_colors_have_their_names(rgb, name):
    assert of_pixels(flat(*rgb))[f"color.{name}"] == 1.0


@pytest.mark.parametrize(
    "picture, id",
    [
        (flat(20, 20, 25), "tone.dark"), (flat(250, 250, 245), "tone.bright"), (flat(250, 120, 40), "palette.warm"),
        (flat(40, 120, 250), "palette.cold"), (flat(130, 130, 130), "saturation.black_and_white"), (flat(130, 130, 130), "detail.simple"),
        (Image.fromarray(np.kron(np.indices((8, 8)).sum(0) % 2 * 255, np.ones((8, 8))).astype(np.uint8)), "tone.high_contrast"),
        (Image.effect_noise((96, 96), 200), "detail.detailed"), (Image.linear_gradient("L"), "composition.symmetrical"),
    ],
)  # fmt: skip
def test_extremes_are_measured(picture, id):
    assert of_pixels(picture)[id] > 0.8


MOODS = [("warmth", "warm", "cold"), ("luma", "bright", "dark"), ("colorfulness", "cheerful", "muted")]


@pytest.mark.parametrize("measure, mood, other", MOODS)
def test_moods_of_the_drawn_world_are_measured(measure, mood, other):
    def of(mood):
        return np.mean([measured(np.asarray(drawing(seed, mood=mood)) / 255)[measure] for seed in range(4)])

    assert of(mood) > of(None) > of(other)


def test_shares_of_colors_add_up():
    for picture in drawings(5):
        assert sum(color_shares(np.asarray(picture) / 255).values()) == pytest.approx(1)


def test_what_is_measured_does_not_contradict_itself():
    table = lexicon()
    assert set(MEASURED) <= set(table.attributes)
    for picture in (*drawings(30), flat(0, 0, 0), flat(255, 255, 255)):
        found = of_pixels(picture)
        assert found == of_pixels(picture) and all(0.5 <= p <= 1 for p in found.values())
        assert not any(table.conflicts(a, b) for a in found for b in found)


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (3000, 2)])
@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "CMYK", "1"])
def test_any_picture_can_be_measured(size, mode):
    assert of_pictures([Image.new(mode, size)], None)


def test_measuring_needs_no_torch():
    code = """
import sys
from PIL import Image
from persimg.preferences.pictures import of_pictures
of_pictures([Image.new("RGB", (9, 9))], None)
print("torch" in sys.modules)"""
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"


# --- with a CLIP ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def backbone():
    from persimg.evaluation.backbones import load_backbone

    return load_backbone("mini")


def test_a_clip_says_what_it_is_sure_of(backbone):
    pictures, table = drawings(6), lexicon()
    found = of_pictures(pictures, backbone)
    assert len(found) == 6 and found == of_pictures(pictures, backbone)
    for attributes in found:
        assert all(0.35 <= p <= 1 and not table.attributes[id].is_sensitive for id, p in attributes.items())
        assert not any(table.conflicts(a, b) for a in attributes for b in attributes)


def test_a_picture_is_alone_what_it_is_among_others(backbone):
    pictures = drawings(5)
    alone = [of_pictures([picture], backbone)[0] for picture in pictures]
    assert [a.keys() for a in alone] == [a.keys() for a in of_pictures(pictures, backbone)]


def test_a_clip_is_asked_only_in_words_that_it_knows(backbone):
    from persimg.preferences.pictures import _categories, _name

    assert backbone.knows("a red cat") and not backbone.knows("chiaroscuro") and not backbone.knows("a red zzgrumble")
    asked = [id for ids, _ in _categories(backbone) for id in ids if id]
    assert "medium.outline" in asked and "lighting.chiaroscuro" not in asked
    assert all(backbone.knows(_name(lexicon().attributes[id], backbone)) for id in asked)


def test_a_clip_changes_nothing_of_what_is_measured(backbone):
    for picture in drawings(4):
        light = {id: p for id, p in of_pixels(picture).items() if not id.startswith("color.")}
        assert light.items() <= of_pictures([picture], backbone)[0].items()


def test_no_pictures_need_no_clip():
    assert of_pictures([], "mini") == []


def test_a_clip_that_is_none_is_refused():
    with pytest.raises(UserError):
        of_pictures([flat(0, 0, 0)], "nonsense")
