"""Identity basis: a person as a point in the space of people that the base knows by name (Yuan et al. 2023, arXiv:2306.00926, Celeb Basis).

The base draws the people it knows in any scene and beside each other. So a new person's two words are sought only where theirs lie: on
a sphere around the mean of known names, in the span of their principal components. 2 x K numbers a person, nothing else changes.

They are optimised themselves, the published ablation, or (inversion=map) given by a map from what a recognizer makes of a face, which is
learned over several people and then knows further ones in one pass. Subfolders of --pictures are one person each.

What is learned is the face that is meant: a picture of several faces, or of one lower than a third of its height, is cut to it as
FFHQ's are (faces/cut.py); a single large face is learned as it is. So it is where faces are looked for, and --face-box cuts to a box.

space: identity basis | inversion: optimisation or a learned map | scheme: placeholder in the prompt

Departures from the released code, as far as settings don't undo them:
- what is averaged (ema_decay) are the weights, not coefficients and embeddings, from the first step on instead of from noise, with a decay
  that rises to its value, and what is saved lies on the sphere;
- pictures are learned as they are or cut, not pasted onto black at a random size and place, neither mirrored at random (flip) nor jittered
  in colour, and latents are encoded once, not anew at each step; what padding or a mask leaves out doesn't count in the loss;
- the map reads each of a person's pictures in turn, unaugmented, by the recognizer of the pack instead of CosFace-R100, and in a step every
  person's; the direct route, there an ablation, is the default;
- no weight decay (AdamW's is 0.01 there), and gradients are clipped (max_grad_norm);
- 400 steps however many people, there 400 for each; everybody has rows of their own, there one placeholder stands for all in training;
- captions of our own words, and each token once a position in the basis (spaces/basis.py).
"""

from __future__ import annotations

import dataclasses
import datetime
import logging
from dataclasses import dataclass
from functools import lru_cache
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
    from persimg.faces.detect import Face
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
    """which face is meant where a picture shows several: only (default: one that is alone or clearly the largest) or largest; a picture of several, or of one lower than a third of it, is cut to the face"""
    face_box: str | None = None
    """X,Y,W,H: where the face is in the only picture, px (default: it is looked for); the picture is cut to it"""
    aligned: bool = False
    """the pictures are square crops of a face, aligned as FFHQ's are: none is looked for or cut"""
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


def as_learned(
    recipe: Recipe, is_drawn: bool, learned: Sequence[Picture], held_out: Sequence[Picture] = (),
) -> tuple[tuple[Picture, ...], tuple[Picture, ...]]:  # fmt: skip
    """(to learn from, held out), each picture cut to the face that is meant where it isn't a portrait of it. is_drawn: on the embedded base.

    Raises UserError for faces that can't be learned from, and where what was said of them doesn't go together.
    """
    _check_meant(recipe, len(learned))
    # a box is of the picture that is learned; in what is compared to it the face is looked for
    own, others = _all_as_learned(learned, recipe, is_drawn), _all_as_learned(held_out, dataclasses.replace(recipe, face_box=None), is_drawn)
    return own, others


def _all_as_learned(pictures: Sequence[Picture], recipe: Recipe, is_drawn: bool) -> tuple[Picture, ...]:
    pack = find_pack(recipe, is_drawn) if pictures else None
    return tuple(_as_learned(picture, recipe, pack, is_drawn) for picture in pictures)


def _check_meant(recipe: Recipe, count: int) -> None:
    if recipe.face_box is None:
        return
    if recipe.aligned or recipe.face != "only":
        raise UserError("--face-box is given with " + ("--aligned" if recipe.aligned else f"--face {recipe.face}"), "pass one of them")
    if count != 1:
        raise UserError(f"--face-box is of one picture, --pictures has {count} to learn from", "leave one there, or crop them yourself")


def _as_learned(picture: Picture, recipe: Recipe, pack: Pack | None, is_drawn: bool) -> Picture:
    from persimg.data.pictures import cut
    from persimg.faces.cut import cut_to, needed

    looks = not recipe.aligned and recipe.face_box is None
    if looks and pack is None:
        return picture
    face, *others = _faces(picture, recipe, _pack_name(recipe, is_drawn))
    if recipe.aligned or (looks and not needed([face, *others], face, picture.size[1])):
        return picture
    return cut(picture, cut_to(face, picture.size, others))


def _faces(picture: Picture, recipe: Recipe, pack: str) -> tuple[Face, ...]:
    """The face that is meant, then the others that were found."""
    return _found(picture.path, picture.digest, pack, recipe.face, recipe.aligned, recipe.face_box)


