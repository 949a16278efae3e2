"""From attributes in the running to a prompt: what may be added, in which order, how much.

The order in which attributes are tried, and what each excludes, doesn't depend on strength, which only says where to stop: so
more strength only adds.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Hashable, Mapping, Sequence

from persimg.errors import UserError
from persimg.preferences.attributes import denied, named, of_prompt
from persimg.preferences.claims import because
from persimg.preferences.lexicon import lexicon
from persimg.preferences.profile import LOW, MUTED, PINNED, Belief, Profile
from persimg.preferences.rewriter import Change, Dropped, Rewrite, Target, negatives

GATE = 0.10
"""what strength times score must exceed"""
EXPLICIT = frozenset(("dislike", "delete", LOW, "comment", "statement", "edit"))
"""kinds of events that, where they speak against an attribute, let it be named in a negative prompt"""
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


@dataclass(frozen=True)
class Frame:
    """What a prompt, its own negative prompt and the profile leave open.

    said: attributes that the prompt asks for; barred: attribute → why it is never added; closed: category → why nothing of it is; drawn_as: what
    the base draws for the words of a barred attribute → how sure it is that this is unwanted; before: what the phrases share an encoder's tokens
    with, in the prompt and in the negative prompt.
    """

    prompt: str
    target: Target
    said: frozenset[str]
    barred: Mapping[str, str]
    closed: Mapping[str, str]
    drawn_as: Mapping[Hashable, float]
    before: tuple[str, str]


def check_strength(strength: float) -> float:
    if not 0 <= strength <= 1:
        raise UserError(f"strength {strength} is out of range", "choose 0 (nothing changes) to 1")
    return strength


def composed(
    prompt: str, candidates: Sequence[Candidate], profile: Profile, strength: float, target: Target, is_apart: bool = False
) -> Rewrite:
    """The prompt, verbatim, with the best candidates behind it, and the profile's dislikes as a negative prompt.

    is_apart: the phrases will be encoded as texts of their own, so that neither prompt takes any of their room.
    """
    check_strength(strength)
    if strength == 0 or profile.is_empty or not prompt.strip():
        return Rewrite(prompt, prompt)
    frame = framed(prompt, profile, target, is_apart)
    likes = _liked(candidates, strength, frame)
    # what is avoided must not depend on strength, which only adds
    at_most = likes if strength == 1 else _liked(candidates, 1.0, frame)
    dislikes = Chosen()
    for candidate in in_order(avoided(profile), strength):
        _negate(dislikes, candidate, at_most, frame)
    added = sorted(likes.changes, key=lambda change: lexicon().attributes[change.attribute].order)
    rewritten = joined(prompt, [change.text for change in added])
    negative = ", ".join(change.text for change in dislikes.changes)
    return Rewrite(prompt, rewritten, negative, (*added, *dislikes.changes), (*likes.dropped, *dislikes.dropped))


TYPED = "the prompt asks for none of it", "the negative prompt speaks of it"


def framed(prompt: str, profile: Profile, target: Target, is_apart: bool) -> Frame:
    table = lexicon()
    barred = {b.attribute: "it is disliked or muted" for b in profile.beliefs.values() if b.weight < 0 or b.status == MUTED}
    sure = {a: 1.0 if profile.beliefs[a].status == MUTED else certainty(profile.beliefs[a]) for a in barred}
    closed = {table.attributes[a].category: f"the prompt already says something about {table.attributes[a].category}" for a in of_prompt(prompt)}
    for unwanted, why in zip((denied(prompt), named(target.negative)), TYPED):
        barred |= dict.fromkeys(unwanted.attributes, why)
        sure |= dict.fromkeys(unwanted.attributes, math.inf)
        closed |= dict.fromkeys(unwanted.categories, why)
    drawn_as: dict[Hashable, float] = {}
    for id in sorted(sure, key=lambda a: sure[a]):
        attribute = table.attributes[id]
        drawn_as |= {target.means(phrase): sure[id] for phrase in (*attribute.phrases, *attribute.negative)}
    before = ("", "") if is_apart else (prompt, target.negative)
    return Frame(prompt, target, frozenset(of_prompt(prompt)), barred, closed, drawn_as, before)


def _liked(candidates: Sequence[Candidate], strength: float, frame: Frame) -> Chosen:
    chosen = Chosen()
    for candidate in in_order(candidates, strength):
        _take(chosen, candidate, frame)
    return chosen


def in_order(candidates: Sequence[Candidate], strength: float) -> list[Candidate]:
    ordered = sorted(candidates, key=lambda c: (-c.score, c.attribute))
    return [c for c in ordered if strength * c.score > GATE]


def joined(prompt: str, phrases: Sequence[str]) -> str:
    """The prompt, then the phrases; a comma or a full stop at its end takes the place of the comma between."""
    if not phrases or not prompt:
        return prompt or ", ".join(phrases)
    return f"{prompt}{' ' if prompt.rstrip().endswith((',', '.', ';')) else ', '}{', '.join(phrases)}"


def _take(chosen: Chosen, candidate: Candidate, frame: Frame) -> None:
    target, phrase = frame.target, None
    why = _reason_against(chosen, candidate, frame)
    if why is None:
        attribute = lexicon().attributes[candidate.attribute]
        phrase = target.first((*attribute.phrases, *attribute.instead))
        why = "the base has no words for it" if phrase is None else _unwanted_words(phrase, candidate, frame)
    if why is None and (side := target.side(str(phrase))) in _sides(chosen, frame):
        why = f"the base draws one {side}, which is said already"
    if why is None and target.count(joined(frame.before[0], [*(c.text for c in chosen.changes), str(phrase)])) > target.budget:
        why = f"no room: the base reads {target.budget} tokens"
    if why is None:
        chosen.changes.append(Change(str(phrase), candidate.attribute, candidate.why, round(candidate.weight, 4), candidate.evidence))
    else:
        chosen.dropped.append(Dropped(candidate.attribute, why))


def _reason_against(chosen: Chosen, candidate: Candidate, frame: Frame) -> str | None:
    table = lexicon()
    attribute = table.attributes.get(candidate.attribute)
    if attribute is None:
        return "the lexicon has no such attribute"
    if candidate.attribute in frame.barred:
        return frame.barred[candidate.attribute]
    if attribute.category in frame.closed:
        return frame.closed[attribute.category]
    contradicted = next((s for s in (*sorted(frame.said), *(c.attribute for c in chosen.changes)) if table.conflicts(s, candidate.attribute)), None)
    if contradicted:
        return f"it contradicts {table.attributes[contradicted].name}"
    if Counter(table.attributes[c.attribute].category for c in chosen.changes)[attribute.category] >= PER_CATEGORY:
        return f"enough is said about {attribute.category}"
    return "enough is said" if len(chosen.changes) >= MOST else None


def _sides(chosen: Chosen, frame: Frame) -> set[str]:
    """Of which the prompt or a phrase behind it says something; without "", which is any."""
    phrases = [*(c.text for c in chosen.changes), *(phrase for id in frame.said for phrase in positive(id))]
    return {frame.target.side(phrase) for phrase in phrases} - {""}


def positive(id: str) -> tuple[str, ...]:
    """All phrases that stand for an attribute in a prompt."""
    attribute = lexicon().attributes[id]
    return (*attribute.phrases, *attribute.instead)


def _unwanted_words(phrase: str, candidate: Candidate, frame: Frame) -> str | None:
    found = next((a for a in of_prompt(phrase) if a in frame.barred), None)
    if found:
        return f"its words say {lexicon().attributes[found].name}: {frame.barred[found]}"
    is_unwanted = frame.drawn_as.get(frame.target.means(phrase), 0.0) >= candidate.score
    return f"the base draws {phrase!r} as something unwanted" if is_unwanted else None


def _negate(chosen: Chosen, candidate: Candidate, likes: Chosen, frame: Frame) -> None:
    attribute, target = lexicon().attributes[candidate.attribute], frame.target
    phrase = target.first((*attribute.negative, *attribute.instead))
    negated = [change.text for change in chosen.changes]
    if candidate.attribute in frame.said:
        why: str | None = "the prompt asks for it"
    elif phrase is None:
        why = "the base has no words for it"
    elif len(negated) >= target.most_negative:
        why = "enough is avoided"
    elif frame.barred.get(candidate.attribute) == TYPED[1] or _is_in(phrase, target.negative) or target.means(phrase) in map(target.means, negated):
        why = "the negative prompt says it already"
    elif target.count(negatives(frame.before[1], *negated, phrase)) > target.budget:
        why = "no room in the negative prompt"
    else:
        why = _wanted_words(phrase, candidate, likes, frame)
    if why:
        chosen.dropped.append(Dropped(candidate.attribute, why))
    else:
        chosen.changes.append(Change(str(phrase), candidate.attribute, candidate.why, candidate.weight, candidate.evidence, negated=True))


def _wanted_words(phrase: str, candidate: Candidate, likes: Chosen, frame: Frame) -> str | None:
    """A dislike must not take back what was typed or added: by name, or by what the base draws for its words."""
    means = frame.target.means
    said = {*frame.said, *(change.attribute for change in likes.changes)}
    drawn = {*(means(p) for id in frame.said for p in (*positive(id), *lexicon().attributes[id].negative)), *(means(c.text) for c in likes.changes)}
    is_typed = _is_in(phrase, frame.prompt) and frame.barred.get(candidate.attribute) != TYPED[0]
    if is_typed or means(phrase) in drawn or not said.isdisjoint(of_prompt(phrase)):
        return f"{phrase!r} would take back what is asked for"
    return None


def _is_in(phrase: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", text, re.IGNORECASE) is not None


def disliked(profile: Profile) -> list[Candidate]:
    return [Candidate(b.attribute, certainty(b), b.weight, because(b), tuple(b.evidence)) for b in profile.disliked() if b.evidence]


def avoided(profile: Profile) -> list[Candidate]:
    """What is disliked and was spoken or decided against; having been passed over for something better liked bars it, no more."""
    spoken = {a for a, b in profile.beliefs.items() if b.status == PINNED or not EXPLICIT.isdisjoint(b.support)}
    return [candidate for candidate in disliked(profile) if candidate.attribute in spoken]


def certainty(belief: Belief) -> float:
    """How much a belief counts, 0..1: tanh(|w| / 2) min(1, |z|). Beside a population tanh |w|: that prior has the spread that users
    have, so that little evidence has made the weight as small as it should be."""
    if belief.common is not None and belief.status != PINNED:
        return math.tanh(abs(belief.weight))
    return math.tanh(abs(belief.weight) / 2) * min(1.0, abs(belief.z))
