"""Taking a text apart into clauses, from left to right."""

from __future__ import annotations

from dataclasses import replace

from persimg.preferences.bearing import ASKED
from persimg.preferences.lexicon import lexicon
from persimg.preferences.phrases import Found, find
from persimg.preferences.segments import NOTHING, Clause, Segment, Target, Value
from persimg.preferences.turning import ASKED_WHY, END, JUDGING, KEEP_APART, Turning

NOT_BAD = -0.5
"""a denied dislike is half a like"""
UNFIT = -0.5
"""what is denied or lacking and has no name here says ("the neon isn't on brand")"""
NAMED = {"attribute", "category"}
PASSED_OVER = ("filler", "ask", "degree", "bit", "little", "too", "not", "it", "pretty")
SAYS = ("filler", "it", "ask", "link", "value", "want")
"""kinds with which something new is said behind what is excepted"""
ANSWERS = {"prefer": ("over",), "swap": ("over", "for")}
"""a word that judges → what introduces the other side"""


def clauses(text: str) -> list[Clause]:
    reader = _Reader()
    for index, found in enumerate(items := _labelled(find(text))):
        reader.read(index, found, items[index + 1] if index + 1 < len(items) else END)
    return reader.done()


def _labelled(items: list[Found]) -> list[Found]:
    """ "fog: great, neon: awful": a colon, bracket or dash behind something unjudged says "is", if nothing else is named behind it."""
    kinds = [found.kind for found in items]
    ends = [-1, *(i for i, kind in enumerate(kinds) if kind in KEEP_APART or kind == "label"), len(items)]
    read = list(items)
    for start, here, end in zip(ends, ends[1:], ends[2:]):
        if kinds[here] == "label":
            said, following = set(kinds[start + 1 : here]), set(kinds[here + 1 : end])
            is_link = NAMED & said and following and not (JUDGING & said or NAMED & following)
            read[here] = items[here]._replace(kind="link" if is_link else "comma")
    return read


