"""Which precision trains fastest here: bf16 where processor or GPU multiplies in it, else fp32 (emulated bf16 is many times slower)."""

from __future__ import annotations

import torch

FAST_BF16 = torch.cuda.is_available() or torch.ops.mkldnn._is_mkldnn_bf16_supported()


def autocast(device: str | torch.device) -> torch.autocast:
    """bf16 autocast where it pays, else fp32."""
    return torch.autocast(torch.device(device).type, dtype=torch.bfloat16, enabled=FAST_BF16)
