"""A profile in words: what is liked and disliked, how surely, and on what it rests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from persimg_demo.words import empty, esc

if TYPE_CHECKING:
    from persimg.preferences.events import Event
    from persimg.preferences.profile import Belief, Profile

HEADINGS = {
    "likes": "You like", "dislikes": "You dislike", "may like": "Perhaps you like", "may dislike": "Perhaps you dislike",
    "never used": "Never used, as you wished",
}  # fmt: skip
VERBS = {
    "prompt": "asked for", "like": "liked", "dislike": "disliked", "choice": "chose", "rating": "rated", "comment": "said of a picture",
    "statement": "said", "keep": "kept", "delete": "threw away", "edit": "changed",
}  # fmt: skip
NOTHING_YET = empty("Nothing is known of your taste", "Answer a few questions beside this, or like and comment on pictures under Create.")
REASONS, MOST, FULL = 3, 12, 3.0
"""FULL: the weight that fills a bar"""


def shown(profile: Profile, events: dict[str, Event]) -> str:
    from persimg.preferences.claims import by_strength, claim

    parts = []
    for said, heading in HEADINGS.items():
        found = [belief for belief in by_strength(profile) if claim(belief) == said][:MOST]
        if found:
            parts.append(f"<h4>{esc(heading)}</h4><ul>{''.join(_belief(belief, events) for belief in found)}</ul>")
    unmapped = "".join(f"<li>{'liked' if liked else 'disliked'}: “{esc(text)}”</li>" for text, liked, _ in profile.unmapped[:MOST])
    if unmapped:
        parts.append(f"<h4>Said, but no word for it is known here</h4><ul>{unmapped}</ul>")
    return f'<div class="profile" data-testid="profile">{"".join(parts)}</div>' if parts else NOTHING_YET


def _belief(belief: Belief, events: dict[str, Event]) -> str:
    from persimg.preferences.claims import sure
    from persimg.preferences.lexicon import lexicon
    from persimg.preferences.naming import called

    how = "set by you" if belief.status == "pinned" else f"{sure(belief):.0%} sure"
    width = min(100, round(100 * abs(belief.weight) / FULL))
    sign = "plus" if belief.weight > 0 else "minus"
    reasons = "".join(f"<li>{esc(told(events[id]))}</li>" for id in list(belief.evidence)[:REASONS] if id in events)
    because = f"<details><summary>why</summary><ul>{reasons}</ul></details>" if reasons else ""
    bar = f'<span class="weight {sign}"><i style="width:{width}%"></i></span>'
    return f"<li><b>{esc(called(belief.attribute, lexicon()))}</b>{bar}<small>{belief.weight:+.2f}, {esc(how)}</small>{because}</li>"


def told(event: Event) -> str:
    """One line."""
    from persimg.preferences.naming import picture_of

    picture = picture_of(event)
    about = picture.asked if picture else ""
    said = f" “{_cut(event.text)}”" if event.text and event.kind != "edit" else ""
    return f"{event.at[:10]}: you {VERBS.get(event.kind, event.kind)}{said}" + (
        f", “{_cut(about)}”" if about and event.kind != "prompt" else ""
    )


def _cut(text: str) -> str:
    return text if len(text) <= 70 else f"{text[:70]}…"


def attributes() -> list[tuple[str, str]]:
    """(what people call it, id) of everything that a profile can say."""
    from persimg.preferences.lexicon import lexicon
    from persimg.preferences.naming import called

    table = lexicon()
    return sorted((called(id, table), id) for id in table.attributes)


def events_of(store: Any, user: str, profile: Profile) -> dict[str, Event]:
    named = [id for belief in profile.beliefs.values() for id in list(belief.evidence)[:REASONS]]
    return {event.id: event for event in store.events(user, dict.fromkeys(named))} if named else {}
