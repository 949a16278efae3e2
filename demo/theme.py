"""How the page looks: one theme, light and dark, from phones to wide screens."""

from __future__ import annotations

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
        body_background_fill="#faf8f5", body_background_fill_dark="#171614", block_background_fill="#ffffff", block_background_fill_dark="#211f1c",
        background_fill_primary="#ffffff", background_fill_primary_dark="#211f1c", block_border_width="1px", block_shadow="none",
        block_label_background_fill="transparent", block_label_background_fill_dark="transparent", block_label_border_width="0px",
        block_title_text_weight="600", block_label_text_weight="600", block_label_text_color="*neutral_600", block_label_text_color_dark="*neutral_300",
        button_primary_background_fill="*primary_700", button_primary_background_fill_hover="*primary_600", button_primary_text_color="white",
        button_primary_background_fill_dark="*primary_600", button_primary_background_fill_hover_dark="*primary_500",
        button_cancel_background_fill="transparent", button_cancel_text_color="#b3372b", button_cancel_text_color_dark="#f0998e",
        button_cancel_border_color="#dcb3ad", button_cancel_border_color_dark="#6b3b35",
        input_background_fill="#fdfcfa", input_background_fill_dark="#1b1917", input_border_width="1px", input_border_color="#dcd7cf",
        input_border_color_dark="#45413b", link_text_color="*primary_700",
    )  # fmt: skip


