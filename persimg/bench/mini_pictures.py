"""What `persimg bench mini` looks at: held-out scenes, their true renders, and pictures of their captions, kept in a folder.

Scenes come from seeds that no training script uses. A picture's file is named by its task, so that the same call draws
nothing twice and another base draws its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from persimg import files, seeds
from persimg.mini.world.caption import caption
from persimg.mini.world.figures import figure as somebody
from persimg.mini.world.figures import sample_look
from persimg.mini.world.render import Drawing, draw
from persimg.mini.world.scene import Scene, Subject, is_held_out, sample_scene

if TYPE_CHECKING:
    from persimg.bases.base import Base
    from persimg.evaluation.backbones import Backbone
    from persimg.mini.nets import Reader

SEED = 77_007
STEPS, GUIDANCE, BATCH = 25, 4.0, 32
PORTRAITS = 2
"""generated portraits a named person"""


# --- scenes -----------------------------------------------------------------------------------------------------------


def _scene(purpose: str, i: int, accept: Callable[[Scene], bool] = lambda scene: True, alone: bool = True, held_out: bool = False) -> Scene:
    """The i-th scene of its kind; two of five are of people. alone: with its first subject only."""
    rng = seeds.rng(SEED, purpose, i)
    while True:
        scene = sample_scene(rng, i % 5 in (1, 3), held_out)
        scene = replace(scene, subjects=scene.subjects[:1], relation="next to") if alone else scene
        if accept(scene):
            return scene


def single_scenes(count: int) -> list[Scene]:
    """One subject, only combinations of the training distribution."""
    return [_scene("single", i) for i in range(count)]


def pair_scenes(count: int) -> list[Scene]:
    """Two subjects."""
    return [_scene("pair", i, lambda scene: len(scene.subjects) == 2, alone=False) for i in range(count)]


def unseen_scenes(count: int) -> list[Scene]:
    """One subject, in a combination that is held out from all training."""
    return [_scene("unseen", i, is_held_out, held_out=True) for i in range(count)]


def portrait_scene(who: str, purpose: str, number: int) -> Scene:
    """Somebody alone, with a look of the training distribution, in its n-th scene of this purpose."""
    rng = seeds.rng(SEED, purpose, who, number)
    while True:
        found = somebody(who)
        person = replace(found, look=sample_look(rng, found.face))
        scene = sample_scene(rng, people=True)
        scene = replace(scene, subjects=(Subject("person", None, person=person),), relation="next to")
        if found.held_out or not is_held_out(scene):
            return scene


def sheet_text(scenes: Sequence[Scene], across: int) -> str:
    """Row, column and caption of the cells of a sheet, from its upper left corner; a cell a line, tabs between."""
    cells = (f"{i // across + 1}\t{i % across + 1}\t{caption(scene)}\n" for i, scene in enumerate(scenes))
    return "".join(["row\tcolumn\tcaption\n", *cells])


# --- tensors ----------------------------------------------------------------------------------------------------------


def to_pixels(pictures: Sequence[np.ndarray]) -> Tensor:
    """uint8 (128, 128, 3) pictures → (B, 3, 128, 128) in [-1, 1]."""
    return torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float().div(127.5).sub(1)


def in_parts(function: Callable[[Tensor], Any], x: Tensor) -> list[Any]:
    """The function of 32 rows after another, without gradients."""
    with torch.no_grad():
        return [function(part) for part in x.split(BATCH)]


# --- the bench --------------------------------------------------------------------------------------------------------


@dataclass
class Bench:
    """Models and pictures, each made when it is first asked for. captions: how many single scenes; the rest follows."""

    out: Path
    captions: int = 512
    base_name: str = "mini"
    reader_folder: Path | None = None
    tell: Callable[[str], None] = lambda text: None

    @cached_property
    def base(self) -> Base:
        from persimg.bases.loading import load_base

        return load_base(self.base_name)

    @cached_property
    def reader(self) -> Reader:
        from persimg.mini.nets import load_reader

        return load_reader(self.reader_folder)

    @cached_property
    def clip(self) -> Backbone:
        from persimg.evaluation.backbones import load_backbone

        return load_backbone("mini")

    @cached_property
    def singles(self) -> list[Scene]:
        return single_scenes(self.captions)

    @cached_property
    def pairs(self) -> list[Scene]:
        return pair_scenes(max(1, self.captions // 4))

    @cached_property
    def unseen(self) -> list[Scene]:
        return unseen_scenes(max(1, self.captions // 2))

    @cached_property
    def portraits(self) -> list[list[Scene]]:
        """[person][portrait]: all named people at 512 captions, fewer in proportion."""
        from persimg.mini.world.people import PEOPLE

        count = min(len(PEOPLE), max(2, self.captions // 4))
        return [[portrait_scene(f"person:{n}", "portrait", k) for k in range(PORTRAITS)] for n in range(count)]

    def renders(self, scenes: Sequence[Scene]) -> list[np.ndarray]:
        return [draw(scene, masks=False).picture for scene in scenes]

    def drawings(self, scenes: Sequence[Scene]) -> list[Drawing]:
        return [draw(scene) for scene in scenes]

    def generated(self, scenes: Sequence[Scene]) -> list[np.ndarray]:
        """Pictures of the canonical captions, with seeds 0, 1, …; from the folder where they are there."""
        from PIL import Image

        from persimg.sampling import provenance
        from persimg.sampling.sampler import Sampler

        sampler = Sampler(self.base, batch=BATCH)
        tasks = [sampler.task(caption(s), seed=i, steps=STEPS, guidance=GUIDANCE) for i, s in enumerate(scenes)]
        paths = [self.out / "pictures" / f"{task.id}.png" for task in tasks]
        missing = [task for task, path in zip(tasks, paths) if not path.exists()]
        if missing:
            self.tell(f"drawing {len(missing)} pictures")
        for made in sampler.stream(missing):
            provenance.save(made, self.out / "pictures" / f"{made.task.id}.png", self.base.name)
        return [np.asarray(Image.open(path).convert("RGB").resize((128, 128))) for path in paths]

    def sheet(self, count: int = 100, across: int = 10) -> Path:
        """The first pictures of single scenes, not chosen, on one sheet; sheet.txt beside it says what each should show."""
        from PIL import Image

        shown = self.generated(self.singles)[:count]
        shown += [np.full_like(shown[0], 255)] * (-len(shown) % across)
        rows = [np.concatenate(shown[i : i + across], 1) for i in range(0, len(shown), across)]
        with files.write_beside(self.out / "sheet.png") as temporary:
            Image.fromarray(np.concatenate(rows)).save(temporary, "PNG")
        files.write_text(self.out / "sheet.txt", sheet_text(self.singles[:count], across))
        return self.out / "sheet.png"
