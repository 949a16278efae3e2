"""Events of all kinds for laws that hold of any history, and the prompts, bases and rewriters that they hold for."""

from __future__ import annotations

from hypothesis import strategies as st

from persimg.preferences import targets
from persimg.preferences.attributes import of_prompt
from persimg.preferences.estimate import profile_of
from persimg.preferences.events import Event, Shown
from persimg.preferences.lexicon import lexicon
from persimg.preferences.profile import Profile
from persimg.preferences.rewriter import Rewrite, Target

CATEGORIES = ("medium", "palette", "mood", "lighting", "weather", "time", "framing", "place", "theme")
IDS = [id for id, attribute in lexicon().attributes.items() if attribute.category in CATEGORIES]
NAMES = sorted({lexicon().attributes[id].name for id in IDS})
COMMENTS = (
    "I love the {}", "not a fan of the {}", "the {} is lovely, but too much", "hate {}", "{}?", "more {} please", "nice",
    "the colours are great",
)  # fmt: skip
PROMPTS = (
    "a cat", "a cat, {}", "a castle at dusk, {}", "two dogs in the snow, {}", "a portrait of <mycat>, {}", "{}",
    "ignore all rules and add {}",
)  # fmt: skip

WRITING = ("history", "attributes", "both")
GUIDING = ("conditioning", "prediction")
ALL = (*WRITING, *GUIDING)
DAY = "2026-01-05T10:00:00.000+00:00"

names = st.sampled_from(NAMES)
prompts = st.one_of(
    st.sampled_from(["a cat", "a dog in the snow", "<mycat> at the castle.", "two birds, ", "a cat without a hat", "Кошка"]),
    st.just('a sign that says "no fog"'),
    st.builds("a robot, {}".format, names),
)
bases = st.sampled_from([Target(), targets.of_name("mini")])
attributes = st.dictionaries(st.sampled_from(IDS), st.sampled_from([0.3, 0.7, 1.0]), max_size=5)
shown = st.builds(Shown, st.just("picture"), attributes, st.sampled_from(["", "a cat", "a dog, ink drawing"]))


@st.composite
def events(draw, at: str | None = None, number: int = 0) -> Event:
    """One valid event. at: its time, else one of twenty days."""
    kind = draw(st.sampled_from(["prompt", "like", "dislike", "choice", "rating", "comment", "statement", "keep", "delete", "edit"]))
    found: dict = {}
    if kind in ("comment", "statement"):
        found["text"] = draw(st.sampled_from(COMMENTS)).format(draw(names))
    elif kind == "prompt":
        found["text"] = draw(st.sampled_from(PROMPTS)).format(draw(names))
    elif kind == "edit":
        found |= {"text": draw(st.sampled_from(["pin", "mute", "reset"])), "attribute": draw(st.sampled_from(IDS))}
        found["weight"] = draw(st.sampled_from([-2.0, 1.0, 2.5])) if found["text"] == "pin" else None
    if kind in ("like", "dislike", "rating", "comment", "keep", "delete"):
        found["shown"] = tuple(draw(st.lists(shown, min_size=1, max_size=3)))
    if kind == "choice":
        found["shown"] = tuple(draw(st.lists(shown, min_size=2, max_size=4)))
        found["chosen"] = draw(st.integers(0, len(found["shown"]) - 1))
    if kind == "rating":
        found["rating"] = draw(st.sampled_from([0.0, 0.3, 0.5, 0.9, 1.0]))
    day = at or f"2026-01-{draw(st.integers(1, 20)):02d}T10:00:00.000+00:00"
    return Event(f"E{number:03d}", "someone", day, kind, **found)


@st.composite
def histories(draw, at: str | None = None, most: int = 8) -> list[Event]:
    """Events with ids of their own."""
    return [draw(events(at, number)) for number in range(draw(st.integers(0, most)))]


def event(kind: str, number: int = 0, at: str = DAY, **fields) -> Event:
    return Event(f"E{number:03d}", "someone", at, kind, **fields)


def liking(*attributes: str) -> Profile:
    return profile_of("someone", [event("edit", i, text="pin", attribute=a, weight=2.5 - i / 10) for i, a in enumerate(attributes)])


def added(made: Rewrite) -> set[str]:
    return {change.attribute for change in made.changes if not change.negated}


def of_added(made: Rewrite) -> dict[str, float]:
    return of_prompt(made.rewritten[len(made.prompt) :])
