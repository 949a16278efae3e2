"""Drawing and learning share the machine: on tiny random bases."""

import threading

import pytest
from helpers import picture_folder, tiny_pipeline

from persimg.errors import UserError
from persimg_demo.drawing import Drawing, Wish
from persimg_demo.homes import home_of, new_id
from persimg_demo.jobs import DONE, FAILED, STOPPED
from persimg_demo.settings import Settings
from persimg_demo.studio import Studio
from persimg_demo.teaching import Lesson, Teaching, keep_stopped


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    folder = tmp_path_factory.mktemp("base")
    tiny_pipeline().save_pretrained(folder)
    return str(folder)


@pytest.fixture
def studio(base, tmp_path):
    return Studio(Settings(tmp_path, base))


def lesson(home, steps, name="mycat", **changes):
    picture_folder(home.runs / name / "pictures", 3)
    return Lesson(
        name, "cat", "textual_inversion", home.runs / name, changes={"steps": steps, "batch_size": 1, "checkpoint_every": 2, **changes}
    )


def draw(studio, home, *wishes):
    return [frame for frame in Drawing(studio, home, wishes).frames() if frame.kind != "waiting"]


def test_frames_end_with_pictures_that_are_kept(studio, tmp_path):
    home = home_of(tmp_path, new_id())
    frames = draw(studio, home, *(Wish("a cat", seed, 5, 2.0) for seed in range(3)))
    pictures = {frame.index: frame.name for frame in frames if frame.kind == "picture"}
    assert sorted(pictures) == [0, 1, 2] and set(home.newest_pictures(9)) == set(pictures.values())
    assert any(frame.kind == "preview" for frame in frames)


def test_a_missing_concept_is_said_before_anybody_waits(studio, tmp_path):
    with pytest.raises(UserError, match="no concept named nobody"):
        Drawing(studio, home_of(tmp_path, new_id()), [Wish("a <nobody>", 0, 2, 2.0)])


def test_what_goes_wrong_is_raised_where_frames_are_read_and_holds_nothing(studio, tmp_path):
    home = home_of(tmp_path, new_id())
    with pytest.raises(UserError):
        draw(studio, home, Wish("a cat", 0, 5, 2.0, side=33))
    assert draw(studio, home, Wish("a cat", 0, 2, 2.0))


def test_who_leaves_holds_nothing(studio, tmp_path):
    home = home_of(tmp_path, new_id())
    frames = Drawing(studio, home, [Wish("a cat", seed, 30, 2.0) for seed in range(8)]).frames()
    next(frames)
    frames.close()
    assert draw(studio, home, Wish("a cat", 0, 2, 2.0))


def test_pictures_come_while_something_is_learned(studio, tmp_path):
    ann, ben = home_of(tmp_path, new_id()), home_of(tmp_path, new_id())
    job = Teaching(studio, ann, lesson(ann, 100_000))
    started = threading.Event()
    pace, job._pace = job._pace, lambda *args: (started.set(), pace(*args))
    job.start()
    assert started.wait(60)
    plain = draw(Studio(studio.settings), ben, Wish("a cat", 1, 4, 2.0))
    meanwhile = draw(studio, ben, Wish("a cat", 1, 4, 2.0))
    assert job.is_running and meanwhile[-1].picture.tobytes() == plain[-1].picture.tobytes(), "learning leaves no trace in what is drawn"
    job.stop()
    job.wait(60)
    assert job.status == STOPPED and job.checkpoint and job.checkpoint.is_file()
    keep_stopped(ann, job)
    assert ann.owns("mycat") and not ben.owns("mycat")


def test_a_stopped_training_goes_on_and_ends_in_the_library(studio, tmp_path):
    home = home_of(tmp_path, new_id())
    plan = lesson(home, 6)
    job = Teaching(studio, home, plan)
    pace, job._pace = job._pace, lambda step, loss: (job.stop() if step == 2 else None, pace(step, loss))
    job.start()
    job.wait(60)
    assert (job.status, job.step) == (STOPPED, 3) or job.step == 2
    waiting = Teaching(studio, home, plan, before=job)
    with studio.learning.turn("somebody"):
        waiting.start()
        waiting.stop()
        waiting.wait(60)
    assert waiting.is_halted and waiting.checkpoint == job.checkpoint, "what was learned before is not lost by waiting"
    again = Teaching(studio, home, plan, before=waiting)
    again.start()
    again.wait(60)
    assert again.status == DONE and again.chosen == 6 and len(again.losses) < 6 and home.owns("mycat")
    assert draw(studio, home, Wish("a <mycat>", 0, 2, 2.0))


def test_cancelling_while_checkpoints_are_compared_adds_no_concept(studio, tmp_path, monkeypatch):
    from persimg.training.run import Event

    home = home_of(tmp_path, new_id())
    job = Teaching(studio, home, lesson(home, 4))

    def trained(*args, **kwargs):
        yield Event("checkpoint", 4, {"path": str(home.folder / "4.safetensors")})
        yield Event("judged", 2, {"subject": 0.5})
        job.stop()
        yield Event("judged", 4, {"subject": 0.6})
        raise AssertionError("it went on")

    monkeypatch.setattr("persimg.train", trained)
    job.start()
    job.wait(60)
    assert job.status == STOPPED and job.is_halted and len(job.points) == 2


def test_a_failure_is_told_in_words(studio, tmp_path):
    home = home_of(tmp_path, new_id())
    job = Teaching(studio, home, lesson(home, 4, optimizer="nonsense"))
    job.start()
    job.wait(60)
    assert job.status == FAILED and "optimizer" in job.said
