"""`train`: a run directory from pictures to a concept, as a stream of events.

The same call again resumes; a changed recipe or changed pictures are refused, naming what differs.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
import logging
import os
import shutil
import time
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Generator, Iterator

import yaml

from persimg import files
from persimg.bases.loading import check_base_name, check_device, load_base
from persimg.concepts import library, store
from persimg.concepts.concept import Card, Concept
from persimg.data.concept_data import ConceptData
from persimg.data.pictures import noted, opened
from persimg.errors import UserError
from persimg.training import checkpoint, log, samples
from persimg.training.consent import shown
from persimg.training.optimizers import check_works
from persimg.training.plan import Plan, plan
from persimg.training.processes import make_accelerator, process_device
from persimg.training.recipe import coordinates, differences, schedules

if TYPE_CHECKING:
    from persimg.bases.base import Base
    from persimg.training.loop import Loop


@dataclass(frozen=True)
class Event:
    """kind: "start", "step", "sample", "checkpoint", "interrupted", "judged" (a checkpoint), "selected" or "finished"; values: what it says."""

    kind: str
    step: int
    values: dict[str, Any] = field(default_factory=dict)


def train(
    method: str, pictures: str | Path, name: str, class_noun: str, base: str | Base = "mini", out: str | Path = "runs", *,
    device: str | None = None, attention: str = "sdpa", restart: bool = False, add_to_library: bool = False,
    replace: bool = False, consent: str = "", face_pack: str = "mini", should_stop: Callable[[], bool] = lambda: False, **changes: Any,
) -> Iterator[Event]:  # fmt: skip
    """Learn a concept; yields events, the last one "finished" with the path of the concept.

    pictures: a folder; of people who are learned together a folder with a subfolder of everybody's, whose names are the concepts'
    (then `name` is empty). method: a name or a path to a .py file; base: a name, a path or a loaded Base (fp32); changes: settings of
    the method's recipe; consent: who agreed to what, for people, by the class noun or by the faces that face_pack finds. Closing the
    iterator saves a checkpoint, and so do Ctrl-C and should_stop, asked after every step. Warnings go to the logger "persimg".
    Raises UserError for bad input, a changed recipe in the same folder, a loss that isn't finite or a full disk.
    """
    if isinstance(base, str):
        check_base_name(base)
    check_device(device)
    made = plan(method, pictures, name, class_noun, base if isinstance(base, str) else base.name, out, changes, consent, face_pack)
    if add_to_library:
        for who in dict.fromkeys(made.people) or (name,):
            own = [made.out / f"{who}.safetensors", *(made.out / "checkpoints").glob(f"*/{who}.safetensors" if made.people else "*.safetensors")]
            library.check_free(who, replace or library.holds_one_of(who, own))
    loaded = base if not isinstance(base, str) else _load(base, device, attention)
    yield from _kind(made)(made, loaded, restart, add_to_library, should_stop).events()


def _kind(made: Plan) -> type[Run]:
    from persimg.training.people import PeopleRun

    return PeopleRun if made.people else Run


def _load(name: str, device: str | None, attention: str) -> Base:
    """Before accelerate has assigned devices, so that a base never lies on another process's GPU."""
    import torch

    return load_base(name, dtype="fp32", device=process_device(device, os.environ, torch.cuda.device_count()), attention=attention)


