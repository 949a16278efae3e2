"""Train a network of the face pack on drawn faces: python scripts/mini_faces.py --role detector --minutes 60

Roles: detector (faces with five key points), recognizer (who it is), second (another recognizer, for scores only, with a seed,
identities and an architecture of its own). The same command resumes; samples depend on seed and step alone, so that CPU and
GPU, and any number of workers, train on the same. At the end `--out` holds the network as ONNX; `mini_face_scores.py` measures
and installs it. Nothing but drawn faces is ever seen, and none of a named person or of a held-out face.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

sys.path.insert(0, str(Path(__file__).parents[1]))
from drawing import normalised, training_batches  # noqa: E402
from mini_face_data import Crops, Windows, identities  # noqa: E402
from mini_face_export import export  # noqa: E402
from mini_face_loss import Targets, detector_loss, targets  # noqa: E402
from mini_face_nets import Centres, build, margin_loss  # noqa: E402
from muon import Muon  # noqa: E402
from precision import autocast  # noqa: E402
from training_run import ENDLESS, Run, arguments, restart_with_allocator  # noqa: E402

from persimg.mini.world.face import PARAMETERS  # noqa: E402

IDENTITIES = 4096
SCALE, MARGIN = 32.0, 0.3
SEEDS = {"detector": 0, "recognizer": 1000, "second": 2000}
"""role → added to --seed: samples and first weights"""
CLIP = 5.0


class Average:
    """A slow copy of a network, its weights averaged over about the last 1 / (1 - decay) steps."""

    def __init__(self, net: nn.Module, decay: float = 0.998):
        self.decay = decay
        self.values = {name: value.detach().clone() for name, value in net.state_dict().items()}

    @torch.no_grad()
    def update(self, net: nn.Module, step: int) -> None:
        decay = min(self.decay, (step + 1) / (step + 10))
        for name, value in net.state_dict().items():
            if value.is_floating_point():
                self.values[name].lerp_(value, 1 - decay)
            else:
                self.values[name].copy_(value)

    def state_dict(self) -> dict[str, Tensor]:
        return self.values

    def load_state_dict(self, values: dict[str, Tensor]) -> None:
        self.values = values


class DetectorTask:
    """Batches and loss of the detector. seed: of its samples."""

    def __init__(self, args: Any, seed: int):
        self.device, self.nets = args.device, {"net": build("detector").to(args.device, memory_format=torch.channels_last)}
        self.dataset = Windows(seed, targets)

    def loss(self, batch: Any, progress: float) -> tuple[Tensor, dict[str, Tensor]]:
        pictures, *true = batch
        with autocast(self.device):
            outputs = self.nets["net"](normalised(pictures, 128.0))
        return detector_loss(outputs, Targets(*true))


class RecognizerTask:
    """Batches and loss of a recognizer; the margin grows over the first fifth of the training. seed: of its samples."""

    def __init__(self, args: Any, seed: int):
        self.device = args.device
        self.nets = {
            "net": build(args.role).to(args.device, memory_format=torch.channels_last), "centres": Centres(len(PARAMETERS)).to(args.device),
        }  # fmt: skip
        self.dataset = Crops(seed, args.role, args.identities)
        self.faces = torch.tensor([face.values for face in identities(args.role, args.identities)], device=args.device)

    def loss(self, batch: Any, progress: float) -> tuple[Tensor, dict[str, Tensor]]:
        pictures, labels = batch
        with autocast(self.device):
            embeddings = self.nets["net"](normalised(pictures))
        centres = self.nets["centres"](self.faces)
        loss = margin_loss(embeddings, centres, labels, SCALE, MARGIN * min(1.0, progress / 0.2))
        with torch.no_grad():
            right = (embeddings.float() @ centres.T).argmax(1) == labels
        return loss, {"right": right.float().mean()}


def train(args: Any) -> Path:
    """Train until the budget or the number of steps is used up; returns the ONNX file."""
    seed = args.seed + SEEDS[args.role]
    torch.manual_seed(seed)
    task = DetectorTask(args, seed) if args.role == "detector" else RecognizerTask(args, seed)
    params = [p for net in task.nets.values() for p in net.parameters()]
    optimizer, average = Muon(params, lr=args.rate, adam_lr=args.rate / 10), Average(task.nets["net"])
    run = Run(args, {**task.nets, "optimizer": optimizer, "average": average}, steps=args.steps)
    stream, sums = training_batches(task.dataset, run.step, args, run.torch_rng), {}
    while run.goes_on():
        loss, parts = task.loss(next(stream), run.progress)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(params, CLIP)
        optimizer.step(run.rate())
        average.update(task.nets["net"], run.step)
        # logged values are means of about the last 50 steps
        sums = {name: 0.96 * sums.get(name, value) + 0.04 * value for name, value in parts.items()}
        run.done_step(loss, **sums)
    net = build(args.role)
    net.load_state_dict({name: value.cpu() for name, value in average.values.items()})
    return export(net.eval(), args.role, args.out)


def main() -> None:
    parser = arguments(__doc__.splitlines()[0], 60, "face_ROLE", 256)
    parser.add_argument("--role", choices=SEEDS, required=True)
    parser.add_argument("--steps", type=int, default=ENDLESS, help="stop after so many steps in all, if the budget is not used up before")
    parser.add_argument("--rate", type=float, default=0.02, help="learning rate of matrices; a tenth for the rest")
    parser.add_argument("--identities", type=int, default=IDENTITIES, help="drawn people that a recognizer tells apart")
    args = parser.parse_args()
    args.out = Path(str(args.out).replace("ROLE", args.role))
    restart_with_allocator()
    print("exported", train(args), flush=True)


if __name__ == "__main__":
    main()
