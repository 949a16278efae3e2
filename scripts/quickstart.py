"""The main job on the embedded base: learn a held-out character, draw it where nobody drew it, score it, leave a report.

python scripts/quickstart.py --out out/quickstart
"""

from __future__ import annotations

import argparse
import shutil
import time
from pathlib import Path
from typing import Any, Mapping

PLAN = {
    "title": "A character that the base had never seen",
    "subjects": [{"character": 0}],
    "arms": {
        "true render": {"says": "truth"}, "base, class word": {"says": "class"}, "base, full description": {"says": "description"},
        "textual inversion": {"method": "textual_inversion"}, "DreamBooth-LoRA": {"method": "dreambooth_lora"},
        "held-out references": {"says": "references"}, "training picture pasted": {"says": "training"}, "noise": {"says": "noise"},
    },
    "pictures_per_prompt": 2,
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("out/quickstart"), help="folder, emptied first")
    parser.add_argument("--base", default="mini")
    args = parser.parse_args()
    shutil.rmtree(args.out, ignore_errors=True)

    import persimg
    from persimg import files
    from persimg.evaluation.interval import bounds

    started, record = time.monotonic(), {}
    for event in persimg.compare({**PLAN, "base": args.base}, args.out, device="cpu"):
        if event.kind == "step" and event.values["step"] % 50 == 0:
            print(f"  {event.arm} step {event.values['step']} of {event.values['steps']}: loss {event.values['loss']:.3f}", flush=True)
        elif event.kind == "learned":
            print(f"{event.arm}: {_said(event.values)}", flush=True)
        elif event.kind == "scored":
            print(f"{event.arm}: {_said({k: v for k, v in event.values['stages'].items() if k in ('drawing', 'scoring')})}", flush=True)
        elif event.kind == "finished":
            record = dict(event.values)
    record["seconds"] = stages(record["rows"], time.monotonic() - started)
    files.write_json(args.out / "scores.json", record)
    print(f"all: {_said(record['seconds'])}\n")
    for row in record["rows"]:
        shown = {name: row["scores"][name] for name in ("clip_i", "gallery_map", "slot_accuracy")}
        said = [f"{record['metrics'][n]['title']} {s['mean']:.2f} {bounds(s, '.2f')}" for n, s in shown.items() if "mean" in s]
        print(f"  {row['title']:24} {'  '.join(said)}")
    print(f"\nintervals are over {len(record['prompts'])} prompts and speak of this subject only\nlook at {args.out}/report.html")


def stages(rows: list[dict[str, Any]], total: float) -> dict[str, float]:
    """Seconds of each stage over all arms, of the rest (loading models, pictures, the report), and in all."""
    found: dict[str, float] = {}
    for row in rows:
        for stage, seconds in row["seconds"].items():
            found[stage] = round(found.get(stage, 0.0) + seconds, 1)
    return found | {"rest": round(total - sum(found.values()), 1), "total": round(total, 1)}


def _said(seconds: Mapping[str, float]) -> str:
    return ", ".join(f"{stage} {value:.0f} s" for stage, value in seconds.items())


if __name__ == "__main__":
    main()