class Run:
    """One call of train."""

    def __init__(self, made: Plan, base: Base, restart: bool, add_to_library: bool, should_stop: Callable[[], bool]):
        self.plan, self.base, self.add_to_library, self.should_stop = made, base, add_to_library, should_stop
        self.recipe, self.out = made.recipe, made.out
        self.checkpoints, self.restart = made.out / "checkpoints", restart
        self.planned_steps: int | None = None
        size = self.recipe.size or base.default_size
        base.latent_shape(size, size)
        self.data = ConceptData(
            made.name, made.class_noun, made.pictures, made.held_out, getattr(self.recipe, "templates", "object"), size,
            self.recipe.fit, self.recipe.flip, made.people,
        )  # fmt: skip
        if not restart:
            self._check_same()

    # --- the run directory --------------------------------------------------------------------------------------------

    def _clear(self) -> None:
        for folder in ("checkpoints", "samples", "tensorboard"):
            shutil.rmtree(self.out / folder, ignore_errors=True)
        for name in ("recipe.yaml", "log.jsonl", "pictures.json", "curve.json", "curve.png", f"{self.plan.name}.safetensors"):
            (self.out / name).unlink(missing_ok=True)

    @cached_property
    def _depends_on(self) -> dict[str, str]:
        """Digests of what the recipe names, for a method that says so, and of what is cut out of the pictures."""
        named = self.plan.method.depends_on(self.recipe, self.base) if hasattr(self.plan.method, "depends_on") else {}
        return {**named, **({"cut": self.data.cut} if self.data.cut else {})}

    def _identity(self) -> dict[str, Any]:
        """What a resume may not change."""
        return {
            "method": self.plan.method_name, "name": self.plan.name, "class_noun": self.plan.class_noun, "base": self.base.fingerprint,
            "pictures": self.data.digest, **_plain(dataclasses.asdict(self.recipe)), **self._depends_on,
        }  # fmt: skip

    def _check_same(self) -> None:
        path = self.out / "recipe.yaml"
        if not path.exists():
            return
        try:
            saved = yaml.safe_load(path.read_text())["run"]
        except (yaml.YAMLError, KeyError, TypeError) as error:
            raise UserError(f"{path} can't be read", "start over with --restart", 3) from error
        self.planned_steps = saved.get("steps")
        changed = differences(saved, self._identity())
        if changed:
            raise UserError(f"{self.out} holds another run ({'; '.join(changed)})", "choose another --out, or --restart to start over")

    def _write_recipe(self) -> None:
        text = yaml.safe_dump({"run": self._identity(), "base_name": self.base.name, "versions": log.versions()}, sort_keys=False, allow_unicode=True)
        files.write_text(self.out / "recipe.yaml", text)
        self._note_pictures(self.out / "pictures.json")

    def _note_pictures(self, path: Path, who: str = "") -> None:
        """What was learned from and what was kept; who: one person's alone."""
        roles = {"learned": self.plan.pictures, "held_out": self.plan.held_out}
        own = {role: [p for p in found if who in ("", p.path.parent.name)] for role, found in roles.items()}
        files.write_json(path, {role: [noted(p) for p in found] for role, found in own.items()})

    # --- events -------------------------------------------------------------------------------------------------------

    def events(self) -> Iterator[Event]:
        """Everything is checked before anything is written."""
        self.accelerator = make_accelerator(self.recipe.mixed_precision, self.base.device)
        self.is_main = self.accelerator.is_main_process
        space, objectives = self.plan.method.build(self.base, self.data, self.recipe)
        from persimg.spaces import Stack

        self.space = space if isinstance(space, Stack) else Stack(space)
        rare = getattr(self.recipe, "rare_word", "sks")
        self.expansion = self.space.expansion or f"{rare} {self.plan.class_noun}"
        needs_class = any("class_pictures" in objective.needs for objective in objectives)
        self._check_fits(needs_class)
        for notice in self._notices() if self.is_main else ():
            logging.getLogger("persimg").warning(notice)
        started = time.monotonic()
        prepared = self._prepare(needs_class)
        self.space.attach(self.base)
        try:
            yield from self._attached(objectives, *prepared)
        finally:
            self.base.denoiser.eval()
            self.space.detach()
        if self.is_main:
            yield from self._finish(time.monotonic() - started)
        self.accelerator.wait_for_everyone()

    def _expansions(self) -> dict[str, str]:
        return {self.data.placeholder: self.expansion}

    def _check_fits(self, needs_class: bool) -> None:
        """What only the loaded base can tell: attached once on trial, a taken placeholder or a missing layer is refused."""
        batch, processes = self.recipe.batch_size, self.accelerator.num_processes
        if batch % processes:
            raise UserError(f"batch_size {batch} can't be split over {processes} processes", "take a multiple")
        if needs_class and self.recipe.fit == "bucket":
            raise UserError("fit bucket can't be used with prior preservation", "use pad or crop")
        check_works(self.recipe.optimizer, self.base.device)
        self.space.attach(self.base)
        self.space.detach()

    def _notices(self) -> Iterator[str]:
        """What works, but perhaps not as thought."""
        from persimg.training.select import can_judge

        recipe, before = self.recipe, self.planned_steps
        if recipe.select and recipe.steps > recipe.checkpoint_every and not can_judge(recipe.select_encoder, self.base):
            yield "nothing judges checkpoints on this base, so the last one becomes the concept; name an open_clip model with --select-encoder"
        if before not in (None, recipe.steps) and checkpoint.last_state(self.checkpoints) and (bound := schedules(recipe)):
            yield (
                f"this run was planned for {before} steps: with {' and '.join(bound)}, going on to {recipe.steps} differs from "
                f"{recipe.steps} steps from the start, which --restart gives"
            )

    def _prepare(self, needs_class: bool) -> tuple[list, list]:
        """Latents of the subject and, where asked for, of the class; by the bare base."""
        from persimg.data.cache import examples
        from persimg.training.class_pictures import class_pictures

        own, others = [], []
        with self.accelerator.main_process_first():
            if self.restart and self.is_main:
                self._clear()
            own = examples(self.base, self.data, self.out / "cache")
            if needs_class:
                pictures = class_pictures(
                    self.base, self.class_caption, self.recipe.class_pictures, self.recipe.class_steps,
                    self.out / "class_pictures", self.recipe.seed,
                )  # fmt: skip
                data = dataclasses.replace(self.data, pictures=pictures, flip=False)
                others = examples(self.base, data, self.out / "cache")
            if self.is_main:
                self._write_recipe()
        return own, others

    @property
    def class_caption(self) -> str:
        return f"a {self.plan.class_noun}"

    def _attached(self, objectives: list, own: list, others: list) -> Iterator[Event]:
        from persimg.training.loop import Loop

        loop = Loop(self.base, self.space, objectives, self.data, own, self.recipe, self._expansions(), self.accelerator, others, self.class_caption)
        if state := checkpoint.last_state(self.checkpoints):
            loop.load_state(state)
        self.space.after_step(loop.step)
        yield Event("start", loop.step, {
            "steps": self.recipe.steps, "parameters": sum(p.numel() for p in loop.params), "expansion": self.expansion,
            "processes": self.accelerator.num_processes,
        })  # fmt: skip
        try:
            with log.noting(self.out, loop.step, self.recipe.tensorboard) if self.is_main else nullcontext(_nothing) as note:
                yield from self._steps(loop, note)
        except GeneratorExit:
            self._save(loop)
            raise
        except KeyboardInterrupt:
            # who was asked to stop has saved already, and being interrupted again should end at once
            if loop.is_whole and not self.should_stop():
                self._write(loop)
            raise

    def _steps(self, loop: Loop, note: log.Note) -> Iterator[Event]:
        recipe = self.recipe
        while loop.step < recipe.steps:
            values = loop.run_step()
            note(loop.step, values)
            stopping = self.should_stop()
            if loop.step % recipe.checkpoint_every == 0 or loop.step == recipe.steps or stopping:
                path = self._save(loop)
                yield Event("checkpoint", loop.step, {"path": str(path)})
            if recipe.sample_every and loop.step % recipe.sample_every == 0 and self.is_main:
                yield Event("sample", loop.step, {"paths": self._draw_samples(loop)})
            yield Event("step", loop.step, values)
            if stopping:
                yield Event("interrupted", loop.step)
                raise KeyboardInterrupt

    def _draw_samples(self, loop: Loop) -> list[str]:
        shown, asked, folder = self._concepts(loop), self.recipe.sample_prompts.split("|"), self.out / "samples"
        return self._as_saved(loop, lambda: samples.drawn(self.base, shown, asked, loop.step, folder, bool(self.data.people)))

    def _as_saved(self, loop: Loop, function: Callable[[], Any]) -> Any:
        """Call a function while the live weights are what a file of this step holds."""
        return loop.with_averages(function, as_in_files=True)

    # --- what is kept -------------------------------------------------------------------------------------------------

    def _save(self, loop: Loop) -> Path:
        self._write(loop)
        self.accelerator.wait_for_everyone()
        return checkpoint.concept_path(self.checkpoints, loop.step)

    def _write(self, loop: Loop) -> None:
        if self.is_main:
            store.save(self._concept(loop), checkpoint.concept_path(self.checkpoints, loop.step))
            loop.save_state(checkpoint.state_path(self.checkpoints, loop.step))

    def _concepts(self, loop: Loop) -> dict[str, Concept]:
        """Name → what a file of this step holds."""
        return {self.plan.name: self._concept(loop)}

    def _concept(self, loop: Loop) -> Concept:
        return loop.with_averages(lambda: Concept(self._card(loop.step), self.space.weights()))

    def _card(self, step: int) -> Card:
        return Card(
            self.plan.name, self.plan.class_noun, self.expansion,
            self.base.record,
            self.plan.method_name, coordinates(self.plan.method), {**_plain(dataclasses.asdict(self.recipe)), **self._depends_on}, self.space.config(),
            {"digest": self.data.digest, "pictures": len(self.data.pictures), "shown": [shown(p) for p in self.data.pictures]}, step, consent=self.plan.consent, versions=log.versions(),
            created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        )  # fmt: skip

    def _finish(self, learning: float) -> Iterator[Event]:
        """Name the chosen checkpoint the concept, add it to the library. learning: seconds that it took."""
        started = time.monotonic()
        chosen, curve = yield from self._chosen()
        seconds = {"learning": round(learning, 1), "choosing": round(time.monotonic() - started, 1)}
        if curve:
            yield Event("selected", self.recipe.steps, curve)
        with files.write_beside(self.plan.concept_path) as temporary:
            shutil.copyfile(chosen, temporary)
        if self.add_to_library:
            library.add(self.plan.concept_path, replace=True)
        yield Event("finished", self.recipe.steps, {"path": str(self.plan.concept_path), "chosen_step": int(chosen.stem), "seconds": seconds})

    def _chosen(self) -> Generator[Event, None, tuple[Path, dict[str, Any]]]:
        """The best checkpoint and its curve; the last one where no encoder can judge."""
        from persimg.training.select import choose, load_judge

        steps, every = self.recipe.steps, self.recipe.checkpoint_every
        last = checkpoint.concept_path(self.checkpoints, steps)
        # those that an interrupt left are no candidates: the choice would depend on when it came
        found = [p for p in sorted(self.checkpoints.glob("*.safetensors")) if (step := int(p.stem)) == steps or (step < steps and step % every == 0)]
        judge = load_judge(self.recipe.select_encoder, self.base) if self.recipe.select and len(found) > 1 else None
        if judge is None:
            return last, {}
        learned, held_out = ([opened(p) for p in role] for role in (self.plan.pictures, self.plan.held_out))
        judging = choose(self.base, found, judge, self.plan.class_noun, learned, held_out, self.out)
        chosen = yield from self._judged(judging, len(found))
        return chosen, files.read_json(self.out / "curve.json")

    def _judged(self, judging: Generator[dict[str, Any], None, Path], count: int) -> Generator[Event, None, Path]:
        while True:
            try:
                point = next(judging)
            except StopIteration as end:
                return end.value
            yield Event("judged", point["step"], {**point, "of": count})


def _nothing(step: int, values: dict[str, float]) -> None:
    """Processes other than the first note nothing."""


def _plain(value: Any) -> Any:
    """Tuples become lists, as YAML and JSON have them."""
    return json.loads(json.dumps(value))
