"""Pictures of the class by the bare base, for prior preservation; made once, kept with their seeds."""

from __future__ import annotations

from pathlib import Path

from persimg import seeds
from persimg.bases.base import Base
from persimg.data.pictures import Picture, read_pictures
from persimg.sampling import provenance
from persimg.sampling.sampler import Sampler


def class_pictures(base: Base, prompt: str, count: int, steps: int, folder: Path, seed: int, batch: int = 8) -> tuple[Picture, ...]:
    """`count` pictures of `prompt`; what is there already isn't drawn again. Call before a space is attached."""
    key = seeds.integer(seed, "class pictures", base.fingerprint, prompt, steps) % 2**32
    target = folder / f"{key:08x}"
    paths = [target / f"{i:04d}.png" for i in range(count)]
    missing = [i for i, path in enumerate(paths) if not path.exists()]
    if missing:
        sampler = Sampler(base, batch=min(batch, len(missing)))
        tasks = [sampler.task(prompt, seed=seeds.integer(seed, "class picture", i), steps=steps) for i in missing]
        for i, generated in zip(missing, sampler.stream(tasks)):
            provenance.save(generated, paths[i], base.name)
    wanted = set(paths)
    return tuple(picture for picture in read_pictures(target) if picture.path in wanted)
