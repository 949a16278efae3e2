"""Train the selector, the picture encoder that chooses checkpoints: python scripts/mini_selector.py --minutes 5

Separately seeded, another network and another task than the evaluator's, so that the choice of a checkpoint isn't made
with the ruler of the final score: two pictures of one subject are near, other subjects far; no text.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

import torch
from torch import Tensor

sys.path.insert(0, str(Path(__file__).parents[1]))
from drawing import Drawn, normalised, training_batches  # noqa: E402
from mini_clip import contrastive, two_views  # noqa: E402
from mini_reader import disturbed  # noqa: E402
from precision import autocast  # noqa: E402
from training_run import Run, arguments, restart_with_allocator  # noqa: E402

from persimg.mini.nets import Encoder, save_encoder  # noqa: E402

BATCH = 64
RATE = 2e-3
TEMPERATURE = 15.0
SEED_OFFSET = 90_210


def pairs(rng: random.Random) -> tuple[Tensor, Tensor]:
    """Pictures (B, 128, 128, 3), uint8, of subjects and of the same ones in other places."""
    return two_views(rng, BATCH)[1:]


def same_subject(encoder: Encoder, count: int, rng: random.Random) -> float:
    """Share of held-out pictures whose second view, of all second views, is nearest."""
    with torch.no_grad():
        a, b = (encoder(normalised(pictures)) for pictures in two_views(rng, count)[1:])
    return ((a @ b.T).argmax(1) == torch.arange(count)).float().mean().item()


def main() -> None:
    args = arguments(__doc__.splitlines()[0], 5, "selector", 384).parse_args()
    restart_with_allocator()
    torch.manual_seed(args.seed + SEED_OFFSET)
    encoder = Encoder().to(args.device, memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(encoder.parameters(), RATE, weight_decay=0.02)
    run = Run(args, {"encoder": encoder, "optimizer": optimizer})
    stream = training_batches(Drawn(pairs, args.seed + SEED_OFFSET, "selector"), run.step, args, run.torch_rng)
    encoder.train()
    while run.goes_on():
        x = disturbed(normalised(torch.cat(next(stream))), run.torch_rng)
        with autocast(args.device):
            views = encoder(x)
        loss = contrastive(*views.float().chunk(2), TEMPERATURE)
        for group in optimizer.param_groups:
            group["lr"] = RATE * run.rate(50)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.done_step(loss)
    encoder = encoder.eval().cpu().float()
    print(f"second view nearest among 128, held-out scenes: {same_subject(encoder, 128, random.Random(4444)):.4f}", flush=True)
    save_encoder(encoder, args.out / "selector")


if __name__ == "__main__":
    main()
