"""Training the plain diffusers way, step by step as in its example scripts, with each of our savings switchable.

Textual inversion: the whole embedding table has gradients and optimiser state, and all but the new row is put back after
each step. LoRA: peft layers on the attention projections. Pictures and prompts are encoded at every step.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import mse_loss

from persimg.bases.base import Base

PROMPT = "a photo of a {}"


@dataclass(frozen=True)
class Savings:
    """What is saved against the scripts: latents encoded once, text encoded once, only the new rows trained."""

    latents: bool = False
    text: bool = False
    rows: bool = False


def plain_step(method: str, base: Base, pixels: Sequence[Tensor], batch: int, savings: Savings, class_noun: str) -> Callable[[], float]:
    """One optimiser step at a call. pixels: one (3, H, W) in [-1, 1] a picture; the base is used up by it."""
    unet, vae, text = base.denoiser, base.pipeline.vae, base.pipeline.text_encoder
    if method == "textual_inversion":
        params, finish = _token(base, class_noun, savings.rows)
        prompt = PROMPT.format("<new>")
    else:
        params, finish = _lora(unet), lambda: None
        prompt = PROMPT.format(class_noun)
    optimizer, generator = torch.optim.AdamW(params, 1e-4), torch.Generator().manual_seed(0)
    stacked = torch.stack(list(pixels))
    ids = base.pipeline.tokenizer(
        [prompt] * batch, padding="max_length", max_length=base.pipeline.tokenizer.model_max_length, return_tensors="pt"
    ).input_ids
    with torch.no_grad():
        known = _encode(vae, stacked) if savings.latents else None
        states = text(ids)[0] if savings.text else None
    unet.train()

    def step() -> float:
        chosen = torch.randint(len(stacked), (batch,), generator=generator)
        with torch.no_grad():
            z_0 = known[chosen] if known is not None else _encode(vae, stacked[chosen])
        noise, t = torch.randn(z_0.shape, generator=generator), base.sample_timesteps(batch, generator)
        seen = states if states is not None else text(ids)[0]
        pred = unet(base.add_noise(z_0, noise, t), t, seen).sample
        loss = mse_loss(pred.float(), base.target(z_0, noise, t).float())
        loss.backward()
        torch.nn.utils.clip_grad_norm_([p for p in params if p.grad is not None], 1.0)
        optimizer.step()
        optimizer.zero_grad()
        finish()
        return float(loss.detach())

    return step


def _encode(vae: nn.Module, x: Tensor) -> Tensor:
    return vae.encode(x).latent_dist.sample() * vae.config.scaling_factor


def _token(base: Base, class_noun: str, rows_only: bool) -> tuple[list[Tensor], Callable[[], None]]:
    """Parameters of a new word, and what is done after each step."""
    if rows_only:
        from persimg.spaces import TokenEmbeddings

        space = TokenEmbeddings("<new>", 1, class_noun)
        space.attach(base)
        return [p for group in space.param_groups() for p in group["params"]], lambda: None
    tokenizer, text = base.pipeline.tokenizer, base.pipeline.text_encoder
    tokenizer.add_tokens("<new>")
    text.resize_token_embeddings(len(tokenizer))
    table, new = text.get_input_embeddings().weight, tokenizer.convert_tokens_to_ids("<new>")
    table.data[new] = table.data[tokenizer.encode(class_noun, add_special_tokens=False)[0]]
    table.requires_grad_(True)
    before = table.detach().clone()
    others = torch.ones(len(table), dtype=torch.bool)
    others[new] = False

    def put_back() -> None:
        with torch.no_grad():
            table[others] = before[others]

    return [table], put_back


def _lora(unet: nn.Module) -> list[Tensor]:
    from peft import LoraConfig

    unet.add_adapter(LoraConfig(r=4, lora_alpha=4, init_lora_weights="gaussian", target_modules=["to_k", "to_q", "to_v", "to_out.0"]))
    return [p for p in unet.parameters() if p.requires_grad]
