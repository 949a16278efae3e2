"""Pictures per second and peak memory of a job of many tasks against the plain diffusers loop, and where each saving comes from.

Tasks of several concepts, mixed; the loop calls the pipeline once a prompt, its best call is one of a concept's whole group, in batches
of the size that a sweep found fastest, with adapters fused. Same model, precision, threads, scheduler, steps and seeds; loading is left
out, pictures are saved by all. Arms take turns, each turn in a process of its own; printed are medians, and ratios paired turn by turn.
"""

from __future__ import annotations

import argparse
import statistics
from collections import Counter
from typing import Any, Mapping

from persimg.bases.loading import check_base_name, check_device
from persimg.bench.sample_arms import ALL, ARMS, Pictures
from persimg.bench.sample_job import Options
from persimg.errors import UserError

DEFAULT_ARMS = tuple(name for name in ARMS if name != "compiled")
LOSSY = ("cache2", "cache3", "guided")
AIM = 1.3
Turns = list[tuple[float, float]]
"""(seconds, peak MB) a turn"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--base", default="mini", help="mini (default), a folder or a hub id")
    parser.add_argument("--tasks", type=int, default=200, help="pictures of a turn (default 200)")
    parser.add_argument("--concepts", type=int, default=4, help="random LoRA concepts, in turn (default 4)")
    parser.add_argument("--steps", type=int, default=25, help="denoising steps (default 25)")
    parser.add_argument("--batch", type=int, help="of persimg and of the best call (default: each the fastest of its own sweep)")
    parser.add_argument("--threads", type=int, default=2, help="threads of each arm (default 2)")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each arm (default 3)")
    parser.add_argument("--arms", default=",".join(DEFAULT_ARMS), help=f"of {', '.join(ARMS)}, separated by commas (default: all but compiled)")
    parser.add_argument("--device", default="cpu", help="cpu (default), cuda or cuda:N")
    parser.add_argument("--dtype", choices=("fp32", "fp16", "bf16"), help="precision of all arms (default: fp32 on CPU, fp16 on CUDA)")


def run(args: argparse.Namespace) -> dict[str, Any]:
    names = _checked(args)
    options = Options(args.base, args.tasks, args.concepts, args.steps, args.threads, args.device, args.dtype)
    batches = _batches(options, args.batch, names)
    print(f"batch of the best call {batches['best']}, of persimg {batches['persimg']}", flush=True)
    turns, pictures = _turns(names, options, batches, args.rounds)
    record: dict[str, Any] = {"options": vars(options), "rounds": args.rounds, "batches": batches, "arms": _rows(turns, options.tasks)}
    for row in record["arms"].values():
        print(_line(row), flush=True)
    record["pictures"] = _compared(pictures, options)
    ratio = record["arms"].get("persimg", {}).get("over_best")
    if ratio is not None and ratio < AIM:
        record["profile"] = _profiled(ratio, options, batches["persimg"])
    return record


def _checked(args: argparse.Namespace) -> list[str]:
    """The arms, in the order of the table."""
    check_base_name(args.base)
    check_device(args.device)
    for name in ("tasks", "concepts", "steps", "batch", "threads", "rounds"):
        if (value := getattr(args, name)) is not None and value < 1:
            raise UserError(f"--{name} {value} is out of range", "take 1 or more")
    asked = [name.strip() for name in args.arms.split(",") if name.strip()]
    if unknown := [name for name in asked if name not in ARMS]:
        raise UserError(f"--arms names {unknown[0]}, which is none", f"choose from {', '.join(ARMS)}")
    if args.tasks < args.concepts:
        raise UserError(f"--tasks {args.tasks} leaves a concept without any", f"take {args.concepts} or more")
    enough = args.threads > 1 and args.concepts > 1 and args.device == "cpu"
    return [name for name in ARMS if name in asked and (ARMS[name].workers == 1 or enough)]


def _batches(options: Options, batch: int | None, names: list[str]) -> dict[str, int]:
    """Of the pipeline's best call and of persimg, each the fastest of its own sweep."""
    if batch:
        return {"best": batch, "persimg": batch}
    from persimg.bench.sample_turns import best_of, sweep

    counts = list(Counter(i % options.concepts for i in range(options.tasks)).values())
    found = {}
    for name, arm in {"persimg": ALL, **{name: ARMS[name] for name in names if name == "best"}}.items():
        seconds = sweep(arm, options)
        print(f"{arm.title}: " + ", ".join(f"batch {size} {1 / s:.2f}/s" for size, s in seconds.items()), flush=True)
        found[name] = best_of(seconds, counts, is_padded=name == "persimg")
    return {"best": 1, **found}


