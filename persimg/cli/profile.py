"""persimg profile: what is known of a user's taste, and every way to add to it, correct it and delete it."""

from __future__ import annotations

import argparse
import dataclasses
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any, Sequence

from persimg.cli import asking, keeping, options, ranking
from persimg.cli.keeping import count, opened
from persimg.errors import UserError

if TYPE_CHECKING:
    from persimg.preferences.events import Event
    from persimg.preferences.lexicon import Lexicon
    from persimg.preferences.profile import Belief, Profile

KINDS = {
    "like": ("like", "a picture pleased"), "dislike": ("dislike", "a picture displeased"), "keep": ("keep", "a picture was kept"),
    "delete": ("delete", "a picture was thrown away"), "choose": ("choice", "of several pictures one was taken"),
    "rate": ("rating", "a picture was rated"), "prompt": ("prompt", "a picture was asked for"),
    "comment": ("comment", 'something was said of a picture: "I love the colours"'),
    "say": ("statement", 'something was said of pictures as such: "I like pastels"'),
}  # fmt: skip
"""word of the command line → kind of event, help"""
SPOKEN = ("prompt", "comment", "say")
MOST = 10
"""lines printed a section"""
REASONS = 3
"""events printed a belief"""
HEADINGS = {
    "likes": "You like", "dislikes": "You dislike", "may like": "Perhaps you like (a guess: too little to tell)",
    "may dislike": "Perhaps you dislike (a guess: too little to tell)", "never used": "Never used, as you wished",
}  # fmt: skip
"""claim → how a person is told"""


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser("profile", help="what is known of a user's taste: show, add, edit, export, forget")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    show = _action(actions, "show", _show, "what is known, how surely, and why")
    show.add_argument("--all", action="store_true", help=f"everything, not only {MOST} of a kind")
    _add_kinds(actions.add_parser("add", help="note something that the user did or said"))
    edit = _action(actions, "edit", _edit, "correct what is believed; ATTR is an attribute's id or name")
    edit.add_argument("--pin", action="append", default=[], metavar="ATTR=WEIGHT", help="whatever was inferred; negative: a dislike")
    edit.add_argument("--mute", action="append", default=[], metavar="ATTR", help="never use it")
    edit.add_argument("--reset", action="append", default=[], metavar="ATTR", help="take earlier edits of it back")
    keeping.add_parsers(actions, _action)
    _action(actions, "list", _list, "all users", needs_user=False)
    common = _action(actions, "population", _population, "what users who agreed like on average: where profiles begin from then on", needs_user=False)
    common.add_argument("--agreed", type=Path, required=True, metavar="FILE", help="names of users who agreed to it, one a line")
    common.add_argument("--out", type=Path, metavar="FILE", help="(default: PERSIMG_HOME/population.json, which is used as long as it lies there)")
    asking.add_parser(actions, _action)
    ranking.add_parser(actions, _action)


def _action(actions: Any, name: str, function: Any, summary: str, needs_user: bool = True) -> argparse.ArgumentParser:
    parser = actions.add_parser(name, help=summary)
    parser.set_defaults(run=function, user=None)
    if needs_user:
        parser.add_argument("--user", required=True, help="whose profile")
    options.add_store(parser)
    options.add_json(parser)
    return parser


def _add_kinds(parser: argparse.ArgumentParser) -> None:
    kinds = parser.add_subparsers(dest="what", metavar="WHAT", required=True)
    for word, (_, summary) in KINDS.items():
        kind = _action(kinds, word, _add, summary)
        if word in SPOKEN:
            kind.add_argument("text", metavar="TEXT", nargs="?" if word == "prompt" else None, default="", help="in the user's words")
        if word == "prompt":
            kind.add_argument("--prompt", help="the same, as the others take it")
        if word not in ("prompt", "say"):
            seen = "the pictures shown" if word == "choose" else "the picture; behind it those that were shown beside it"
            kind.add_argument("--picture", type=Path, nargs="+", action="extend", default=[], metavar="FILE", help=seen)
            kind.add_argument("--prompt", default="", help="what it was drawn for, if the picture doesn't say so or isn't at hand")
            asking.add_clip(kind)
            kind.add_argument("--subject", default="", help='what it shows ("cat"), which is no matter of taste')
        if word == "choose":
            kind.add_argument("--chosen", type=int, required=True, metavar="N", help="which of the pictures was taken, counted from 1")
        if word == "rate":
            kind.add_argument("--rating", type=float, required=True, metavar="R", help="from 0 to 1")


# --- reading ----------------------------------------------------------------------------------------------------------


