"""One picture to be made, as data: its id is the hash of all that it depends on."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any, Mapping

from persimg.errors import UserError
from persimg.sampling.safety import MODES
from persimg.sampling.schedulers import CLASSES

SAMPLER_VERSION = 1
MAX_SEED = 2**63 - 1
TO_JSON = json.JSONEncoder(sort_keys=True)


@dataclass(frozen=True)
class ConceptUse:
    """A concept in a picture: its name, the digest of its weights, the scale it is applied at."""

    name: str
    digest: str
    scale: float = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "scale", float(self.scale))  # 1 is 1.0, also as a key


@dataclass(frozen=True)
class GuideUse:
    """A guide in a picture: the name of its file and its parameters, as JSON."""

    name: str
    parameters: str = "{}"


def guide_uses(guides: Mapping[str, Any]) -> tuple[GuideUse, ...]:
    """Name → parameters, as a task has them."""
    return tuple(GuideUse(name, json.dumps(parameters, sort_keys=True)) for name, parameters in guides.items())


def later(default: Any) -> Any:
    """A field that came after others had ids: at its default it doesn't enter the id, so that old ids stay."""
    return field(default=default, metadata={"later": True})


@dataclass(frozen=True)
class Task:
    """width and height in px, None for the base's own; scheduler None for the base's own.

    init_image: the digest of a picture to start from; strength: the part of the steps that is drawn anew then, (0, 1];
    guides: what acts on the conditioning, from `persimg.sampling.guides`. cache_interval: the U-Net's deep features are computed
    every so many steps (`sampling/feature_cache.py`); guidance_until: the part of the steps that is guided, from the first on, (0, 1]
    (Kynkäänniemi et al. 2024, arXiv:2404.07724: at low noise guidance does little); the rest cost half.
    safety, safety_checker: what becomes of pictures that a checker flags, and which one judges (`sampling/safety.py`).
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
    guides: tuple[GuideUse, ...] = ()
    cache_interval: int = later(1)
    guidance_until: float = later(1.0)
    safety: str = later("off")
    safety_checker: str = later("")

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
        if not 1 <= self.cache_interval <= 1000:
            raise UserError(f"--cache-interval {self.cache_interval} is out of range", "take 1 to 1000; 1 keeps nothing")
        if not 0 < self.guidance_until <= 1:
            raise UserError(f"--guidance-until {self.guidance_until} is out of range", "take more than 0, up to 1")
        if self.safety not in MODES:
            raise UserError(f"--safety {self.safety} is unknown", f"choose one of {', '.join(MODES)}")

    @property
    def id(self) -> str:
        """16 hex digits over every field that says something, and the version of the sampler."""
        # a job has 100 000 of these, most of which differ from their neighbour by the seed alone
        before, after = _around_seed(*(vars(self) | {"seed": None}).values())
        return hashlib.sha256(f"{before}{self.seed}{after}".encode()).hexdigest()[:16]

    def shape_key(self) -> tuple[Any, ...]:
        """Tasks with equal keys can share a batch."""
        size, guidance = (self.width, self.height), (self.guidance, self.guidance_until)
        return *size, self.steps, *guidance, self.scheduler, self.init_image is not None, self.strength, self.cache_interval


@functools.lru_cache(4096, typed=True)
def _around_seed(*values: Any) -> tuple[str, str]:
    """What is hashed, as JSON, up to the seed and from there on. Quotes within texts are escaped, so that the key is found once."""
    given = dict(zip(FIELDS, values, strict=True))
    given |= {name: [vars(use) for use in given[name]] for name in ("concepts", "guides")}
    kept = {name: value for name, value in given.items() if name not in LATER or value != LATER[name]}
    before, key, after = TO_JSON.encode([SAMPLER_VERSION, kept]).partition('"seed": null')
    assert key
    return before + '"seed": ', after


FIELDS = tuple(f.name for f in dataclasses.fields(Task))
LATER = {f.name: f.default for f in dataclasses.fields(Task) if f.metadata.get("later")}
