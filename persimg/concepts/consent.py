"""Consent: whose face it is decides. Concepts of people are learned with it alone, and none is used once it is revoked.

What is written down is what the user says; nobody can check it here. A revocation is written into the concept's file, and into this
user's list the digests of the concept and of the pictures that it was learned from: so copies are found whatever they are called, and
so is everything else that is learned from these pictures, before or after.
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
    "person people human man men woman women boy girl child children kid baby babies toddler teen teenager adult lady ladies guy dude gentleman "
    "gentlemen mother father mum mom dad parent grandmother grandfather grandma grandpa granny sister brother sibling twin daughter son aunt "
    "uncle niece nephew cousin wife wives husband spouse partner couple family friend girlfriend boyfriend fiance fiancee bride groom colleague "
    "neighbor neighbour classmate teacher student boss nurse doctor face portrait selfie headshot actor actress singer musician "
    "celebrity influencer model politician president athlete".split()
)
"""class nouns that mean somebody; a plural in -s does too"""
LONGEST, MOST_BYTES = 2000, 3000
"""characters, and bytes in UTF-8: a concept of the identity basis is 16 KB at most, 10 of them coefficients and embeddings"""
MEND = 'say who agreed to what, as in --consent "Ann Lee, 2026-05-01, for private pictures"; it is kept in the concept\'s card'


def names_a_person(class_noun: str) -> bool:
    words = re.findall(r"[a-z]+", class_noun.lower())
    return not PEOPLE.isdisjoint([*words, *(word.removesuffix("s") for word in words)])


def check(class_noun: str, consent: str, faces: int = 0) -> None:
    """UserError (exit 2) for a person without consent: one that the class noun names, or pictures of which so many show a face."""
    if len(consent) > LONGEST:
        raise UserError(f"--consent has {len(consent)} characters", f"keep to {LONGEST}")
    if (size := len(consent.encode())) > MOST_BYTES:
        raise UserError(f"--consent takes {size} bytes", f"keep to {MOST_BYTES}, which are {MOST_BYTES // 2} letters of most alphabets")
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
    """Digest → {"name", "revoked", "pictures"} of everything that this user revoked."""
    found = files.read_json(_list()) if _list().exists() else {}
    if not isinstance(found, dict):
        raise UserError(f"{_list()} is damaged", "restore it: it says which concepts may not be used", 3)
    return found


def revoke(path: Path) -> dict[str, Any]:
    """Nothing of this toolkit loads this concept again, nor a copy of it, for this user; whoever gets the file can't either."""
    from persimg.concepts import store

    concept = store.load(path)
    when = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    entry = {"name": concept.card.name, "revoked": when, "pictures": _pictures(concept)}
    files.write_json(_list(), revoked() | {concept.digest: entry})
    store.save(dataclasses.replace(concept, card=dataclasses.replace(concept.card, revoked=when)), path)
    return {**entry, "digest": concept.digest, "path": str(path)}


def _pictures(concept: Concept) -> str:
    """What it was learned from; "" where that isn't known. Of people who were learned together it is each one's own."""
    card = concept.card
    digest = card.data.get("digest")
    if not isinstance(digest, str):
        return ""
    return f"{digest} {card.name}" if card.data.get("learned_with") else digest


def check_not_revoked(concept: Concept, path: Path | str) -> None:
    """UserError (exit 3) for a concept whose consent was revoked or that was learned from the same pictures, and for a mix with somebody whose was."""
    name, when = concept.card.name, concept.card.revoked
    if not when:
        known, pictures = revoked(), _pictures(concept)
        found = [known[digest] for digest in (concept.digest, *concept.card.people) if digest in known]
        found += [entry for entry in known.values() if pictures and entry.get("pictures") == pictures]
        entry = found[0] if found else {}
        name, when = entry.get("name", name), entry.get("revoked", "")
    if when:
        raise UserError(f"the consent for {name} ({path}) was revoked on {when[:10]}", "delete it: persimg concepts remove NAME", 3)
