"""How the page looks: one theme, light and dark, from phones to wide screens."""

from __future__ import annotations

from pathlib import Path
from typing import Any

FONT = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif")


def theme() -> Any:
    """Paper and ink with one teal; no font is fetched."""
    import gradio as gr

    made = gr.themes.Base(
        primary_hue=gr.themes.colors.teal, secondary_hue=gr.themes.colors.teal, neutral_hue=gr.themes.colors.stone,
        radius_size=gr.themes.sizes.radius_md, font=FONT, font_mono=("ui-monospace", "monospace"),
    )  # fmt: skip
    return made.set(
        body_background_fill="#faf8f5", body_background_fill_dark="#171614", block_background_fill="#ffffff",
        block_background_fill_dark="#211f1c",
        background_fill_primary="#ffffff", background_fill_primary_dark="#211f1c", block_border_width="1px", block_shadow="none",
        block_label_background_fill="transparent", block_label_background_fill_dark="transparent", block_label_border_width="0px",
        block_title_text_weight="600", block_label_text_weight="600", block_label_text_color="*neutral_600",
        block_label_text_color_dark="*neutral_300",
        button_primary_background_fill="*primary_700", button_primary_background_fill_hover="*primary_600",
        button_primary_text_color="white",
        button_primary_background_fill_dark="*primary_600", button_primary_background_fill_hover_dark="*primary_500",
        button_cancel_background_fill="transparent", button_cancel_text_color="#b3372b", button_cancel_text_color_dark="#f0998e",
        button_cancel_border_color="#dcb3ad", button_cancel_border_color_dark="#6b3b35",
        button_cancel_background_fill_dark="transparent", button_secondary_background_fill="#ffffff",
        button_secondary_background_fill_hover="#f3efe9",
        button_secondary_background_fill_dark="#2b2825", button_secondary_background_fill_hover_dark="#38342f",
        button_secondary_border_color="#dcd7cf", button_secondary_border_color_dark="#45413b", button_border_width="1px",
        input_background_fill="#fdfcfa", input_background_fill_dark="#1b1917", input_border_width="1px", input_border_color="#dcd7cf",
        input_border_color_dark="#45413b", link_text_color="*primary_700",
    )  # fmt: skip


CSS_PATH = Path(__file__).with_name("page.css")
HEAD = """<script>
(() => { const kept = localStorage.getItem("persimg-theme");
  const dark = kept ? kept === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  const set = () => document.body && document.body.classList.toggle("dark", dark);
  document.addEventListener("DOMContentLoaded", set); setTimeout(set, 300);
  document.addEventListener("click", event => { if (event.target.id !== "theme-switch") return;
    const now = document.body.classList.toggle("dark"); localStorage.setItem("persimg-theme", now ? "dark" : "light"); }); })();
// a picture that is dropped anywhere under Create gives its settings back: it goes to the field that is for it, opened first
(() => { const box = () => { const found = document.querySelector("#from-picture"); return found && found.offsetParent ? found : null; };
  const give = (files, tries) => { const input = box() && box().querySelector("#dropped input[type=file]");
    if (input) { input.files = files; input.dispatchEvent(new Event("change", {bubbles: true})); return; }
    if (tries === 50 && box()) box().querySelector("button").click();
    if (tries) setTimeout(() => give(files, tries - 1), 100); };
  const isForUs = event => !event.defaultPrevented && event.dataTransfer && event.dataTransfer.types.includes("Files") && box();
  document.addEventListener("dragover", event => { if (isForUs(event)) event.preventDefault(); });
  document.addEventListener("drop", event => { if (!isForUs(event) || !event.dataTransfer.files.length) return;
    event.preventDefault(); const one = new DataTransfer(); one.items.add(event.dataTransfer.files[0]); give(one.files, 50); }); })();
</script>"""
TOP = (
    '<div id="top"><h1>persimg</h1><p>Teach a model your things, people and styles; draw with them; measure how well it went.</p>'
    '<button id="theme-switch" type="button" aria-label="light or dark">◐ light / dark</button></div>'
)
