"""Measure: what a concept is worth, and two side by side."""

from __future__ import annotations

from typing import Any, Iterator

import gradio as gr

from persimg.concepts import store
from persimg.errors import UserError
from persimg_demo import limits, measuring, shelf
from persimg_demo.drawing import Drawing, Wish
from persimg_demo.jobs import FAILED, STOPPED, WAITING
from persimg_demo.measuring import Measuring
from persimg_demo.page import Page, Refresh, private, quiet
from persimg_demo.studio import DRAWING
from persimg_demo.words import chart, empty, esc, figure, note, progress, spoken

NOTHING_YET = empty("No concept is chosen", "Choose one above to see its card, how it was chosen, and to measure it.")
PLAIN = "the base alone"
PROMPTS = "a {} in the snow, flat style\na {} wearing a hat on the beach, flat style"
MOST_PROMPTS, MOST_SEEDS = 6, 4


def build(page: Page) -> None:
    with gr.Row(equal_height=False):
        with gr.Column(scale=5, min_width=320):
            parts = _one()
        with gr.Column(scale=7, min_width=320):
            parts |= _two()
    parts["timer"] = gr.Timer(1.5, active=False)
    _wire(page, parts)


def _one() -> dict[str, Any]:
    parts: dict[str, Any] = {"concept": gr.Dropdown([], label="Concept", value=None, elem_id="measure-concept")}
    parts["card"] = gr.HTML(NOTHING_YET, elem_id="measure-card")
    with gr.Row(visible=False) as parts["buttons"]:
        parts["quick"] = gr.Button("Measure it", variant="primary", elem_id="measure-quick")
        parts["thorough"] = gr.Button("Thoroughly", elem_id="measure-thorough")
        parts["cancel"] = gr.Button("Cancel", variant="stop", interactive=False, min_width=80, elem_id="measure-cancel")
    parts["status"] = gr.HTML("", elem_id="measure-status")
    parts["report"] = gr.DownloadButton("Download the report", visible=False, elem_id="measure-report")
    return parts


def _two() -> dict[str, Any]:
    parts: dict[str, Any] = {}
    gr.HTML("<h3>Two side by side, on the same seeds</h3>")
    with gr.Row():
        parts["first"] = gr.Dropdown([], label="First", value=None, elem_id="compare-first")
        parts["second"] = gr.Dropdown([], label="Second", value=None, elem_id="compare-second")
    parts["prompts"] = gr.Textbox(
        PROMPTS, label="Prompts, one a line", info="{} stands for the concept", lines=3, elem_id="compare-prompts"
    )
    with gr.Row():
        parts["seeds"] = gr.Slider(1, MOST_SEEDS, 1, step=1, label="Seeds", elem_id="compare-seeds")
        parts["steps"] = gr.Slider(1, 60, 20, step=1, label="Steps", elem_id="compare-steps")
    parts["compare"] = gr.Button("Compare", variant="primary", elem_id="compare")
    parts["sheet"] = gr.HTML(
        empty("Nothing is compared yet", "Choose two concepts, or a concept and the base, and press Compare."), elem_id="compare-sheet"
    )
    return parts


def _wire(page: Page, p: dict[str, Any]) -> None:
    handlers = _Handlers(page)
    page.refreshes.append(Refresh(handlers.concepts, [p["concept"], p["first"], p["second"]]))
    board = [p[name] for name in ("card", "buttons", "status", "report", "quick", "cancel", "timer")]
    picked = [page.user, p["concept"]]
    p["concept"].change(spoken(handlers.look), picked, board, **private())
    p["quick"].click(spoken(handlers.quick), picked, board, **private())
    p["thorough"].click(spoken(handlers.thorough), picked, board, **private())
    p["cancel"].click(spoken(handlers.cancel), picked, board, **private())
    p["timer"].tick(spoken(handlers.look), picked, board, **quiet())
    form = [p[name] for name in ("first", "second", "prompts", "seeds", "steps")]
    p["compare"].click(spoken(handlers.compare), [page.user, *form], p["sheet"], **private())


