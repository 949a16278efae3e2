"""Held-out drawn faces x prompts, one picture each to learn from: the identity basis, optimised and by a map, against other methods.

Textual inversion with as many vectors and DreamBooth-LoRA get equal rows, LoRA a quarter of them too, since one picture wears it out; a
named person's own portraits are the ceiling, the class word is the floor. Faces are scored by a recognizer that nothing was learned with.
What is claimed is fixed in CLAIMS before anything runs: more of the prompt than textual inversion at an identity at most MARGIN lower, two
people in one picture more often than the others, and less spread over seeds. The map is learned once, from other faces, and then costs
one pass a face.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Mapping, Sequence

from persimg import files, seeds
from persimg.errors import UserError

if TYPE_CHECKING:
    from persimg.bases.base import Base
    from persimg.bench.subjects import Subject

PROMPTS: dict[str, tuple[str, ...]] = {
    "scene": ("{} in the snow, flat style", "{} on the beach, flat style", "{} in the forest at night, flat style", "{} at the castle at sunset, flat style"),
    "attribute": (
        "{} wearing a hat in a room, flat style", "{} wearing glasses in the snow, flat style", "{} wearing a crown on the beach, flat style",
        "{} wearing a scarf in the city, flat style",
    ),
    "expression": (
        "{} smiling in a meadow, flat style", "{} surprised in the snow, flat style", "{} with closed eyes in a room, flat style",
        "{} looking sad in the desert, flat style",
    ),
    "style": (
        "{} in the forest, watercolor style", "{} on the beach, outline style", "{} in the city, pastel style", "{} in a room, neon style",
    ),
    "two people": (
        "{} next to {other} in the snow, flat style", "{} left of {other} on the beach, flat style", "{} and {other} in the city, flat style",
        "{} right of {other} in the forest, flat style",
    ),
}  # fmt: skip
"""kind → prompts; a person has no pose in the drawn world, what they do is in the face"""
METRICS = (
    "identity", "face_found", "identity_all", "identity_verified", "slot_accuracy", "both_recognised", "joint", "blended", "swapped",
)  # fmt: skip
BASIS, MAPPED, INVERSION, LORA, KNOWN, WORD = "identity basis", "identity basis, map", "textual inversion", "DreamBooth-LoRA", "known name", "class word"
SHORT_LORA = "DreamBooth-LoRA, a quarter of the steps"
MARGIN = 0.05
"""cosine by which an identity may be lower and still count as matched"""
CLAIMS: tuple[tuple[str, tuple[str, str, str], tuple[str, str, str] | None], ...] = (
    ("more of the prompt than textual inversion at matched identity", (BASIS, INVERSION, "slot_accuracy"), (BASIS, INVERSION, "identity_all")),
    ("by a map, more of the prompt than textual inversion at matched identity", (MAPPED, INVERSION, "slot_accuracy"), (MAPPED, INVERSION, "identity_all")),
    ("two people and the place more often than textual inversion", (BASIS, INVERSION, "joint"), None),
    ("two people and the place more often than DreamBooth-LoRA", (BASIS, LORA, "joint"), None),
    ("identity spreads less over seeds than textual inversion's", (BASIS, INVERSION, "spread:identity_all"), None),
    ("the prompt spreads less over seeds than textual inversion's", (BASIS, INVERSION, "spread:slot_accuracy"), None),
    ("by a map, more like the person than the class word is", (MAPPED, WORD, "identity_all"), None),
)
"""what is claimed, the difference that shows it, and the one that may not fall below -MARGIN"""
BATCH = 8
STEPS, MAP_STEPS, MAP_PEOPLE, MAP_PICTURES = 400, 1200, 128, 2
CURVE_FACES = 4
MAP_NOTE = "seconds.json"
SEED = 51_005
"""of the faces that the map is learned from, apart from all others"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--faces", type=int, default=12, help="how many held-out faces, 2 to 24 (default 12)")
    parser.add_argument("--prompts", type=int, default=20, help="how many prompts, of all kinds in turn (default 20)")
    parser.add_argument("--seeds", type=int, default=2, help="seeds of learning and drawing (default 2)")
    parser.add_argument("--steps", type=int, default=STEPS, help=f"steps of {BATCH} rows that each method learns a face in (default {STEPS})")
    parser.add_argument("--map-steps", type=int, default=MAP_STEPS, help=f"steps in which the map is learned (default {MAP_STEPS})")
    parser.add_argument("--map-people", type=int, default=MAP_PEOPLE, help=f"faces from which the map is learned (default {MAP_PEOPLE})")
    parser.add_argument("--curves", action="store_true", help="also the identity basis at other K and with fewer names, one seed, without pairs")
    parser.add_argument("--curve-faces", type=int, default=CURVE_FACES, help=f"how many of the faces for --curves (default {CURVE_FACES})")
    parser.add_argument("--device", help="cpu, cuda or cuda:N")
    parser.add_argument("--out", type=Path, default=Path("out/bench/identity"), help="folder (default out/bench/identity); the same call again resumes")


