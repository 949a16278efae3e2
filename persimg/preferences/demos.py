"""Examples of a prompt rewritten for a person, which a language model is shown before it is asked (in-context learning).

As Tailored Visions (Chen et al. 2023, arXiv:2310.08129) does: each is three past prompts, a new one and its rewriting, and those
whose new prompt is most like the user's are shown. These are our own, of nobody's taste, and keep the rules of
persimg.preferences.answers.
"""

from __future__ import annotations

from dataclasses import dataclass

from persimg.preferences.retrieval import Index

MOST = 3


@dataclass(frozen=True)
class Demo:
    """past: prompts of a person; query: what that person types; rewritten: what would suit, in phrases of the lexicon."""

    past: tuple[str, str, str]
    query: str
    rewritten: str


DEMOS = (
    Demo(
        ("a barn in a field, watercolor painting", "two geese, watercolor painting, soft light", "a kettle on a stove, soft light"),
        "a dog asleep on a rug", "a dog asleep on a rug, watercolor painting, soft light",
    ),
    Demo(
        ("a lighthouse, black and white", "an old tram in the rain, black and white, film grain", "hands of a clock, film grain"),
        "a street in winter with 3 bicycles", "a street in winter with 3 bicycles, black and white, film grain",
    ),
    Demo(
        ("a teapot, pastel colors", "a bakery window, pastel colors, flat illustration", "a rocket, flat illustration"),
        'a poster that says "Open Day"', 'flat illustration of a poster that says "Open Day", in pastel colors',
    ),
    Demo(
        ("a harbour, golden hour", "a mountain lake, golden hour, wide shot", "a train on a bridge, wide shot"),
        "<mytoy> in the forest, no people", "wide shot of <mytoy> in the forest, golden hour, no people",
    ),
    Demo(
        ("a vase of tulips, oil painting", "a bowl of lemons, oil painting, dramatic lighting", "a violin, dramatic lighting"),
        "a portrait of a woman reading a book", "oil painting, a portrait of a woman reading a book, dramatic lighting",
    ),
)  # fmt: skip


def nearest(prompt: str, most: int = MOST) -> list[Demo]:
    """The demos whose query shares most words with the prompt, by BM25; the most similar last, where it stands next to the question."""
    scores = Index([demo.query for demo in DEMOS]).bm25(prompt)
    order = sorted(range(len(DEMOS)), key=lambda i: (-scores[i], i))[:most]
    return [DEMOS[i] for i in reversed(order)]
