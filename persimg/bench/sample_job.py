"""The job of `persimg bench sample`: tasks of several concepts, mixed, with prompts that come back under several seeds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from persimg import seeds

if TYPE_CHECKING:
    from persimg.bases.base import Base
    from persimg.concepts.concept import Concept
    from persimg.sampling.task import Task

SEED = 61_803
NOUNS = ("cat", "dog", "robot", "car")
NUM_PROMPTS = 10
RANK, SPREAD = 4, 0.02
"""of the random LoRA: what it adds is about a seventh of a layer's weights"""


@dataclass(frozen=True)
class Options:
    """What all arms have in common."""

    base: str
    tasks: int
    concepts: int
    steps: int
    threads: int
    device: str = "cpu"
    dtype: str | None = "fp32"


@dataclass(frozen=True)
class Job:
    """concepts by name; tasks in the order in which they were asked for."""

    concepts: dict[str, Concept]
    tasks: tuple[Task, ...]


def make_job(base: Base, options: Options) -> Job:
    """The same in every process: random LoRA of the attention projections, prompts of a suite under one seed after the other."""
    from persimg.evaluation.suite import DRAWN, SHARED
    from persimg.sampling.sampler import Sampler

    concepts = [random_concept(base, number) for number in range(options.concepts)]
    prompts = (DRAWN if base.word_level else SHARED)[:NUM_PROMPTS]
    tasks = []
    for i in range(options.tasks):
        concept, place = concepts[i % len(concepts)], i // len(concepts)
        prompt = prompts[place % len(prompts)].format(concept.card.placeholder)
        tasks.append(Sampler(base, [concept]).task(prompt, seed=place // len(prompts), steps=options.steps))
    return Job({concept.card.name: concept for concept in concepts}, tuple(tasks))


def random_concept(base: Base, number: int) -> Concept:
    """Untrained: speed doesn't depend on what was learned."""
    import torch

    from persimg.concepts.concept import Card, Concept
    from persimg.spaces import Lora

    space = Lora(rank=RANK, seed=number)
    space.attach(base)
    weights = space.weights()
    space.detach()
    for name in weights:
        if ".lora_B." in name:
            weights[name] = SPREAD * torch.randn(weights[name].shape, generator=seeds.generator(SEED, name, number))
    noun = NOUNS[number % len(NOUNS)]
    return Concept(Card(f"c{number}", noun, noun, base.record, spaces={"lora": space.config()}), {"lora": weights})


def said(job: Job, task: Task) -> str:
    """A task's prompt as any other pipeline takes it."""
    card = job.concepts[task.concepts[0].name].card
    return task.prompt.replace(card.placeholder, card.expansion)


def cheaper(job: Job, **settings: float) -> Job:
    """The same tasks with other settings."""
    return replace(job, tasks=tuple(replace(task, **settings) for task in job.tasks))
