"""From attributes in the running to a prompt: what may be added, in which order, how much.

The order in which attributes are tried, and what each excludes, doesn't depend on strength, which only says where to stop: so
more strength only adds.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Mapping, Sequence

from persimg.errors import UserError
from persimg.preferences.attributes import of_prompt
from persimg.preferences.lexicon import Lexicon, lexicon
from persimg.preferences.profile import MUTED, PINNED, Belief, Profile
from persimg.preferences.rewriter import Change, Dropped, Rewrite, Target

GATE = 0.10
"""what strength times score must exceed"""
PER_CATEGORY = 2
MOST = 8


@dataclass(frozen=True)
class Candidate:
    """An attribute in the running. score: at strength 1, 0 and more; weight, evidence, why: for the user."""

    attribute: str
    score: float
    weight: float
    why: str
    evidence: tuple[str, ...]


@dataclass
class Chosen:
    """What was taken so far, and what was left out."""

    changes: list[Change] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)


def check_strength(strength: float) -> float:
    if not 0 <= strength <= 1:
        raise UserError(f"strength {strength} is out of range", "choose 0 (nothing changes) to 1")
    return strength


def composed(prompt: str, candidates: Sequence[Candidate], profile: Profile, strength: float, target: Target) -> Rewrite:
    """The prompt, verbatim, with the best candidates behind it, and the profile's dislikes as a negative prompt."""
    check_strength(strength)
    if strength == 0 or profile.is_empty or not prompt.strip():
        return Rewrite(prompt, prompt)
    table, said = lexicon(), of_prompt(prompt)
    barred = {b.attribute for b in profile.beliefs.values() if b.weight < 0 or b.status == MUTED}
    likes, dislikes = Chosen(), Chosen()
    for candidate in in_order(candidates, strength):
        _take(likes, candidate, prompt, said, barred, target, table)
    for candidate in in_order(disliked(profile), strength):
        _negate(dislikes, candidate, said, target, table)
    added = sorted(likes.changes, key=lambda change: table.attributes[change.attribute].order)
    rewritten = joined(prompt, [change.text for change in added])
    negative = ", ".join(change.text for change in dislikes.changes)
    return Rewrite(prompt, rewritten, negative, (*added, *dislikes.changes), (*likes.dropped, *dislikes.dropped))


def in_order(candidates: Sequence[Candidate], strength: float) -> list[Candidate]:
    ordered = sorted(candidates, key=lambda c: (-c.score, c.attribute))
    return [c for c in ordered if strength * c.score > GATE]


def joined(prompt: str, phrases: Sequence[str]) -> str:
    """The prompt, then the phrases; a comma or a full stop at its end takes the place of the comma between."""
    if not phrases:
        return prompt
    return f"{prompt}{' ' if prompt.rstrip().endswith((',', '.', ';')) else ', '}{', '.join(phrases)}"


def _take(chosen: Chosen, candidate: Candidate, prompt: str, said: Mapping[str, float], barred: set[str], target: Target, table: Lexicon) -> None:
    why = _reason_against(chosen, candidate, said, barred, table)
    phrase = None
    if why is None:
        attribute = table.attributes[candidate.attribute]
        phrase = target.first((*attribute.phrases, *attribute.instead))
        why = "the base has no words for it" if phrase is None else _disliked_word(phrase, barred, table)
    if why is None and (side := target.side(str(phrase))) in _sides(chosen, said, target, table):
        why = f"the base draws one {side}, which is said already"
    if why is None and target.count(joined(prompt, [*(c.text for c in chosen.changes), str(phrase)])) > target.budget:
        why = f"no room: the base reads {target.budget} tokens"
    if why is None:
        chosen.changes.append(Change(str(phrase), candidate.attribute, candidate.why, round(candidate.weight, 4), candidate.evidence))
    else:
        chosen.dropped.append(Dropped(candidate.attribute, why))