class _Reader(Turning):
    """Reads phrases from left to right; what stands before a target waits for it."""

    def __init__(self) -> None:
        self.clauses = [Clause()]
        self.around = NOTHING
        self.last: Target | None = None
        self.ground = ""
        """the last word that is more than a degree or a filler: a state behind "is" judges"""
        self.index, self.previous, self.following = 0, "", END
        self.over = self.beats = -1
        self.is_shift = False
        self.particle = 0.0
        """what "up" or "down" says if it ends a segment: dial the contrast down"""
        self.contrast = False
        self.is_ahead = False
        """what follows "instead of" is named before what is wanted"""
        self.is_awaited = False
        self.is_why = False
        self.is_harmed = False
        self.answers: tuple[str, ...] = ()
        self.listed: list[Target] = []

    @property
    def segment(self) -> Segment:
        return self.clauses[-1].segments[-1]

    def read(self, index: int, found: Found, following: Found) -> None:
        self.index, self.following, kind = index, following, found.kind
        if kind == "pretty":
            kind = "degree" if following.kind == "attribute" else "value"
            found = found._replace(value=1.3 if kind == "degree" else 0.7)
        if kind in SAYS:
            self._apart()
        if kind in KEEP_APART:
            self.ground = ""
        else:
            if self.segment.start < 0:
                self.segment.start, self.segment.is_noun = found.start, kind == "the"
            self.segment.end, self.particle = found.end, 0.0
        action = getattr(self, f"_{kind}", None)
        if action:
            action(index, found)
        self.previous = kind
        self.ground = self.ground if kind in PASSED_OVER else kind

    def done(self) -> list[Clause]:
        self.index += 1
        self._close(True)
        return self.clauses

    # --- what keeps apart ---------------------------------------------------------------------------------------------

    def _stop(self, index: int, found: Found) -> None:
        self._close(True)
        self.contrast, self.answers, self.last, self.listed = False, (), None, []
        self.is_ahead = self.is_awaited = self.is_why = False
        turn = "" if found.kind == "stop" else found.kind
        if self.clauses[-1].segments[0].start < 0:
            self.clauses[-1].turn = turn
        else:
            self.clauses.append(Clause(turn))

    _but = _except = _stop

    def _apart(self) -> None:
        """ "except for the neon I love it": what is excepted ends where something is said."""
        clause = self.clauses[-1]
        if clause.turn == "except" and self.segment.targets and self.following is not END:
            self._close()
            self.clauses.append(Clause())
            self.last, self.listed = None, []

    def _comma(self, index: int, found: Found) -> None:
        if self.is_ahead and found.kind == "comma":
            self._turn_to_the_wanted()
        is_told = bool(self.segment.targets or self.segment.values)
        if self.clauses[-1].is_past and is_told and found.kind == "comma" and self.following.kind in ("filler", "it", "ask"):
            return self._stop(index, found._replace(kind="stop"))  # at first I hated the fog, now I love it
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

    def _turn_to_the_wanted(self) -> None:
        """ "instead of neon, pastels" """
        self.contrast, self.is_ahead, self.is_awaited = False, False, True

    def _close(self, is_end: bool = False) -> None:
        if self.particle and self.segment.targets:
            self._move(self.particle)
        self._give_up(is_end)
        self.is_harmed, self.is_shift, self.particle = False, False, 0.0

    def _move(self, size: float) -> None:
        """ "dial the contrast down", "turn the fog up" """
        values = self.segment.values
        is_turned = bool(values) and values[-1].found.kind == "swap"
        if is_turned:
            values.pop()
        if not values and (is_turned or self.is_shift):
            self._append(size)

    def _give_up(self, is_end: bool = False) -> None:
        """The words that bear on something end here: they are about what stands before, or about what has no name in the lexicon."""
        around, segment = self.around, self.segment
        if size := self._said_of_what_stands_before():
            self._append(size)
        elif around.is_named and around.content:
            segment.left = around.own
        elif around.is_denied and not (around.content or segment.values or segment.targets) and self._is_answer(is_end):
            self._append(-ASKED)
        self.around = NOTHING

    def _is_answer(self, is_end: bool) -> bool:
        """ "Glitter: no." "Stripes? No." """
        joined = self.segment.joined
        return joined == "comma" and bool(self.last) or is_end and not joined and len(self.clauses) > 1

    def _said_of_what_stands_before(self) -> float:
        """ "the fog is too thick", "the neon adds nothing", "the texture is missing"; 0: nothing."""
        around, segment = self.around, self.segment
        if not (around.own and segment.targets) or (segment.values and segment.values[-1].index > segment.targets[-1].index):
            return 0.0
        if not around.content:
            return 0.0 if around.is_bare else around.own
        if around.is_final:
            return around.own
        is_missing = around.own > 0 and around.flips < 0
        return UNFIT if (around.is_denied or is_missing) and not segment.values else 0.0

    def _append(self, size: float) -> None:
        """A judgement by words that bear on something; the first of a segment without a target stands before all."""
        segment, start = self.segment, self.around.start
        place = self.index if segment.targets else -1
        found = Found("value", size, segment.start if start is None else start, segment.end)
        segment.values.append(Value(size, found, place, segment))

    # --- what is spoken of --------------------------------------------------------------------------------------------

    def _attribute(self, index: int, found: Found) -> None:
        around = self.around
        if self.last and self.last.index == index - 1 and around == NOTHING:
            around = self.last.around  # "no dark fog"
        if self.contrast:
            around = replace(around, flips=-around.flips, own=-ASKED if not around.own else -around.own)
        elif self.is_awaited:
            around = replace(around, own=around.own or ASKED)
        if not self.contrast and self._is_beaten(index, found):
            around = replace(around, hint=ASKED_WHY, flips=-around.flips)
        if self.is_why:
            around = replace(around, own=ASKED) if around.is_denied else replace(around, hint=ASKED_WHY)
        if self.is_harmed:
            around = replace(NOTHING, is_final=True)  # "the neon ruins the lovely fog"
        self.last = Target(found, index, around)
        self.segment.targets.append(self.last)
        if around.own:
            self.listed = [self.last]
        elif self.listed and self.segment.joined == "comma" and not self.segment.values:
            self.listed.append(self.last)
        self.around = NOTHING

    _category = _attribute

    def _is_beaten(self, index: int, found: Found) -> bool:
        """ "green over blue", "sunset beats noon"; fog over the lake is no comparison."""
        is_between = self.last and self.last.index == self.over - 1 and self.over == index - 1
        is_same = is_between and self.last.found.kind == found.kind == "attribute"
        return bool(is_same and (self.over == self.beats or _side(self.last.found) == _side(found)))

    def _value(self, index: int, found: Found) -> None:
        size = found.value * self.around.degree
        if self.around.flips < 0:
            size *= NOT_BAD if size < 0 else -1
        elif self.around.is_final and self.around.own < 0 < size:
            size = self.around.own  # too perfect
        found = found._replace(start=found.start if self.around.start is None else self.around.start)
        values, is_more = self.segment.values, self.around is NOTHING and found.kind == "value"
        if is_more and values and values[-1].index == index - 1 and values[-1].found.kind == "value" and values[-1].size * size > 0:
            found = found._replace(start=values[-1].found.start)  # fits perfectly
            size = max(size, values.pop().size, key=abs)
        value = Value(max(-1.0, min(1.0, size)), found, index, self.segment, found.kind in ("want", "swap"))
        value.is_beside = size < 0 and self.following.kind in ("word", *NAMED)
        values.append(value)
        self.answers = ANSWERS.get(found.kind, ())
        self.around = NOTHING
        if self.is_ahead and self.segment.targets:
            self._turn_to_the_wanted()  # instead of neon I would like pastels

    _want = _prefer = _swap = _regret = _value

    def _state(self, index: int, found: Found) -> None:
        """ "the bridge looks broken" and "weird colors" blame, "the broken bridge in the fog" shows one."""
        is_next = self.following.kind == "category" or self.following.kind == "attribute" and not _is_content(self.following)
        is_said = self.ground not in ("the", "word") or self.segment.links[-1:] == [index - 2]  # "is a disaster"
        is_alone = is_said and self.following.kind not in ("word", "attribute")
        if is_next or is_alone or self.ground == "link":
            return self._value(index, found)
        self._word(index, found)

    def _order(self, index: int, found: Found) -> None:
        """ "drop the hat", "I'd drop the hat", but not a water drop."""
        segment = self.segment
        is_head = not (segment.content or segment.targets or segment.is_noun)
        if is_head or self.previous in ("ask", "over", "not"):
            return self._want(index, found)
        self._word(index, found)

    def _harm(self, index: int, found: Found) -> None:
        """What does it is blamed, and not what it is done to."""
        is_harmed = bool(self.segment.targets or self.segment.content)
        self._value(index, found)
        self.is_harmed = is_harmed

    # --- what bears on more than what follows ---------------------------------------------------------------------

    def _contrast(self, index: int, found: Found) -> None:
        """What stands before is wanted, what follows isn't."""
        for target in self.segment.targets:
            target.around = replace(target.around, own=target.around.own or ASKED)
        self.is_ahead = not any(segment.targets for segment in self.clauses[-1].segments)
        self.contrast = True
        self.around = NOTHING

    def _over(self, index: int, found: Found) -> None:
        """ "prefer ink to oil", "swap the neon for candlelight": what follows is judged the other way."""
        if found.kind in self.answers:
            self.contrast = True
        self.over = index
        self._prep(index, found)

    _for = _over

    def _got(self, index: int, found: Found) -> None:
        """ "I wanted night and got day" """
        self.contrast = any(value.is_want for value in self.segment.values)
        self.around = NOTHING

    def _shift(self, index: int, found: Found) -> None:
        self.is_shift = True

    def _particle(self, index: int, found: Found) -> None:
        self.particle = found.value

    def _link(self, index: int, found: Found) -> None:
        self.segment.links.append(index)

    def _prep(self, index: int, found: Found) -> None:
        for value in self.segment.values[-1:]:
            if found.value and value.is_beside and value.reach is None:
                value.reach, self.segment.is_bounded = index, True
        if self.around.content:
            self._give_up()
        elif self.around.hint:
            self.around = replace(self.around, hint=0.0)  # a touch of fog

    def _word(self, index: int, found: Found) -> None:
        self.segment.content += 1
        if self.around is not NOTHING:
            self.around = replace(self.around, content=self.around.content + 1)


def _is_content(found: Found) -> bool:
    table = lexicon()
    return table.categories[table.attributes[found.value].category].is_content


def _side(found: Found) -> str:
    return found.value.split(".")[0]
