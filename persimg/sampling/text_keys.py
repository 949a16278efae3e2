"""Keys and values of the text, which no step changes, computed once a batch instead of once a step."""

from __future__ import annotations

from typing import Callable

from torch import Tensor

from persimg.bases.base import Base


class TextKeys:
    """While entered, a cross-attention layer that gets the very tensor it got last answers as it did then: the same bits.

    On the CPU alone, where a step of the embedded base takes 3 % less (32 rows, fp32). At SDXL's size the layers are a hundredth of the
    work, and what they answer is 28 MB a row. A compiled denoiser is left as it is.
    """

    def __init__(self, base: Base):
        from diffusers.models.attention_processor import Attention

        found = base.denoiser.modules() if base.device.type == "cpu" and not base.is_compiled else ()
        layers = [layer for m in found if isinstance(m, Attention) and m.is_cross_attention for layer in (m.to_k, m.to_v)]
        self._layers = [(layer, _Last(layer.forward)) for layer in layers]

    def __enter__(self) -> None:
        for layer, last in self._layers:
            layer.forward = last

    def __exit__(self, *_: object) -> None:
        for layer, _ in self._layers:
            del layer.forward


class _Last:
    def __init__(self, forward: Callable[[Tensor], Tensor]):
        self.forward = forward
        self.given: Tensor | None = None
        self.answer: Tensor | None = None

    def __call__(self, x: Tensor) -> Tensor | None:
        if x is not self.given:
            self.given, self.answer = x, self.forward(x)
        return self.answer
