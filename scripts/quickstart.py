"""The main job on the embedded base: learn a held-out character, draw it where nobody drew it, leave pictures to look at.

python scripts/quickstart.py --out out/quickstart
"""

from __future__ import annotations

import argparse
import base64
import html
import io
import shutil
import time
from pathlib import Path

from PIL import Image

CHARACTER = 0
TRAINING_SCENES = ("in a meadow", "in a room", "on the beach", "in a meadow", "in a room", "in the city")
PROMPTS = (
    "{} in the snow, flat style", "{} in the forest, flat style", "{} in the desert, outline style", "{} in space, pastel style",
    "{} in the city, night style", "{} wearing a hat on the beach, flat style", "{} wearing a crown in the snow, flat style",
    "{} wearing glasses in a room, pastel style", "{} in the forest, night style", "{} on the beach, outline style",
    "{} wearing a scarf in the desert, flat style", "{} wearing a bow in a meadow, flat style",
)  # fmt: skip
SHOWN = 6
METHODS = ("textual_inversion", "dreambooth_lora")


def training_pictures(folder: Path) -> None:
    from persimg.mini.world.parse import parse
    from persimg.mini.world.render import draw
    from persimg.seeds import rng

    folder.mkdir(parents=True, exist_ok=True)
    for i, place in enumerate(TRAINING_SCENES):
        scene = parse(f"character:{CHARACTER} {place}, flat style").filled(rng(1, "quickstart", i))
        Image.fromarray(draw(scene).picture).save(folder / f"{i:02d}.png")


def truth(prompts: list[str]) -> list[Image.Image]:
    """What each prompt should look like."""
    from persimg.mini.world.parse import parse
    from persimg.mini.world.render import draw
    from persimg.seeds import rng

    said = [parse(prompt.format(f"character:{CHARACTER}")) for prompt in prompts]
    return [Image.fromarray(draw(s.filled(rng(2, "truth", i))).picture) for i, s in enumerate(said)]


def learn(method: str, pictures: Path, class_noun: str, name: str, base, out: Path) -> Path:
    import persimg

    path = out
    for event in persimg.train(method, pictures, name, class_noun, base, out / method, keep_out=0):
        if event.kind == "step" and event.step % 50 == 0:
            print(f"  {method} step {event.step}: loss {event.values['loss']:.3f}", flush=True)
        if event.kind == "finished":
            path = Path(event.values["path"])
    return path


def rows(base, concepts: dict[str, Path], class_noun: str, description: str, name: str) -> dict[str, list[Image.Image]]:
    """The same prompts and seeds for the base, with the class word and with a full description, and for each concept."""
    import persimg

    def draw(subject: str, loaded: list) -> list[Image.Image]:
        with persimg.Sampler(base, loaded, batch=6) as sampler:
            return sampler.draw([p.format(subject) for p in PROMPTS], range(len(PROMPTS)))

    found = {"true render": truth(list(PROMPTS))}
    found[f"the base: “a {class_noun}”"] = draw(f"a {class_noun}", [])
    found[f"the base: “{description}”"] = draw(description, [])
    for method, path in concepts.items():
        found[f"{method}: “a <{name}>”"] = draw(f"a <{name}>", [persimg.load_concept(path)])
    return found


def prompt_scores(grid: dict[str, list[Image.Image]]) -> dict[str, dict]:
    """Share of place, style and accessory that the reader finds, with an interval over prompts."""
    from dataclasses import asdict

    from persimg.evaluation.interval import interval
    from persimg.evaluation.metrics.slot_accuracy import slot_accuracy
    from persimg.mini.nets import load_reader

    reader, prompts = load_reader(), [p.format(f"character:{CHARACTER}") for p in PROMPTS]
    found = {}
    for title, pictures in grid.items():
        values = slot_accuracy(reader, pictures, prompts)
        found[title] = {"values": values, **asdict(interval([values]))}
    return found


