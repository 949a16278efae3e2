"""Entries → tasks: everything that a picture depends on is looked up, checked and hashed before anything is drawn."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable, Iterator, Mapping

from persimg import files
from persimg.concepts import library, prompts, store
from persimg.errors import UserError
from persimg.sampling import safety
from persimg.sampling.jobs.entries import JobFile
from persimg.sampling.jobs.survey import survey
from persimg.sampling.task import ConceptUse, GuideUse, Task

Rewrite = Callable[[str, str, str, str, Mapping[str, str]], tuple[str, str, tuple[GuideUse, ...]]]
"""(prompt, negative prompt, user, base with its tokenizers, what each <name> becomes) → (prompt, negative prompt, guides)"""
PASSED_ON = ("steps", "strength", "scheduler", "cache_interval", "guidance_until")
"""an entry's settings that a task takes as they are"""


@dataclass(frozen=True)
class Manifest:
    """An ordered set of tasks, and where workers find what they name.

    bases: mark → name; concepts: mark → file (`schedulers.base_mark`, `Card.mark`); pictures: digest → file to start from; doubles: entries that mean a task again;
    safety, checker: what becomes of pictures that it flags (`sampling/safety.py`).
    """

    tasks: Mapping[str, Task]
    bases: Mapping[str, str]
    concepts: Mapping[str, str] = field(default_factory=dict)
    pictures: Mapping[str, str] = field(default_factory=dict)
    doubles: int = 0
    gpus: int = 0
    safety: str = "off"
    checker: str | None = None

    def __len__(self) -> int:
        return len(self.tasks)


def plan(job: JobFile, base: str = "mini", rewrite: Rewrite | None = None) -> Manifest:
    """Every task of a job file. base: for entries that name none.

    Raises UserError for an unknown concept, base, size or profile without a rewriter, before anything is drawn.
    """
    reader = _Reader(job, base, rewrite)
    tasks: dict[str, Task] = {}
    total = 0
    for total, task in enumerate(reader.tasks(), 1):
        tasks[task.id] = task
    bases = {reader.facts["bases"][name]["mark"]: _named(name, job.folder) for name in reader.bases}
    return Manifest(tasks, bases, reader.files, reader.pictures, total - len(tasks), reader.facts["gpus"], reader.safety, reader.checker)


def _named(name: str, folder: Path) -> str:
    return str(Path(name).resolve()) if Path(name).exists() else name


class _Reader:
    """One pass over a job's entries; what repeats is looked up once."""

    def __init__(self, job: JobFile, base: str, rewrite: Rewrite | None):
        self.job, self.default, self.rewrite = job, base, rewrite
        self.safety, self.checker = job.options.get("safety", "off"), self._checker(job.options.get("safety_checker"))
        safety.check(self.safety, self.checker)
        self.marks = {"safety": self.safety, "safety_checker": safety.name_of(self.checker)} if self.checker else {}
        self.bases = list(dict.fromkeys(self._base(name) for block in job.blocks for name in block.get("base", (None,))))
        uses = dict.fromkeys(use for block in job.blocks for combination in block.get("concepts", ()) for use in combination)
        self.paths = {use: self._concept(use) for use in uses}
        self.cards = {use: store.read_card(path) for use, (path, _) in self.paths.items()}
        self.facts = survey(self.bases, [path for path, _ in self.paths.values()])
        self.concepts = {use: self.cards[use].mark(self.facts["concepts"][str(path)]) for use, (path, _) in self.paths.items()}
        self.files = {self.concepts[use]: str(path.resolve()) for use, (path, _) in self.paths.items()}
        self.pictures: dict[str, str] = {}
        self.combination = functools.lru_cache(4096)(self._combination)
        self.text = functools.lru_cache(65536)(self._text)
        self.size = functools.lru_cache(4096)(self._size)
        self.picture = functools.lru_cache(4096)(self._picture)

    def _base(self, name: str | None) -> str:
        from persimg.bases.loading import check_base_name

        beside = self.job.folder / name if name else Path()
        name = self.default if name is None else str(beside) if beside.is_dir() or beside.is_file() else name
        check_base_name(name)
        return name

    def _checker(self, name: str | None) -> str | None:
        """A folder is looked for beside the job file first."""
        folders = (self.job.folder / name, Path(name)) if name else ()
        return next((str(folder.resolve()) for folder in folders if folder.is_dir()), name)

    def _concept(self, use: str) -> tuple[Path, float]:
        """FILE_OR_NAME[:SCALE]; a file is looked for beside the job file first."""
        name, scale = library.split_use(use)
        beside = self.job.folder / name
        return (beside if beside.is_file() and not library.has(name) else library.resolve(name)), scale

    def tasks(self) -> Iterator[Task]:
        for entry in self.job.entries():
            yield self._task(entry)

    def _task(self, entry: dict[str, Any]) -> Task:
        base = self._base_of(entry.get("base"))
        uses, expansions = self.combination(entry.get("concepts", ()))
        prompt, negative, guides = self.text(entry["prompt"], entry.get("negative", ""), entry.get("profile"), base, expansions)
        width, height = self.size(entry.get("size"), base)
        settings = {key: entry[key] for key in PASSED_ON if entry.get(key) is not None}
        if entry.get("init_image"):
            settings["init_image"] = self.picture(entry["init_image"])
        facts = self.facts["bases"][base]
        return Task(
            prompt, negative, uses, facts["mark"], entry["seed"], width, height,
            guidance=entry.get("guidance", facts["guidance"]), guides=guides, **settings, **self.marks,
        )  # fmt: skip

    def _base_of(self, name: str | None) -> str:
        return self.bases[0] if len(self.bases) == 1 else self._base(name)

    def _combination(self, uses: tuple[str, ...]) -> tuple[tuple[ConceptUse, ...], tuple[tuple[str, str], ...]]:
        cards = [self.cards[use] for use in uses]
        if len({card.name for card in cards}) < len(cards):
            raise UserError(f"concepts {', '.join(uses)} have the same name", "use each once in a picture")
        found = tuple(ConceptUse(self.cards[use].name, self.concepts[use], self.paths[use][1]) for use in uses)
        return found, tuple((card.placeholder, card.expansion) for card in cards)

    def _text(self, prompt: str, negative: str, user: str | None, base: str, expansions: tuple) -> tuple[str, str, tuple[GuideUse, ...]]:
        guides: tuple[GuideUse, ...] = ()
        if user:
            if self.rewrite is None:
                raise UserError("the job names profiles, but there is nothing to rewrite with", "run it with: persimg batch run")
            tokenizers = self.facts["bases"][base]["tokenizers"] or base
            prompt, negative, guides = self.rewrite(prompt, negative, user, tokenizers, dict(expansions))
        for text in (prompt, negative):
            prompts.expand(text, dict(expansions))
        return prompt, negative, guides

    def _size(self, text: str | None, base: str) -> tuple[int | None, int | None]:
        from persimg.bases.loading import check_size, parse_size

        size = parse_size(text)
        check_size(base, *size)
        return size

    def _picture(self, name: str) -> str:
        path = self.job.folder / name
        files.open_picture(path)
        digest = files.digest_file(path)[:16]
        self.pictures[digest] = str(path.resolve())
        return digest
