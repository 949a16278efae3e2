"""What is compared with what: arms x subjects x seeds, from a YAML file. Needs no torch but for planned comparisons."""

from __future__ import annotations

import dataclasses
import itertools
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Mapping, Sequence

import yaml

from persimg.concepts import consent
from persimg.concepts.prompts import check_name
from persimg.data.pictures import read_pictures
from persimg.errors import UserError
from persimg.evaluation import others, renders
from persimg.evaluation.backbones import check_backbone_name
from persimg.evaluation.metric import OTHER, load_metrics, metric_names, people_there
from persimg.evaluation.suite import is_drawn, load_suite
from persimg.training.recipe import TrainRecipe, load_method, resolve

SAYS = ("class", "description", "truth", "references", "training", "noise", "known")
SPREAD = "spread:"
"""before a metric's name, what is compared is its standard deviation over the seeds of training"""
DRAWN_CONSENT = "a drawn face of nobody"
NAMES = ("base", "backbone", "face_pack", "suite", "other", "other_references")
"""settings that are names or paths"""
FACE_PACK = "mini"
"""who reads faces unless the plan says otherwise: the embedded pack, for drawn ones"""


@dataclass(frozen=True)
class Arm:
    """A method with what it changes; or says: the base with the class word, a description or the name of somebody it knows, true
    renders, controls; or makes: the name of what the caller of `compare` makes concepts with.

    checkpoint: "chosen" or "last". Arms whose training is the same share it.
    """

    title: str
    method: str = ""
    changes: Mapping[str, Any] = field(default_factory=dict)
    checkpoint: str = "chosen"
    says: str = ""
    makes: str = ""

    @property
    def learns(self) -> bool:
        """It has a concept of each subject."""
        return bool(self.method or self.makes)


@dataclass(frozen=True)
class SubjectPlan:
    """A folder of pictures, or the number of a held-out character or face, whose pictures are drawn. consent: of a person."""

    name: str
    class_noun: str
    pictures: Path | None = None
    references: Path | None = None
    distractors: Path | None = None
    description: str = ""
    character: int | None = None
    face: int | None = None
    consent: str = ""

    @property
    def is_drawn(self) -> bool:
        return self.character is not None or self.face is not None


@dataclass(frozen=True)
class Plan:
    """forward_rows: rows through the denoiser that each trained arm gets; "recommended": each method's own steps.

    face_pack: who reads faces, as faces.load_reader() takes it. other: name of somebody whom the base knows, who stands where prompts say
    {other}, in all arms; "": the next subject does. other_references: pictures of them; of a name of the drawn world they are drawn.
    """

    arms: tuple[Arm, ...]
    subjects: tuple[SubjectPlan, ...]
    title: str = "comparison"
    base: str = "mini"
    backbone: str = "mini"
    face_pack: str = FACE_PACK
    suite: str = "drawn"
    pictures_per_prompt: int | None = None
    seeds: tuple[int, ...] = (0,)
    steps: int = 25
    guidance: float | None = None
    forward_rows: int | str = "recommended"
    defaults: Mapping[str, Any] = field(default_factory=dict)
    metrics: tuple[str, ...] | None = None
    planned: tuple[tuple[str, str, str], ...] = ()
    other: str = ""
    other_references: Path | None = None

    @property
    def named(self) -> others.Other | None:
        """The second person of prompts, where the plan says who that is. UserError for references that are no pictures."""
        said = " ".join(self.other.split())
        shown = others.sources.open_folder(self.other_references, "other_references") if self.other_references else ()
        return others.Other(said, said, None, shown) if said else None


def read_plan(path: Path | str) -> Plan:
    """UserError for a file that can't be read or says what can't be done."""
    try:
        found = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise UserError(f"{path} can't be read ({' '.join(str(error).split())})", "mend the file") from error
    if not isinstance(found, dict):
        raise UserError(f"{path} is not a mapping", "write arms, subjects and what they share; see docs/COMPARE.md")
    return make_plan({"title": Path(path).stem, **found}, Path(path).parent)


