"""One loop for all methods. Every random number is a function of seed, purpose, step and index in the global batch.

So a resumed run equals an uninterrupted one bit for bit, and the number of processes changes nothing but the order in
which sums are rounded, and what dropout leaves out.
"""

from __future__ import annotations

import contextlib
import logging
import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Iterator, Sequence

import torch
from torch import Tensor

from persimg import seeds
from persimg.bases.base import Base, Conditioning
from persimg.concepts.prompts import expand
from persimg.data.cache import Example
from persimg.data.concept_data import ConceptData
from persimg.errors import UserError
from persimg.objectives.objective import Objective, Step
from persimg.spaces import Stack
from persimg.training import checkpoint
from persimg.training.optimizers import make_optimizer
from persimg.training.recipe import TrainRecipe

LONG = 3.0
"""median word norms; with CLIP, prompts tend to ignore their other words where a new row is longer"""


@dataclass(frozen=True)
class Row:
    """One row of a batch before it is noised."""

    example: Example
    caption: str
    is_class: bool
    mirrored: bool


class Loop:
    """Runs optimiser steps on an attached space.

    data, examples: the subject; class_examples, class_caption: rows for prior preservation, as many as subject rows.
    """

    def __init__(
        self, base: Base, space: Stack, objectives: Sequence[Objective], data: ConceptData, examples: Sequence[Example],
        recipe: TrainRecipe, expansions: dict[str, str], accelerator: Any, class_examples: Sequence[Example] = (), class_caption: str = "",
    ):  # fmt: skip
        self.base, self.space, self.objectives, self.data, self.examples = base, space, objectives, data, examples
        self.expansions, self.accelerator = expansions, accelerator
        self.class_examples, self.class_caption = class_examples, class_caption
        self.seed, self.batch_size, self.accumulation = recipe.seed, recipe.batch_size, recipe.gradient_accumulation
        self.max_grad_norm, self.flip, self.ema_decay = recipe.max_grad_norm, recipe.flip, recipe.ema_decay
        groups = space.param_groups()
        self.params: list[Tensor] = [p for group in groups for p in group["params"]]
        self.optimizer = make_optimizer(recipe.optimizer, groups)
        self.base_lrs = [group["lr"] for group in self.optimizer.param_groups]
        self.lr_factor = lr_factor(recipe, self.optimizer)
        self.averages = [p.detach().clone() for p in self.params] if recipe.ema_decay else None
        self.prepared = accelerator.prepare(self.optimizer)
        self.trains_text = any(p.requires_grad for e in base.text_encoders.values() for p in e.parameters())
        self._conditionings: dict[tuple[str, tuple[int, int]], Conditioning] = {}
        if recipe.gradient_checkpointing:
            base.denoiser.enable_gradient_checkpointing()
        self.step = 0
        self.is_whole = True
        """no update is half done: what could be saved now is the state after `step` steps"""
        self._warned = False

    # --- one optimiser step -------------------------------------------------------------------------------------------

    def run_step(self) -> dict[str, float]:
        """One optimiser step; returns loss, learning rate, gradient norm. UserError (exit 3) when the loss isn't finite."""
        started = time.perf_counter()
        if not self.base.denoiser.training:
            self.base.denoiser.train()
        factor = self.lr_factor(self.step)
        for group, lr in zip(self.optimizer.param_groups, self.base_lrs):
            group["lr"] = lr * factor
        loss = sum(self._backward(micro) for micro in range(self.accumulation))
        if not math.isfinite(loss):
            raise self._not_finite("loss", loss)
        self.is_whole = False
        norm = self._update()
        self.step += 1
        self.space.after_step(self.step)
        self._average()
        self.is_whole = True
        # Prodigy's own estimate d is what its rate of 1 multiplies
        rate = max(g["lr"] * g.get("d", 1.0) for g in self.optimizer.param_groups)
        return {"loss": loss, "grad_norm": norm, "lr": rate, **self._row_norm(), "seconds": time.perf_counter() - started}

    def _row_norm(self) -> dict[str, float]:
        """The new rows' norm against words', where there are rows; says once when it is large."""
        if (norm := self.space.relative_norm) is None:
            return {}
        # a finding about CLIP; the embedded base's recommended settings lead beyond
        if norm > LONG * 1.001 and not (self._warned or self.base.word_level) and self.accelerator.is_main_process:
            self._warned = True
            logging.getLogger("persimg").warning(
                "at step %d the new rows are %.1f times as long as words; prompts may ignore their other words: "
                "lower their learning rate", self.step, norm,
            )  # fmt: skip
        return {"relative_norm": norm}

    def _not_finite(self, what: str, value: float) -> UserError:
        self.prepared.zero_grad()
        return UserError(f"the {what} is {value} at step {self.step + 1}", "lower the learning rate; the last checkpoint is good", 3)

    def _backward(self, micro: int) -> float:
        """Forward and backward over this process's share of one micro-batch; returns its loss over all processes."""
        step = self._forward(micro)
        loss = sum(objective(step) for objective in self.objectives) / self.accumulation
        self.accelerator.backward(loss)
        mean = self.accelerator.reduce(loss.detach(), "mean") if self.accelerator.num_processes > 1 else loss.detach()
        return float(mean)

    def _forward(self, micro: int) -> Step:
        share = self.batch_size // self.accelerator.num_processes
        first = micro * self.batch_size + self.accelerator.process_index * share
        places = range(first, first + share)
        rows = self._rows(places, micro)
        device = self.base.device
        z_0 = torch.stack([r.example.mirrored if r.mirrored and r.example.mirrored is not None else r.example.latents for r in rows])
        where = [(self.step, place, role) for role in range(len(rows) // share) for place in places]
        noise = torch.stack([torch.randn(z_0.shape[1:], generator=seeds.generator(self.seed, "noise", *w)) for w in where])
        t = torch.cat([self.base.sample_timesteps(1, seeds.generator(self.seed, "timestep", *w)) for w in where])
        z_0, noise, t = z_0.to(device), noise.to(device), t.to(device)
        with self._own_dropout(micro), self.accelerator.autocast():
            cond = self._conditioning([r.caption for r in rows], z_0.shape[-2:])
            z_t = self.base.add_noise(z_0, noise, t)
            pred = self.base.predict(z_t.to(self.base.dtype), t, cond)
        is_class = torch.tensor([r.is_class for r in rows], device=device)
        return Step(self.base, self.step, z_0, noise, t, z_t, cond, pred, self.base.target(z_0, noise, t), is_class, self._masks(rows, z_0))

    @contextlib.contextmanager
    def _own_dropout(self, micro: int) -> Iterator[None]:
        """Dropout draws from torch's own generators: they belong to this place meanwhile, and are then put back."""
        device = self.base.device
        with torch.random.fork_rng([device] if device.type == "cuda" else []):
            torch.manual_seed(seeds.integer(self.seed, "dropout", self.step, micro, self.accelerator.process_index))
            yield

    def _update(self) -> float:
        if self.accelerator.num_processes > 1:
            for param in self.params:
                if param.grad is not None:
                    param.grad = self.accelerator.reduce(param.grad, "mean")
        trained = [p for p in self.params if p.grad is not None]
        norm = float(self.accelerator.clip_grad_norm_(trained, self.max_grad_norm))
        # with fp16 the scaler passes over such a step and lowers its scale
        if not math.isfinite(norm) and self.accelerator.scaler is None:
            raise self._not_finite("gradient", norm)
        self.prepared.step()
        self.prepared.zero_grad()
        return norm

    @torch.no_grad()
    def _average(self) -> None:
        if self.averages is not None:
            decay = min(self.ema_decay or 0, (1 + self.step) / (10 + self.step))
            torch._foreach_lerp_(self.averages, [p.detach() for p in self.params], 1 - decay)

    # --- rows ---------------------------------------------------------------------------------------------------------

    def _rows(self, places: range, micro: int) -> list[Row]:
        """Subject rows, then as many class rows where there are class pictures."""
        size = self._bucket(micro)
        own = [i for i, example in enumerate(self.examples) if example.size == size]
        rows = [self._row(self._pick(own, place), place) for place in places]
        if self.class_examples:
            fitting = [e for e in self.class_examples if e.size == size] or list(self.class_examples)
            picks = [seeds.integer(self.seed, "class", self.step, place) % len(fitting) for place in places]
            rows += [Row(fitting[i], self.class_caption, True, False) for i in picks]
        return rows

    def _bucket(self, micro: int) -> tuple[int, int]:
        """The size of this micro-batch: that of one picture drawn at random."""
        return self.examples[seeds.integer(self.seed, "bucket", self.step, micro) % len(self.examples)].size

    def _pick(self, own: list[int], place: int) -> int:
        """Every picture of a size once before any comes again."""
        position = self.step * self.batch_size * self.accumulation + place
        epoch, at = divmod(position, len(own))
        order = list(own)
        seeds.rng(self.seed, "order", epoch).shuffle(order)
        return order[at]

    def _row(self, index: int, place: int) -> Row:
        rng = seeds.rng(self.seed, "caption", self.step, place)
        caption = expand(self.data.caption(index, rng), self.expansions)
        return Row(self.examples[index], caption, False, self.flip and rng.random() < 0.5)

    def _masks(self, rows: Sequence[Row], like: Tensor) -> Tensor | None:
        if all(r.example.mask is None for r in rows):
            return None
        ones = torch.ones(1, *like.shape[-2:])
        masks = [ones if r.example.mask is None else r.example.mask.flip(-1) if r.mirrored else r.example.mask for r in rows]
        return torch.stack(masks).to(like)

    def _conditioning(self, captions: Sequence[str], latent_size: Sequence[int]) -> Conditioning:
        """Encoded with gradients where the text side trains, else once a caption."""
        size = (latent_size[0] * self.base.downscale, latent_size[1] * self.base.downscale)
        if self.trains_text:
            return self.base.encode_prompts(captions, size)
        for caption in captions:
            if (caption, size) not in self._conditionings:
                with torch.no_grad():
                    self._conditionings[caption, size] = self.base.encode_prompts([caption], size)
        return Conditioning.cat([self._conditionings[caption, size] for caption in captions])

    # --- weights ------------------------------------------------------------------------------------------------------

    @torch.no_grad()
    def with_averages(self, function: Callable[[], Any], as_in_files: bool = False) -> Any:
        """Call a function while the averaged weights, if any, are in place; as_in_files: in the precision that files have."""
        if self.averages is None and not as_in_files:
            return function()
        live = [p.detach().clone() for p in self.params]
        try:
            if self.averages is not None:
                torch._foreach_copy_(self.params, self.averages)
            if as_in_files:
                self.space.round()
            return function()
        finally:
            torch._foreach_copy_(self.params, live)

    def save_state(self, path: Path) -> None:
        checkpoint.save_state(path, self.step, self.params, self.optimizer, self.averages, self.accelerator.scaler)

    def load_state(self, path: Path) -> None:
        self.step = checkpoint.load_state(path, self.params, self.optimizer, self.averages, self.accelerator.scaler)


def lr_factor(recipe: TrainRecipe, optimizer: torch.optim.Optimizer) -> Callable[[int], float]:
    """diffusers' schedule as a pure function of the step, so that nothing of it needs saving."""
    from diffusers.optimization import get_scheduler

    schedule = get_scheduler(
        recipe.lr_schedule, optimizer, num_warmup_steps=recipe.warmup_steps, num_training_steps=recipe.steps
    )
    return schedule.lr_lambdas[0]
