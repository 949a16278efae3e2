"""Arms scored on simulated users: one row a user and arm, then differences and shares with intervals over users."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Mapping, Sequence

import numpy as np

from persimg.bench import users
from persimg.bench.preference_arms import ARMS, DEFAULT, FEW, Text, texts
from persimg.bench.user_events import life
from persimg.bench.user_worlds import Show, fidelity, symbolic
from persimg.bench.users import TRAITS, User
from persimg.evaluation.interval import DRAWS, LEVEL, Interval, interval
from persimg.preferences.estimate import profile_of
from persimg.preferences.events import Event
from persimg.preferences.population import Population
from persimg.preferences.profile import Profile
from persimg.preferences.rewriter import Target

OTHERS = 4
"""other users whose profile is tried, until one has as much to add"""
SAME = 1e-9
PLAIN = "plain"

Score = Mapping[str, float]
"""utility, fidelity, added: means over a user's prompts and pictures; wins: share of pictures that the user likes better than the prompt's
own of the same seed, equal ones count half"""
Table = Mapping[str, Sequence[Score]]
"""arm → scores, a user each"""


@dataclass(frozen=True)
class Setting:
    """How a user is measured. prompts: new ones a user; pictures: of each prompt and arm, the same seeds in all arms; lived: what
    they saw in their histories, whose many pictures are never drawn; populations: world → what profiles begin at, empty: at nothing."""

    show: Show
    target: Target
    prompts: int = 8
    pictures: int = 4
    arms: Sequence[str] = ARMS
    lived: Show = symbolic
    populations: Mapping[int, Population] = field(default_factory=dict)

    def profile_of(self, one: User, events: Sequence[Event]) -> Profile:
        return profile_of(one.name, events, self.populations.get(one.world))


def profiles(found: Sequence[User], stream: str, count: int, setting: Setting) -> list[Profile]:
    return from_events(found, [life(one, stream, count, setting.lived) for one in found], setting)


def from_events(found: Sequence[User], events: Sequence[Sequence[Event]], setting: Setting) -> list[Profile]:
    return [setting.profile_of(one, own) for one, own in zip(found, events, strict=True)]


def table(found: Sequence[User], known: Sequence[Profile], setting: Setting) -> Table:
    """All arms for all users. Others are users of the same world."""
    rows = []
    for i, (one, profile) in enumerate(zip(found, known, strict=True)):
        others = [known[k] for k in fellows(found, i)]
        prompts = users.new_prompts(one, setting.prompts)
        written = [texts(p, one, profile, others, setting.target) for p in prompts]
        rows.append(scores(one, prompts, [{arm: made[arm] for arm in setting.arms} for made in written], setting))
    return {arm: [row[arm] for row in rows] for arm in setting.arms}


def fellows(found: Sequence[User], i: int) -> list[int]:
    """Indices of the next users of the i-th one's world; of any world where it has no other."""
    others = [(i + k) % len(found) for k in range(1, len(found))]
    return ([k for k in others if found[k].world == found[i].world] or others)[:OTHERS]


def scores(one: User, prompts: Sequence[str], written: Sequence[Mapping[str, Text]], setting: Setting) -> dict[str, Score]:
    """Arm → score of one user; every arm sees the same seeds. "none" is among the arms."""
    arms = list(written[0])
    asked = [(arm, j, k) for arm in arms for j in range(len(prompts)) for k in range(setting.pictures)]
    seeds = {(j, k): one.rng("test picture", j, k).randrange(2**31) for j in range(len(prompts)) for k in range(setting.pictures)}
    made = [written[j][arm] for arm, j, _ in asked]
    seen = setting.show([text.prompt for text in made], [seeds[j, k] for _, j, k in asked], [text.negative for text in made])
    worths = {place: one.utility(picture) for place, picture in zip(asked, seen)}
    found: dict[str, dict[str, list[float]]] = {arm: {"utility": [], "fidelity": [], "added": [], "wins": []} for arm in arms}
    for (arm, j, k), picture in zip(asked, seen):
        gain = worths[arm, j, k] - worths["none", j, k]
        found[arm]["utility"].append(worths[arm, j, k])
        found[arm]["fidelity"].append(fidelity(prompts[j], picture))
        found[arm]["added"].append(written[j][arm].added)
        found[arm]["wins"].append(0.5 if abs(gain) < SAME else float(gain > 0))
    return {arm: {name: float(np.mean(values)) for name, values in figures.items()} for arm, figures in found.items()}


