"""The choice of a checkpoint: subject fidelity less copying, and prompt fidelity, on a suite of its own.

Prompts, seeds and encoder differ from those of the final evaluation, so that nothing is chosen by the scores that are
reported. On the embedded base the judge is the embedded selector; elsewhere an open_clip model, where one is named.

subject: mean cosine to the references, 0 where the base's class word is and 1 at the references among themselves.
copying: share of pictures nearer to a training picture than training pictures are to each other.
prompt: the picture's change from prompt to prompt, against the base's own change under the same prompts and seeds:
cosine to the own prompt's less the mean to the others'; 1 is the base's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Generator, Sequence

import torch
from torch import Tensor
from torch.nn.functional import normalize

from persimg import files
from persimg.bases.base import Base
from persimg.concepts import store
from persimg.evaluation.suite import SELECTION, SELECTION_DRAWN
from persimg.sampling.pictures import from_pictures
from persimg.sampling.sampler import Sampler

if TYPE_CHECKING:
    from PIL import Image

    from persimg.concepts.concept import Concept

SEED = 2_000_000
STEPS = 20
LEAST_SPAN = 0.02
Pictures = Sequence["Image.Image"]


@dataclass(frozen=True)
class Seen:
    """What a judge sees of N pictures: who (N, D), of length 1, and the whole picture (N, E)."""

    who: Tensor
    whole: Tensor


Judge = Callable[[Pictures], Seen]


def can_judge(name: str | None, base: Base) -> bool:
    """Whether load_judge finds one."""
    return name is not None or base.word_level


def load_judge(name: str | None, base: Base) -> Judge | None:
    """The embedded selector for "mini" (the default on the embedded base), an open_clip model by name, else None."""
    if not can_judge(name, base):
        return None
    if name not in (None, "mini"):
        from persimg.evaluation.backbones import load_backbone

        backbone = load_backbone(name)
        return lambda pictures: Seen(*[backbone.images(pictures)] * 2)
    from persimg.mini.nets import load_encoder

    encoder = load_encoder()

    @torch.no_grad()
    def look(pictures: Pictures) -> Seen:
        whole = encoder.pooled(from_pictures(pictures, (128, 128)))
        return Seen(encoder.identity(whole), whole)

    return look


def choose(
    base: Base, checkpoints: Sequence[Path], judge: Judge, class_noun: str, training: Pictures, held_out: Pictures, folder: Path
) -> Generator[dict[str, Any], None, Path]:
    """Yields the scores of each checkpoint, returns the one with the best sum.

    Writes curve.json and curve.png to the folder. Checkpoints scored before aren't again.
    """
    rule = _Rule(base, judge, class_noun, training, held_out)
    known = {p["digest"]: p for p in _read(folder / "curve.json", rule.key)}
    points = []
    for path in checkpoints:
        concept = store.load(path)
        points.append(known.get(concept.digest) or {"step": int(path.stem), "digest": concept.digest, **rule.score(concept)})
        files.write_json(folder / "curve.json", {"rule": rule.key, "points": points})
        yield points[-1]
    best = max(points, key=lambda p: (p["score"], -p["step"]))
    _write_curve(folder, points, best["step"])
    return checkpoints[points.index(best)]


def _read(path: Path, key: str) -> list[dict[str, Any]]:
    record = files.read_json(path) if path.exists() else {}
    return record["points"] if record.get("rule") == key else []


def _write_curve(folder: Path, points: list[dict[str, Any]], chosen: int) -> None:
    from persimg.evaluation.report import curve_figure

    record = files.read_json(folder / "curve.json")
    files.write_json(folder / "curve.json", {**record, "chosen": chosen})
    with files.write_beside(folder / "curve.png") as temporary:
        temporary.write_bytes(curve_figure(points, chosen, "choice of the checkpoint, on prompts and an encoder of its own"))


class _Rule:
    """Scores one checkpoint after the other against the same pictures of the base."""

    def __init__(self, base: Base, judge: Judge, class_noun: str, training: Pictures, held_out: Pictures):
        self.base, self.judge = base, judge
        self.prompts = SELECTION_DRAWN if base.word_level else SELECTION
        own = self._draw(class_noun, [])
        self.learned, self.references = judge(training), judge(held_out or training)
        seen = judge(own)
        self.floor = float((seen.who @ self.references.who.T).mean())
        self.ceiling = _among_themselves(self.references.who)
        self.directions = _directions(seen.whole)
        self.own_change = _contrast(self.directions @ self.directions.T)
        self.usual = _nearest_other(self.learned.whole)
        self.key = f"1 {base.fingerprint} {class_noun} {len(training)} {len(held_out)} {self.floor:.5f} {self.ceiling:.5f}"

    def _draw(self, subject: str, concepts: list[Concept]) -> Pictures:
        prompts = [p.replace("{}", subject) for p in self.prompts]
        with Sampler(self.base, concepts, batch=len(prompts)) as sampler:
            return sampler.draw(prompts, range(SEED, SEED + len(prompts)), steps=STEPS)

    def score(self, concept: Concept) -> dict[str, float]:
        seen = self.judge(self._draw(concept.card.placeholder, [concept]))
        span = max(self.ceiling - self.floor, LEAST_SPAN)
        subject = (float((seen.who @ self.references.who.T).mean()) - self.floor) / span
        nearest = (normalize(seen.whole, dim=1) @ normalize(self.learned.whole, dim=1).T).amax(1)
        copying = float((nearest > self.usual).float().mean())
        prompt = _contrast(_directions(seen.whole) @ self.directions.T) / self.own_change
        return {"subject": subject - copying, "copying": copying, "prompt": prompt, "score": subject - copying + prompt}


def _directions(whole: Tensor) -> Tensor:
    """What differs from prompt to prompt, whoever the subject is."""
    return normalize(whole - whole.mean(0), dim=1)


def _contrast(similarity: Tensor) -> float:
    """Mean cosine to the own prompt's less that to the others'."""
    others = (similarity.sum(1) - similarity.diagonal()) / (len(similarity) - 1)
    return float((similarity.diagonal() - others).mean())


def _among_themselves(who: Tensor) -> float:
    """Mean cosine of each picture to the others; 1 for a single one."""
    if len(who) < 2:
        return 1.0
    similarity = who @ who.T
    return float((similarity.sum() - similarity.diagonal().sum()) / (len(who) * (len(who) - 1)))


def _nearest_other(whole: Tensor) -> float:
    """The largest cosine of two of these pictures; 1, so that nothing counts as copied, for a single one."""
    unit = normalize(whole, dim=1)
    return float((unit @ unit.T).fill_diagonal_(-1).max()) if len(unit) > 1 else 1.0
