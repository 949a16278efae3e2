"""Stable Diffusion 1.x and 2.x (Rombach et al. 2022, arXiv:2112.10752), and the embedded mini base."""

from __future__ import annotations

from typing import Sequence

from torch import Tensor

from persimg.bases.base import Base, Conditioning


class StableDiffusion(Base):
    """One CLIP text encoder; its last hidden state conditions the U-Net."""

    family = "sd"

    def encode_prompts(self, prompts: Sequence[str], size: tuple[int, int] | None = None) -> Conditioning:
        return Conditioning(self.pipeline.text_encoder(self.token_ids("clip_l", prompts)).last_hidden_state)

    def predict(self, z_t: Tensor, t: Tensor, cond: Conditioning) -> Tensor:
        return self.denoiser(z_t, t, cond.tokens).sample
