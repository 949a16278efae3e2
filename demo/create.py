"""Create: prompts to pictures."""

from __future__ import annotations

from typing import Any

import gradio as gr

from persimg_demo import sheet
from persimg_demo.create_events import FIELDS, FILLED, NOTHING_YET, SCHEDULERS, CreateEvents
from persimg_demo.page import Page, Refresh, private, quiet
from persimg_demo.words import note, spoken

def build(page: Page) -> None:
    with gr.Row(equal_height=False):
        with gr.Column(scale=5, min_width=320):
            parts = _form(page)
        with gr.Column(scale=7, min_width=320):
            parts |= _results()
    page.parts |= {"prompt": parts["prompt"], "side": parts["side"]}
    _wire(page, parts)


# --- layout -----------------------------------------------------------------------------------------------------------


def _form(page: Page) -> dict[str, Any]:
    parts: dict[str, Any] = {
        "prompt": gr.Textbox(
            label="What should the picture show?", lines=3, max_lines=6, placeholder="a red cat in the snow", elem_id="prompt"
        ),
        "chips": gr.Dataset(
            components=[gr.Textbox(visible=False)], samples=[], label="Your concepts: press one to use it", elem_id="chips", visible=False
        ),
    }
    with gr.Row():
        parts["create"] = gr.Button("Create", variant="primary", elem_id="create", scale=3)
        parts["stop"] = gr.Button("Stop", variant="stop", elem_id="stop", scale=1, min_width=80, interactive=False)
    parts["number"] = gr.Slider(1, page.limits.draw, 4, step=1, label="Pictures", elem_id="number")
    with gr.Group(elem_id="for-me-group"):
        parts["for_me"] = gr.Checkbox(False, label="For me: add my taste to the prompt", elem_id="for-me")
        with gr.Column(visible=False) as parts["taste_box"]:
            parts["taste"] = gr.Slider(0, 1, 1, step=0.05, label="How much of my taste")
            parts["both"] = gr.Checkbox(False, label="Draw it as typed, too, side by side", elem_id="side-by-side")
    parts["rewrite"] = gr.HTML("", elem_id="rewrite")
    parts |= _settings(page)
    return parts


def _settings(page: Page) -> dict[str, Any]:
    parts: dict[str, Any] = {}
    most = page.limits
    with gr.Accordion("More settings", open=False, elem_id="more-settings"):
        parts["negative"] = gr.Textbox(label="What should it not show?", placeholder="fog, text")
        with gr.Row():
            parts["seed"] = gr.Textbox("", label="Seed", info="empty: a new one", max_length=16, elem_id="seed")
            parts["side"] = gr.Dropdown([("the base's own", "")], value="", label="Size", elem_id="size")
        parts["steps"] = gr.Slider(1, most.steps, 20, step=1, label="Steps", info="more: finer and slower", elem_id="steps")
        parts["guidance"] = gr.Slider(1, 20, 4, step=0.5, label="Guidance", info="how literally the prompt is taken", elem_id="guidance")
        parts["scale"] = gr.Slider(0, 2, 1, step=0.05, label="Concept strength")
        parts["scheduler"] = gr.Dropdown(list(SCHEDULERS), value=SCHEDULERS[0], label="Sampler", elem_id="sampler")
        parts["start"] = gr.Image(
            label="Start from a picture", type="filepath", sources=["upload", "clipboard"], image_mode=None, height=160, elem_id="start"
        )
        parts["strength"] = gr.Slider(0.05, 1, 0.6, step=0.05, label="How much of it is drawn anew")
    with gr.Accordion("Settings from a picture", open=False, elem_id="from-picture"):
        parts["dropped"] = gr.File(label="Drop a picture that was made here", file_types=["image"], elem_id="dropped", height=120)
    with gr.Accordion("A grid of settings", open=False, elem_id="grid"):
        with gr.Row():
            parts["x"] = gr.Dropdown(list(sheet.AXES), value="seed", label="Across")
            parts["xs"] = gr.Textbox("1-4", label="Values", elem_id="grid-xs")
        with gr.Row():
            parts["y"] = gr.Dropdown(list(sheet.AXES), value="concept strength", label="Down")
            parts["ys"] = gr.Textbox("0.5, 1", label="Values", elem_id="grid-ys")
        parts["draw_grid"] = gr.Button("Draw the grid", elem_id="draw-grid")
    return parts


