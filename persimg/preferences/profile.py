"""What is believed of a user's taste, and why: computed from events, edited by the user, read by rewriters."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Callable, Mapping, Sequence

from persimg.errors import UserError

if TYPE_CHECKING:
    import numpy as np

    from persimg.preferences.retrieval import Index

ACTIVE, MUTED, PINNED = "active", "muted", "pinned"
HIGH, LOW = "rated high", "rated low"
"""kinds of evidence that ratings are"""
TONE = "tone"
"""kind of what a comment says by being praise or blame of a picture, without a word about the attribute"""


@dataclass(frozen=True)
class Belief:
    """How much a user likes one attribute of the lexicon.

    weight: log-odds of liking a picture for having it, negative: dislikes it; sd: its posterior deviation; evidence: event id →
    what the event adds to the weight, of those that speak for its sign the strongest first, at most 20; support: kind of event →
    how many speak for the weight's sign; status: pinned as said by the user, muted: never used; common: what the weight would be
    without an event of the user, by a population's average, None where the profile didn't begin there.
    """

    attribute: str
    weight: float
    sd: float
    evidence: Mapping[str, float]
    support: Mapping[str, int] = field(default_factory=dict)
    status: str = ACTIVE
    common: float | None = None

    @property
    def z(self) -> float:
        return self.weight / max(self.sd, 1e-6)

    @property
    def is_claimable(self) -> bool:
        """May one say "you like this"? After one statement, or two events that leave little doubt. Praise of a picture that names
        something else isn't one."""
        return self.status == PINNED or (abs(self.z) >= 1 and sum(n for kind, n in self.support.items() if kind != TONE) >= 2)


@dataclass(frozen=True)
class Asked:
    """A prompt of the past. valence: +1 where its picture was liked or kept, -1 where it was disliked or deleted, else 0.3."""

    event: str
    prompt: str
    valence: float = 0.3


BM25, DENSE, FUSED = RETRIEVERS = ("bm25", "dense", "fused")
MOST_RETRIEVED = 7
"""the authors of Tailored Visions try 1, 3, 5 and 7"""
Encode = Callable[["Sequence[str]"], "np.ndarray"]
"""texts → (N, D) unit vectors"""


@dataclass(frozen=True)
class Retrieval:
    """How past prompts are searched: by words (bm25), by an encoder (dense) or by both (fused). most: how many are looked at, 1 to 7;
    encode: the encoder. UserError for anything else."""

    retriever: str = BM25
    most: int = MOST_RETRIEVED
    encode: Encode | None = None

    def __post_init__(self) -> None:
        if self.retriever not in RETRIEVERS:
            raise UserError(f"there is no retriever {self.retriever}", f"choose one of {', '.join(RETRIEVERS)}")
        if not 1 <= self.most <= MOST_RETRIEVED:
            raise UserError(f"{self.most} past prompts can't be retrieved", f"take 1 to {MOST_RETRIEVED}")
        if self.retriever != BM25 and self.encode is None:
            raise UserError(f"the retriever {self.retriever} needs an encoder of texts", f"hand it one, or take {BM25}")


@dataclass(frozen=True)
class Profile:
    """A user's taste. Equal revisions give equal rewrites, where the retrieval is the same.

    unmapped: what was said that the lexicon has no word for, (text, liked?, event id); retrieval: how history is searched, which
    isn't stored with it.
    """

    user: str
    beliefs: Mapping[str, Belief] = field(default_factory=dict)
    history: tuple[Asked, ...] = ()
    unmapped: tuple[tuple[str, bool, str], ...] = ()
    revision: str = ""
    retrieval: Retrieval = Retrieval()

    @cached_property
    def index(self) -> Index:
        """The past prompts, to be searched. Made when it is first asked for."""
        from persimg.preferences.retrieval import Index

        return Index([past.prompt for past in self.history], self.retrieval)

    @property
    def is_empty(self) -> bool:
        return not self.beliefs and not self.history

    def liked(self) -> list[Belief]:
        """The strongest first."""
        return sorted((b for b in self.beliefs.values() if b.weight > 0 and b.status != MUTED), key=lambda b: (-b.weight, b.attribute))

    def disliked(self) -> list[Belief]:
        return sorted((b for b in self.beliefs.values() if b.weight < 0 and b.status != MUTED), key=lambda b: (b.weight, b.attribute))
