"""What else is asked of a profile: noisy histories, content apart from taste, truth, deletion, prompts that were meant, good questions.

Every check gives rows of one figure each, means over users with an interval.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Callable, Mapping, Sequence

import numpy as np

from persimg.bench import users
from persimg.bench.preference_arms import DEFAULT, OWN, Text, enriched, of_others, own, population
from persimg.bench.preference_scores import Setting, closed, difference, fellows, figure, from_events, profiles, table, worse
from persimg.bench.remarks import Reason, remark
from persimg.bench.user_events import life
from persimg.bench.user_worlds import TASTE_SLOTS, said
from persimg.bench.users import Taste, User
from persimg.preferences.drawn import drawn
from persimg.preferences.estimate import opinions
from persimg.preferences.events import Event
from persimg.preferences.profile import Belief, Profile
from persimg.preferences.retrieval import WORDS

MANY = 32
"""events of each check"""
NOISE = (0.2, 0.5)
CASTLE, DISLIKE_OF_CASTLES = "castle", -0.5
TRUTH = (("comments", 8), ("choices", 32), ("mixed", 32), ("mixed", 64))
CITED_PROMPTS, CLAUSES = 3, 20
"""prompts a user in the deletion test; clauses of praise and of blame a user"""


@dataclass(frozen=True)
class Row:
    """check: which; title: of the figure; aim: None where there is none; at_most: smaller is better; note: for the reader."""

    check: str
    title: str
    value: Mapping[str, Any]
    aim: float | None = None
    at_most: bool = False
    note: str = ""


# --- histories that aren't one's own ----------------------------------------------------------------------------------


def noisy(found: Sequence[User], setting: Setting) -> list[Row]:
    """A share of the events is another user's."""
    lives = [life(one, "mixed", MANY, setting.lived) for one in found]
    rows = []
    for share in NOISE:
        mixed = [_mixed(one, lives[i], lives[fellows(found, i)[0]], share) for i, one in enumerate(found)]
        scored = table(found, from_events(found, mixed, setting), setting)
        title = f"{share:.0%} of another's events"
        rows.append(Row("noisy", f"{title}: share closed", closed(scored)))
        rows.append(Row("noisy", f"{title}: over generic", _as_figure(difference(scored, DEFAULT, f"generic, as {DEFAULT}"))))
        rows.append(Row("noisy", f"{title}: users worse than generic", worse(scored), at_most=True))
    return rows


def _mixed(one: User, own_events: Sequence[Event], others: Sequence[Event], share: float) -> list[Event]:
    """Exactly the share, at random places."""
    swapped = set(one.rng("noisy", str(share)).sample(range(len(own_events)), round(share * len(own_events))))
    return [replace(others[i], user=one.name) if i in swapped else event for i, event in enumerate(own_events)]


def _as_figure(found: Any) -> dict[str, Any]:
    return {"mean": found.mean, "lo": found.lo, "hi": found.hi, "n": found.subjects}


def content(found: Sequence[User], setting: Setting) -> list[Row]:
    """Users who ask for castles again and again and don't like them."""
    askers = [castle_asker(one) for one in found]
    known = profiles(askers, "mixed", MANY, setting)
    asked = np.mean([CASTLE == said(past.prompt).get("place") for profile in known for past in profile.history])
    rows = []
    for name in OWN:
        added = np.array([_castles(name, one, profile, setting) for one, profile in zip(askers, known)])
        note = f"{asked:.0%} of past prompts ask for one"
        rows.append(Row("content", f"{name}: prompts given a castle", figure(added), 0.05, True, note))
    return rows


def castle_asker(one: User) -> User:
    def without(weights: users.Weights) -> users.Weights:
        return {**weights, "place": {**weights["place"], CASTLE: DISLIKE_OF_CASTLES}}

    early, late = (Taste(without(taste.weights), without(taste.of_things)) for taste in (one.early, one.late))
    return replace(one, early=early, late=late, places=(CASTLE, CASTLE))


