"""What differs between families of text-to-image models, and nothing else.

Everything above talks to a `Base`; the diffusers pipeline inside stays a plain diffusers object.
"""

from __future__ import annotations

import hashlib
import re
from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Sequence

import torch
from torch import Tensor, nn

from persimg.errors import UserError

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline

WORD = re.compile(r"<[^<>\s]+>\w*|[^\W\d_]+")
"""a concept's token, whole, or what CLIP's tokenizer takes for a word: it sets digits and punctuation apart"""
TEXT_MODELS = {"clip_l": "text_encoder", "clip_g": "text_encoder_2"}
"""text encoder → its name in a pipeline, and in the names of what is adapted"""
ATTENTION = ("to_q", "to_k", "to_v", "to_out.0")


@dataclass(frozen=True)
class Conditioning:
    """What the denoiser sees of B prompts.

    tokens: (B, L, D) hidden states; pooled: (B, P), time_ids: (B, 6), where the family has them.
    """

    tokens: Tensor
    pooled: Tensor | None = None
    time_ids: Tensor | None = None

    def __len__(self) -> int:
        return len(self.tokens)

    @property
    def nbytes(self) -> int:
        return sum(v.nbytes for v in (self.tokens, self.pooled, self.time_ids) if v is not None)

    def map(self, function) -> Conditioning:
        """Apply a function to every tensor there is."""
        values = (getattr(self, f.name) for f in fields(self))
        return Conditioning(*(v if v is None else function(v) for v in values))

    def select(self, rows: Sequence[int] | Tensor) -> Conditioning:
        index = torch.as_tensor(rows, device=self.tokens.device)
        return self.map(lambda v: v[index])

    def to(self, device: torch.device | str, dtype: torch.dtype) -> Conditioning:
        return self.map(lambda v: v.to(device, dtype))

    def detach(self) -> Conditioning:
        return self.map(lambda v: v.detach())

    @staticmethod
    def cat(items: Sequence[Conditioning]) -> Conditioning:
        def joined(name: str) -> Tensor | None:
            parts = [getattr(item, name) for item in items]
            return None if parts[0] is None else torch.cat(parts)

        return Conditioning(*(joined(f.name) for f in fields(Conditioning)))


