"""Train the self-supervised encoder, for DINO-like scores: python scripts/mini_ssl.py --minutes 12

VICReg (Bardes et al. 2022, arXiv:2105.04906) on true renders with a seed of its own: two views of one picture, by crop, flip,
mild light and saturation, blur and noise, get near embeddings whose every dimension varies over the batch and that don't
repeat each other. No labels, no captions, no second picture of a subject. The log watches for collapse: `spread` falls to 0
when all pictures get the same embedding, `rank` to 1 when all embeddings lie on a line.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

sys.path.insert(0, str(Path(__file__).parents[1]))
from drawing import Drawn, normalised, stacked, training_batches  # noqa: E402
from mini_vae import pixels, sample  # noqa: E402
from muon import Muon  # noqa: E402
from precision import autocast  # noqa: E402
from training_run import Run, arguments, restart_with_allocator  # noqa: E402

from persimg.mini.nets import SelfSupervised, save_ssl  # noqa: E402
from persimg.mini.world.render import draw  # noqa: E402

BATCH = 96
VIEW = 96
"""px a side of the views"""
RATES = {"lr": 0.01, "adam_lr": 1.5e-3}
SEED_OFFSET = 550_055
INVARIANCE, VARIANCE, COVARIANCE = 25.0, 25.0, 1.0
CROP = (0.55, 1.0)
"""side of a view as a share of the picture's"""


def crops(x: Tensor, side: int, rng: torch.Generator) -> Tensor:
    """(B, 3, S, S) → (B, 3, side, side): random squares, every second one mirrored."""
    count, device = len(x), rng.device
    share = CROP[0] + (CROP[1] - CROP[0]) * torch.rand(count, generator=rng, device=device)
    mirror = torch.where(torch.rand(count, generator=rng, device=device) < 0.5, -1.0, 1.0)
    centre = (1 - share[:, None]) * (2 * torch.rand(count, 2, generator=rng, device=device) - 1)
    matrix = torch.zeros(count, 2, 3, device=device)
    matrix[:, 0, 0], matrix[:, 1, 1], matrix[:, :, 2] = share * mirror, share, centre
    return F.grid_sample(x, F.affine_grid(matrix, [count, 3, side, side], align_corners=False), padding_mode="reflection", align_corners=False)


def lit(x: Tensor, rng: torch.Generator) -> Tensor:
    """Light, contrast and saturation by up to a fifth, a picture each; hues stay, since colours tell subjects apart."""
    light, contrast, saturation = (1 + 0.4 * (torch.rand(3, len(x), 1, 1, 1, generator=rng, device=rng.device) - 0.5)).unbind()
    gray = x.mean(1, keepdim=True)
    x = gray + saturation * (x - gray)
    middle = x.mean((1, 2, 3), keepdim=True)
    return (middle + contrast * (x - middle) + light - 1).clamp(-1, 1)


def view(x: Tensor, rng: torch.Generator, side: int = VIEW) -> Tensor:
    """One random view of each picture: (B, 3, S, S) in [-1, 1] → (B, 3, side, side)."""
    x = lit(crops(x, side, rng), rng)
    blurred = F.interpolate(F.avg_pool2d(x, 2), scale_factor=2, mode="bilinear")
    x = torch.where(torch.rand(len(x), 1, 1, 1, generator=rng, device=rng.device) < 0.3, blurred, x)
    return x + torch.randn(x.shape, generator=rng, device=rng.device) * torch.rand(len(x), 1, 1, 1, generator=rng, device=rng.device) * 0.08


def expander(size: int) -> nn.Sequential:
    """What the loss is taken of; left behind after training. (B, size) → (B, 2 size)."""
    return nn.Sequential(nn.Linear(size, 2 * size, bias=False), nn.BatchNorm1d(2 * size), nn.ReLU(), nn.Linear(2 * size, 2 * size))


def vicreg(a: Tensor, b: Tensor) -> Tensor:
    """Equations 1 to 6 of the paper; a, b: (B, D) of two views."""
    loss = INVARIANCE * F.mse_loss(a, b)
    for z in (a, b):
        z = z - z.mean(0)
        deviation = (z.var(0) + 1e-4).sqrt()
        covariance = (z.T @ z) / (len(z) - 1)
        off_diagonal = covariance.square().sum() - covariance.diagonal().square().sum()
        loss = loss + VARIANCE * F.relu(1 - deviation).mean() / 2 + COVARIANCE * off_diagonal / z.shape[1]
    return loss


def spread(embeddings: Tensor) -> Tensor:
    """Deviation of unit embeddings (N, D) over pictures, times the root of D: 0 for collapse, about 1 at best."""
    return F.normalize(embeddings.float(), dim=1).std(0).mean() * embeddings.shape[1] ** 0.5


def rank(embeddings: Tensor) -> Tensor:
    """How many directions embeddings (N, D) really use: (trace C)^2 / |C|^2 of their covariance C, 1 … min(N - 1, D)."""
    z = embeddings.float() - embeddings.float().mean(0)
    gram = z @ z.T
    return gram.trace().square() / gram.square().sum()


def step_of(encoder: SelfSupervised, head: nn.Module, x: Tensor, rng: torch.Generator, side: int = VIEW) -> tuple[Tensor, dict[str, Tensor]]:
    """Loss of one batch of pictures (B, 3, S, S), spread of what it is taken of and rank of the embeddings."""
    views = torch.cat([view(x, rng, side), view(x, rng, side)]).contiguous(memory_format=torch.channels_last)
    with autocast(rng.device):
        embeddings = encoder.whitened(views)
        expanded = head(embeddings)
    a, b = expanded.float().chunk(2)
    watched = {"spread": spread(a.detach()), "rank": rank(embeddings.detach().chunk(2)[0])}
    return vicreg(a, b), watched


def pictures(rng: random.Random) -> tuple[Tensor]:
    return (stacked([draw(sample(rng), masks=False).picture for _ in range(BATCH)]),)


def main() -> None:
    args = arguments(__doc__.splitlines()[0], 12, "ssl", 384).parse_args()
    restart_with_allocator()
    torch.manual_seed(args.seed + SEED_OFFSET)
    encoder = SelfSupervised().to(args.device, memory_format=torch.channels_last)
    head = expander(encoder.size).to(args.device)
    # after 75 small steps the rank was 8.0 with Muon, 5.2 with AdamW
    optimizer = Muon([*encoder.parameters(), *head.parameters()], **RATES)
    run = Run(args, {"encoder": encoder, "head": head, "optimizer": optimizer})
    stream = training_batches(Drawn(pictures, args.seed + SEED_OFFSET, "self-supervised"), run.step, args, run.torch_rng)
    while run.goes_on():
        loss, watched = step_of(encoder, head, normalised(next(stream)[0]), run.torch_rng)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step(run.rate(50))
        run.done_step(loss, **watched)
    encoder = encoder.eval().cpu().float()
    held_out = random.Random(4545)
    with torch.no_grad():
        found = encoder(pixels([draw(sample(held_out), masks=False).picture for _ in range(256)]))
    print(f"256 held-out renders: spread {spread(found):.3f}, rank {rank(found):.1f} of {encoder.size}", flush=True)
    save_ssl(encoder, args.out / "ssl")


if __name__ == "__main__":
    main()
