"""The second person of prompts, who stands where they say {other}: a learned concept, or somebody whom the base knows by name."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Callable

from persimg.concepts import library, store
from persimg.errors import UserError
from persimg.evaluation import renders, sources
from persimg.evaluation.metric import OTHER
from persimg.evaluation.suite import Suite, is_drawn


@dataclass(frozen=True)
class Other:
    """said: what prompts call them, <name> of a concept or a name in words; noun: what a base without the concept is asked for.

    path: the concept's file, None of a name. references: pictures of them.
    """

    said: str
    noun: str
    path: Path | None = None
    references: sources.Pictures = ()


def find(given: str | Path | None, references: str | Path | None) -> Other | None:
    """Whom --other means: a concept's file, a name from the library, else a name in words; None where it isn't given.

    A concept's references are what its run kept from training, unless a folder is given. UserError for a file that is no
    concept, and for references of nobody.
    """
    if given is None:
        if references:
            raise UserError("--other-references are pictures of nobody yet", "say who the second person is with --other")
        return None
    words, path = " ".join(str(given).split()), _concept_file(str(given))
    if not words:
        raise UserError("--other is empty", "give a concept, or a name that the base knows")
    shown = sources.open_folder(references, "--other-references") if references else ()
    if path is None:
        return Other(words, words, None, shown)
    card = store.read_card(path)
    return Other(f"<{card.name}>", card.class_noun or "person", path, shown or sources.beside(path)[1])


def _concept_file(text: str) -> Path | None:
    is_path = Path(text).suffix in (".safetensors", *store.PICKLES) or "/" in text
    return library.resolve(text) if is_path or library.has(text) or Path(text).is_file() else None


def check_suite(suite: Suite, other: Other | None) -> None:
    """UserError where prompts name a second person and nobody is meant, or the other way round."""
    has_pairs = any(OTHER in prompt for prompt in suite.prompts)
    if has_pairs and other is None:
        raise UserError(f"the suite {suite.name} names a second person by {OTHER}", "say who that is with --other")
    if other is not None and not has_pairs:
        raise UserError(f"no prompt of the suite {suite.name} has a place for {other.said}", f"write {OTHER} where the second person goes")


def drawn(other: Other) -> Other | None:
    """Somebody whom the drawn world has a name for, with true renders unless there are references; None: it has none."""
    name = None if other.path else renders.known_name(other.said)
    return None if name is None else replace(other, said=name, noun=name, references=other.references or renders.references(name))


def on_base(other: Other, is_drawn_world: bool) -> Other:
    """As `drawn` on a base of the drawn world. UserError where that knows nobody of the name; other bases are taken at the user's word."""
    if other.path or not is_drawn_world:
        return other
    found = drawn(other)
    if found is None:
        from persimg.mini.world.people import PEOPLE

        raise UserError(f"{other.said} is neither a concept nor somebody whom the base knows", f"give a concept, or a name such as {PEOPLE[0].name}")
    return found


def of_folder(folder: Path, found: sources.Answered, other: Other | None, tell: Callable[[str], None]) -> Other | None:
    """With true renders of somebody of the drawn world. UserError where prompts name a second person and nobody is meant, or the other way round."""
    has_pairs = any(OTHER in prompt for prompt in found.prompts)
    if other is None:
        if has_pairs:
            raise UserError(f"the prompts of {folder} name a second person by {OTHER}", "say who that is with --other")
        if found.together:
            tell(f"<{'> and <'.join(found.together)}> are named together and all count as the subject; --other says who is the second person")
        return None
    if not has_pairs:
        raise UserError(f"no prompt of {folder} names {other.said}", "give --other as the prompts say it")
    return (drawn(other) if is_drawn(found.prompts) else None) or other


def about(other: Other | None) -> dict[str, Any]:
    """What scores.json and the report say of the second person."""
    if other is None:
        return {}
    digest = {"digest": store.load(other.path).digest} if other.path else {}
    shown = f"{len(other.references)} references" if other.references else "no references"
    return {"other": {"said": other.said, "references": len(other.references), **digest}, "lead": [f"Beside {other.said}, of whom there are {shown}."]}