class Base(ABC):
    """A text-to-image model behind one face.

    pipeline: the plain diffusers pipeline; name: as the user gave it; word_level: the vocabulary consists of whole
    words, so that a word in pieces is one that the model never learned. is_compiled: the denoiser runs as torch.compile made it.
    """

    family: ClassVar[str]
    default_guidance: ClassVar[float] = 7.5

    def __init__(self, pipeline: DiffusionPipeline, name: str = "", word_level: bool = False):
        from diffusers import DDPMScheduler

        self.pipeline, self.name, self.word_level = pipeline, name, word_level
        self.is_compiled = False
        for part in (pipeline.vae, pipeline.unet, *self.text_encoders.values()):
            part.requires_grad_(False).eval()
        keys = ("num_train_timesteps", "beta_start", "beta_end", "beta_schedule", "trained_betas", "prediction_type", "rescale_betas_zero_snr")
        config = pipeline.scheduler.config
        self.noise_scheduler = DDPMScheduler(**{k: config[k] for k in keys if config.get(k) is not None}, clip_sample=False)
        self.fingerprint, self._fingerprint_of_weights = fingerprints(pipeline)

    # --- parts --------------------------------------------------------------------------------------------------------

    @property
    def denoiser(self) -> nn.Module:
        return self.pipeline.unet

    @property
    def text_encoders(self) -> dict[str, nn.Module]:
        """By name: "clip_l", and "clip_g" where there is a second one."""
        return {"clip_l": self.pipeline.text_encoder}

    def models(self, text_encoders: bool = True) -> dict[str, nn.Module]:
        """What a concept can adapt, by diffusers' names: "unet", and on request "text_encoder" and "text_encoder_2"."""
        texts = self.text_encoders if text_encoders else {}
        return {"unet": self.denoiser, **{TEXT_MODELS[key]: encoder for key, encoder in texts.items()}}

    @property
    def tokenizers(self) -> dict[str, Any]:
        return {"clip_l": self.pipeline.tokenizer}

    def set_tokenizer(self, key: str, tokenizer: Any) -> None:
        setattr(self.pipeline, {"clip_l": "tokenizer", "clip_g": "tokenizer_2"}[key], tokenizer)

    @property
    def device(self) -> torch.device:
        return next(self.denoiser.parameters()).device  # diffusers' own property walks over every module

    @property
    def dtype(self) -> torch.dtype:
        return next(self.denoiser.parameters()).dtype

    def is_called(self, fingerprint: str | None) -> bool:
        """Does a fingerprint name this base? Files of version 0.1.0 bear that of the weights alone."""
        return fingerprint in (self.fingerprint, self._fingerprint_of_weights)

    @property
    def lora_targets(self) -> tuple[str, ...]:
        """Names of the attention projections, as in diffusers' own LoRA training."""
        return ATTENTION

    @property
    def lora_targets_all(self) -> tuple[str, ...]:
        """Attention, feed-forward and convolutions: what a small model needs to learn a new shape."""
        return (*ATTENTION, "proj_in", "proj_out", "ff.net.0.proj", "ff.net.2", "conv1", "conv2")

    @property
    def record(self) -> dict[str, Any]:
        """What a concept's card says of its base: which one, and what names of layers in other tools depend on."""
        config = self.denoiser.config
        unet = {key: _plain(config[key]) for key in ("layers_per_block", "down_block_types", "up_block_types", "cross_attention_dim")}
        return {
            "name": Path(self.name).name, "family": self.family, "fingerprint": self.fingerprint,
            "prediction_type": self.prediction_type, "unet": unet,
        }  # fmt: skip

    # --- sizes --------------------------------------------------------------------------------------------------------

    @property
    def downscale(self) -> int:
        """Pixels a latent, per side."""
        return 2 ** (len(self.pipeline.vae.config.block_out_channels) - 1)

    @property
    def default_size(self) -> int:
        """Side in px that the model was trained at."""
        return self.denoiser.config.sample_size * self.downscale

    def latent_shape(self, height: int, width: int) -> tuple[int, int, int]:
        """(C, h, w) for a picture of height x width px; UserError when the size doesn't fit the model's grid."""
        step = self.downscale * 2 ** (len(self.denoiser.config.block_out_channels) - 1)
        if height % step or width % step or min(height, width) < step:
            raise UserError(f"size {width}x{height} px doesn't fit this base", f"choose multiples of {step} px")
        return self.denoiser.config.in_channels, height // self.downscale, width // self.downscale

    # --- diffusion ----------------------------------------------------------------------------------------------------

    @property
    def prediction_type(self) -> str:
        """"epsilon" or "v_prediction"."""
        return self.noise_scheduler.config.prediction_type

    @property
    def num_train_timesteps(self) -> int:
        return self.noise_scheduler.config.num_train_timesteps

    @property
    def alphas_cumprod(self) -> Tensor:
        """(T,) fp32; 0 at the end where the base has zero terminal SNR."""
        return self.noise_scheduler.alphas_cumprod

    def _signal_noise(self, t: Tensor, like: Tensor) -> tuple[Tensor, Tensor]:
        """sqrt(alphabar_t) and sqrt(1 - alphabar_t), (B, 1, 1, 1), in the dtype of `like`."""
        bar = self.alphas_cumprod.to(t.device)[t].reshape(-1, *(1,) * (like.ndim - 1))
        return bar.sqrt().to(like), (1 - bar).sqrt().to(like)

    def sample_timesteps(self, count: int, generator: torch.Generator) -> Tensor:
        """(count,) int64, uniform in [0, T)."""
        return torch.randint(self.num_train_timesteps, (count,), generator=generator)

    def add_noise(self, z_0: Tensor, noise: Tensor, t: Tensor) -> Tensor:
        """z_t = a_t z_0 + s_t noise."""
        a, s = self._signal_noise(t, z_0)
        return a * z_0 + s * noise

    def target(self, z_0: Tensor, noise: Tensor, t: Tensor) -> Tensor:
        """What the denoiser should predict at t: noise, or v = a_t noise - s_t z_0 (Salimans & Ho 2022, app. D)."""
        if self.prediction_type == "epsilon":
            return noise
        a, s = self._signal_noise(t, z_0)
        return a * noise - s * z_0

    def denoised(self, z_t: Tensor, pred: Tensor, t: Tensor) -> Tensor:
        """The estimate of z_0; safe at zero SNR for v, which divides by nothing."""
        a, s = self._signal_noise(t, z_t)
        return a * z_t - s * pred if self.prediction_type == "v_prediction" else (z_t - s * pred) / a

    def snr(self, t: Tensor) -> Tensor:
        """(B,) a_t^2 / s_t^2, 0 at zero terminal SNR."""
        bar = self.alphas_cumprod.to(t.device)[t]
        return bar / (1 - bar)

    @abstractmethod
    def predict(self, z_t: Tensor, t: Tensor, cond: Conditioning) -> Tensor:
        """The raw output of the denoiser. z_t: (B, C, h, w); t: (B,). Returns (B, C, h, w)."""

    # --- pictures -----------------------------------------------------------------------------------------------------

    def encode_pictures(self, pixels: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """(B, 3, H, W) in [-1, 1] → z_0 (B, C, h, w); the posterior's mean, or a sample when given a generator."""
        posterior = self.pipeline.vae.encode(pixels.to(self.pipeline.vae.device, self.pipeline.vae.dtype)).latent_dist
        z = posterior.mean if generator is None else posterior.sample(generator)
        return z * self.pipeline.vae.config.scaling_factor

    def decode(self, latents: Tensor) -> Tensor:
        """z_0 (B, C, h, w) → pixels (B, 3, H, W) fp32 in [-1, 1]."""
        vae = self.pipeline.vae
        return vae.decode(latents.to(vae.dtype) / vae.config.scaling_factor).sample.float().clamp(-1, 1)

    # --- prompts ------------------------------------------------------------------------------------------------------

    @abstractmethod
    def encode_prompts(self, prompts: Sequence[str], size: tuple[int, int] | None = None) -> Conditioning:
        """Differentiable through the text encoders; "" is the unconditional prompt.

        size: (height, width) px, for families that are told it. Raises UserError when a prompt is too long.
        """

    @property
    def max_tokens(self) -> int:
        """Positions for a prompt's own tokens, without start and end."""
        return min(t.model_max_length for t in self.tokenizers.values()) - 2

    def count_tokens(self, prompt: str) -> int:
        """The longest of the tokenizers' counts, without start and end."""
        return max(len(t(prompt, add_special_tokens=False).input_ids) for t in self.tokenizers.values())

    def token_ids(self, key: str, prompts: Sequence[str]) -> Tensor:
        """(B, L) ids of one tokenizer, padded. UserError for a prompt that doesn't fit."""
        for prompt in prompts:
            if (count := self.count_tokens(prompt)) > self.max_tokens:
                raise UserError(
                    f"the prompt {prompt[:60]!r}… has {count} tokens, this base takes {self.max_tokens}", "shorten it"
                )
        tokenizer = self.tokenizers[key]
        ids = tokenizer(list(prompts), padding="max_length", max_length=tokenizer.model_max_length, return_tensors="pt")
        return ids.input_ids.to(self.device)

    def unknown_words(self, prompt: str) -> list[str]:
        """Words that a word-level vocabulary has only in pieces; none for byte-pair vocabularies such as SD's."""
        if not self.word_level:
            return []
        tokenizer = self.tokenizers["clip_l"]
        concepts = tokenizer.get_added_vocab()
        words = dict.fromkeys(w if w in concepts else w.lower() for w in WORD.findall(prompt))
        return [w for w in words if w not in concepts and len(tokenizer(w, add_special_tokens=False).input_ids) > 1]


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, (list, tuple)) else value


def fingerprints(pipeline: DiffusionPipeline) -> tuple[str, str]:
    """12 hex digits over the names, shapes and a sample of the values of every weight of U-Net, VAE and text encoders,
    with what the denoiser predicts and how its noise ends; and 12 over the weights alone.

    Values are rounded through fp16, so that fp16 and fp32 copies of one model agree. bf16 keeps too few digits for that:
    `load_base` takes fingerprints before it casts.
    """
    digest = hashlib.sha256()
    for part in ("unet", "vae", "text_encoder", "text_encoder_2"):
        module = getattr(pipeline, part, None)
        if module is None:
            continue
        for name, tensor in sorted(module.state_dict().items()):
            flat = tensor.flatten()
            sample = flat[:: max(1, len(flat) // 4)][:4].half().float().tolist()
            digest.update(f"{part} {name} {tuple(tensor.shape)} {[f'{v:.2e}' for v in sample]}".encode())
    of_weights, config = digest.hexdigest()[:12], pipeline.scheduler.config
    digest.update(f"{config.get('prediction_type') or 'epsilon'} {bool(config.get('rescale_betas_zero_snr'))}".encode())
    return digest.hexdigest()[:12], of_weights
