"""How long a rewrite takes with a thousand and with a hundred thousand past prompts, and how fast a store of many events opens.

Past prompts are captions of the drawn world, one prompt in ten with a liked or disliked picture. Times are medians over prompts that
were never asked before, beside the cost of a plain scan of the same prompts for a word, which is no rewriter. What a rewrite in a
running program doesn't tell is timed too: making the profile and the index, and the command `persimg rewrite` from start to end, when
the profile has to be made, when it is there, and after one more event.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Iterator, Sequence

from persimg import seeds
from persimg.errors import UserError

if TYPE_CHECKING:
    from persimg.preferences.events import Event

SEED = 88_008
SIZES = (1_000, 100_000)
PROMPTS = 40


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--prompts", type=int, nargs="+", default=list(SIZES), help="past prompts of one user (default 1000 100000)")
    parser.add_argument("--events", type=int, default=1_000_000, help="events in the store that is opened; 0 leaves this out (default 1000000)")


def run(args: argparse.Namespace) -> dict[str, Any]:
    if min(args.prompts) < 1:
        raise UserError(f"--prompts {min(args.prompts)} is out of range", "take 1 or more")
    if args.events < 0:
        raise UserError(f"--events {args.events} is out of range", "take 0 or more")
    rows = [measured(count) for count in args.prompts]
    for row in rows:
        print("  ".join(f"{name} {value:g}" for name, value in row.items()))
    record: dict[str, Any] = {"rewrites": rows}
    if args.events:
        record["store"] = opened(args.events)
        print("  ".join(f"{name} {value:g}" for name, value in record["store"].items()))
    return record


def events_of(user: str, count: int) -> Iterator[Event]:
    """count past prompts, and a like or a dislike for one in ten."""
    from persimg.mini.world.caption import captioned
    from persimg.preferences.attributes import of_prompt
    from persimg.preferences.events import Event, Shown, new_id

    for i in range(count):
        rng = seeds.rng(SEED, user, i)
        at = f"2026-01-{1 + i * 27 // max(count, 1):02d}T00:00:{i % 60:02d}.000+00:00"
        _, prompt = captioned(rng)
        yield Event(new_id(i, rng.randbytes(10)), user, at, "prompt", prompt, (Shown("", of_prompt(prompt)),))
        if i % 10 == 0:
            kind = rng.choice(("like", "dislike"))
            yield Event(new_id(i + 1, rng.randbytes(10)), user, at, kind, shown=(Shown(f"{i}.png", of_prompt(prompt), prompt),))


def measured(count: int) -> dict[str, float]:
    """Milliseconds: of a rewrite, median and slowest; of the profile and the index, which are made once; of a scan; of the command."""
    from persimg.mini.world.caption import captioned
    from persimg.preferences import rewriters
    from persimg.preferences.estimate import profile_of

    events = list(events_of("ada", count))
    profile, making = _timed(lambda: profile_of("ada", events))
    _, indexing = _timed(lambda: profile.index)
    rewrite = rewriters.find(rewriters.DEFAULT)
    fresh = [captioned(seeds.rng(SEED, "fresh", i))[1] for i in range(PROMPTS)]
    times = [_timed(lambda prompt=prompt: rewrite(prompt, profile, 1.0))[1] for prompt in fresh]
    scan = [_timed(lambda prompt=prompt: [p for p in profile.history if prompt.split()[-1] in p.prompt])[1] for prompt in fresh]
    return {
        "prompts": count, "rewrite_ms": statistics.median(times), "slowest_ms": max(times), "scan_ms": statistics.median(scan),
        "profile_ms": making, "index_ms": indexing, **commands(events),
    }  # fmt: skip


def commands(events: Sequence[Event]) -> dict[str, float]:
    """Milliseconds of `persimg rewrite` from start to end: the first time, again, and after one more event."""
    from persimg.preferences.events import Event, new_id
    from persimg.preferences.store import Store

    user = events[0].user
    with tempfile.TemporaryDirectory() as folder:
        file = str(Path(folder) / "profiles.sqlite")
        command = [sys.executable, "-m", "persimg", "rewrite", "a cat", "--user", user, "--store", file]
        with Store(file) as store:
            store.add_all(events)
        _, first = _timed(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL))
        _, again = _timed(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL))
        with Store(file) as store:
            store.add(Event(new_id(), user, events[-1].at, "prompt", "a boat in the fog"))
        _, after = _timed(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL))
    return {"command_first_ms": first, "command_again_ms": again, "command_after_event_ms": after}


def opened(count: int) -> dict[str, float]:
    """Milliseconds to open a store of so many events of a thousand users, and to read one user's profile, first and again."""
    from persimg.preferences.store import Store

    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'profiles.sqlite'}"
        users = max(1, count // 1_100)
        with Store(url) as store:
            for user in range(users):
                store.add_all(list(events_of(f"user{user}", 1_000)))
        store, opening = _timed(lambda: Store(url).__enter__())
        with store:
            _, first = _timed(lambda: store.profile("user0"))
            _, again = _timed(lambda: store.profile("user0"))
        size = (Path(folder) / "profiles.sqlite").stat().st_size
    return {"events": users * 1_100, "open_ms": opening, "profile_first_ms": first, "profile_again_ms": again, "megabytes": round(size / 1e6, 1)}


def _timed(function: Callable[[], Any]) -> tuple[Any, float]:
    started = time.perf_counter()
    value = function()
    return value, round(1000 * (time.perf_counter() - started), 3)
