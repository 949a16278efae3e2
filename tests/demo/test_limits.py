import gradio as gr
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from persimg.errors import UserError
from persimg_demo import limits, sheet
from persimg_demo.drawing import Wish, wish_of
from persimg_demo.settings import Limits
from persimg_demo.words import esc, plain, said, spoken

MOST = Limits()


def test_pictures_are_written_anew_under_own_names(tmp_path):
    info = PngInfo()
    info.add_text("secret", "where it was taken")
    Image.new("RGB", (3000, 20), "red").save(tmp_path / "..;rm -rf.png", pnginfo=info)
    (found,) = limits.take_pictures([str(tmp_path / "..;rm -rf.png")], tmp_path / "kept", MOST)
    assert found.name == "00.png" and Image.open(found).size[0] == MOST.side and "secret" not in Image.open(found).info


@pytest.mark.parametrize("content", [b"", b"<svg onload=alert(1)>", b"\x89PNG\r\n\x1a\nrubbish", b"GIF89a"])
def test_what_is_no_picture_is_refused_without_telling_a_path(tmp_path, content):
    path = tmp_path / "a.png"
    path.write_bytes(content)
    with pytest.raises(UserError) as error:
        limits.take_pictures([str(path)], tmp_path / "kept", MOST)
    assert str(tmp_path) not in str(error.value) and not (tmp_path / "kept").exists()


def test_a_wrong_picture_leaves_those_that_were_there(tmp_path):
    Image.new("RGB", (32, 32)).save(tmp_path / "good.png")
    (tmp_path / "bad.png").write_bytes(b"no")
    limits.take_pictures([str(tmp_path / "good.png")], tmp_path / "kept", MOST)
    with pytest.raises(UserError):
        limits.take_pictures([str(tmp_path / "bad.png")], tmp_path / "kept", MOST)
    assert len(list((tmp_path / "kept").iterdir())) == 1


def test_too_many_and_none_are_refused(tmp_path):
    for paths in ([], ["x.png"] * (MOST.pictures + 1)):
        with pytest.raises(UserError):
            limits.take_pictures(paths, tmp_path / "kept", MOST)


@pytest.mark.parametrize("name", ["", "../x", "a/b", "<b>", "a b", "1cat", "x" * 41, "cat\n", None, "é"])
def test_names_that_could_be_paths_are_refused(name):
    if name == "cat\n":
        assert limits.concept_name(name) == "cat"
        return
    with pytest.raises(UserError):
        limits.concept_name(name)


@given(st.text())
def test_what_is_shown_has_no_markup_and_no_template(text):
    assert not set("<>{}$`\"'") & set(esc(text).replace("&#x27;", ""))


@given(st.dictionaries(st.sampled_from(["prompt", "seed", "steps", "guidance", "width", "concepts", "negative", "typed"]), st.one_of(
    st.none(), st.integers(), st.floats(), st.text(), st.booleans(),
    st.lists(st.dictionaries(st.just("scale"), st.one_of(st.text(), st.floats(), st.none()))),
)))  # fmt: skip
def test_whatever_a_picture_says_of_itself_gives_a_wish(record):
    wish = wish_of(record)
    assert isinstance(wish, Wish) and wish.seed >= 0 and 0 <= wish.steps <= 1000 and 0 <= wish.scale <= 10


def test_values_of_a_grid():
    assert sheet.values("seed", "1-3, 9", MOST) == [1, 2, 3, 9]
    assert sheet.values("guidance", "1 2.5", MOST) == [1.0, 2.5]
    assert sheet.values("nothing", "whatever", MOST) == [None]
    for axis, text in (("seed", "1-100000"), ("steps", "0"), ("guidance", "x"), ("seed", ""), ("prompt", "1")):
        with pytest.raises(UserError):
            sheet.values(axis, text, MOST)
    wish = Wish("a cat", 0, 5, 4.0)
    assert [(w.scale, w.seed) for w in sheet.wishes(wish, "seed", [1, 2], "concept strength", [0.5], MOST)] == [(0.5, 1), (0.5, 2)]
    with pytest.raises(UserError):
        sheet.wishes(wish, "seed", list(range(30)), "steps", [1, 2], MOST)


def test_errors_are_told_without_dashes_and_paths():
    error = UserError("--learning-rate of /srv/data/users/ab12/runs/mycat/x.png is wrong", "see http://example.com/a")
    assert plain(error) == "learning rate of x.png is wrong; see http://example.com/a"
    assert said(error).startswith("Learning rate of x.png")


@pytest.mark.parametrize("error", [UserError("the prompt is empty", "write one"), ValueError("a secret")])
def test_every_error_becomes_a_message(error, caplog):
    def broken(*args):
        raise error

    def broken_later(*args):
        yield 1
        raise error

    for call in (lambda: spoken(broken)(), lambda: list(spoken(broken_later)())):
        with pytest.raises(gr.Error) as told:
            call()
        text = told.value.message
        assert text and "secret" not in text and ("prompt is empty" in text) == isinstance(error, UserError)
