"""Texts and small drawings of the page, as HTML; nothing that a user typed gets in unescaped."""

from __future__ import annotations

import base64
import functools
import html
import inspect
import io
import logging
import re
from typing import TYPE_CHECKING, Any, Callable, Iterable, Sequence

from persimg.errors import UserError

if TYPE_CHECKING:
    from PIL import Image

WIDTH, HEIGHT, LEFT, BOTTOM = 560, 190, 44, 24
UNKNOWN = "something went wrong that isn't your fault; the server's log says what"
TEMPLATES = str.maketrans({"{": "&#123;", "}": "&#125;", "$": "&#36;", "`": "&#96;"})
"""Gradio takes its HTML for templates"""


def esc(text: object) -> str:
    return html.escape(str(text)).translate(TEMPLATES)


def plain(error: UserError) -> str:
    """Without the command line's dashes, and without where files lie on the server."""
    text = re.sub(r"--([a-z][a-z-]+)", lambda match: match[1].replace("-", " "), str(error))
    return re.sub(r"(?<![\w./:])/(?:[^\s/;,)]+/)+([^\s/;,)]+)", r"\1", text)


def said(error: UserError) -> str:
    """As a sentence of the page."""
    text = plain(error)
    return esc(text[:1].upper() + text[1:] + ".")


def spoken(function: Callable[..., Any]) -> Callable[..., Any]:
    """An event handler whose errors become a message on the page; what is no UserError is told in the log."""
    import gradio as gr

    def failed(error: Exception) -> gr.Error:
        if isinstance(error, gr.Error):
            return error
        if not isinstance(error, UserError):
            logging.getLogger("persimg").exception("%s failed", function.__name__)
        text = said(error) if isinstance(error, UserError) else esc(UNKNOWN[:1].upper() + UNKNOWN[1:] + ".")
        return gr.Error(text, title="That didn't work", print_exception=False)

    @functools.wraps(function)
    def told(*args: Any) -> Any:
        try:
            return function(*args)
        except Exception as error:
            raise failed(error) from error

    @functools.wraps(function)
    def told_step_by_step(*args: Any) -> Any:
        try:
            yield from function(*args)
        except Exception as error:
            raise failed(error) from error

    return told_step_by_step if inspect.isgeneratorfunction(function) else told


def empty(title: str, what: str) -> str:
    """What to do where there is nothing yet."""
    return f'<div class="empty"><strong>{esc(title)}</strong><span>{esc(what)}</span></div>'


def note(text: str, kind: str = "") -> str:
    return f'<p class="note {kind}" role="status">{esc(text)}</p>'


def progress(share: float, text: str, after: str = "") -> str:
    percent = round(100 * min(1.0, max(0.0, share)))
    values = f'aria-valuenow="{percent}" aria-valuemin="0" aria-valuemax="100"'
    bar = f'<div class="bar" role="progressbar" {values}><i style="width:{percent}%"></i></div>'
    return f'<div class="progress" role="status"><div><b>{esc(text)}</b><span>{esc(after)}</span></div>{bar}</div>'


def duration(seconds: float) -> str:
    seconds = max(0, round(seconds))
    return f"{seconds} s" if seconds < 90 else f"{round(seconds / 60)} min"


def data_uri(picture: Image.Image) -> str:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=88)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()


def figure(picture: Image.Image | None, caption: str) -> str:
    inside = f'<img alt="{esc(caption)}" src="{data_uri(picture)}">' if picture else '<div class="wait"></div>'
    return f"<figure>{inside}<figcaption>{esc(caption)}</figcaption></figure>"


def table(rows: Iterable[tuple[object, object]]) -> str:
    found = "".join(f"<tr><th>{esc(name)}</th><td>{esc(value)}</td></tr>" for name, value in rows if value not in ("", None))
    return f'<table class="card">{found}</table>'


def chart(title: str, lines: Sequence[tuple[str, Sequence[tuple[float, float]]]], mark: float | None = None, unit: str = "steps") -> str:
    """Lines over steps as SVG in the page's colours. lines: (name, [(x, y)]); mark: an x that stands out."""
    points = [point for _, line in lines for point in line]
    if len(points) < 2:
        return ""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    place = _Scale(min(xs), max(xs), min(ys), max(ys))
    drawn = "".join(f'<polyline class="line l{i}" points="{place.path(line)}"/>' for i, (_, line) in enumerate(lines))
    if mark is not None:
        x = place.x(mark)
        drawn += f'<line class="mark" x1="{x:.1f}" x2="{x:.1f}" y1="8" y2="{HEIGHT - BOTTOM}"/>'
    legend = "".join(f'<span class="l{i}">{esc(name)}</span>' for i, (name, _) in enumerate(lines) if name)
    return (
        f'<figure class="chart"><figcaption>{esc(title)}{legend}</figcaption>'
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{esc(title)}">{place.axes(unit)}{drawn}</svg></figure>'
    )


class _Scale:
    """Values → places in the drawing."""

    def __init__(self, left: float, right: float, low: float, high: float):
        self.left, self.right, self.low = left, right if right > left else left + 1, low
        self.high = high if high > low else low + 1

    def x(self, value: float) -> float:
        return LEFT + (value - self.left) / (self.right - self.left) * (WIDTH - LEFT - 12)

    def y(self, value: float) -> float:
        return HEIGHT - BOTTOM - (value - self.low) / (self.high - self.low) * (HEIGHT - BOTTOM - 12)

    def path(self, line: Sequence[tuple[float, float]]) -> str:
        return " ".join(f"{self.x(x):.1f},{self.y(y):.1f}" for x, y in line)

    def axes(self, unit: str) -> str:
        rows = [self.low + (self.high - self.low) * share for share in (0, 0.5, 1)]
        lines = "".join(
            f'<line class="grid" x1="{LEFT}" x2="{WIDTH - 12}" y1="{self.y(v):.1f}" y2="{self.y(v):.1f}"/>'
            f'<text x="{LEFT - 6}" y="{self.y(v) + 4:.1f}" text-anchor="end">{v:.2f}</text>'
            for v in rows
        )
        ends = f'<text x="{LEFT}" y="{HEIGHT - 6}">{self.left:g}</text>'
        ends += f'<text x="{WIDTH - 12}" y="{HEIGHT - 6}" text-anchor="end">{self.right:g} {unit}</text>'
        return lines + ends
