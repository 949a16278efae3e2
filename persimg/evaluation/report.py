"""A report page, self-contained, drawn from scores.json and the pictures that it names alone."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any, Sequence

from persimg import files
from persimg.evaluation.evaluate import gate_lines
from persimg.evaluation.faces import who_scored
from persimg.evaluation.interval import bounds
from persimg.evaluation.metric import OTHER
from persimg.evaluation.taste import told

SHOWN = 8
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{{ title }}</title><style>
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:76rem;padding:0 1rem;color:#222;background:#fff}
table{border-collapse:collapse;margin:.6rem 0}td,th{padding:4px 10px 4px 0;font-size:13px;font-weight:500;text-align:left;vertical-align:middle}
.n td{border-top:1px solid #e4e4e4;font-variant-numeric:tabular-nums}.g td,.g th{padding:3px;max-width:9rem}
img.p{width:112px;border-radius:6px;display:block}small,.q{color:#777}h2{margin-top:2rem}figure{margin:1rem 0}</style>
<h1>{{ title }}</h1>
{% for line in lead %}<p>{{ line }}</p>{% endfor %}
{% if learned %}<p>Learned from:</p><table class="g"><tr>{% for src in learned %}<td><img class="p" alt="" src="{{ src }}"></td>{% endfor %}</tr></table>{% endif %}
<h2>Pictures</h2><p class="q">The first {{ shown }} prompts, one seed each; none was chosen.</p>
<table class="g"><tr><th></th>{% for p in heads %}<th>{{ p }}</th>{% endfor %}</tr>
{% for row in strips %}<tr><th>{{ row.title }}</th>{% for src in row.sources %}<td>{% if src %}<img class="p" alt="" src="{{ src }}">{% endif %}</td>{% endfor %}</tr>{% endfor %}</table>
<h2>Scores</h2>
<table class="n"><tr><th></th>{% for m in metrics %}<th title="{{ m.what }}">{{ m.title }}{{ " ↑" if m.better == "higher" else " ↓" if m.better == "lower" else "" }}</th>{% endfor %}</tr>
{% for row in table %}<tr><td>{{ row.title }}</td>{% for c in row.cells %}<td{% if c.why %} title="{{ c.why }}"{% endif %}>{{ c.text }}{% if c.range %}<br><small>{{ c.range }}</small>{% endif %}</td>{% endfor %}</tr>{% endfor %}</table>
<p class="q">Means with 95 % intervals; {{ scope }}. A dash is not measured: {{ reasons }}.</p>
{% if comparisons %}<h2>Planned comparisons</h2><table class="n"><tr><th>first</th><th>over second</th><th>metric</th><th>difference, 95 % interval</th><th>Holm p</th><th></th></tr>
{% for c in comparisons %}<tr><td>{{ c.first }}</td><td>{{ c.second }}</td><td>{{ c.title }}</td><td>{{ c.text }}</td><td>{{ c.p }}</td><td>{{ c.verdict }}</td></tr>{% endfor %}</table>{% endif %}
{% if gates %}<h2>Controls</h2><ul>{% for line in gates %}<li>{{ line }}</li>{% endfor %}</ul>{% endif %}
{% for plot in plots %}<figure><img alt="{{ plot.alt }}" src="{{ plot.src }}"></figure>{% endfor %}
<h2>What the numbers are</h2><table>{% for m in metrics %}<tr><th>{{ m.title }}</th><td>{{ m.what }}</td></tr>{% endfor %}</table>
<p class="q">{{ foot }}</p></html>
"""


def write_report(record: dict[str, Any], folder: Path) -> Path:
    """Write report.html beside scores.json."""
    path = folder / "report.html"
    files.write_text(path, page(record, folder))
    return path


def page(record: dict[str, Any], folder: Path) -> str:
    """The page of one scores.json; pictures lie where it says, relative to the folder."""
    from jinja2 import Environment

    heads = record["prompts"][:SHOWN]
    names = list(record["metrics"])
    reasons = sorted({s["not_measured"] for r in record["rows"] for s in r["scores"].values() if "not_measured" in s})
    values = {
        "title": record.get("title") or _title(record), "lead": [*record.get("lead", []), *_coordinates(record), _references(record), *told(record.get("taste", {}))], "gates": gate_lines(record),
        "learned": [data_uri(folder / p) for p in record.get("learned_from", [])], "shown": len(heads),
        "heads": [p.replace("{}", "…").replace(OTHER, "the other") for p in heads], "strips": _strips(record, folder, len(heads)),
        "metrics": [record["metrics"][n] for n in names],
        "table": [{"title": r["title"], "cells": [cell(r["scores"][n]) for n in names]} for r in record["rows"]],
        "scope": _scope(record), "reasons": "; ".join(reasons) or "none is missing",
        "plots": [p for p in (_trade_off(record), *_curves(record, folder)) if p], "foot": _foot(record),
        "comparisons": [_comparison(record, c) for c in record.get("comparisons", [])],
    }  # fmt: skip
    return Environment(autoescape=True).from_string(PAGE).render(**values)


def _title(record: dict[str, Any]) -> str:
    return f"<{record['concept']['name']}>, {record['concept']['method'] or 'imported'}" if "concept" in record else record["source"]


