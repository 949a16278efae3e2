"""Train the autoencoder of the mini base on the drawn world: python scripts/mini_vae.py --minutes 40

128x128 px to 16x16 latents of 12 channels, 3.3 M parameters, trained on 64x64 crops of things and people, in the end on whole
pictures, since group norms see the whole. L1 + L2 + L1 of horizontal and vertical differences (crisp lines) + a small KL
term. `--out` gets `vae/` in the diffusers layout, its latents
N(0, 1) per channel: mean and deviation are folded into quant_conv and post_quant_conv.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

import torch
from torch import Tensor

sys.path.insert(0, str(Path(__file__).parents[1]))
from diffusers import AutoencoderKL  # noqa: E402
from drawing import Drawn, normalised, stacked, training_batches  # noqa: E402
from muon import Muon  # noqa: E402
from precision import autocast  # noqa: E402
from training_run import Run, arguments, is_kept, keep_facts, restart_with_allocator  # noqa: E402

from persimg.mini.world.render import draw  # noqa: E402
from persimg.mini.world.scene import Scene, sample_scene  # noqa: E402

RENDERS = 8
"""drawn at once, for twice as many crops"""
LATENTS = 12
PEOPLE = 0.5
CROP = 64
WHOLE_FROM = 0.7
"""share of the training after which whole pictures are learned from, a quarter as many"""
KL_WEIGHT = 3e-4
VALIDATION_SEED = 99
STATISTICS = 1024
"""renders whose latents are made standard"""


def build() -> AutoencoderKL:
    channels = (32, 64, 96, 128)
    return AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4,
        block_out_channels=channels, layers_per_block=1, latent_channels=LATENTS, norm_num_groups=8, sample_size=128,
        mid_block_add_attention=False, scaling_factor=1.0,
    ).to(memory_format=torch.channels_last)  # fmt: skip


def pixels(pictures: list) -> Tensor:
    """uint8 (H, W, 3) pictures → (B, 3, H, W) in [-1, 1], channels last."""
    return normalised(stacked(pictures))


def sample(rng) -> Scene:
    """A scene of the training distribution, of things or of people."""
    return sample_scene(rng, people=rng.random() < PEOPLE)


def render(rng):
    return draw(sample(rng), masks=False).picture


def renders(rng) -> tuple[Tensor]:
    return (stacked([render(rng) for _ in range(RENDERS)]),)


def crops(pictures: Tensor, side: int, rng: torch.Generator) -> Tensor:
    """Two random squares of each picture: (B, H, W, 3) → (2 B, side, side, 3)."""
    pictures = pictures.repeat_interleave(2, 0)
    y, x = (torch.randint(size - side + 1, (len(pictures), 1), generator=rng, device=rng.device) for size in pictures.shape[1:3])
    inside = torch.arange(side, device=rng.device)
    return pictures[torch.arange(len(pictures), device=rng.device)[:, None, None], (y + inside)[:, :, None], (x + inside)[:, None, :]]


def training_batch(pictures: Tensor, progress: float, rng: torch.Generator) -> Tensor:
    """What a step learns from: crops of uint8 renders (B, 128, 128, 3), in the end half of them whole, in [-1, 1]."""
    chosen = crops(pictures, CROP, rng) if progress < WHOLE_FROM else pictures[: max(1, len(pictures) // 2)]
    return normalised(chosen)


def differences(x: Tensor) -> Tensor:
    return torch.cat([(x[..., 1:, :] - x[..., :-1, :]).flatten(1), (x[..., 1:] - x[..., :-1]).flatten(1)], 1)


def loss_of(vae: AutoencoderKL, x: Tensor, device: str) -> Tensor:
    with autocast(device):
        posterior = vae.encode(x).latent_dist
        y = vae.decode(posterior.sample()).sample
    y = y.float()
    kl = posterior.kl().mean() / posterior.mean[0].numel()
    edges = (differences(y) - differences(x)).abs().mean()
    return (y - x).abs().mean() + (y - x).square().mean() + edges + KL_WEIGHT * kl


@torch.no_grad()
def psnr(vae: AutoencoderKL, x: Tensor) -> float:
    """Mean peak signal-to-noise ratio of round trips, dB."""
    y = vae.decode(vae.encode(x).latent_dist.mean).sample.clamp(-1, 1)
    return float((-10 * torch.log10(((y - x) / 2).square().mean((1, 2, 3)))).mean())


@torch.no_grad()
def fold(vae: AutoencoderKL, x: Tensor) -> AutoencoderKL:
    """Standardise the latents of x per channel, inside quant_conv and post_quant_conv; round trips stay the same."""
    z = vae.encode(x).latent_dist.mean
    mean, deviation = z.mean((0, 2, 3)), z.std((0, 2, 3))
    quant, post = vae.quant_conv, vae.post_quant_conv
    quant.weight[:LATENTS] /= deviation[:, None, None, None]
    quant.bias[:LATENTS] = (quant.bias[:LATENTS] - mean) / deviation
    quant.bias[LATENTS:] -= 2 * deviation.log()  # the log-variances of the scaled latents
    post.bias += (post.weight[:, :, 0, 0] * mean).sum(1)
    post.weight *= deviation[None, :, None, None]
    return vae


def export(vae: AutoencoderKL, run: Run, rng: random.Random) -> None:
    """Write vae/, its latents standardised; nothing where it is there of this very training.

    A GPU would write a slightly other one, and a base that learned on the first doesn't go on with it.
    """
    path, facts = run.args.out / "vae", {"step": run.step, "trained_seconds": run.trained_seconds}
    if not is_kept(path, facts):
        statistics = pixels([render(rng) for _ in range(STATISTICS)])
        fold(vae.float(), statistics.to(run.args.device)).half().save_pretrained(path)
        keep_facts(path, facts)


def main() -> None:
    parser = arguments(__doc__.splitlines()[0], 40, "vae", 192)
    parser.add_argument("--init", type=Path, help="folder of an autoencoder whose weights to go on from")
    args = parser.parse_args()
    restart_with_allocator()
    torch.manual_seed(args.seed)
    vae = build()
    if args.init:
        vae.load_state_dict(AutoencoderKL.from_pretrained(args.init, dtype=torch.float32).state_dict())
    vae = vae.to(args.device)
    optimizer = Muon(vae.parameters(), lr=0.02, adam_lr=2e-3)
    run = Run(args, {"vae": vae, "optimizer": optimizer})
    stream, rng = training_batches(Drawn(renders, args.seed, "vae"), run.step, args, run.torch_rng), random.Random(VALIDATION_SEED)
    held_out = pixels([render(rng) for _ in range(64)]).to(args.device)
    while run.goes_on():
        x = training_batch(next(stream)[0], run.progress, run.torch_rng)
        loss = loss_of(vae, x, args.device)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(vae.parameters(), 1.0)
        optimizer.step(run.rate(50))
        run.done_step(loss, **({"psnr": psnr(vae, held_out)} if run.step % 500 == 499 else {}))
    export(vae, run, rng)
    print(f"psnr {psnr(vae.float(), held_out):.2f} dB on 64 held-out renders", flush=True)


if __name__ == "__main__":
    main()
