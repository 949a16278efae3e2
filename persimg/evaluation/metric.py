"""What metrics see, and how they are found: one file each in `metrics/`, by its name.

A metric is a module with TITLE, BETTER ("higher", "lower" or "") and measure(material) → one value a picture, None where
there is none; PER_PROMPT = False says that its values don't belong to the prompts. It raises NotMeasured, with the reason,
where the material lacks what it needs; NEEDS says so beforehand ("prompts", "drawn prompts", "several seeds", "references",
"distractors", "training", "class pictures", "a person", "two people", "a profile", "liked pictures"), so that no comparison is planned on
what can't be measured.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Callable, Iterable, Mapping, Sequence

from persimg.concepts.consent import names_a_person
from persimg.errors import UserError

if TYPE_CHECKING:
    from PIL import Image
    from torch import Tensor

    from persimg.evaluation.backbones import Backbone
    from persimg.evaluation.faces import Reader, Seen
    from persimg.evaluation.taste import Taste

Values = list[float | None]
NO_REFERENCES = "no held-out references: not measured"
NO_PERSON = "the subject is no person: not measured"
OTHER = "{other}"
"""where a prompt names a second person"""


class NotMeasured(Exception):
    """The material lacks what a metric needs; says what."""


@dataclass(frozen=True)
class Material:
    """Pictures of one row of a report, with what they are compared to.

    prompts: one a picture, with {} where the subject is named; None where pictures answer no prompt (references, noise).
    references: held-out pictures of the subject. leave_one_out: the pictures are the references themselves.
    distractors: pictures of other subjects of the class. training: what was learned from.
    class_pictures, base_class_pictures: of the bare class word, by the personalised model and by the base, equal seeds.
    drawn: the prompts are in the words of the drawn world and the pictures are of it. embedded: they are the embedded base's, or one's like it,
    as it is sure or as their own records say, each.
    dino: name of the self-supervised encoder, as load_dino() takes it.
    other_references: pictures of the second person, whom prompts name by {other}. face_pack: who reads faces, as
    faces.load_reader() takes it. taste: of one user, fitted.
    """

    pictures: tuple[Image.Image, ...]
    prompts: tuple[str, ...] | None
    class_noun: str
    backbone: Backbone
    references: tuple[Image.Image, ...] = ()
    distractors: Mapping[str, tuple[Image.Image, ...]] = field(default_factory=dict)
    training: tuple[Image.Image, ...] = ()
    class_pictures: tuple[Image.Image, ...] = ()
    base_class_pictures: tuple[Image.Image, ...] = ()
    leave_one_out: bool = False
    drawn: bool = False
    embedded: bool = False
    dino: str = "mini"
    other_references: tuple[Image.Image, ...] = ()
    face_pack: str = "mini"
    taste: Taste | None = None

    @cached_property
    def features(self) -> Tensor:
        """(N, D)."""
        return self.backbone.images(self.pictures)

    @cached_property
    def reference_features(self) -> Tensor:
        """(R, D). NotMeasured without references."""
        if not self.references:
            raise NotMeasured(NO_REFERENCES)
        return self.backbone.images(self.references)

    @cached_property
    def training_features(self) -> Tensor:
        """(T, D). NotMeasured without training pictures."""
        if not self.training:
            raise NotMeasured("no training pictures: not measured")
        return self.backbone.images(self.training)

    @cached_property
    def dino_features(self) -> tuple[Tensor, Tensor]:
        """(N, D) of the pictures and (R, D) of the references. NotMeasured without references or without the encoder."""
        from persimg.evaluation.dino import load_dino

        if not self.references:
            raise NotMeasured(NO_REFERENCES)
        try:
            encoder = load_dino(self.dino)
        except UserError as error:
            raise NotMeasured(str(error)) from error
        return encoder.images(self.pictures), encoder.images(self.references)

    @property
    def texts(self) -> list[str]:
        """The prompts with the class noun for the subject. NotMeasured where pictures answer none."""
        return self.said(self.class_noun)

    def said(self, subject: str) -> list[str]:
        if self.prompts is None:
            raise NotMeasured("these pictures answer no prompt")
        return [prompt.replace("{}", subject).replace(OTHER, "person") for prompt in self.prompts]

    @cached_property
    def seen(self) -> list[Seen]:
        """Of each picture, which face is the subject's and which the second person's, where the prompt names one.

        NotMeasured without references, of what is no person, and where nothing reads faces of this kind.
        """
        from persimg.evaluation import faces

        if not names_a_person(self.class_noun):
            raise NotMeasured(NO_PERSON)
        if not self.references:
            raise NotMeasured(NO_REFERENCES)
        if self.face_pack == "mini" and not self.drawn and self.prompts is not None:
            raise NotMeasured("the embedded face pack knows drawn people alone: not measured")
        try:
            reader = faces.load_reader(self.face_pack)
        except UserError as error:
            raise NotMeasured(str(error)) from error
        own, other = reader.template(self.references), reader.template(self.other_references)
        limit = faces.threshold(reader, self.references, self.distractors)
        if own is None or limit is None:
            raise NotMeasured("no face is found in the references" if own is None else "pictures of other people are needed to calibrate the recognizer")
        owns = self._others(reader) if self.leave_one_out else [own] * len(self.pictures)
        pairs = self.pairs if other is not None else frozenset()
        asked = [[mine, other] if i in pairs else [mine] for i, mine in enumerate(owns)]
        return [faces.seen(reader.read(picture), templates, limit) for picture, templates in zip(self.pictures, asked)]

    def _others(self, reader: Reader) -> list[Any]:
        """Of each reference the mean of all others: none is compared with itself."""
        found = [reader.template([*self.references[:i], *self.references[i + 1 :]]) for i in range(len(self.references))]
        if any(template is None for template in found):
            raise NotMeasured("one reference alone has no ceiling")
        return found

    @cached_property
    def pairs(self) -> frozenset[int]:
        """Pictures whose prompt names a second person."""
        return frozenset(i for i, prompt in enumerate(self.prompts or ()) if OTHER in prompt)

    def of_pairs(self, value: Callable[[int, Seen], float]) -> Values:
        """A value for each picture of two people, None for others. NotMeasured where there are none, or nobody to compare with."""
        if not self.pairs:
            raise NotMeasured("no prompt names two people: not measured")
        if not self.other_references:
            raise NotMeasured("no references of the second person: not measured")
        if not any(len(found.cosines) == 2 for found in self.seen):
            raise NotMeasured("no face is found in the references of the second person")
        return [value(i, found) if i in self.pairs and len(found.cosines) == 2 else None for i, found in enumerate(self.seen)]


def metric_names() -> list[str]:
    """The folder is the registry."""
    return sorted(p.stem for p in (Path(__file__).parent / "metrics").glob("*.py") if p.stem != "__init__")


def check_metric_names(names: Sequence[str]) -> None:
    """UserError for an unknown one; needs no torch."""
    known = metric_names()
    for name in names:
        if name not in known:
            raise UserError(f"there is no metric named {name}", f"choose from {', '.join(known)}")


def load_metrics(names: Sequence[str] | None = None) -> dict[str, ModuleType]:
    """Metrics by name, all of them by default. UserError for an unknown name."""
    check_metric_names(names or ())
    return {name: importlib.import_module(f"persimg.evaluation.metrics.{name}") for name in names or metric_names()}


PEOPLE_NEEDS = {"a person", "two people"}
TASTE_NEEDS = {"a profile", "liked pictures"}


def people_there(nouns: Iterable[str], prompts: Iterable[str]) -> set[str]:
    """Which of PEOPLE_NEEDS subjects of these class nouns, in these prompts, meet."""
    found = {"a person"} if any(names_a_person(noun) for noun in nouns) else set()
    return found | ({"two people"} if any(OTHER in prompt for prompt in prompts) else set())


def fitting(metrics: Mapping[str, ModuleType], nouns: Iterable[str], prompts: Iterable[str], taste: Taste | None = None) -> dict[str, ModuleType]:
    """Without those about people where no class noun is one, those about two where no prompt names two, and those of a taste without one."""
    there = people_there(nouns, prompts) | (taste.needs if taste else set())
    return {name: m for name, m in metrics.items() if (PEOPLE_NEEDS | TASTE_NEEDS) & set(getattr(m, "NEEDS", ())) <= there}


def measure(metrics: Mapping[str, ModuleType], material: Material) -> dict[str, Values | str]:
    """Metric → a value a picture, or why it isn't measured."""
    found: dict[str, Values | str] = {}
    for name, metric in metrics.items():
        try:
            found[name] = metric.measure(material)
        except NotMeasured as reason:
            found[name] = str(reason)
    return found
