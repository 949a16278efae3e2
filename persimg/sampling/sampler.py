"""Tasks to pictures, in batches of one shape, so that a picture doesn't depend on its neighbours."""

from __future__ import annotations

import contextlib
import inspect
import itertools
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Iterable, Iterator, Mapping, Sequence

import torch
from torch import Tensor

from persimg import seeds
from persimg.bases.base import Base, Conditioning
from persimg.concepts.concept import Concept
from persimg.concepts.prompts import expand
from persimg.errors import UserError
from persimg.sampling.guides.classifier_free import classifier_free
from persimg.sampling.schedulers import a1111_name, make_scheduler
from persimg.sampling.task import ConceptUse, Task
from persimg.spaces import Stack, attach_concept, whole_first

if TYPE_CHECKING:
    from PIL import Image

DEFAULT_BATCH = 4
log = logging.getLogger("persimg")


@dataclass(frozen=True)
class Generated:
    """A picture with the task that it answers and A1111's name of its scheduler; a preview has the number of steps done."""

    task: Task
    picture: Image.Image
    preview_step: int | None = None
    sampler: str = ""


class Sampler:
    """Draws tasks with a base and any number of concepts; a context manager that attaches and detaches them.

    concepts: concepts, or pairs of concept and scale. batch: rows of every forward pass; the last batch is padded, so
    that with one batch and thread count a task gives the same bits whatever its slot, neighbours or order (default 4);
    under another batch or thread count its latents differ by rounding, less than 1e-4 in fp32.
    expansions: what further <name>s mean, for spaces that are attached already, as in training.
    strict: a word that the base doesn't know is an error, not a warning. force: pass over a concept's fingerprint.
    """

    def __init__(
        self, base: Base, concepts: Sequence[Concept | tuple[Concept, float]] = (), batch: int | None = None,
        expansions: Mapping[str, str] | None = None, strict: bool = False, force: bool = False,
    ):  # fmt: skip
        self.base, self.batch, self.strict, self.force = base, batch or DEFAULT_BATCH, strict, force
        self.concepts = [c if isinstance(c, tuple) else (c, 1.0) for c in concepts]
        self.expansions = dict(expansions or {}) | {c.card.placeholder: c.card.expansion for c, _ in self.concepts}
        if len({c.card.name for c, _ in self.concepts}) < len(self.concepts):
            raise UserError("two concepts have the same name", "load each concept once")
        self._attached: list[Stack] = []
        self._warned: set[str] = set()

    def __enter__(self) -> Sampler:
        try:
            order = sorted(self.concepts, key=lambda use: whole_first(use[0].card.spaces))
            for concept, scale in order[len(self._attached) :]:
                self._attached.append(attach_concept(self.base, concept, scale, self.force))
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Detach the concepts, the last one first."""
        while self._attached:
            self._attached.pop().detach()

    def task(self, prompt: str, **settings: Any) -> Task:
        """A task for this base and these concepts; guidance is the base's usual unless given."""
        uses = tuple(ConceptUse(c.card.name, c.digest, scale) for c, scale in self.concepts)
        return Task(prompt, **{"base": self.base.fingerprint, "concepts": uses, "guidance": self.base.default_guidance} | settings)

    def draw(self, prompts: Sequence[str], seeds: Sequence[int], **settings: Any) -> list[Image.Image]:
        """Pictures of prompts with a seed each."""
        tasks = [self.task(prompt, seed=seed, **settings) for prompt, seed in zip(prompts, seeds, strict=True)]
        return [generated.picture for generated in self.stream(tasks)]

    def stream(
        self, tasks: Iterable[Task], previews_every: int = 0, init_images: Mapping[str, Image.Image] | None = None
    ) -> Iterator[Generated]:
        """Pictures in the order of the tasks.

        previews_every: also yield the estimate of each picture every so many steps. init_images: pictures by the digest
        that tasks name. Neighbouring tasks of equal size, steps, guidance and scheduler share a batch.
        """
        with contextlib.ExitStack() as stack:
            if len(self._attached) < len(self.concepts):
                stack.enter_context(self)
            for _, group in itertools.groupby(tasks, key=Task.shape_key):
                for rows in _batched(group, self.batch):
                    yield from self._draw(rows, previews_every, init_images or {})

    def _draw(self, tasks: Sequence[Task], previews_every: int, init_images: Mapping[str, Any]) -> Iterator[Generated]:
        rows = [*tasks, *[tasks[-1]] * (self.batch - len(tasks))]
        run = _Denoising(self.base, rows, [self._expanded(t.prompt) for t in rows], [self._expanded(t.negative) for t in rows])
        with _evaluating(self.base):
            run.start([init_images[t.init_image] for t in rows] if tasks[0].init_image else None)
        for done in range(1, len(run.timesteps) + 1):
            with _evaluating(self.base):
                estimate = run.step()
                preview = previews_every and done % previews_every == 0 and done < len(run.timesteps)
                pictures = to_pictures(self.base.decode(estimate)) if preview else []
            yield from (Generated(task, picture, done) for task, picture in zip(tasks, pictures))
        with _evaluating(self.base):
            pictures = to_pictures(self.base.decode(run.latents))
        name = a1111_name(run.scheduler)
        yield from (Generated(task, picture, sampler=name) for task, picture in zip(tasks, pictures))

    def _expanded(self, prompt: str) -> str:
        text = expand(prompt, self.expansions)
        for word in self.base.unknown_words(text):
            if self.strict:
                raise UserError(f"the base doesn't know the word {word!r}", "use other words or leave out --strict", 3)
            if word not in self._warned:
                self._warned.add(word)
                log.warning("the base doesn't know the word %r; it will have no meaning", word)
        return text


