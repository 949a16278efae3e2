"""People between two: on their sphere, each position's coefficients turn from the one identity to the other.

Spherical interpolation (Shoemake 1985, section 3.3), which keeps the length that an identity basis learns at (Yuan et al. 2023,
arXiv:2306.00926); between is nobody who was learned, and the ends are the two concepts as they are.
"""

from __future__ import annotations

import dataclasses
import datetime
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from persimg.concepts.concept import Card, Concept
from persimg.concepts.renaming import renamed
from persimg.errors import UserError
from persimg.spaces.identity_basis import COEFFICIENTS, IdentityBasis

if TYPE_CHECKING:
    from persimg.spaces.basis import Basis

KIND = IdentityBasis.kind
OPPOSITE = 1e-4
"""length of the sum of two unit vectors below which there is no shortest way between them"""
LONGEST = 16
"""letters of either name in a mix's"""


def check(first: Card, second: Card) -> None:
    """UserError for two concepts that aren't two points on one sphere: of another space, base, basis or radius."""
    for card in (first, second):
        if list(card.spaces) != [KIND]:
            kinds = ", ".join(card.spaces) or "nothing"
            raise UserError(f"{card.name} was learned in the space {kinds}", "mix two concepts of the method identity_basis")
    both, (one, other) = f"{first.name} and {second.name}", (card.spaces[KIND] for card in (first, second))
    bases = [card.base.get("fingerprint") for card in (first, second)]
    if bases[0] != bases[1]:
        raise UserError(f"{both} were trained on different bases (fingerprints {bases[0]} and {bases[1]})", "learn both on one base")
    if one.get("basis") != other.get("basis"):
        found = f"{one.get('basis')} and {other.get('basis')}"
        raise UserError(f"{both} were learned over different identity bases ({found})", "learn both over one --basis")
    if one.get("radius") != other.get("radius"):
        found = f"{one.get('radius')} and {other.get('radius')}"
        raise UserError(f"{both} lie on spheres of different radius ({found})", "learn both with one --radius")


def mixed(first: Concept, second: Concept, basis: Basis, steps: int) -> list[Concept]:
    """`steps` concepts, equal angles apart: the first, the people between under names of their own, the second.

    basis: the one that both were learned over. Raises UserError for what `check` refuses, for another basis, fewer than two
    steps, damaged coefficients (exit 3), and for two that lie opposite each other, where no way between is the shortest.
    """
    check(first.card, second.card)
    if steps < 2:
        raise UserError(f"--steps {steps} is out of range", "take 2 or more")
    used = first.card.spaces[KIND].get("basis")
    if basis.digest != used:
        what = f"{first.card.name} was learned over the identity basis {used}, this one is {basis.digest}"
        raise UserError(what, "name its file with --basis")
    for concept in (first, second):
        _check_coefficients(concept, basis)
    between = [_between(first, second, basis, i, steps) for i in range(1, steps - 1)]
    return [first, *between, second]


def _check_coefficients(concept: Concept, basis: Basis) -> None:
    weights = concept.weights[KIND]
    for key, part in basis.parts.items():
        name = COEFFICIENTS.format(key)
        if name not in weights or weights[name].shape != part.components.shape[:2]:
            raise UserError(f"{concept.card.name} lacks the coefficients of {key} over this basis", "train or fetch it again", 3)


def _between(first: Concept, second: Concept, basis: Basis, index: int, steps: int) -> Concept:
    weights: dict[str, Tensor] = {}
    for key, part in basis.parts.items():
        name = COEFFICIENTS.format(key)
        weights[name] = slerp(first.weights[KIND][name], second.weights[KIND][name], index / (steps - 1))
        weights[key] = part.expand(weights[name])
    return Concept(_card(first, second, index, steps), {KIND: weights})


def _card(first: Concept, second: Concept, index: int, steps: int) -> Card:
    """What both say, under a name of its own, with the digests of everybody in it: whoever revokes consent takes this along."""
    one, other = first.card, second.card
    name = f"{one.name[:LONGEST]}-{other.name[:LONGEST]}-{index}"
    people = dict.fromkeys(digest for concept in (first, second) for digest in (concept.digest, *concept.card.people))
    return dataclasses.replace(
        renamed(first, name).card,
        class_noun=one.class_noun if one.class_noun == other.class_noun else "person",
        recipe={}, scores={}, step=0,
        data={"people": list(people), "shown": list(dict.fromkeys((*one.shown, *other.shown)))},
        consent="; ".join(f"{card.name}: {card.consent}" for card in (one, other) if card.consent),
        created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        notes=f"{index}/{steps - 1} of the way from {one.name} to {other.name}",
    )  # fmt: skip


def degrees(first: Concept, second: Concept) -> dict[str, list[float]]:
    """Encoder → how far apart the two are at each of the two places of a name, 0 to 180."""
    one, other = (concept.weights[KIND] for concept in (first, second))
    names = {key: COEFFICIENTS.format(key) for key in one if COEFFICIENTS.format(key) in one}
    return {key: angle(one[name], other[name]).rad2deg().tolist() for key, name in names.items()}


def slerp(first: Tensor, second: Tensor, share: float) -> Tensor:
    """(…, K) vectors → at `share` of the angle between them, 0 to 1; lengths go from the first's to the second's evenly.

    Raises UserError where two vectors point in opposite directions.
    """
    u, v = first.double(), second.double()
    lengths = u.norm(dim=-1, keepdim=True), v.norm(dim=-1, keepdim=True)
    u, v = u / lengths[0], v / lengths[1]
    if ((u + v).norm(dim=-1) < OPPOSITE).any():
        what = "the two lie opposite each other, so that no way between them is the shortest"
        raise UserError(what, "learn one of them again with another --seed")
    theta = angle(u, v)[..., None]
    # sin(share theta) / sin(theta) → share for small angles
    a, b = (torch.where(theta < 1e-6, part, torch.sin(part * theta) / torch.sin(theta).clamp_min(1e-12)) for part in (1 - share, share))
    direction = a * u + b * v
    length = torch.lerp(lengths[0], lengths[1], share)
    return (length * direction / direction.norm(dim=-1, keepdim=True)).to(first.dtype)


def angle(first: Tensor, second: Tensor) -> Tensor:
    """(…, K) vectors → the angle between them in radians, 0 to pi; exact for small ones, where an arc cosine isn't."""
    u, v = (x.double() / x.double().norm(dim=-1, keepdim=True) for x in (first, second))
    return 2 * torch.atan2((u - v).norm(dim=-1), (u + v).norm(dim=-1))