def data_uri(picture: Image.Image) -> str:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def page(grid: dict, learned_from: list[Image.Image], seconds: dict[str, float], scores: dict[str, dict]) -> str:
    """One self-contained page."""

    def line(title: str, pictures: list[Image.Image]) -> str:
        cells = "".join(f'<td><img src="{data_uri(p)}"></td>' for p in pictures[:SHOWN])
        return f"<tr><th>{html.escape(title)}</th>{cells}</tr>"

    heads = "".join(f"<th>{html.escape(p.format('…'))}</th>" for p in PROMPTS[:SHOWN])
    table = "".join(
        f"<tr><th>{html.escape(title)}</th><td>{100 * s['mean']:.0f} %</td><td>[{100 * s['lo']:.0f}, {100 * s['hi']:.0f}]</td></tr>"
        for title, s in scores.items()
    )
    times = "".join(f"<li>{html.escape(stage)}: {value:.0f} s</li>" for stage, value in seconds.items())
    return f"""<!doctype html><meta charset="utf-8"><title>persimg quickstart</title>
<style>body{{font:15px/1.5 system-ui;margin:2rem auto;max-width:68rem;color:#222}}td,th{{padding:4px;font-weight:500;
font-size:13px;vertical-align:middle;max-width:9rem}}th:first-child{{text-align:left}}img{{width:128px;border-radius:6px;display:block}}</style>
<h1>A character that the base had never seen</h1>
<p>Learned from these pictures:</p><table><tr>{"".join(f'<td><img src="{data_uri(p)}"></td>' for p in learned_from)}</tr></table>
<p>Drawn in scenes that nobody drew it in. Every picture is the first one for its seed; none was chosen.</p>
<table><tr><th></th>{heads}</tr>{"".join(line(*entry) for entry in grid.items())}</table>
<h2>Prompt fidelity</h2>
<p>Share of the place, style and accessory named by {len(PROMPTS)} prompts that a classifier of drawn pictures finds. The
intervals (95 %) are over prompts and speak of this subject only. Fidelity to the subject isn't measured in this version:
compare with the true renders by eye.</p><table>{table}</table>
<h2>Time</h2><ul>{times}</ul>"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("out/quickstart"))
    parser.add_argument("--base", default="mini")
    out = (args := parser.parse_args()).out
    shutil.rmtree(out, ignore_errors=True)
    seconds: dict[str, float] = {}
    started = time.monotonic()

    def done(stage: str) -> None:
        nonlocal started
        seconds[stage], started = time.monotonic() - started, time.monotonic()
        print(f"{stage}: {seconds[stage]:.0f} s", flush=True)

    import persimg
    from persimg import files
    from persimg.mini.world.characters import CHARACTERS

    character = CHARACTERS[CHARACTER]
    base = persimg.load_base(args.base, device="cpu")
    training_pictures(out / "pictures")
    done("load the base, draw the pictures")
    concepts = {}
    for method in METHODS:
        concepts[method] = learn(method, out / "pictures", character.class_noun, character.name, base, out)
        done(f"learn by {method}")
    grid = rows(base, concepts, character.class_noun, character.description, character.name)
    done("draw the grid")
    for title, pictures in zip(("truth", "class", "description", *METHODS), grid.values()):
        for i, picture in enumerate(pictures):
            (out / "grid").mkdir(exist_ok=True)
            picture.save(out / "grid" / f"{title}-{i}.png")
    learned_from = [files.open_picture(p) for p in sorted((out / "pictures").glob("*.png"))]
    scores = prompt_scores(grid)
    done("score")
    files.write_text(out / "report.html", page(grid, learned_from, seconds, scores))
    why = "subject fidelity isn't measured in this version"
    files.write_json(out / "scores.json", {"seconds": seconds, "slot_accuracy": scores, "not_measured": why})
    for title, score in scores.items():
        print(f"  slots found: {100 * score['mean']:3.0f} % [{100 * score['lo']:.0f}, {100 * score['hi']:.0f}] {title}")
    print(f"look at {out}/report.html")


if __name__ == "__main__":
    main()
