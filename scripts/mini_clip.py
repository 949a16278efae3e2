"""Train the evaluator CLIP on the drawn world: python scripts/mini_clip.py --minutes 15

Its own seed and draws; it shares nothing with the base but the word list of the tokenizer. Two terms: pictures with
captions, and two pictures of one subject in different places, so that the picture tower also sees individuality.
The folder is one that open_clip reads as local-dir.
"""

from __future__ import annotations

import json
import random
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import CLIPTokenizer

sys.path.insert(0, str(Path(__file__).parents[1]))
from drawing import Drawn, normalised, stacked, training_batches  # noqa: E402
from mini_tokenizer import build_tokenizer  # noqa: E402
from mini_vae import pixels, sample  # noqa: E402
from precision import autocast  # noqa: E402
from training_run import Run, arguments, restart_with_allocator  # noqa: E402

from persimg.mini.world.caption import caption  # noqa: E402
from persimg.mini.world.render import draw  # noqa: E402
from persimg.mini.world.scene import Scene, is_held_out  # noqa: E402
from persimg.mini.world.vocabulary import VOCABULARY  # noqa: E402
from persimg.mini.world.words import PLACES, ROOFED  # noqa: E402

BATCH = 64
RATE = 2e-3
PAIRS_WEIGHT = 0.3
PAIRS_TEMPERATURE = 10.0
SEED_OFFSET = 31_337


def config(vocabulary: int, eos: int, positions: int) -> dict:
    """open_clip_config.json: a small ResNet with attention pooling, a small transformer."""
    return {
        "model_cfg": {
            "embed_dim": 128,
            "vision_cfg": {"image_size": 128, "layers": [1, 1, 1, 1], "width": 16, "head_width": 64, "patch_size": None},
            "text_cfg": {
                "context_length": positions, "vocab_size": vocabulary, "width": 128, "heads": 4, "layers": 3,
                "hf_tokenizer_name": ".", "pool_type": "eos", "eos_id": eos,
            },
        },
        "preprocess_cfg": {"size": 128, "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5], "interpolation": "bicubic", "resize_mode": "squash"},
    }  # fmt: skip


def write_folder(folder: Path, settings: dict, tokenizer: CLIPTokenizer) -> None:
    tokenizer.save_pretrained(folder)
    (folder / "open_clip_config.json").write_text(json.dumps(settings, indent=1))


def elsewhere(scene: Scene, rng: random.Random) -> Scene:
    """The same subjects and style in another place and layout."""
    others = [place for place in PLACES if place != scene.place]
    while True:
        place = rng.choice(others)
        moved = replace(scene, place=place, weather="clear" if place in ROOFED else scene.weather, seed=rng.randrange(2**31))
        if not is_held_out(moved):
            return moved


def two_views(rng: random.Random, count: int) -> tuple[list[Scene], Tensor, Tensor]:
    """Scenes, their pictures (B, 128, 128, 3), uint8, and pictures of the same subjects elsewhere."""
    scenes = [sample(rng) for _ in range(count)]
    here, there = (stacked([draw(s, masks=False).picture for s in side]) for side in (scenes, [elsewhere(s, rng) for s in scenes]))
    return scenes, here, there


def tokenized(words: CLIPTokenizer, captions: list[str]) -> Tensor:
    """(B, positions) int64."""
    return words(captions, padding="max_length", truncation=True, max_length=words.model_max_length, return_tensors="pt").input_ids


def pairs(words: CLIPTokenizer, rng: random.Random) -> tuple[Tensor, Tensor, Tensor]:
    """Pictures of subjects, of the same ones elsewhere, and token ids of captions of the former."""
    scenes, here, there = two_views(rng, BATCH)
    return here, there, tokenized(words, [caption(s, rng) for s in scenes])


def noisy(x: Tensor, rng: torch.Generator) -> Tensor:
    """Noise of up to 0.1."""
    return x + torch.randn(x.shape, generator=rng, device=rng.device) * torch.rand(len(x), 1, 1, 1, generator=rng, device=rng.device) * 0.1


def contrastive(a: Tensor, b: Tensor, scale: Tensor | float) -> Tensor:
    """Symmetric InfoNCE of unit vectors (B, D)."""
    logits, target = scale * a @ b.T, torch.arange(len(a), device=a.device)
    return (F.cross_entropy(logits, target) + F.cross_entropy(logits.T, target)) / 2


def retrieval(model: nn.Module, tokens: Tensor, x: Tensor) -> float:
    """Share of pictures whose own caption, of all of them, is nearest."""
    with torch.no_grad():
        texts = model.encode_text(tokens, normalize=True)
        views = torch.cat([model.encode_image(part, normalize=True) for part in x.split(64)])
    return ((views @ texts.T).argmax(1) == torch.arange(len(x), device=x.device)).float().mean().item()


def main() -> None:
    args = arguments(__doc__.splitlines()[0], 15, "clip", 512).parse_args()
    restart_with_allocator()
    import open_clip
    from safetensors.torch import save_file

    words = build_tokenizer(VOCABULARY)
    positions = words.model_max_length
    folder = args.out / "clip"
    settings = config(len(words), words.eos_token_id, positions)
    write_folder(folder, settings, words)
    torch.manual_seed(args.seed + SEED_OFFSET)
    model_settings = {
        **settings["model_cfg"],
        "text_cfg": {k: v for k, v in settings["model_cfg"]["text_cfg"].items() if k != "hf_tokenizer_name"},
    }
    model = open_clip.CLIP(**model_settings).to(args.device)
    optimizer = torch.optim.AdamW(model.parameters(), RATE, betas=(0.9, 0.98), weight_decay=0.02)
    run = Run(args, {"model": model, "optimizer": optimizer})
    stream = training_batches(Drawn(partial(pairs, words), args.seed + SEED_OFFSET, "clip"), run.step, args, run.torch_rng)
    model.train()
    while run.goes_on():
        here, there, ids = next(stream)
        with autocast(args.device):
            views = model.encode_image(noisy(normalised(torch.cat([here, there])), run.torch_rng))
            texts = model.encode_text(ids)
        (view, other), text = F.normalize(views.float(), dim=1).chunk(2), F.normalize(texts.float(), dim=1)
        captioned = contrastive(view, text, model.logit_scale.exp().clamp(max=100))
        alike = contrastive(view, other, PAIRS_TEMPERATURE)
        loss = captioned + PAIRS_WEIGHT * alike
        for group in optimizer.param_groups:
            group["lr"] = RATE * run.rate(100)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        run.done_step(loss, captions=captioned.detach(), pairs=alike.detach())
    model.eval()
    held_out = random.Random(4343)
    scenes = [sample(held_out) for _ in range(256)]
    ids = tokenized(words, [caption(s, held_out) for s in scenes]).to(args.device)
    found = retrieval(model, ids, pixels([draw(s, masks=False).picture for s in scenes]).to(args.device))
    print(f"own caption nearest among 256, held-out scenes: {found:.4f}", flush=True)
    save_file(
        {n: t.detach().half().cpu().contiguous() if t.is_floating_point() else t.cpu() for n, t in model.state_dict().items()},
        folder / "open_clip_model.safetensors",
    )


if __name__ == "__main__":
    main()
