"""Does a rewritten prompt give a user more of what they like? Simulated users with a hidden preference over the drawn world.

Fixed before the first run on the fifth set of held-out users. The unit is the user, the primary arm is the rewriter `both` at strength 1, its
baseline an enricher without history that adds at most as many phrases. Planned, with Holm's correction over all four, run or not: both
over generic, and both over another user's profile, after 8 comments and after 32 mixed events. Aims: of the way from generic to the
oracle 40 % after 8 comments and 60 % after 32 mixed events; at most 15 % of users worse than with generic; prompt fidelity at least 97 %
of the prompt's own, judged on drawn pictures alone, since symbolic ones follow the first that is said of a side and could hardly lose any.
Phrases without the events that they cite: gone in at least 95 %; without as many others: in at most 5 %, averaged per user first.
Claims have the right sign in at least 90 %, and of users without a taste at most 5 % of attributes are claimed; at most 5 % of prompts get a
castle that is asked for and disliked. All else is described, without an aim: curves, users by trait, questions, the first session,
wrong answers, ranks of weights, alignment.
Held-out users are drawn from seeds that nothing was tuned on and speak a grammar of their own. Negative prompts enter where pictures
are drawn. Simulated users show that taste which is there is found; they are no evidence of what people prefer.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Sequence

from persimg import files
from persimg.errors import UserError

if TYPE_CHECKING:
    from persimg.bench.preference_scores import Setting, Table
    from persimg.bench.users import User
    from persimg.evaluation.interval import Interval
    from persimg.preferences.population import Population

STREAM_NAMES = ("comments", "choices", "prompts", "mixed")
CHECKS = ("noisy", "content", "truth", "deletion", "offline", "comments", "questions")
EVENTS = (0, 2, 4, 8, 16, 32, 64)
PRIMARY = (("comments", 8, 0.40), ("mixed", 32, 0.60))
"""stream, number of events, aim for the share closed"""
PLANNED = 2 * len(PRIMARY)
"""comparisons: over generic and over another user's profile"""
KEPT, WORSE = 0.97, 0.15
FIDELITY = "prompt fidelity, relative"
USUAL = {"symbolic": {"users": 200, "arms": "all"}, "generated": {"users": 80, "arms": "few"}}
"""where nothing else is asked for; 200 users with all that is measured take about a quarter of an hour of one processor"""
READER_FILES = ("config.json", "model.safetensors")
OUT = Path("out/bench/preferences")
SOURCES = ("preferences", "bench", "mini/world", "mini/nets.py", "evaluation/interval.py", "seeds.py")
"""files of the package, and folders of them, that a kept cell depends on"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--users", type=int, help="simulated users (default 200; 80 where pictures are drawn)")
    parser.add_argument("--split", choices=("train", "validation", "held-out"), default="held-out", help="which users (default held-out)")
    kinds = ("symbolic", "generated")
    parser.add_argument("--pictures", choices=kinds, default=kinds[0], help="those of new prompts by the grammar alone (default), or drawn and read")
    parser.add_argument("--arms", choices=("all", "few"), help="all, or only those of the planned comparisons (default: few of drawn pictures)")
    parser.add_argument("--events", default=",".join(map(str, EVENTS)), help="numbers of events, separated by commas")
    names = ",".join(STREAM_NAMES)
    parser.add_argument("--histories", default=names, help=f"what histories are made of (default {names})")
    parser.add_argument("--checks", default=",".join(CHECKS), help=f"what else is measured, none to skip (default {','.join(CHECKS)})")
    parser.add_argument("--prompts", type=int, default=8, help="new prompts a user (default 8)")
    parser.add_argument("--per-prompt", type=int, default=4, help="pictures of each prompt and arm (default 4)")
    parser.add_argument("--population", type=int, default=0, metavar="N", help="profiles begin at the average of N other users (default 0: at none)")
    parser.add_argument("--authored-names", action="store_true", help="in the world whose values keep their names")
    parser.add_argument("--base", default="mini", help="the base of generated pictures (default mini)")
    parser.add_argument("--reader", type=Path, metavar="DIR", help="the reader's folder (default: the embedded one)")
    parser.add_argument("--out", type=Path, default=OUT, help=f"folder (default {OUT}); the same call again resumes")


def run(args: argparse.Namespace) -> dict[str, Any]:
    args = argparse.Namespace(**{**vars(args), **{name: value for name, value in USUAL[args.pictures].items() if getattr(args, name) is None}})
    streams, checks = named(args.histories, STREAM_NAMES, "--histories"), named(args.checks, CHECKS, "--checks")
    events = numbers(args.events)
    if args.users < 2 or args.prompts < 1 or args.per_prompt < 1:
        given = f"--users {args.users} --prompts {args.prompts} --per-prompt {args.per_prompt}"
        raise UserError(f"{given} is too few", "take 2 users, 1 and 1 at least")
    from persimg.bench.preference_report import lines, write_report
    from persimg.bench.users import users

    found = users(args.split, args.users, 0 if args.authored_names else None)
    setting = setting_of(args)
    cells = Cells(args.out, cell_settings(args, setting))
    if args.population:
        setting = replace(setting, populations={world: begun(world, args.population, cells) for world in sorted({one.world for one in found})})
    tables = {(s, n): cells.kept(f"{s}-{n}", lambda s=s, n=n: scored(found, s, n, setting)) for s in streams for n in events}
    rows = [row for name in checks for row in cells.kept(name, lambda name=name: checked(name, found, setting))]
    made = {**cells.settings, "split": args.split, **record(tables, args.pictures), "checks": rows, **of_users(found, tables)}
    files.write_json(args.out / "scores.json", made)
    write_report(made, args.out)
    print("\n".join(lines(made)), f"\nreport: {args.out / 'report.html'}")
    return made


def begun(world: int, count: int, cells: Cells) -> Population:
    from dataclasses import asdict

    from persimg.bench.user_population import world_population
    from persimg.preferences.population import Population

    return Population(**cells.kept(f"population-{world}", lambda: asdict(world_population(world, count))))


def named(text: str, known: Sequence[str], option: str) -> list[str]:
    """Names in the order of `known`; UserError for others. "none" is none."""
    asked = [name.strip() for name in text.split(",") if name.strip() and name.strip() != "none"]
    if unknown := [name for name in asked if name not in known]:
        raise UserError(f"{option} {unknown[0]} is not measured", f"choose from {', '.join(known)}")
    return [name for name in known if name in asked]


def numbers(text: str) -> list[int]:
    try:
        found = sorted({int(part) for part in text.split(",")})
    except ValueError as error:
        raise UserError(f"--events {text} is no list of numbers", "write 0,8,32") from error
    if found[0] < 0:
        raise UserError(f"--events {text} has a negative number", "write 0,8,32")
    return found


def setting_of(args: argparse.Namespace) -> Setting:
    from persimg.bench.preference_arms import SETS
    from persimg.bench.preference_scores import Setting
    from persimg.bench.user_worlds import Generated, symbolic
    from persimg.preferences import targets

    arms = SETS[args.arms]
    if args.pictures == "symbolic":
        return Setting(symbolic, targets.of_name("mini"), args.prompts, args.per_prompt, arms)
    from persimg.bases.loading import load_base
    from persimg.mini.nets import load_reader

    missing = [name for name in READER_FILES if not (reader_folder(args) / name).is_file()]
    if missing:
        mend = "name a folder of scripts/mini_reader.py, or leave out --reader"
        raise UserError(f"there is no reader in {args.reader}: {missing[0]} is missing", mend)
    base = load_base(args.base)
    show = Generated(base, load_reader(args.reader), args.out / "pictures", lambda text: print(text, flush=True))
    return Setting(show, targets.of_base(base), args.prompts, args.per_prompt, arms)


def reader_folder(args: argparse.Namespace) -> Path:
    from persimg import mini

    return args.reader or mini.path("reader")


class Cells:
    """What was measured already with the same settings and the same code, a file each."""

    def __init__(self, out: Path, settings: dict[str, Any]):
        self.settings = settings
        self.folder = out / "cells" / files.digest_bytes(json.dumps(settings, sort_keys=True).encode())[:12]

    def kept(self, name: str, make: Callable[[], Any]) -> Any:
        path = self.folder / f"{name}.json"
        if not path.exists():
            files.write_json(path, make())
            print(f"{name} measured", flush=True)
        return files.read_json(path)


def cell_settings(args: argparse.Namespace, setting: Setting) -> dict[str, Any]:
    package = Path(__file__).parents[1]
    places = [package / place for place in SOURCES]
    sources = sorted(path for place in places for path in (place, *place.rglob("*")) if path.suffix in (".py", ".yaml"))
    models = {}
    if args.pictures == "generated":
        reader = "".join(files.digest_file(reader_folder(args) / name) for name in READER_FILES)
        models = {"base": setting.show.base.fingerprint, "reader": files.digest_bytes(reader.encode())}  # type: ignore[attr-defined]
    return {
        "users": args.users, "of": args.split, "pictures": args.pictures, "arms": args.arms, "prompts": args.prompts, "per_prompt": args.per_prompt,
        "authored_names": args.authored_names, "population": args.population, **models,
        "code": files.digest_bytes("".join(map(files.digest_file, sources)).encode()),
    }  # fmt: skip


def scored(found: Sequence[User], stream: str, count: int, setting: Setting) -> Table:
    from persimg.bench.preference_scores import profiles, table

    return table(found, profiles(found, stream, count, setting), setting)


def checked(name: str, found: Sequence[User], setting: Setting) -> list[dict[str, Any]]:
    from dataclasses import asdict

    from persimg.bench.preference_checks import of_name

    return [asdict(row) for row in of_name(name)(found, setting)]


# --- what is recorded -------------------------------------------------------------------------------------------------


def record(tables: dict[tuple[str, int], Table], pictures: str) -> dict[str, Any]:
    from persimg.bench.preference_scores import summary

    curves = [{"history": stream, "events": count, **summary(scores)} for (stream, count), scores in tables.items()]
    return {"version": 1, "planned": planned(tables), "aims": aims(tables, pictures), "curves": curves}


def of_users(found: Sequence[User], tables: dict[tuple[str, int], Table]) -> dict[str, Any]:
    """The primary figures by the users' traits, and a row for every user."""
    from persimg.bench.preference_scores import by_trait, per_user

    primary = {(stream, count): tables[stream, count] for stream, count, _ in PRIMARY if (stream, count) in tables}
    traits = [{"history": s, "events": n, **row} for (s, n), scores in primary.items() for row in by_trait(found, scores)]
    return {"traits": traits, "per_user": per_user(found, {f"{n} {s}": scores for (s, n), scores in primary.items()})}


