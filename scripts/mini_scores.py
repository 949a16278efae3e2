"""Measure the mini base, install it and write its card: python scripts/mini_scores.py --base build/mini/base/base --reader build/mini/reader/reader

The reader, a classifier trained on true renders alone, reads pictures of 256 held-out captions.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parents[1]))
from mini_reader import accuracy  # noqa: E402
from mini_vae import pixels, psnr  # noqa: E402

from persimg.bases.loading import load_base  # noqa: E402
from persimg.mini.nets import load_reader  # noqa: E402
from persimg.mini.world.caption import caption  # noqa: E402
from persimg.mini.world.render import draw  # noqa: E402
from persimg.mini.world.scene import Scene, sample_scene  # noqa: E402
from persimg.sampling.sampler import Sampler  # noqa: E402

HELD_OUT_SEED = 9001
MINI = Path(__file__).parents[1] / "persimg" / "mini"


def held_out_scenes(count: int) -> list[Scene]:
    """Scenes with one subject."""
    rng = random.Random(HELD_OUT_SEED)
    return [replace(scene, subjects=scene.subjects[:1]) for scene in (sample_scene(rng) for _ in range(count))]


def renders(scenes: list[Scene]) -> torch.Tensor:
    return pixels([draw(scene).picture for scene in scenes])


def measure(base, reader, count: int, sheet: Path) -> dict:
    """Reader on true renders, on VAE round trips, on generated pictures; PSNR; a sheet of the first pictures."""
    import numpy as np
    from PIL import Image

    scenes = held_out_scenes(count)
    x = renders(scenes)
    with torch.no_grad():
        round_trip = torch.cat([base.decode(base.encode_pictures(part)) for part in x.split(32)])
    pictures = Sampler(base, batch=32).draw([caption(s) for s in scenes], range(count), steps=25, guidance=4.0)
    arrays = [np.asarray(p) for p in pictures]
    rows = [np.concatenate(arrays[i : i + 12], 1) for i in range(0, 96, 12)]
    Image.fromarray(np.concatenate(rows)).save(sheet)
    rounded = lambda scores: {name: round(100 * value, 1) for name, value in scores.items()}  # noqa: E731
    return {
        "captions": count, "steps": 25, "guidance": 4.0, "vae_psnr_db": round(psnr(base.pipeline.vae, x[:64]), 2),
        "reader_on_renders_percent": rounded(accuracy(reader, scenes, x)),
        "reader_on_round_trips_percent": rounded(accuracy(reader, scenes, round_trip)),
        "reader_on_generated_percent": rounded(accuracy(reader, scenes, pixels(arrays))),
    }  # fmt: skip


def install_reader(folder: Path, accuracy_percent: dict, licence: str) -> None:
    card = {
        "name": "reader", "data": "true renders of persimg.mini.world under noise and blur; no generated picture",
        "right_on_held_out_renders_percent": accuracy_percent, "licence": licence,
        "limits": "reads the first version of the drawn world alone; held-out characters have no kind or colour that it knows",
        "command": "scripts/mini_reader.py",
    }  # fmt: skip
    shutil.rmtree(MINI / "reader", ignore_errors=True)
    shutil.copytree(folder, MINI / "reader")
    (MINI / "reader" / "card.json").write_text(json.dumps(card, indent=1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--reader", type=Path)
    parser.add_argument("--captions", type=int, default=256)
    parser.add_argument("--facts", type=json.loads, default={}, help="JSON: steps, hours, machine, command")
    args = parser.parse_args()
    card = {
        "name": "mini", "word_level": True, "data": "the drawn world of persimg.mini.world, version 1: flat illustrations, 128x128 px",
        "licence": "Apache-2.0",
        "limits": "knows the words of persimg.mini.world.words and nothing else; no people, no photographs; one or two subjects",
        **args.facts,
    }  # fmt: skip
    shutil.rmtree(MINI / "base", ignore_errors=True)
    shutil.copytree(args.base, MINI / "base")
    (MINI / "base" / "card.json").write_text(json.dumps(card, indent=1))
    if args.reader:
        scores = measure(load_base(MINI / "base", device="cpu"), load_reader(args.reader), args.captions, Path("docs") / "mini_sheet.png")
        (MINI / "base" / "card.json").write_text(json.dumps({**card, "scores": scores}, indent=1))
        install_reader(args.reader, scores["reader_on_renders_percent"], card["licence"])
        print(json.dumps(scores, indent=1))


if __name__ == "__main__":
    main()