def _turns(names: list[str], options: Options, batches: Mapping[str, int], rounds: int) -> tuple[dict[str, Turns], dict[str, Pictures]]:
    """Arm → its turns; arm → pictures of its last one."""
    from persimg.bench.sample_turns import turn

    turns: dict[str, Turns] = {name: [] for name in names}
    pictures: dict[str, Pictures] = {}
    for number in range(rounds):
        for name in names:
            seconds, peak, pictures[name] = turn(ARMS[name], options, batches["best" if name == "best" else "persimg"])
            turns[name].append((seconds, peak))
            print(f"  turn {number + 1}: {ARMS[name].title}, {seconds:.1f} s", flush=True)
    return turns, pictures


def _rows(turns: Mapping[str, Turns], tasks: int) -> dict[str, dict[str, Any]]:
    """Medians, and ratios of pictures per second to the loop and to the best call, paired, so that a slow minute hits both."""
    rows: dict[str, dict[str, Any]] = {}
    for name, found in turns.items():
        seconds = [s for s, _ in found]
        rows[name] = {
            "title": ARMS[name].title, "pictures_per_second": tasks / statistics.median(seconds), "seconds": seconds,
            "peak_mb": max(peak for _, peak in found),
        }  # fmt: skip
        for other in ("loop", "best"):
            if other in turns:
                rows[name][f"over_{other}"] = statistics.median(b / a for a, (b, _) in zip(seconds, turns[other]))
                rows[name][f"memory_over_{other}"] = rows[name]["peak_mb"] / max(peak for _, peak in turns[other])
    return rows


def _line(row: Mapping[str, Any]) -> str:
    ratios = [f"{row[key]:.2f}x of the {other}" for key, other in (("over_loop", "loop"), ("over_best", "best call")) if key in row]
    return ", ".join([f"{row['title']:32} {row['pictures_per_second']:.2f} pictures/s", *ratios, f"peak {row['peak_mb']:.0f} MB"])


def _compared(pictures: Mapping[str, Pictures], options: Options) -> dict[str, dict[str, Any]]:
    """Each arm's pictures against persimg's, and what the lossy ones cost in CLIP-T where an evaluator knows the words."""
    from persimg.bases.loading import is_word_level
    from persimg.bench.sample_quality import differences

    found: dict[str, dict[str, Any]] = {}
    print("against persimg's pictures, grey levels:")
    for name in (n for n in pictures if n != "persimg" and "persimg" in pictures):
        found[name] = row = differences(pictures[name], pictures["persimg"])
        psnr = "equal" if row["psnr_db"] is None else f"PSNR {row['psnr_db']:.1f} dB"
        print(f"  {ARMS[name].title:32} mean {row['mean_difference']:.3f}, largest {row['max_difference']:.0f}, {psnr}")
    lossy = [name for name in LOSSY if name in found]
    if lossy and is_word_level(options.base):
        _compared_in_clip_t(lossy, pictures, options, found)
    return found


def _compared_in_clip_t(names: list[str], pictures: Mapping[str, Pictures], options: Options, found: dict[str, dict[str, Any]]) -> None:
    from persimg.bench.sample_quality import clip_t
    from persimg.evaluation.backbones import load_backbone
    from persimg.evaluation.interval import bounds

    texts, backbone = _texts(options), load_backbone()
    print("CLIP-T against persimg's pictures:")
    for name in names:
        found[name]["clip_t"] = cost = clip_t(pictures[name], pictures["persimg"], texts, backbone)
        change = cost["difference"]
        print(f"  {ARMS[name].title:32} {change['mean']:+.4f} {bounds(change, '+.4f')} n={cost['n']}, {cost['of_others']:.3f} without")


def _texts(options: Options) -> dict[int, str]:
    from persimg.bases.loading import load_base
    from persimg.bench.sample_job import make_job, said

    job = make_job(load_base(options.base, dtype=options.dtype, device="cpu"), options)
    return {number: said(job, task) for number, task in enumerate(job.tasks)}


def _profiled(ratio: float, options: Options, batch: int) -> dict[str, Any]:
    from persimg.bench.sample_profile import profile

    found = profile(options, batch)
    print(f"{ratio:.2f}x of the best call, below {AIM}x. Where persimg's time goes:")
    for title, shares in found.items():
        print(f"  {title}: " + ", ".join(f"{part} {share:.1%}" for part, share in sorted(shares.items(), key=lambda item: -item[1])))
    return found
