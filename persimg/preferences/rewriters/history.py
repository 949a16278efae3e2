"""What the user's own past prompts that resemble the new one asked for.

After Tailored Visions (Chen et al. 2023, arXiv:2310.08129): retrieve from the user's own history, then rewrite. Retrieval is BM25,
fused with an encoder where there is one; near duplicates, which the authors filter by BLEU, never fill two places. Their language
model is replaced by composition: an attribute is added as far as the retrieved prompts name it more often than prompts do in
general. Places that resemblance leaves free go to the newest prompts, for a taste is one over many subjects.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import replace
from typing import Sequence

from persimg.preferences.attributes import of_prompt
from persimg.preferences.compose import Candidate, composed
from persimg.preferences.lexicon import lexicon
from persimg.preferences.profile import Asked, Profile
from persimg.preferences.retrieval import Hit
from persimg.preferences.rewriter import Rewrite, Target

MOST = 7
"""prompts retrieved; the authors try 1, 3, 5 and 7"""
BACKGROUND = 0.02
"""share of all prompts that name an attribute"""
FULL_SURPRISE = 4.0
"""standard deviations above the background from which on an attribute counts wholly"""


def rewrite(prompt: str, profile: Profile, strength: float = 1.0, target: Target = Target()) -> Rewrite:
    hits = retrieved(prompt, profile)
    made = composed(prompt, candidates(profile, hits), profile, strength, target)
    return traced(made, profile, hits)


def traced(made: Rewrite, profile: Profile, hits: Sequence[Hit]) -> Rewrite:
    """With what was retrieved in its trace."""
    found = [{"event": profile.history[h.index].event, "prompt": profile.history[h.index].prompt, "weight": round(h.weight, 4)} for h in hits]
    return replace(made, trace={**made.trace, "retrieved": found if made.changes else []})


def retrieved(prompt: str, profile: Profile) -> list[Hit]:
    """Past prompts that resemble this one, never this very text, then the newest in the places that are left.

    All share one taste, so that each counts; one that resembles the prompt counts up to twice as much.
    """
    hits = [h for h in profile.index.search(prompt, MOST + 1) if profile.history[h.index].prompt != prompt][:MOST]
    found = {h.index: h.score for h in hits}
    newest = (i for i in range(len(profile.history) - 1, -1, -1) if i not in found and profile.history[i].prompt != prompt)
    found |= dict.fromkeys(itertools.islice(newest, MOST - len(found)), 0.0)
    total = sum(1 + score for score in found.values())
    return [Hit(i, score, (1 + score) / total) for i, score in found.items()]


def candidates(profile: Profile, hits: Sequence[Hit]) -> list[Candidate]:
    """Attributes of the retrieved prompts by how surprisingly often they occur, weighted by relevance and by what became of them."""
    named: dict[str, list[tuple[Hit, Asked]]] = defaultdict(list)
    for hit in hits:
        past = profile.history[hit.index]
        for attribute in of_prompt(past.prompt):
            if _may_be_taste(attribute):
                named[attribute].append((hit, past))
    return [_candidate(attribute, found, hits) for attribute, found in named.items()]


def _may_be_taste(attribute: str) -> bool:
    """What a past picture showed is no taste."""
    table = lexicon()
    entry = table.attributes[attribute]
    return not entry.is_sensitive and not table.categories[entry.category].is_content


def _candidate(attribute: str, found: Sequence[tuple[Hit, Asked]], hits: Sequence[Hit]) -> Candidate:
    share = sum(hit.weight * (1.0 if past.valence > 0 else -1.0) for hit, past in found)
    n = len(hits)
    surprise = (n * share - n * BACKGROUND) / (n * BACKGROUND * (1 - BACKGROUND)) ** 0.5
    score = max(0.0, share) * min(1.0, max(0.0, surprise) / FULL_SURPRISE)
    why = f"{len(found)} of {n} past prompt{'s' if n > 1 else ''} like this one asked for it"
    return Candidate(attribute, score, share, why, tuple(past.event for _, past in found))
