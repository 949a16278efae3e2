"""The words that bear on what follows them: not, more, less, too, a bit."""

from __future__ import annotations

from dataclasses import replace

from persimg.preferences.phrases import Found
from persimg.preferences.segments import NOTHING, Around, Segment, Target

ASKED, BLAMED, NOT_TOO = 0.7, -0.8, -0.4
"""what "more fog", "too dark" and "not too dark" say by themselves; who says the last would rather have less of it"""
HINTED = -0.5
"""what "a bit dark" says"""


class Bearing:
    """Keeps in `around` what the words before a target say of it."""

    around: Around
    last: Target | None
    previous: str
    segment: Segment

    def _bears(self, found: Found, **changes) -> None:
        start = found.start if self.around.start is None else self.around.start
        self.around = replace(self.around, start=start, **changes)

    def _begin_anew(self) -> None:
        """What was taken over from the last target gives way: less contrast and more fog."""
        if self.around.is_inherited:
            self.around = NOTHING

    def _not(self, index: int, found: Found) -> None:
        self._begin_anew()
        around = self.around
        self._bears(found, flips=-around.flips, own=-around.own or -ASKED, is_denied=True, is_bare=False)

    def _none(self, index: int, found: Found) -> None:
        """Is what there isn't itself: nobody on the beach is a beach."""
        self._not(index, found)
        self.around = replace(self.around, content=1)

    def _no(self, index: int, found: Found) -> None:
        self._not(index, found)
        self.around = replace(self.around, is_named=True)

    def _more(self, index: int, found: Found) -> None:
        self._begin_anew()
        self._bears(found, own=self.around.own or ASKED, is_named=True)

    def _less(self, index: int, found: Found) -> None:
        self._begin_anew()
        self._bears(found, flips=-self.around.flips, own=-self.around.own or -ASKED, is_named=True)

    def _lack(self, index: int, found: Found) -> None:
        self._begin_anew()
        self._bears(found, flips=-self.around.flips, own=ASKED, is_named=True)

    def _too(self, index: int, found: Found) -> None:
        self._begin_anew()
        is_also = found.end - found.start == len("too")  # "I like the fog too"
        own = NOT_TOO if self.around.is_denied else BLAMED
        self._bears(found, own=own, is_final=True, is_named=True, is_bare=is_also)

    def _low(self, index: int, found: Found) -> None:
        """ "the contrast is too low": more is wanted."""
        if self.around.is_final and not self.around.is_denied:
            self.around = replace(self.around, own=ASKED)
        elif found.value:
            return self._value(index, found)
        self._word(index, found)

    def _enough(self, index: int, found: Found) -> None:
        """ "not warm enough" asks for it, "warm enough" is content with it; what begins with it has had it: "enough neon already"."""
        if self.last and self.last.index == index - 1:
            around = self.last.around
            self.last.around = replace(around, flips=1, own=ASKED if around.is_denied else ASKED / 2, is_final=around.is_denied)
        elif self.around.is_denied:
            self._bears(found, flips=1, own=ASKED, is_final=True, is_named=True)
        elif self.segment.start == found.start and not self.segment.joined:
            self._bears(found, own=-ASKED)

    def _degree(self, index: int, found: Found) -> None:
        self._bears(found, degree=found.value, is_bare=False)

    def _bit(self, index: int, found: Found) -> None:
        self._bears(found, degree=found.value, hint=HINTED)

    def _little(self, index: int, found: Found) -> None:
        """ "it is a little dark" complains, "a little fog" may be a wish."""
        self._bears(found, degree=found.value, hint=HINTED if self.segment.links or self.previous == "it" else 0.0)
