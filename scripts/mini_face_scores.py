"""Measure the face pack and the second recognizer, install them and write their cards: python scripts/mini_face_scores.py

Reads what `mini_faces.py` left in build/mini/face_detector, face_recognizer and face_second. Without --install it only
measures what is there.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
from mini_face_export import FILES  # noqa: E402
from mini_face_nets import build  # noqa: E402
from mini_faces import SEEDS  # noqa: E402
from training_run import command, options  # noqa: E402

from persimg.bench.mini_faces import embedder, load_pack, measure_detector, measure_recognizer  # noqa: E402
from persimg.faces.pack import load_recognizer  # noqa: E402

MINI = Path(__file__).parents[1] / "persimg" / "mini"
MODELS = {"faces": ("detector", "recognizer"), "faces_second": ("second",)}
"""embedded name → roles whose files its folder holds"""
HELD_OUT = ("recognizer", "strangers_in_held_out_styles", "aligned_by_truth", "true_accepts")
LIMITS = {
    "faces": "knows faces of the drawn world alone, upright or tilted by up to about 20 degrees, of 12 px and more; finds some "
    "photographed faces too, with lower scores, and must not be used to recognize real people; the detector's canvas must be a multiple of 32 px "
    "(trained at 128 and 256 px: prepare(det_size=(128, 128)) for the world's own pictures)",
    "faces_second": "for scores only: nothing may be trained with it or filtered by it; knows faces of the drawn world alone",
}
DATA = (
    "drawn people of persimg.mini.world in all training styles, places, lights and looks, scaled, turned, cut, noisy, blurred, "
    "compressed; every identity is a random one without a name: none of a named person, none of a held-out face, no photograph"
)


def facts(role: str, folder: Path, machine: str) -> dict[str, Any]:
    """What a card says of one network; seed (the one used) and identities: None where the run doesn't tell."""
    rows = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()] if (folder / "log.jsonl").exists() else []
    last, told = rows[-1] if rows else {"step": 0, "seconds": 0}, options(folder)
    return {
        "file": FILES[role], "parameters": sum(p.numel() for p in build(role).parameters()),
        "seed": told["seed"] + SEEDS[role] if told else None,
        "seeds": f"--seed + {SEEDS[role]} for samples and first weights", "steps": last["step"],
        "hours": round(last["seconds"] / 3600, 2), "machine": machine, "last_loss": last.get("loss"),
        **({} if role == "detector" else {"identities": told.get("identities")}),
        "command": command("mini_faces.py", folder) or f"scripts/mini_faces.py --role {role}",
    }  # fmt: skip


def limits(name: str, scores: dict[str, Any]) -> str:
    """What a card says of where the networks fail, held-out styles with their figures."""
    accepts, styles = scores, scores.get("detector", {}).get("held_out_styles", {})
    for key in HELD_OUT:
        accepts = accepts[key]
    said = f"{LIMITS[name]}; styles held out are badly covered: true accepts {accepts:.2f} at 1 % false ones, aligned by the true points"
    if styles:
        worst = min(styles, key=lambda style: styles[style]["found"])
        said += f", and of faces in {worst} {styles[worst]['found']:.1%} are found"
    return said


def measure(runs: Path, count: int) -> dict[str, dict[str, Any]]:
    """Embedded name → scores. The second recognizer is measured on crops that the pack's detector found, too."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for role in MODELS["faces"]:
            shutil.copy(runs / f"face_{role}" / FILES[role], folder)
        pack = load_pack(folder)
        scores = {"detector": measure_detector(pack, count)}
        scores["recognizer"] = measure_recognizer(embedder(pack.models["recognition"]), pack, max(8, count * 2 // 5))
    found = {"faces": scores}
    second = runs / "face_second" / FILES["second"]
    if second.exists():
        found["faces_second"] = {"recognizer": measure_recognizer(embedder(load_recognizer(second)), pack, max(8, count * 2 // 5))}
    return found


def install(name: str, runs: Path, scores: dict[str, Any], machine: str) -> None:
    shutil.rmtree(MINI / name, ignore_errors=True)
    (MINI / name).mkdir()
    for role in MODELS[name]:
        shutil.copy(runs / f"face_{role}" / FILES[role], MINI / name)
    card = {
        "name": name, "data": DATA, "networks": {role: facts(role, runs / f"face_{role}", machine) for role in MODELS[name]},
        "scores": scores, "licence": "Apache-2.0", "limits": limits(name, scores),
    }  # fmt: skip
    (MINI / name / "card.json").write_text(json.dumps(card, indent=1))


def rounded(scores: Any) -> Any:
    if isinstance(scores, dict):
        return {name: rounded(value) for name, value in scores.items()}
    return round(scores, 4) if isinstance(scores, float) else scores


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=Path, default=Path("build/mini"), help="folder of face_detector, face_recognizer, face_second")
    parser.add_argument("--count", type=int, default=500, help="pictures for the detector; two fifths of it identities for a recognizer")
    parser.add_argument("--machine", default="", help="for the cards: where it was trained")
    parser.add_argument("--install", action="store_true", help="copy the files into persimg/mini and write their cards")
    args = parser.parse_args()
    for name, scores in measure(args.runs, args.count).items():
        print(json.dumps({name: rounded(scores)}, indent=1), flush=True)
        if args.install:
            install(name, args.runs, rounded(scores), args.machine)


if __name__ == "__main__":
    main()
