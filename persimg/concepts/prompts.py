"""Placeholders in prompts: <name> becomes what the concept's card says, once."""

from __future__ import annotations

import re
from typing import Mapping

from persimg.errors import UserError

PLACEHOLDER = re.compile(r"<([A-Za-z][A-Za-z0-9_-]*)>")
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}")


def check_name(name: str) -> None:
    """Names go into prompts, file names and tokenizers."""
    if not NAME.fullmatch(name):
        raise UserError(f"--name {name!r} can't be used", "take a letter, then letters, digits, - or _, at most 40")


def placeholders(prompt: str) -> list[str]:
    """All <name> in order of appearance, brackets included."""
    return [match.group(0) for match in PLACEHOLDER.finditer(prompt)]


def expand(prompt: str, expansions: Mapping[str, str]) -> str:
    """Replace every <name>, in one pass, so that nothing is expanded twice. UserError for an unknown one."""

    def replaced(match: re.Match[str]) -> str:
        if match.group(0) not in expansions:
            known = ", ".join(expansions) or "none"
            raise UserError(f"the prompt names {match.group(0)}, loaded concepts: {known}", "add it with --concept")
        return expansions[match.group(0)]

    return PLACEHOLDER.sub(replaced, prompt)
