"""What else is asked of a profile: noisy histories, content apart from taste, prompts that were meant, comments understood. Truth and
explanations are in preference_truth.py, questions in preference_questions.py.

Every check gives rows of one figure each, means over users with an interval.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Callable, Mapping, Sequence

import numpy as np

from persimg.bench import users
from persimg.bench.preference_arms import DEFAULT, OWN, Text, enriched, of_others, own, population
from persimg.bench.preference_scores import Setting, closed, difference, fellows, figure, from_events, profiles, table, worse
from persimg.bench.remarks import Reason
from persimg.bench.user_events import grammar, life
from persimg.bench.user_worlds import TASTE_SLOTS, said
from persimg.bench.users import Taste, User
from persimg.preferences.drawn import drawn
from persimg.preferences.estimate import opinions
from persimg.preferences.events import Event
from persimg.preferences.profile import Profile
from persimg.preferences.retrieval import WORDS

MANY = 32
"""events of each check"""
NOISE = (0.2, 0.5)
CASTLE, DISLIKE_OF_CASTLES = "castle", -0.5
FLIPPED = 0.1
CLAUSES = 20
"""of praise and of blame a user"""


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
    """A share of the events is another user's, or says the opposite of what the user thinks."""
    lives = [life(one, "mixed", MANY, setting.lived) for one in found]
    rows = []
    for share in NOISE:
        mixed = [_mixed(one, lives[i], lives[fellows(found, i)[0]], share) for i, one in enumerate(found)]
        rows += _served(f"{share:.0%} of another's events", found, mixed, setting)
    opposites = [life(opposite(one), "mixed", MANY, setting.lived) for one in found]
    turned = [_flipped(one, own_events, others) for one, own_events, others in zip(found, lives, opposites)]
    return rows + _served(f"{FLIPPED:.0%} of answers turned round", found, turned, setting)


def _served(title: str, found: Sequence[User], events: Sequence[Sequence[Event]], setting: Setting) -> list[Row]:
    scored = table(found, from_events(found, events, setting), setting)
    over = _as_figure(difference(scored, DEFAULT, f"generic, as {DEFAULT}"))
    return [
        Row("noisy", f"{title}: share closed", closed(scored)), Row("noisy", f"{title}: over generic", over),
        Row("noisy", f"{title}: users worse than generic", worse(scored), at_most=True),
    ]  # fmt: skip


def _mixed(one: User, own_events: Sequence[Event], others: Sequence[Event], share: float) -> list[Event]:
    """Exactly the share, at random places."""
    swapped = set(one.rng("noisy", str(share)).sample(range(len(own_events)), round(share * len(own_events))))
    return [replace(others[i], user=one.name) if i in swapped else event for i, event in enumerate(own_events)]


def opposite(one: User) -> User:
    """Who likes what this user dislikes, and answers in their place."""

    def turned(weights: users.Weights) -> users.Weights:
        return {slot: {value: -worth for value, worth in values.items()} for slot, values in weights.items()}

    early, late = (Taste(turned(taste.weights), turned(taste.of_things)) for taste in (one.early, one.late))
    return replace(one, early=early, late=late)


def _flipped(one: User, own_events: Sequence[Event], others: Sequence[Event]) -> list[Event]:
    """A share of the answers, not of the prompts, is given by the opposite of the user."""
    answers = [i for i, event in enumerate(own_events) if event.kind != "prompt"]
    turned = set(one.rng("flipped").sample(answers, round(FLIPPED * len(answers))))
    return [others[i] if i in turned else event for i, event in enumerate(own_events)]


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
    """Clauses of the users' grammar, each of one reason: does the parser read it? Words of the grammars of train and validation users
    were met when the parser was mended, so that only held-out users show what it makes of people it hasn't met."""
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
    said_of = opinions(grammar(one).remark([Reason(slot, value, is_liked, rival)], is_liked, rng), {})
    weight = sum(w for attribute, w in said_of.items() if drawn().get(attribute) == (slot, value))
    return int(np.sign(weight)) * (1 if is_liked else -1)


def of_name(name: str) -> Callable[[Sequence[User], Setting], list[Row]]:
    from persimg.bench.preference_questions import questions
    from persimg.bench.preference_truth import deletion, truth

    known = (noisy, content, truth, deletion, offline, comments, questions)
    return next(check for check in known if check.__name__ == name)
