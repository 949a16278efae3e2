"""Teach: pictures to a concept."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import gradio as gr

from persimg.errors import UserError
from persimg_demo import limits
from persimg_demo.examples import draw_example, example, examples
from persimg_demo.homes import Home
from persimg_demo.jobs import DONE, FAILED, STOPPED, WAITING
from persimg_demo.page import Page, Refresh, private, quiet
from persimg_demo.teaching import Lesson, Teaching, keep_stopped
from persimg_demo.words import chart, duration, empty, note, progress, said, spoken

KINDS = ("thing", "person", "style")
METHODS = {
    "LoRA (DreamBooth): learns the most": "dreambooth_lora",
    "A new word (textual inversion): smallest, gentlest": "textual_inversion",
}
SAMPLED = ("a {} in the snow|a {} on the beach", "a cat in the style of {}|a house in the style of {}")
"""while learning, of a thing or a person, of a style"""
CHECKPOINTS, SAMPLES = 4, 4
"""of a training, unless its steps are too few"""
NOTHING_YET = empty(
    "Nothing is being learned", "Drop three to twenty pictures of one thing, person or style, or take an example; name it; press Teach."
)
PUBLIC = empty(
    "Teaching is off here", "This is a public demo. Its concepts can be used under Create; to teach your own, install persimg."
)


def build(page: Page) -> None:
    if page.settings.public:
        gr.HTML(PUBLIC)
        return
    with gr.Row(equal_height=False):
        with gr.Column(scale=5, min_width=320):
            parts = _form(page)
        with gr.Column(scale=7, min_width=320):
            parts |= _results()
    _wire(page, parts)


# --- layout -----------------------------------------------------------------------------------------------------------


def _form(page: Page) -> dict[str, Any]:
    choices = [(e.title, e.key) for e in examples()] if page.settings.base == "mini" else []
    parts: dict[str, Any] = {
        "files": gr.File(label="Your pictures", file_count="multiple", file_types=["image"], elem_id="teach-files", height=140),
        "example": gr.Dropdown(choices, value=None, label="… or an example to try it with", elem_id="teach-example", visible=bool(choices)),
        "preview": gr.Gallery(
            label="To learn from", columns=6, height="auto", visible=False, allow_preview=False, elem_id="teach-preview", interactive=False
        ),
    }
    with gr.Row():
        parts["name"] = gr.Textbox(
            label="Name", placeholder="mycat", info="how you call it in prompts", elem_id="teach-name", max_length=40
        )
        parts["noun"] = gr.Textbox(
            label="What kind of thing?", placeholder="cat", info="one plain word", elem_id="teach-noun", max_length=40
        )
    parts["kind"] = gr.Radio([(kind.capitalize(), kind) for kind in KINDS], value="thing", label="It is a", elem_id="teach-kind")
    parts["consent"] = gr.Textbox(
        label="Who agreed to this?", placeholder="Ann Lee, 2026-05-01, for private pictures", visible=False, elem_id="teach-consent",
        max_length=2000,
        info="People are learned with their consent only. What you write is kept with the concept.",
    )  # fmt: skip
    with gr.Row():
        parts["teach"] = gr.Button("Teach", variant="primary", elem_id="teach", scale=3)
        parts["cancel"] = gr.Button("Cancel", variant="stop", elem_id="teach-cancel", interactive=False, scale=1, min_width=90)
    return parts | _advanced()


def _advanced() -> dict[str, Any]:
    parts: dict[str, Any] = {}
    with gr.Accordion("Advanced settings", open=False, elem_id="teach-advanced"):
        parts["method"] = gr.Dropdown(list(METHODS.items()), value="dreambooth_lora", label="Method")
        with gr.Row():
            parts["steps"] = gr.Textbox("", label="Steps", info="empty: what suits the method", max_length=6, elem_id="teach-steps")
            parts["batch"] = gr.Textbox("", label="Pictures a step", info="empty: what suits it", max_length=3, elem_id="teach-batch")
        with gr.Row():
            parts["rate"] = gr.Textbox("", label="Learning rate", max_length=12)
            parts["seed"] = gr.Textbox("0", label="Seed", max_length=16)
        parts["flip"] = gr.Checkbox(False, label="Also learn from mirrored pictures")
    return parts


def _results() -> dict[str, Any]:
    parts: dict[str, Any] = {"status": gr.HTML(NOTHING_YET, elem_id="teach-status")}
    parts["samples"] = gr.Gallery(
        label="Drawn while learning", columns=4, height="auto", visible=False, elem_id="teach-samples", interactive=False, fit_columns=False
    )
    with gr.Row(visible=False) as parts["after"]:
        parts["use"] = gr.Button("Use it under Create", variant="primary", elem_id="teach-use")
        parts["download"] = gr.DownloadButton("Download the concept", elem_id="teach-download")
    with gr.Row(visible=False) as parts["halted"]:
        parts["resume"] = gr.Button("Go on learning", elem_id="teach-resume")
        parts["keep"] = gr.Button("Keep it as it is", elem_id="teach-keep")
    parts["timer"] = gr.Timer(1.0, active=False)
    parts["seen"] = gr.Textbox("", visible="hidden", elem_id="teach-seen")
    return parts


# --- events -----------------------------------------------------------------------------------------------------------


def _wire(page: Page, p: dict[str, Any]) -> None:
    handlers = _Handlers(page)
    board = [p[name] for name in ("status", "samples", "after", "download", "halted", "teach", "cancel", "timer", "seen")]
    page.refreshes.append(Refresh(handlers.look, board))
    p["kind"].change(_fields_of, p["kind"], [p["consent"], p["noun"]], **quiet())
    chosen = [p[name] for name in ("preview", "kind", "name", "noun", "consent")]
    p["example"].input(spoken(handlers.take_example), [page.user, p["example"]], [*chosen, p["files"]], **private())
    p["files"].upload(spoken(handlers.take_files), [page.user, p["files"]], [p["preview"], p["example"], p["files"]], **private())
    p["files"].delete(spoken(handlers.take_files), [page.user, p["files"]], [p["preview"], p["example"], p["files"]], **private())
    p["files"].clear(spoken(handlers.drop_all), page.user, [p["preview"], p["example"]], **quiet())
    page.refreshes.append(Refresh(handlers.preview, [p["preview"]]))
    form = [p[name] for name in ("kind", "name", "noun", "consent", "method", "steps", "batch", "rate", "seed", "flip")]
    p["teach"].click(spoken(handlers.teach), [page.user, *form], board, **private())
    p["cancel"].click(spoken(handlers.cancel), page.user, board, **private())
    p["resume"].click(spoken(handlers.resume), page.user, board, **private())
    page.refresh(p["keep"].click(spoken(handlers.keep), page.user, board, **private()))
    p["timer"].tick(handlers.look_again, [page.user, p["seen"]], board, **quiet())
    page.refresh(p["seen"].change(lambda: None, None, None, **quiet()))  # what was learned is seen by the other tabs
    page.parts |= {"teach_use": p["use"]}


def _fields_of(kind: str) -> tuple[Any, Any]:
    return gr.Textbox(visible=kind == "person"), gr.Textbox(visible=kind != "style")


class _Handlers:
    def __init__(self, page: Page):
        self.page = page

    # --- what is to be learned

    def take_example(self, who: str, key: str | None) -> tuple[Any, ...]:
        if not key:
            return (gr.skip(),) * 6
        chosen, home = example(key), self.page.home(who)
        home.folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home.folder) as beside:
            draw_example(chosen.key, Path(beside) / "drawn")
            with home.uploading:  # going through the list with keys chooses the next while this one is drawn
                shutil.rmtree(home.uploads, ignore_errors=True)
                (Path(beside) / "drawn").rename(home.uploads)
        return self.preview(who), chosen.kind, chosen.name, chosen.class_noun, chosen.consent, None

    def take_files(self, who: str, paths: list[str] | None) -> tuple[Any, ...]:
        """Refused pictures leave the form as it was before they were dropped."""
        if not paths:
            return *self.drop_all(who), gr.skip()
        home = self.page.home(who)
        try:
            with home.uploading:
                limits.take_pictures(paths, home.uploads, self.page.limits)
        except UserError as error:
            gr.Warning(said(error), title="These pictures can't be used")
            return self.preview(who), None, None
        return self.preview(who), None, gr.skip()

    def drop_all(self, who: str) -> tuple[Any, Any]:
        home = self.page.home(who)
        with home.uploading:
            shutil.rmtree(home.uploads, ignore_errors=True)
        return self.preview(who), None

    def preview(self, who: str) -> Any:
        """What Teach would learn from, also after a reload."""
        if not who:
            return gr.Gallery([], visible=False)
        home = self.page.home(who)
        with home.uploading:
            found = [self.page.served(path) for path in sorted(home.uploads.glob("*.png"))]
        return gr.Gallery(found, visible=bool(found))

    def _lesson(self, home: Home, form: tuple[Any, ...]) -> Lesson:
        kind, name, noun, consent, method, steps, batch, rate, seed, flip = form
        most = self.page.limits
        if kind not in KINDS or method not in METHODS.values():
            raise UserError("that choice isn't there", "reload the page")
        name = limits.concept_name(name)
        noun = "style" if kind == "style" else limits.text(noun, 40, "the kind of thing")
        if not noun:
            raise UserError("it isn't said what kind of thing it is", "write one plain word, such as cat")
        consent = limits.text(consent, 2000, "the consent")
        if kind == "person" and not consent:
            raise UserError("a person is learned with consent only", "write who agreed to what")
        changes = _changes(self.page.settings.base, method, kind, steps, batch, rate, seed, flip, most.teach_steps)
        return Lesson(name, noun, method, home.runs / name, consent if kind == "person" else "", changes)

    def teach(self, who: str, *form: Any) -> tuple[Any, ...]:
        home = self.page.home(who)
        lesson = self._lesson(home, form)
        if home.owns(lesson.name):
            raise UserError(f"you have a concept named {lesson.name} already", "choose another name, or delete that one in the Library")
        before = self._job(who)
        if before is not None and before.is_halted and before.lesson.name == lesson.name:
            raise UserError(f"{lesson.name} was stopped, and what it has learned is kept", "press Go on or Keep, or choose another name")
        if self.page.count_own(who) >= self.page.limits.concepts:
            raise UserError(f"you have {self.page.limits.concepts} concepts", "delete one in the Library")

        def make(home: Home) -> Teaching:
            with home.uploading:
                if not any(home.uploads.glob("*.png")):
                    raise UserError("there are no pictures yet", "drop some on the page, or take an example")
                shutil.rmtree(lesson.folder, ignore_errors=True)
                shutil.copytree(home.uploads, lesson.pictures)
            return Teaching(self.page.studio, home, lesson)

        self.page.begin(who, make)
        return self.look(who)

    # --- while it is learned

    def cancel(self, who: str) -> tuple[Any, ...]:
        if job := self._job(who):
            job.stop()
        return self.look(who)

    def resume(self, who: str) -> tuple[Any, ...]:
        job = self._stopped_job(who)
        self.page.begin(who, lambda home: Teaching(self.page.studio, home, job.lesson, before=job))
        return self.look(who)

    def keep(self, who: str) -> tuple[Any, ...]:
        job = self._stopped_job(who)
        keep_stopped(job.home, job)
        job.status, job.chosen = DONE, job.step
        return self.look(who)

    def _stopped_job(self, who: str) -> Teaching:
        job = self._job(who)
        if job is None or not job.is_halted:
            raise UserError("nothing was stopped that could go on", "start anew")
        return job

    def _job(self, who: str) -> Teaching | None:
        job = self.page.visitor(who).jobs.get(Teaching)
        assert job is None or isinstance(job, Teaching)
        return job

    def look(self, who: str) -> tuple[Any, ...]:
        """Values of the board."""
        job = self._job(who) if who else None
        if job is None:
            return (
                NOTHING_YET, gr.Gallery([], visible=False), gr.Row(visible=False), gr.DownloadButton(value=None), gr.Row(visible=False),
                gr.Button(interactive=True), gr.Button(interactive=False), gr.Timer(active=False), "",
            )  # fmt: skip
        done = job.status == DONE
        served = self.page.served(job.home.concept_path(job.lesson.name)) if done and job.home.owns(job.lesson.name) else None
        samples = [(self.page.served(Path(path)), f"step {step}") for step, path in job.samples]
        return (
            board_html(job), gr.Gallery(samples, visible=bool(samples)), gr.Row(visible=done), gr.DownloadButton(value=served),
            gr.Row(visible=job.is_halted), gr.Button(interactive=not job.is_running),
            gr.Button(interactive=job.is_running and not job.is_stopping),
            gr.Timer(active=job.is_running), f"{job.status} {len(samples)}",
        )  # fmt: skip

    def look_again(self, who: str, seen: str) -> tuple[Any, ...]:
        """Between changes only the words and the curve are sent."""
        job = self._job(who)
        if job is None or f"{job.status} {len(job.samples)}" != seen:
            return self.look(who)
        return board_html(job), *(gr.skip(),) * 8


def _changes(base: str, method: str, kind: str, steps: str, batch: str, rate: str, seed: str, flip: bool, most: int) -> dict[str, Any]:
    """Settings of the method: what the user gave, and as many checkpoints and samples as there is time for."""
    from persimg.training.recipe import load_method, resolve

    planned = limits.optional(steps, 1, most, "steps", resolve(load_method(method), base, {}).steps)
    given: dict[str, Any] = {"steps": planned, "seed": limits.optional(seed, 0, 2**53, "the seed", 0), "flip": bool(flip)}
    given |= {"checkpoint_every": max(1, planned // CHECKPOINTS), "sample_every": max(1, planned // SAMPLES)}
    given["sample_prompts"] = SAMPLED[kind == "style"]
    if batch.strip():
        given["batch_size"] = limits.optional(batch, 1, 64, "pictures a step", 1)
    if rate.strip():
        given["learning_rate"] = limits.typed(rate, 1e-7, 1, "the learning rate")
    if kind == "style":
        given["templates"] = "style"
    return given


def board_html(job: Teaching) -> str:
    """Where a training stands, and its curves."""
    name = job.lesson.name
    if job.status == WAITING:
        return progress(0, f"Waiting to learn {name}", f"{job.ahead} before you" if job.ahead else "")
    if job.status == FAILED:
        kept = f" What it had learned by step {job.step} is kept." if job.is_halted else ""
        return note(f"Learning {name} failed: {job.said}.{kept}", "bad")
    curves = [chart("Loss", [("", _smoothed(job.losses))])]
    points = [[(p["step"], p[key]) for p in job.points] for key in ("subject", "prompt", "score")]
    curves.append(chart("Fidelity of the checkpoints", list(zip(("subject", "prompt", "both"), points)), mark=job.chosen))
    return _headline(job) + "".join(curves)


def _headline(job: Teaching) -> str:
    name, steps = job.lesson.name, f"step {job.step} of {job.steps}"
    if job.status == DONE:
        return note(f"<{name}> is learned: the checkpoint of step {job.chosen} was chosen. It is in your Library.", "good")
    if job.status == STOPPED:
        kept = f"Stopped at {steps}; the checkpoint is kept." if job.checkpoint else "Stopped before the first step."
        return note(kept, "warn")
    if job.is_stopping:
        return progress(job.step / max(1, job.steps), "Stopping", steps)
    left = f", about {duration(job.seconds_left)} left" if job.seconds_left is not None and job.phase == "learning" else ""
    return progress(job.step / max(1, job.steps), f"{name}: {job.phase}", (steps if job.steps else "") + left)


def _smoothed(points: list[tuple[float, float]], most: int = 120) -> list[tuple[float, float]]:
    """Means of neighbours: a single step's loss says little."""
    size = max(1, len(points) // most, min(8, len(points) // 4))
    groups = [points[i : i + size] for i in range(0, len(points), size)]
    return [(group[-1][0], sum(loss for _, loss in group) / len(group)) for group in groups]
