"""What the page's events under Create do."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from typing import Any, Iterator

import gradio as gr

from persimg.errors import UserError
from persimg.preferences.rewriter import negatives
from persimg_demo import foryou, limits, sheet
from persimg_demo.drawing import Drawing, Frame, Wish, wish_of
from persimg_demo.homes import USER, Home
from persimg_demo.page import Page
from persimg_demo.words import empty, figure, note, progress

EARLIER = 24
SCHEDULERS = ("the base's own", "ddim", "dpmpp_2m", "euler", "euler_a")
NOTHING_YET = empty("Nothing drawn yet", "Write what you want to see and press Create. Press a concept's name to put it into the prompt.")
FIELDS = (
    "prompt", "negative", "number", "seed", "steps", "guidance", "side", "scale", "start", "strength", "scheduler", "for_me", "taste",
    "both",
)  # fmt: skip
"""what `Asked` is made of, in the order of the page's inputs"""
FILLED = ("prompt", "negative", "seed", "steps", "guidance", "side", "scale", "scheduler", "for_me")
"""what comes back from a picture"""


@dataclass(frozen=True)
class Asked:
    """The form as it was sent."""

    prompt: str
    negative: str
    number: int
    seed: str
    steps: int
    guidance: float
    side: Any
    scale: float
    start: str | None
    strength: float
    scheduler: str
    for_me: bool
    taste: float
    both: bool