# --- figures ----------------------------------------------------------------------------------------------------------


def column(scored: Table, arm: str, name: str = "utility") -> np.ndarray:
    """(U,) of all users."""
    return np.array([score[name] for score in scored[arm]])


def difference(scored: Table, first: str, second: str) -> Interval:
    """Of utilities, paired by user, prompt and seed; interval over users."""
    found = interval((column(scored, first) - column(scored, second))[:, None], over="")
    assert found
    return found


def figure(values: np.ndarray) -> dict[str, Any]:
    """Mean over users with its interval."""
    found = interval(np.asarray(values, float)[:, None], over="")
    if found is None:
        return {"mean": None, "lo": None, "hi": None, "n": 0}
    return {"mean": found.mean, "lo": found.lo, "hi": found.hi, "n": int((~np.isnan(values)).sum())}


def ratio(part: np.ndarray, whole: np.ndarray) -> dict[str, Any]:
    """Mean of part over mean of whole, with the interval of a bootstrap over users."""
    draws = np.random.default_rng(0).integers(0, len(part), (DRAWS, len(part)))
    found = part[draws].mean(1) / np.where(np.abs(whole[draws].mean(1)) < SAME, np.nan, whole[draws].mean(1))
    if np.isnan(found).all() or abs(whole.mean()) < SAME:
        return {"mean": None, "lo": None, "hi": None, "n": len(part)}
    lo, hi = (float(x) for x in np.nanquantile(found, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]))
    return {"mean": float(part.mean() / whole.mean()), "lo": lo, "hi": hi, "n": len(part)}


def closed(scored: Table, arm: str = DEFAULT, best: str = "oracle") -> dict[str, Any]:
    """Share of the way from the enricher of equal length to the oracle."""
    generic = column(scored, f"generic, as {arm}")
    return ratio(column(scored, arm) - generic, column(scored, best) - generic)


def worse(scored: Table, arm: str = DEFAULT, than: str = "") -> dict[str, Any]:
    """Share of users whom the arm serves worse than another, by default than the enricher of equal length."""
    return figure((column(scored, arm) < column(scored, than or f"generic, as {arm}") - SAME).astype(float))


def kept(scored: Table, arm: str = DEFAULT) -> dict[str, Any]:
    """Prompt fidelity relative to the prompt itself."""
    return ratio(column(scored, arm, "fidelity"), column(scored, "none", "fidelity"))


def summary(scored: Table) -> dict[str, Any]:
    """All figures of one table."""
    from persimg.bench.preference_arms import OWN

    own = [arm for arm in OWN if arm in scored]
    return {
        "arms": {arm: {name: figure(column(scored, arm, name)) for name in ("utility", "fidelity", "added")} for arm in scored},
        "closed": {arm: closed(scored, arm) for arm in own}, "closed of equal length": closed(scored, DEFAULT, "oracle, as both"),
        "over generic": asdict(difference(scored, DEFAULT, f"generic, as {DEFAULT}")),
        "over other": asdict(difference(scored, DEFAULT, "other")),
        "worse": {arm: worse(scored, arm) for arm in own}, "wins": {arm: figure(column(scored, arm, "wins")) for arm in own},
        "worse than the prompt": {arm: worse(scored, arm, "none") for arm in own}, "kept": {arm: kept(scored, arm) for arm in own},
    }  # fmt: skip


def by_trait(found: Sequence[User], scored: Table) -> list[dict[str, Any]]:
    """The default rewriter's figures for users without a trait ("plain") and with each; who has two counts in both."""
    groups = {PLAIN: [i for i, one in enumerate(found) if not one.traits]}
    groups |= {trait: [i for i, one in enumerate(found) if trait in one.traits] for trait in TRAITS}
    rows = []
    for trait, members in groups.items():
        part = {arm: [scored[arm][i] for i in members] for arm in scored}
        if members:
            over = figure(column(part, DEFAULT) - column(part, f"generic, as {DEFAULT}"))
            rows.append({"trait": trait, "users": len(members), "closed": closed(part), "over generic": over, "worse": worse(part)})
    return rows


def per_user(found: Sequence[User], tables: Mapping[str, Table]) -> list[dict[str, Any]]:
    """A row a user: traits, and by table and arm the mean utility."""
    return [
        {"user": one.name, "traits": list(one.traits)}
        | {name: {arm: round(scored[arm][i]["utility"], 4) for arm in FEW} for name, scored in tables.items()}
        for i, one in enumerate(found)
    ]  # fmt: skip
