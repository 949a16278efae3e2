"""Put a trained model into the package and write its card: python scripts/mini_install.py reader build/mini/reader/reader

The scores in the cards come from `persimg bench mini --write-card` afterwards.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path
from typing import Any

MINI = Path(__file__).parents[1] / "persimg" / "mini"
RENDERS = "true renders of persimg.mini.world, version 2, under noise and blur; no generated picture"
LICENCE = "Apache-2.0"
CARDS: dict[str, dict[str, Any]] = {
    "base": {
        "name": "mini", "word_level": True, "data": "the drawn world of persimg.mini.world, version 2: illustrations in eight styles, 128x128 px",
        "limits": "knows the words of persimg.mini.world.words and nothing else; no photographs; one or two subjects",
        "command": "scripts/mini_vae.py, then scripts/mini_base.py",
    },
    "clip": {
        "data": f"{RENDERS}, with captions", "limits": "knows drawn pictures and the words of persimg.mini.world alone",
        "command": "scripts/mini_clip.py",
    },
    "reader": {
        "data": RENDERS, "limits": "reads the second version of the drawn world alone; held-out characters and styles have no name that it knows",
        "command": "scripts/mini_reader.py",
    },
    "selector": {
        "data": RENDERS, "limits": "for the choice of checkpoints alone, never for scores; knows drawn pictures alone",
        "command": "scripts/mini_selector.py",
    },
    "ssl": {
        "data": f"{RENDERS}; no labels, no captions", "limits": "DINO-like, not DINO: knows drawn pictures alone; for scores, nothing may be trained with it",
        "command": "scripts/mini_ssl.py",
    },
}  # fmt: skip


def install(name: str, source: Path, facts: dict[str, Any], target: Path = MINI) -> None:
    """Replace the model of this name and write its card. facts: seed, steps, hours, machine, as far as known."""
    if not source.is_dir():
        raise SystemExit(f"{source} is no folder")
    shutil.rmtree(target / name, ignore_errors=True)
    shutil.copytree(source, target / name)
    card = {"name": name, **CARDS[name], "licence": LICENCE, **logged(source.parent), **facts}
    (target / name / "card.json").write_text(json.dumps(card, indent=1))


def logged(run: Path) -> dict[str, Any]:
    """Steps and hours from the log of a training run, where there is one."""
    path = run / "log.jsonl"
    if not path.exists():
        return {}
    last = json.loads(path.read_text().splitlines()[-1])
    return {"steps": last["step"], "hours": round(last["seconds"] / 3600, 2)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", choices=sorted(CARDS))
    parser.add_argument("folder", type=Path, help="what the training script wrote")
    parser.add_argument("--facts", type=json.loads, default={}, help="JSON for the card: seed, machine, and what else is known")
    args = parser.parse_args()
    install(args.name, args.folder, args.facts)


if __name__ == "__main__":
    main()
