"""log.jsonl and TensorBoard say each step once, also after a resume."""

import json

import pytest
from helpers import picture_folder, tiny_base

from persimg.training import log
from persimg.training.run import train

SETTINGS = {"batch_size": 1, "mixed_precision": "no", "checkpoint_every": 2, "tensorboard": True}


def scalars(folder, name):
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    found = accumulator.EventAccumulator(str(folder))
    found.Reload()
    return [(event.step, event.value) for event in found.Scalars(name)]


def test_tensorboard_goes_on_without_repeating_steps(tmp_path):
    pytest.importorskip("tensorboard")
    base, pictures, out = tiny_base(), picture_folder(tmp_path / "pictures", 2), tmp_path / "run"

    def events(steps, **changes):
        return train("textual_inversion", pictures, "mycat", "cat", base, out, steps=steps, **SETTINGS, **changes)

    list(events(5))
    (out / "checkpoints" / "000005.state").unlink()  # as after a crash: noted up to 5, resumed from 4
    list(events(7))
    found = scalars(out / "tensorboard", "loss")
    assert [step for step, _ in found] == [1, 2, 3, 4, 5, 6, 7]
    logged = [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]
    assert [value for _, value in found] == pytest.approx([row["loss"] for row in logged], rel=1e-5)
    assert [value for _, value in scalars(out / "tensorboard", "lr")] == pytest.approx([row["lr"] for row in logged], rel=1e-5)

    list(events(2, restart=True))
    assert [step for step, _ in scalars(out / "tensorboard", "loss")] == [1, 2]


def test_a_row_that_was_cut_off_is_dropped(tmp_path):
    path = tmp_path / "log.jsonl"
    path.write_text('{"step": 1}\n{"step": 2}\n{"step": 3}\n{"step": 4, "lo')
    log.cut(path, 2)
    assert path.read_text() == '{"step": 1}\n{"step": 2}\n'
    with log.noting(tmp_path, 2, False) as note:
        note(3, {"lr": 1.23456789e-6})
    assert json.loads(path.read_text().splitlines()[-1]) == {"step": 3, "lr": 1.234568e-06}