def _list(args: argparse.Namespace) -> dict[str, Any]:
    from persimg.preferences.naming import line

    with opened(args) as store:
        found, where = store.overview(), store.where
    for user, number, last in found:
        print(f"{line(user):24} {count(number, 'event'):16} last {last[:10]}")
    if not found:
        print(f"no profiles in {where} yet; begin one with: persimg profile add")
    return {"users": [{"user": user, "events": number, "last": last} for user, number, last in found]}


def _population(args: argparse.Namespace) -> dict[str, Any]:
    from persimg.preferences import population
    from persimg.preferences.census import population_of

    try:
        names = dict.fromkeys(line.strip() for line in args.agreed.read_text(encoding="utf-8").splitlines() if line.strip())
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{args.agreed} can't be read", "give a text file with a user's name on each line") from error
    with opened(args) as store:
        made = population_of([store.events(name) for name in names])
    path = population.save(made, args.out)
    print(f"{path}: the average of {count(made.users, 'user')}; remove the file to begin profiles at nothing again")
    return {"path": str(path), "users": made.users, "attributes": len(made.mean)}


def _show(args: argparse.Namespace) -> dict[str, Any]:
    from persimg.preferences.claims import belief_record, by_strength
    from persimg.preferences.lexicon import lexicon

    table = lexicon()
    with opened(args) as store:
        profile = store.profile(args.user)
        counts, is_frozen = store.counts(args.user), store.is_frozen(args.user)
        named = [id for belief in profile.beliefs.values() for id in list(belief.evidence)[:REASONS]]
        events = {event.id: event for event in store.events(args.user, dict.fromkeys(named))}
    if counts:
        _print(profile, counts, events, table, None if args.all else MOST)
    else:
        print(f"nothing is known of {args.user} yet; tell something with: persimg profile add")
    if is_frozen:
        print("\nfrozen: nothing new is recorded until persimg profile freeze --off")
    beliefs = [belief_record(belief, table) for belief in by_strength(profile)]
    unmapped = [{"text": text, "liked": liked, "event": id} for text, liked, id in profile.unmapped]
    record = {"user": args.user, "revision": profile.revision, "events": sum(counts.values()), "prompts": counts.get("prompt", 0), "frozen": is_frozen}
    return {**record, "beliefs": beliefs, "unmapped": unmapped}


def _print(profile: Profile, counts: dict[str, int], events: dict[str, Event], table: Lexicon, most: int | None) -> None:
    from persimg.preferences.claims import by_strength, claim
    from persimg.preferences.naming import MOST_TEXT, line

    # not the history's length: that has each prompt once
    print(f"{line(profile.user)}: {count(sum(counts.values()), 'event')}, {count(counts.get('prompt', 0), 'prompt')} typed")
    for said, heading in HEADINGS.items():
        found = [belief for belief in by_strength(profile) if claim(belief) == said]
        if found:
            print(f"\n{heading}")
        for belief in found[:most]:
            _print_belief(belief, events, table)
        _print_rest(found, most)
    unmapped = [f"  {'liked' if liked else 'disliked'}: {line(text, MOST_TEXT)!r}  [{id}]" for text, liked, id in profile.unmapped]
    if unmapped:
        print("\nSaid, but no attribute has a name for it", *unmapped[:most], sep="\n")
        _print_rest(unmapped, most)
    if profile.beliefs:
        print("\nweight: what an attribute adds to the log-odds of liking a picture; +0.7 doubles the odds, -0.7 halves them")


def _print_belief(belief: Belief, events: dict[str, Event], table: Lexicon) -> None:
    from persimg.preferences.claims import because, sure
    from persimg.preferences.naming import called, told

    how = "set by you" if belief.status == "pinned" else f"{sure(belief):.0%} sure"
    print(f"  {called(belief.attribute, table):36} weight {belief.weight:+.2f}, {how}" + (f": {because(belief)}" if belief.support else ""))
    ids = list(belief.evidence)
    for id in ids[:REASONS]:
        print(f"      {told(events.get(id), id)}")
    if len(ids) > REASONS:
        print(f"      and {len(ids) - REASONS} more")


def _print_rest(found: list[Any], most: int | None) -> None:
    if most is not None and len(found) > most:
        print(f"  and {len(found) - most} more (--all)")


# --- adding and correcting --------------------------------------------------------------------------------------------


