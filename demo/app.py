"""The page as a whole, and the server that shows it."""

from __future__ import annotations

import logging
import os
import secrets
import threading
import time
from pathlib import Path
from typing import Any

import gradio as gr

from persimg import files
from persimg.bases.loading import check_base_name, check_device, grid
from persimg.errors import UserError
from persimg_demo.homes import is_id, new_id, sweep, sweep_homes
from persimg_demo.settings import Settings

SPARE_THREADS = 40
"""for pressing Stop and looking around while all requests wait"""
SWEEP_EVERY = 600
"""seconds"""


def build(settings: Settings, cache: Path) -> Any:
    """The Blocks; loads no model."""
    from persimg_demo import api, create, library, measure, taste, teach, theme
    from persimg_demo.page import Page, quiet
    from persimg_demo.studio import Studio

    studio = Studio(settings)
    page = Page(settings, studio, cache)
    tabs = (("Create", create), ("Teach", teach), ("Taste", taste), ("Measure", measure), ("Library", library))
    with gr.Blocks(title="persimg", analytics_enabled=False) as blocks:
        page.user = gr.State("")
        browser = gr.BrowserState("", storage_key="persimg", secret=_secret(settings.data))
        gr.HTML(theme.TOP)
        with gr.Tabs(selected="create") as chosen:
            for title, module in tabs:
                with gr.Tab(title, id=title.lower(), elem_id=f"tab-{title.lower()}"):
                    module.build(page)
        api.build(page)
        _join(page, chosen)
        page.refresh(blocks.load(_enter(page), browser, [browser, page.user, page.parts["side"]], **quiet()))
        page.connect()
    blocks.studio = studio
    return blocks


def _secret(data: Path) -> str:
    """What the browser's copy of the id is encrypted with; the same after a restart."""
    path = data / "secret"
    if not path.exists():
        files.write_text(path, secrets.token_urlsafe(24))
        os.chmod(path, 0o600)
    return path.read_text().strip()


def _enter(page: Any):
    sizes = _sizes(page.settings)

    def enter(known: str, request: gr.Request) -> tuple[Any, ...]:
        """Who visits: by login, else by what the browser kept, else somebody new."""
        choices = gr.Dropdown([("the base's own", ""), *((f"{size} px", str(size)) for size in sizes)])
        if page.settings.login:
            return known, f"login:{request.username}", choices
        who = known if is_id(known) else new_id()
        return who, who, choices

    return enter


def _sizes(settings: Settings) -> list[int]:
    """Sides that fit the base, around its own; none where only the loaded base could tell."""
    found = grid(settings.base)
    if not found:
        return []
    usual, step = found
    return sorted(
        {size for share in (0.5, 0.75, 1.25, 1.5, 2) if (size := int(usual * share) // step * step) >= 64 and size <= settings.limits.side}
    )


def _join(page: Any, tabs: Any) -> None:
    """From one tab to another."""
    from persimg_demo.page import quiet
    from persimg_demo.teaching import Teaching

    if "teach_use" not in page.parts:
        return

    def use(who: str, prompt: str) -> tuple[Any, str]:
        job = page.visitor(who).jobs.get(Teaching)
        name = f"<{job.lesson.name}>" if job else ""
        return gr.Tabs(selected="create"), prompt if name in prompt else f"a {name} in the snow"

    page.parts["teach_use"].click(use, [page.user, page.parts["prompt"]], [tabs, page.parts["prompt"]], **quiet())


def serve(settings: Settings, block: bool = True) -> Any:
    """Start the server; returns it, running, unless it blocks. UserError for what can't work, before anything is loaded."""
    check_base_name(settings.base)
    check_device(settings.device)
    from persimg_demo import login, theme

    may_enter = login.checker(settings.login) if settings.login else None
    settings.data.mkdir(parents=True, exist_ok=True)
    cache = settings.data.resolve() / "cache"
    # before gradio is imported: it keeps uploads and what it hands out there
    os.environ["GRADIO_TEMP_DIR"], os.environ["GRADIO_ANALYTICS_ENABLED"] = str(cache), "False"
    logging.getLogger("httpx").setLevel(logging.WARNING)
    blocks = build(settings, cache)
    blocks.studio.warm_up()
    threading.Thread(target=_sweep_for_ever, args=(settings, cache), daemon=True).start()
    blocks.queue(max_size=settings.limits.waiting)
    try:
        blocks.launch(
            server_name=settings.host, server_port=settings.port, auth=may_enter, max_file_size=f"{settings.largest_upload_mb}mb",
            quiet=True, max_threads=settings.limits.waiting + SPARE_THREADS,
            prevent_thread_lock=True, footer_links=[], theme=theme.theme(), css_paths=theme.CSS_PATH, head=theme.HEAD, share=False,
            ssr_mode=False,
            show_error=False, enable_monitoring=False, mcp_server=False, pwa=False,
        )  # fmt: skip
    except OSError as error:
        raise UserError(f"--port {settings.port} can't be used ({error})", "choose another --port") from error
    print(f"persimg is at http://{'127.0.0.1' if settings.host == '0.0.0.0' else settings.host}:{settings.port}", flush=True)
    if block:
        blocks.block_thread()
    return blocks


def _sweep_for_ever(settings: Settings, cache: Path) -> None:
    while True:
        sweep(cache, settings.limits.hours)
        sweep_homes(settings.data, settings.limits)
        time.sleep(SWEEP_EVERY)
