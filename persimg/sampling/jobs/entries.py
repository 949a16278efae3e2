"""Job files: YAML, JSONL or CSV → entries, each one picture's settings as plain data.

An entry may have lists: all combinations are meant, the last named axis turning fastest.
"""

from __future__ import annotations

import collections
import csv
import io
import itertools
import json
import math
import re
import reprlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Iterator, Mapping

from persimg import seeds
from persimg.errors import UserError
from persimg.sampling.task import MAX_SEED

PLURALS = {"prompts": "prompt", "negatives": "negative", "seeds": "seed", "sizes": "size", "profiles": "profile", "bases": "base", "init_images": "init_image"}
AXES = (
    "base", "concepts", "size", "scheduler", "steps", "guidance", "strength", "init_image", "cache_interval", "guidance_until", "profile",
    "negative", "prompt", "seed",
)  # fmt: skip
"""in the order of the combinations: what is costly to switch turns slowest"""
NUMBERS = {"steps": int, "guidance": float, "strength": float, "cache_interval": int, "guidance_until": float}
JOB_KEYS = (
    "tasks", "wildcards", "pick", "batch", "dtype", "attention", "compile", "strict", "force", "taste", "rewriter", "safety",
    "safety_checker",
)  # fmt: skip
MAX_TASKS = 10_000_000
WILDCARD = re.compile(r"__([A-Za-z][A-Za-z0-9_-]*?)__")
SPAN = re.compile(r"(\d{1,19})(?:\s*-\s*(\d{1,19}))?")
SURROGATE = re.compile("[\ud800-\udfff]")
"""half a character, which escapes in JSON and YAML can write, and nothing can store"""
TYPES = {
    "batch": int, "dtype": str, "attention": str, "compile": bool, "strict": bool, "force": bool, "taste": (int, float), "rewriter": str,
    "safety": str, "safety_checker": str,
}  # fmt: skip
CHOICES = {"dtype": ("fp32", "fp16", "bf16"), "attention": ("sdpa", "xformers")}
MAX_BATCH = 1024
shown = reprlib.Repr()
shown.maxstring = shown.maxother = shown.maxlong = 80


@dataclass(frozen=True)
class JobFile:
    """entries: mappings of axes to lists of values, one mapping a block of combinations.

    wildcards: name → values for __name__ in prompts; pick: "all" of them, or one at "random" by the picture's seed.
    options: the job's own settings (batch, dtype, attention, compile, strict, force, taste, rewriter, safety, safety_checker). folder: what paths start from.
    """

    blocks: tuple[Mapping[str, tuple[Any, ...]], ...]
    wildcards: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    pick: str = "all"
    options: Mapping[str, Any] = field(default_factory=dict)
    folder: Path = Path()

    def entries(self) -> Iterator[dict[str, Any]]:
        """Axis → value, in order. UserError for a wildcard that isn't defined."""
        for block in self.blocks:
            axes = [axis for axis in AXES if axis in block]
            for values in itertools.product(*(block[axis] for axis in axes)):
                yield from self._filled(dict(zip(axes, values)))

    def _filled(self, entry: dict[str, Any]) -> Iterator[dict[str, Any]]:
        names = dict.fromkeys(WILDCARD.findall(f"{entry['prompt']}\n{entry.get('negative', '')}"))
        if not names:
            yield entry
            return
        for name in names:
            if name not in self.wildcards:
                raise UserError(f"the prompt {entry['prompt']!r} uses __{name}__", f"define it: wildcards: {{{name}: FILE or list}}")
        for words in self._choices(list(names), entry):
            chosen = dict(zip(names, words))
            texts = {key: WILDCARD.sub(lambda m: chosen[m.group(1)], entry[key]) for key in ("prompt", "negative") if key in entry}
            yield entry | texts

    def _choices(self, names: list[str], entry: dict[str, Any]) -> Iterator[tuple[str, ...]]:
        if self.pick == "all":
            return itertools.product(*(self.wildcards[name] for name in names))
        rngs = (seeds.rng(entry["seed"], "wildcard", name, entry["prompt"]) for name in names)
        return iter([tuple(rng.choice(self.wildcards[name]) for rng, name in zip(rngs, names))])


def read(path: Path | str) -> JobFile:
    """UserError (exit 2 for what can't be meant, 3 for a file that can't be read) with the place in the file."""
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UserError(f"job {path} could not be read ({error.strerror})", "check the path", 3) from error
    except UnicodeDecodeError as error:
        raise UserError(f"job {path} is not UTF-8 text", "save it as UTF-8", 3) from error
    readers = {".yaml": _yaml, ".yml": _yaml, ".json": _yaml, ".jsonl": _jsonl, ".csv": _csv}
    if path.suffix.lower() not in readers:
        raise UserError(f"job {path} has the suffix {path.suffix or '(none)'}", f"name it {', '.join(readers)}")
    top, rows = readers[path.suffix.lower()](path, text)
    return _job(path, top, rows)


