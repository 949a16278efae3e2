"""What planning needs to know of bases and concepts, and only loading them tells.

Asked in a process of its own, so that the one that plans and coordinates never holds torch; answers are kept in the user's folder with
the sizes and times of the files that they were read from.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Iterable

from persimg import files
from persimg.errors import UserError

if TYPE_CHECKING:
    from persimg.bases.base import Base

VERSION = 3
"""of what is kept"""


def cache() -> Path:
    return files.home() / "known.json"


def survey(bases: Iterable[str], concepts: Iterable[Path]) -> dict[str, Any]:
    """{"bases": {name: {"mark", "guidance", "size", "tokenizers"}}, "concepts": {path: digest}, "gpus": number}.

    tokenizers: a folder with copies of them, for a base whose own don't lie in one; else None. Paths are resolved in the cache, not in the
    answer. UserError for what can't be loaded.
    """
    wanted = {"bases": {name: stamp(name) for name in bases}, "concepts": {str(path): stamp(path) for path in concepts}}
    known = _known()
    missing = {kind: [name for name, mark in items.items() if not _is_fresh(known, kind, name, mark)] for kind, items in wanted.items()}
    may_have_gpus = Path("/dev/nvidiactl").exists()
    gpus = 0
    if missing["bases"] or missing["concepts"] or may_have_gpus:
        found = _ask(missing)
        gpus = found["gpus"]
        for kind, items in wanted.items():
            known.setdefault(kind, {}).update({_key(name): {"stamp": items[name], "facts": facts} for name, facts in found[kind].items()})
        files.write_json(cache(), known | {"version": VERSION})
    facts = {kind: {name: known[kind][_key(name)]["facts"] for name in items} for kind, items in wanted.items()}
    return {**facts, "gpus": gpus}


def _key(name: str) -> str:
    return str(Path(name).resolve()) if Path(name).exists() else name


def _known() -> dict[str, Any]:
    if not cache().exists():
        return {}
    try:
        known = files.read_json(cache())
    except UserError:
        return {}  # it can be asked again
    return known if isinstance(known, dict) and known.get("version") == VERSION else {}


def _is_fresh(known: dict[str, Any], kind: str, name: str, mark: Any) -> bool:
    entry = known.get(kind, {}).get(_key(name))
    if mark is None or entry is None or entry["stamp"] != mark:
        return False
    copies = entry["facts"]["tokenizers"] if kind == "bases" else None
    return copies is None or Path(copies).is_dir()


def stamp(name: str | Path) -> list[list[Any]] | None:
    """Name, size and time of every file; None for what doesn't lie here, such as a hub id."""
    from persimg.bases.loading import locate

    path = locate(str(name)) or Path(name)
    found = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path] if path.is_file() else []
    return [[str(p.relative_to(path)), p.stat().st_size, p.stat().st_mtime_ns] for p in found] or None


def _ask(missing: dict[str, list[str]]) -> dict[str, Any]:
    done = subprocess.run([sys.executable, "-m", __name__], input=json.dumps(missing), capture_output=True, text=True)
    lines = done.stdout.strip().splitlines()
    if done.returncode or not lines:
        why = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1][:200]
        raise UserError(f"bases and concepts could not be looked at ({why})", "see: persimg doctor", 3)
    answer = json.loads(lines[-1])
    if "error" in answer:
        raise UserError(answer["error"], exit_code=answer["exit_code"])
    return answer


def look(missing: dict[str, list[str]]) -> dict[str, Any]:
    """Load everything once, on the CPU."""
    import torch

    from persimg.bases.loading import load_base, locate
    from persimg.concepts import store
    from persimg.sampling.schedulers import base_mark

    bases = {}
    for name in missing["bases"]:
        base = load_base(name, dtype="fp32", device="cpu")
        mark = base_mark(base)
        facts = {"mark": mark, "guidance": base.default_guidance, "size": base.default_size}
        bases[name] = {**facts, "tokenizers": None if locate(name) else _keep_tokenizers(base, mark)}
    concepts = {path: store.load(path).digest for path in missing["concepts"]}
    return {"bases": bases, "concepts": concepts, "gpus": torch.cuda.device_count()}


def _keep_tokenizers(base: Base, mark: str) -> str:
    """What prompts are counted with, without torch, where a base is one file or in the hub's cache."""
    folder = cache().parent / "tokenizers" / mark
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as beside:
            for part, tokenizer in zip(("tokenizer", "tokenizer_2"), base.tokenizers.values()):
                tokenizer.save_pretrained(Path(beside) / "all" / part)
            try:
                (Path(beside) / "all").rename(folder)
            except OSError:  # another process was as fast
                if not folder.is_dir():
                    raise
    return str(folder)


def main() -> None:
    try:
        answer = look(json.load(sys.stdin))
    except UserError as error:
        answer = {"error": str(error), "exit_code": error.exit_code}
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
