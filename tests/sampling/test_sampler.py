import dataclasses
import hashlib
import json

import numpy as np
import pytest
import torch
from helpers import KINDS, assert_same_tensors, tensors, tiny_base

from persimg.concepts.concept import Card, Concept
from persimg.errors import UserError
from persimg.sampling.sampler import Sampler
from persimg.sampling.schedulers import CLASSES
from persimg.sampling.task import LATER, SAMPLER_VERSION, ConceptUse, GuideUse, Task
from persimg.spaces import TokenEmbeddings

PROMPTS = ["a cat", "a red dog in the snow", "a robot", "a blue hat on the beach", "a car"]


@pytest.fixture(scope="module", params=KINDS)
def base(request):
    return tiny_base(request.param)


def pixels(picture):
    return np.asarray(picture).astype(int)


def same(a, b):
    return all(np.array_equal(pixels(x), pixels(y)) for x, y in zip(a, b, strict=True))


@pytest.mark.parametrize("scheduler", [None, "euler_a"])
def test_a_task_gives_the_same_bits_in_any_slot(base, scheduler):
    sampler = Sampler(base, batch=4)
    settings = {"steps": 3, "scheduler": scheduler}
    together = sampler.draw(PROMPTS, range(5), **settings)
    backwards = sampler.draw(PROMPTS[::-1], [4, 3, 2, 1, 0], **settings)[::-1]
    alone = [sampler.draw([p], [i], **settings)[0] for i, p in enumerate(PROMPTS)]
    assert same(together, backwards) and same(together, alone)
    assert not same(together[:1], sampler.draw(PROMPTS[:1], [9], **settings))


def latents(base, prompts, numbers, batch):
    """As decode sees them, one a task: pictures hide what is below a grey level."""
    seen, decode = [], base.decode
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(base, "decode", lambda z: seen.append(z) or decode(z))
        Sampler(base, batch=batch).draw(prompts, numbers, steps=3)
    return torch.cat(seen)[: len(prompts)]


@pytest.fixture
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.mark.parametrize("kind", ["sd_v", "sdxl"])
def test_latents_do_not_depend_on_the_slot_in_any_batch(kind, one_thread):
    base = tiny_base(kind)
    alone = latents(base, PROMPTS, range(5), 1)
    for batch in range(2, 6):
        prompts, numbers = PROMPTS[:batch], list(range(batch))
        together = latents(base, prompts, numbers, batch)
        backwards = latents(base, prompts[::-1], numbers[::-1], batch).flip(0)
        padded = torch.cat([latents(base, [p], [n], batch) for p, n in zip(prompts, numbers)])
        assert torch.equal(together, backwards) and torch.equal(together, padded), batch
        assert torch.allclose(together, alone[:batch], rtol=0, atol=1e-4), batch


@pytest.mark.parametrize("scheduler", ["ddim", "euler", "dpmpp_2m"])
def test_the_plain_pipeline_draws_the_same_picture(base, scheduler):
    from persimg.sampling.schedulers import make_scheduler

    ours = Sampler(base, batch=1).draw(["a red dog"], [7], steps=4, guidance=3.0, scheduler=scheduler, negative="a cat")[0]
    own = base.pipeline.scheduler
    try:
        base.pipeline.scheduler = make_scheduler(base, scheduler)
        generator = torch.Generator().manual_seed(7)
        plain = base.pipeline("a red dog", negative_prompt="a cat", num_inference_steps=4, guidance_scale=3.0, generator=generator)
    finally:
        base.pipeline.scheduler = own
    # one grey level: the pipeline concatenates and rounds in another order
    assert np.abs(pixels(ours) - pixels(plain.images[0])).max() <= 1


def test_all_schedulers_run_or_say_why(base):
    for name in CLASSES:
        try:
            picture = Sampler(base, batch=1).draw(["a cat"], [0], steps=4, scheduler=name)[0]
            assert np.isfinite(pixels(picture)).all() and picture.size == (32, 32)
        except UserError as error:
            assert base.prediction_type == "v_prediction" and "zero terminal SNR" in str(error)


def test_sizes_previews_and_start_pictures(base):
    from PIL import Image

    sampler = Sampler(base, batch=2)
    task = sampler.task("a cat", steps=4, width=48, height=32)
    results = list(sampler.stream([task], previews_every=2))
    assert [r.preview_step for r in results] == [2, None] and results[-1].picture.size == (48, 32)
    start = Image.new("RGB", (32, 32), "red")
    weak, strong = (
        next(iter(sampler.stream([sampler.task("a cat", steps=10, init_image="x", strength=s)], init_images={"x": start}))).picture
        for s in (0.1, 1.0)
    )
    assert not same([weak], [strong])


