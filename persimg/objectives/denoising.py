"""Reconstruct the subject's pictures (Ho et al. 2020, arXiv:2006.11239, eq. 14), optionally weighted by SNR."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from persimg.objectives.objective import Step, squared_error


class Denoising:
    """min_snr_gamma: weight of Hang et al. 2023 (arXiv:2303.09556), 5 is usual; None: no weight."""

    needs: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, min_snr_gamma: float | None = None):
        self.min_snr_gamma = min_snr_gamma

    def __call__(self, step: Step) -> Tensor:
        error = squared_error(step)
        if self.min_snr_gamma is not None:
            error = error * min_snr(step, self.min_snr_gamma)
        own = ~step.is_class
        return error[own].mean()


def min_snr(step: Step, gamma: float) -> Tensor:
    """(B,) min(SNR, gamma) / SNR for epsilon, / (SNR + 1) for v: the v error is (SNR + 1) times that of z_0."""
    snr = step.base.snr(step.t)
    if step.base.prediction_type == "v_prediction":
        return snr.clamp(max=gamma) / (snr + 1)
    return (gamma / snr).clamp(max=1)
