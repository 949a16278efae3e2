"""What a comment likes and dislikes, clause by clause.

What is spoken of is judged by the word of praise or blame that "is" binds to it, else the one before it, else the next one; "not",
"no", "less" turn it round; "too" blames, whatever else is said, and behind its subject too ("the fog is too thick"). A list shares its
judgement, unless "is" says something of its next item; "but" without one turns against what came before, "used to" says the
reverse of now, "why" complains, and "I hate it" is about the clause before.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

from persimg.preferences.clauses import clauses
from persimg.preferences.lexicon import lexicon
from persimg.preferences.segments import Clause, Segment, Target, Value
from persimg.preferences.sentiment import sounding

MENTIONED = 0.3
"""strength of an attribute that a comment names without a judgement. Who names something has noticed it, and blame is rarely left
unsaid (a tap on "pastel" under a picture is praise), so it is a mild like"""
SOUNDS = 0.5
"""strength of an attribute in a sentence whose tone alone is known"""
TURNED = 0.5
"""strength of what stands behind a bare "but": great, but dark"""
FAR = 0.7
"""share of a judgement that reaches another clause: Fog. I hate it"""
MAX_QUOTE = 200
"""characters"""


@dataclass(frozen=True)
class Mention:
    """polarity: +1 liked, -1 disliked; strength: 0..1; quote: the words of the text that say so."""

    attribute: str
    polarity: int
    strength: float
    quote: str


@dataclass(frozen=True)
class Request:
    """A judgement of a category, such as "love the colors"; what the picture is like there says what was meant."""

    category: str
    polarity: int
    strength: float
    quote: str


@dataclass(frozen=True)
class Remark:
    """A judgement of something that the lexicon has no word for."""

    text: str
    polarity: int


@dataclass(frozen=True)
class Statement:
    """verdict: what is said of the whole picture, such as "love it", -1..1; 0: nothing, or as much praise as blame."""

    mentions: tuple[Mention, ...] = ()
    requests: tuple[Request, ...] = ()
    unmapped: tuple[Remark, ...] = ()
    verdict: float = 0.0

    def weights(self) -> dict[str, float]:
        """Attribute → -1..1; what is said twice counts twice, what is praised and blamed alike is left out."""
        found: dict[str, float] = {}
        for mention in self.mentions:
            found[mention.attribute] = found.get(mention.attribute, 0.0) + mention.polarity * mention.strength
        return {id: max(-1.0, min(1.0, weight)) for id, weight in found.items() if abs(weight) > 1e-9}


def mentions(text: str) -> Statement:
    """What a comment or a statement says: attributes, categories, and what is left over."""
    judge = _Judge(text)
    said = clauses(text)
    for clause, following in zip(said, [*said[1:], None]):
        judge.read(clause, following)
    return judge.done()


def verdict(text: str) -> float:
    """How the picture as a whole is judged, -1..1: "beautiful!" or "I hate everything about it". 0 where nothing is said of it, or
    only of something in it: "the tail is ugly", "awful neon".
    """
    return mentions(text).verdict


class _Judge:
    """Reads clauses in order.

    open: targets of the clause before that nothing judged; bare: a judgement of the clause before that named nothing ("Ugh.");
    before: the last judgement of the clauses before; past: targets of a clause before about how it used to be.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.mentions: list[Mention] = []
        self.requests: list[Request] = []
        self.remarks: list[tuple[int, Remark]] = []
        self.open: list[Target] = []
        self.bare: Value | None = None
        self.past: list[Target] | None = None
        self.before = 0.0
        self.verdict = 0.0

    def read(self, clause: Clause, following: Clause | None) -> None:
        before, earlier, past = self.before, self.open, self.past
        self.before, self.open, self.past = 0.0, [], [] if clause.is_past else None
        self._judge_segments(clause, before, _regret(following))
        unused = [value for segment in clause.segments for value in segment.values if not value.is_used]
        bare = unused[0] if unused and not any(s.targets or s.content or s.left for s in clause.segments) else None
        if bare and (earlier or past):
            self._judge_all(earlier or past or [], bare, FAR)
            earlier = []
        elif self.bare and self.open:
            self._judge_all(self.open, self.bare, FAR)
            self.open, self.bare = [], None
        self._end(earlier)
        self.bare = bare if bare and not bare.is_used else None
        self._remark([value for value in unused if not (value.is_used or self.bare)])
        self.before = self.before or (unused[-1].size if unused else before)

    def done(self) -> Statement:
        self._end(self.open)
        remarks = sorted(self.remarks, key=lambda placed: placed[0])
        whole = max(-1.0, min(1.0, self.verdict))
        return Statement(tuple(self.mentions), tuple(self.requests), tuple(remark for _, remark in remarks), whole)

    def _end(self, unjudged: list[Target]) -> None:
        """No clause to come is about these targets, or says what the bare judgement is about."""
        for target in unjudged:
            if target.found.kind == "attribute":
                self._say(target, self._sound(target))
        if self.bare:
            self._remark([self.bare])

    def _sound(self, target: Target) -> float:
        """What an attribute is worth that no word which is known here judges: by the tone of its sentence, else a little."""
        if lexicon().attributes[target.found.value].is_fault:
            return -MENTIONED
        return SOUNDS * sounding(self.text, target.found.start, target.found.end) or MENTIONED

    # --- one clause ---------------------------------------------------------------------------------------------------

    def _judge_segments(self, clause: Clause, before: float, regret: Value | None) -> None:
        carried: Value | None = None
        for segment, following in zip(clause.segments, [*clause.segments[1:], None]):
            targets, echo = spoken_of(segment), _echo(following) if following else regret
            waiting = [t for t in targets if not self._is_judged(t, segment, clause, None if has_predicate(t, segment) else carried, before, echo)]
            if self.open and segment.values and (not targets or _is_linked(segment, -1, segment.values[0].index)):
                self._judge_all(self.open, segment.values[0])  # the fog and the rain are lovely
                self.open = []
            self.open += waiting
            self._judge_nameless(segment, carried)
            carried = segment.values[-1] if segment.values else carried

    def _is_judged(
        self, target: Target, segment: Segment, clause: Clause, carried: Value | None, before: float, echo: Value | None
    ) -> bool:
        """Judges a target by what its clause says up to here, if it says anything."""
        value = governing(target, segment)
        around = target.around
        if value:
            self._judge(target, value)
        elif echo and (around.flips < 0 or around.hint and not around.own):
            self._judge(target, echo)
        elif around.own or around.hint:
            self._say(target, around.own or around.hint)
        elif carried:
            self._judge(target, carried)
        elif clause.turn and (before or clause.turn == "except"):
            self._say(target, TURNED if before < 0 else -TURNED)
        else:
            return False
        return True

    def _judge_nameless(self, segment: Segment, carried: Value | None) -> None:
        """ "too many tails"; "I love the pastel and the tail": the tail has no name here, and is loved."""
        if segment.left:
            self._leave(segment, segment.left)
        elif carried and not (segment.targets or segment.values) and segment.is_noun and segment.content:
            self._leave(segment, carried.size)
        elif carried and not (segment.targets or segment.content):
            for value in segment.values:
                value.is_used |= value.size * carried.size > 0  # the fog is nice and beautiful

    def _judge_all(self, targets: list[Target], value: Value, share: float = 1.0) -> None:
        for target in targets:
            self._judge(target, value, share)

    def _judge(self, target: Target, value: Value, share: float = 1.0) -> None:
        around = target.around
        value.is_used = True
        size = around.own if around.is_final else value.size * (1 if around.is_inherited else around.flips)
        self._say(target, size * share, value)

    # --- what comes of it ---------------------------------------------------------------------------------------------

    def _say(self, target: Target, size: float, value: Value | None = None) -> None:
        size = max(-1.0, min(1.0, size * target.around.degree))
        if self.past is not None:
            size *= -TURNED  # I used to hate neon
            self.past.append(target)
        if not size:
            return
        self.before = size
        quote = self._quote(*_span(target, value))
        if target.found.kind == "attribute":
            self.mentions.append(Mention(target.found.value, _sign(size), abs(size), quote))
        else:
            self.requests += [Request(category, _sign(size), abs(size), quote) for category in target.found.value]

    def _remark(self, values: list[Value]) -> None:
        """One a segment; a wish without an object that has a name is none. Beside no other word it is about the whole picture."""
        said = {value.segment.start: value for value in reversed(values) if value.size and not (value.is_want or value.segment.left)}
        for value in said.values():
            if not (value.segment.content or value.segment.targets):
                self.verdict += value.size
            self._leave(value.segment, value.size)

    def _leave(self, segment: Segment, size: float) -> None:
        self.remarks.append((segment.start, Remark(self._quote(segment.start, segment.end), _sign(size))))

    def _quote(self, start: int, end: int) -> str:
        return self.text[start : min(end, start + MAX_QUOTE)].strip()


