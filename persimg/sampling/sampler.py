"""Tasks to pictures, in batches of one shape, so that a picture doesn't depend on its neighbours."""

from __future__ import annotations

import contextlib
import itertools
import logging
from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Callable, Iterable, Iterator, Mapping, Sequence

import torch
from torch import Tensor

from persimg.bases.base import Base
from persimg.concepts.concept import Concept
from persimg.concepts.prompts import expand
from persimg.errors import UserError
from persimg.sampling.background import Background
from persimg.sampling.denoising import Denoising
from persimg.sampling.pictures import decoded
from persimg.sampling.safety import Safety
from persimg.sampling.schedulers import a1111_name
from persimg.sampling.task import ConceptUse, Task
from persimg.sampling.texts import Texts
from persimg.spaces import Stack, attach_concept, whole_first
from persimg.spaces.fusing import Fused

if TYPE_CHECKING:
    from PIL import Image

DEFAULT_BATCH = 4
log = logging.getLogger("persimg")


@dataclass(frozen=True)
class Generated:
    """A picture with the task that it answers and A1111's name of its scheduler; a preview has the number of steps done.

    unsafe: the checker flagged what was drawn; the picture is what the task's `safety` leaves of it.
    """

    task: Task
    picture: Image.Image
    preview_step: int | None = None
    sampler: str = ""
    unsafe: bool = False

    @property
    def is_blocked(self) -> bool:
        """Nothing is left of it that could be saved."""
        return self.unsafe and self.task.safety == "block"


@dataclass(frozen=True)
class _Options:
    """Of a stream."""

    previews_every: int
    init_images: Mapping[str, Image.Image]
    save: Callable[[Generated], Any] | None