def _yaml(path: Path, text: str) -> tuple[dict[str, Any], list[tuple[str, Any]]]:
    import yaml

    try:
        data = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, LookupError, AttributeError, TypeError, RecursionError) as error:  # such as the 45th of a month
        raise UserError(f"job {path} is not valid YAML ({' '.join(str(error).split())})", "mend the file", 3) from error
    if not isinstance(data, dict):
        raise UserError(f"job {path} is not a mapping", "begin with keys such as prompts: and seeds:", 3)
    has_tasks = "tasks" in data
    rows = data.pop("tasks", [{}])
    if not isinstance(rows, list):
        raise UserError(f"job {path}: tasks is not a list", "write one entry a line, each beginning with a dash", 3)
    return data, [(f"{path}, task {n}" if has_tasks else str(path), row) for n, row in enumerate(rows, 1)]


def _jsonl(path: Path, text: str) -> tuple[dict[str, Any], list[tuple[str, Any]]]:
    rows = []
    for n, line in enumerate(text.split("\n"), 1):  # splitlines would cut at U+2028, which JSON may hold
        if line.strip():
            try:
                rows.append((f"{path}, line {n}", json.loads(line)))
            except (ValueError, RecursionError) as error:
                raise UserError(f"{path}, line {n} is not valid JSON ({error})", "mend the line", 3) from error
    return {}, rows


def _csv(path: Path, text: str) -> tuple[dict[str, Any], list[tuple[str, Any]]]:
    """Cells are texts; an empty one is left out; concepts and other lists are separated by semicolons."""
    rows, reader = [], csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        for row in reader:
            where = f"{path}, line {reader.line_num}"
            if None in row or None in row.values():
                raise UserError(f"{where} has another number of cells than the header", "quote texts with commas", 3)
            rows.append((where, {k.strip(): v for k, v in row.items() if v.strip()}))
    except csv.Error as error:
        raise UserError(f"{path} is not valid CSV ({error})", "mend the file", 3) from error
    return {}, rows


def _job(path: Path, top: dict[str, Any], rows: list[tuple[str, Any]]) -> JobFile:
    options = {key: top.pop(key) for key in JOB_KEYS if key in top}
    if options.get("safety") is False:  # what YAML makes of off
        options["safety"] = "off"
    wildcards, pick = _wildcards(path, options.pop("wildcards", {})), options.pop("pick", "all")
    if pick not in ("all", "random"):
        raise UserError(f"job {path}: pick is {shown.repr(pick)}", "write all or random", 3)
    for key, value in options.items():
        _check_option(path, key, value)
    defaults = _singular(str(path), top, (*AXES, *JOB_KEYS))
    blocks = tuple(_block(where, defaults, row) for where, row in rows)
    if not blocks:
        raise UserError(f"job {path} holds no tasks", "write at least one prompt", 3)
    job = JobFile(blocks, wildcards, pick, options, path.parent)
    _check_number(job, path)
    return job


def _check_option(path: Path, key: str, value: Any) -> None:
    if not isinstance(value, TYPES[key]) or (isinstance(value, bool) and TYPES[key] is not bool):
        raise UserError(f"job {path}: {key} is {shown.repr(value)}", f"see the documentation of {key}", 3)
    if value not in CHOICES.get(key, (value,)):
        raise UserError(f"job {path}: {key} is {value!r}", f"write {', '.join(CHOICES[key])}", 3)
    if key == "batch" and not 1 <= value <= MAX_BATCH:
        raise UserError(f"job {path}: batch is {value}", f"write 1 to {MAX_BATCH}", 3)


def _check_number(job: JobFile, path: Path) -> None:
    total = sum(_number(job, block) for block in job.blocks)
    if total > MAX_TASKS:
        raise UserError(f"job {path} has {total} combinations", f"keep below {MAX_TASKS}, in several jobs")


def _number(job: JobFile, block: Mapping[str, tuple[Any, ...]]) -> int:
    """Of a block's combinations; a wildcard that isn't defined is said later."""
    prompts, negatives = (
        collections.Counter(frozenset(WILDCARD.findall(text) if job.pick == "all" else ()) for text in block.get(axis, ("",)))
        for axis in ("prompt", "negative")
    )
    texts = 0
    for (ours, prompt_count), (theirs, negative_count) in itertools.product(prompts.items(), negatives.items()):
        texts += prompt_count * negative_count * math.prod(len(job.wildcards.get(name, ("",))) for name in ours | theirs)
    return texts * math.prod(len(values) for axis, values in block.items() if axis not in ("prompt", "negative"))


