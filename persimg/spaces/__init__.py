"""Where a concept is written: the kinds of space, and a concept put into a base."""

from __future__ import annotations

from typing import TYPE_CHECKING

from persimg.errors import UserError
from persimg.spaces.full import FullWeights
from persimg.spaces.identity_basis import IdentityBasis
from persimg.spaces.lora import Lora
from persimg.spaces.people import People
from persimg.spaces.space import Space, Stack, whole_first
from persimg.spaces.token import TokenEmbeddings

if TYPE_CHECKING:
    from persimg.bases.base import Base
    from persimg.concepts.concept import Concept

SPACES = {"token": TokenEmbeddings, "lora": Lora, "full": FullWeights, "identity_basis": IdentityBasis}
"""kind in the file → class; a new kind is a change of the file format"""


def attach_concept(base: Base, concept: Concept, scale: float = 1.0, force: bool = False) -> Stack:
    """Put a learned concept into a base, at a scale.

    Raises UserError for a concept of another family or base (force passes over the fingerprint alone), for shapes that
    don't fit, for kinds of space that this version doesn't know, and when not every module in the file was adapted.
    """
    card, trained = concept.card, concept.card.base
    if trained.get("family") != base.family:
        raise UserError(f"{card.name} was trained on a {trained.get('family')} base, {base.name} is {base.family}", "choose the base")
    if not (base.is_called(trained.get("fingerprint")) or force):
        raise UserError(
            f"{card.name} was trained on {trained.get('name')} (fingerprint {trained.get('fingerprint')}), "
            f"this base is {base.name} ({base.fingerprint})",
            "choose the base or pass --force",
        )
    unknown = [kind for kind in card.spaces if kind not in SPACES]
    if unknown or card.spaces.keys() != concept.weights.keys():
        raise UserError(f"{card.name} holds {', '.join(unknown or concept.weights)}, its card says {', '.join(card.spaces)}", "update persimg", 3)
    try:
        stack = Stack(*(SPACES[kind].from_config(config) for kind, config in card.spaces.items()))
    except TypeError as error:
        raise UserError(f"{card.name} has a space with settings that this version doesn't know ({error})", "update persimg", 3) from error
    stack.attach(base, concept.weights, scale)
    if stack.num_modules != concept.num_modules:
        stack.detach()
        raise UserError(f"{card.name}: {stack.num_modules} of {concept.num_modules} modules were adapted", "choose the base that it was made for", 3)
    return stack


__all__ = ["SPACES", "FullWeights", "IdentityBasis", "Lora", "People", "Space", "Stack", "TokenEmbeddings", "attach_concept", "whole_first"]
