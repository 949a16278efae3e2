"""`evaluate`: a concept, or a folder of pictures, to scores.json and a page, with floors, ceilings and controls in the same code path."""

from __future__ import annotations

import datetime
import os
import platform
from dataclasses import asdict, dataclass, replace
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Callable, Mapping, Sequence

import numpy as np

from persimg import files, seeds
from persimg.errors import UserError
from persimg.evaluation import faces, others, sources
from persimg.evaluation.backbones import Backbone, check_backbone_name, load_backbone
from persimg.evaluation.interval import interval
from persimg.evaluation.metric import NO_REFERENCES, OTHER, PEOPLE_NEEDS, Material, Values, fitting, load_metrics, measure
from persimg.evaluation.suite import Suite, is_drawn, load_suite, usual_suite
from persimg.evaluation.taste import Taste

if TYPE_CHECKING:
    from PIL import Image

    from persimg.bases.base import Base
    from persimg.concepts.concept import Concept

SCORES_VERSION = 1
LEAST_SPAN = 0.02
CONTROLS = 8
SEED = 1_000_000
"""pictures of an evaluation have seeds that no sample, class or selection picture has"""
CONTROL_TITLES = {"references": "held-out references", "training": "a training picture, whatever the prompt", "noise": "noise"}
OTHERS = "other subjects of the class"


@dataclass(frozen=True)
class Row:
    """One row of a report. kind: "scored", "floor", "ceiling" or "control"."""

    title: str
    kind: str
    material: Material
    paths: tuple[str, ...] = ()


