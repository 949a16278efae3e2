"""Taking a text apart: clauses, their segments, and in each what is spoken of and the words that judge it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from persimg.preferences.phrases import Found, find

ASKED, BLAMED, NOT_TOO = 0.7, -0.8, -0.4
"""what "more fog", "too dark" and "not too dark" say by themselves; who says the last would rather have less of it"""
NOT_BAD = -0.5
"""a denied dislike is half a like"""


ANSWERS = {"prefer": ("over",), "swap": ("over", "for")}
"""a word that judges → what introduces the other side"""


@dataclass(frozen=True)
class Around:
    """The words before a target that bear on it.

    flips: -1 where they turn a judgement round; own: what they say where nothing else judges, 0: nothing; is_final: they say it
    whatever else is said; is_denied: there was a "not"; degree: how much; content: words since then that mean nothing here, such
    as "tail"; is_named: if no target follows, something else was meant; is_inherited: they stood before the target before.
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
    here, such as "too many tails"; content: words without a meaning here; is_noun: begins with an article.
    """

    joined: str = ""
    targets: list[Target] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)
    links: list[int] = field(default_factory=list)
    left: float = 0.0
    content: int = 0
    is_noun: bool = False
    start: int = -1
    end: int = 0


@dataclass
class Value:
    """A word that judges. size: signed; is_want: says nothing without an object; is_used: it judges a target."""

    size: float
    found: Found
    index: int
    segment: Segment = field(repr=False)
    is_want: bool = False
    is_used: bool = False


@dataclass
class Clause:
    """turn: "but" or "except" where it turns against the one before."""

    turn: str = ""
    segments: list[Segment] = field(default_factory=lambda: [Segment()])


def clauses(text: str) -> list[Clause]:
    reader = _Reader()
    for index, found in enumerate(items := find(text)):
        reader.read(index, found, items[index + 1].kind if index + 1 < len(items) else "")
    return reader.done()


class _Reader:
    """Reads phrases from left to right; what stands before a target waits for it."""

    def __init__(self) -> None:
        self.clauses = [Clause()]
        self.around = NOTHING
        self.last: Target | None = None
        self.contrast = False
        self.answers: tuple[str, ...] = ()
        self.listed: list[Target] = []

    @property
    def segment(self) -> Segment:
        return self.clauses[-1].segments[-1]

    def read(self, index: int, found: Found, next_kind: str) -> None:
        kind = found.kind
        if kind == "pretty":
            kind = "degree" if next_kind == "attribute" else "value"
            found = found._replace(value=1.3 if kind == "degree" else 0.7)
        if kind not in ("stop", "but", "except", "comma", "and", "or"):
            if self.segment.start < 0:
                self.segment.start, self.segment.is_noun = found.start, kind == "the"
            self.segment.end = found.end
        action = getattr(self, f"_{kind}", None)
        if action:
            action(index, found)

    def done(self) -> list[Clause]:
        self._close()
        return self.clauses

    # --- what keeps apart ---------------------------------------------------------------------------------------------

    def _stop(self, index: int, found: Found) -> None:
        self._close()
        self.contrast, self.answers, self.last, self.listed = False, (), None, []
        turn = "" if found.kind == "stop" else found.kind
        if self.clauses[-1].segments[0].start < 0:
            self.clauses[-1].turn = turn
        else:
            self.clauses.append(Clause(turn))

    _but = _except = _stop

    def _comma(self, index: int, found: Found) -> None:
        self._close()
        if self.segment.start < 0:
            self.segment.joined = found.kind
        else:
            self.clauses[-1].segments.append(Segment(found.kind))

    def _and(self, index: int, found: Found) -> None:
        """What bears on the last target bears on the next one too: no fog or rain."""
        before = self.last.around if self.last and not self.around.start else NOTHING
        self._comma(index, found)
        self.around = replace(before, content=0, start=None, is_inherited=True) if before.own else NOTHING

    def _or(self, index: int, found: Found) -> None:
        """And on those that commas list before: no fog, rain or snow."""
        for target in self.listed[1:]:
            target.around = replace(self.listed[0].around, start=None, is_inherited=True)
        self._and(index, found)

    def _close(self) -> None:
        self._give_up()
        self.around = NOTHING

    def _give_up(self) -> None:
        """The words that bear on something end here; what they were about has no name in the lexicon."""
        around, segment = self.around, self.segment
        if around.is_named and around.content:
            segment.left = around.own
        elif around.is_denied and not (around.content or segment.values) and segment.joined == "comma" and self.last:
            segment.values.append(Value(-ASKED, Found("value", -ASKED, segment.start, segment.end), -1, segment))  # "Glitter: no."
        self.around = NOTHING

    # --- what is spoken of --------------------------------------------------------------------------------------------

    def _attribute(self, index: int, found: Found) -> None:
        around = self.around
        if self.last and self.last.index == index - 1 and around == NOTHING:
            around = self.last.around  # "no dark fog"
        if self.contrast:
            around = replace(around, flips=-around.flips, own=-ASKED if not around.own else -around.own)
        self.last = Target(found, index, around)
        self.segment.targets.append(self.last)
        if around.own:
            self.listed = [self.last]
        elif self.listed and self.segment.joined == "comma" and not self.segment.values:
            self.listed.append(self.last)
        self.around = NOTHING

    _category = _attribute

    def _value(self, index: int, found: Found) -> None:
        size = found.value * self.around.degree
        if self.around.flips < 0:
            size *= NOT_BAD if size < 0 else -1
        found = found._replace(start=found.start if self.around.start is None else self.around.start)
        self.segment.values.append(Value(max(-1.0, min(1.0, size)), found, index, self.segment, found.kind in ("want", "swap")))
        self.answers = ANSWERS.get(found.kind, ())
        self.around = NOTHING

    _want = _prefer = _swap = _value

    # --- what bears on it ---------------------------------------------------------------------------------------------

    def _bears(self, found: Found, **changes) -> None:
        start = found.start if self.around.start is None else self.around.start
        self.around = replace(self.around, start=start, **changes)

    def _not(self, index: int, found: Found) -> None:
        around = self.around
        self._bears(found, flips=-around.flips, own=-around.own or -ASKED, is_denied=True)

    def _no(self, index: int, found: Found) -> None:
        self._not(index, found)
        self.around = replace(self.around, is_named=True)

    def _more(self, index: int, found: Found) -> None:
        self._bears(found, own=self.around.own or ASKED, is_named=True)

    def _less(self, index: int, found: Found) -> None:
        self._bears(found, flips=-self.around.flips, own=-self.around.own or -ASKED, is_named=True)

    def _lack(self, index: int, found: Found) -> None:
        self._bears(found, flips=-self.around.flips, own=ASKED, is_named=True)

    def _too(self, index: int, found: Found) -> None:
        self._bears(found, own=NOT_TOO if self.around.is_denied else BLAMED, is_final=True, is_named=True)

    def _enough(self, index: int, found: Found) -> None:
        """ "not warm enough" asks for it, "warm enough" is content with it."""
        if self.last and self.last.index == index - 1:
            around = self.last.around
            self.last.around = replace(around, flips=1, own=ASKED if around.is_denied else ASKED / 2, is_final=around.is_denied)
        elif self.around.is_denied:
            self._bears(found, flips=1, own=ASKED, is_final=True, is_named=True)

    def _degree(self, index: int, found: Found) -> None:
        self._bears(found, degree=found.value)

    def _contrast(self, index: int, found: Found) -> None:
        """What stands before is wanted, what follows isn't."""
        for target in self.segment.targets:
            target.around = replace(target.around, own=target.around.own or ASKED)
        self.contrast = True
        self.around = NOTHING

    def _over(self, index: int, found: Found) -> None:
        """ "prefer ink to oil", "swap the neon for candlelight": what follows is judged the other way."""
        if found.kind in self.answers:
            self.contrast = True
        self._prep(index, found)

    _for = _over

    def _link(self, index: int, found: Found) -> None:
        self.segment.links.append(index)

    def _prep(self, index: int, found: Found) -> None:
        if self.around.content:
            self._give_up()

    def _word(self, index: int, found: Found) -> None:
        self.segment.content += 1
        if self.around is not NOTHING:
            self.around = replace(self.around, content=self.around.content + 1)
