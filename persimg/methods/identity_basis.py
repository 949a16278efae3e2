"""Identity basis: a person as a point in the space of people that the base knows by name (Yuan et al. 2023, arXiv:2306.00926, Celeb Basis).

The base draws the people it knows in any scene and beside each other. So a new person's two words are sought only where theirs lie: on
a sphere around the mean of known names, in the span of their principal components. 2 x K numbers a person, nothing else changes.

They are optimised themselves, the published ablation, or (inversion=map) given by a map from what a recognizer makes of a face, which is
learned over several people and then knows further ones in one pass. Subfolders of --pictures are one person each.

space: identity basis | inversion: optimisation or a learned map | scheme: placeholder in the prompt

Departures: what is averaged (ema_decay) are the weights, from the first step on instead of from noise, and what is saved lies on the
sphere; pictures are learned as they are, not pasted onto black, and the map reads each of a person's pictures in turn, unaugmented.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Mapping, Sequence

from persimg import files
from persimg.errors import UserError
from persimg.training.log import versions
from persimg.training.recipe import TrainRecipe

if TYPE_CHECKING:
    from torch import Tensor

    from persimg.bases.base import Base
    from persimg.concepts.concept import Concept
    from persimg.data.concept_data import ConceptData
    from persimg.data.pictures import Picture
    from persimg.faces.pack import Pack
    from persimg.objectives.objective import Objective
    from persimg.spaces.basis import Basis
    from persimg.spaces.face_map import TrainedMap
    from persimg.spaces.space import Space


@dataclass(frozen=True)
class Recipe(TrainRecipe):
    steps: int = 400
    """optimiser steps; the published run's, for one identity"""
    batch_size: int = 2
    learning_rate: float = 5e-3
    """of the coefficients"""
    inversion: str = "coefficients"
    """what is learned: coefficients of each person, or the map from faces to them"""
    map_learning_rate: float = 5e-3
    """of the map"""
    pack: str = ""
    """insightface pack that finds and reads the faces (default: mini, for drawn ones, on the embedded base; else none, and faces are looked for only to learn a map)"""
    face: str = "only"
    """which face is meant where a picture shows several: only or largest"""
    aligned: bool = False
    """the pictures are faces alone, in a recognizer's position: none is looked for"""
    basis: str = ""
    """file that `persimg basis build` wrote (default: built from the people of the drawn world, on the embedded base alone)"""
    init: str = "person"
    """word between which and the person the concept's scale dials"""
    radius: str = "one"
    """of the sphere: one, as published, or names: the mean distance of known names from their mean"""
    templates: str = "person"
    """captions: person, name, object, style or none"""
    ema_decay: float | None = 0.99
    """average the coefficients; the published run's"""


CHOICES = {"radius": ("one", "names"), "inversion": ("coefficients", "map"), "face": ("only", "largest")}
"""what settings may be"""
MINI = {"templates": "name", "batch_size": 8, "learning_rate": 2e-2, "lr_schedule": "linear", "mixed_precision": "auto"}
"""what suits the embedded base"""
MINI_COMPONENTS = 48
MOST = {"coefficients": 10, "map": 2000}
"""people who can be learned together"""


def check_people(recipe: Recipe, name: str, people: Mapping[str, int]) -> None:
    """people: name → pictures, of a folder with subfolders; empty for one person. UserError for what can't be learned together."""
    if recipe.inversion == "map" and len(people) < 2:
        raise UserError("a map is learned from several people", "make a folder for each, with their pictures, in the folder of --pictures")
    if len(people) > MOST[recipe.inversion]:
        raise UserError(f"--pictures holds {len(people)} people", f"take {MOST[recipe.inversion]} at most with inversion={recipe.inversion}")
    if people and name:
        raise UserError(f"--name {name} is given, and --pictures holds {len(people)} people", "leave it out: their folders name them")
    if recipe.inversion == "map" and "map" in people:
        raise UserError("a person is called map, as the file of the map is", "rename the folder")


