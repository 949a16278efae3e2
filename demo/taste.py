"""Taste: a short talk about pictures, and the profile that comes of it."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Iterator

import gradio as gr

from persimg import files
from persimg.errors import UserError
from persimg_demo import limits, profile
from persimg_demo.drawing import Drawing, Wish
from persimg_demo.homes import USER
from persimg_demo.page import Page, Refresh, private, quiet
from persimg_demo.studio import DRAWING
from persimg_demo.words import empty, figure, note, progress, spoken

QUESTIONS, STEPS = 8, 12
START = empty(
    "Two minutes, eight questions",
    "You are shown pictures. Say what you like or dislike about them in your own words; sometimes you choose the best of four.",
)


@dataclass
class Asking:
    """A session under way. questions: chosen one by one after the answers, which are put into events."""

    questions: Iterator[Any]
    events: list[Any]
    seed: int
    asked: Any = None
    names: list[str] = field(default_factory=list)
    noted: int = 0


def build(page: Page) -> None:
    with gr.Row(equal_height=False):
        with gr.Column(scale=6, min_width=320):
            parts = _session()
        with gr.Column(scale=6, min_width=320):
            parts |= _profile()
    _wire(page, parts)


def _session() -> dict[str, Any]:
    parts: dict[str, Any] = {"question": gr.HTML(START, elem_id="taste-question")}
    parts["begin"] = gr.Button("Begin", variant="primary", elem_id="taste-begin")
    with gr.Column(visible=False) as parts["commenting"]:
        parts["answer"] = gr.Textbox(
            label="What do you say?", placeholder="I love the soft light, but it is too dark", elem_id="taste-answer", max_length=1000
        )
        parts["send"] = gr.Button("Answer", variant="primary", elem_id="taste-send")
    with gr.Column(visible=False) as parts["choosing"]:
        parts["choice"] = gr.Radio(["1", "2", "3", "4"], label="Which do you like best?", elem_id="taste-choice")
    with gr.Row(visible=False) as parts["leaving"]:
        parts["skip"] = gr.Button("Skip", size="sm", elem_id="taste-skip")
        parts["end"] = gr.Button("That's enough", size="sm", elem_id="taste-end")
    with gr.Accordion("Say something about pictures in general", open=False):
        parts["statement"] = gr.Textbox(
            show_label=False, placeholder="I like muted colours and no fog", elem_id="taste-statement", max_length=1000
        )
        parts["state"] = gr.Button("Say it", elem_id="taste-state")
    return parts


def _profile() -> dict[str, Any]:
    parts: dict[str, Any] = {"profile": gr.HTML(profile.NOTHING_YET, elem_id="profile")}
    with gr.Accordion("Correct it", open=False, elem_id="profile-edit"):
        parts["attribute"] = gr.Dropdown(profile.attributes(), value=None, label="What", elem_id="profile-attribute")
        parts["weight"] = gr.Slider(-3, 3, 1, step=0.25, label="Weight", info="negative: a dislike")
        with gr.Row():
            parts["pin"] = gr.Button("Set it", size="sm", elem_id="profile-pin")
            parts["mute"] = gr.Button("Never use it", size="sm", elem_id="profile-mute")
            parts["reset"] = gr.Button("Forget my corrections", size="sm", elem_id="profile-reset")
    with gr.Accordion("Take it along, or delete it", open=False):
        parts["event"] = gr.Dropdown([], label="Something that you said or did", value=None, elem_id="profile-event")
        parts["forget"] = gr.Button("Forget this, and what was concluded from it", size="sm")
        with gr.Row():
            parts["export"] = gr.DownloadButton("Download everything", size="sm", elem_id="profile-export")
            parts["bring"] = gr.UploadButton("Bring it back", size="sm", file_types=[".json"], elem_id="profile-import")
        parts["sure"] = gr.Checkbox(False, label="Yes, delete all that is known of my taste")
        parts["forget_all"] = gr.Button("Delete everything", variant="stop", size="sm", elem_id="profile-forget")
    parts["told"] = gr.HTML("")
    return parts


def _wire(page: Page, p: dict[str, Any]) -> None:
    handlers = _Handlers(page)
    table = [p[name] for name in ("question", "begin", "commenting", "choosing", "leaving", "answer", "choice")]
    known = Refresh(handlers.known, [p["profile"], p["event"], p["export"]])
    page.refreshes.append(known)

    def then_known(event: Any) -> None:
        event.then(known.function, page.user, known.outputs, **quiet())

    p["begin"].click(spoken(handlers.begin), page.user, table, **private())
    for answer, source in ((p["send"].click, p["answer"]), (p["answer"].submit, p["answer"]), (p["choice"].input, p["choice"])):
        then_known(answer(spoken(handlers.answer), [page.user, source], table, **private()))
    p["skip"].click(spoken(handlers.skip), page.user, table, **private())
    then_known(p["end"].click(spoken(handlers.end), page.user, table, **private()))
    for say in (p["state"].click, p["statement"].submit):
        then_known(say(spoken(handlers.state), [page.user, p["statement"]], [p["told"], p["statement"]], **private()))
    for name in ("pin", "mute", "reset"):
        then_known(p[name].click(spoken(getattr(handlers, name)), [page.user, p["attribute"], p["weight"]], p["told"], **private()))
    then_known(p["forget"].click(spoken(handlers.forget), [page.user, p["event"]], p["told"], **private()))
    then_known(p["forget_all"].click(spoken(handlers.forget_all), [page.user, p["sure"]], [p["told"], p["sure"]], **private()))
    then_known(p["bring"].upload(spoken(handlers.bring), [page.user, p["bring"]], p["told"], **private()))


class _Handlers:
    def __init__(self, page: Page):
        self.page = page

    # --- the session

    def begin(self, who: str) -> Iterator[Any]:
        from persimg.preferences import session, targets

        with self.page.store(who) as store:
            events = store.events(USER)
        seed = secrets.randbelow(2**31)
        target = targets.of_base(self.page.studio.base(DRAWING))
        visitor = self.page.visitor(who)
        visitor.asking = Asking(session.session(events, target, seed, QUESTIONS), events, seed)
        yield from self._next(who, visitor.asking)

    def answer(self, who: str, text: str | None) -> Iterator[Any]:
        from persimg.preferences import session, shown

        asking = self._asking(who)
        said = limits.text(text, self.page.limits.prompt, "the answer")
        if not said:
            raise UserError("nothing was said", "write a few words, or press Skip")
        home = self.page.home(who)
        digests = [shown.digest(home.picture_path(name)) for name in asking.names]
        event = session.answered(asking.asked, USER, said, digests)
        with self.page.store(who) as store:
            store.add(event)
        asking.events.append(event)
        asking.noted += 1
        yield from self._next(who, asking)

    def skip(self, who: str) -> Iterator[Any]:
        yield from self._next(who, self._asking(who))

    def end(self, who: str) -> tuple[Any, ...]:
        asking, self.page.visitor(who).asking = self.page.visitor(who).asking, None
        return _ended(asking.noted if asking else 0)

    def _asking(self, who: str) -> Asking:
        asking = self.page.visitor(who).asking
        if asking is None:
            raise UserError("no questions are being asked", "press Begin")
        return asking

    def _next(self, who: str, asking: Asking) -> Iterator[Any]:
        asking.asked = next(asking.questions, None)
        if asking.asked is None:
            yield self.end(who)
            return
        asked = asking.asked
        wishes = [
            Wish(prompt, asking.seed + asked.number, STEPS, self.page.studio.base(DRAWING).default_guidance) for prompt in asked.prompts
        ]
        drawing = Drawing(self.page.studio, self.page.home(who), wishes)
        pictures: dict[int, Any] = {}
        names: dict[int, str] = {}
        hidden = (gr.Button(visible=False), *(gr.Column(visible=False),) * 2, gr.Row(visible=False), "", None)
        yield _question(asked, pictures), *hidden
        try:
            for frame in drawing.frames():
                pictures[frame.index] = frame.picture
                if frame.name:
                    names[frame.index] = frame.name
                if frame.picture and frame.index == len(wishes) - 1:
                    yield _question(asked, pictures), *(gr.skip(),) * 6
        except Exception:  # there must be a button left to press
            yield self.end(who)
            raise
        asking.names = [names[i] for i in sorted(names)]
        is_choice = asked.kind == "choice"
        radio = gr.Radio([str(i + 1) for i in range(len(wishes))], value=None)
        ways = gr.Column(visible=not is_choice), gr.Column(visible=is_choice)
        yield _question(asked, pictures), gr.skip(), *ways, gr.Row(visible=True), "", radio

    # --- the profile

    def known(self, who: str) -> tuple[Any, ...]:
        with self.page.store(who) as store:
            found = store.profile(USER)
            events = store.events(USER)
            text = profile.shown(found, profile.events_of(store, USER, found))
        choices = [(profile.told(event), event.id) for event in reversed(events)]
        return text, gr.Dropdown(choices, value=None), gr.DownloadButton(value=self._exported(who) if events else None)

    def _exported(self, who: str) -> str:
        path = self.page.home(who).folder / "taste.json"
        with self.page.store(who) as store:
            files.write_json(path, store.export(USER))
        try:
            return self.page.served(path)
        finally:
            path.unlink()

    def state(self, who: str, text: str) -> tuple[str, str]:
        said = limits.text(text, self.page.limits.prompt, "the statement")
        if not said:
            raise UserError("nothing was said", "write what you like or dislike")
        self._add(who, "statement", said)
        return note("Noted.", "good"), ""

    def _add(self, who: str, kind: str, text: str, **more: Any) -> None:
        from persimg.preferences.events import Event, new_id, now

        with self.page.store(who) as store:
            store.add(Event(new_id(), USER, now(), kind, text, **more))

    def _edit(self, who: str, edit: str, attribute: str | None, weight: float | None = None) -> str:
        if attribute not in dict(map(reversed, profile.attributes())):
            raise UserError("nothing is chosen", "choose what to correct")
        self._add(who, "edit", edit, attribute=attribute, weight=weight)
        return note("Corrected.", "good")

    def pin(self, who: str, attribute: str | None, weight: float) -> str:
        return self._edit(who, "pin", attribute, limits.number(weight, -10, 10, "the weight"))

    def mute(self, who: str, attribute: str | None, weight: float) -> str:
        return self._edit(who, "mute", attribute)

    def reset(self, who: str, attribute: str | None, weight: float) -> str:
        return self._edit(who, "reset", attribute)

    def forget(self, who: str, event: str | None) -> str:
        if not event:
            raise UserError("nothing is chosen", "choose what to forget")
        with self.page.store(who) as store:
            store.forget_event(USER, event)
        return note("Forgotten, for good.", "good")

    def forget_all(self, who: str, is_sure: bool) -> tuple[str, bool]:
        if not is_sure:
            raise UserError("it isn't confirmed", "tick the box above")
        with self.page.store(who) as store:
            store.forget_user(USER)
        return note("All that was known of your taste is deleted.", "good"), False

    def bring(self, who: str, path: str) -> str:
        try:
            data = json.loads(Path(path).read_text(encoding="utf-8"))
        except (ValueError, RecursionError) as error:
            raise UserError("this file isn't a downloaded profile", "choose what “Download everything” gave") from error
        with self.page.store(who) as store:
            store.import_(data, USER, replace=True)
        return note("Your taste is back.", "good")


def _question(asked: Any, pictures: dict[int, Any]) -> str:
    title = "Which do you like best?" if asked.kind == "choice" else "What do you like or dislike about it?"
    shown = "".join(figure(pictures.get(i), str(i + 1) if len(asked.prompts) > 1 else asked.subject) for i in range(len(asked.prompts)))
    head = progress(asked.number / QUESTIONS, title, f"question {asked.number + 1} of {QUESTIONS}")
    return f'{head}<div class="easel n{len(asked.prompts)}">{shown}</div>'


def _ended(noted: int) -> tuple[Any, ...]:
    text = note(f"Thank you: {noted} answers noted. Turn on “For me” under Create to use them.", "good") if noted else START
    begin = gr.Button("Ask me more" if noted else "Begin", visible=True)
    return text, begin, *(gr.Column(visible=False),) * 2, gr.Row(visible=False), "", None
