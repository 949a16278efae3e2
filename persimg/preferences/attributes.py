"""What a text says of pictures: the attributes that a prompt asks for, and those that a comment likes and dislikes. No model.

A comment is judged clause by clause. What is spoken of is judged by the word of praise or blame that "is" binds to it, else the
last one before it, else the next one; "not", "no", "less" turn it round; "too" blames, whatever else is said. A list shares its
judgement, "but" without one turns against what came before, and "I hate it" is about the sentence before.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import Iterable, Mapping

from persimg.preferences.clauses import Clause, Segment, Target, Value, clauses
from persimg.preferences.lexicon import lexicon

MENTIONED = 0.3
"""strength of an attribute that a comment names without a judgement. Who names something has noticed it, and blame is rarely left
unsaid (ViPer's users list what they like in single words), so it is a mild like"""
TURNED = 0.5
"""strength of what stands behind a bare "but": great, but dark"""
FAR = 0.7
"""share of a judgement that reaches the next clause: Fog. I hate it"""
SURE = 0.35
"""a picture has an attribute that it is this sure to have"""
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
    mentions: tuple[Mention, ...] = ()
    requests: tuple[Request, ...] = ()
    unmapped: tuple[Remark, ...] = ()

    def weights(self) -> dict[str, float]:
        """Attribute → -1..1; what is said twice counts twice, what is praised and blamed alike is left out."""
        found: dict[str, float] = {}
        for mention in self.mentions:
            found[mention.attribute] = found.get(mention.attribute, 0.0) + mention.polarity * mention.strength
        return {id: max(-1.0, min(1.0, weight)) for id, weight in found.items() if abs(weight) > 1e-9}


def of_prompt(text: str) -> dict[str, float]:
    """Attribute → 1.0 for those that a prompt asks for, sensitive ones too; "no fog" and "without a hat" ask for none."""
    targets = [t for clause in clauses(text) for segment in clause.segments for t in segment.targets]
    return {t.found.value: 1.0 for t in targets if t.found.kind == "attribute" and t.around.own >= 0}


def mentions(text: str) -> Statement:
    """What a comment or a statement says: attributes, categories, and what is left over."""
    judge = _Judge(text)
    for clause in clauses(text):
        judge.clause(clause)
    return judge.done()


def resolved(requests: Iterable[Request], picture_attributes: Mapping[str, float]) -> tuple[Mention, ...]:
    """Judgements of categories as judgements of what the picture is like there, as strong as it is sure. Nothing sensitive."""
    table, found = lexicon(), []
    for request in requests:
        for id, sure in picture_attributes.items():
            attribute = table.attributes.get(id)
            if attribute and attribute.category == request.category and not attribute.is_sensitive and sure >= SURE:
                found.append(Mention(id, request.polarity, request.strength * min(1.0, sure), request.quote))
    return tuple(found)


@dataclass
class _Judge:
    """Reads clauses in order. open: targets of the clause before that nothing judged; bare: a judgement of the clause before that
    named nothing, with its words; before: the last judgement of the clause before.
    """

    text: str
    mentions: list[Mention] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    open: list[Target] = field(default_factory=list)
    bare: tuple[Value, Segment] | None = None
    before: float = 0.0

    def clause(self, clause: Clause) -> None:
        before, self.before = self.before, 0.0
        earlier, self.open = self.open, []
        self._segments(clause, before)
        values = [(value, segment) for segment in clause.segments for value in segment.values if not value.is_used]
        is_bare = bool(values) and not any(s.targets or s.content or s.left for s in clause.segments)
        if is_bare and earlier:
            self._judge_all(earlier, values[0][0], FAR)
            earlier = []
        elif self.bare and self.open:
            self._judge_all(self.open, self.bare[0], FAR)
            self.open, self.bare = [], None
        self._default(earlier)
        self._drop_bare()
        self.bare = next(((v, s) for v, s in values if is_bare and not v.is_used), None)
        self._remark(clause, but=self.bare)
        self.before = self.before or (values[-1][0].size if values else before)

    def _segments(self, clause: Clause, before: float) -> None:
        carried: Value | None = None
        for segment in clause.segments:
            targets, waiting = _spoken_of(segment), []
            for target in targets:
                value = _governing(target, segment)
                if value or target.around.own or carried:
                    self._judge(target, value or (None if target.around.own else carried), value is not None)
                elif clause.turn and before:
                    self._say(target, -TURNED if before > 0 else TURNED, None)
                elif clause.turn == "except":
                    self._say(target, -TURNED, None)
                else:
                    waiting.append(target)
            if self.open and segment.values and (not targets or _is_linked(segment, -1, segment.values[0].index)):
                self._judge_all(self.open, segment.values[0])
                self.open = []
            self.open += waiting
            self._list(segment, carried)
            if carried and not (targets or segment.content):
                for value in segment.values:
                    value.is_used |= value.size * carried.size > 0  # the fog is nice and beautiful
            carried = segment.values[-1] if segment.values else carried

    def _list(self, segment: Segment, carried: Value | None) -> None:
        """ "I love the pastel and the tail": the tail has no name here, and is loved."""
        if segment.left:
            self.remarks.append(Remark(self._quote(segment.start, segment.end), 1 if segment.left > 0 else -1))
        elif carried and segment.joined and segment.is_noun and segment.content and not segment.targets and not segment.values:
            self.remarks.append(Remark(self._quote(segment.start, segment.end), 1 if carried.size > 0 else -1))

    def _judge_all(self, targets: list[Target], value: Value, share: float = 1.0) -> None:
        for target in targets:
            self._judge(target, value, True, share)

    def _judge(self, target: Target, value: Value | None, is_own: bool, share: float = 1.0) -> None:
        around = target.around
        if value:
            value.is_used = True
        if value is None or around.is_final:
            size = around.own
        elif around.is_inherited and is_own:
            size = value.size
        else:
            size = value.size * around.flips
        self._say(target, size * share, value)

    def _say(self, target: Target, size: float, value: Value | None) -> None:
        size = max(-1.0, min(1.0, size * target.around.degree))
        if not size:
            return
        self.before = size
        start, end = self._span(target, value)
        polarity, strength, quote = 1 if size > 0 else -1, abs(size), self._quote(start, end)
        if target.found.kind == "attribute":
            self.mentions.append(Mention(target.found.value, polarity, strength, quote))
        else:
            self.requests += [Request(category, polarity, strength, quote) for category in target.found.value]

    def _span(self, target: Target, value: Value | None) -> tuple[int, int]:
        """From the first to the last word that says so, where they stand together."""
        start, end = target.found.start, target.found.end
        places = [target.around.start, *((value.found.start, value.found.end) if value else ())]
        near = [place for place in places if place is not None and abs(place - start) < MAX_QUOTE // 2]
        return min([start, *near]), max([end, *near])

    def _quote(self, start: int, end: int) -> str:
        return self.text[start : min(end, start + MAX_QUOTE)].strip()

    def _default(self, targets: list[Target]) -> None:
        for target in targets:
            if target.found.kind == "attribute":
                self._say(target, MENTIONED, None)

    def _remark(self, clause: Clause, but: tuple[Value, Segment] | None) -> None:
        for segment in clause.segments:
            unused = [value for value in segment.values if not value.is_used and not value.is_want]
            if but and but[1] is segment:
                continue
            if unused and not segment.left:
                self.remarks.append(Remark(self._quote(segment.start, segment.end), 1 if unused[0].size > 0 else -1))

    def _drop_bare(self) -> None:
        if self.bare:
            value, segment = self.bare
            if not value.is_want:
                self.remarks.append(Remark(self._quote(segment.start, segment.end), 1 if value.size > 0 else -1))
        self.bare = None

    def done(self) -> Statement:
        self._default(self.open)
        self._drop_bare()
        return Statement(tuple(self.mentions), tuple(self.requests), tuple(self.remarks))


def _spoken_of(segment: Segment) -> list[Target]:
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


def _governing(target: Target, segment: Segment) -> Value | None:
    """The value that "is" binds to the target, else the one before it, else the next; of "hate the lovely fog" the first."""
    values, earlier = segment.values, bisect_left(segment.targets, target.index, key=_index)
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
