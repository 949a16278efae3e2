"""A prompt rewritten for who typed it, with what was added and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from persimg_demo.homes import USER
from persimg_demo.page import Page
from persimg_demo.studio import DRAWING
from persimg_demo.words import empty, esc

if TYPE_CHECKING:
    from persimg.preferences.rewriter import Rewrite

DEFAULT = "both"


def rewritten(page: Page, who: str, prompt: str, strength: float, negative: str = "") -> Rewrite:
    """negative: what the user typed as such, which has its room and is never added."""
    from persimg.preferences import rewriters, targets

    with page.store(who) as store:
        profile = store.profile(USER)
    expansions = {card.placeholder: card.expansion for card in page.cards(who)}
    target = targets.for_task(targets.of_base(page.studio.base(DRAWING)), expansions, negative)
    return rewriters.find(DEFAULT)(prompt, profile, strength, target)


def guides(made: Rewrite) -> tuple[Any, ...]:
    from persimg.sampling.task import guide_uses

    return guide_uses(made.guides)


def shown(made: Rewrite) -> str:
    """Before and after, what was added marked, each addition with its reason."""
    if not made.prompt.strip():
        return ""
    if not made.changes:
        return empty(
            "Nothing was added", "No taste of yours is known that fits this prompt. Answer a few questions under Taste, or like pictures."
        )
    added = made.rewritten.removeprefix(made.prompt)
    rows = "".join(_change(change) for change in made.changes)
    negative = f"<dt>Kept out</dt><dd>{esc(made.negative)}</dd>" if made.negative else ""
    return (
        f'<div class="rewrite" data-testid="rewrite"><dl><dt>You typed</dt><dd>{esc(made.prompt)}</dd>'
        f"<dt>Drawn for you</dt><dd>{esc(made.prompt)}<mark>{esc(added)}</mark></dd>{negative}</dl><ul>{rows}</ul></div>"
    )


def _change(change: Any) -> str:
    sign = "kept out" if change.negated else "added"
    return f"<li><b>{esc(change.text)}</b> {sign}: {esc(change.why)} <small>weight {change.weight:+.1f}</small></li>"
