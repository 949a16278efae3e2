"""The ways in which `persimg bench sample` draws its job: the plain pipeline's, and persimg's with each saving by itself."""

from __future__ import annotations

import contextlib
import warnings
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Sequence

from persimg.bench.sample_job import Job, cheaper, said

if TYPE_CHECKING:
    from PIL import Image

    from persimg.bases.base import Base
    from persimg.sampling.task import Task

Pictures = dict[int, "Image.Image"]
"""number of a task in the job → its picture"""
Draw = Callable[[Job, int], Pictures]
"""job, batch → the pictures to compare"""
COMPARED = 32
"""of the first tasks, whose pictures are kept and compared"""


@dataclass(frozen=True)
class Arm:
    """kind: "loop", "best" or "ours"; of ours what is saved: keep texts and keys, decode in slices, fuse LoRA, overlap decoding.

    settings: of the tasks. workers: processes that share threads and job.
    """

    title: str
    kind: str = "ours"
    grouped: bool = True
    texts: bool = False
    keys: bool = False
    slices: bool = False
    fused: bool = False
    overlap: bool = False
    compiled: bool = False
    workers: int = 1
    settings: tuple[tuple[str, float], ...] = ()


ALL = Arm("persimg", texts=True, keys=True, slices=True, fused=True, overlap=True)
ARMS = {
    "loop": Arm("diffusers, a call a prompt", "loop"),
    "best": Arm("diffusers, its best batched call", "best"),
    "persimg": ALL,
    "none": Arm("persimg, task by task", grouped=False),
    "grouped": Arm("grouped, batched"),
    "texts": Arm("grouped, texts encoded once", texts=True),
    "keys": Arm("grouped, keys of the text once", keys=True),
    "slices": Arm("grouped, decoded in slices", slices=True),
    "fused": Arm("grouped, LoRA fused", fused=True),
    "overlap": Arm("grouped, decoding overlapped", overlap=True),
    "alone": replace(ALL, title="persimg without overlap", overlap=False),
    "workers": replace(ALL, title="persimg, two workers", workers=2),
    "compiled": replace(ALL, title="persimg, compiled", compiled=True),
    "cache2": replace(ALL, title="persimg, cache interval 2", settings=(("cache_interval", 2),)),
    "cache3": replace(ALL, title="persimg, cache interval 3", settings=(("cache_interval", 3),)),
    "guided": replace(ALL, title="persimg, guided until 0.6", settings=(("guidance_until", 0.6),)),
}


def make_draw(arm: Arm, base: Base, job: Job, folder: Path, part: int = 0) -> Draw:
    """Draws a job, or a worker's part of it, and saves its pictures in the folder, at a call. What is loaded for it is loaded here."""
    if arm.kind == "ours":
        return _ours(arm, base, folder, part)
    load_adapters(base, job, folder)
    return _loop(base, folder) if arm.kind == "loop" else _best(base, folder)


# --- the plain pipeline -----------------------------------------------------------------------------------------------


def _loop(base: Base, folder: Path) -> Draw:
    def draw(job: Job, batch: int) -> Pictures:
        found, active = {}, ""
        for number, task in enumerate(job.tasks):
            if (name := task.concepts[0].name) != active:
                base.pipeline.set_adapters(name)
                active = name
            found |= _kept([number], called(base, job, [task]), folder)
        return found

    return draw


def _best(base: Base, folder: Path) -> Draw:
    def draw(job: Job, batch: int) -> Pictures:
        found: Pictures = {}
        for numbers in groups(job, True):
            with fused(base, job.tasks[numbers[0]].concepts[0].name):
                for some in (numbers[i : i + batch] for i in range(0, len(numbers), batch)):
                    found |= _kept(some, called(base, job, [job.tasks[number] for number in some]), folder)
        return found

    return draw


def load_adapters(base: Base, job: Job, folder: Path) -> None:
    """Each concept by the pipeline's own loader, from a file that our exporter wrote."""
    from persimg.concepts.exporting import export

    for name, concept in job.concepts.items():
        path = export(concept, "diffusers", folder / "adapters" / f"{name}.safetensors", replace=True)[0]
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Already found a `peft_config`")
            base.pipeline.load_lora_weights(path.parent, weight_name=path.name, adapter_name=name)


@contextlib.contextmanager
def fused(base: Base, name: str) -> Any:
    """A concept's adapter, fused as diffusers does."""
    base.pipeline.set_adapters(name)
    base.pipeline.fuse_lora(adapter_names=[name])
    try:
        yield
    finally:
        base.pipeline.unfuse_lora()


def called(base: Base, job: Job, tasks: Sequence[Task]) -> list[Image.Image]:
    """One call of the pipeline."""
    from persimg import seeds

    first, prompts = tasks[0], [said(job, task) for task in tasks]
    generators = [seeds.picture_generator(task.seed) for task in tasks]
    return base.pipeline(prompts, num_inference_steps=first.steps, guidance_scale=first.guidance, generator=generators).images


def _kept(numbers: Sequence[int], pictures: Sequence[Image.Image], folder: Path) -> Pictures:
    for number, picture in zip(numbers, pictures, strict=True):
        picture.save(folder / f"{number}.png")
    return {number: picture for number, picture in zip(numbers, pictures) if number < COMPARED}


# --- persimg ----------------------------------------------------------------------------------------------------------


def _ours(arm: Arm, base: Base, folder: Path, part: int) -> Draw:
    """As the batch engine does: a group, its concept attached, after the other."""
    from persimg.sampling import provenance
    from persimg.sampling.sampler import Generated, Sampler

    def draw(job: Job, batch: int) -> Pictures:
        job, batch = cheaper(job, **dict(arm.settings)), batch if arm.grouped else 1
        order, found = {task: number for number, task in enumerate(job.tasks)}, {}

        def save(made: Generated) -> None:
            provenance.save(made, folder / f"{order[made.task]}.png", base.name)

        with _saving(arm, batch):
            for numbers in groups(job, arm.grouped)[part :: arm.workers]:
                tasks = [job.tasks[number] for number in numbers]
                sampler = Sampler(base, [job.concepts[tasks[0].concepts[0].name]], batch, fuse=arm.fused)
                made = sampler.stream(tasks, overlap=arm.overlap, save=save)
                found |= {number: m.picture for number, m in zip(numbers, made, strict=True) if number < COMPARED}
        return found

    return draw


def groups(job: Job, grouped: bool) -> list[list[int]]:
    """Numbers of tasks that are drawn without attaching anything in between."""
    from persimg.sampling.jobs.ledger import group_key

    if not grouped:
        return [[number] for number in range(len(job.tasks))]
    found: dict[str, list[int]] = {}
    for number, task in enumerate(job.tasks):
        found.setdefault(group_key(task), []).append(number)
    return list(found.values())


@contextlib.contextmanager
def _saving(arm: Arm, batch: int) -> Any:
    """What the arm doesn't save is switched off, for the bench alone: what costs nothing is no option."""
    from persimg.sampling import denoising, pictures, texts

    before = texts.MAX_BYTES, denoising.TextKeys, pictures.DECODED_TOGETHER
    if not arm.texts:
        texts.MAX_BYTES = 0
    if not arm.keys:
        denoising.TextKeys = lambda base: contextlib.nullcontext()  # type: ignore[assignment,misc]
    if not arm.slices:
        pictures.DECODED_TOGETHER = batch
    try:
        yield
    finally:
        texts.MAX_BYTES, denoising.TextKeys, pictures.DECODED_TOGETHER = before  # type: ignore[misc]
