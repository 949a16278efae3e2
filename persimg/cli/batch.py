"""persimg batch: many pictures, over many processes and machines; the same command again goes on."""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Iterator, Mapping

from persimg.cli import options, retrieval
from persimg.errors import UserError

if TYPE_CHECKING:
    from persimg.preferences.profile import Retrieval
    from persimg.sampling.jobs.coordinator import Progress
    from persimg.sampling.jobs.entries import JobFile

INTERRUPTED = 130
FAILED = 3
PASSED_ON = ("workers", "threads", "batch", "dtype", "attention", "compile", "device", "restarts", "attempts", "patience", "listen")
"""arguments that `jobs.run.Options` takes as they are"""
EVERY = 1.0
"""seconds between lines of progress on a terminal; on a file, ten times as long"""
EXAMPLE = """\
a job file (YAML; all combinations of its lists are drawn):
  base: mini
  steps: 10
  prompts: [a cat in a forest, "a __animal__ on a beach"]
  wildcards: {animal: animals.txt}
  seeds: 0-9
  concepts: [[], ["mycat.safetensors:0.8"]]
"""


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser("batch", help="many pictures from a job file, resumable", description="Draw the tasks of a job file.")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    _add_run(actions)
    status = actions.add_parser("status", help="how far a job is", description="How far the job in a folder is; reads only, also while it runs.")
    status.add_argument("out", type=Path, help="folder of the job")
    options.add_json(status)
    status.set_defaults(run=show)
    work = actions.add_parser("work", help="help a running job, from this or another machine", description="Start workers for a job that runs in a shared folder.")
    work.add_argument("out", type=Path, help="folder of the job")
    work.add_argument("--workers", type=int, default=1, help="processes (default 1)")
    work.add_argument("--device", help="cpu, cuda or cuda:N (default: the worker's choice)")
    work.add_argument("--restarts", type=int, default=3, help="how often lost workers are started again, in all (default 3)")
    options.add_json(work)
    work.set_defaults(run=help_out)


