"""Low-rank additions to linear layers and convolutions (Hu et al. 2021, arXiv:2106.09685), by peft's layers.

W' = W + scale * (alpha / rank) * B A. B starts at zero, so training starts from the base exactly. With DoRA, the rows of W'
are brought to a learned magnitude m, at a scale to (1 - scale) |W| + scale * m: at 0 that is the base.
"""

from __future__ import annotations

import itertools
import warnings
from typing import Any, ClassVar, Iterator, Sequence

import torch
from torch import Tensor, nn

from persimg import seeds
from persimg.bases.base import Base
from persimg.errors import UserError
from persimg.spaces.space import Weights, check_names

TEXT_TARGETS = ("q_proj", "k_proj", "v_proj", "out_proj")
_PARTS = ("lora_A", "lora_B", "lora_magnitude_vector")
_counter = itertools.count()


class Lora:
    """rank and alpha (equal to the rank unless given) of every adapted layer.

    targets: endings of module names in the denoiser; None: the attention projections, "all": feed-forward and
    convolutions too. text_encoder: adapt the text encoders as well, at text_lr; text_targets: which of their layers, by
    full name ("text_encoder.…", "text_encoder_2.…"), None: the attention of all. dora: learn magnitudes separately
    (Liu et al. 2024, arXiv:2402.09353). start_step: frozen before.
    """

    kind: ClassVar[str] = "lora"

    def __init__(
        self, rank: int = 4, alpha: float | None = None, targets: Sequence[str] | str | None = None, lr: float = 1e-4,
        text_encoder: bool = False, text_lr: float | None = None, dora: bool = False, weight_decay: float = 1e-2,
        start_step: int = 0, dropout: float = 0.0, seed: int = 0, text_targets: Sequence[str] | None = None,
    ):  # fmt: skip
        if rank < 1:
            raise UserError(f"rank {rank} was asked for", "take 1 or more")
        self.rank, self.alpha, self.targets, self.text_targets = rank, float(alpha or rank), targets, text_targets
        self.lr, self.text_lr, self.weight_decay = lr, text_lr if text_lr is not None else lr, weight_decay
        self.text_encoder, self.dora, self.start_step, self.dropout, self.seed = text_encoder, dora, start_step, dropout, seed
        self._adapter = f"persimg_{next(_counter)}"
        self._models: dict[str, nn.Module] = {}
        self._trains = False

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Lora:
        return cls(**config)

    def config(self) -> dict[str, Any]:
        targets = self.targets if isinstance(self.targets, str) or self.targets is None else list(self.targets)
        own = {} if self.text_targets is None else {"text_targets": list(self.text_targets)}
        return {"rank": self.rank, "alpha": self.alpha, "targets": targets, "text_encoder": self.text_encoder, "dora": self.dora, **own}

    @property
    def num_modules(self) -> int:
        return sum(1 for _ in self._layers())

    def attach(self, base: Base, weights: Weights | None = None, scale: float = 1.0) -> None:
        self._models = base.models(self.text_encoder)
        for name, model in self._models.items():
            targets = self._targets(base) if name == "unet" else self._targets_of_text(f"{name}.")
            if targets:
                self._inject(model, targets)
        try:
            self._fill(weights, scale)
        except UserError:
            self.detach()
            raise

    def _targets(self, base: Base) -> list[str]:
        if self.targets is None:
            return list(base.lora_targets)
        return list(base.lora_targets_all) if self.targets == "all" else list(self.targets)

    def _targets_of_text(self, prefix: str) -> list[str]:
        if self.text_targets is None:
            return list(TEXT_TARGETS)
        return [target.removeprefix(prefix) for target in self.text_targets if target.startswith(prefix)]

    def _inject(self, model: nn.Module, targets: list[str]) -> None:
        from peft import LoraConfig, inject_adapter_in_model

        config = LoraConfig(
            r=self.rank, lora_alpha=self.alpha, target_modules=targets, lora_dropout=self.dropout, use_dora=self.dora,
        )  # fmt: skip
        try:
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", "Already found a `peft_config`")
                inject_adapter_in_model(config, model, adapter_name=self._adapter)
            model.train(model.training)  # new layers are in training mode whatever the model's is
        except ValueError as error:
            raise UserError(f"LoRA targets {', '.join(targets)} name no layer of this base", "choose other targets") from error

    @torch.no_grad()
    def _fill(self, weights: Weights | None, scale: float) -> None:
        params = dict(self._named())
        if weights is None:
            for name, param in params.items():
                if ".lora_A." in name:
                    generator = seeds.generator(self.seed, "lora", name)
                    param.copy_(torch.randn(param.shape, generator=generator) / self.rank)
        else:
            check_names("lora", {n: tuple(p.shape) for n, p in params.items()}, weights)
            for name, param in params.items():
                # a magnitude is |W| as peft begins with it; lerp is exact at 0 and at 1
                part = scale if ".lora_magnitude_vector." in name else 1.0
                param.lerp_(weights[name].to(param), part)
        for _, layer in self._layers():
            layer.set_scale(self._adapter, scale)
            # every attached adapter stays active; peft switches to the newest alone
            layer.set_adapter(list(layer.r))
        for _, param in self._all_adapter_params():
            param.requires_grad_(False)
        for param in params.values():
            param.requires_grad_(weights is None)
        self._trains = weights is None

    def _layers(self) -> Iterator[tuple[str, Any]]:
        """Adapted layers with their names, "unet." or "text_encoder." first."""
        from peft.tuners.lora import LoraLayer

        for prefix, model in self._models.items():
            for name, module in model.named_modules():
                if isinstance(module, LoraLayer) and self._adapter in module.r:
                    yield f"{prefix}.{name}", module

    def _named(self) -> Iterator[tuple[str, nn.Parameter]]:
        """Own parameters under peft's names without the adapter's: unet.….to_q.lora_A.weight."""
        for name, layer in self._layers():
            for part in _PARTS:
                holder = getattr(layer, part)
                if self._adapter in holder:
                    for leaf, param in holder[self._adapter].named_parameters():
                        yield f"{name}.{part}.{leaf}", param

    def _all_adapter_params(self) -> Iterator[tuple[str, nn.Parameter]]:
        for _, layer in self._layers():
            for part in _PARTS:
                yield from getattr(layer, part).named_parameters()

    def param_groups(self) -> list[dict[str, Any]]:
        named = list(self._named())
        unet = [p for name, p in named if name.startswith("unet.")]
        text = [p for name, p in named if not name.startswith("unet.")]
        groups = [{"params": unet, "lr": self.lr, "weight_decay": self.weight_decay, "name": "lora"}]
        if text:
            groups.append({"params": text, "lr": self.text_lr, "weight_decay": self.weight_decay, "name": "lora_text"})
        return groups

    def weights(self) -> dict[str, Tensor]:
        return {name: param.detach().float().cpu().clone() for name, param in self._named()}

    def after_step(self, step: int) -> None:
        if self._trains != (trains := step >= self.start_step):
            for _, param in self._named():
                param.requires_grad_(trains)
            self._trains = trains

    def round(self) -> None:
        """Files hold every bit."""

    def detach(self) -> None:
        for prefix, model in self._models.items():
            for name, layer in list(self._layers_of(model)):
                layer.delete_adapter(self._adapter)
                if not layer.r:
                    parent, _, leaf = name.rpartition(".")
                    setattr(model.get_submodule(parent), leaf, layer.get_base_layer())
            configs = getattr(model, "peft_config", {})
            configs.pop(self._adapter, None)
            if not configs and hasattr(model, "peft_config"):
                del model.peft_config
        self._models = {}

    def _layers_of(self, model: nn.Module) -> Iterator[tuple[str, Any]]:
        from peft.tuners.lora import LoraLayer

        return ((n, m) for n, m in model.named_modules() if isinstance(m, LoraLayer) and self._adapter in m.r)
