"""`compare`: methods x subjects x seeds on one suite, equal forward passes, paired intervals. The same call again resumes."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generator, Iterator, Mapping, Sequence

import numpy as np

from persimg import files
from persimg.bench.learning import Learned, Learning, Maker, digests, named, stored_numbers
from persimg.bench.plan import FACE_PACK, SPREAD, Arm, Plan, make_plan, recipe, rows_per_step
from persimg.bench.subjects import Subject, load_subject
from persimg.concepts import store
from persimg.errors import UserError
from persimg.evaluation import others
from persimg.evaluation.backbones import load_backbone
from persimg.evaluation.evaluate import (
    CONTROL_TITLES,
    SEED,
    cells_are,
    circumstances,
    controls,
    draw,
    gates,
    metric_titles,
    prompt_means,
    prompts_of,
    slug,
)  # fmt: skip
from persimg.evaluation.faces import load_reader
from persimg.evaluation.interval import holm, interval
from persimg.evaluation.metric import NO_REFERENCES, OTHER, Material, fitting, load_metrics, measure
from persimg.evaluation.suite import is_drawn, load_suite
from persimg.training.recipe import coordinates, load_method

if TYPE_CHECKING:
    from persimg.bases.base import Base


@dataclass(frozen=True)
class CompareEvent:
    """kind: "learned", "scored" or "finished"; the last one's values are what is in scores.json."""

    kind: str
    subject: str = ""
    arm: str = ""
    seconds: float = 0.0
    values: Mapping[str, Any] = dataclasses.field(default_factory=dict)


def compare(
    plan: Plan | Mapping[str, Any], out: str | Path, *, base: Base | None = None, device: str | None = None, makers: Mapping[str, Maker] | None = None,
) -> Iterator[CompareEvent]:  # fmt: skip
    """Run a comparison; yields what was done, the last event with the table.

    makers: what arms that say `makes` have their concepts from, by name. Where prompts say {other}, it is the next subject, or whom the
    plan names.

    Writes out/rows.csv and rows.json (a row a picture and metric), scores.json (means, paired differences) and report.html.
    Cells that are done, with the same settings, pictures and models, aren't done again. UserError for a plan that can't work.
    """
    made = plan if isinstance(plan, Plan) else make_plan(plan)
    yield from _Comparison(made, Path(out), base, device, makers or {}).events()


