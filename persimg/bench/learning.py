"""Where a comparison's concepts come from: each arm trained on each subject once, or made by what the caller hands in."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generator, Mapping, Protocol, Sequence

from persimg import files
from persimg.bench.plan import Arm, Plan, recipe
from persimg.bench.subjects import Subject
from persimg.evaluation.evaluate import slug
from persimg.training.recipe import TrainRecipe, load_method

if TYPE_CHECKING:
    from PIL import Image

    from persimg.bases.base import Base


class Maker(Protocol):
    """Makes a concept without a run of its own. key: all that its concepts depend on beside the subject's pictures and the seed."""

    key: str

    def prepare(self, seed: int) -> None:
        """What all subjects share, and the time of which isn't one subject's."""

    def __call__(self, subject: Subject, seed: int, path: Path) -> None:
        """Write the concept file."""


@dataclass(frozen=True)
class Learned:
    """A concept: its file, the seconds of each stage ("learning", "choosing") and how many numbers were trained; empty where unknown.

    is_new: it wasn't there before.
    """

    path: Path
    seconds: Mapping[str, float]
    parameters: int | None
    is_new: bool


@dataclass(frozen=True)
class Step:
    """One optimiser step of a run."""

    step: int
    steps: int
    loss: float


@dataclass(frozen=True)
class Learning:
    """Trains into folders that arms with equal training share; what is there isn't trained again."""

    plan: Plan
    base: Base
    out: Path
    makers: Mapping[str, Maker]

    def concept(self, subject: Subject, arm: Arm, seed: int) -> Generator[Step, None, Learned]:
        return (yield from self._trained(subject, arm, seed)) if arm.method else self._made(subject, arm, seed)

    def _made(self, subject: Subject, arm: Arm, seed: int) -> Learned:
        maker = self.makers[arm.makes]
        key = files.digest_bytes(json.dumps([maker.key, self.base.fingerprint, seed, subject.plan.class_noun, digests(subject.training)]).encode())[:8]
        path = self.out / "made" / subject.plan.name / f"{slug(arm.makes)}-{key}.safetensors"
        noted, is_new = path.with_suffix(".json"), not path.exists()
        if is_new:
            maker.prepare(seed)
            started = time.monotonic()
            maker(subject, seed, path)
            files.write_json(noted, {"seconds": {"learning": round(time.monotonic() - started, 2)}, "parameters": 0})
        return _noted(path, noted, is_new)

    def _trained(self, subject: Subject, arm: Arm, seed: int) -> Generator[Step, None, Learned]:
        from persimg.training.run import train

        found, plan = recipe(self.plan, arm, seed), subject.plan
        parts = [arm.method, asdict(found), self.base.fingerprint, plan.class_noun, digests(subject.training), *named(arm.method, found, self.base)]
        values = json.dumps(parts, sort_keys=True)
        folder = self.out / "runs" / plan.name / f"{slug(arm.method)}-{files.digest_bytes(values.encode())[:8]}"
        concept, noted = folder / f"{plan.name}.safetensors", folder / "learned.json"
        kept = concept if arm.checkpoint == "chosen" else folder / "checkpoints" / f"{found.steps:06d}.safetensors"
        if concept.exists():  # written when a run is finished
            return _noted(kept, noted, False)
        told: dict[str, Any] = {}
        for event in train(arm.method, subject.folder, plan.name, plan.class_noun, self.base, folder, consent=plan.consent, **asdict(found)):
            if event.kind == "start":
                told["parameters"] = event.values["parameters"]
            elif event.kind == "step":
                yield Step(event.step, found.steps, event.values["loss"])
            elif event.kind == "finished":
                told["seconds"] = event.values["seconds"]
        files.write_json(noted, told)
        for state in (folder / "checkpoints").glob("*.state"):
            state.unlink()  # a finished cell isn't extended; states are the largest part of a run
        return _noted(kept, noted, True)


def named(method: str, found: TrainRecipe, base: Base) -> list[dict[str, str]]:
    """Digests of what a recipe names by a path or a name, which may hold something else the next time; empty of a method that says none."""
    module = load_method(method)
    return [module.depends_on(found, base)] if hasattr(module, "depends_on") else []


def _noted(concept: Path, noted: Path, is_new: bool) -> Learned:
    told = files.read_json(noted) if noted.exists() else {}
    return Learned(concept, told.get("seconds", {}), told.get("parameters"), is_new)


def stored_numbers(path: Path) -> int:
    """How many numbers a concept's file holds, embeddings that follow from coefficients left out."""
    from persimg.concepts import store
    from persimg.spaces.identity_basis import COEFFICIENTS

    weights = store.load(path).weights
    derived = [t for kind, part in weights.items() for name, t in part.items() if kind == "identity_basis" and COEFFICIENTS.format(name) in part]
    return sum(t.numel() for part in weights.values() for t in part.values()) - sum(t.numel() for t in derived)


def digests(pictures: Sequence[Image.Image]) -> list[str]:
    return [files.digest_bytes(p.tobytes()) for p in pictures]