class _Denoising:
    """One batch on its way from noise to latents."""

    def __init__(self, base: Base, tasks: Sequence[Task], prompts: list[str], negatives: list[str]):
        self.base, self.tasks, first = base, tasks, tasks[0]
        height, width = first.height or base.default_size, first.width or base.default_size
        self.shape = base.latent_shape(height, width)
        self.size = height, width
        self.scheduler = make_scheduler(base, first.scheduler)
        self.scheduler.set_timesteps(first.steps, device=base.device)
        self.timesteps, self.done = self.scheduler.timesteps, 0
        self.prompts, self.negatives = prompts, negatives
        self.generators = [seeds.picture_generator(task.seed) for task in tasks]

    def start(self, init_pictures: Sequence[Image.Image] | None) -> None:
        cond, uncond = (self._encoded(texts) for texts in (self.prompts, self.negatives))
        self.denoiser = classifier_free(self.base, cond, uncond, self.tasks[0].guidance)
        noise = torch.cat([torch.randn((1, *self.shape), generator=g) for g in self.generators]).to(self.base.device)
        if init_pictures is None:
            self.latents = noise * self.scheduler.init_noise_sigma
        else:
            self._start_from(init_pictures, noise)

    def _encoded(self, prompts: Sequence[str]) -> Conditioning:
        """Each distinct prompt alone: matrix products of another number of rows may sum in another order."""
        rows = {prompt: self.base.encode_prompts([prompt], self.size) for prompt in dict.fromkeys(prompts)}
        return Conditioning.cat([rows[prompt] for prompt in prompts])

    def _start_from(self, pictures: Sequence[Image.Image], noise: Tensor) -> None:
        """Noise the pictures to the part of the schedule that strength leaves (Meng et al. 2021, arXiv:2108.01073)."""
        steps, order = self.tasks[0].steps, self.scheduler.order
        skipped = (steps - max(1, round(steps * self.tasks[0].strength))) * order
        self.timesteps = self.timesteps[skipped:]
        if hasattr(self.scheduler, "set_begin_index"):
            self.scheduler.set_begin_index(skipped)
        z_0 = self.base.encode_pictures(from_pictures(pictures, self.size)).float()
        self.latents = self.scheduler.add_noise(z_0, noise, self.timesteps[:1].expand(len(noise)))

    def step(self) -> Tensor:
        """One step of the scheduler; returns the estimate of z_0 where the scheduler has one, else the latents."""
        t = self.timesteps[self.done]
        model_input = self.scheduler.scale_model_input(self.latents, t)
        pred = self.denoiser(model_input, t.expand(len(self.latents)).to(model_input.device))
        extra = {"generator": self.generators} if _takes_generator(self.scheduler) else {}
        output = self.scheduler.step(pred, t, self.latents, **extra)
        self.latents, self.done = output.prev_sample, self.done + 1
        estimate = output.get("pred_original_sample")
        return self.latents if estimate is None else estimate


def _takes_generator(scheduler: Any) -> bool:
    return "generator" in inspect.signature(scheduler.step).parameters


def _batched(items: Iterable[Task], size: int) -> Iterator[tuple[Task, ...]]:
    iterator = iter(items)
    while rows := tuple(itertools.islice(iterator, size)):
        yield rows


@contextlib.contextmanager
def _evaluating(base: Base) -> Iterator[None]:
    """No gradients, evaluation mode; the modes are put back."""
    training = [module for module in (base.denoiser, *base.text_encoders.values()) if module.training]
    try:
        for module in training:
            module.eval()
        with torch.no_grad():
            yield
    finally:
        for module in training:
            module.train()


def to_pictures(pixels: Tensor) -> list[Image.Image]:
    """(B, 3, H, W) in [-1, 1] → 8-bit pictures, rounded as diffusers does."""
    from PIL import Image

    values = (pixels / 2 + 0.5).clamp(0, 1).mul(255).round().byte().permute(0, 2, 3, 1).cpu().numpy()
    return [Image.fromarray(value) for value in values]


def from_pictures(pictures: Sequence[Image.Image], size: tuple[int, int]) -> Tensor:
    """Pictures → (B, 3, H, W) in [-1, 1], resized to (height, width)."""
    import numpy as np

    resized = [np.asarray(p.convert("RGB").resize((size[1], size[0]), resample=3)) for p in pictures]
    return torch.from_numpy(np.stack(resized)).permute(0, 3, 1, 2).float().div(127.5).sub(1)