def _coordinates(record: dict[str, Any]) -> list[str]:
    """Where each method stands in the survey's terms."""
    methods = {row["method"]: row["coordinates"] for row in record["rows"] if row.get("coordinates")}
    if record.get("concept", {}).get("coordinates"):
        methods = {record["concept"]["method"] or "imported": record["concept"]["coordinates"]}
    return [f"{method}: " + ", ".join(f"{name} {value}" for name, value in found.items()) + "." for method, found in methods.items()]


def _references(record: dict[str, Any]) -> str:
    count = record["references"]
    return f"{count} held-out references." if isinstance(count, int) else f"{count[0].upper()}{count[1:]}."


def _comparison(record: dict[str, Any], c: dict[str, Any]) -> dict[str, str]:
    text = f"{c['mean']:+.3f} {bounds(c, '+.3f')}"
    return {"title": record["metrics"].get(c["metric"], {}).get("title", ""), **c, "text": text, "p": f"{c['p_holm']:.3f}"}


def _scope(record: dict[str, Any]) -> str:
    found = {s["speaks_of"] for r in record["rows"] for s in r["scores"].values() if s.get("lo") is not None}
    one = ", of this subject only"
    over = " or ".join(sorted(text.removesuffix(one) for text in found))
    return f"they are over {over}" + (one if any(text.endswith(one) for text in found) else "") if found else "there are none"


def cell(score: dict[str, Any]) -> dict[str, str]:
    """How a score is written in a table."""
    if "not_measured" in score:
        return {"text": "–", "range": "", "why": score["not_measured"]}
    anchored = f", anchored {score['anchored']:.2f}" if "anchored" in score else ""
    return {"text": f"{score['mean']:.3f}", "range": f"{bounds(score)} n={score['n']}{anchored}", "why": ""}


def _strips(record: dict[str, Any], folder: Path, count: int) -> list[dict[str, Any]]:
    """Of every row with pictures, the first seed of each prompt."""
    strips = []
    for row in record["rows"]:
        if row["pictures"]:
            every = max(1, len(row["pictures"]) // max(1, len(record["prompts"])))
            chosen = row["pictures"][::every][:count]
            strips.append({"title": row["title"], "sources": [data_uri(folder / p) for p in chosen]})
    return strips


def _trade_off(record: dict[str, Any]) -> dict[str, str] | None:
    """Subject against prompt: what is gained in the one is easily lost in the other."""
    prompt = "slot_accuracy" if any("mean" in r["scores"].get("slot_accuracy", {}) for r in record["rows"]) else "clip_t"
    points = [(r["title"], r["scores"].get("clip_i", {}), r["scores"].get(prompt, {})) for r in record["rows"]]
    points = [p for p in points if "mean" in p[1] and "mean" in p[2]]
    if len(points) < 2:
        return None
    figure, axes = _figure(6.4, 4.2)
    for title, x, y in points:
        errors = [None if v["lo"] is None else [[v["mean"] - v["lo"]], [v["hi"] - v["mean"]]] for v in (x, y)]
        axes.errorbar(x["mean"], y["mean"], xerr=errors[0], yerr=errors[1], fmt="o", capsize=2, label=title)
    axes.set_xlabel("subject: CLIP-I to held-out references")
    axes.set_ylabel("prompt: " + record["metrics"][prompt]["title"])
    axes.legend(fontsize=8, frameon=False)
    return {"alt": "subject fidelity against prompt fidelity", "src": _figure_uri(figure)}


def _curves(record: dict[str, Any], folder: Path) -> list[dict[str, str]]:
    return [{"alt": "choice of the checkpoint", "src": data_uri(folder / p)} for p in record.get("curves", []) if (folder / p).exists()]


def curve_figure(points: Sequence[dict[str, Any]], chosen: int, title: str) -> bytes:
    """PNG of subject and prompt fidelity over the steps of training, the chosen step marked."""
    figure, axes = _figure(6.4, 3.6)
    steps = [p["step"] for p in points]
    for name, text in (("subject", "subject less copying"), ("prompt", "prompt"), ("score", "both")):
        axes.plot(steps, [p[name] for p in points], "o-", label=text, linewidth=2 if name == "score" else 1)
    axes.axvline(chosen, color="#999", linestyle=":", label=f"chosen: {chosen}")
    axes.set_xlabel("steps")
    axes.set_title(title, fontsize=10)
    axes.legend(fontsize=8, frameon=False)
    return _figure_png(figure)


def _figure(width: float, height: float) -> tuple[Any, Any]:
    from matplotlib.figure import Figure

    figure = Figure((width, height), layout="constrained")
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _figure_png(figure: Any) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=130)
    return buffer.getvalue()


def _figure_uri(figure: Any) -> str:
    return "data:image/png;base64," + base64.b64encode(_figure_png(figure)).decode()


def data_uri(path: Path) -> str:
    """A picture as text; "" where it is gone."""
    if not path.exists():
        return ""
    kind = {".jpg": "jpeg", ".jpeg": "jpeg", ".webp": "webp", ".gif": "gif"}.get(path.suffix.lower(), "png")
    return f"data:image/{kind};base64," + base64.b64encode(path.read_bytes()).decode()


def _foot(record: dict[str, Any]) -> str:
    backbone, versions = record["backbone"], ", ".join(f"{k} {v}" for k, v in record["versions"].items())
    return f"{who_scored(record)} Backbone {backbone['name']} ({backbone['version']}). {versions}. {record['created']}.".strip()