def evaluate(
    source: str | Path, out: str | Path, *, references: str | Path | None = None, distractors: str | Path | None = None,
    other: str | Path | None = None, other_references: str | Path | None = None,
    training: str | Path | None = None, suite: str | None = None, base: str | Base = "mini", backbone: str = "mini", dino: str = "mini", face_pack: str = "mini",
    class_noun: str = "", trigger: str = "", seeds_per_prompt: int | None = None, steps: int = 25, guidance: float | None = None,
    metrics: Sequence[str] | None = None, device: str | None = None, force: bool = False, tell: Callable[[str], None] = lambda text: None,
    between: Callable[[], None] = lambda: None, taste: Taste | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Score a concept (file or name), another tool's LoRA, or a folder of pictures with prompts.

    Writes out/scores.json, out/report.html and the pictures; returns what is in scores.json. references: held-out pictures of
    the subject (default: what the run kept from training); distractors: a subfolder of pictures for each other subject of
    the class; training: what was learned from (default: what the run noted). suite: a name or a file of prompts (default: one
    that fits the base and the class noun). other: who stands where prompts say {other}, a concept (file or name) or a name
    that the base knows; of a folder of pictures, whom their prompts name beside the subject. other_references: pictures of
    them (default: what their run kept from training; of a name of the drawn world, true renders).
    backbone, dino: encoders, as load_backbone() and load_dino() take them; face_pack: who reads faces, as faces.load_reader() takes it. between: called after each picture drawn, so that
    whoever shares the machine can take a turn; what it raises ends the evaluation. taste: of one user, to score pictures by.
    Raises UserError for bad input; what can't be measured is in the scores, with the reason.
    """
    check_backbone_name(backbone)
    path, chosen, planned = sources.resolve(source), load_metrics(metrics), load_suite(suite) if suite else None
    second = others.find(other, other_references)
    if planned and not path.is_dir():
        others.check_suite(planned, second)
    given = Given(
        sources.open_folder(references, "--references") if references else (),
        sources.open_subfolders(distractors) if distractors else {},
        sources.open_folder(training, "--training") if training else (), class_noun.strip(), trigger, second,
    )
    judge, out = load_backbone(backbone, device), Path(out)
    taste = taste.seen_by(judge) if taste else None
    if path.is_dir():
        rows, about = _folder_rows(path, given, judge, tell)
    else:
        rows, about = _concept_rows(path, given, judge, base, planned, seeds_per_prompt, steps, guidance, device, force, out, tell, between)
    rows = [replace(row, material=replace(row.material, dino=dino, face_pack=face_pack, taste=taste)) for row in rows]
    if metrics is None:
        chosen = fitting(chosen, (row.material.class_noun for row in rows), (p for row in rows for p in row.material.prompts or ()), taste)
    record = {"version": SCORES_VERSION, **about, **circumstances(judge), "dino": dino, "face_pack": face_pack}
    seen = [row.material.features.numpy() for row in rows if row.kind == "scored"] if taste and taste.liking else []
    record |= score(rows, chosen) | ({"taste": taste.record(seen)} if taste else {})
    if any(PEOPLE_NEEDS & set(getattr(metric, "NEEDS", ())) for metric in chosen.values()):
        record |= faces.recognizers(about.get("learned_by", {}), face_pack)
    files.write_json(out / "scores.json", record)
    from persimg.evaluation.report import write_report

    write_report(record, out)
    return record


@dataclass(frozen=True)
class Given:
    """What the user says of a subject: pictures to compare to, and its words."""

    references: sources.Pictures
    distractors: Mapping[str, sources.Pictures]
    training: sources.Pictures
    class_noun: str
    trigger: str
    other: others.Other | None = None

    @property
    def compared(self) -> dict[str, Any]:
        """What pictures of the subject are compared to, as Material names it."""
        shown = self.other.references if self.other else ()
        return {"references": self.references, "distractors": self.distractors, "training": self.training, "other_references": shown}


# --- rows -------------------------------------------------------------------------------------------------------------


def _folder_rows(folder: Path, given: Given, judge: Backbone, tell: Callable[[str], None]) -> tuple[list[Row], dict[str, Any]]:
    found = sources.answered(folder, given.class_noun, given.other.said if given.other else "")
    given = replace(given, other=others.of_folder(folder, found, given.other, tell))
    if any("{}" in p for p in found.prompts) and not given.class_noun:
        raise UserError(f"the prompts of {folder} name <{'>, <'.join(found.concepts)}>", "say what kind of thing it is with --class-noun")
    material = Material(found.pictures, found.prompts, given.class_noun, judge, drawn=is_drawn(found.prompts), embedded=found.embedded, **given.compared)
    rows = [Row(folder.name, "scored", material, tuple(str(p.resolve()) for p in found.paths)), *controls(material)]
    about = {"source": str(folder), "kind": "folder", "prompts": list(dict.fromkeys(found.prompts)), "class_noun": given.class_noun}
    return rows, {**about, **others.about(given.other)}


def _concept_rows(
    path: Path, given: Given, judge: Backbone, base: str | Base, suite: Suite | None, seeds_per_prompt: int | None, steps: int,
    guidance: float | None, device: str | None, force: bool, out: Path, tell: Callable[[str], None], between: Callable[[], None],
) -> tuple[list[Row], dict[str, Any]]:  # fmt: skip
    from persimg.bases.loading import load_base
    from persimg.concepts import store

    loaded = load_base(base, device=device) if isinstance(base, str) else base
    concept = sources.load_concept(path, loaded, given.class_noun, given.trigger)
    noun = given.class_noun or concept.card.class_noun
    if not noun:
        raise UserError(f"{path} doesn't say what kind of thing it is", "give --class-noun")
    if given.other:
        if given.other.said == f"<{concept.card.name}>":
            raise UserError(f"--other {given.other.said} is the subject", "name somebody else; of two concepts with one name, learn one under another")
        given = replace(given, other=others.on_base(given.other, loaded.word_level))
    (learned, held_out), cards = sources.beside(path), [concept.card]
    if given.other and given.other.path:
        cards.append(store.read_card(given.other.path))
    given = replace(given, references=given.references or held_out, training=given.training or learned, class_noun=noun)
    suite = suite or usual_suite(loaded.word_level, noun, given.other is not None)
    suite = replace(suite, seeds=seeds_per_prompt or suite.seeds)
    settings = {"steps": steps, **({} if guidance is None else {"guidance": guidance})}
    tell(f"drawing {2 * len(suite.prompts) * suite.seeds} pictures of {len(suite.prompts)} prompts, {suite.seeds} seeds each")
    rows = drawn_rows(loaded, {concept.card.method or "concept": concept}, suite, noun, judge, given, settings, out, force, between)
    base_row = rows.pop()
    rows += [base_row, *controls(rows[0].material)]
    about = {
        "source": str(path), "kind": "concept", "concept": {"name": concept.card.name, "digest": concept.digest, "method": concept.card.method,
        "coordinates": concept.card.coordinates, "step": concept.card.step}, "class_noun": noun, "suite": suite.name, "prompts": list(suite.prompts),
        "seeds": suite.seeds, "settings": settings, "base": {"name": loaded.name, "fingerprint": loaded.fingerprint}, **others.about(given.other),
        "learned_by": faces.learned_by(cards),
    }  # fmt: skip
    return rows, about


def drawn_rows(
    base: Base, concepts: Mapping[str, Concept], suite: Suite, noun: str, judge: Backbone, given: Given, settings: dict[str, Any],
    out: Path, force: bool = False, between: Callable[[], None] = lambda: None,
) -> list[Row]:  # fmt: skip
    """A row for each concept, by its title, then the base with the class word; equal prompts, seeds and settings.

    A second person who is a concept is loaded beside each, and is its class noun for the base; one with a name is that name for all.
    """
    from persimg.concepts import store

    prompts = tuple(p for p in suite.prompts for _ in range(suite.seeds))
    numbers = [SEED + k for _ in suite.prompts for k in range(suite.seeds)]
    common = {**given.compared, "drawn": base.word_level and is_drawn(prompts), "embedded": base.word_level}
    second, beside = given.other, [store.load(given.other.path)] if given.other and given.other.path else []

    def row(title: str, kind: str, subject: str, loaded: list[Concept], folder: str) -> Row:
        said = "" if second is None else second.said if loaded else second.noun
        wanted, shown = [p.replace("{}", subject).replace(OTHER, said) for p in prompts], [*loaded, *beside] if loaded else []
        pictures, paths = draw(base, shown, wanted, numbers, settings, out / "pictures" / folder, force, between)
        asked = [suite.class_prompt.replace("{}", noun)] * suite.class_seeds
        classes = draw(base, loaded, asked, range(suite.class_seeds), settings, None, force, between)[0]
        return Row(title, kind, Material(pictures, prompts, noun, judge, class_pictures=classes, **common), tuple(str(p.relative_to(out)) for p in paths))

    floor = row(f"the base: “{noun}”", "floor", noun, [], "base")
    rows = [row(title, "scored", f"<{c.card.name}>", [c], slug(title)) for title, c in concepts.items()]
    base_classes = floor.material.class_pictures
    scored = [replace(r, material=replace(r.material, base_class_pictures=base_classes)) for r in rows]
    return [*scored, replace(floor, material=replace(floor.material, class_pictures=()))]


def draw(
    base: Base, concepts: Sequence[Concept], prompts: Sequence[str], numbers: Sequence[int], settings: dict[str, Any],
    folder: Path | None, force: bool = False, between: Callable[[], None] = lambda: None,
) -> tuple[tuple[Image.Image, ...], tuple[Path, ...]]:  # fmt: skip
    """Pictures of prompts with a seed each, kept with their provenance where a folder is given."""
    from persimg.sampling import provenance
    from persimg.sampling.sampler import Sampler

    pictures, paths = [], []
    with Sampler(base, list(concepts), batch=8, force=force) as sampler:
        tasks = [sampler.task(p, seed=n, **settings) for p, n in zip(prompts, numbers, strict=True)]
        for i, generated in enumerate(sampler.stream(tasks)):
            pictures.append(generated.picture)
            between()
            if folder:
                paths.append(folder / f"{i:04d}-{generated.task.seed}.png")
                provenance.save(generated, paths[-1], base.name)
    return tuple(pictures), tuple(paths)


def slug(title: str) -> str:
    return "".join(c if c.isalnum() else "_" for c in title)


def controls(like: Material) -> list[Row]:
    """Rows whose outcome is known: the references themselves, a training picture whatever the prompt, noise, other subjects."""
    from PIL import Image

    like, rows = replace(like, embedded=False), []  # nobody says what they are
    if like.references:
        own = replace(like, pictures=like.references, prompts=None, leave_one_out=True, class_pictures=())
        rows.append(Row(CONTROL_TITLES["references"], "ceiling", own))
    if like.distractors:
        others = tuple(p for pictures in like.distractors.values() for p in pictures)
        rows.append(Row(OTHERS, "floor", replace(like, pictures=others, prompts=None, class_pictures=())))
    if like.training:
        pasted = tuple(like.training[i % len(like.training)] for i in range(len(like.pictures)))
        rows.append(Row(CONTROL_TITLES["training"], "control", replace(like, pictures=pasted, class_pictures=())))
    size, rng = like.pictures[0].size, np.random.default_rng(seeds.integer(0, "noise control") % 2**32)
    noise = tuple(Image.fromarray(rng.integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)) for _ in range(CONTROLS))
    prompts = like.prompts and tuple(like.prompts[i % len(like.prompts)] for i in range(CONTROLS))
    rows.append(Row(CONTROL_TITLES["noise"], "control", replace(like, pictures=noise, prompts=prompts, class_pictures=())))
    return rows


# --- scores -----------------------------------------------------------------------------------------------------------


def score(rows: Sequence[Row], metrics: Mapping[str, ModuleType]) -> dict[str, Any]:
    """{"metrics": …, "rows": …, "anchors": …, "references": …}, plain JSON."""
    found = [
        {"title": r.title, "kind": r.kind, "pictures": list(r.paths), "scores": _summaries(r.material, metrics)}
        for r in rows
    ]
    anchors = _anchors(found)
    for row in found:
        for name, anchor in anchors.items():
            value = row["scores"].get(name, {})
            if "mean" in value and anchor["defined"]:
                value["anchored"] = (value["mean"] - anchor["floor"]) / (anchor["ceiling"] - anchor["floor"])
    count = len(rows[0].material.references)
    return {
        "references": count or NO_REFERENCES, "metrics": metric_titles(metrics), "anchors": anchors, "rows": found,
        "gates": gates(found, *CONTROL_TITLES.values()),
    }  # fmt: skip


def gates(rows: Sequence[Mapping[str, Any]], references: str, pasted: str, noise: str) -> list[dict[str, Any]]:
    """Does the table catch what must be caught? {"gate", "passed"} for each control, by its title, that is in it."""
    own = (references, pasted, noise)
    means = {r["title"]: {name: s["mean"] for name, s in r["scores"].items() if "mean" in s} for r in rows}
    others = [m for title, m in means.items() if title not in own and title != OTHERS]
    fidelity, prompt = [m["clip_i"] for m in others if "clip_i" in m], [m["slot_accuracy"] for m in others if "slot_accuracy" in m]
    paste, last, found = means.get(pasted, {}), means.get(noise, {}), []
    if "clip_i" in paste and fidelity:
        found.append({"gate": "a pasted training picture wins CLIP-I", "passed": paste["clip_i"] > max(fidelity)})
    if "slot_accuracy" in paste and prompt:
        found.append({"gate": "a pasted training picture loses the slots", "passed": paste["slot_accuracy"] < min(prompt)})
    for name, title, values in (("clip_i", "CLIP-I", fidelity), ("slot_accuracy", "the slots", prompt)):
        if name in last and values:
            found.append({"gate": f"noise is last in {title}", "passed": last[name] < min(values)})
    return found


def gate_lines(record: Mapping[str, Any]) -> list[str]:
    return [f"{'passed' if g['passed'] else 'failed'}: {g['gate']}" for g in record.get("gates", [])]


def _summaries(material: Material, metrics: Mapping[str, ModuleType]) -> dict[str, Any]:
    found = measure(metrics, material)
    return {n: summary(v, prompts_of(metrics[n], material.prompts), cells_are(metrics[n], material.prompts)) for n, v in found.items()}


def prompts_of(metric: ModuleType, prompts: Sequence[str] | None) -> Sequence[str] | None:
    """What a metric's values belong to; None where not to prompts."""
    return prompts if getattr(metric, "PER_PROMPT", True) else None


def cells_are(metric: ModuleType, prompts: Sequence[str] | None) -> str:
    """What the cells of an interval are."""
    if prompts_of(metric, prompts):
        return "prompts"
    return "pictures" if getattr(metric, "PER_PROMPT", True) else "seeds"


def metric_titles(metrics: Mapping[str, ModuleType]) -> dict[str, dict[str, str]]:
    """What a report says of each metric."""
    return {name: {"title": m.TITLE, "better": m.BETTER, "what": (m.__doc__ or "").strip().splitlines()[0]} for name, m in metrics.items()}


def summary(values: Values | str, prompts: Sequence[str] | None, over: str = "prompts") -> dict[str, Any]:
    """Mean, interval over prompts (seeds averaged first), n and the values; or the reason why there are none."""
    if isinstance(values, str):
        return {"not_measured": values}
    cells = prompt_means(values, prompts)
    found = interval([list(cells.values())], over=over)
    if found is None:
        return {"not_measured": "no picture has a value"}
    return {**asdict(found), "n": sum(v is not None for v in values), "values": values}


def prompt_means(values: Values, prompts: Sequence[str] | None) -> dict[str, float]:
    """Prompt → mean over its pictures; pictures that answer no prompt are a cell each. NaN where none has a value."""
    cells: dict[str, list[float]] = {}
    for key, value in zip(prompts or map(str, range(len(values))), values, strict=prompts is not None):
        cells.setdefault(key, [])
        if value is not None:
            cells[key].append(value)
    return {key: float(np.mean(found)) if found else float("nan") for key, found in cells.items()}


def _anchors(rows: Sequence[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Floor and ceiling of CLIP-I; undefined where the metric can't separate these subjects."""
    means = {r["title"]: r["scores"].get("clip_i", {}).get("mean") for r in rows}
    ceiling = means.get(CONTROL_TITLES["references"])
    floors = [(t, m) for t, m in means.items() if t == OTHERS or t.startswith("the base:")]
    floor = next((entry for entry in floors if entry[0] == OTHERS), floors[0] if floors else None)
    if ceiling is None or floor is None or floor[1] is None:
        return {}
    return {"clip_i": {"floor": floor[1], "floor_is": floor[0], "ceiling": ceiling, "defined": ceiling - floor[1] >= LEAST_SPAN}}


def circumstances(judge: Backbone) -> dict[str, Any]:
    versions = {name: metadata.version(name) for name in ("persimg", "torch", "diffusers", "open_clip_torch")}
    return {
        "backbone": {"name": judge.name, "version": judge.version}, "versions": versions,
        "machine": {"system": platform.system(), "processor": platform.machine(), "cores": os.cpu_count()},
        "created": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    }  # fmt: skip
