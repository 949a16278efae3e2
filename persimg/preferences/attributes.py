"""What texts say of pictures: the attributes that a prompt asks for, and those that a comment likes and dislikes. No model."""

from __future__ import annotations

from typing import Iterable, Mapping

from persimg.preferences.clauses import clauses
from persimg.preferences.lexicon import lexicon
from persimg.preferences.statement import Mention, Remark, Request, Statement, mentions

__all__ = ["Mention", "Remark", "Request", "Statement", "mentions", "of_prompt", "resolved"]

SURE = 0.35
"""a picture has an attribute that it is this sure to have"""


def of_prompt(text: str) -> dict[str, float]:
    """Attribute → 1.0 for those that a prompt asks for, sensitive ones too; "no fog" and "without a hat" ask for none."""
    targets = [t for clause in clauses(text) for segment in clause.segments for t in segment.targets]
    return {t.found.value: 1.0 for t in targets if t.found.kind == "attribute" and t.around.own >= 0}


def resolved(requests: Iterable[Request], picture_attributes: Mapping[str, float]) -> tuple[Mention, ...]:
    """Judgements of categories as judgements of what the picture is like there, as strong as it is sure. Nothing sensitive."""
    table, found = lexicon(), []
    for request in requests:
        for id, sure in picture_attributes.items():
            attribute = table.attributes.get(id)
            if attribute and attribute.category == request.category and not attribute.is_sensitive and sure >= SURE:
                found.append(Mention(id, request.polarity, request.strength * min(1.0, sure), request.quote))
    return tuple(found)
