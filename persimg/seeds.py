"""Stateless randomness: every random number is a pure function of a seed, a purpose and a place.

The place is a step and an index in the global batch, or a task's id. Rank and number of processes never enter,
so that a run resumes bit for bit and doesn't depend on how it is spread over devices.
"""

from __future__ import annotations

import hashlib
import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


def integer(seed: int, purpose: str, *where: int | str) -> int:
    """A number in [0, 2**63) that belongs to this seed, purpose and place alone."""
    key = "\x1f".join([str(seed), purpose, *map(str, where)])
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), "big") >> 1


def rng(seed: int, purpose: str, *where: int | str) -> random.Random:
    """Python's generator for this place."""
    return random.Random(integer(seed, purpose, *where))


def generator(seed: int, purpose: str, *where: int | str) -> torch.Generator:
    """A CPU torch.Generator for this place; draw on the CPU, then move, so that every device sees the same numbers."""
    import torch

    return torch.Generator().manual_seed(integer(seed, purpose, *where))


def picture_generator(seed: int) -> torch.Generator:
    """The generator of one picture's initial noise.

    Seeded as diffusers' users do, torch.Generator().manual_seed(seed): a plain pipeline given that generator
    starts from the same noise as our sampler.
    """
    import torch

    return torch.Generator().manual_seed(seed)
