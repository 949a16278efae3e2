"""Sample pictures are what users draw with the concept file of that step, bit for bit, and say where they come from."""

import pytest
from helpers import picture_folder, tiny_base
from PIL import Image

from persimg.concepts import store
from persimg.sampling import provenance
from persimg.sampling.sampler import Sampler
from persimg.training.run import train

PROMPTS = ("a photo of <mycat>", "<mycat> in the snow")
METHODS = {
    "textual_inversion": {"learning_rate": 1e-1, "num_vectors": 2},
    "dreambooth_lora": {"learning_rate": 1e-2, "rank": 2, "dora": True, "token_vectors": 1, "ema_decay": 0.5, "dropout": 0.5},
    # far enough that rounding the differences to fp16 shows
    "dreambooth": {"learning_rate": 1e-1, "prior_weight": 0.0, "train_text_encoder": True, "ema_decay": 0.5},
}


@pytest.mark.parametrize("method", METHODS)
def test_samples_are_what_generate_draws_from_the_checkpoint(method, tmp_path):
    base, pictures = tiny_base("sd_v"), picture_folder(tmp_path / "pictures", 2)
    settings = {"steps": 4, "batch_size": 2, "checkpoint_every": 2, "sample_every": 2, "sample_prompts": "a photo of {}|{} in the snow"}
    list(train(method, pictures, "mycat", "cat", base, tmp_path, **settings, **METHODS[method]))
    again = tiny_base("sd_v")
    for step in (2, 4):
        with Sampler(again, [store.load(tmp_path / "checkpoints" / f"{step:06d}.safetensors")]) as sampler:
            for i, prompt in enumerate(PROMPTS):  # one at a time, as `generate` does with a seed
                task = sampler.task(prompt, seed=i)
                (expected,) = sampler.stream([task])
                path = tmp_path / "samples" / f"{step:06d}-{i}.png"
                with Image.open(path) as found:
                    assert found.tobytes() == expected.picture.tobytes()
                    assert "trainedAlgorithmicMedia" in found.info["XML:com.adobe.xmp"] and f"Seed: {i}" in found.info["parameters"]
                assert provenance.read(path)["task"] == task.id


def test_sampling_changes_nothing_that_is_learned(tmp_path):
    pictures, learned = picture_folder(tmp_path / "pictures", 2), []
    for run, every in (("with", 1), ("without", 0)):
        settings = {"steps": 3, "batch_size": 1, "sample_every": every, **METHODS["dreambooth"]}
        list(train("dreambooth", pictures, "mycat", "cat", tiny_base(), tmp_path / run, **settings))
        learned.append(store.load(tmp_path / run / "mycat.safetensors").digest)
    assert learned[0] == learned[1]