def _add_run(actions: Any) -> None:
    run_parser = actions.add_parser(
        "run", help="draw a job, or go on with it", description="Draw the tasks of a job file into a folder; the same command again goes on.",
        epilog=EXAMPLE, formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    run_parser.add_argument("job", type=Path, help="job file: .yaml, .json, .jsonl or .csv")
    run_parser.add_argument("--out", type=Path, required=True, help="folder: pictures as ID.png, everything else in .persimg")
    run_parser.add_argument("--base", default="mini", help="base of entries that name none (default mini)")
    run_parser.add_argument("--workers", type=int, help="worker processes (default: one a GPU, else 1)")
    run_parser.add_argument("--threads", type=int, help="CPU threads of each worker (default: all cores shared out)")
    run_parser.add_argument("--batch", type=int, help="pictures a forward pass (default 4)")
    run_parser.add_argument("--device", choices=("cpu", "cuda"), help="default: cuda if there is one")
    run_parser.add_argument("--dtype", choices=("fp32", "fp16", "bf16"), help="precision (default: fp32 on CPU, fp16 on CUDA)")
    run_parser.add_argument("--attention", choices=("sdpa", "xformers"), help="attention backend (default sdpa)")
    run_parser.add_argument("--compile", action="store_true", default=None, help="torch.compile: a worker's first batch takes minutes, and needs a C++ compiler")
    run_parser.add_argument("--engine", choices=("local", "ray"), default="local", help="own worker processes, or a Ray cluster (default local)")
    run_parser.add_argument("--restarts", type=int, default=3, help="how often lost workers are started again, in all; on Ray, each (default 3)")
    run_parser.add_argument("--attempts", type=int, default=3, help="how often a failing picture is tried (default 3)")
    run_parser.add_argument("--patience", type=float, default=60, help="seconds without a sign of life after which a worker is lost (default 60)")
    run_parser.add_argument("--listen", metavar="HOST[:PORT]", help="let workers of other machines join: persimg batch work")
    run_parser.add_argument("--pin", action="store_true", help="keep each worker to cores of its own")
    run_parser.add_argument("--dry-run", action="store_true", help="plan and count, draw nothing")
    options.add_store(run_parser)
    retrieval.add_retrieval(run_parser)
    options.add_json(run_parser)
    run_parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> dict[str, Any]:
    from persimg.sampling.jobs import entries
    from persimg.sampling.jobs.run import BatchRun, Options

    if args.out.exists() and not args.out.is_dir():
        raise UserError(f"--out {args.out} is a file", "name a folder")
    rank, ranks = _launch_number("RANK", 0), _launch_number("WORLD_SIZE", 1)
    if rank > 0:
        return {} if args.dry_run else _launched_worker(args)
    given = {name: getattr(args, name) for name in PASSED_ON}
    if ranks > 1:
        given |= _launched(args, ranks)
    chosen = Options(**given, is_pinned=args.pin)
    job = entries.read(args.job)
    rewrite = _rewriter(job, args.store, retrieval.chosen(args))
    if args.dry_run:
        return _planned(args, job, rewrite)
    if args.engine == "ray":
        from persimg.sampling.jobs.ray_engine import RayRun

        return _follow(RayRun(job, args.out, args.base, rewrite, chosen), args)
    return _follow(BatchRun(job, args.out, args.base, rewrite, chosen), args)


def _planned(args: argparse.Namespace, job: JobFile, rewrite: Any) -> dict[str, Any]:
    from persimg.sampling.jobs.ledger import group_key, picture_path
    from persimg.sampling.jobs.manifest import plan

    manifest = plan(job, args.base, rewrite)
    there = sum(picture_path(args.out, id).exists() for id in manifest.tasks)
    groups = len({group_key(task) for task in manifest.tasks.values()})
    print(f"{len(manifest)} pictures in {groups} groups ({manifest.doubles} entries say the same again), {there} are there", file=sys.stderr)
    return {"total": len(manifest), "groups": groups, "doubles": manifest.doubles, "done": there}


def _follow(job: Any, args: argparse.Namespace) -> dict[str, Any]:
    from persimg.sampling.jobs.ledger import inner, summary

    with _stopping(job):
        _print_progress(job)
    found = summary(args.out)
    for id, error in found["errors"].items():
        print(f"failed: {id} ({error})", file=sys.stderr)
    where = f"{args.out} ({inner(args.out) / 'sheet.png'})"
    print(f"{found['done']} of {found['total']} pictures in {where}", file=sys.stderr)
    left = found["total"] - found["done"] - found["failed"]
    if left:
        print(f"{left} are left; the same command goes on", file=sys.stderr)
    return found | {"exit_code": INTERRUPTED if left else FAILED if found["failed"] else 0}


@contextlib.contextmanager
def _stopping(job: Any) -> Iterator[None]:
    """Ctrl-C and SIGTERM finish the pictures in flight; a second one ends at once, and loses no more than these."""
    handlers = {number: signal.signal(number, _stopper(job)) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def _stopper(job: Any) -> Callable[..., None]:
    def stop(number: int, frame: Any) -> None:
        if job.is_stopping:
            raise KeyboardInterrupt
        print("\nfinishing the pictures in flight; once more ends at once", file=sys.stderr)
        job.stop()

    return stop


def _print_progress(job: Any) -> None:
    on_terminal, due, width = sys.stderr.isatty(), 0.0, 0
    for progress in job:
        for line in progress.said:
            print(f"{' ' * width}\r{line}" if width else line, file=sys.stderr)
        if time.monotonic() >= due and progress.total:
            due = time.monotonic() + (EVERY if on_terminal else 10 * EVERY)
            line = _line(progress)
            print(line.ljust(width), end="\r" if on_terminal else "\n", file=sys.stderr, flush=True)
            width = len(line) if on_terminal else 0
    if width:
        print(file=sys.stderr)


def _line(p: Progress) -> str:
    left = p.seconds_left
    clock = f", {_clock(left)} left" if left is not None else ""
    failed = f", {p.failed} failed" if p.failed else ""
    line = f"{p.done}/{p.total}{failed}, {p.running} running on {p.workers} worker(s), {p.rate:.2f}/s{clock}"
    return line[: shutil.get_terminal_size().columns - 1]


def _clock(seconds: float) -> str:
    minutes, hours = int(seconds) // 60, int(seconds) // 3600
    return f"{hours} h {minutes % 60:02d} min" if hours else f"{minutes} min {int(seconds) % 60:02d} s" if minutes else f"{int(seconds)} s"


def show(args: argparse.Namespace) -> dict[str, Any]:
    from persimg.sampling.jobs.ledger import summary

    found = summary(args.out)
    state = "running" if found["is_running"] else "finished" if found["done"] + found["failed"] == found["total"] else "stopped"
    print(f"{state}: {found['done']} of {found['total']} done, {found['failed']} failed, {found['running']} running, {found['pending']} to do")
    if found["rate"]:
        left = f", {_clock(found['seconds_left'])} left" if found["is_running"] and found["seconds_left"] else ""
        print(f"{found['rate']:.2f} pictures a second{left}; batches of {found['batch']}, {found['threads']} thread(s) a worker")
    for worker in found["workers"]:
        print(f"  {worker['name']}: {worker['pictures']} pictures, {worker['seconds']:.0f} s")
    for id, error in found["errors"].items():
        print(f"failed: {id} ({error})")
    if found["leftover"]:
        print(f"{found['leftover']} pictures of earlier plans lie there too")
    return found | {"state": state}


def help_out(args: argparse.Namespace) -> dict[str, Any]:
    """Workers for a coordinator that runs elsewhere."""
    from persimg.bases.loading import check_device

    if not 1 <= args.workers <= 1024:
        raise UserError(f"--workers {args.workers} is out of range", "take 1 to 1024")
    check_device(args.device)
    return _help(args.out, [args.device] * args.workers, args.restarts, patience=0)


def _help(out: Path, devices: list[str | None], restarts: int, patience: float) -> dict[str, Any]:
    from persimg.sampling.jobs.crew import Help

    help = Help(out, devices, restarts, patience)
    with _stopping(help):
        for line in help:
            print(line, file=sys.stderr)
    if not help.is_met and not help.is_stopping:
        raise UserError(f"no job runs in {out}", f"start it with: persimg batch run JOB --out {out}, or follow it with: persimg batch status {out}", 3)
    code = INTERRUPTED if help.is_stopping else FAILED if help.has_failed else 0
    return {"workers": len(devices), "lost": help.crew.lost if help.crew else 0, "exit_code": code}


# --- under a launcher, such as accelerate's: one process a GPU -----------------------------------------------------------


def _launched(args: argparse.Namespace, ranks: int) -> dict[str, Any]:
    """The first process coordinates, beside a worker of its own; over several machines it listens on the launcher's address."""
    here = _launch_number("LOCAL_WORLD_SIZE", ranks)
    given: dict[str, Any] = {"devices": (_own_device(args),), "workers": None, "sharers": here}
    if here < ranks and not args.listen:
        given["listen"] = os.environ.get("MASTER_ADDR", "") + ":0"
    return given


def _launched_worker(args: argparse.Namespace) -> dict[str, Any]:
    # a launcher ends all its processes when one fails: what went wrong here is said, and the others go on
    found = _help(args.out, [_own_device(args)], args.restarts, patience=600)
    return found | {"exit_code": 0 if found["exit_code"] == FAILED else found["exit_code"]}


def _own_device(args: argparse.Namespace) -> str:
    on_cpu = os.environ.get("ACCELERATE_USE_CPU", "").lower() in ("1", "true", "yes")
    if on_cpu and args.device == "cuda":
        raise UserError("--device cuda was asked for, but the launcher was told to use the CPU", "leave one of the two out")
    if on_cpu or args.device == "cpu":
        return "cpu"
    return f"cuda:{_launch_number('LOCAL_RANK', None)}"


def _launch_number(name: str, default: int | None) -> int:
    """What a launcher says in the environment."""
    text = os.environ.get(name, "")
    if text.isdecimal() or (not text and default is not None):
        return int(text or default or 0)
    what = f"{name} is {text!r}" if text else f"RANK is set, but {name} isn't"
    raise UserError(f"{what} in the environment, which no launcher does", "start it with accelerate launch or torchrun, or unset RANK and WORLD_SIZE")


# --- profiles ------------------------------------------------------------------------------------------------------------


def _rewriter(job: JobFile, url: str | None, how: Retrieval | None = None) -> Any:
    """For jobs that name profiles: the prompt for that user, as it is now; None for others."""
    users = {user for block in job.blocks for user in block.get("profile", ()) if user}
    if not users:
        return None
    from persimg.preferences import rewriters, targets
    from persimg.preferences.compose import check_strength
    from persimg.preferences.rewriter import negatives
    from persimg.preferences.store import Store
    from persimg.sampling.task import guide_uses

    strength = float(job.options.get("taste", 1.0))
    check_strength(strength)
    name = job.options.get("rewriter", "both")
    if name == "llm":
        raise UserError("a job can't use the rewriter llm", f"take one of {', '.join(n for n in rewriters.names() if n != name)}")
    find = rewriters.find(name)
    with Store(url) as store:
        profiles = {user: retrieval.profile(store, user, how) for user in users}
    known: dict[str, Any] = {}

    def rewrite(prompt: str, negative: str, user: str, base: str, expansions: Mapping[str, str]) -> tuple[str, str, tuple[Any, ...]]:
        if base not in known:
            known[base] = targets.of_name(base)
        made = find(prompt, profiles[user], strength, targets.for_task(known[base], expansions, negative))
        return made.rewritten, negatives(negative, made.negative), guide_uses(made.guides)

    return rewrite