def make_plan(given: Mapping[str, Any], folder: Path = Path()) -> Plan:
    """A plan from plain data, checked; relative paths are relative to the folder."""
    known = {f.name for f in dataclasses.fields(Plan)}
    for name in given:
        if name not in known:
            raise UserError(f"{name} is no setting of a comparison", f"choose from {', '.join(sorted(known))}")
    given = {name: value for name, value in given.items() if value is not None}  # what is left blank is as usual
    for name in NAMES:
        if not isinstance(given.get(name, ""), (str, Path)):
            raise UserError(f"{name}: {given[name]} is no name", "write text, in quotes where it is a number")
    for name in ("arms", "subjects"):
        if not given.get(name):
            raise UserError(f"the comparison has no {name}", "add at least one")
    arms = tuple(_arm(title, dict(settings or {})) for title, settings in given["arms"].items())
    subjects = tuple(_subject(dict(s), folder) for s in given["subjects"])
    rest = {k: v for k, v in given.items() if k not in ("arms", "subjects", "seeds", "metrics", "planned")}
    if given.get("other_references"):
        rest["other_references"] = folder / given["other_references"]
    plan = Plan(
        arms=arms, subjects=subjects, seeds=tuple(given.get("seeds", (0,))), metrics=tuple(given["metrics"]) if given.get("metrics") else None,
        planned=tuple(tuple(p) for p in given.get("planned", ())), **rest,
    )  # fmt: skip
    _check(plan)
    return plan


def _arm(title: str, settings: dict[str, Any]) -> Arm:
    method, says, checkpoint, makes = (settings.pop(name, usual) for name, usual in (("method", ""), ("says", ""), ("checkpoint", "chosen"), ("makes", "")))
    if sum(map(bool, (method, says, makes))) != 1:
        raise UserError(f"arm {title!r} needs a method, or says", f"says is one of {', '.join(SAYS)}")
    if says and (says not in SAYS or settings):
        raise UserError(f"arm {title!r} says {says!r} with {settings}", f"says is one of {', '.join(SAYS)}, and has no settings")
    if checkpoint not in ("chosen", "last"):
        raise UserError(f"arm {title!r} takes checkpoint {checkpoint!r}", "take chosen or last")
    return Arm(title, method, settings, checkpoint, says, makes)


def _subject(given: dict[str, Any], folder: Path) -> SubjectPlan:
    if "character" in given:
        from persimg.mini.world.characters import CHARACTERS

        number = given.pop("character")
        if given or not isinstance(number, int) or not 0 <= number < len(CHARACTERS):
            raise UserError(f"character {number} with {given} is no subject", f"write character: 0 to {len(CHARACTERS) - 1}, alone")
        c = CHARACTERS[number]
        return SubjectPlan(c.name, c.class_noun, description=c.description, character=number)
    if "face" in given:
        return _face(given)
    missing = [n for n in ("name", "class_noun", "pictures") if not given.get(n)]
    unknown = [n for n in given if n not in {f.name for f in dataclasses.fields(SubjectPlan)}]
    if missing or unknown:
        raise UserError(f"subject {given.get('name', given)}: missing {missing}, unknown {unknown}", "give name, class_noun and pictures")
    check_name(given["name"])
    consent.check(given["class_noun"], given.get("consent", ""))
    paths = {n: folder / given[n] for n in ("pictures", "references", "distractors") if given.get(n)}
    for path in paths.values():
        if not path.is_dir():
            raise UserError(f"{path} is not a folder", "name a folder with pictures")
    return SubjectPlan(given["name"], given["class_noun"], description=given.get("description", ""), consent=given.get("consent", ""), **paths)