def _sign(size: float) -> int:
    return 1 if size > 0 else -1


def _span(target: Target, value: Value | None) -> tuple[int, int]:
    """From the first to the last word that says so, where they stand together."""
    start, end = target.found.start, target.found.end
    places = [target.around.start, *((value.found.start, value.found.end) if value else ())]
    near = [place for place in places if place is not None and abs(place - start) < MAX_QUOTE // 2]
    return min([start, *near]), max([end, *near])


def _echo(segment: Segment) -> Value | None:
    """The word of a segment that only regrets or welcomes what was said before it: no fog, what a pity."""
    value = segment.values[0] if segment.joined == "comma" and segment.values and not (segment.targets or segment.content) else None
    return value if value and (value.found.kind == "regret" or value.size > 0 and not value.is_want) else None


def _regret(clause: Clause | None) -> Value | None:
    """The same of a clause that does nothing but regret: No fog. A pity."""
    segment = clause.segments[0] if clause and not clause.turn and len(clause.segments) == 1 else None
    is_alone = segment and segment.values and not (segment.targets or segment.content)
    return segment.values[0] if segment and is_alone and segment.values[0].found.kind == "regret" else None


def has_predicate(target: Target, segment: Segment) -> bool:
    """Is something said of the target behind a comma? Then a judgement before that is not about it: I love the fog, the neon is loud."""
    return segment.joined == "comma" and bool(segment.links) and segment.links[-1] > target.index


def spoken_of(segment: Segment) -> list[Target]:
    """The targets, less categories whose value is said: "the lighting is warm", "dark colors"."""
    found: list[Target] = []
    category: Target | None = None
    for target in segment.targets:
        is_value = target.found.kind == "attribute"
        if is_value and category and _is_linked(segment, category.index, target.index):
            found.pop()
        is_named = not is_value and found and found[-1].found.kind == "attribute" and found[-1].index == target.index - 1
        category = None if is_value or is_named else target
        if not is_named:
            found.append(target)
    return found


def governing(target: Target, segment: Segment) -> Value | None:
    """The value that "is" binds to the target, else the one before it, else the next; of "hate the lovely fog" the first."""
    values = [v for v in segment.values if v.reach is None or target.index < v.reach] if segment.is_bounded else segment.values
    earlier = bisect_left(segment.targets, target.index, key=_index)
    here = bisect_left(values, target.index, key=_index)
    after = values[here] if here < len(values) else None
    if after and _is_linked(segment, target.index, after.index):
        return after
    first = bisect_left(values, segment.targets[earlier - 1].index, key=_index) if earlier else 0
    for value in values[first:here]:
        value.is_used = True
    return values[first] if first < here else values[here - 1] if here else after


def _index(item: Target | Value) -> int:
    return item.index


def _is_linked(segment: Segment, first: int, second: int) -> bool:
    """Is there an "is" between two places?"""
    return bisect_left(segment.links, first) < bisect_left(segment.links, second)
