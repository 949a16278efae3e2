"""Train every embedded model: python scripts/mini_all.py --out build/mini

On CPU one after another, about seven hours on two cores; on a GPU in three lanes at once, each of which takes --minutes. The
same command resumes. `mini_install.py` and `mini_face_scores.py` put the results into the package, `persimg bench mini
--write-card` measures them.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import threading
from pathlib import Path
from typing import NamedTuple

import torch

HERE = Path(__file__).parent


class Model(NamedTuple):
    """folder: in --out; minutes: on two CPU cores; gpu: further options on a GPU."""

    folder: str
    minutes: float
    command: str
    gpu: str = ""


LANES = (
    (Model("vae", 75, "mini_vae.py"), Model("base", 120, "mini_base.py --keep --vae {out}/vae/vae", "--batch 256 --renders 256000")),
    (Model("reader", 45, "mini_reader.py"), Model("clip", 15, "mini_clip.py"), Model("ssl", 12, "mini_ssl.py"), Model("selector", 5, "mini_selector.py")),
    (
        Model("face_detector", 60, "mini_faces.py --role detector"),
        Model("face_recognizer", 45, "mini_faces.py --role recognizer"),
        Model("face_second", 30, "mini_faces.py --role second"),
    ),
)  # fmt: skip


def train(lane: tuple[Model, ...], args: argparse.Namespace, scale: float) -> None:
    """Train the models of a lane in turn; one that fails ends its lane alone, since --vae of the base is what the one before wrote."""
    for model in lane:
        options = f"{model.command} {model.gpu if args.device == 'cuda' else ''} {args.options}".format(out=args.out)
        script, *rest = options.split()
        folder = args.out / model.folder
        folder.mkdir(parents=True, exist_ok=True)
        command = [
            sys.executable,
            str(HERE / script),
            *rest,
            "--out",
            str(folder),
            "--device",
            args.device,
            "--minutes",
            f"{model.minutes * scale:.2f}",
        ]
        with open(folder / "output.log", "a") as log:
            status = subprocess.run(command, stdout=log, stderr=subprocess.STDOUT).returncode
        print(f"{model.folder}: {'trained' if status == 0 else f'failed, see {folder}/output.log'}", flush=True)
        if status:
            args.failed.append(model.folder)
            return


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("build/mini"), help="folder of all runs (default build/mini)")
    parser.add_argument("--minutes", type=float, help="of all models, on a GPU of each lane; default: each model's own budget")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu", choices=("cpu", "cuda"))
    parser.add_argument("--options", default="", help="for every script, e.g. '--workers 4'")
    args = parser.parse_args()
    args.failed = []
    lengths = [sum(model.minutes for model in lane) for lane in LANES]
    if args.device == "cpu":
        scale = args.minutes / sum(lengths) if args.minutes else 1.0
        for lane in LANES:
            train(lane, args, scale)
    else:
        lanes = [
            threading.Thread(target=train, args=(lane, args, args.minutes / length if args.minutes else 1.0))
            for lane, length in zip(LANES, lengths, strict=True)
        ]
        for thread in lanes:
            thread.start()
        for thread in lanes:
            thread.join()
    sys.exit(1 if args.failed else 0)


if __name__ == "__main__":
    main()