class CreateEvents:
    """What the page's events do. Pictures are known by the names that the server gave them."""

    def __init__(self, page: Page):
        self.page = page

    # --- drawing

    def create(self, who: str, *form: Any) -> Iterator[Any]:
        asked = Asked(*form)
        seed = limits.optional(asked.seed, 0, 2**53, "the seed", secrets.randbelow(2**31))
        number = limits.whole(asked.number, 1, self.page.limits.draw, "the number of pictures")
        yield from self._draw(who, self._pairs(who, asked, [seed + i for i in range(number)]), asked)

    def again(self, who: str, *form: Any) -> Iterator[Any]:
        yield from self.create(who, *replace_seed(form[: len(FIELDS)], ""))

    def same(self, who: str, *form: Any) -> Iterator[Any]:
        """What the form says by now, with the seed of the chosen picture."""
        record = self._record(who, form[-2], form[-1])
        yield from self.create(who, *replace_seed(form[: len(FIELDS)], str(wish_of(record).seed), number=1))

    def vary(self, who: str, *form: Any) -> Iterator[Any]:
        """From the chosen picture, half of the steps anew, other seeds; its own prompt and settings."""
        asked, (names, chosen) = Asked(*form[: len(FIELDS)]), form[-2:]
        home, record = self.page.home(who), self._record(who, names, chosen)
        path = home.picture_path(names[chosen])
        wish = replace(wish_of(record), start=str(path), strength=0.5)
        first = secrets.randbelow(2**31)
        yield from self._draw(who, [replace(wish, seed=first + i) for i in range(int(asked.number))], replace(asked, both=False))

    def grid(self, who: str, *form: Any) -> Iterator[Any]:
        asked, (x, x_text, y, y_text) = Asked(*form[: len(FIELDS)]), form[-4:]
        across, down = (sheet.values(axis, text, self.page.limits) for axis, text in ((x, x_text), (y, y_text)))
        wish = self._wish(who, asked, limits.optional(asked.seed, 0, 2**53, "the seed", secrets.randbelow(2**31)))
        wishes = sheet.wishes(wish, x, across, y, down, self.page.limits)
        labels = [[f"{axis} {value:g}" if value is not None else "" for value in found] for axis, found in ((x, across), (y, down))]
        yield from self._draw(who, wishes, replace(asked, both=False), labels)

    def stop(self, who: str) -> None:
        if drawing := self.page.visitor(who).drawing:
            drawing.stop()

    def _pairs(self, who: str, asked: Asked, seeds: list[int]) -> list[Wish]:
        """A wish for each seed; with the same seeds as typed, where both are wanted."""
        first = self._wish(who, asked, seeds[0])
        plain = [replace(self._wish(who, replace(asked, for_me=False), seeds[0]))] if asked.for_me and asked.both else []
        return [replace(wish, seed=seed) for wish in (*plain, first) for seed in seeds]

    def _wish(self, who: str, asked: Asked, seed: int) -> Wish:
        most = self.page.limits
        prompt, negative = limits.text(asked.prompt, most.prompt, "the prompt"), limits.text(
            asked.negative, most.prompt, "the negative prompt"
        )
        if not prompt:
            raise UserError("the prompt is empty", "write what the picture should show")
        limits.whole(asked.steps, 1, most.steps, "steps")
        limits.number(asked.guidance, 1, 30, "guidance")
        scheduler = None if asked.scheduler == SCHEDULERS[0] else asked.scheduler
        start = str(asked.start) if asked.start else None
        if start:
            limits.picture(start, most, "the picture to start from")
        side = limits.whole(int(asked.side), 8, most.side, "size") if asked.side else None
        numbers = int(asked.steps), float(asked.guidance)
        wish = Wish(prompt, seed, *numbers, negative, side, float(asked.scale), start, float(asked.strength), scheduler)
        if not asked.for_me:
            return wish
        made = foryou.rewritten(self.page, who, prompt, asked.taste, negative)
        return replace(wish, prompt=made.rewritten, negative=negatives(negative, made.negative), typed=prompt, guides=foryou.guides(made))

    def _draw(self, who: str, wishes: list[Wish], asked: Asked, labels: list[list[str]] | None = None) -> Iterator[Any]:
        """Values of `shown`, frame by frame."""
        visitor = self.page.visitor(who)
        drawing = Drawing(self.page.studio, visitor.home, wishes)
        if visitor.drawing:
            visitor.drawing.stop()
        visitor.drawing = drawing
        self._remember(who, wishes[0])
        easel = _Easel(wishes, side_by_side=asked.for_me and asked.both)
        busy = (gr.Button(interactive=False), gr.Button(interactive=True))
        idle = (gr.Button(interactive=True), gr.Button(interactive=False))
        yield easel.html("getting ready"), gr.Gallery(visible=False), gr.Column(visible=False), [], 0, *busy
        try:
            for frame in drawing.frames():
                if easel.take(frame):
                    yield easel.html(), *(gr.skip(),) * 6
            hung = self._hung(visitor.home, easel, labels)
        except Exception:  # the form must not stay shut
            yield NOTHING_YET, *(gr.skip(),) * 4, *idle
            raise
        # where another request took its place, the buttons are that one's
        yield *hung, *(idle if visitor.drawing is drawing else (gr.skip(),) * 2)

    def _hung(self, home: Home, easel: _Easel, labels: list[list[str]] | None) -> tuple[Any, ...]:
        from persimg.sampling import provenance

        names = [easel.names[i] for i in sorted(easel.names)]
        if not names:
            return NOTHING_YET, gr.Gallery(visible=False), gr.Column(visible=False), [], 0
        items = [
            (self.page.served(home.picture_path(name)), easel.caption(i)) for i, name in sorted((i, n) for i, n in easel.names.items())
        ]
        if labels and len(names) == len(easel.wishes):
            path = self.page.cache / "grids" / names[0]
            path.parent.mkdir(parents=True, exist_ok=True)
            provenance.save_sheet(sheet.compose([easel.pictures[i] for i in range(len(names))], *labels), path)
            items.insert(0, (self.page.served(path, "grid.png"), "the grid"))
            names = [names[0], *names]
        columns = 2 if easel.side_by_side and len(names) == 2 else min(4, max(2, len(items)))
        return "", gr.Gallery(items, visible=True, columns=columns, selected_index=None), gr.Column(visible=True), names, 0

    def _remember(self, who: str, wish: Wish) -> None:
        """What was asked for joins the user's own history, as it was typed."""
        from persimg.preferences.shown import asked_for

        with self.page.store(who) as store:
            store.add(asked_for(USER, wish.typed or wish.prompt))

    # --- pictures that are there

    def _record(self, who: str, names: list[str], chosen: int) -> dict[str, Any]:
        from persimg.sampling import provenance

        if not names:
            raise UserError("no picture is chosen", "draw some first")
        return provenance.read(self.page.home(who).picture_path(names[chosen])) or {}

    def like(self, who: str, names: list[str], chosen: int) -> str:
        return self._event(who, names, chosen, "like", "Noted: you like it. Your taste is under Taste.")

    def dislike(self, who: str, names: list[str], chosen: int) -> str:
        return self._event(who, names, chosen, "dislike", "Noted: you don't like it. Your taste is under Taste.")

    def comment(self, who: str, names: list[str], chosen: int, text: str) -> tuple[str, str]:
        said = limits.text(text, self.page.limits.prompt, "the comment")
        if not said:
            raise UserError("nothing was said", "write what you like or dislike about the picture")
        return self._event(who, names, chosen, "comment", "Noted what you said.", said), ""

    def _event(self, who: str, names: list[str], chosen: int, kind: str, answer: str, text: str = "") -> str:
        from persimg.preferences.events import Event, new_id, now
        from persimg.preferences.shown import shown

        self._record(who, names, chosen)
        home = self.page.home(who)
        order = [names[chosen], *(name for name in dict.fromkeys(names) if name != names[chosen])]
        with self.page.store(who) as store:
            store.add(Event(new_id(), USER, now(), kind, text, shown([home.picture_path(name) for name in order])))
        return note(answer, "good")

    def use(self, who: str, names: list[str], chosen: int) -> str:
        self._record(who, names, chosen)
        gr.Info("The next pictures start from this one; see More settings.")
        return self.page.served(self.page.home(who).picture_path(names[chosen]))

    def dropped(self, who: str, path: str | None) -> tuple[Any, ...]:
        from persimg.sampling import provenance

        if not path:
            return (gr.skip(),) * (len(FILLED) + 1)
        limits.picture(path, self.page.limits, "the file")
        try:
            record = provenance.read(path)
        except (ValueError, RecursionError) as error:
            raise UserError("the picture's settings can't be read", "draw it again") from error
        if not isinstance(record, dict):
            raise UserError("this picture says nothing about how it was made", "drop one that was made here, as it was downloaded")
        return *self._filled(record), None

    def _filled(self, record: dict[str, Any]) -> tuple[Any, ...]:
        wish, most = wish_of(record), self.page.limits
        side = str(wish.side) if wish.side else ""
        words = wish.prompt[: most.prompt], wish.negative[: most.prompt]
        numbers = max(1, min(wish.steps, most.steps)), max(1.0, min(wish.guidance, 20.0)), side, min(wish.scale, 2.0)
        scheduler = wish.scheduler if wish.scheduler in SCHEDULERS else SCHEDULERS[0]
        # the prompt is already the one for this user: it isn't rewritten once more
        return *words, str(wish.seed), *numbers, scheduler, False if wish.typed else gr.skip()

    def bring_back(self, who: str, names: list[str], event: gr.SelectData) -> tuple[Any, ...]:
        name = names[min(int(event.index), len(names) - 1)]
        path, record = self.page.home(who).picture_path(name), self._record(who, [name], 0)
        gallery = gr.Gallery([(self.page.served(path), f"seed {wish_of(record).seed}")], visible=True, columns=2)
        return (*self._filled(record), "", gallery, gr.Column(visible=True), [name], 0)

    # --- what is shown beside

    def rewrite(self, who: str, prompt: str, on: bool, strength: float) -> str:
        if not on:
            return ""
        return foryou.shown(foryou.rewritten(self.page, who, limits.text(prompt, self.page.limits.prompt, "the prompt"), strength))

    def concepts(self, who: str) -> Any:
        samples = [[card.placeholder] for card in self.page.cards(who)]
        return gr.Dataset(samples=samples, visible=bool(samples))

    def earlier(self, who: str) -> tuple[Any, list[str]]:
        home = self.page.home(who)
        names = home.newest_pictures(EARLIER)
        return [self.page.served(home.pictures / name) for name in names], names

    def insert(self, chip: list[str], prompt: str) -> str:
        return f"{prompt.rstrip()} {chip[0]}".strip() if chip[0] not in prompt else prompt