def _reason_against(chosen: Chosen, candidate: Candidate, said: Mapping[str, float], barred: set[str], table: Lexicon) -> str | None:
    attribute = table.attributes.get(candidate.attribute)
    if attribute is None or candidate.attribute in barred:
        return "it is disliked or muted"
    if any(table.attributes[s].category == attribute.category for s in said):
        return f"the prompt already says something about {attribute.category}"
    contradicted = next((s for s in (*said, *(c.attribute for c in chosen.changes)) if table.conflicts(s, candidate.attribute)), None)
    if contradicted:
        return f"it contradicts {table.attributes[contradicted].name}"
    if Counter(table.attributes[c.attribute].category for c in chosen.changes)[attribute.category] >= PER_CATEGORY:
        return f"enough is said about {attribute.category}"
    return "enough is said" if len(chosen.changes) >= MOST else None


def _sides(chosen: Chosen, said: Mapping[str, float], target: Target, table: Lexicon) -> set[str]:
    """Of which the prompt or a phrase behind it says something; without "", which is any."""
    phrases = [*(c.text for c in chosen.changes), *(phrase for id in said for phrase in (*table.attributes[id].phrases, *table.attributes[id].instead))]
    return {target.side(phrase) for phrase in phrases} - {""}


def _disliked_word(phrase: str, barred: set[str], table: Lexicon) -> str | None:
    found = next((a for a in of_prompt(phrase) if a in barred), None)
    return found and f"its words say {table.attributes[found].name}, which is disliked or muted"


def _negate(chosen: Chosen, candidate: Candidate, said: Mapping[str, float], target: Target, table: Lexicon) -> None:
    attribute = table.attributes[candidate.attribute]
    phrase = target.first((*attribute.negative, *attribute.instead))
    text = ", ".join([*(c.text for c in chosen.changes), phrase or ""])
    why = None
    if candidate.attribute in said:
        why = "the prompt asks for it"
    elif phrase is None:
        why = "the base has no words for it"
    elif len(chosen.changes) >= target.most_negative:
        why = "enough is avoided"
    elif target.count(text) > target.budget:
        why = "no room in the negative prompt"
    if why:
        chosen.dropped.append(Dropped(candidate.attribute, why))
    else:
        chosen.changes.append(Change(str(phrase), candidate.attribute, candidate.why, candidate.weight, candidate.evidence, negated=True))


def disliked(profile: Profile) -> list[Candidate]:
    return [Candidate(b.attribute, certainty(b), b.weight, because(b), tuple(b.evidence)) for b in profile.disliked() if b.evidence]


def certainty(belief: Belief) -> float:
    """How much a belief counts, 0..1: tanh(|w| / 2) min(1, |z|). Beside a population tanh |w|: that prior has the spread that users
    have, so that little evidence has made the weight as small as it should be."""
    import math

    if belief.common is not None and belief.status != PINNED:
        return math.tanh(abs(belief.weight))
    return math.tanh(abs(belief.weight) / 2) * min(1.0, abs(belief.z))


REASONS = {
    "statement": "you said so", "edit": "you set it so", "comment": "you said so of {n} picture{s}", "like": "you liked {n} picture{s} with it",
    "keep": "you kept {n} picture{s} with it", "choice": "you chose {n} picture{s} with it", "rating": "you rated {n} picture{s} high with it or low without",
    "prompt": "{n} of your past prompts asked for it", "dislike": "you disliked {n} picture{s} without it", "delete": "you deleted {n} picture{s} without it",
    "tone": "you praised pictures with it or blamed ones without ({n} in all)",
}  # fmt: skip
AGAINST = {
    "comment": "you said so of {n} picture{s}", "dislike": "you disliked {n} picture{s} with it", "delete": "you deleted {n} picture{s} with it",
    "prompt": "{n} of your past prompts asked for something else", "choice": "you passed over {n} picture{s} with it", "rating": "you rated {n} picture{s} low with it or high without", "like": "you liked {n} picture{s} without it",
    "keep": "you kept {n} picture{s} without it", "tone": "you blamed pictures with it or praised ones without ({n} in all)",
}  # fmt: skip


def because(belief: Belief) -> str:
    """One clause a kind of event that speaks for the belief, and one where most users share it."""
    table = REASONS if belief.weight > 0 else {**REASONS, **AGAINST}
    parts = [table[kind].format(n=n, s="" if n == 1 else "s") for kind, n in sorted(belief.support.items(), key=lambda item: -item[1])]
    shared = belief.common is not None and belief.common * belief.weight > 0
    return ", ".join([*parts, *([f"users {'like' if belief.weight > 0 else 'dislike'} it on average"] if shared else [])])
