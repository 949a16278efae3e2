"""Tiny random bases and pictures for the tests: seconds on one core, no downloads."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from persimg.bases.base import Base
from persimg.bases.loading import wrap

KINDS = ("sd_epsilon", "sd_v", "sdxl")
WORDS = (
    "a an the of in on at with and my one photo picture painting rendering drawing cropped close up bright dark clean dirty cool "
    "nice good small large weird rendition style cat dog car robot hat red blue green snow beach forest city sks zwx to is it by"
).split()


def tokenizer():
    """CLIP's format, a word a token, 77 positions."""
    from mini_tokenizer import build_tokenizer

    return build_tokenizer(WORDS, positions=77)


def _text_encoder(tokenizer, width: int, projected: bool):
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

    config = CLIPTextConfig(
        vocab_size=len(tokenizer), hidden_size=width, intermediate_size=2 * width, num_hidden_layers=2,
        num_attention_heads=2, max_position_embeddings=77, projection_dim=width, bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id,
    )  # fmt: skip
    return (CLIPTextModelWithProjection if projected else CLIPTextModel)(config)


def _unet(cross: int, channels: tuple[int, int] = (16, 32), **extra):
    from diffusers import UNet2DConditionModel

    return UNet2DConditionModel(
        sample_size=8, layers_per_block=1, block_out_channels=channels, norm_num_groups=8, cross_attention_dim=cross,
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"), up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
        attention_head_dim=8, **extra,
    )  # fmt: skip


def _vae():
    from diffusers import AutoencoderKL

    return AutoencoderKL(
        block_out_channels=(8, 16, 16), down_block_types=("DownEncoderBlock2D",) * 3,
        up_block_types=("UpDecoderBlock2D",) * 3, norm_num_groups=4, layers_per_block=1, latent_channels=4,
        mid_block_add_attention=False, sample_size=32,
    )  # fmt: skip


def tiny_base(kind: str = "sd_epsilon", seed: int = 0) -> Base:
    """A random model of one family: 32x32 px, 8x8 latents."""
    return wrap(tiny_pipeline(kind, seed), f"tiny_{kind}")


def tiny_pipeline(kind: str = "sd_epsilon", seed: int = 0, channels: tuple[int, int] = (16, 32)):
    from diffusers import DDIMScheduler, StableDiffusionPipeline, StableDiffusionXLPipeline

    with torch.random.fork_rng():
        torch.manual_seed(seed)
        noise = {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012, "clip_sample": False, "steps_offset": 1}
        if kind != "sd_epsilon":
            noise["timestep_spacing"] = "trailing" if kind == "sd_v" else "leading"
        if kind == "sd_v":
            noise |= {"prediction_type": "v_prediction", "rescale_betas_zero_snr": True}
        else:
            noise["set_alpha_to_one"] = False
        parts = {"vae": _vae(), "scheduler": DDIMScheduler(**noise), "tokenizer": tokenizer()}
        parts["text_encoder"] = _text_encoder(parts["tokenizer"], 16, False)
        if kind == "sdxl":
            second = {"tokenizer_2": tokenizer()}
            second["text_encoder_2"] = _text_encoder(second["tokenizer_2"], 24, True)
            extra = {"addition_embed_type": "text_time", "addition_time_embed_dim": 8, "projection_class_embeddings_input_dim": 24 + 6 * 8}
            return StableDiffusionXLPipeline(**parts, **second, unet=_unet(40, channels, **extra), add_watermarker=False)
        return StableDiffusionPipeline(
            **parts, unet=_unet(16, channels), safety_checker=None, feature_extractor=None, requires_safety_checker=False
        )


def tensors(base: Base) -> dict[str, Tensor]:
    """A copy of every tensor of denoiser, autoencoder and text encoders."""
    parts = {"unet": base.denoiser, "vae": base.pipeline.vae, **base.text_encoders}
    return {f"{part}.{name}": t.detach().clone() for part, module in parts.items() for name, t in module.state_dict().items()}


def assert_same_tensors(before: dict[str, Tensor], after: dict[str, Tensor]) -> None:
    """Bit for bit, and the same names."""
    assert before.keys() == after.keys()
    changed = [name for name in before if not torch.equal(before[name], after[name])]
    assert not changed, f"changed: {changed[:5]}"


def picture_folder(folder: Path, count: int = 4, size: int = 64) -> Path:
    """PNGs of the drawn world, each another scene of one held-out character."""
    from PIL import Image

    from persimg.mini.world.render import draw
    from persimg.mini.world.scene import Scene, Subject
    from persimg.mini.world.words import PLACES

    folder.mkdir(parents=True, exist_ok=True)
    for i in range(count):
        scene = Scene((Subject("character:0", None),), list(PLACES)[i % len(PLACES)], "flat", seed=i)
        Image.fromarray(draw(scene, size).picture).save(folder / f"{i:02d}.png")
    return folder


def tiny_checker(folder: Path, flags: bool) -> Path:
    """A random StableDiffusionSafetyChecker with its feature extractor, whose thresholds flag every picture or none."""
    from diffusers.pipelines.stable_diffusion.safety_checker import StableDiffusionSafetyChecker
    from transformers import CLIPConfig, CLIPImageProcessor

    layers = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    with torch.random.fork_rng():
        torch.manual_seed(0)
        config = CLIPConfig(text_config={**layers}, vision_config={**layers, "image_size": 30, "patch_size": 10}, projection_dim=8)
        checker = StableDiffusionSafetyChecker(config)
    checker.concept_embeds_weights.fill_(-2.0 if flags else 2.0)  # cosines lie between
    checker.save_pretrained(folder)
    CLIPImageProcessor(size={"shortest_edge": 30}, crop_size={"height": 30, "width": 30}).save_pretrained(folder)
    return folder


def random_concept(base: Base, *spaces, spread: float = 0.2):
    """A concept "mycat" whose weights are moved at random from where training would start."""
    from persimg.concepts.concept import Card, Concept
    from persimg.spaces import Stack

    stack = Stack(*spaces)
    stack.attach(base)
    rng = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for group in stack.param_groups():
            for param in group["params"]:
                param.add_(torch.randn(param.shape, generator=rng) * spread)
    card = Card("mycat", "cat", stack.expansion or "sks cat", base.record, spaces=stack.config())
    concept = Concept(card, stack.weights())
    stack.detach()
    return concept


def random_person(base: Base, basis, name: str, seed: int, **options):
    """A concept of the method identity_basis at a random point of the sphere."""
    from persimg.concepts.concept import Card, Concept
    from persimg.spaces import IdentityBasis, Stack

    space = Stack(IdentityBasis(f"<{name}>", basis, "cat", seed=seed, **options))
    space.attach(base)
    card = Card(name, "person", str(space.expansion), base.record, "identity_basis", spaces=space.config(), consent=f"{name} agreed")
    found = Concept(card, space.weights())
    space.detach()
    return found
