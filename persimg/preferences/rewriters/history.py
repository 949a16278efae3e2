"""What the user's own past prompts that resemble the new one asked for.

After Tailored Visions (Chen et al. 2023, arXiv:2310.08129): retrieve from the user's own history, then rewrite. Retrieval is what
the profile's `retrieval` says, BM25 unless an encoder is named; near duplicates, which the authors filter by BLEU, never fill two
places. Their language model is replaced by composition: an attribute is added as far as the retrieved prompts name it more often
than prompts do in general. Places that resemblance leaves free go to the newest prompts, for a taste is one over many subjects.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import replace
from typing import Sequence

from persimg.preferences.attributes import of_prompt
from persimg.preferences.compose import Candidate, composed
from persimg.preferences.lexicon import lexicon
from persimg.preferences.profile import Profile
from persimg.preferences.retrieval import POOL, Hit
from persimg.preferences.rewriter import Rewrite, Target

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
    """Past prompts that resemble this one, never this very text, then the newest in the places that are left; no two nearly the same.

    All share one taste, so that each counts; one that resembles the prompt counts up to twice as much.
    """
    most = profile.retrieval.most
    same = [i for i, past in enumerate(profile.history) if past.prompt == prompt]
    found = {h.index: h.score for h in profile.index.search(prompt, most, without=same)}
    newest = (i for i in range(len(profile.history) - 1, -1, -1) if i not in found and i not in same)
    new = profile.index.without_duplicates(itertools.islice(newest, POOL), most - len(found), beside=list(found))
    found |= dict.fromkeys(new, 0.0)
    total = sum(1 + score for score in found.values())
    return [Hit(i, score, (1 + score) / total) for i, score in found.items()]


def candidates(profile: Profile, hits: Sequence[Hit]) -> list[Candidate]:
    """Attributes of the retrieved prompts by how surprisingly often they occur, weighted by relevance and by what became of them."""
    named: dict[str, list[Hit]] = defaultdict(list)
    for hit in hits:
        for attribute in of_prompt(profile.history[hit.index].prompt):
            if _may_be_taste(attribute):
                named[attribute].append(hit)
    return [_candidate(attribute, found, hits, profile) for attribute, found in named.items()]


def _may_be_taste(attribute: str) -> bool:
    """What a past picture showed is no taste."""
    table = lexicon()
    entry = table.attributes[attribute]
    return not entry.is_sensitive and not table.categories[entry.category].is_content


def _candidate(attribute: str, found: Sequence[Hit], hits: Sequence[Hit], profile: Profile) -> Candidate:
    share = _balance(found, profile)[0] / max(_balance(hits, profile)[1], 1e-9)
    n = len(hits)
    surprise = (n * share - n * BACKGROUND) / (n * BACKGROUND * (1 - BACKGROUND)) ** 0.5
    score = max(0.0, share) * min(1.0, max(0.0, surprise) / FULL_SURPRISE)
    return Candidate(attribute, score, share, _because(found, n), tuple(profile.history[hit.index].event for hit in found))


def _balance(hits: Sequence[Hit], profile: Profile) -> tuple[float, float]:
    """Relevance times valence, which is more for a prompt whose picture was kept than for one merely asked; and the same without signs."""
    weights = [hit.weight * profile.history[hit.index].valence for hit in hits]
    return sum(weights), sum(map(abs, weights))


def _because(found: Sequence[Hit], looked_at: int) -> str:
    """Only what shares words, or meaning, with the prompt is like it."""
    alike = sum(hit.score > 0 for hit in found)
    count = f"{len(found)} of the {looked_at} past prompts looked at" if looked_at > 1 else "the one past prompt looked at"
    return f"{count} asked for it" + (f" ({alike} like this one)" if alike else "")