class _Comparison:
    """One call of compare."""

    def __init__(self, plan: Plan, out: Path, base: Base | None, device: str | None, makers: Mapping[str, Maker]):
        from persimg.bases.loading import load_base

        self.plan, self.out = plan, out
        self.base = base or load_base(plan.base, dtype="fp32", device=device)
        self.judge, self.metrics, suite = load_backbone(plan.backbone, device), load_metrics(plan.metrics), load_suite(plan.suite)
        if plan.metrics is None:
            self.metrics = fitting(self.metrics, (subject.class_noun for subject in plan.subjects), suite.prompts)
        self.suite = replace(suite, seeds=plan.pictures_per_prompt or suite.seeds)
        self.prompts = tuple(p for p in self.suite.prompts for _ in range(self.suite.seeds))
        self.numbers = [SEED + k for _ in self.suite.prompts for k in range(self.suite.seeds)]
        self.settings = {"steps": plan.steps, **({} if plan.guidance is None else {"guidance": plan.guidance})}
        self.least_references = 0
        self.named = others.on_base(plan.named, self.base.word_level) if plan.named else None
        self.learning = Learning(plan, self.base, out, makers)
        unknown = [arm.title for arm in plan.arms if arm.makes and arm.makes not in makers]
        if unknown:
            raise UserError(f"arm {unknown[0]!r} has nothing that makes its concepts", "hand it to compare")
        self.drawn = self.base.word_level and is_drawn(self.suite.prompts)

    def events(self) -> Iterator[CompareEvent]:
        cells: list[dict[str, Any]] = []
        self.subjects = subjects = [load_subject(planned, self.out / "subjects" / planned.name) for planned in self.plan.subjects]
        self.least_references = min(len(s.references) for s in subjects)
        for subject in subjects:
            for arm in self.plan.arms:
                for seed in self.plan.seeds if arm.learns else self.plan.seeds[:1]:
                    for event in self._cell(subject, arm, seed):
                        if event.kind == "scored":
                            cells.append(dict(event.values))
                        yield event
        record = self._record(cells)
        self._write(cells, record)
        yield CompareEvent("finished", values=record)

    # --- one cell -----------------------------------------------------------------------------------------------------

    def _cell(self, subject: Subject, arm: Arm, seed: int) -> Iterator[CompareEvent]:
        """Train where there is something to train, draw, measure; the last event holds the values."""
        name, path = subject.plan.name, self.out / "cells" / subject.plan.name / f"{slug(arm.title)}-{seed}.json"
        key = self._key(subject, arm, seed)
        saved = files.read_json(path) if path.exists() else {}
        if saved.get("key") != key:
            learned = []
            for one in self._shown(subject) if arm.learns else ():
                started = time.monotonic()
                learned.append((yield from self._learned(one, arm, seed)))
                if learned[-1].is_new:
                    yield CompareEvent("learned", one.plan.name, arm.title, time.monotonic() - started, learned[-1].seconds)
            started = time.monotonic()
            saved = {"key": key, "subject": name, "arm": arm.title, "seed": seed, **self._measured(subject, arm, seed, learned)}
            saved["seconds"] = round(time.monotonic() - started, 1)
            files.write_json(path, saved)
        yield CompareEvent("scored", name, arm.title, saved["seconds"], saved)

    @property
    def has_pairs(self) -> bool:
        return any(OTHER in prompt for prompt in self.prompts)

    def _shown(self, subject: Subject) -> list[Subject]:
        """The subject, and the next one where prompts name two and the plan doesn't say by name who the other is."""
        if self.plan.other or not self.has_pairs:
            return [subject]
        return [subject, self.subjects[(self.subjects.index(subject) + 1) % len(self.subjects)]]

    def _learned(self, subject: Subject, arm: Arm, seed: int) -> Generator[CompareEvent, None, Learned]:
        learning = self.learning.concept(subject, arm, seed)
        while True:
            try:
                step = next(learning)
            except StopIteration as end:
                return end.value
            yield CompareEvent("step", subject.plan.name, arm.title, values={"step": step.step, "steps": step.steps, "loss": step.loss})

    def _key(self, subject: Subject, arm: Arm, seed: int) -> str:
        """All that a cell depends on."""
        learned = recipe(self.plan, arm, seed) if arm.method else None
        parts = [
            arm.method, arm.says, arm.checkpoint, asdict(learned) if learned else {}, subject.plan.class_noun, subject.plan.description,
            self.prompts, self.settings, self.suite.class_prompt, self.suite.class_seeds, self.base.fingerprint,
            self.judge.name, self.judge.version, sorted(self.metrics),
            digests(subject.training), digests(subject.references), {name: digests(p) for name, p in subject.distractors.items()},
        ]  # fmt: skip
        if learned:
            parts += named(arm.method, learned, self.base)
        if arm.makes:
            parts.append(self.learning.makers[arm.makes].key)
        if self.has_pairs:
            parts += [digests(p) for one in self._shown(subject)[1:] for p in (one.training, one.references)]
        if self.plan.other:
            parts += [self.named.said, digests(self.named.references)]
        if self.plan.face_pack != FACE_PACK:
            parts += [self.plan.face_pack, load_reader(self.plan.face_pack).digest]
        return files.digest_bytes(json.dumps(parts, sort_keys=True, default=str).encode())[:16]

    def _measured(self, subject: Subject, arm: Arm, seed: int, learned: Sequence[Learned]) -> dict[str, Any]:
        started = time.monotonic()
        material, paths = self._material(subject, arm, seed, [one.path for one in learned])
        drawn = time.monotonic()
        values = measure(self.metrics, material)
        stages = {"drawing": round(drawn - started, 1), "scoring": round(time.monotonic() - drawn, 1)}
        found: dict[str, Any] = {"stages": stages, "prompts": material.prompts, "pictures": [str(p.relative_to(self.out)) for p in paths], "values": values}
        if learned:
            path = learned[0].path
            found |= {"step": store.read_card(path).step, "bytes": path.stat().st_size, "stored": stored_numbers(path), "trained": learned[0].parameters}
            found |= {"curve": str((_run_folder(path) / "curve.png").relative_to(self.out)), "stages": {**learned[0].seconds, **stages}}
        return found

    def _material(self, subject: Subject, arm: Arm, seed: int, concept_paths: Sequence[Path]) -> tuple[Material, Sequence[Path]]:
        shown, folder = self._shown(subject), self.out / "pictures" / subject.plan.name / f"{slug(arm.title)}-{seed}"
        compared = {
            "references": subject.references, "distractors": subject.distractors, "training": subject.training, "drawn": self.drawn,
            "other_references": self.named.references if self.named else shown[1].references if len(shown) > 1 else (), "face_pack": self.plan.face_pack,
        }  # fmt: skip
        noun = subject.plan.class_noun
        if arm.says == "truth":
            pictures, paths = self._truth(subject, self.named.said if self.named else shown[-1].said, folder)
            return Material(pictures, self.prompts, noun, self.judge, **compared), paths
        if arm.says in CONTROL_TITLES:
            return self._control(subject, arm, compared), ()
        said = [*(_said(one, arm) for one in shown), *([self.named.said] if self.named else [])]
        if arm.says == "known":
            compared |= {name: one.known[1] for name, one in zip(("references", "other_references"), shown)}
        concepts = [store.load(path) for path in concept_paths]
        asked = [p.replace("{}", said[0]).replace(OTHER, said[-1]) for p in self.prompts]
        pictures, paths = draw(self.base, concepts, asked, self.numbers, self.settings, folder)
        drift = bool(concepts) and any("class pictures" in getattr(metric, "NEEDS", ()) for metric in self.metrics.values())
        classes, base_classes = ((self._class_pictures(subject, c) for c in (concepts, [])) if drift else ((), ()))
        return Material(pictures, self.prompts, noun, self.judge, class_pictures=classes, base_class_pictures=base_classes, **compared), paths

    def _control(self, subject: Subject, arm: Arm, compared: dict[str, Any]) -> Material:
        like = Material(subject.training * (len(self.prompts) // len(subject.training) + 1), self.prompts, subject.plan.class_noun, self.judge, **compared)
        like = replace(like, pictures=like.pictures[: len(self.prompts)])
        row = next((r for r in controls(like) if r.title == CONTROL_TITLES[arm.says]), None)
        if row is None:
            raise UserError(f"arm {arm.title!r} needs {CONTROL_TITLES[arm.says]} of {subject.plan.name}", "give references, or leave the arm out")
        return row.material

    def _class_pictures(self, subject: Subject, concepts: list) -> tuple:
        prompt, count = self.suite.class_prompt.replace("{}", subject.plan.class_noun), self.suite.class_seeds
        return draw(self.base, concepts, [prompt] * count, range(count), self.settings, None)[0]

    def _truth(self, subject: Subject, other: str, folder: Path) -> tuple[tuple, list[Path]]:
        pictures = tuple(subject.truth(prompt, number, other) for prompt, number in zip(self.prompts, self.numbers))
        paths = [folder / f"{i:04d}.png" for i in range(len(pictures))]
        for picture, path in zip(pictures, paths):
            with files.write_beside(path) as temporary:
                picture.save(temporary, "PNG")
        return pictures, paths

    # --- the table ----------------------------------------------------------------------------------------------------

    def matrix(self, cells: list[dict[str, Any]], arm: str, metric: str) -> np.ndarray | str:
        """(subjects, prompts), each the mean over seeds, or with "spread:" before the metric their deviation; (subjects, 1) where pictures answer no prompt, which are of another
        number for every subject; or why nothing was measured."""
        reason, rows, of_seeds, metric = "not measured", [], _spread if metric.startswith(SPREAD) else np.mean, metric.removeprefix(SPREAD)
        for subject in self.plan.subjects:
            found = [c for c in cells if c["arm"] == arm and c["subject"] == subject.name]
            per_seed = []
            for cell in found:
                values = cell["values"][metric]
                if isinstance(values, str):
                    reason = values
                else:
                    means = list(prompt_means(values, prompts_of(self.metrics[metric], cell["prompts"])).values())
                    per_seed.append(means if cell["prompts"] else _mean_of(np.atleast_2d(means))[0])
            rows.append(of_seeds(per_seed, axis=0) if per_seed else None)
        width = max((len(r) for r in rows if r is not None), default=0)
        return np.array([np.full(width, np.nan) if r is None else r for r in rows]) if width else reason

    def _record(self, cells: list[dict[str, Any]]) -> dict[str, Any]:
        rows = [self._row(cells, arm) for arm in self.plan.arms]
        controlled = {a.says: a.title for a in self.plan.arms if a.says in CONTROL_TITLES}
        first = self.plan.subjects[0].name
        return {
            "version": 1, "title": self.plan.title, "subjects": [s.name for s in self.plan.subjects], "seeds": list(self.plan.seeds),
            "suite": self.suite.name, "prompts": list(self.suite.prompts), "pictures_per_prompt": self.suite.seeds, "settings": self.settings,
            "base": {"name": self.base.name, "fingerprint": self.base.fingerprint}, "references": self.least_references or NO_REFERENCES,
            "metrics": metric_titles(self.metrics), "rows": rows, "comparisons": self._comparisons(cells),
            "gates": gates(rows, *(controlled.get(says, "") for says in CONTROL_TITLES)),
            "learned_from": [str(p.relative_to(self.out)) for p in sorted((self.out / "subjects" / first).glob("*.png"))],
            "curves": list(dict.fromkeys(c["curve"] for c in cells if c.get("curve") and c["subject"] == first)), **circumstances(self.judge),
            "face_pack": self.plan.face_pack, **others.about(self.named),
        }  # fmt: skip

    def _row(self, cells: list[dict[str, Any]], arm: Arm) -> dict[str, Any]:
        own = [c for c in cells if c["arm"] == arm.title]
        scores = {}
        for name in self.metrics:
            found = self.matrix(cells, arm.title, name)
            made = None if isinstance(found, str) else interval(found, over=cells_are(self.metrics[name], own[0]["prompts"]) if found.shape[1] > 1 else "")
            count = sum(v is not None for c in own if not isinstance(c["values"][name], str) for v in c["values"][name])
            scores[name] = {**asdict(made), "n": count} if made else {"not_measured": found if isinstance(found, str) else "no picture has a value"}
        row = {"title": arm.title, "kind": arm.says or "scored", "pictures": next(c["pictures"] for c in own), "scores": scores}
        row["seconds"] = _added([c.get("stages", {}) for c in own])
        if arm.method:
            made_of = recipe(self.plan, arm, self.plan.seeds[0])
            row |= {"method": arm.method, "coordinates": coordinates(load_method(arm.method)), "steps": made_of.steps, "forward_rows": made_of.steps * rows_per_step(made_of)}
            row |= {"chosen_steps": [c["step"] for c in own]}
        if arm.learns:
            row |= {name: own[0][name] for name in ("bytes", "stored", "trained")}
        return row

    def _comparisons(self, cells: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The planned ones: paired differences, positive where the first arm is better; Holm's correction over all of them."""
        found = []
        for first, second, metric in self.plan.planned:
            a, b = self.matrix(cells, first, metric), self.matrix(cells, second, metric)
            module = self.metrics[metric.removeprefix(SPREAD)]
            sign = -1 if module.BETTER == "lower" or metric.startswith(SPREAD) else 1
            if isinstance(a, str) or isinstance(b, str):
                continue
            if a.shape != b.shape:  # one of them answers no prompts: what is left to pair are the subjects
                a, b = _mean_of(a), _mean_of(b)
            made = interval(sign * (a - b), over=cells_are(module, self.prompts) if a.shape[1] > 1 else "")
            if made:
                title = f"spread of {module.TITLE} over seeds" if metric.startswith(SPREAD) else module.TITLE
                found.append({"first": first, "second": second, "metric": metric, "title": title, **asdict(made), "verdict": made.verdict})
        # one difference alone proves nothing
        for entry, p in zip(found, holm([1.0 if f["p"] is None else f["p"] for f in found])):
            entry["p_holm"] = p
        return found

    def _write(self, cells: list[dict[str, Any]], record: dict[str, Any]) -> None:
        from persimg.evaluation.report import write_report

        rows = [
            {"subject": c["subject"], "arm": c["arm"], "seed": c["seed"], "metric": metric, "picture": i, "prompt": (prompts_of(self.metrics[metric], c["prompts"]) or [""] * len(values))[i], "value": value}
            for c in cells for metric, values in c["values"].items() if not isinstance(values, str) for i, value in enumerate(values)
        ]  # fmt: skip
        buffer = io.StringIO()
        writer = csv.DictWriter(buffer, ["subject", "arm", "seed", "metric", "picture", "prompt", "value"])
        writer.writeheader()
        writer.writerows(rows)
        files.write_text(self.out / "rows.csv", buffer.getvalue())
        files.write_json(self.out / "rows.json", rows)
        files.write_json(self.out / "scores.json", record)
        write_report(record, self.out)


def _added(stages: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Seconds of each stage over all cells of an arm; training that another arm did is not in it."""
    names = dict.fromkeys(name for found in stages for name in found)
    return {name: round(sum(found.get(name, 0.0) for found in stages), 1) for name in names}


def _mean_of(cells: np.ndarray) -> np.ndarray:
    """(S, P) → (S, 1), NaN where a subject has no value."""
    known = ~np.isnan(cells)
    return np.where(known, cells, 0).sum(1, keepdims=True) / np.where(known.any(1), known.sum(1), np.nan)[:, None]


def _spread(per_seed: Sequence[Any], axis: int) -> np.ndarray:
    """Standard deviation over seeds."""
    return np.std(per_seed, axis=axis, ddof=1)


def _said(subject: Subject, arm: Arm) -> str:
    """What a prompt calls the subject."""
    if arm.learns:
        return f"<{subject.plan.name}>"
    if arm.says == "known":
        return subject.known[0]
    return subject.plan.class_noun if arm.says == "class" else subject.plan.description.removeprefix("a ").removeprefix("an ")


def _run_folder(concept_path: Path) -> Path:
    return concept_path.parent.parent if concept_path.parent.name == "checkpoints" else concept_path.parent