def _singular(where: str, row: Any, known: tuple[str, ...] = AXES) -> dict[str, Any]:
    if not isinstance(row, dict):
        raise UserError(f"{where} is not a mapping", "write key: value", 3)
    entry: dict[str, Any] = {}
    for key, value in row.items():
        name = PLURALS.get(key, key)
        if name in JOB_KEYS:
            raise UserError(f"{where}: {key} is a key of the whole job", "write it at the top of a .yaml job", 3)
        if name not in AXES:
            raise UserError(f"{where}: {key} is unknown", f"known are {', '.join(known)}", 3)
        if name in entry:
            raise UserError(f"{where}: {name} is given twice", f"write {key} or {name}, not both", 3)
        entry[name] = value
    return entry


def _block(where: str, defaults: dict[str, Any], row: Any) -> dict[str, tuple[Any, ...]]:
    merged = defaults | _singular(where, row)
    if "prompt" not in merged:
        raise UserError(f"{where} has no prompt", "write prompt: TEXT or prompts: [TEXT, …]", 3)
    block = {"seed": (0,)}
    for axis, value in merged.items():
        block[axis] = _values(where, axis, value)
        if not block[axis]:
            raise UserError(f"{where}: {axis} is empty", "give at least one value or leave it out", 3)
    return block


def _values(where: str, axis: str, value: Any) -> tuple[Any, ...]:
    if axis == "seed":
        return tuple(itertools.chain.from_iterable(_seeds(where, item) for item in (value if isinstance(value, list) else [value])))
    if axis == "concepts":
        return _combinations(where, value)
    items = value if isinstance(value, list) else [value]
    return tuple(_checked(where, axis, item) for item in items)


def _checked(where: str, axis: str, item: Any) -> Any:
    if axis in NUMBERS:
        try:
            number = NUMBERS[axis](item)
            if number == float(item) and not isinstance(item, bool):
                return number
        except (TypeError, ValueError, OverflowError):
            pass
        raise UserError(f"{where}: {axis} is {shown.repr(item)}", f"write {'a whole number' if NUMBERS[axis] is int else 'a number'}", 3)
    if item is None and axis in ("profile", "negative", "scheduler", "size", "init_image"):
        return "" if axis == "negative" else None
    if not isinstance(item, str) or SURROGATE.search(item):
        raise UserError(f"{where}: {axis} is {shown.repr(item)}", "write a text (in YAML, quoted)", 3)
    return item


def _seeds(where: str, item: Any) -> list[int]:
    """5, "0-9", "0-9, 20"."""
    if isinstance(item, int) and not isinstance(item, bool) and 0 <= item <= MAX_SEED:
        return [item]
    found: list[int] = []
    for part in item.split(",") if isinstance(item, str) else [""]:
        span = SPAN.fullmatch(part.strip())
        first, last = (int(span[1]), int(span[2] or span[1])) if span else (1, 0)
        if last < first or last > MAX_SEED or len(found) + last - first >= MAX_TASKS:
            mend = f"write a number up to {MAX_SEED}, a range such as 0-9, or a list of both"
            raise UserError(f"{where}: seed {shown.repr(item)} can't be read", mend, 3)
        found += range(first, last + 1)
    return found


def _combinations(where: str, value: Any) -> tuple[tuple[str, ...], ...]:
    """A text or a list of texts is one combination; a list of lists, one each."""
    if isinstance(value, str):
        value = [part.strip() for part in value.split(";") if part.strip()]
    if value is None:
        return ((),)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return (tuple(value),)
    if isinstance(value, list) and all(isinstance(item, list) and all(isinstance(name, str) for name in item) for item in value):
        return tuple(tuple(item) for item in value)
    raise UserError(f"{where}: concepts is {shown.repr(value)}", 'write ["FILE:0.8"], or for several combinations [[], ["FILE:0.8"]]', 3)


def _wildcards(path: Path, given: Any) -> dict[str, tuple[str, ...]]:
    if not isinstance(given, dict):
        raise UserError(f"job {path}: wildcards is not a mapping", "write NAME: FILE or NAME: [words]", 3)
    return {name: _words(path, name, value) for name, value in given.items()}


def _words(path: Path, name: Any, value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        file = path.parent / value
        try:
            lines = file.read_text(encoding="utf-8-sig").split("\n")
            value = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
        except (OSError, ValueError) as error:
            raise UserError(f"the words of __{name}__ in {file} could not be read ({error})", "check the path", 3) from error
    is_list = isinstance(value, list) and value
    if not (is_list and all(isinstance(word, (str, int, float)) and not SURROGATE.search(str(word)) for word in value)):
        raise UserError(f"job {path}: wildcard {name} has no words", "name a text file with a word or phrase a line, or write a list", 3)
    return tuple(str(word) for word in value)
