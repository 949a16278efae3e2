"""Deep features of the U-Net, which change little from step to step, kept for some (Ma, Fang & Wang 2023, arXiv:2312.00858: DeepCache).

Every `interval` calls the U-Net runs whole; what enters its last up block is kept (section 3.3, uniform 1:N). Between them only the
first down block and the last up block run, on that feature. Departure: the branch is a whole block of the U-Net, where the released code
lets one choose a layer in it.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from persimg.bases.base import Base, Conditioning
from persimg.errors import UserError

Skips = tuple[Tensor, ...]


class FeatureCache:
    """`Base.predict` of one batch, the whole U-Net every `interval` calls alone. At interval 1 it is that of the base, bit for bit.

    Reads the diffusers modules as they are, adapted layers included, and changes none. It runs uncompiled.
    Raises UserError for a denoiser that is no U-Net of two levels or more.
    """

    def __init__(self, base: Base, interval: int):
        from diffusers import UNet2DConditionModel

        if not isinstance(base.denoiser, UNet2DConditionModel) or len(base.denoiser.up_blocks) < 2:
            raise UserError(f"--cache-interval {interval} needs a U-Net with an outer and an inner part, {base.name} has none", "take 1")
        self.unet, self.interval, self.calls = base.denoiser, interval, 0
        self.deep: Tensor | None = None

    def __call__(self, z_t: Tensor, t: Tensor, cond: Conditioning) -> Tensor:
        unet = self.unet
        emb, text = self._embedded(z_t, t, cond)
        first = unet.conv_in(z_t)
        x, skips = _down(unet.down_blocks[0], first, emb, text)
        skips = (first, *skips)
        if self.deep is None or self.calls % self.interval == 0:
            self.deep = self._inner(x, skips, emb, text)
        self.calls += 1
        last = unet.up_blocks[-1]
        # the first down block's skip after these, behind its downsampler, is the inner blocks'
        x, _ = _up(last, self.deep, skips[: len(last.resnets)], emb, text)
        return unet.conv_out(unet.conv_act(unet.conv_norm_out(x)))

    def _embedded(self, z_t: Tensor, t: Tensor, cond: Conditioning) -> tuple[Tensor, Tensor]:
        """Of the time and, in SDXL, of pooled text and size; the text's states."""
        unet, added = self.unet, {"text_embeds": cond.pooled, "time_ids": cond.time_ids}
        emb = unet.time_embedding(unet.get_time_embed(sample=z_t, timestep=t))
        further = unet.get_aug_embed(emb=emb, encoder_hidden_states=cond.tokens, added_cond_kwargs=added)
        text = unet.process_encoder_hidden_states(encoder_hidden_states=cond.tokens, added_cond_kwargs=added)
        return emb if further is None else emb + further, text

    def _inner(self, x: Tensor, skips: Skips, emb: Tensor, text: Tensor) -> Tensor:
        """What enters the last up block: everything between it and the first down block."""
        unet = self.unet
        for block in unet.down_blocks[1:]:
            x, further = _down(block, x, emb, text)
            skips = (*skips, *further)
        if unet.mid_block is not None:
            x = unet.mid_block(x, emb, **_text(unet.mid_block, text))
        for block in unet.up_blocks[:-1]:
            x, skips = _up(block, x, skips, emb, text)
        return x


def _text(block: nn.Module, text: Tensor) -> dict[str, Any]:
    return {"encoder_hidden_states": text} if getattr(block, "has_cross_attention", False) else {}


def _down(block: nn.Module, x: Tensor, emb: Tensor, text: Tensor) -> tuple[Tensor, Skips]:
    return block(hidden_states=x, temb=emb, **_text(block, text))


def _up(block: nn.Module, x: Tensor, skips: Skips, emb: Tensor, text: Tensor) -> tuple[Tensor, Skips]:
    """Takes as many of the last skips as the block has layers; returns those that are left."""
    count = len(block.resnets)
    return block(hidden_states=x, temb=emb, res_hidden_states_tuple=skips[-count:], **_text(block, text)), skips[:-count]