class Sampler:
    """Draws tasks with a base and any number of concepts; a context manager that attaches and detaches them.

    concepts: concepts, or pairs of concept and scale. batch: rows of every forward pass; the last batch is padded, so
    that with one batch and thread count a task gives the same bits whatever its slot, neighbours or order (default 4);
    under another batch or thread count its latents differ by rounding, less than 1e-4 in fp32.
    expansions: what further <name>s mean, for spaces that are attached already, as in training.
    strict: a word that the base doesn't know is an error, not a warning. force: pass over a concept's fingerprint.
    fuse: fold LoRA into the layers that it adapts: faster, other bits (`spaces/fusing.py`).
    safety: what becomes of pictures that a checker flags, previews too.
    """

    def __init__(
        self, base: Base, concepts: Sequence[Concept | tuple[Concept, float]] = (), batch: int | None = None,
        expansions: Mapping[str, str] | None = None, strict: bool = False, force: bool = False, fuse: bool = False,
        safety: Safety = Safety(),
    ):  # fmt: skip
        self.base, self.batch, self.strict, self.force = base, batch or DEFAULT_BATCH, strict, force
        self.concepts = [c if isinstance(c, tuple) else (c, 1.0) for c in concepts]
        self.expansions = dict(expansions or {}) | {c.card.placeholder: c.card.expansion for c, _ in self.concepts}
        if len({c.card.name for c, _ in self.concepts}) < len(self.concepts):
            raise UserError("two concepts have the same name", "load each concept once")
        self.fuse, self.safety = fuse, safety
        self._fused: Fused | None = None
        self._attached: list[Stack] = []
        self._warned: set[str] = set()

    def __enter__(self) -> Sampler:
        try:
            order = sorted(self.concepts, key=lambda use: whole_first(use[0].card.spaces))
            for concept, scale in order[len(self._attached) :]:
                self._attached.append(attach_concept(self.base, concept, scale, self.force))
            if self.fuse and self._fused is None:
                self._fused = Fused(self.base)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Detach the concepts, the last one first."""
        if self._fused is not None:
            self._fused.undo()
            self._fused = None
        while self._attached:
            self._attached.pop().detach()

    def task(self, prompt: str, **settings: Any) -> Task:
        """A task for this base and these concepts; guidance is the base's usual unless given."""
        uses = tuple(ConceptUse(c.card.name, c.digest, scale) for c, scale in self.concepts)
        usual = {"base": self.base.fingerprint, "concepts": uses, "guidance": self.base.default_guidance, **self.safety.marks}
        return Task(prompt, **usual | settings)

    def draw(self, prompts: Sequence[str], seeds: Sequence[int], **settings: Any) -> list[Image.Image]:
        """Pictures of prompts with a seed each; black where safety blocks one."""
        tasks = [self.task(prompt, seed=seed, **settings) for prompt, seed in zip(prompts, seeds, strict=True)]
        return [generated.picture for generated in self.stream(tasks)]

    def stream(
        self, tasks: Iterable[Task], previews_every: int = 0, init_images: Mapping[str, Image.Image] | None = None,
        overlap: bool = False, save: Callable[[Generated], Any] | None = None,
    ) -> Iterator[Generated]:  # fmt: skip
        """Pictures in the order of the tasks.

        previews_every: also yield the estimate of each picture every so many steps. init_images: pictures by the digest
        that tasks name. save: called with each finished picture before it is yielded, unless it is blocked. overlap: decode and save
        in a thread of their own while the next batch is denoised; an error there is raised here, a batch later. Neighbouring tasks of
        equal size, steps, guidance and scheduler share a batch. What is attached must stay as it is until the last picture.
        """
        with contextlib.ExitStack() as stack:
            if len(self._attached) < len(self.concepts):
                stack.enter_context(self)
            background = stack.enter_context(Background(self.base.device)) if overlap else None
            yield from self._stream(tasks, background, _Options(previews_every, init_images or {}, save))

    def _stream(self, tasks: Iterable[Task], background: Background | None, options: _Options) -> Iterator[Generated]:
        texts, waiting = Texts(self.base), deque[Future[list[Generated]]]()
        try:
            for rows in _batched(tasks, self.batch):
                run = self._run(rows)
                for preview in self._denoised(run, texts, options):
                    yield from _results(waiting)
                    yield preview
                finish = _Finish(self.base, rows, a1111_name(run.scheduler), self.safety, options.save)
                if background is None:
                    yield from finish(run.latents)
                else:
                    made = background.submit(run.latents, lambda latents, finish=finish: list(finish(latents)))
                    yield from _results(waiting)
                    waiting.append(made)
        except Exception:
            # a bad task takes no earlier picture with it
            yield from _results(waiting)
            raise
        yield from _results(waiting)

    def _run(self, tasks: Sequence[Task]) -> Denoising:
        for task in tasks:
            self._check_safety(task)
        prompts, negatives = [self._expanded(t.prompt) for t in tasks], [self._expanded(t.negative) for t in tasks]
        return Denoising(self.base, tasks, prompts, negatives, self.batch)

    def _denoised(self, run: Denoising, texts: Texts, options: _Options) -> Iterator[Generated]:
        """All steps of a batch; yields previews."""
        with _evaluating(self.base):
            run.start(texts, [options.init_images[t.init_image] for t in run.tasks] if run.tasks[0].init_image else None)
        for done in range(1, len(run.timesteps) + 1):
            with _evaluating(self.base):
                estimate = run.step()
                preview = options.previews_every and done % options.previews_every == 0 and done < len(run.timesteps)
                pictures = decoded(self.base, estimate, run.count) if preview else []
            for task, picture in zip(run.tasks, pictures):
                shown, unsafe = self.safety.shown(picture)
                yield Generated(task, shown, done, unsafe=unsafe)

    def _check_safety(self, task: Task) -> None:
        """A task's id says what is done about its picture; another sampler would make it a lie."""
        asked, ours = (" by ".join(filter(None, marks)) for marks in ((task.safety, task.safety_checker), self.safety.marks.values()))
        if asked != (ours or "off"):
            raise UserError(f"the task asks for safety {asked}, this sampler's is {ours or 'off'}", "make tasks with Sampler.task")

    def _expanded(self, prompt: str) -> str:
        text = expand(prompt, self.expansions)
        for word in self.base.unknown_words(text):
            if self.strict:
                raise UserError(f"the base doesn't know the word {word!r}", "use other words or leave out --strict", 3)
            if word not in self._warned:
                self._warned.add(word)
                log.warning("the base doesn't know the word %r; it will have no meaning", word)
        return text


@dataclass(frozen=True)
class _Finish:
    """Latents of a batch to its finished pictures."""

    base: Base
    tasks: Sequence[Task]
    sampler: str
    safety: Safety
    save: Callable[[Generated], Any] | None

    def __call__(self, latents: Tensor) -> Iterator[Generated]:
        with torch.no_grad():
            pictures = decoded(self.base, latents, len(self.tasks))
        for task, picture in zip(self.tasks, pictures):
            shown, unsafe = self.safety.shown(picture)
            generated = Generated(task, shown, sampler=self.sampler, unsafe=unsafe)
            if self.save and not generated.is_blocked:
                self.save(generated)
            yield generated


def _results(waiting: deque[Future[list[Generated]]]) -> Iterator[Generated]:
    while waiting:
        yield from waiting.popleft().result()


def _batched(tasks: Iterable[Task], size: int) -> Iterator[tuple[Task, ...]]:
    """Neighbours that can share a batch, so many at most."""
    for _, group in itertools.groupby(tasks, key=Task.shape_key):
        while rows := tuple(itertools.islice(group, size)):
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