def planned(tables: dict[tuple[str, int], Table]) -> list[dict[str, Any]]:
    """The planned comparisons that were run, with Holm's correction over all that were planned."""
    from dataclasses import asdict

    from persimg.bench.preference_arms import DEFAULT
    from persimg.bench.preference_scores import difference
    from persimg.evaluation.interval import holm

    there = [(stream, count) for stream, count, _ in PRIMARY if (stream, count) in tables]
    asked = [(*where, second) for where in there for second in (f"generic, as {DEFAULT}", "other")]
    made: list[Interval] = [difference(tables[stream, count], DEFAULT, second) for stream, count, second in asked]
    left_out = [1.0] * (PLANNED - len(made))
    corrected = holm([1.0 if one.p is None else one.p for one in made] + left_out)
    return [
        {
            "history": stream, "events": count, "first": DEFAULT, "second": second, **asdict(one), "p_holm": p,
            "verdict": one.verdict if p < 0.05 else "not shown",
        }
        for (stream, count, second), one, p in zip(asked, made, corrected)
    ]  # fmt: skip


def aims(tables: dict[tuple[str, int], Table], pictures: str) -> list[dict[str, Any]]:
    """The primary figures beside their aims. is_reached: by the mean; None where nothing could fall short of it: the fidelity of
    symbolic pictures."""
    from persimg.bench.preference_scores import closed, kept, worse

    found = []
    for stream, count, aim in PRIMARY:
        if (stream, count) in tables:
            scores = tables[stream, count]
            for title, value, limit, at_most in (
                ("share of the way from generic to the oracle", closed(scores), aim, False),
                (FIDELITY, kept(scores), KEPT, False), ("users worse than generic", worse(scores), WORSE, True),
            ):  # fmt: skip
                is_judged = value["mean"] is not None and (title != FIDELITY or pictures != "symbolic")
                reached = None if not is_judged else (value["mean"] <= limit if at_most else value["mean"] >= limit)
                row = {"history": stream, "events": count, "title": title, **value}
                found.append(row | {"aim": limit, "at_most": at_most, "is_reached": reached})
    return found
