"""One batch on its way from noise to latents."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Sequence, TypeVar

import torch
from torch import Tensor

from persimg import seeds
from persimg.bases.base import Base, Conditioning
from persimg.sampling.guide import Denoiser, conditioned
from persimg.sampling.guides import taste
from persimg.sampling.guides.classifier_free import classifier_free
from persimg.sampling.guides.predicted_taste import predicted_taste
from persimg.sampling.pictures import from_pictures
from persimg.sampling.schedulers import make_scheduler
from persimg.sampling.task import Task
from persimg.sampling.text_keys import TextKeys
from persimg.sampling.texts import Texts

if TYPE_CHECKING:
    from PIL import Image

T = TypeVar("T")


class Denoising:
    """Tasks that can share a batch, padded to its rows; prompts and negatives: theirs, expanded.

    `start`, then `step` for each of `timesteps`; the first `count` rows of `latents` are what was asked for.
    """

    def __init__(self, base: Base, tasks: Sequence[Task], prompts: Sequence[str], negatives: Sequence[str], rows: int):
        self.base, self.count, first = base, len(tasks), tasks[0]
        self.tasks, self.prompts, self.negatives = (_padded(part, rows) for part in (tasks, prompts, negatives))
        height, width = first.height or base.default_size, first.width or base.default_size
        self.shape = base.latent_shape(height, width)
        self.size = height, width
        self.scheduler = make_scheduler(base, first.scheduler)
        self.scheduler.set_timesteps(first.steps, device=base.device)
        self.timesteps, self.done = self.scheduler.timesteps, 0
        self.generators = [seeds.picture_generator(task.seed) for task in self.tasks]

    def start(self, texts: Texts, init_pictures: Sequence[Image.Image] | None) -> None:
        task = self.tasks[0]
        cond = texts.rows(self.prompts, self.size, [task.guides for task in self.tasks])
        uncond = texts.rows(self.negatives, self.size)
        self.guided = self._guided(texts, cond, uncond)
        self.unguided = conditioned(self.base, cond, task.cache_interval)
        self.text_keys = TextKeys(self.base)
        noise = torch.cat([torch.randn((1, *self.shape), generator=g) for g in self.generators]).to(self.base.device)
        if init_pictures is None:
            self.latents = noise * self.scheduler.init_noise_sigma
        else:
            self._start_from(init_pictures, noise)
        self.guided_steps = max(1, round(task.guidance_until * len(self.timesteps)))

    def _guided(self, texts: Texts, cond: Conditioning, uncond: Conditioning) -> Denoiser:
        scale, interval = self.tasks[0].guidance, self.tasks[0].cache_interval
        pulls = [taste.pull(task.guides) for task in self.tasks]
        if not any(pulls):
            return classifier_free(self.base, cond, uncond, scale, interval)
        # rows without a pull repeat a text that is encoded already
        liked = texts.rows([pull.liked if pull else text for pull, text in zip(pulls, self.prompts)], self.size)
        disliked = texts.rows([pull.disliked if pull else text for pull, text in zip(pulls, self.negatives)], self.size)
        return predicted_taste(self.base, cond, uncond, liked, disliked, pulls, scale, interval)

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
        denoiser = self.guided if self.done < self.guided_steps else self.unguided
        with self.text_keys:
            pred = denoiser(model_input, t.expand(len(self.latents)).to(model_input.device))
        extra = {"generator": self.generators} if _takes_generator(self.scheduler) else {}
        output = self.scheduler.step(pred, t, self.latents, **extra)
        self.latents, self.done = output.prev_sample, self.done + 1
        estimate = output.get("pred_original_sample")
        return self.latents if estimate is None else estimate


def _padded(items: Sequence[T], rows: int) -> list[T]:
    return [*items, *[items[-1]] * (rows - len(items))]


def _takes_generator(scheduler: Any) -> bool:
    return "generator" in inspect.signature(scheduler.step).parameters
