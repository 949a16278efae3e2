"""Consent: whose face it is decides. Concepts of people are learned with it alone, and none is used once it is revoked.

What is written down is what the user says; nobody can check it here. A revocation is written into the concept's file, and its digest
into this user's list, so that copies are found whatever they are called.
"""

from __future__ import annotations

import dataclasses
import datetime
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from persimg import files
from persimg.errors import UserError

if TYPE_CHECKING:
    from persimg.concepts.concept import Concept

PEOPLE = frozenset(
    "person people human man men woman women boy girl child children kid baby toddler teenager adult lady guy gentleman mother father mum "
    "mom dad parent grandmother grandfather sister brother daughter son wife husband friend girlfriend boyfriend bride groom face portrait "
    "actor actress singer celebrity model politician selfie".split()
)
"""class nouns that mean somebody"""
LONGEST = 2000
MEND = 'say who agreed to what, as in --consent "Ann Lee, 2026-05-01, for private pictures"; it is kept in the concept\'s card'


def names_a_person(class_noun: str) -> bool:
    return not PEOPLE.isdisjoint(re.findall(r"[a-z]+", class_noun.lower()))


def check(class_noun: str, consent: str, faces: int = 0) -> None:
    """UserError (exit 2) for a person without consent: one that the class noun names, or pictures of which so many show a face."""
    if len(consent) > LONGEST:
        raise UserError(f"--consent has {len(consent)} characters", f"keep to {LONGEST}")
    if consent.strip():
        return
    if names_a_person(class_noun):
        raise UserError(f"a {class_noun} is learned with consent only", MEND)
    if faces:
        raise UserError(f"{faces} of the pictures show a face, and people are learned with consent only", MEND)


# --- revocation ----------------------------------------------------------------------------------------------------------


def _list() -> Path:
    return files.home() / "revoked.json"


def revoked() -> dict[str, dict[str, Any]]:
    """Digest → {"name", "revoked"} of everything that this user revoked."""
    found = files.read_json(_list()) if _list().exists() else {}
    if not isinstance(found, dict):
        raise UserError(f"{_list()} is damaged", "restore it: it says which concepts may not be used", 3)
    return found


def revoke(path: Path) -> dict[str, Any]:
    """Nothing of this toolkit loads this concept again, nor a copy of it, for this user; whoever gets the file can't either."""
    from persimg.concepts import store

    concept = store.load(path)
    when = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    entry = {"name": concept.card.name, "revoked": when}
    files.write_json(_list(), revoked() | {concept.digest: entry})
    store.save(dataclasses.replace(concept, card=dataclasses.replace(concept.card, revoked=when)), path)
    return {**entry, "digest": concept.digest, "path": str(path)}


def check_not_revoked(concept: Concept, path: Path | str) -> None:
    """UserError (exit 3) for a concept whose consent was revoked, and for a mix with somebody whose was."""
    name, when = concept.card.name, concept.card.revoked
    if not when:
        known = revoked()
        entry = next((known[digest] for digest in (concept.digest, *concept.card.people) if digest in known), {})
        name, when = entry.get("name", name), entry.get("revoked", "")
    if when:
        raise UserError(f"the consent for {name} ({path}) was revoked on {when[:10]}", "delete it: persimg concepts remove NAME", 3)