def _face(given: dict[str, Any]) -> SubjectPlan:
    from persimg.mini.world.figures import figure, say_person
    from persimg.mini.world.people import HELD_OUT_FACES

    number = given.pop("face")
    if given or not isinstance(number, int) or not 0 <= number < len(HELD_OUT_FACES):
        raise UserError(f"face {number} with {given} is no subject", f"write face: 0 to {len(HELD_OUT_FACES) - 1}, alone")
    face = HELD_OUT_FACES[number]
    head, tail = say_person(dataclasses.replace(figure(f"face:{number}"), who=None), None, brief=True)
    return SubjectPlan(f"face{number}", face.noun, description=" ".join([head, *tail]), face=number, consent=DRAWN_CONSENT)


def known_person(face: int) -> str:
    """Name of somebody known to the embedded base, whom a held-out face is paired with."""
    from persimg.mini.world.people import PEOPLE

    return PEOPLE[face].name


def _check(plan: Plan) -> None:
    from persimg.bases.loading import check_base_name
    from persimg.faces import pack

    check_base_name(plan.base)
    check_backbone_name(plan.backbone)
    if plan.face_pack != FACE_PACK:
        pack.find(plan.face_pack)
    load_suite(plan.suite)
    for arm in plan.arms:
        if arm.method:
            recipe(plan, arm, plan.seeds[0])
        if arm.says == "truth" and not all(s.is_drawn for s in plan.subjects):
            raise UserError(f"arm {arm.title!r} needs true renders", "only held-out characters and faces have them")
        if arm.says == "known" and any(s.face is None for s in plan.subjects):
            raise UserError(f"arm {arm.title!r} needs somebody whom the base knows", "only held-out faces are paired with a known one")
        if arm.says == "description" and not all(s.description for s in plan.subjects):
            raise UserError(f"arm {arm.title!r} needs a description of every subject", "add description to each")
    titles = {a.title for a in plan.arms}
    for entry in plan.planned:
        if len(entry) != 3 or entry[0] not in titles or entry[1] not in titles or entry[2].removeprefix(SPREAD) not in metric_names():
            raise UserError(f"planned {list(entry)} is no comparison", "write [arm, arm, metric], the arm expected to be better first")
    _check_other(plan)
    if len({s.name for s in plan.subjects}) < len(plan.subjects):
        raise UserError("two subjects have the same name", "rename one")
    _check_measurable(plan)


def _check_other(plan: Plan) -> None:
    """Whether there is somebody, and one person only, for {other}."""
    from persimg.bases.loading import is_word_level

    if plan.other_references and not plan.other:
        raise UserError("other_references are pictures of nobody yet", "say who the second person is: other: NAME")
    if not plan.other:
        if any(OTHER in prompt for prompt in load_suite(plan.suite).prompts) and len(plan.subjects) < 2:
            raise UserError(f"the suite {plan.suite} names two subjects by {OTHER}, the comparison has one", "add a subject, or other: NAME of somebody whom the base knows")
        return
    named = plan.named
    others.check_suite(load_suite(plan.suite), named)
    named = others.on_base(named, is_word_level(plan.base))
    for arm in plan.arms:
        if arm.says == "truth" and renders.known_name(plan.other) is None:
            raise UserError(f"arm {arm.title!r} needs true renders of {plan.other}", "name somebody of the drawn world, or leave the arm out")
        for subject in plan.subjects if arm.says == "known" else ():
            if known_person(subject.face) == named.said:
                raise UserError(f"arm {arm.title!r} would draw {named.said} twice: {subject.name} is paired with them", "take another name for other")


