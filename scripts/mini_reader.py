"""Train the reader, a classifier of what a drawn picture shows: python scripts/mini_reader.py --minutes 6

Learns from true renders alone, under noise and blur; never sees a generated picture.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

sys.path.insert(0, str(Path(__file__).parents[1]))
from mini_vae import pixels  # noqa: E402
from training_run import Run, arguments, restart_with_allocator  # noqa: E402

from persimg.mini.nets import Reader, save_reader  # noqa: E402
from persimg.mini.world.render import draw  # noqa: E402
from persimg.mini.world.scene import Scene, sample_scene  # noqa: E402
from persimg.mini.world.words import ACCESSORIES, COLOURS, KINDS, PLACES, STYLES  # noqa: E402

BATCH = 64
SLOTS = {"kind": list(KINDS), "colour": list(COLOURS), "accessory": list(ACCESSORIES)}


def label_names() -> dict[str, list[str]]:
    both = {f"{slot}_{i}": ["none", *names] for i in (0, 1) for slot, names in SLOTS.items()}
    return {**both, "place": list(PLACES), "style": list(STYLES)}


def truth(scene: Scene) -> dict[str, str]:
    """What the reader should say of a scene; subject 1 is "none" where there is one subject."""
    found = {"place": scene.place, "style": scene.style}
    for i in (0, 1):
        subject = scene.subjects[i] if i < len(scene.subjects) else None
        for slot in SLOTS:
            found[f"{slot}_{i}"] = (getattr(subject, slot) if subject else None) or "none"
    return found


def disturbed(x: Tensor, rng: torch.Generator) -> Tensor:
    """Noise of up to 0.15, and every third batch blurred by half."""
    x = x + torch.randn(x.shape, generator=rng) * torch.rand(len(x), 1, 1, 1, generator=rng) * 0.15
    if torch.rand((), generator=rng) < 0.33:
        x = F.interpolate(F.avg_pool2d(x, 2), scale_factor=2, mode="bilinear")
    return x


@torch.no_grad()
def accuracy(reader: Reader, scenes: list[Scene], x: Tensor) -> dict[str, float]:
    """Share of right answers by attribute: kind, colour, accessory over the subjects there are; place, style."""
    said, hits = reader.read(x), {name: [] for name in (*SLOTS, "place", "style")}
    for scene, answer in zip(scenes, said):
        true = truth(scene)
        for slot in true:
            if slot.endswith("_1") and len(scene.subjects) < 2:
                continue
            hits[slot.split("_")[0]].append(answer[slot] == true[slot])
    return {name: sum(values) / len(values) for name, values in hits.items()}


def main() -> None:
    args = arguments(__doc__.splitlines()[0], 6, "reader").parse_args()
    restart_with_allocator()
    torch.manual_seed(args.seed + 77)
    reader = Reader(label_names()).to(args.device, memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(reader.parameters(), 3e-3, weight_decay=0.02)
    run = Run(args, {"reader": reader, "optimizer": optimizer})
    rng = random.Random(run.rng.random())
    reader.train()
    while run.goes_on():
        scenes = [sample_scene(rng) for _ in range(BATCH)]
        x = disturbed(pixels([draw(s).picture for s in scenes]), run.torch_rng)
        with torch.autocast(args.device, dtype=torch.bfloat16):
            logits = reader(x.to(args.device, memory_format=torch.channels_last))
        true = [truth(s) for s in scenes]
        targets = {slot: torch.tensor([names.index(t[slot]) for t in true], device=args.device) for slot, names in reader.labels.items()}
        loss = sum(F.cross_entropy(logits[slot].float(), targets[slot]) for slot in targets)
        for group in optimizer.param_groups:
            group["lr"] = 3e-3 * run.rate(50)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.done_step(loss.item())
    reader.eval()
    held_out = random.Random(4242)
    scenes = [sample_scene(held_out) for _ in range(512)]
    x = torch.cat([pixels([draw(s).picture for s in scenes[i : i + 64]]) for i in range(0, 512, 64)])
    print("held-out renders:", {k: round(v, 4) for k, v in accuracy(reader.float(), scenes, x.to(args.device)).items()}, flush=True)
    save_reader(reader.cpu(), args.out / "reader")


if __name__ == "__main__":
    main()