def prompts(count: int) -> list[str]:
    """So many, one of each kind in turn."""
    return [row[i] for i in range(max(map(len, PROMPTS.values()))) for row in PROMPTS.values() if i < len(row)][:count]


def plan(faces: int, seeds: int, steps: int, suite: Path) -> dict[str, Any]:
    arms = {
        BASIS: {"method": "identity_basis"}, MAPPED: {"makes": "map"}, INVERSION: {"method": "textual_inversion", "num_vectors": 2},
        LORA: {"method": "dreambooth_lora"}, SHORT_LORA: {"method": "dreambooth_lora", "steps": max(1, steps // 4)},
        KNOWN: {"says": "known"}, WORD: {"says": "class"},
    }  # fmt: skip
    wanted = dict.fromkeys(found for _, *parts in CLAIMS for found in parts if found and (seeds > 1 or not found[2].startswith("spread:")))
    return {
        "title": "Held-out faces on the embedded base", "subjects": [{"face": n} for n in range(faces)], "arms": arms, "suite": str(suite),
        "pictures_per_prompt": 1, "seeds": list(range(seeds)), "forward_rows": steps * BATCH, "metrics": list(METRICS),
        "defaults": {"batch_size": BATCH, "templates": "name", "select": False, "checkpoint_every": steps}, "planned": [list(w) for w in wanted],
    }  # fmt: skip


def run(args: argparse.Namespace) -> dict[str, Any]:
    _check(args)
    from persimg.bases.loading import load_base
    from persimg.bench.compare import compare
    from persimg.bench.show import follow

    asked = prompts(args.prompts)
    suite = _suite(asked, args.out / "prompts.txt")
    made, base = plan(args.faces, args.seeds, args.steps, suite), load_base("mini", dtype="fp32", device=args.device)
    made["planned"] = [p for p in made["planned"] if any("{other}" in prompt for prompt in asked) or p[2] != "joint"]
    maker = MapMaker(base, args.out / "map", args.map_people, args.map_steps)
    record = follow(compare(made, args.out, base=base, makers={"map": maker}), args.out)
    record |= {"margin": MARGIN, "claims": claims(record), "map": maker.record(args.seeds)}
    _show(record, args.faces * args.seeds)
    files.write_json(args.out / "identity.json", record)
    if args.curves:
        record["curves_of_the_basis"] = _curves(args, base, asked)
        files.write_json(args.out / "identity.json", record)
    return record


def _curves(args: argparse.Namespace, base: Base, asked: Sequence[str]) -> list[dict[str, Any]]:
    """Of the optimised identity basis, on the prompts of one person, one seed; printed."""
    from persimg.bench.identity_curves import curves, lines

    out = args.out / "curves"
    found = curves(plan(args.curve_faces, 1, args.steps, _suite([p for p in asked if "{other}" not in p], out / "prompts.txt")), out, base)
    print("\n".join(lines(found)))
    return found


def _check(args: argparse.Namespace) -> None:
    from persimg.mini.world.people import HELD_OUT_FACES

    most = sum(map(len, PROMPTS.values()))
    limits = {"faces": (2, len(HELD_OUT_FACES)), "curve_faces": (1, len(HELD_OUT_FACES)), "prompts": (1, most), "seeds": (1, 100), "steps": (1, 10**6), "map_steps": (1, 10**6), "map_people": (2, 2000)}
    for name, (least, limit) in limits.items():
        if not least <= getattr(args, name) <= limit:
            raise UserError(f"--{name.replace('_', '-')} {getattr(args, name)} is out of range", f"take {least} to {limit}")


def _suite(asked: Sequence[str], path: Path) -> Path:
    files.write_text(path, "".join(f"{prompt}\n" for prompt in asked))
    return path


# --- the map ----------------------------------------------------------------------------------------------------------


@dataclass
class MapMaker:
    """Concepts by a map, which is learned when the first one is asked for, from faces that no subject has."""

    base: Base
    out: Path
    people: int
    steps: int

    @property
    def key(self) -> str:
        return f"map of {self.people} people in {self.steps} steps"

    def prepare(self, seed: int) -> None:
        self._learned(seed)

    def __call__(self, subject: Subject, seed: int, path: Path) -> None:
        from persimg.concepts import store
        from persimg.faces import embed, pack
        from persimg.methods.identity_basis import applied, find_basis
        from persimg.spaces import face_map

        trained, basis, reader = face_map.load(self._learned(seed)), find_basis(self.base), pack.load()
        trained.check(self.base, basis, reader)
        feature = embed.of_person(subject.training[0], reader, subject.plan.name)
        store.save(applied(trained, self.base, basis, feature, subject.plan.name, subject.plan.class_noun, subject.plan.consent), path)

    def _learned(self, seed: int) -> Path:
        """The map's file; a run that was interrupted goes on."""
        from persimg.bench.plan import DRAWN_CONSENT
        from persimg.training.run import train

        folder = self._folder(seed)
        if not (folder / MAP_NOTE).exists():
            settings = {"inversion": "map", "steps": self.steps, "batch_size": BATCH, "seed": seed, "checkpoint_every": max(1, min(200, self.steps))}
            for event in train("identity_basis", self._drawn(), "", "person", self.base, folder, consent=DRAWN_CONSENT, **settings):
                if event.kind == "checkpoint":
                    print(f"map, seed {seed}: {event.step} of {self.steps} steps", flush=True)
                elif event.kind == "finished":
                    files.write_json(folder / MAP_NOTE, event.values["seconds"])
        return folder / "map.safetensors"

    def _folder(self, seed: int) -> Path:
        return self.out / f"{self.people}-{self.steps}-{seed}"

    def record(self, seeds: int) -> dict[str, Any]:
        """What the map itself took: rows and seconds a seed, once for all faces."""
        spent = [files.read_json(self._folder(seed) / MAP_NOTE)["learning"] for seed in range(seeds)]
        return {"people": self.people, "steps": self.steps, "rows": self.steps * BATCH, "seconds": spent}

    def _drawn(self) -> Path:
        """A folder for each of the faces to learn from."""
        folder = self.out / f"people-{self.people}"
        for number in range(self.people):
            for i in range(MAP_PICTURES):
                path = folder / f"p{number}" / f"{i}.png"
                if not path.exists():
                    with files.write_beside(path) as temporary:
                        _stranger(number, i).save(temporary, "PNG")
        return folder


def _stranger(number: int, i: int) -> Any:
    """A close portrait of somebody whom no other part of the toolkit draws."""
    from PIL import Image

    from persimg.mini.world.face import sample_face
    from persimg.mini.world.figures import Figure
    from persimg.mini.world.render import draw
    from persimg.mini.world.scene import Scene
    from persimg.mini.world.scene import Subject as Shown
    from persimg.mini.world.words import PLACES

    face, rng = sample_face(seeds.rng(SEED, "face", number)), seeds.rng(SEED, "scene", number, i)
    scene = Scene((Shown("person", None, person=Figure(None, face.noun, face)),), rng.choice(list(PLACES)), "flat", rng.randrange(2**31), framing="close")
    return Image.fromarray(draw(scene, masks=False).picture)


# --- what it comes to -------------------------------------------------------------------------------------------------


def claims(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each claim with its verdict, "shown", "not shown" or "opposite", and what it rests on."""
    found = {(c["first"], c["second"], c["metric"]): c for c in record["comparisons"]}
    return [{"claim": text, **_verdict(found.get(better), matched and found.get(matched), matched is not None)} for text, better, matched in CLAIMS]


def _verdict(better: Mapping[str, Any] | None, matched: Mapping[str, Any] | None, must_match: bool) -> dict[str, Any]:
    """Differences as `compare` has them; None: not measured."""
    if better is None or (must_match and matched is None):
        return {"verdict": "not shown", "why": "not measured in this run"}
    is_matched = not must_match or (matched is not None and matched["lo"] is not None and matched["lo"] > -MARGIN)
    verdict = better["verdict"]
    if verdict == "shown" and not is_matched:
        verdict = "not shown"
    rests = {"difference": [better[k] for k in ("mean", "lo", "hi")], "p_holm": better["p_holm"]}
    return {"verdict": verdict, **rests, **({"identity_difference": [matched[k] for k in ("mean", "lo", "hi")]} if matched else {})}


def _show(record: Mapping[str, Any], identities: int) -> None:
    """What an identity costs, then the claims."""
    for row in record["rows"]:
        if "bytes" in row:
            trained = "unknown" if row["trained"] is None else str(row["trained"])
            print(f"{row['title']}: {trained} numbers trained, {row['stored']} stored, {row['bytes'] / 1024:.1f} KiB, {row['seconds'].get('learning', 0) / identities:.1f} s an identity")
    spent = ", ".join(f"{seconds:.0f}" for seconds in record["map"]["seconds"])
    print(f"the map, once a seed for all faces: {record['map']['rows']} rows of {record['map']['people']} other people, {spent} s")
    for claim in record["claims"]:
        between = " [{:+.3f} … {:+.3f}]".format(*claim["difference"][1:]) if "difference" in claim and None not in claim["difference"] else ""
        print(f"{claim['verdict']}: {claim['claim']}{between}" + (f" ({claim['why']})" if "why" in claim else ""))
