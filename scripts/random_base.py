"""A base of Stable Diffusion 1.x's or SDXL's size with random weights: for measuring speed and memory where nothing can be downloaded.

python scripts/random_base.py --family sd --out out/random_sd
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionPipeline, StableDiffusionXLPipeline, UNet2DConditionModel
from mini_tokenizer import build_tokenizer
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

from persimg.mini.world.vocabulary import VOCABULARY

SCHEDULE = {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012, "clip_sample": False, "set_alpha_to_one": False, "steps_offset": 1}


def text_encoder(width: int, layers: int, heads: int, projected: bool):
    config = CLIPTextConfig(
        vocab_size=49408, hidden_size=width, intermediate_size=4 * width, num_hidden_layers=layers, num_attention_heads=heads,
        max_position_embeddings=77, projection_dim=width,
    )  # fmt: skip
    return (CLIPTextModelWithProjection if projected else CLIPTextModel)(config)


def vae(size: int) -> AutoencoderKL:
    return AutoencoderKL(
        block_out_channels=(128, 256, 512, 512), down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=2, sample_size=size,
    )  # fmt: skip


def stable_diffusion() -> StableDiffusionPipeline:
    """The sizes of Stable Diffusion 1.5: 860 M parameters in the denoiser, 64x64 latents."""
    unet = UNet2DConditionModel(sample_size=64, cross_attention_dim=768, attention_head_dim=8)
    return StableDiffusionPipeline(
        vae(512), text_encoder(768, 12, 12, False), build_tokenizer(VOCABULARY, positions=77), unet, DDIMScheduler(**SCHEDULE), None, None, requires_safety_checker=False
    )


def stable_diffusion_xl() -> StableDiffusionXLPipeline:
    """The sizes of SDXL: 2.6 G parameters in the denoiser, 128x128 latents."""
    unet = UNet2DConditionModel(
        sample_size=128, block_out_channels=(320, 640, 1280), layers_per_block=2, cross_attention_dim=2048,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"), transformer_layers_per_block=(1, 2, 10),
        attention_head_dim=(5, 10, 20), use_linear_projection=True, addition_embed_type="text_time", addition_time_embed_dim=256,
        projection_class_embeddings_input_dim=2816,
    )  # fmt: skip
    return StableDiffusionXLPipeline(
        vae(1024), text_encoder(768, 12, 12, False), text_encoder(1280, 32, 20, True), build_tokenizer(VOCABULARY, positions=77), build_tokenizer(VOCABULARY, positions=77), unet, DDIMScheduler(**SCHEDULE)
    )


FAMILIES = {"sd": stable_diffusion, "sdxl": stable_diffusion_xl}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--family", choices=FAMILIES, default="sd")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    torch.manual_seed(0)
    FAMILIES[args.family]().save_pretrained(args.out)
    print(args.out)


if __name__ == "__main__":
    main()