def replace_seed(form: tuple[Any, ...], seed: str, number: int | None = None) -> tuple[Any, ...]:
    """The form with another seed, and another number of pictures."""
    changed = dict(zip(FIELDS, form)) | {"seed": seed} | ({} if number is None else {"number": number})
    return tuple(changed[name] for name in FIELDS)


class _Easel:
    """The pictures of a request as they become."""

    def __init__(self, wishes: list[Wish], side_by_side: bool):
        self.wishes, self.side_by_side = wishes, side_by_side
        self.pictures: dict[int, Any] = {}
        self.names: dict[int, str] = {}
        self.shares = [0.0] * len(wishes)
        self.ahead = 0

    def take(self, frame: Frame) -> bool:
        """Is there something new to show? Previews of a batch come together; the last one shows them all."""
        if frame.kind == "waiting":
            changed, self.ahead = frame.ahead != self.ahead, frame.ahead
            return changed
        self.pictures[frame.index], self.shares[frame.index] = frame.picture, frame.share
        if frame.name:
            self.names[frame.index] = frame.name
        is_last = frame.index + 1 == len(self.wishes) or self.shares[frame.index + 1] < frame.share and frame.index % 4 == 3
        return bool(frame.name) or is_last

    def caption(self, index: int) -> str:
        wish = self.wishes[index]
        kind = ("for you, " if wish.typed else "as typed, ") if self.side_by_side else ""
        return f"{kind}seed {wish.seed}"

    def html(self, text: str = "") -> str:
        share = sum(self.shares) / len(self.shares)
        text = text or (f"waiting: {self.ahead} before you" if self.ahead and not share else "drawing")
        figures = "".join(figure(self.pictures.get(i), self.caption(i)) for i in range(len(self.wishes)))
        done = f"{len(self.names)} of {len(self.wishes)} finished"
        return f'{progress(share, text.capitalize(), done)}<div class="easel">{figures}</div>'
