"""What a rewriter of prompts is handed and what it gives back.

A file of `persimg/preferences/rewriters/` is a rewriter: it has a function `rewrite(prompt, profile, strength, target) -> Rewrite`, pure:
the same input gives the same output. Guarantees of all of them, tested as properties: strength 0 or an empty profile change
nothing; what the user typed survives; the budget of the target holds; what is disliked is never added; more strength only adds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable, Hashable, Iterable, Mapping, Protocol

from persimg.preferences.profile import Profile


def about_tokens(text: str) -> int:
    """How many tokens a text has where no tokenizer is at hand: 1.35 a word, a comma is one."""
    return round(1.35 * len(text.split())) + text.count(",")


def negatives(*parts: str) -> str:
    """Parts of a negative prompt as one."""
    return ", ".join(part for part in parts if part)


@dataclass(frozen=True)
class Target:
    """The base that the prompt is for. budget: tokens of a prompt; knows: does it know every word of this? draws: and does this
    phrase of the lexicon change what it draws? side: what side of the picture a phrase is about, for a base that draws one value of each
    ("in warm colors" and "dark mood" are one choice to it); "" where that isn't known; means: equal for phrases that it draws the same;
    most_negative: phrases of a negative prompt, beyond which it draws less of what the prompt asks for; negative: what the user typed as
    a negative prompt, which that of the profile goes behind.
    """

    budget: int = 75
    count: Callable[[str], int] = about_tokens
    knows: Callable[[str], bool] = lambda words: True
    draws: Callable[[str], bool] = lambda phrase: True
    side: Callable[[str], str] = lambda phrase: ""
    means: Callable[[str], Hashable] = lambda phrase: phrase
    most_negative: int = 8
    negative: str = ""

    def first(self, phrases: Iterable[str]) -> str | None:
        """The first phrase that it can draw; None: it has no words for this."""
        return next((phrase for phrase in phrases if self.knows(phrase) and self.draws(phrase)), None)


@dataclass(frozen=True)
class Change:
    """A phrase that was added to the prompt or to the negative prompt, and why.

    text: the phrase; attribute: lexicon id; negated: it went to the negative prompt; why: one sentence for the user; weight:
    how much it counted; evidence: ids of the events that it rests on.
    """

    text: str
    attribute: str
    why: str
    weight: float
    evidence: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True)
class Dropped:
    """An attribute that was in the running and was left out. why: budget, unknown word, already said, contradicts, …"""

    attribute: str
    why: str


@dataclass(frozen=True)
class Rewrite:
    """A prompt for one user. guides: name → parameters, for rewriters that act on the conditioning; trace: how it came about."""

    prompt: str
    rewritten: str
    negative: str = ""
    changes: tuple[Change, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    guides: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    trace: Mapping[str, Any] = field(default_factory=dict)


class Rewriter(Protocol):
    def __call__(self, prompt: str, profile: Profile, strength: float, target: Target) -> Rewrite: ...