CSS = """
.gradio-container{max-width:1320px!important;width:100%!important;margin:0 auto!important;padding:0 16px 32px!important}
.gradio-container>.main{max-width:none!important;width:100%!important;padding:0!important}
.grid-wrap.fixed-height,.gallery-container{min-height:0!important;height:auto!important;max-height:none!important}.grid-container.pt-6{padding-top:2rem!important}
.block:has(>.html-container>.prose:empty){display:none!important}
footer{opacity:.6}
#top{display:flex;align-items:baseline;gap:14px;padding:18px 2px 6px;flex-wrap:wrap}
#top h1{font-size:1.55rem;margin:0;letter-spacing:-.02em}#top p{margin:0;opacity:.75;flex:1;min-width:12rem}
#top button{border:1px solid var(--border-color-primary);border-radius:99px;background:var(--block-background-fill);color:inherit;padding:4px 14px;cursor:pointer;font:inherit;font-size:.85rem}
:focus-visible{outline:3px solid var(--primary-500)!important;outline-offset:2px}
.empty{border:1.5px dashed var(--border-color-primary);border-radius:12px;padding:36px 24px;display:flex;flex-direction:column;gap:6px;text-align:center;align-items:center}
.empty strong{font-size:1.05rem}.empty span{opacity:.75;max-width:34rem}
.note{padding:9px 14px;border-radius:8px;background:var(--background-fill-secondary);margin:0}
.note.good{background:#dff3ec;color:#0b4a3e}.note.warn{background:#fdf0d5;color:#5f4308}.note.bad{background:#fbe3df;color:#7c2018}
.dark .note.good{background:#12382f;color:#b9ead9}.dark .note.warn{background:#3d2f12;color:#f3dca6}.dark .note.bad{background:#451d18;color:#f6c6bf}
.progress>div:first-child{display:flex;justify-content:space-between;gap:12px;margin-bottom:6px;font-variant-numeric:tabular-nums}.progress span{opacity:.75}
.bar{height:8px;border-radius:99px;background:var(--border-color-primary);overflow:hidden}.bar i{display:block;height:100%;background:var(--primary-600);transition:width .3s}
.easel{display:grid;grid-template-columns:repeat(auto-fill,minmax(150px,1fr));gap:12px;margin-top:14px}
.easel.n1{grid-template-columns:minmax(0,360px);justify-content:center}.easel.n4{grid-template-columns:repeat(2,minmax(0,220px));justify-content:center}
.easel figure,.pairs figure{margin:0}.easel img,.pairs img{width:100%;border-radius:10px;display:block}.easel figcaption{font-size:.8rem;opacity:.7;margin-top:4px;text-align:center}
.wait{aspect-ratio:1;border-radius:10px;background:linear-gradient(100deg,var(--background-fill-secondary) 40%,var(--border-color-primary) 50%,var(--background-fill-secondary) 60%);background-size:250% 100%;animation:wait 1.6s linear infinite}
@keyframes wait{to{background-position:-150% 0}}@media(prefers-reduced-motion:reduce){.wait{animation:none}.bar i{transition:none}}
.chart{margin:16px 0 0}.chart figcaption{font-weight:600;font-size:.9rem;display:flex;gap:14px;flex-wrap:wrap}.chart span{font-weight:400}
.chart span::before{content:"";display:inline-block;width:14px;height:3px;vertical-align:middle;margin-right:5px;background:currentColor}
.chart svg{width:100%;height:auto;max-height:260px}.chart text{font-size:11px;fill:currentColor;opacity:.65}
.chart .line{fill:none;stroke-width:2.2}.chart .grid{stroke:currentColor;opacity:.13}.chart .mark{stroke:currentColor;stroke-dasharray:3 4;opacity:.6}
.l0{stroke:var(--primary-600)}.l1{stroke:#c2703d}.l2{stroke:#7b68b8}.chart span.l0{color:var(--primary-600)}.chart span.l1{color:#c2703d}.chart span.l2{color:#9a86d6}
.card,.scores,.pairs{border-collapse:collapse;width:100%}.card th,.card td{text-align:left;padding:6px 10px 6px 0;border-bottom:1px solid var(--border-color-primary);vertical-align:top}
.card th{width:8.5rem;font-weight:500;opacity:.7}.card td{overflow-wrap:anywhere}
.wide{overflow-x:auto}.scores{font-size:.85rem;font-variant-numeric:tabular-nums}.scores th,.scores td{text-align:left;padding:6px 12px 6px 0;border-bottom:1px solid var(--border-color-primary);font-weight:500;min-width:5rem}
.scores small{display:block;opacity:.65;font-weight:400}.pairs th{font-weight:500;text-align:left;padding:6px 10px 6px 0;width:30%}.pairs thead th{width:auto}.pairs small{display:block;opacity:.65}.pairs td{padding:5px;max-width:240px}
.rewrite,.profile{border:1px solid var(--border-color-primary);border-radius:10px;padding:12px 16px;background:var(--block-background-fill)}
.rewrite dl{display:grid;grid-template-columns:7.5rem 1fr;gap:6px 10px;margin:0}.rewrite dt{opacity:.7}.rewrite dd{margin:0;overflow-wrap:anywhere}
.rewrite mark{background:#c9efe2;color:#0b4a3e;border-radius:4px;padding:1px 3px}.dark .rewrite mark{background:#14493d;color:#c9efe2}
.rewrite ul,.profile ul{margin:10px 0 0;padding-left:1.1rem}.rewrite small,.profile small{opacity:.7}
.profile h4{margin:14px 0 4px}.profile h4:first-child{margin-top:0}.profile ul{list-style:none;padding:0;margin:0}.profile>ul>li{padding:7px 0;border-bottom:1px solid var(--border-color-primary);display:grid;grid-template-columns:minmax(0,1fr) 110px minmax(0,9rem);gap:4px 12px;align-items:center}
.profile details{grid-column:1/-1;font-size:.87rem;opacity:.85}.profile summary{cursor:pointer}.weight{height:8px;border-radius:99px;background:var(--border-color-primary);overflow:hidden}.weight i{display:block;height:100%}
.weight.plus i{background:var(--primary-600)}.weight.minus i{background:#c2503d}
#actions button,#taste-begin,#taste-send{min-height:38px}
@media(max-width:640px){.gradio-container{padding:0 8px 24px!important}#top{padding-top:10px}.easel{grid-template-columns:repeat(2,1fr)}.rewrite dl{grid-template-columns:1fr}.rewrite dt{margin-top:4px}
.profile>ul>li{grid-template-columns:1fr 90px}.profile>ul>li small{grid-column:1/-1}.pairs th{width:24%;font-size:.85rem}button{min-height:42px}}
"""
HEAD = """<script>
(() => { const kept = localStorage.getItem("persimg-theme");
  const dark = kept ? kept === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  const set = () => document.body && document.body.classList.toggle("dark", dark);
  document.addEventListener("DOMContentLoaded", set); setTimeout(set, 300);
  document.addEventListener("click", event => { if (event.target.id !== "theme-switch") return;
    const now = document.body.classList.toggle("dark"); localStorage.setItem("persimg-theme", now ? "dark" : "light"); }); })();
</script>"""
TOP = (
    '<div id="top"><h1>persimg</h1><p>Teach a model your things, people and styles; draw with them; measure how well it went.</p>'
    '<button id="theme-switch" type="button" aria-label="light or dark">◐ light / dark</button></div>'
)