def _add(args: argparse.Namespace) -> dict[str, Any]:
    from persimg.preferences.events import Event, new_id, now
    from persimg.preferences.shown import asked_for, shown

    given = vars(args)  # which options there are depends on the kind
    event = Event(new_id(), args.user, now(), KINDS[args.what][0], given.get("text", ""), subject=given.get("subject", ""))
    if event.kind == "prompt":
        if bool(args.text) == bool(args.prompt):
            raise UserError("which prompt?", "give TEXT or --prompt P, one of the two")
        return _noted(args, asked_for(args.user, args.text or args.prompt), [])
    paths, chosen = given.get("picture", []), given.get("chosen")
    pictures = shown(paths, given.get("prompt", ""), asking.clip(args))
    chosen = None if chosen is None else chosen - 1
    return _noted(args, dataclasses.replace(event, shown=pictures, chosen=chosen, rating=given.get("rating")), paths)


def _noted(args: argparse.Namespace, event: Event, paths: Sequence[Path]) -> dict[str, Any]:
    from persimg.preferences.lexicon import lexicon
    from persimg.preferences.naming import called

    with opened(args) as store:
        store.add(event)
    for path, picture in zip(paths, event.shown):
        how = "" if picture.asked or args.clip else " (no prompt in it, so only measured; --clip NAME looks at it)"
        print(f"{path}: {', '.join(called(id, lexicon()) for id in picture.attributes) or 'nothing that has a name'}{how}")
    record = {"event": event.id, "kind": event.kind, "shown": [dict(picture.attributes) for picture in event.shown]}
    if event.kind in ("comment", "statement"):
        record["understood"] = _understood(event)
    print(f"noted; take it back with: persimg profile forget --user {shlex.quote(args.user)} --event {event.id}")
    return record


def _understood(event: Event) -> dict[str, list[str]]:
    """What was read in a comment or a statement, printed in a line or two: lexicon ids, "" being the whole picture."""
    from persimg.preferences.attributes import mentions
    from persimg.preferences.estimate import opinions
    from persimg.preferences.lexicon import lexicon
    from persimg.preferences.naming import MOST_TEXT, called, line

    said, pictured = mentions(event.text), event.shown[0].attributes if event.shown else {}
    found = opinions(event.text, pictured) | ({"": said.verdict} if said.verdict and event.kind == "comment" else {})
    judged = {"likes": [a for a, v in found.items() if v > 0], "dislikes": [a for a, v in found.items() if v < 0]}
    told = [f"{verb} {', '.join(called(a, lexicon()) if a else 'the picture' for a in names)}" for verb, names in judged.items() if names]
    print(f"understood: {'; '.join(told)}" if told else "understood nothing that the lexicon names")
    known = {lexicon().attributes[a].category for a in found if a}
    missed = [f"the {request.category}, which isn't known of the picture" for request in said.requests if request.category not in known]
    missed += [f"{line(remark.text, MOST_TEXT)!r}, which has no name in the lexicon" for remark in said.unmapped]
    if missed:
        print(f"and {'; '.join(missed[:MOST])}")
    return judged


def _edit(args: argparse.Namespace) -> dict[str, Any]:
    from persimg.preferences.events import Event, new_id, now
    from persimg.preferences.lexicon import lexicon
    from persimg.preferences.naming import attribute_id, called

    table = lexicon()
    wanted = [("reset", attribute_id(text, table), None) for text in args.reset]
    wanted += [("mute", attribute_id(text, table), None) for text in args.mute]
    wanted += [("pin", attribute_id(name, table), weight) for name, weight in map(_pin, args.pin)]
    if not wanted:
        raise UserError("nothing is to be edited", "give --pin, --mute or --reset")
    ids = [id for _, id, _ in wanted]
    if len(set(ids)) < len(ids):
        raise UserError(f"{next(id for id in ids if ids.count(id) > 1)} is named twice", "edit an attribute in one way at a time")
    made = [Event(new_id(), args.user, now(), "edit", text, attribute=id, weight=weight) for text, id, weight in wanted]
    with opened(args) as store:
        store.add_all(made)
    for text, id, weight in wanted:
        print(f"{text} {called(id, table)}" + ("" if weight is None else f" {weight:+g}"))
    edits = [{"edit": text, "attribute": id, "weight": weight} for text, id, weight in wanted]
    return {"events": [event.id for event in made], "edits": edits}


def _pin(text: str) -> tuple[str, float]:
    name, equals, weight = text.rpartition("=")
    try:
        if equals and abs(float(weight)) <= 10:
            return name, float(weight)
    except ValueError:
        pass
    raise UserError(f"--pin {text!r} has no weight", 'write ATTR=WEIGHT, weight from -10 to 10, such as "golden hour=2"')
