"""What a text is taken apart into: clauses, their segments, and in each what is spoken of and the words that judge it."""

from __future__ import annotations

from dataclasses import dataclass, field

from persimg.preferences.phrases import Found


@dataclass(frozen=True)
class Around:
    """The words before a target that bear on it.

    flips: -1 where they turn a judgement round; own: what they say where nothing else judges, 0: nothing; is_final: they say it
    whatever else is said; is_denied: there was a "not"; degree: how much; content: words since then that mean nothing here, such
    as "tail"; is_named: if no target follows, something else was meant; is_inherited: they stood before the target before; hint: what
    they say where nothing judges and own is 0, in a comment only: a prompt for "a bit dark" asks for it; is_bare: they say nothing by themselves.
    """

    flips: int = 1
    own: float = 0.0
    is_final: bool = False
    is_denied: bool = False
    degree: float = 1.0
    start: int | None = None
    content: int = 0
    is_named: bool = False
    is_inherited: bool = False
    hint: float = 0.0
    is_bare: bool = False


NOTHING = Around()


@dataclass
class Target:
    """An attribute or a category that is spoken of. index: its place among the phrases."""

    found: Found
    index: int
    around: Around


@dataclass
class Segment:
    """What stands between commas, "and" and "or".

    joined: how it follows the one before; links: places of "is" and the like; left: a judgement of something that has no name
    here, such as "too many tails"; content: words without a meaning here; is_noun: begins with an article; is_bounded: the
    reach of a value ends in it; is_beyond: "could not" stands in it.
    """

    joined: str = ""
    targets: list[Target] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)
    links: list[int] = field(default_factory=list)
    left: float = 0.0
    content: int = 0
    is_noun: bool = False
    is_bounded: bool = False
    is_beyond: bool = False
    start: int = -1
    end: int = 0


@dataclass
class Value:
    """A word that judges.

    size: signed; is_want: says nothing without an object; is_used: it judges a target; is_beside: blames what directly follows;
    reach: place of the word in front of which that ends, as in "the ugly hat in soft light".
    """

    size: float
    found: Found
    index: int
    segment: Segment = field(repr=False)
    is_want: bool = False
    is_used: bool = False
    is_beside: bool = False
    reach: int | None = None


@dataclass
class Clause:
    """turn: "but" or "except" where it turns against the one before; is_past: "used to", which now is otherwise."""

    turn: str = ""
    is_past: bool = False
    segments: list[Segment] = field(default_factory=lambda: [Segment()])
