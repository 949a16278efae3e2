"""LoRA folded into the layers that it adapts, so that it costs nothing at a step, and taken out again bit for bit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from persimg.bases.base import Base


class Fused:
    """All LoRA that is attached to a base, fused by peft's own arithmetic until `undo`; the base's tensors are kept meanwhile.

    Pictures differ by rounding from those of LoRA beside its layers; in fp16 what is added is rounded as the weights are, as by
    diffusers' fuse_lora. A layer with DoRA and another adapter stays as it is: these don't just add.
    """

    @torch.no_grad()
    def __init__(self, base: Base):
        from peft.tuners.lora import LoraLayer

        self._fused: list[tuple[nn.Module, str, Any, Tensor]] = []
        layers = [(model, name, m) for model in base.models().values() for name, m in model.named_modules() if isinstance(m, LoraLayer)]
        try:
            for model, name, layer in layers:
                if len(layer.active_adapters) == 1 or not len(layer.lora_magnitude_vector):
                    parent, _, leaf = name.rpartition(".")
                    self._fuse(model.get_submodule(parent), leaf, layer)
        except BaseException:
            self.undo()
            raise

    def _fuse(self, parent: nn.Module, leaf: str, layer: Any) -> None:
        plain = layer.get_base_layer()
        self._fused.append((parent, leaf, layer, plain.weight.data))
        plain.weight.data = plain.weight.data.clone()
        layer.merge()
        setattr(parent, leaf, plain)

    def undo(self) -> None:
        """Before anything is detached."""
        for parent, leaf, layer, original in self._fused:
            layer.merged_adapters.clear()
            layer.get_base_layer().weight.data = original
            setattr(parent, leaf, layer)
        self._fused = []
