"""The rules that a model's rewriting of a prompt must keep: all that was typed survives as it is, and nothing else comes in than
what the model was given to add.
"""

from __future__ import annotations

import json
import re
from typing import Any, Iterator, Mapping, Sequence

from persimg.preferences.attributes import of_prompt
from persimg.preferences.lexicon import lexicon
from persimg.preferences.profile import MUTED, Profile
from persimg.preferences.rewriter import Change, Target

TOGETHER = r"""\"[^\"]*\"|“[^“”]*”|«[^«»]*»|(?<!\w)'[^'\n]*'(?!\w)|\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\}|<[^<>\s]+>"""
"""what may have spaces inside and is one thing: quotations, and brackets, in which weights are written"""
RUN = re.compile(rf"(?:{TOGETHER}|\S)+")
AHEAD, BEHIND = ",;", ",;:.!?"
"""marks at which words come apart; elsewhere they are a part of the word, as in .5 and 16:9"""
GLUE = frozenset("a an the of in on at by with and as its is style painting picture image , . ;".split())
"""what may stand around an added phrase; says nothing by itself"""

Offered = Mapping[str, Sequence[str]]
"""attribute → phrases, one of which is to be added"""


def offered(eligible: Mapping[str, Change], target: Target) -> dict[str, list[str]]:
    """The phrases that may be added for each change: its own, and others of the attribute that the base draws the same."""
    table, found = lexicon().attributes, {}
    for id, change in eligible.items():
        others = [p for p in (*table[id].phrases, *table[id].names) if target.first([p]) and _are_alike(p, change.text, target)]
        found[id] = list(dict.fromkeys([change.text, *others]))
    return found


def _are_alike(phrase: str, other: str, target: Target) -> bool:
    """Of a base that doesn't say what it draws, all phrases of an attribute are."""
    return target.side(phrase) == target.side(other) and (not target.side(phrase) or target.means(phrase) == target.means(other))


def validated(text: str, prompt: str, profile: Profile, phrases: Offered, target: Target) -> tuple[str | None, str | None]:
    """The rewritten prompt, or the first rule that the model's text breaks."""
    answer = first_object(text)
    if not isinstance(answer, dict) or not isinstance(answer.get("prompt"), str) or not isinstance(answer.get("used"), list):
        return None, 'it is no JSON object with "prompt" and "used"'
    rewritten, used = answer["prompt"].strip(), [str(id) for id in answer["used"]]
    if not prompt.rstrip().endswith("."):
        rewritten = rewritten.removesuffix(".")
    wrong = broken_rule(rewritten, used, prompt, profile, phrases, target)
    return (rewritten, None) if wrong is None else (None, wrong)


def broken_rule(rewritten: str, used: Sequence[str], prompt: str, profile: Profile, phrases: Offered, target: Target) -> str | None:
    """None where it keeps all of them."""
    if unknown := [id for id in used if id not in phrases]:
        return f"{unknown[0][:80]!r} is not among the liked attributes"
    if missing := [id for id in phrases if id not in used]:
        return f"{missing[0]!r} is not used"
    lost, added = compared(prompt, rewritten)
    if lost is not None:
        return f"it lost {lost[:80]!r} of the prompt, or moved it"
    if wrong := _other_meaning(prompt, rewritten, phrases, profile):
        return wrong
    if stray := next((w for run in added for w in strays(run, phrases)), None):
        return f"it adds {stray[:80]!r}, which rests on nothing"
    if unknown := [unit for run in added for unit in run if not target.knows(unit)]:
        return f"the image model doesn't know {unknown[0]!r}"
    if target.count(rewritten) > target.budget:
        return f"it is longer than {target.budget} tokens"
    after, placed = of_prompt(rewritten), [part for run in added for part in _taken_apart(run, phrases)]
    asked_for = {id for phrase, id in placed if id and all(meant in after for meant in of_prompt(phrase))}
    absent = [id for id in used if id not in asked_for]
    return f"{absent[0]!r} is listed as used and isn't asked for in the prompt" if absent else None


def _other_meaning(prompt: str, rewritten: str, phrases: Offered, profile: Profile) -> str | None:
    """What it asks for and shouldn't, or asked for and doesn't any more, whatever words it was made of."""
    table, before, after = lexicon().attributes, of_prompt(prompt), of_prompt(rewritten)
    meant = {id for texts in phrases.values() for phrase in texts for id in of_prompt(phrase)}
    for id in after:
        belief = profile.beliefs.get(id)
        if id not in before and belief and (belief.weight < 0 or belief.status == MUTED):
            return f"it adds {table[id].name!r}, which is disliked or muted"
        if id not in before and id not in meant:
            return f"it adds {table[id].name!r}, which is not among the used attributes"
    return next((f"it takes back {table[id].name!r} of the prompt" for id in before if id not in after), None)


# --- what was typed ---------------------------------------------------------------------------------------------------


def units(text: str) -> list[str]:
    """What must survive of a text, each as it stands: words with all that clings to them, numbers, <tokens>, quotations, weights
    such as (cat:1.3), signs with the word before them ("5 %"), and the marks between."""
    found: list[str] = []
    for unit in (part for run in RUN.findall(text) for part in _parts(run)):
        if found and not _is_mark(unit) and not _is_mark(found[-1]) and not any(c.isalnum() for c in unit):
            found[-1] += f" {unit}"
        else:
            found.append(unit)
    return found


def _parts(run: str) -> Iterator[str]:
    """A run without a space, freed of the marks around it."""
    rest = run.lstrip(AHEAD)
    core = rest.rstrip(BEHIND)
    yield from (part for part in (run[: len(run) - len(rest)], core, rest[len(core) :]) if part)


def _is_mark(unit: str) -> bool:
    return not unit.strip(BEHIND)


def compared(prompt: str, rewritten: str) -> tuple[str | None, list[list[str]]]:
    """The first unit of the prompt that the other text lacks at its place, None where all are there in their order; and the runs
    of units that came in between."""
    left, added, run = units(prompt), [], []
    for unit in units(rewritten):
        if left and unit == left[0]:
            left.pop(0)
            added, run = [*added, run], []
        else:
            run.append(unit)
    return (left[0] if left else None), [run for run in (*added, run) if run]


# --- what was added ---------------------------------------------------------------------------------------------------


def strays(run: Sequence[str], phrases: Offered) -> list[str]:
    """What is neither an offered phrase nor glue beside one."""
    parts = _taken_apart(run, phrases)
    if not any(id for _, id in parts):
        return list(run)
    return [unit for unit, id in parts if not id and unit.lower() not in GLUE]


def _taken_apart(run: Sequence[str], phrases: Offered) -> list[tuple[str, str]]:
    """Phrases with their attribute, the longest first, and single units between with "" for it."""
    known = {tuple(units(phrase.lower())): id for id, texts in phrases.items() for phrase in texts}
    lengths = sorted({len(key) for key in known}, reverse=True)
    words, parts, i = [unit.lower() for unit in run], [], 0
    while i < len(run):
        n = next((n for n in lengths if tuple(words[i : i + n]) in known), 0)
        parts.append((" ".join(run[i : i + (n or 1)]), known[tuple(words[i : i + n])] if n else ""))
        i += n or 1
    return parts


def first_object(text: str) -> Any:
    """The first JSON object in a text; None: there is none."""
    decoder = json.JSONDecoder()
    for match in re.finditer(r"\{", text):
        try:
            return decoder.raw_decode(text, match.start())[0]
        except ValueError:
            continue
        except RecursionError:  # what is nested so deep is no answer, and would be from its second level too
            return None
    return None
