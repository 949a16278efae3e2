"""persimg rewrite: a prompt for one user, with a reason for every change."""

from __future__ import annotations

import argparse
import dataclasses
from typing import TYPE_CHECKING, Any, Mapping

from persimg.cli import options, retrieval

if TYPE_CHECKING:
    from persimg.preferences.events import Event
    from persimg.preferences.rewriter import Rewrite

SHOWN = 4
"""events printed a change"""


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser("rewrite", help="a prompt rewritten for one user, with reasons", description=__doc__)
    parser.add_argument("prompt", help="what to draw")
    options.add_profile(parser, required=True)
    retrieval.add_retrieval(parser)
    parser.add_argument("--base", help="the base that the prompt is for: mini or a pipeline's folder (default: none, a CLIP's 75 tokens)")
    options.add_json(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> dict[str, Any]:
    from persimg.preferences import targets
    from persimg.preferences.store import Store

    rewrite, how = options.rewriter(args), retrieval.chosen(args)
    with Store(args.store) as store:
        made = rewrite(args.prompt, retrieval.profile(store, args.user, how), args.taste, targets.of_name(args.base))
        events = {id: store.event(args.user, id) for change in made.changes for id in change.evidence[:SHOWN]}
    options.say_fallback(made)
    _print(made, events, args.taste)
    return as_json(made)


def as_json(made: Rewrite) -> dict[str, Any]:
    changes = [
        {"text": c.text, "why": c.why, "weight": c.weight, "evidence": list(c.evidence), "attribute": c.attribute, "negated": c.negated}
        for c in made.changes
    ]
    return {
        "prompt": made.prompt, "rewritten": made.rewritten, "negative": made.negative, "changes": changes,
        "dropped": [dataclasses.asdict(d) for d in made.dropped], "guides": made.guides, "trace": made.trace,
    }  # fmt: skip


def _print(made: Rewrite, events: dict[str, Event | None], strength: float) -> None:
    from persimg.preferences.naming import told

    print(f"before    {made.prompt}")
    for name, parameters in made.guides.items():
        print(f"guide     {name}: {_parameters(parameters)}")
    if not made.guides or made.rewritten != made.prompt:
        print(f"after     {made.rewritten}")
    if made.negative:
        print(f"negative  {made.negative}")
    if not made.changes:
        print(f"nothing is changed: {_why_nothing(strength)}")
    for change in made.changes:
        print(f"\n{'-' if change.negated else '+'} {change.text}   (weight {change.weight:+.2f}: {change.why})")
        for id in change.evidence[:SHOWN]:
            print(f"    {told(events.get(id), id)}")
        if len(change.evidence) > SHOWN:
            print(f"    and {len(change.evidence) - SHOWN} more")
    for dropped in made.dropped:
        print(f"\nleft out: {dropped.attribute} ({dropped.why})")


def _why_nothing(strength: float) -> str:
    return "--strength 0 uses no taste" if strength == 0 else "no taste of this user is known that fits and isn't said already"


def _parameters(parameters: Mapping[str, Any]) -> str:
    """What a guide that acts on the conditioning is handed, lists in words and what is empty left out."""
    parts = [(key, ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else f"{value}") for key, value in parameters.items()]
    return "; ".join(f"{key} {text}" for key, text in parts if text) + " (the prompt stays as it is)"
