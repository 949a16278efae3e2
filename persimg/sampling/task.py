"""One picture to be made, as data: its id is the hash of all that it depends on."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from typing import Any

from persimg.errors import UserError
from persimg.sampling.schedulers import CLASSES

SAMPLER_VERSION = 1
MAX_SEED = 2**63 - 1


@dataclass(frozen=True)
class ConceptUse:
    """A concept in a picture: its name, the digest of its weights, the scale it is applied at."""

    name: str
    digest: str
    scale: float = 1.0


@dataclass(frozen=True)
class Task:
    """width and height in px, None for the base's own; scheduler None for the base's own.

    init_image: the digest of a picture to start from; strength: the part of the steps that is drawn anew then, (0, 1].
    Raises UserError for values out of range.
    """

    prompt: str
    negative: str = ""
    concepts: tuple[ConceptUse, ...] = ()
    base: str = ""
    seed: int = 0
    width: int | None = None
    height: int | None = None
    steps: int = 25
    guidance: float = 4.0
    scheduler: str | None = None
    init_image: str | None = None
    strength: float = 0.6

    def __post_init__(self) -> None:
        if not 1 <= self.steps <= 1000:
            raise UserError(f"--steps {self.steps} is out of range", "take 1 to 1000")
        if not 0 <= self.seed <= MAX_SEED:
            raise UserError(f"--seed {self.seed} is out of range", f"take 0 to {MAX_SEED}")
        if not 0 <= self.guidance <= 100:
            raise UserError(f"--guidance {self.guidance} is out of range", "take 0 to 100; 1 switches guidance off")
        if self.scheduler is not None and self.scheduler not in CLASSES:
            raise UserError(f"--scheduler {self.scheduler} is unknown", f"choose one of {', '.join(CLASSES)}")
        if not 0 < self.strength <= 1:
            raise UserError(f"--strength {self.strength} is out of range", "take more than 0, up to 1")

    @property
    def id(self) -> str:
        """16 hex digits over every field and the version of the sampler."""
        text = json.dumps([SAMPLER_VERSION, dataclasses.asdict(self)], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def shape_key(self) -> tuple[Any, ...]:
        """Tasks with equal keys can share a batch."""
        return self.width, self.height, self.steps, self.guidance, self.scheduler, self.init_image is not None, self.strength
