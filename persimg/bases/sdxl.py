"""Stable Diffusion XL (Podell et al. 2023, arXiv:2307.01952)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Sequence

import torch
from torch import Tensor, nn

from persimg.bases.base import Base, Conditioning

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline


class StableDiffusionXL(Base):
    """Two CLIP text encoders: penultimate states side by side, the second one's pooled vector, and the picture's size."""

    family = "sdxl"

    def __init__(self, pipeline: DiffusionPipeline, name: str = "", word_level: bool = False):
        super().__init__(pipeline, name, word_level)
        if pipeline.vae.dtype == torch.float16 and pipeline.vae.config.force_upcast:
            pipeline.vae.to(torch.float32)  # the published one overflows in fp16 and decodes to black

    @property
    def text_encoders(self) -> dict[str, nn.Module]:
        return {"clip_l": self.pipeline.text_encoder, "clip_g": self.pipeline.text_encoder_2}

    @property
    def tokenizers(self) -> dict[str, Any]:
        return {"clip_l": self.pipeline.tokenizer, "clip_g": self.pipeline.tokenizer_2}

    def encode_prompts(self, prompts: Sequence[str], size: tuple[int, int] | None = None) -> Conditioning:
        outputs = {
            key: encoder(self.token_ids(key, prompts), output_hidden_states=True)
            for key, encoder in self.text_encoders.items()
        }
        tokens = torch.cat([output.hidden_states[-2] for output in outputs.values()], dim=-1)
        pooled = outputs["clip_g"].text_embeds
        if self.pipeline.config.force_zeros_for_empty_prompt:
            empty = torch.tensor([not p for p in prompts], device=tokens.device)
            tokens = tokens.masked_fill(empty[:, None, None], 0)
            pooled = pooled.masked_fill(empty[:, None], 0)
        height, width = size or (self.default_size, self.default_size)
        # original size, top left corner of the crop, target size
        ids = torch.tensor([[height, width, 0, 0, height, width]], device=tokens.device, dtype=tokens.dtype)
        return Conditioning(tokens, pooled, ids.expand(len(prompts), -1))

    def predict(self, z_t: Tensor, t: Tensor, cond: Conditioning) -> Tensor:
        added = {"text_embeds": cond.pooled, "time_ids": cond.time_ids}
        return self.denoiser(z_t, t, cond.tokens, added_cond_kwargs=added).sample