class _Handlers:
    def __init__(self, page: Page):
        self.page = page

    def concepts(self, who: str) -> tuple[Any, ...]:
        """What can be measured; what is being measured is found again, and what is gone isn't chosen any more."""
        names, visitor = [card.name for card in self.page.cards(who)], self.page.visitor(who)
        running = visitor.running
        if isinstance(running, Measuring) and not visitor.measured:
            visitor.measured = running.name
        choices = [(f"<{name}>", name) for name in names]
        chosen = {"value": visitor.measured if visitor.measured in names else None} if visitor.measured else {}
        return gr.Dropdown(choices, **chosen), *(gr.Dropdown([(PLAIN, ""), *choices]) for _ in range(2))

    def quick(self, who: str, name: str) -> tuple[Any, ...]:
        return self._measure(who, name, thorough=False)

    def thorough(self, who: str, name: str) -> tuple[Any, ...]:
        return self._measure(who, name, thorough=True)

    def _measure(self, who: str, name: str | None, thorough: bool) -> tuple[Any, ...]:
        if not name:
            raise UserError("no concept is chosen", "choose one above")
        self.page.home(who).concept_path(name)
        self.page.begin(who, lambda home: Measuring(self.page.studio, home, name, thorough))
        return self.look(who, name)

    def cancel(self, who: str, name: str) -> tuple[Any, ...]:
        if job := self._job(who, name):
            job.stop()
        return self.look(who, name)

    def _job(self, who: str, name: str | None) -> Measuring | None:
        job = self.page.visitor(who).jobs.get(Measuring)
        return job if isinstance(job, Measuring) and job.name == name else None

    def look(self, who: str, name: str | None) -> tuple[Any, ...]:
        """Values of the board."""
        self.page.visitor(who).measured = name or ""
        if not name or not self.page.has(who, name):
            return NOTHING_YET, gr.Row(visible=False), "", gr.DownloadButton(visible=False), gr.skip(), gr.skip(), gr.Timer(active=False)
        home, job = self.page.home(who), self._job(who, name)
        card = store.read_card(home.concept_path(name))
        running = job is not None and job.is_running
        record = None if running else measuring.record_of(home, name)
        path = self.page.served(measuring.report_path(home, name)) if record else None
        report = gr.DownloadButton(value=path, visible=path is not None)
        return (
            shelf.card_html(card, home.owns(name)) + curve_html(measuring.curve_of(home, name)), gr.Row(visible=True),
            status_html(job, record),
            report, gr.Button(interactive=not running), gr.Button(interactive=running), gr.Timer(active=running),
        )  # fmt: skip

    def compare(self, who: str, first: str, second: str, text: str, seeds: int, steps: int) -> Iterator[str]:
        titles = [f"<{name}>" if name else PLAIN for name in (first, second)]
        if first == second:
            raise UserError("both are the same", "choose two")
        prompts = [limits.text(line, self.page.limits.prompt, "a prompt") for line in (text or "").splitlines() if line.strip()]
        if not 1 <= len(prompts) <= MOST_PROMPTS or any("{}" not in prompt for prompt in prompts):
            raise UserError("the prompts can't be used", f"write one to {MOST_PROMPTS} lines with {{}} for the concept")
        number = limits.whole(seeds, 1, MOST_SEEDS, "seeds")
        steps = limits.whole(steps, 1, self.page.limits.steps, "steps")
        base = self.page.studio.base(DRAWING)
        subjects = [self._subject(who, name, other) for name, other in ((first, second), (second, first))]
        cells = [(prompt, seed) for prompt in prompts for seed in range(number)]
        wishes = [Wish(prompt.replace("{}", subject), seed, steps, base.default_guidance) for subject in subjects for prompt, seed in cells]
        yield from self._drawn(who, wishes, titles, cells)

    def _subject(self, who: str, name: str, other: str) -> str:
        """The base is asked for the kind of thing that the other one is."""
        if name:
            return f"<{name}>"
        return store.read_card(self.page.home(who).concept_path(other)).class_noun or "thing"

    def _drawn(self, who: str, wishes: list[Wish], titles: list[str], cells: list[tuple[str, int]]) -> Iterator[str]:
        pictures: dict[int, Any] = {}
        drawing = Drawing(self.page.studio, self.page.home(who), wishes)
        finished = 0
        for frame in drawing.frames():
            if frame.picture is None:
                continue
            pictures[frame.index] = frame.picture
            finished += bool(frame.name)
            if frame.name or frame.index % 4 == 3:
                yield progress(finished / len(wishes), "Drawing", f"{finished} of {len(wishes)}") + compared(pictures, titles, cells)
        yield compared(pictures, titles, cells)


def compared(pictures: dict[int, Any], titles: list[str], cells: list[tuple[str, int]]) -> str:
    """A row for each prompt and seed, a column for each of the two."""
    heads = "".join(f"<th>{esc(title)}</th>" for title in titles)
    rows = ""
    for i, (prompt, seed) in enumerate(cells):
        pair = "".join(f"<td>{figure(pictures.get(i + side * len(cells)), '')}</td>" for side in range(2))
        rows += f"<tr><th>{esc(prompt.replace('{}', '…'))}<small>seed {seed}</small></th>{pair}</tr>"
    return f'<table class="pairs"><tr><th></th>{heads}</tr>{rows}</table>'


def curve_html(record: dict[str, Any] | None) -> str:
    if not record:
        return ""
    titles = {"subject": "subject", "prompt": "prompt", "score": "both"}
    lines = [(text, [(p["step"], p[key]) for p in record["points"]]) for key, text in titles.items()]
    return chart("Fidelity of the checkpoints", lines, mark=record.get("chosen"))


def status_html(job: Measuring | None, record: dict[str, Any] | None) -> str:
    if job and job.status == WAITING:
        return progress(0, "Waiting", f"{job.ahead} before you" if job.ahead else "")
    if job and job.is_running:
        what = "Scoring" if job.drawn >= job.total else "Drawing"
        return progress(job.drawn / max(1, job.total), what, f"{min(job.drawn, job.total)} of {job.total} pictures")
    if job and job.status == FAILED:
        return note(f"Measuring failed: {job.said}.", "bad")
    if job and job.status == STOPPED and not record:
        return note("Cancelled.", "warn")
    return scores_html(record) if record else note("It wasn't measured yet.")


def scores_html(record: dict[str, Any]) -> str:
    from persimg.evaluation.report import cell

    names = [name for name in record["metrics"] if any("mean" in row["scores"][name] for row in record["rows"])]
    heads = "".join(_head(record["metrics"][name]) for name in names)
    rows = ""
    for row in record["rows"]:
        cells = "".join(f"<td>{esc(c['text'])}<small>{esc(c['range'])}</small></td>" for c in (cell(row["scores"][n]) for n in names))
        rows += f"<tr><th>{esc(row['title'])}</th>{cells}</tr>"
    return f'<div class="wide"><table class="scores"><tr><th></th>{heads}</tr>{rows}</table></div>'


def _head(metric: dict[str, str]) -> str:
    arrow = {"higher": " ↑", "lower": " ↓"}.get(metric["better"], "")
    return f'<th title="{esc(metric["what"])}">{esc(metric["title"])}{arrow}</th>'
