"""Train every embedded model: python scripts/mini_all.py --out build/mini

On CPU one after another, about seven hours on two cores; on a GPU, with processors beside it that draw the pictures, in lanes
side by side that end after --minutes. The same command resumes; for more minutes or another seed take another --out: a base doesn't
go on with another autoencoder, nor any run with other options. `mini_install.py` and `mini_face_scores.py` put the results into the
package, `persimg bench mini --write-card` measures them.
"""

from __future__ import annotations

import argparse
import shlex
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import NamedTuple

import torch

HERE = Path(__file__).parent
SETUP_MINUTES = 0.4
"""what a model on a GPU spends beside its training: start, first drawings, export"""


class Model(NamedTuple):
    """folder: in --out; minutes: on two CPU cores; share: of its lane's minutes on a GPU, 0 for what has no budget of its own;
    None: the rest; needs: names of what must be done before; gpu: further options on a GPU."""

    name: str
    folder: str
    command: str
    minutes: float
    share: float | None
    needs: tuple[str, ...] = ()
    gpu: str = ""


BASE = "mini_base.py --keep --vae {out}/vae/vae"
CPU_LANE = (
    Model("vae", "vae", "mini_vae.py", 75, None),
    Model("base", "base", BASE, 120, None, ("vae",)),
    Model("reader", "reader", "mini_reader.py", 45, None),
    Model("clip", "clip", "mini_clip.py", 15, None),
    Model("ssl", "ssl", "mini_ssl.py", 12, None),
    Model("selector", "selector", "mini_selector.py", 5, None),
    Model("detector", "face_detector", "mini_faces.py --role detector", 60, None),
    Model("recognizer", "face_recognizer", "mini_faces.py --role recognizer", 45, None),
    Model("second", "face_second", "mini_faces.py --role second", 30, None),
)
RENDERS = "--renders 144000"
GPU_LANES = (
    (Model("text", "base", f"{BASE} --text-only", 0, 0, (), RENDERS),),
    (Model("renders", "base", f"{BASE} --renders-only", 0, 0, (), f"{RENDERS} --workers 10"),),
    (
        Model("vae", "vae", "mini_vae.py", 0, 0.25, (), "--workers 1"),
        Model("base", "base", BASE, 0, None, ("vae", "text", "renders"), RENDERS),
    ),
    (
        Model("reader", "reader", "mini_reader.py", 0, 0.46, (), "--workers 4"),
        Model("clip", "clip", "mini_clip.py", 0, 0.27, (), "--workers 4"),
        Model("ssl", "ssl", "mini_ssl.py", 0, 0.16, (), "--workers 4"),
        Model("selector", "selector", "mini_selector.py", 0, 0.11, (), "--workers 4"),
    ),
    (
        Model("detector", "face_detector", "mini_faces.py --role detector", 0, 0.39, (), "--workers 3"),
        Model("recognizer", "face_recognizer", "mini_faces.py --role recognizer", 0, 0.37, (), "--workers 4"),
        Model("second", "face_second", "mini_faces.py --role second", 0, 0.24, (), "--workers 4"),
    ),
)  # fmt: skip


class Training:
    """All lanes; what failed is in `failed`, and whatever needs it isn't begun."""

    def __init__(self, args: argparse.Namespace):
        self.args, self.started, self.failed = args, time.monotonic(), []
        self.ended = {model.name: threading.Event() for lane in GPU_LANES for model in lane}

    def minutes(self, model: Model, lane: tuple[Model, ...]) -> float:
        """The model's budget."""
        args, used = self.args, (time.monotonic() - self.started) / 60
        if args.device == "cpu":
            return model.minutes * (args.minutes / sum(m.minutes for m in CPU_LANE) if args.minutes else 1.0)
        if model.share is None:
            return max(0.05, args.minutes - used - SETUP_MINUTES)
        return max(0.05, model.share * (args.minutes - SETUP_MINUTES * len(lane)))

    def lane(self, lane: tuple[Model, ...]) -> None:
        """Train the models of a lane in turn; one that fails takes along what needs it, nothing else."""
        for model in lane:
            for name in model.needs:
                self.ended[name].wait()
            if set(model.needs) & set(self.failed) or not self.train(model, self.minutes(model, lane)):
                self.failed.append(model.name)
            self.ended[model.name].set()

    def train(self, model: Model, minutes: float) -> bool:
        args, folder = self.args, self.args.out / model.folder
        folder.mkdir(parents=True, exist_ok=True)
        options = f"{model.command} {model.gpu if args.device == 'cuda' else ''} {args.options}".format(out=shlex.quote(str(args.out)))
        script, *rest = shlex.split(options)
        budget = ["--out", str(folder), "--device", args.device, "--minutes", f"{minutes:.2f}"]
        with open(folder / f"{model.name}.log", "a") as log:
            status = subprocess.run([sys.executable, str(HERE / script), *rest, *budget], stdout=log, stderr=subprocess.STDOUT).returncode
        elapsed = (time.monotonic() - self.started) / 60
        print(f"{elapsed:.1f} min {model.name}: {'done' if status == 0 else f'failed, see {log.name}'}", flush=True)
        return status == 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("build/mini"), help="folder of all runs (default build/mini)")
    parser.add_argument("--minutes", type=float, help="of all models together on CPU (default about 400), of every lane on a GPU (default 12)")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu", choices=("cpu", "cuda"))
    parser.add_argument("--options", default="", help="for every script, e.g. '--seed 1'")
    args = parser.parse_args()
    if args.device == "cuda" and not args.minutes:
        args.minutes = 12.0
    training = Training(args)
    lanes = (CPU_LANE,) if args.device == "cpu" else GPU_LANES
    threads = [threading.Thread(target=training.lane, args=(lane,)) for lane in lanes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.exit(1 if training.failed else 0)


if __name__ == "__main__":
    main()