def test_modes_and_gradients_are_put_back(base):
    base.denoiser.train()
    Sampler(base, batch=1).draw(["a cat"], [0], steps=1)
    assert base.denoiser.training and torch.is_grad_enabled()
    base.denoiser.eval()


def test_concepts_are_attached_and_detached(base):
    space = TokenEmbeddings("<mycat>", init="cat", num_vectors=2)
    space.attach(base)
    weights = {key: rows + 1 for key, rows in space.weights().items()}
    space.detach()
    trained = {"name": base.name, "family": base.family, "fingerprint": base.fingerprint}
    concept = Concept(Card("mycat", base=trained, expansion=space.expansion, spaces={"token": space.config()}), {"token": weights})
    before = tensors(base)
    with Sampler(base, [concept], batch=1) as sampler:
        mine = sampler.draw(["a <mycat>"], [0], steps=2)
        assert sampler.task("x").concepts[0].digest == concept.digest
        assert same(sampler.draw(["a dog"], [0], steps=2), Sampler(base, batch=1).draw(["a dog"], [0], steps=2))
    assert_same_tensors(before, tensors(base))
    assert not same(mine, Sampler(base, batch=1).draw(["a cat"], [0], steps=2))
    with pytest.raises(UserError, match="the prompt names <other>, loaded concepts: <mycat>"):
        Sampler(base, [concept]).draw(["a <other>"], [0])


def test_unknown_words_warn_once_or_are_refused(caplog):
    base = tiny_base()
    base.word_level = True
    sampler = Sampler(base, batch=1)
    sampler.draw(["a zebra", "a zebra"], [0, 1], steps=1)
    assert [r.getMessage() for r in caplog.records] == ["the base doesn't know the word 'zebra'; it will have no meaning"]
    with pytest.raises(UserError, match="zebra") as caught:
        Sampler(base, strict=True).draw(["a zebra"], [0])
    assert caught.value.exit_code == 3


def test_punctuation_is_no_part_of_a_word():
    base = tiny_base()
    base.word_level = True
    assert base.unknown_words('a cat. Snow! "cat" cat; (a dog), cat-dog, 3 cats? <cat> zebra: it\'s') == ["cats", "<cat>", "zebra"]
    space = TokenEmbeddings("<MyCat>", init="cat", num_vectors=2)
    space.attach(base)
    assert base.unknown_words(f"a {space.expansion}, in the snow.") == []
    space.detach()


def test_every_field_enters_the_id():
    task = Task("a cat")
    changes = {
        "prompt": "b", "negative": "b", "base": "b", "seed": 1, "width": 8, "height": 8, "steps": 9, "guidance": 2.0,
        "scheduler": "ddim", "init_image": "b", "strength": 0.5, "cache_interval": 2, "guidance_until": 0.5, "safety": "blur", "safety_checker": "b",
    }  # fmt: skip
    ids = {Task(**{"prompt": "a cat", field: value}).id for field, value in changes.items()}
    assert len(ids | {task.id}) == len(changes) + 1


def test_an_id_is_the_hash_of_what_the_task_says():
    hostile = 'x", "seed": null, "seed": 3'
    concepts, guides = (ConceptUse("a", hostile, 1),), (GuideUse("taste", '{"seed": null}'),)
    for task in (Task("a", guidance=4), Task("a", guidance=4.0), Task(hostile, hostile, concepts, seed=2**40, guides=guides, cache_interval=2)):
        said = dataclasses.asdict(task)
        said = {key: said[key] for key in said if key not in LATER or said[key] != LATER[key]}
        assert task.id == hashlib.sha256(json.dumps([SAMPLER_VERSION, said], sort_keys=True).encode()).hexdigest()[:16]
    assert Task("a", concepts=(ConceptUse("a", "b", 1),)).id == Task("a", concepts=(ConceptUse("a", "b", 1.0),)).id


@pytest.mark.parametrize("bad", [{"steps": 0}, {"seed": -1}, {"guidance": 101}, {"scheduler": "x"}, {"strength": 0}])
def test_values_out_of_range_are_refused(bad):
    with pytest.raises(UserError):
        Task("a cat", **bad)
