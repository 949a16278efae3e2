"""The embedded base through the public API."""

import numpy as np
import pytest
import torch
from helpers import assert_same_tensors, tensors

import persimg
from persimg import mini
from persimg.mini.world.vocabulary import VOCABULARY
from persimg.mini.world.words import SPARE_WORDS


@pytest.fixture(scope="module")
def base():
    return persimg.load_base("mini", device="cpu")


def test_every_word_of_the_world_is_one_token(base):
    tokenizer = base.pipeline.tokenizer
    assert [w for w in VOCABULARY if w not in SPARE_WORDS and len(tokenizer(w).input_ids) != 3] == []
    assert base.unknown_words("a zebra in the snow") == ["zebra"] and base.unknown_words("a cat, in the snow") == []
    assert base.max_tokens >= 32 - 2 and len(tokenizer) == base.text_encoders["clip_l"].get_input_embeddings().weight.shape[0]


def test_the_scheduler_is_as_promised(base):
    config = base.pipeline.scheduler.config
    assert config.clip_sample is False and config.rescale_betas_zero_snr and config.timestep_spacing == "trailing"
    assert config.prediction_type == "v_prediction" and base.snr(torch.tensor([999])).item() == 0


def test_the_plain_pipeline_draws_the_same_picture(base):
    from diffusers import StableDiffusionPipeline

    plain = StableDiffusionPipeline.from_pretrained(mini.path("base"), dtype=torch.float32)
    plain.set_progress_bar_config(disable=True)
    prompt = "a red cat in the snow, flat style"
    expected = plain(prompt, num_inference_steps=4, guidance_scale=4.0, generator=torch.Generator().manual_seed(3)).images[0]
    ours = persimg.Sampler(base, batch=1).draw([prompt], [3], steps=4)[0]
    assert np.abs(np.asarray(ours).astype(int) - np.asarray(expected).astype(int)).max() <= 1


def test_latents_are_standardised(base):
    import random

    from persimg.mini.world.render import draw
    from persimg.mini.world.scene import sample_scene

    rng = random.Random(12)
    # things and people, as the autoencoder's scale was taken from
    scenes = [sample_scene(rng, people=i % 2 == 1) for i in range(96)]
    x = torch.stack([torch.from_numpy(draw(scene).picture) for scene in scenes]).permute(0, 3, 1, 2).float() / 127.5 - 1
    with torch.no_grad():
        z = base.encode_pictures(x)
    assert base.pipeline.vae.config.scaling_factor == 1.0
    assert z.mean((0, 2, 3)).abs().max() < 0.15 and (z.std((0, 2, 3)) - 1).abs().max() < 0.15


def test_prompts_are_followed_at_every_noise(base):
    """The right caption explains noisy renders better than none, and none better than a wrong one."""
    import random

    from persimg.mini.world.caption import caption
    from persimg.mini.world.render import draw
    from persimg.mini.world.scene import sample_scene

    rng = random.Random(13)
    scenes = [sample_scene(rng) for _ in range(24)]
    x = torch.stack([torch.from_numpy(draw(s).picture) for s in scenes]).permute(0, 3, 1, 2).float() / 127.5 - 1
    captions = [caption(s) for s in scenes]
    wrong = captions[1:] + captions[:1]
    with torch.no_grad():
        z = base.encode_pictures(x)
        noise = torch.randn(z.shape, generator=torch.Generator().manual_seed(0))
        for step in (300, 700, 999):
            t = torch.full((len(z),), step)
            z_t, target = base.add_noise(z, noise, t), base.target(z, noise, t)
            loss = [float((base.predict(z_t, t, base.encode_prompts(c)) - target).square().mean()) for c in (captions, [""] * len(z), wrong)]
            assert loss[0] < loss[1] < loss[2], (step, loss)


def test_a_character_is_learned_a_little_and_leaves_no_trace(base, tmp_path):
    from PIL import Image

    from persimg.mini.world.render import draw
    from persimg.mini.world.scene import Scene, Subject

    folder = tmp_path / "pictures"
    folder.mkdir()
    for i, place in enumerate(("room", "meadow", "beach")):
        Image.fromarray(draw(Scene((Subject("character:0", None),), place, "flat", i)).picture).save(folder / f"{i}.png")
    before = tensors(base)
    settings = {"steps": 12, "checkpoint_every": 12, "mixed_precision": "no", "batch_size": 4}
    events = list(persimg.train("dreambooth_lora", folder, "mobu", "cat", base, tmp_path / "run", **settings))
    losses = [e.values["loss"] for e in events if e.kind == "step"]
    assert sum(losses[-4:]) < sum(losses[:4])
    concept = persimg.load_concept(tmp_path / "run" / "mobu.safetensors")
    assert concept.card.base["name"] == "mini"
    with persimg.Sampler(base, [concept], batch=1) as sampler:
        mine = sampler.draw(["a <mobu> in the snow"], [0], steps=4)[0]
    assert_same_tensors(before, tensors(base))
    assert mine.tobytes() != persimg.Sampler(base, batch=1).draw(["a cat in the snow"], [0], steps=4)[0].tobytes()
