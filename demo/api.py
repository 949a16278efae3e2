"""Pictures for programs: `gradio_client`'s client.predict("a cat", 1, 0, 20, "", api_name="/draw")."""

from __future__ import annotations

import secrets
from typing import Any

import gradio as gr

from persimg.errors import UserError
from persimg_demo import limits
from persimg_demo.drawing import Drawing, Wish
from persimg_demo.homes import SESSION, is_id
from persimg_demo.page import Page
from persimg_demo.studio import DRAWING
from persimg_demo.words import said


def build(page: Page) -> None:
    """Hidden fields: Gradio describes an endpoint by its components."""
    prompt, number = gr.Textbox(visible=False, label="prompt"), gr.Number(1, visible=False, label="number", precision=0)
    seed, steps = gr.Number(0, visible=False, label="seed", precision=0), gr.Number(20, visible=False, label="steps", precision=0)
    key = gr.Textbox("", visible=False, label="key")
    pictures = gr.Gallery(visible=False, label="pictures", interactive=False)

    def draw(prompt: str, number: int, seed: int, steps: int, key: str, request: gr.Request) -> list[str]:
        try:
            return _draw(page, _user(page, key, request), prompt, number, seed, steps)
        except UserError as error:
            raise gr.Error(said(error), print_exception=False) from error

    gr.Button(visible=False).click(
        draw, [prompt, number, seed, steps, key], pictures, api_name="draw", concurrency_limit=None,
        api_description="Pictures of a prompt. key: the one that the Library shows, for your own concepts; empty: those of the host alone.",
    )  # fmt: skip


def _user(page: Page, key: str, request: Any) -> str:
    """By login, by the key of a browser, else a visitor for this session alone."""
    if page.settings.login:
        return f"login:{request.username}"
    if key:
        if not is_id(key):
            raise UserError("that isn't a key", "the Library shows yours")
        return key
    return f"{SESSION}{request.session_hash or secrets.token_hex(16)}"


def _draw(page: Page, who: str, prompt: str, number: int, seed: int, steps: int) -> list[str]:
    most = page.limits
    text = limits.text(prompt, most.prompt, "the prompt")
    if not text:
        raise UserError("the prompt is empty", "write what the picture should show")
    number, steps = limits.whole(number, 1, most.draw, "number"), limits.whole(steps, 1, most.steps, "steps")
    first = limits.whole(seed, 0, 2**53, "the seed")
    guidance = page.studio.base(DRAWING).default_guidance
    home = page.home(who)
    drawing = Drawing(page.studio, home, [Wish(text, first + i, steps, guidance) for i in range(number)])
    names = {frame.index: frame.name for frame in drawing.frames() if frame.name}
    return [page.served(home.picture_path(names[i])) for i in sorted(names)]