def build(base: Base, data: ConceptData, recipe: Recipe) -> tuple[Space, list[Objective]]:
    from persimg.objectives.denoising import Denoising
    from persimg.spaces import IdentityBasis, People

    basis, pack = find_basis(base, recipe.basis), find_pack(base, recipe)
    shared = {"init": recipe.init, "seed": recipe.seed, "radius": recipe.radius}
    features = faces_in(data.pictures, pack, recipe) if pack else []
    space: IdentityBasis
    if recipe.inversion == "map":
        assert pack
        own = [_of(name, data, features) for name in data.names]
        space = People(data.names, basis, lr=recipe.map_learning_rate, features=own, read_by={"pack": pack.name, "pack_digest": pack.digest}, **shared)
    elif data.people:
        space = People(data.names, basis, lr=recipe.learning_rate, **shared)
    else:
        space = IdentityBasis(data.placeholder, basis, lr=recipe.learning_rate, **shared)
    return space, [Denoising(recipe.min_snr_gamma)]


def find_pack(base: Base, recipe: Recipe) -> Pack | None:
    """What finds and reads faces; None where nothing was named that could."""
    from persimg.faces import pack

    name = recipe.pack or (pack.EMBEDDED if base.word_level else "")
    if recipe.inversion == "map" and not name:
        raise UserError("what reads faces isn't named", "name an insightface pack with --pack")
    return pack.load(name) if name and (recipe.inversion == "map" or not recipe.aligned) else None


def faces_in(pictures: Sequence[Picture], pack: Pack, recipe: Recipe) -> list[Tensor]:
    """(F,) unit vector of the face in each picture. UserError (exit 3) for a picture without one, or one that leaves open which."""
    import torch

    from persimg.faces.embed import of_person

    found = []
    for picture in pictures:
        opened = files.open_picture(picture.path)
        found.append(torch.from_numpy(of_person(opened, pack, str(picture.path), recipe.face, recipe.aligned)).float())
    return found


def _of(name: str, data: ConceptData, features: Sequence[Tensor]) -> Tensor:
    """(n, F) of one person's pictures."""
    import torch

    return torch.stack([feature for who, feature in zip(data.people, features) if who == name])


def find_basis(base: Base, path: str = "") -> Basis:
    """The basis in a file; without one, of the people of the drawn world, which the embedded base alone knows.

    UserError (exit 3) for a file that is no basis, and (exit 2) for a base that none is known of.
    """
    from persimg.spaces import basis

    if path:
        return basis.load(Path(path))
    if not base.word_level:
        raise UserError("the identity basis of this base is needed", "build one with: persimg basis build --names FILE --base B --out FILE; name it with --basis")
    from persimg.mini.world.people import PEOPLE

    return basis.build(base, [person.name for person in PEOPLE], MINI_COMPONENTS)


def applied(trained: TrainedMap, base: Base, basis: Basis, feature: Any, name: str, class_noun: str, consent: str) -> Concept:
    """A concept of a further person by a learned map, in one pass. feature: (F,) unit vector of the map's recognizer.

    The map's `check` says whether base, basis and recognizer are its own.
    """
    import torch

    from persimg.concepts.concept import Card, Concept
    from persimg.spaces import IdentityBasis

    config, kind = trained.config(name), IdentityBasis.kind
    space = IdentityBasis.from_config(config)
    card = Card(
        name, class_noun, space.expansion, base.record, "identity_basis", {"space": "identity basis", "inversion": "a learned map", "scheme": "placeholder in the prompt"}, {"inversion": "map"},
        {kind: config}, {"pictures": 1, "learned_with": trained.card.get("people", 0)}, consent=consent, versions=versions(),
        created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    )  # fmt: skip
    return Concept(card, {kind: trained.weights(basis, torch.as_tensor(feature))})