def _results() -> dict[str, Any]:
    parts: dict[str, Any] = {"stage": gr.HTML(NOTHING_YET, elem_id="stage")}
    parts["gallery"] = gr.Gallery(
        label="Pictures", columns=4, height="auto", object_fit="contain", visible=False, elem_id="gallery",
        buttons=["download", "fullscreen"],
        interactive=False, fit_columns=False,
    )  # fmt: skip
    with gr.Column(visible=False, elem_id="actions") as parts["actions"]:
        parts["chosen_note"] = gr.HTML(note("Press a picture to choose it; the first one is chosen."))
        with gr.Row():
            parts["like"] = gr.Button("Like", size="sm", elem_id="like", min_width=80)
            parts["dislike"] = gr.Button("Dislike", size="sm", elem_id="dislike", min_width=80)
            parts["again"] = gr.Button("Again, new seeds", size="sm", elem_id="again", min_width=120)
            parts["same"] = gr.Button("Same seed", size="sm", elem_id="same-seed", min_width=100)
            parts["vary"] = gr.Button("Vary", size="sm", elem_id="vary", min_width=80)
            parts["use"] = gr.Button("Start from it", size="sm", elem_id="use-as-start", min_width=110)
        with gr.Row():
            parts["comment"] = gr.Textbox(
                show_label=False, placeholder="Say what you like or dislike about it, and why", scale=4, elem_id="comment"
            )
            parts["say"] = gr.Button("Say it", size="sm", scale=1, min_width=90, elem_id="say")
        parts["heard"] = gr.HTML("", elem_id="heard")
    with gr.Accordion("Earlier pictures", open=False, elem_id="earlier-box"):
        parts["earlier"] = gr.Gallery(
            label="Earlier pictures", show_label=False, columns=6, height="auto", allow_preview=False, elem_id="earlier", interactive=False
        )
    parts["names"], parts["chosen"], parts["earlier_names"] = gr.State([]), gr.State(0), gr.State([])
    return parts


# --- events -----------------------------------------------------------------------------------------------------------


def _wire(page: Page, p: dict[str, Any]) -> None:
    handlers = CreateEvents(page)
    form = [page.user, *(p[name] for name in FIELDS)]
    shown = [p["stage"], p["gallery"], p["actions"], p["names"], p["chosen"], p["create"], p["stop"]]
    earlier = Refresh(handlers.earlier, [p["earlier"], p["earlier_names"]])
    page.refreshes += [Refresh(handlers.concepts, [p["chips"]]), earlier]
    starts = (p["create"].click, p["prompt"].submit)
    draws = [start(spoken(handlers.create), form, shown, scroll_to_output=True, **private()) for start in starts]
    for name in ("again", "same", "vary"):
        draws.append(p[name].click(spoken(getattr(handlers, name)), [*form, p["names"], p["chosen"]], shown, **private()))
    grid = [p["x"], p["xs"], p["y"], p["ys"]]
    draws.append(p["draw_grid"].click(spoken(handlers.grid), [*form, *grid], shown, **private()))
    for event in draws:
        event.then(earlier.function, page.user, earlier.outputs, **quiet())
    p["stop"].click(handlers.stop, page.user, None, **quiet())
    p["chips"].click(handlers.insert, [p["chips"], p["prompt"]], p["prompt"], **quiet())
    p["for_me"].change(lambda on: gr.Column(visible=on), p["for_me"], p["taste_box"], **quiet())
    told = [page.user, p["prompt"], p["for_me"], p["taste"]]
    for changed in (p["for_me"].change, p["taste"].release, p["prompt"].blur):
        changed(spoken(handlers.rewrite), told, p["rewrite"], **private())
    _wire_pictures(page, p, handlers)


def _wire_pictures(page: Page, p: dict[str, Any], handlers: CreateEvents) -> None:
    """What is done with pictures that are there."""
    chosen = [page.user, p["names"], p["chosen"]]
    p["gallery"].select(_chosen, p["names"], [p["chosen"], p["chosen_note"]], **quiet())
    for kind in ("like", "dislike"):
        page.refresh(p[kind].click(spoken(getattr(handlers, kind)), chosen, p["heard"], **private()))
    for say in (p["say"].click, p["comment"].submit):
        page.refresh(say(spoken(handlers.comment), [*chosen, p["comment"]], [p["heard"], p["comment"]], **private()))
    p["use"].click(spoken(handlers.use), chosen, p["start"], **private())
    filled = [p[name] for name in FILLED]
    p["dropped"].upload(spoken(handlers.dropped), [page.user, p["dropped"]], [*filled, p["dropped"]], **private())
    bring = [*filled, p["stage"], p["gallery"], p["actions"], p["names"], p["chosen"]]
    p["earlier"].select(spoken(handlers.bring_back), [page.user, p["earlier_names"]], bring, **private())


def _chosen(names: list[str], event: gr.SelectData) -> tuple[int, str]:
    index = min(int(event.index), len(names) - 1)
    return index, note(f"Picture {index + 1} is chosen.")
