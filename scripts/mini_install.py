"""Put a trained model into the package and write its card: python scripts/mini_install.py reader build/mini/reader/reader

Of a base that --keep kept, the folder is build/mini/base/steps/NNNNNN. Command and seed are those of the run, where its folder tells
them. The scores in the cards come from `persimg bench mini --write-card` afterwards.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
from training_run import command, options  # noqa: E402

MINI = Path(__file__).parents[1] / "persimg" / "mini"
RENDERS = "true renders of persimg.mini.world, version 2, under noise and blur; no generated picture"
LICENCE = "Apache-2.0"
CARDS: dict[str, dict[str, Any]] = {
    "base": {
        "name": "mini", "word_level": True, "data": "the drawn world of persimg.mini.world, version 2: illustrations in eight styles, 128x128 px",
        "limits": "knows the words of persimg.mini.world.words and nothing else; no photographs; one or two subjects",
        "seeds": "--seed for weights, renders and batches of base and autoencoder, + 5 for the captions of the text tower's first stage",
        "command": "scripts/mini_base.py",
    },
    "clip": {
        "data": f"{RENDERS}, with captions", "limits": "knows drawn pictures and the words of persimg.mini.world alone",
        "seeds": "--seed + 31337 for first weights and draws", "command": "scripts/mini_clip.py",
    },
    "reader": {
        "data": RENDERS, "limits": "reads the second version of the drawn world alone; held-out characters and styles have no name that it knows",
        "seeds": "--seed for draws, + 77 for first weights", "command": "scripts/mini_reader.py",
    },
    "selector": {
        "data": RENDERS, "limits": "for the choice of checkpoints alone, never for scores; knows drawn pictures alone",
        "seeds": "--seed + 90210 for first weights and draws", "command": "scripts/mini_selector.py",
    },
    "ssl": {
        "data": f"{RENDERS}; no labels, no captions",
        "limits": "DINO-like, not DINO: knows drawn pictures alone; sees the scene more than the subject (its score says how much); "
        "for scores, nothing may be trained with it",
        "seeds": "--seed + 550055 for first weights and draws", "command": "scripts/mini_ssl.py",
    },
}  # fmt: skip
"""command: of a run that doesn't tell its own"""
SCRIPTS = {"base": "mini_base.py --vae build/mini/vae/vae"}
"""model → script with what its options don't tell, where it isn't mini_NAME.py alone"""


def install(name: str, source: Path, facts: dict[str, Any], target: Path = MINI) -> None:
    """Replace the model of this name and write its card. facts: seed, steps, hours, machine, as far as known."""
    if not source.is_dir():
        raise SystemExit(f"{source} is no folder")
    shutil.rmtree(target / name, ignore_errors=True)
    shutil.copytree(source, target / name)
    run, step = run_of(source)
    card = {"name": name, **CARDS[name], "licence": LICENCE, **told(name, run), **logged(run, step), **facts}
    (target / name / "card.json").write_text(json.dumps(card, indent=1))


def run_of(source: Path) -> tuple[Path, int | None]:
    """The folder of the training run that wrote this one, and the step it is of, where that isn't the last."""
    source = source.resolve()
    kept = source.parent.name == "steps" and source.name.isdigit()
    return (source.parents[1], int(source.name)) if kept else (source.parent, None)


def told(name: str, run: Path) -> dict[str, Any]:
    """Command and seed, and on a GPU the batch, of a run that tells its options."""
    given = options(run)
    if not given:
        return {}
    found = {"command": command(SCRIPTS.get(name, f"mini_{name}.py"), run), "seed": given["seed"]}
    return {**found, "batch": given["batch"]} if given["device"] != "cpu" else found


def logged(run: Path, step: int | None = None) -> dict[str, Any]:
    """Steps and hours from the log of a training run, where there is one, at its end or at the line nearest to this step."""
    path = run / "log.jsonl"
    if not path.exists():
        return {} if step is None else {"steps": step}
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    at = rows[-1] if step is None else min(rows, key=lambda row: abs(row["step"] - step))
    return {"steps": at["step"] if step is None else step, "hours": round(at["seconds"] / 3600, 2)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", choices=sorted(CARDS))
    parser.add_argument("folder", type=Path, help="what the training script wrote")
    parser.add_argument("--facts", type=json.loads, default={}, help="JSON for the card: machine, and what else is known")
    args = parser.parse_args()
    install(args.name, args.folder, args.facts)


if __name__ == "__main__":
    main()
