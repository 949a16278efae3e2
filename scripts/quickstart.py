"""The main job on the embedded base: learn a held-out character, draw it where nobody drew it, score it, leave a report.

python scripts/quickstart.py --out out/quickstart
"""

from __future__ import annotations

import argparse
import shutil
import time
from pathlib import Path

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

    started, record, scoring = time.monotonic(), {}, 0.0
    for event in persimg.compare({**PLAN, "base": args.base}, args.out, device="cpu"):
        if event.kind == "step" and event.values["step"] % 50 == 0:
            print(f"  {event.arm} step {event.values['step']} of {event.values['steps']}: loss {event.values['loss']:.3f}", flush=True)
        elif event.kind == "learned":
            print(f"{event.arm} learned, checkpoint chosen: {event.seconds:.0f} s", flush=True)
        elif event.kind == "scored":
            print(f"{event.arm} drawn and scored: {event.seconds:.0f} s", flush=True)
            scoring += event.seconds
        elif event.kind == "finished":
            record = event.values
    print(f"all: {time.monotonic() - started:.0f} s, of which {scoring:.0f} s drawing and scoring\n")
    for row in record["rows"]:
        shown = {name: row["scores"][name] for name in ("clip_i", "gallery_map", "slot_accuracy")}
        said = [f"{record['metrics'][n]['title']} {s['mean']:.2f} [{s['lo']:.2f}, {s['hi']:.2f}]" for n, s in shown.items() if "mean" in s]
        print(f"  {row['title']:24} {'  '.join(said)}")
    print(f"\nintervals are over {len(record['prompts'])} prompts and speak of this subject only\nlook at {args.out}/report.html")


if __name__ == "__main__":
    main()