def _castles(name: str, one: User, profile: Profile, setting: Setting) -> float:
    """Share of new prompts that a castle is added to."""
    prompts = users.new_prompts(one, setting.prompts)
    return float(np.mean([CASTLE in own(name, prompt, profile, setting.target).prompt[len(prompt) :] for prompt in prompts]))


# --- truth ------------------------------------------------------------------------------------------------------------


def truth(found: Sequence[User], setting: Setting) -> list[Row]:
    """Are claims ("you like X") true, and is nothing claimed of users without a taste?"""
    rows = []
    for stream, count in TRUTH:
        known = profiles(found, stream, count, setting)
        right = [_right_claims(one, profile) for one, profile in zip(found, known)]
        title = f"{count} {stream}"
        shares = np.array([np.mean(r) if r else np.nan for r in right])
        rows.append(Row("truth", f"{title}: claims with the right sign", figure(shares), 0.9))
        rows.append(Row("truth", f"{title}: claims a user", figure(np.array([float(len(r)) for r in right]))))
    blank = [users.indifferent(one) for one in found]
    for stream, count in TRUTH:
        known = profiles(blank, stream, count, setting)
        false = [len(claims(profile)) / max(1, len(profile.beliefs)) for profile in known]
        rows.append(Row("truth", f"{count} {stream}, users without a taste: attributes claimed", figure(np.array(false)), 0.05, True))
    return rows


def claims(profile: Profile) -> list[Belief]:
    return [belief for belief in profile.beliefs.values() if belief.is_claimable and belief.weight]


def _right_claims(one: User, profile: Profile) -> list[bool]:
    """Of every claim that says something of the drawn world: has the hidden weight its sign?"""
    found = []
    for belief in claims(profile):
        meant = drawn().get(belief.attribute)
        if meant:
            hidden = np.mean([w[meant[0]].get(meant[1], 0.0) - users.expected(w, meant[0]) for w in _current(one)])
            found.append(bool(hidden * belief.weight > 0))
    return found


def _current(one: User) -> list[users.Weights]:
    """With quality, which answers go by too."""
    quality = users.quality(one.world)
    both = (one.late.weights, one.late.of_things)
    return [{slot: {v: w[slot][v] + quality[slot][v] for v in w[slot]} for slot in TASTE_SLOTS} for w in both]


def deletion(found: Sequence[User], setting: Setting) -> list[Row]:
    """Without the events that a phrase cites it is gone; without as many others it stays."""
    gone, lost = [], []
    for one in found:
        events = life(one, "mixed", MANY, setting.lived)
        for prompt in users.new_prompts(one, CITED_PROMPTS):
            for attribute, cited in _cited(prompt, one, events, setting).items():
                others = [e.id for e in events if e.id not in cited]
                uncited = set(one.rng("uncited", prompt, attribute).sample(others, min(len(cited), len(others))))
                gone.append(attribute not in _cited(prompt, one, [e for e in events if e.id not in cited], setting))
                lost.append(attribute not in _cited(prompt, one, [e for e in events if e.id not in uncited], setting))
    return [
        Row("deletion", "phrases gone without the events they cite", figure(np.array(gone, float)), 0.95),
        Row("deletion", "phrases gone without as many other events", figure(np.array(lost, float)), at_most=True,
            note="an attribute may fall below the gate, or to a rival, when the fit changes"),
    ]  # fmt: skip


def _cited(prompt: str, one: User, events: Sequence[Event], setting: Setting) -> dict[str, set[str]]:
    from persimg.preferences import rewriters

    made = rewriters.find(DEFAULT)(prompt, setting.profile_of(one, events), 1.0, setting.target)
    return {change.attribute: set(change.evidence) for change in made.changes if change.evidence and not change.negated}


# --- what was meant ---------------------------------------------------------------------------------------------------


