"""Train text tower and U-Net of the mini base on the drawn world: python scripts/mini_base.py --vae build/mini/vae/vae

Stages, each kept in --out and skipped when done with the same options and autoencoder: the text tower learns to parse captions;
captioned renders are drawn; they are encoded once; the U-Net learns v-prediction under zero terminal SNR, the text tower along with it
at a lower rate; a checkpoint of other options or of another autoencoder is refused. `base/` in --out is a complete
StableDiffusionPipeline folder, of the averaged weights, written at every checkpoint.
`--init FOLDER` goes on from exported weights.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import shutil
import sys
from functools import partial
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

sys.path.insert(0, str(Path(__file__).parents[1]))
from diffusers import AutoencoderKL, DDIMScheduler, DDPMScheduler, StableDiffusionPipeline, UNet2DConditionModel  # noqa: E402
from diffusers.models.attention_processor import AttnProcessor  # noqa: E402
from drawing import Drawn, batches, normalised, stacked  # noqa: E402
from mini_tokenizer import POSITIONS, build_tokenizer  # noqa: E402
from mini_vae import LATENTS  # noqa: E402
from muon import Muon  # noqa: E402
from precision import autocast  # noqa: E402
from training_run import Run, arguments, check_resumes, is_kept, keep_facts, restart_with_allocator  # noqa: E402
from transformers import CLIPTextConfig, CLIPTextModel  # noqa: E402

from persimg.mini.world.caption import captioned  # noqa: E402
from persimg.mini.world.labels import label_names, scene_labels  # noqa: E402
from persimg.mini.world.render import draw  # noqa: E402
from persimg.mini.world.scene import Scene  # noqa: E402
from persimg.mini.world.vocabulary import VOCABULARY  # noqa: E402

WIDTH = 192
TEXT_LAYERS = 4
CHANNELS = (64, 128, 192)
NOISE = {"num_train_timesteps": 1000, "beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012}
PREDICTION = {"prediction_type": "v_prediction", "rescale_betas_zero_snr": True, "clip_sample": False}
BATCH = 64
EMPTY = 0.1
EMA = 0.998


def build_text_tower(tokenizer) -> CLIPTextModel:
    return CLIPTextModel(CLIPTextConfig(
        vocab_size=len(tokenizer), hidden_size=WIDTH, intermediate_size=4 * WIDTH, num_hidden_layers=TEXT_LAYERS,
        num_attention_heads=6, max_position_embeddings=POSITIONS, projection_dim=WIDTH,
        bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id,
    ))  # fmt: skip


def build_unet() -> UNet2DConditionModel:
    return UNet2DConditionModel(
        sample_size=16, in_channels=LATENTS, out_channels=LATENTS, layers_per_block=1, block_out_channels=CHANNELS,
        cross_attention_dim=WIDTH, norm_num_groups=16, down_block_types=("CrossAttnDownBlock2D",) * 3, up_block_types=("CrossAttnUpBlock2D",) * 3,
        attention_head_dim=(2, 4, 6),
    ).to(memory_format=torch.channels_last)  # fmt: skip


def token_ids(tokenizer, captions: list[str]) -> Tensor:
    """(B, 48) int64."""
    return tokenizer(captions, padding="max_length", max_length=POSITIONS, truncation=True, return_tensors="pt").input_ids


def unpadded(tokenizer, captions: list[str]) -> Tensor:
    """(B, L) int64, as long as the longest: a causal tower's state at the end token doesn't see what follows."""
    return tokenizer(captions, padding=True, max_length=POSITIONS, truncation=True, return_tensors="pt").input_ids


# --- the text tower learns to parse -----------------------------------------------------------------------------------

LABELS = label_names()


def labels(scene: Scene) -> list[int]:
    """What each head should read."""
    true = scene_labels(scene)
    return [names.index(true[slot]) for slot, names in LABELS.items()]


def people(args: argparse.Namespace, rng: random.Random) -> bool:
    """Is the next training scene one of people?"""
    return rng.random() < args.people


def teach_parsing(text: CLIPTextModel, tokenizer, args: argparse.Namespace, steps: int = 2500) -> None:
    """Read every attribute at the end token."""
    heads = nn.ModuleList([nn.Linear(WIDTH, len(names)) for names in LABELS.values()]).to(args.device)
    optimizer = torch.optim.AdamW([*text.parameters(), *heads.parameters()], 1e-3)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda i: min(1, i / 50) * (1 - i / steps))
    rng = random.Random(args.seed + 5)
    for step in range(steps):
        pairs = [captioned(rng, people(args, rng)) for _ in range(64)]
        target = torch.tensor([labels(scene) for scene, _ in pairs], device=args.device)
        with autocast(args.device):
            pooled = text(unpadded(tokenizer, [c for _, c in pairs]).to(args.device)).pooler_output
        loss = sum(F.cross_entropy(head(pooled.float()), target[:, i]) for i, head in enumerate(heads)) / len(LABELS)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        if step % 100 == 99:
            print(f"text tower {step + 1}: {loss.item():.4f}", flush=True)


def taught_text_tower(tokenizer, args: argparse.Namespace) -> CLIPTextModel:
    """The text tower after its first stage, cached in --out."""
    text = build_text_tower(tokenizer).to(args.device)
    text.set_attn_implementation("eager")  # a tenth of a training step less on CPU
    path, facts = args.out / "text.pt", {"seed": args.seed, "people": args.people}
    if is_kept(path, facts):
        text.load_state_dict(torch.load(path, map_location=args.device, weights_only=True))
    else:
        teach_parsing(text, tokenizer, args)
        torch.save(text.state_dict(), path)
        keep_facts(path, facts)
    return text


# --- renders, encoded once --------------------------------------------------------------------------------------------


def captioned_renders(args: argparse.Namespace, tokenizer, rng: random.Random) -> tuple[Tensor, Tensor]:
    """uint8 (64, 128, 128, 3) and the token ids (64, 48) int16 of their captions."""
    pairs = [captioned(rng, people(args, rng)) for _ in range(64)]
    pictures = stacked([draw(scene, masks=False).picture for scene, _ in pairs])
    return pictures, token_ids(tokenizer, [caption for _, caption in pairs]).short()


def facts_of_renders(args: argparse.Namespace) -> dict[str, int | float]:
    """What the renders depend on."""
    return {"seed": args.seed, "people": args.people, "renders": args.renders}


def facts_of_latents(args: argparse.Namespace, vae: AutoencoderKL) -> dict[str, int | float | str]:
    """What the latents depend on, and so all that is learned on them."""
    return {**facts_of_renders(args), "autoencoder": digest(vae)}


def digest(model: nn.Module) -> str:
    """sha256 of a model's weights, 64 hex digits, the same on every device."""
    found = hashlib.sha256()
    for name, value in sorted(model.state_dict().items()):
        found.update(name.encode() + value.cpu().contiguous().numpy().tobytes())
    return found.hexdigest()


