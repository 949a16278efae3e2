"""Decoding and saving in a thread of their own: the same pictures in the same order, errors and closing as without."""

import threading

import numpy as np
import pytest
from helpers import tiny_base

from persimg.errors import UserError
from persimg.sampling.sampler import Sampler

PROMPTS = ["a cat", "a red dog in the snow", "a robot", "a blue hat on the beach", "a car"]


@pytest.fixture(scope="module")
def base():
    return tiny_base("sd_v")


def tasks_of(sampler, count=5, **settings):
    return [sampler.task(PROMPTS[i % len(PROMPTS)], seed=i, steps=2, **settings) for i in range(count)]


def decoding_threads():
    return [t for t in threading.enumerate() if t.name.startswith("decoding")]


@pytest.mark.parametrize("previews_every", [0, 1])
def test_the_same_pictures_in_the_same_order(base, previews_every):
    sampler = Sampler(base, batch=2)
    runs = [list(sampler.stream(tasks_of(sampler), previews_every, overlap=overlap)) for overlap in (False, True)]
    assert [(g.task.id, g.preview_step) for g in runs[0]] == [(g.task.id, g.preview_step) for g in runs[1]]
    assert all(np.array_equal(a.picture, b.picture) for a, b in zip(*runs, strict=True))
    assert not decoding_threads()


def test_decoding_leaves_the_callers_thread(base, monkeypatch):
    seen, decode = [], base.decode
    monkeypatch.setattr(base, "decode", lambda z: seen.append((threading.current_thread().name, z.requires_grad)) or decode(z))
    sampler = Sampler(base, batch=2)
    list(sampler.stream(tasks_of(sampler), overlap=True))
    assert {name.split("_")[0] for name, _ in seen} == {"decoding"} and not any(grad for _, grad in seen)


@pytest.mark.parametrize("overlap", [False, True])
def test_every_picture_is_saved_before_it_is_given(base, overlap):
    saved, sampler = [], Sampler(base, batch=2)
    for number, generated in enumerate(sampler.stream(tasks_of(sampler), overlap=overlap, save=lambda g: saved.append(g.task.seed))):
        assert saved[number] == generated.task.seed
    assert saved == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("overlap", [False, True])
def test_an_error_while_saving_is_the_callers(base, overlap):
    def fail(generated):
        if generated.task.seed == 3:
            raise OSError("the disk is full")

    sampler, given = Sampler(base, batch=2), []
    with pytest.raises(OSError, match="full"):
        for generated in sampler.stream(tasks_of(sampler), overlap=overlap, save=fail):
            given.append(generated.task.seed)
    assert given[:2] == [0, 1] and not decoding_threads()


@pytest.mark.parametrize("overlap", [False, True])
def test_a_bad_task_takes_no_earlier_picture_with_it(base, overlap):
    sampler, given = Sampler(base, batch=2), []
    tasks = [*tasks_of(sampler, 4), sampler.task("a cat " * 80, steps=2)]
    with pytest.raises(UserError, match="tokens"):
        for generated in sampler.stream(tasks, overlap=overlap):
            given.append(generated.task.seed)
    assert given == [0, 1, 2, 3]


@pytest.mark.parametrize("overlap", [False, True])
def test_an_error_of_who_hands_out_tasks_takes_no_picture_with_it(base, overlap):
    sampler, given = Sampler(base, batch=2), []

    def handed_out():
        yield from tasks_of(sampler, 4)
        raise ConnectionError

    with pytest.raises(ConnectionError):
        for generated in sampler.stream(handed_out(), overlap=overlap):
            given.append(generated.task.seed)
    assert given == [0, 1, 2, 3]


def test_closing_early_waits_for_the_thread(base):
    sampler = Sampler(base, batch=1)
    stream = sampler.stream(tasks_of(sampler), overlap=True)
    next(stream)
    stream.close()
    assert not decoding_threads()