def offline(found: Sequence[User], setting: Setting) -> list[Row]:
    """After Tailored Visions (arXiv:2310.08129): prompts that the user will write, shortened; is what comes of the rewritten short one
    what was meant? match: share of what the user likes most that the picture shows; alignment: of the slots of the picture that the
    full prompt gives with the same seed; ROUGE-L: of the texts."""
    known = profiles(found, "mixed", MANY, setting)
    per_user = [_meant(one, known[i], [known[k] for k in fellows(found, i)], setting) for i, one in enumerate(found)]
    return [
        Row("offline", f"{arm}: {name}", figure(np.array([scores[arm][name] for scores in per_user])))
        for name in ("match", "alignment", "rouge_l") for arm in per_user[0]
    ]  # fmt: skip


def _meant(one: User, profile: Profile, others: Sequence[Profile], setting: Setting) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, list[float]]] = {}
    for j, (short, full) in enumerate(users.meant_prompts(one, setting.prompts)):
        made = {name: own(name, short, profile, setting.target) for name in OWN}
        count = made[DEFAULT].added
        made |= {
            "none": Text(short, 0), "generic": enriched(short, population(one.world)["generic"], count, setting.target),
            "other": of_others(short, others, count, setting.target), "what was meant": Text(full, 0),
        }  # fmt: skip
        seeds = [one.rng("meant picture", j, k).randrange(2**31) for k in range(setting.pictures)]
        targets = setting.show([full] * len(seeds), seeds)
        liked = users.preferred(one, said(short)["kind"])
        for arm, text in made.items():
            shown = setting.show([text.prompt] * len(seeds), seeds)
            row = found.setdefault(arm, {"match": [], "alignment": [], "rouge_l": []})
            row["match"] += [np.mean([p[s] == v for s, v in liked.items()]) for p in shown if liked]
            row["alignment"] += [np.mean([p[s] == t[s] for s in ("kind", *TASTE_SLOTS)]) for p, t in zip(shown, targets)]
            row["rouge_l"].append(rouge_l(text.prompt, full))
    return {arm: {name: float(np.mean(v)) if v else np.nan for name, v in row.items()} for arm, row in found.items()}


def rouge_l(hypothesis: str, reference: str) -> float:
    """F1 of the longest common subsequence of words (Lin 2004)."""
    a, b = WORDS.findall(hypothesis.lower()), WORDS.findall(reference.lower())
    longest = [0] * (len(b) + 1)
    for word in a:
        before = list(longest)
        for j, other in enumerate(b):
            longest[j + 1] = before[j] + 1 if word == other else max(before[j + 1], longest[j])
    return 2 * longest[-1] / (len(a) + len(b)) if a and b else float(a == b)


# --- what comments say ------------------------------------------------------------------------------------------------


def comments(found: Sequence[User], setting: Setting) -> list[Row]:
    """Clauses of the users' grammar, each of one reason: does the parser, which was written for another one, read it?"""
    answers: dict[tuple[str, str], list[np.ndarray]] = {}
    for one in found:
        for is_liked, words in ((True, "praise"), (False, "blame")):
            read = np.array([_read(one, k, is_liked) for k in range(CLAUSES)])
            for value, name in ((1, "read right"), (0, "not read"), (-1, "read as the opposite")):
                answers.setdefault((words, name), []).append(np.mean(read == value))
    return [Row("comments", f"{words}: {name}", figure(np.array(shares)), at_most=name != "read right")
            for (words, name), shares in answers.items()]  # fmt: skip


def _read(one: User, number: int, is_liked: bool) -> int:
    """1: the right sign, -1: the wrong one, 0: neither."""
    rng = one.rng("clause", number, str(is_liked))
    slot = rng.choice(TASTE_SLOTS)
    value, rival = rng.sample(list(users.VALUES[slot]), 2)
    said_of = opinions(remark([Reason(slot, value, is_liked, rival)], is_liked, rng), {})
    weight = sum(w for attribute, w in said_of.items() if drawn().get(attribute) == (slot, value))
    return int(np.sign(weight)) * (1 if is_liked else -1)


def of_name(name: str) -> Callable[[Sequence[User], Setting], list[Row]]:
    from persimg.bench.preference_questions import questions

    known = (noisy, content, truth, deletion, offline, comments, questions)
    return next(check for check in known if check.__name__ == name)
