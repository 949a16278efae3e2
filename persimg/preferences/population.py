"""What many users like on average: where a user's profile may begin, so that it only has to learn the difference.

Opt-in: it is used where the file PERSIMG_HOME/population.json lies, made by `persimg profile population` of users who agreed. It holds
means and deviations over users for each attribute that LEAST_USERS of them told something of, and nothing of a single one.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any, Mapping, Sequence

import numpy as np

from persimg import files
from persimg.errors import UserError
from persimg.preferences.lexicon import Lexicon

NAME = "population.json"
LEAST_USERS = 20
"""who must have told something of an attribute"""
PRAISE = "praise"
"""key of the log-odds by which a comment praises what it names, whatever that is: who names something mostly likes it"""


@dataclass(frozen=True)
class Population:
    """mean, sd: lexicon id → weight over users, log-odds, and PRAISE; seen: lexicon id → share of pictures that have it, asked: → prompts
    that ask for it, 0..1; users: how many it was made of."""

    users: int
    mean: Mapping[str, float]
    sd: Mapping[str, float]
    seen: Mapping[str, float]
    asked: Mapping[str, float]

    @cached_property
    def version(self) -> str:
        """Another one for another population: part of a profile's revision."""
        return files.digest_bytes(json.dumps(asdict(self), sort_keys=True).encode())

    def contrast(self, attribute: str, table: Lexicon) -> dict[str, float]:
        """Asking for an attribute as a choice of it among all that prompts ask for in its category."""
        category = table.attributes[attribute].category
        rivals = {a: share for a, share in self.asked.items() if a in table.attributes and table.attributes[a].category == category}
        total = sum(rivals.values())
        found = {a: -share / total for a, share in rivals.items()} if total else {}
        return {**found, attribute: 1.0 + found.get(attribute, 0.0)}

    def beside_usual(self, names: Sequence[str], table: Lexicon) -> np.ndarray:
        """(A, A): weights → what they are above that of what pictures mostly have in the same category."""
        categories = [table.attributes[name].category if name in table.attributes else "" for name in names]
        seen = np.array([self.seen.get(name, 0.0) for name in names])
        same = np.array([[a == b != "" for b in categories] for a in categories], float).reshape(len(names), len(names))
        return np.eye(len(names)) - same * seen[None]


def load(path: Path | None = None) -> Population | None:
    """The population that profiles begin at, None without a file. path: None for PERSIMG_HOME's. UserError, exit 3, for what is none."""
    path = path or files.home() / NAME
    if not path.exists():
        return None
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError):
        record = None
    if not _is_population(record):
        raise UserError(f"{path} is no population", "make it anew with persimg profile population, or remove it", 3)
    return Population(**record)


def _is_population(record: Any) -> bool:
    if not isinstance(record, dict) or set(record) != {f.name for f in fields(Population)} or type(record["users"]) is not int:
        return False
    tables = [record[name] for name in ("mean", "sd", "seen", "asked")]
    if not all(isinstance(table, dict) for table in tables) or set(record["mean"]) != set(record["sd"]):
        return False
    numbers = [value for table in tables for value in table.values()]
    return all(type(value) in (int, float) and math.isfinite(value) for value in numbers) and all(value > 0 for value in record["sd"].values())


def save(population: Population, path: Path | None = None) -> Path:
    """A JSON file that a person can read."""
    path = path or files.home() / NAME
    files.write_json(path, asdict(population))
    return path