def draw_renders(tokenizer, args: argparse.Namespace) -> tuple[Path, Path]:
    """Files of N captioned renders: uint8 (N, 128, 128, 3) and token ids (N, 48) int16, N in multiples of 64."""
    found = args.out / "renders.npy", args.out / "captions.npy"
    if not (is_kept(found[0], facts_of_renders(args)) and found[1].exists()):
        count, parts = -(-args.renders // 64) * 64, [path.with_suffix(".part") for path in found]
        stores = [np.lib.format.open_memmap(parts[0], "w+", np.uint8, (count, 128, 128, 3)), np.zeros((count, POSITIONS), np.int16)]
        stream = batches(Drawn(partial(captioned_renders, args, tokenizer), args.seed, "base"), 0, args.workers)
        for done in range(0, count, 64):
            for store, drawn in zip(stores, next(stream)):
                store[done : done + 64] = drawn
            if done % 6400 == 0:
                print(f"drawn {done} renders", flush=True)
        stores[0].flush()
        with open(parts[1], "wb") as file:
            np.save(file, stores[1])
        for part, path in zip(parts, found):
            os.replace(part, path)
        keep_facts(found[0], facts_of_renders(args))
    return found


@torch.no_grad()
def encode_renders(vae: AutoencoderKL, tokenizer, args: argparse.Namespace) -> tuple[Tensor, Tensor]:
    """Latents (N, C, 16, 16) fp16 and token ids (N, 48) int16 of N captioned renders, cached in --out; the renders go."""
    path, facts = args.out / "latents.pt", facts_of_latents(args, vae)
    if is_kept(path, facts):
        return torch.load(path, weights_only=True)
    files = draw_renders(tokenizer, args)
    pictures, ids = np.load(files[0], mmap_mode="r"), torch.from_numpy(np.load(files[1]))
    latents = []
    for done in range(0, len(pictures), 256):
        x = normalised(torch.from_numpy(pictures[done : done + 256].copy()).to(args.device))
        with autocast(args.device):
            latents.append(vae.encode(x).latent_dist.mean.half().cpu())
    found = torch.cat(latents), ids
    torch.save(found, path)
    keep_facts(path, facts)
    for file in (*files, files[0].with_suffix(".json")):
        file.unlink()
    return found


# --- the U-Net --------------------------------------------------------------------------------------------------------


class Average:
    """Exponential moving average of parameters."""

    def __init__(self, params: list[Tensor]):
        self.params, self.count = params, 0
        self.mean = [p.detach().clone() for p in params]

    def update(self) -> None:
        self.count += 1
        decay = min(EMA, (1 + self.count) / (10 + self.count))
        torch._foreach_lerp_(self.mean, [p.detach() for p in self.params], 1 - decay)

    def state_dict(self) -> dict:
        return {"mean": self.mean, "count": self.count}

    def load_state_dict(self, state: dict) -> None:
        self.count = state["count"]
        torch._foreach_copy_(self.mean, state["mean"])


class Both:
    """Two optimizers stepped as one."""

    def __init__(self, unet: UNet2DConditionModel, text: CLIPTextModel, share: float):
        plain = [*unet.conv_in.parameters(), *unet.conv_out.parameters(), *unet.time_embedding.parameters()]
        self.unet = Muon(unet.parameters(), 0.015 * share, 1.5e-3 * share, plain)
        self.text = Muon(text.parameters(), 0.004 * share, 5e-4 * share, text.get_input_embeddings().parameters())

    def step(self, scale: float) -> None:
        self.unet.step(scale)
        self.text.step(scale)

    def zero_grad(self) -> None:
        self.unet.zero_grad()
        self.text.zero_grad()

    def state_dict(self) -> dict:
        return {"unet": self.unet.state_dict(), "text": self.text.state_dict()}

    def load_state_dict(self, state: dict) -> None:
        self.unet.load_state_dict(state["unet"])
        self.text.load_state_dict(state["text"])


def batch(latents: Tensor, ids: Tensor, empty: Tensor, rng: torch.Generator, scheduler: DDPMScheduler, size: int) -> tuple[Tensor, ...]:
    """Noisy latents, timesteps, token ids, target: one batch."""
    def places(count: int) -> Tensor:
        return torch.randint(count, (size,), generator=rng, device=rng.device)

    rows = places(len(latents))
    z, tokens = latents[rows].float(), ids[rows].long()
    left_out = torch.rand(size, 1, generator=rng, device=rng.device) < EMPTY
    tokens = torch.where(left_out, empty, tokens)
    t = places(NOISE["num_train_timesteps"])
    noise = torch.randn(z.shape, generator=rng, device=rng.device)
    return scheduler.add_noise(z, noise, t), t, tokens, scheduler.get_velocity(z, noise, t)


def train(unet: UNet2DConditionModel, text: CLIPTextModel, vae: AutoencoderKL, tokenizer, args: argparse.Namespace) -> None:
    facts = facts_of_latents(args, vae)
    check_resumes(args, facts)  # before the latents of the run that is there are made anew
    latents, ids = (part.to(args.device) for part in encode_renders(vae, tokenizer, args))
    scheduler = DDPMScheduler(**NOISE, **PREDICTION)
    params = [*unet.parameters(), *text.parameters()]
    optimizer, average = Both(unet, text, args.rate), Average(params)
    run = Run(args, {"unet": unet, "text": text, "optimizer": optimizer, "average": average}, save_minutes=6, facts=facts)
    if args.device == "cpu":
        unet.set_attn_processor(AttnProcessor())  # plain matrix products train faster than SDPA on CPU
    text.set_attn_implementation("eager" if args.device == "cpu" else "sdpa")
    empty, size = token_ids(tokenizer, [""])[0].to(args.device), BATCH if args.device == "cpu" else args.batch
    exported = -1
    while run.goes_on():
        noisy, t, tokens, target = batch(latents, ids, empty, run.torch_rng, scheduler, size)
        with autocast(args.device):
            states = text(tokens).last_hidden_state
            pred = unet(noisy.to(memory_format=torch.channels_last), t, states).sample
        loss = F.mse_loss(pred.float(), target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step(run.rate())
        average.update()
        if run.done_step(loss):
            export(unet, text, vae, tokenizer, average, args.out / "base")
            exported = run.step
            if args.keep:
                shutil.copytree(args.out / "base", args.out / "steps" / f"{run.step:06d}", dirs_exist_ok=True)
    if exported != run.step:
        # stopped between the last checkpoint and its export
        export(unet, text, vae, tokenizer, average, args.out / "base")


def export(unet: UNet2DConditionModel, text: CLIPTextModel, vae: AutoencoderKL, tokenizer, average: Average, folder: Path) -> None:
    """Write a StableDiffusionPipeline folder of the averaged weights, fp16."""
    import copy

    live = [p.detach().clone() for p in average.params]
    with torch.no_grad():
        torch._foreach_copy_(average.params, average.mean)
        parts = {"unet": copy.deepcopy(unet).half(), "text_encoder": copy.deepcopy(text).half(), "vae": copy.deepcopy(vae).half()}
        torch._foreach_copy_(average.params, live)
    scheduler = DDIMScheduler(**NOISE, **PREDICTION, timestep_spacing="trailing", steps_offset=1, set_alpha_to_one=True)
    pipeline = StableDiffusionPipeline(
        **parts, tokenizer=tokenizer, scheduler=scheduler, safety_checker=None, feature_extractor=None, requires_safety_checker=False
    )
    pipeline.to("cpu").save_pretrained(folder, max_shard_size="14MB")


def main() -> None:
    parser = arguments(__doc__.splitlines()[0], 75, "base", 1024)
    parser.add_argument("--vae", type=Path, help="folder of the trained autoencoder")
    parser.add_argument("--init", type=Path, help="pipeline folder whose weights to go on from")
    parser.add_argument("--renders", type=int, default=64_000, help="captioned renders to learn from (default 64000)")
    parser.add_argument("--rate", type=float, default=1.0, help="factor of all learning rates; 0.3 to go on from --init")
    parser.add_argument("--people", type=float, default=0.4, help="share of scenes of people, 0..1 (default 0.4)")
    parser.add_argument(
        "--keep", action="store_true", help="keep the model of every checkpoint in OUT/steps, for a curve of quality against steps"
    )
    parser.add_argument("--text-only", action="store_true", help="stop after the text tower's first stage")
    parser.add_argument("--renders-only", action="store_true", help="draw the renders, which needs no autoencoder yet, and stop")
    args = parser.parse_args()
    restart_with_allocator()
    check_resumes(args)  # before a stage of the run that is there is made anew
    torch.manual_seed(args.seed)
    args.out.mkdir(parents=True, exist_ok=True)
    tokenizer = build_tokenizer(VOCABULARY)
    if args.renders_only:
        draw_renders(tokenizer, args)
        return
    if args.init:
        text = CLIPTextModel.from_pretrained(args.init / "text_encoder", dtype=torch.float32).to(args.device)
        unet = UNet2DConditionModel.from_pretrained(args.init / "unet", dtype=torch.float32)
    else:
        text, unet = taught_text_tower(tokenizer, args), build_unet()
    if args.text_only:
        return
    vae = AutoencoderKL.from_pretrained(args.vae or args.init / "vae", dtype=torch.float32).to(args.device).eval()
    unet = unet.to(args.device, memory_format=torch.channels_last)
    print(f"U-Net {sum(p.numel() for p in unet.parameters()) / 1e6:.1f} M parameters", flush=True)
    train(unet, text, vae.to(memory_format=torch.channels_last), tokenizer, args)


if __name__ == "__main__":
    main()
