"""What texts say of pictures: the attributes that a prompt asks for, and those that a comment likes and dislikes. No model."""

from __future__ import annotations

from typing import Iterable, Mapping, NamedTuple

from persimg.preferences.clauses import Target, clauses
from persimg.preferences.lexicon import lexicon
from persimg.preferences.statement import Mention, Remark, Request, Statement, mentions

__all__ = ["Mention", "Remark", "Request", "Statement", "Unwanted", "denied", "mentions", "named", "of_prompt", "resolved"]

SURE = 0.35
"""a picture has an attribute that it is this sure to have"""


class Unwanted(NamedTuple):
    """Attributes, and categories that nothing of is wanted."""

    attributes: frozenset[str]
    categories: frozenset[str]


def of_prompt(text: str) -> dict[str, float]:
    """Attribute → 1.0 for those that a prompt asks for, sensitive ones too; "no fog" and "without a hat" and "lacking fog" ask for none."""
    return {t.found.value: 1.0 for t in _targets(text) if t.found.kind == "attribute" and not _is_unwanted(t)}


def denied(text: str) -> Unwanted:
    """What a prompt asks to leave out: "no fog", "without accessories"; "no ugly background" still leaves another one."""
    targets = [t for t in _targets(text) if _is_unwanted(t)]
    return _unwanted(targets, [t for t in targets if not t.around.content])


def named(text: str) -> Unwanted:
    """All that a negative prompt speaks of, whatever it says; "bad colors" still leaves others."""
    bare = [t for clause in clauses(text) for segment in clause.segments if not (segment.content or segment.values) for t in segment.targets]
    return _unwanted(_targets(text), bare)


def _targets(text: str) -> list[Target]:
    return [t for clause in clauses(text) for segment in clause.segments for t in segment.targets]


def _is_unwanted(target: Target) -> bool:
    """In a prompt what is lacking is to be so, where a comment complains of it."""
    around = target.around
    return around.own < 0 or around.own > 0 and around.flips < 0


def _unwanted(targets: Iterable[Target], bare: Iterable[Target]) -> Unwanted:
    attributes = frozenset(t.found.value for t in targets if t.found.kind == "attribute")
    return Unwanted(attributes, frozenset(category for t in bare if t.found.kind == "category" for category in t.found.value))


def resolved(requests: Iterable[Request], picture_attributes: Mapping[str, float]) -> tuple[Mention, ...]:
    """Judgements of categories as judgements of what the picture is like there, as strong as it is sure. Nothing sensitive."""
    table, found = lexicon(), []
    for request in requests:
        for id, sure in picture_attributes.items():
            attribute = table.attributes.get(id)
            if attribute and attribute.category == request.category and not attribute.is_sensitive and sure >= SURE:
                found.append(Mention(id, request.polarity, request.strength * min(1.0, sure), request.quote))
    return tuple(found)