@lru_cache(maxsize=4096)  # whoever plans a run and then starts it looks twice
def _found(path: Path, digest: str, pack: str, pick: str, aligned: bool, box: str | None) -> tuple[Face, ...]:
    """digest: of the file. UserError (exit 3) for a picture without a face, or one that leaves open which is meant."""
    from persimg.faces import detect, pack as packs
    from persimg.faces.align import aligned_face

    picture, where = files.open_picture(path), str(path)
    if aligned:
        return (aligned_face(picture, where, pack),)
    if box is not None:
        return (detect.boxed(detect.parse_box(str(box)), picture, where),)
    reader = packs.load(pack)
    faces = detect.sure(picture, reader)
    meant = detect.choose(faces, picture, reader, where, pick)
    return meant, *(face for face in faces if face is not meant)


def depends_on(recipe: Recipe, base: Base) -> dict[str, str]:
    """Digests of what the recipe names by a path or a name: the basis, and the pack (of its recognizer) where it finds or reads faces.

    alignment: of pictures that are said to be aligned, where a recognizer reads them.
    """
    from persimg.faces.align import ALIGNMENT

    pack, is_read = find_pack(recipe, base.word_level), recipe.inversion == "map"
    aligned = {"alignment": ALIGNMENT} if recipe.aligned and is_read else {}
    return {**_digests(find_basis(base, recipe.basis), pack.digest if pack else ""), **aligned}


def _digests(basis: Basis, pack_digest: str) -> dict[str, str]:
    """judge_digest: of the recognizer that chose the names of the basis, if one did. Scores should come from another (evaluation/faces.py)."""
    judge = basis.card.get("judged_by")  # of a file that anybody may have written
    found = {"basis_digest": basis.digest, "pack_digest": pack_digest, "judge_digest": judge.get("pack_digest") if isinstance(judge, dict) else ""}
    return {name: digest for name, digest in found.items() if digest and isinstance(digest, str)}


def build(base: Base, data: ConceptData, recipe: Recipe) -> tuple[Space, list[Objective]]:
    from persimg.faces.align import ALIGNMENT
    from persimg.objectives.denoising import Denoising
    from persimg.spaces import IdentityBasis, People

    basis, pack = find_basis(base, recipe.basis), find_pack(recipe, base.word_level)
    shared = {"init": recipe.init, "seed": recipe.seed, "radius": recipe.radius}
    if count := sum(picture.cut is not None for picture in data.pictures):
        logging.getLogger("persimg").warning("cut to the face that is learned: %d of %d pictures; --dry-run shows them", count, len(data.pictures))
    space: IdentityBasis
    if recipe.inversion == "map":
        assert pack
        features = read_faces(data.pictures, pack, recipe)
        own = [_of(name, data, features) for name in data.names]
        read_by = {"pack": pack.name, "pack_digest": pack.digest, "alignment": ALIGNMENT}
        space = People(data.names, basis, lr=recipe.map_learning_rate, features=own, read_by=read_by, **shared)
    elif data.people:
        space = People(data.names, basis, lr=recipe.learning_rate, **shared)
    else:
        space = IdentityBasis(data.placeholder, basis, lr=recipe.learning_rate, **shared)
    return space, [Denoising(recipe.min_snr_gamma)]


def _pack_name(recipe: Recipe, is_drawn: bool) -> str:
    from persimg.faces.pack import EMBEDDED

    return recipe.pack or (EMBEDDED if is_drawn else "")


def find_pack(recipe: Recipe, is_drawn: bool) -> Pack | None:
    """What finds or reads faces; None where nothing was named that could, or nothing has to. is_drawn: on the embedded base."""
    from persimg.faces import pack

    name, is_read = _pack_name(recipe, is_drawn), recipe.inversion == "map"
    if is_read and not name:
        raise UserError("what reads faces isn't named", "name an insightface pack with --pack")
    looks = not recipe.aligned and recipe.face_box is None
    return pack.load(name) if name and (is_read or looks) else None


def read_faces(pictures: Sequence[Picture], pack: Pack, recipe: Recipe) -> list[Tensor]:
    """(F,) unit vector of the face that is meant in each picture. UserError as `as_learned` raises it."""
    import torch

    from persimg.faces.embed import embed

    found = []
    for picture in pictures:
        face = _faces(picture, recipe, pack.name)[0]
        found.append(torch.from_numpy(embed(files.open_picture(picture.path), face, pack)).float())
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
    recipe = {"inversion": "map", "pack": trained.card["pack"], **_digests(basis, trained.card["pack_digest"])}
    space = IdentityBasis.from_config(config)
    card = Card(
        name, class_noun, space.expansion, base.record, "identity_basis", {"space": "identity basis", "inversion": "a learned map", "scheme": "placeholder in the prompt"}, recipe,
        {kind: config}, {"pictures": 1, "learned_with": trained.card.get("people", 0)}, consent=consent, versions=versions(),
        created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    )  # fmt: skip
    return Concept(card, {kind: trained.weights(basis, torch.as_tensor(feature))})