def _check_measurable(plan: Plan) -> None:
    """Hours of training must not end at a number that could never be there."""
    for arm in (a for a in plan.arms if a.says == "references"):
        for subject in plan.subjects:
            if not subject.is_drawn and not (subject.references and len(read_pictures(subject.references)) > 1):
                raise UserError(f"arm {arm.title!r} compares references with each other, {subject.name} has fewer than two", "add references")
    arms, metrics = {a.title: a for a in plan.arms}, load_metrics(sorted({entry[2].removeprefix(SPREAD) for entry in plan.planned}))
    for first, second, planned in plan.planned:
        metric = planned.removeprefix(SPREAD)
        if metric != planned and (len(plan.seeds) < 2 or not (arms[first].learns and arms[second].learns)):
            raise UserError(f"planned {planned} can't be measured", "give two seeds or more, and compare arms that learn")
        if plan.metrics is not None and metric not in plan.metrics:
            raise UserError(f"planned {metric} is not among the metrics", f"add it to metrics: {', '.join(plan.metrics)}")
        _check_people(plan, metric, getattr(metrics[metric], "NEEDS", ()))
        for title, subject in itertools.product((first, second), plan.subjects):
            lacking = [need for need in getattr(metrics[metric], "NEEDS", ()) if need not in _has(plan, arms[title], subject)]
            if lacking:
                raise UserError(f"planned {metric} can't be measured: {title} has no {lacking[0]} of {subject.name}", "change the plan")


def _check_people(plan: Plan, metric: str, needs: Sequence[str]) -> None:
    """Whether somebody reads faces of this kind, knows two as one person, and there is anything to compare somebody with a name to."""
    if "two people" in needs and plan.other and not plan.other_references and renders.known_name(plan.other) is None:
        raise UserError(f"planned {metric} can't be measured: there are no references of {plan.other}", "add other_references")
    if "a person" not in needs:
        return
    if plan.face_pack == FACE_PACK and not _is_drawn(plan):
        raise UserError(f"planned {metric} can't be measured: the embedded face pack knows drawn people alone", "name an insightface pack: face_pack: NAME")
    alone = [subject.name for subject in plan.subjects if not subject.distractors]
    if plan.face_pack != FACE_PACK and alone:
        told = f"{alone[0]} has no distractors, other people by whom the threshold of {plan.face_pack} is set"
        raise UserError(f"planned {metric} can't be measured: {told}", "add distractors: a folder with a subfolder of each of them")


def _is_drawn(plan: Plan) -> bool:
    """Whether a base of the drawn world is asked for what that world can show."""
    from persimg.bases.loading import is_word_level

    return is_word_level(plan.base) and is_drawn(load_suite(plan.suite).prompts)


def _has(plan: Plan, arm: Arm, subject: SubjectPlan) -> set[str]:
    """What a metric will find, in the words of their NEEDS."""
    suite, found = load_suite(plan.suite), {"training"}
    if subject.references or subject.is_drawn:
        found.add("references")
    found |= people_there([subject.class_noun], () if arm.says == "references" else suite.prompts)
    if subject.distractors or subject.character is not None:
        found.add("distractors")
    if arm.learns:
        found.add("class pictures")
    if arm.says != "references":
        found.add("prompts")
        found |= {"drawn prompts"} if _is_drawn(plan) else set()
        found |= {"several seeds"} if (plan.pictures_per_prompt or suite.seeds) > 1 else set()
    return found


def recipe(plan: Plan, arm: Arm, seed: int) -> TrainRecipe:
    """The arm's recipe: published defaults, what all arms share, what this one changes, then steps for equal rows."""
    module = load_method(arm.method)
    known = {f.name for f in dataclasses.fields(module.Recipe)}
    shared = {name: value for name, value in plan.defaults.items() if name in known}
    changes = {"keep_out": 0, **shared, **arm.changes, "seed": seed}
    found = resolve(module, plan.base, changes)
    if isinstance(plan.forward_rows, int) and "steps" not in arm.changes:
        found = dataclasses.replace(found, steps=max(1, plan.forward_rows // rows_per_step(found)))
    return found


def rows_per_step(found: TrainRecipe) -> int:
    """Rows through the denoiser an optimiser step, those for the class included."""
    return found.batch_size * found.gradient_accumulation * (2 if getattr(found, "prior_weight", 0) else 1)
