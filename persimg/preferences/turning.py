"""The words that turn round what was said before them: gone, aside, least, than I'd like."""

from __future__ import annotations

from dataclasses import replace

from persimg.preferences.bearing import ASKED, Bearing
from persimg.preferences.phrases import Found
from persimg.preferences.segments import NOTHING, Clause

ASKED_WHY = -0.6
"""what "why so dark?" says"""
KEEP_APART = ("stop", "but", "except", "comma", "and", "or")
"""kinds that end a segment"""
JUDGING = {"value", "want", "prefer", "swap", "regret", "harm", "pretty", "contrast"}
END = Found("", None, 0, 0)
"""stands behind the last phrase"""


class Turning(Bearing):
    """Reads what bears on words that have been read already, or on more than the next ones."""

    clauses: list[Clause]
    following: Found
    over: int
    beats: int
    is_why: bool

    def _barred(self, index: int, found: Found) -> None:
        """ "no text, watercolor" and "no text watercolor" """
        self.segment.left, self.around = -ASKED, NOTHING
        self.segment.content += 1

    def _aside(self, index: int, found: Found) -> None:
        """ "neon aside, it's great" """
        for target in self.segment.targets:
            target.around = replace(target.around, own=-target.around.flips * ASKED)

    def _beats(self, index: int, found: Found) -> None:
        if self.around.is_denied:  # neon can't beat fog
            for target in self.segment.targets:
                target.around = replace(target.around, hint=ASKED_WHY, flips=-target.around.flips)
            self.around = NOTHING
        else:
            self.over = self.beats = index

    def _gone(self, index: int, found: Found) -> None:
        """ "glad the neon is gone" """
        for target in self.segment.targets:
            target.around = replace(target.around, flips=-target.around.flips)

    def _go(self, index: int, found: Found) -> None:
        """ "the fog stays, the neon goes" """
        if self.segment.targets and not self.segment.values and self.previous != "over" and self._is_last():
            return self._value(index, found)
        self._word(index, found)

    def _far(self, index: int, found: Found) -> None:
        """ "far from boring", but far from the city"""
        (self._not if self.following.kind in JUDGING else self._prep)(index, found)

    def _beyond(self, index: int, found: Found) -> None:
        """ "I couldn't love the fog more" """
        self.segment.is_beyond = True
        self._not(index, found)

    def _more(self, index: int, found: Found) -> None:
        if not self.segment.is_beyond:
            return super()._more(index, found)
        self.around = NOTHING  # couldn't be more beautiful
        for value in self.segment.values[-1:] if self._is_last() else ():
            value.size = -value.size

    def _less(self, index: int, found: Found) -> None:
        if not (self.segment.is_beyond and self.segment.values and self._is_last()):  # couldn't like it less
            super()._less(index, found)

    def _least(self, index: int, found: Found) -> None:
        """ "what I like least", "the least fog" """
        if not self.segment.values or self.following.kind == "value":
            return self._less(index, found)
        self.segment.values[-1].size = -abs(self.segment.values[-1].size)

    def _excess(self, index: int, found: Found) -> None:
        """ "darker than I'd like" """
        if self.around.own and self.segment.targets:
            size, self.around = -self.around.own, NOTHING
            self._append(size)
        elif self.last and self.segment.targets:
            around = self.last.around
            self.last.around = replace(around, flips=1, own=-around.own or found.value, is_final=True)

    def _make(self, index: int, found: Found) -> None:
        """ "make it darker" is a wish, "neon makes it worse" is none."""
        (self._link if self.segment.targets and self.following.kind == "value" else self._want)(index, found)

    def _is_last(self) -> bool:
        return self.following is END or self.following.kind in KEEP_APART

    def _why(self, index: int, found: Found) -> None:
        self.is_why = True

    def _past(self, index: int, found: Found) -> None:
        self.clauses[-1].is_past = True
