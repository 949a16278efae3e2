"""A concept of whole weights, exported with its base, is a plain diffusers pipeline that draws the same picture."""

import pytest
import torch
from helpers import assert_same_tensors, random_concept, tensors, tiny_base, tiny_pipeline
from PIL import Image

from persimg.bases.loading import load_base
from persimg.cli.main import main
from persimg.concepts import store
from persimg.errors import UserError
from persimg.sampling.sampler import Sampler
from persimg.spaces import FullWeights, Lora
from persimg.spaces.pipeline_folder import export_pipeline


@pytest.mark.parametrize("kind", ["sd_epsilon", "sd_v", "sdxl"])
def test_diffusers_draws_the_same_picture(kind, tmp_path, capsys):
    from diffusers import DiffusionPipeline

    tiny_pipeline(kind).save_pretrained(tmp_path / "base")
    base = load_base(tmp_path / "base", device="cpu")
    concept = random_concept(base, FullWeights(text_encoder=kind != "sd_v"), spread=0.05)
    store.save(concept, tmp_path / "mycat.safetensors")
    words = ["concepts", "export", str(tmp_path / "mycat.safetensors"), "--format", "diffusers", "--out", str(tmp_path / "out")]
    assert main(words) == 2 and "is a difference to base, which a pipeline folder needs; give that base with --base" in capsys.readouterr().err
    assert main([*words, "--base", str(tmp_path / "nowhere")]) == 2 and "doesn't exist" in capsys.readouterr().err
    assert main([*words, "--base", str(tmp_path / "base"), "--device", "cpu"]) == 0
    assert "type: sks cat" in capsys.readouterr().out
    with Sampler(base, [concept], batch=1) as sampler:
        (expected,) = sampler.draw(["a sks cat in the snow"], [5], steps=3, guidance=4.0)
    plain = DiffusionPipeline.from_pretrained(tmp_path / "out", use_safetensors=True)
    plain.set_progress_bar_config(disable=True)
    size = {"height": base.default_size, "width": base.default_size}
    found = plain("a sks cat in the snow", num_inference_steps=3, guidance_scale=4.0, generator=torch.Generator().manual_seed(5), **size).images[0]
    # the pipeline joins both halves of guidance in one batch: a last bit may round otherwise
    assert max(abs(a - b) for a, b in zip(found.tobytes(), expected.tobytes(), strict=True)) <= 1
    assert isinstance(found, Image.Image) and not list((tmp_path / "out").rglob("*.bin")) and (tmp_path / "out" / "PROMPT.txt").exists()
    assert main([*words, "--base", str(tmp_path / "base"), "--device", "cpu"]) == 2
    assert "exists already; choose another --out or pass --replace" in capsys.readouterr().err


def test_other_spaces_bases_and_full_disks_are_refused(tmp_path, monkeypatch):
    base = tiny_base()
    before, concept = tensors(base), random_concept(base, FullWeights(), spread=0.05)
    with pytest.raises(UserError, match="mycat consists of lora"):
        export_pipeline(random_concept(base, Lora(rank=2), spread=0.05), base, tmp_path / "out")
    with pytest.raises(UserError, match="was trained on"):
        export_pipeline(concept, tiny_base(seed=1), tmp_path / "out")

    def full(folder, **_):
        folder.mkdir()
        (folder / "half").write_text("")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(base.pipeline, "save_pretrained", full)
    with pytest.raises(UserError, match="No space left on device") as caught:
        export_pipeline(concept, base, tmp_path / "out")
    assert caught.value.exit_code == 3 and not list(tmp_path.iterdir())
    assert_same_tensors(before, tensors(base))
