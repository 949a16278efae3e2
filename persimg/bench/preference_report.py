"""Tables, curves and a page of its own of `persimg bench preferences`."""

from __future__ import annotations

import base64
import html
import io
from pathlib import Path
from typing import Any, Mapping

from persimg import files
from persimg.evaluation.interval import bounds

PANELS = {
    "closed": "share of the way from generic to the oracle", "over other": "preference over another user's profile",
    "worse": "users worse than generic",
}  # fmt: skip
NOTE = "Simulated users: taste that is there is found. No evidence of what people prefer."


def said(value: Mapping[str, Any]) -> str:
    return "not measured" if value["mean"] is None else f"{value['mean']:.3f} {bounds(value)}"


def lines(made: Mapping[str, Any]) -> list[str]:
    """The tables as text."""
    found = [f"{made['users']} {made['of']} users, {made['pictures']} pictures. {NOTE}", "", "planned comparisons"]
    for p in made["planned"]:
        found.append(f"  {p['events']:3} {p['history']:9} {p['first']} over {p['second']:18} {said(p)} p={p['p_holm']:.4f}  {p['verdict']}")
    found += ["", "aims"]
    for aim in made["aims"]:
        unjudged = "" if aim["mean"] is None else f"not judged on {made['pictures']} pictures"
        mark, sign = {True: "✓", False: "✗", None: unjudged}[aim["is_reached"]], "≤" if aim["at_most"] else "≥"
        found.append(f"  {aim['events']:3} {aim['history']:9} {aim['title']:45} {sign} {aim['aim']:.2f}  {said(aim)} {mark}")
    found += ["", "by the users' traits: share closed, over generic, worse than generic"] if made["traits"] else []
    for row in made["traits"]:
        figures = " · ".join(said(row[name]) for name in ("closed", "over generic", "worse"))
        found.append(f"  {row['events']:3} {row['history']:9} {row['trait']:14} {row['users']:3} users  {figures}")
    for curve in made["curves"]:
        found += ["", f"{curve['events']} {curve['history']}", f"  {'':24}{'preference':26}{'fidelity':26}phrases"]
        found += [f"  {arm:24}{said(f['utility']):26}{said(f['fidelity']):26}{f['added']['mean']:.2f}" for arm, f in curve["arms"].items()]
        shares = ", ".join(f"{arm} {said(value)}" for arm, value in curve["closed"].items())
        found.append(f"  share closed: {shares}; of an oracle of equal length {said(curve['closed of equal length'])}")
        over = ", ".join(f"{name} {said(curve[name])}" for name in ("over generic", "over other"))
        found.append(f"  {over}, worse than generic {said(curve['worse']['both'])}")
        against = f"worse than with it {said(curve['worse than the prompt']['both'])}"
        found.append(f"  against the prompt itself: pictures won {said(curve['wins']['both'])}, users {against}")
    for i, row in enumerate(made["checks"]):
        found += ["", row["check"]] if not i or made["checks"][i - 1]["check"] != row["check"] else []
        aim = "" if row["aim"] is None else f" ({'≤' if row['at_most'] else '≥'} {row['aim']:.2f})"
        found.append(f"  {row['title']:60} {said(row['value'])}{aim}{' · ' + row['note'] if row['note'] else ''}")
    return found


def write_report(made: Mapping[str, Any], out: Path) -> None:
    """out/curves.png and out/report.html, which holds everything."""
    picture = curves(made)
    with files.write_beside(out / "curves.png") as temporary:
        temporary.write_bytes(picture)
    source = base64.b64encode(picture).decode()
    files.write_text(
        out / "report.html",
        '<!doctype html><meta charset="utf-8"><title>Preferences</title><style>body{font:15px sans-serif;margin:2em auto;max-width:80em}'
        "pre{overflow-x:auto}img{max-width:100%}</style><h1>Rewriting for a user</h1>"
        f'<img alt="curves" src="data:image/png;base64,{source}">'
        f"<pre>{html.escape(chr(10).join(lines(made)))}</pre>\n",
    )


def curves(made: Mapping[str, Any]) -> bytes:
    """PNG: figures over the number of events, a line a kind of history, with their intervals."""
    from matplotlib.figure import Figure

    sheet = Figure(figsize=(15, 4.5), layout="constrained")
    histories = list(dict.fromkeys(curve["history"] for curve in made["curves"]))
    for axes, (name, title) in zip(sheet.subplots(1, len(PANELS)), PANELS.items()):
        for history in histories:
            own = [c for c in made["curves"] if c["history"] == history]
            points = [(c["events"], c[name] if name == "over other" else c[name]["both"]) for c in own]
            known = [(n, v) for n, v in points if v["mean"] is not None and v["lo"] is not None]
            if known:
                x, mean = [n for n, _ in known], [v["mean"] for _, v in known]
                axes.plot(x, mean, marker="o", label=history)
                axes.fill_between(x, [v["lo"] for _, v in known], [v["hi"] for _, v in known], alpha=0.15)
        axes.set(title=title, xlabel="events", xscale="symlog")
        axes.set_xticks(sorted({c["events"] for c in made["curves"]}), labels=sorted({c["events"] for c in made["curves"]}))
        axes.axhline(0, color="gray", linewidth=0.5)
        if histories:
            axes.legend()
    buffer = io.BytesIO()
    sheet.savefig(buffer, format="png", dpi=110)
    return buffer.getvalue()
