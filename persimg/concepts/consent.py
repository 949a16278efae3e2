"""Consent: whose face it is decides. Concepts of people are learned with it alone, and none is used once it is revoked.

What is written down is what the user says; nobody can check it here. A revocation is written into the concept's file, and into this
user's list the digests of the concept and of each picture that it was learned from: so copies are found whatever they are called, and
so is everything else that is learned from one of these very files, before or after.
"""

from __future__ import annotations

import dataclasses
import datetime
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Iterable, Mapping, Sequence

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
    try:
        size = len(consent.encode())
    except UnicodeEncodeError as error:
        raise UserError("--consent isn't UTF-8 text", "write it in the terminal's encoding") from error
    if size > MOST_BYTES:
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
    """Digest → {"name", "revoked", "shown"} of everything that this user revoked."""
    found = files.read_json(_list()) if _list().exists() else {}
    if not isinstance(found, dict):
        raise UserError(f"{_list()} is damaged", "restore it: it says which concepts may not be used", 3)
    return found


def revoke(path: Path) -> dict[str, Any]:
    """Nothing of this toolkit loads this concept again, nor a copy of it or what is learned from its pictures, for this user; whoever gets
    the file can't either.
    """
    from persimg.concepts import store

    concept = store.load(path, also_revoked=True)
    if concept.card.revoked:
        raise _refusal(concept.card.name, path, concept.card.revoked)
    when = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    entry = {"name": concept.card.name, "revoked": when, "shown": list(concept.card.shown)}
    files.write_json(_list(), revoked() | {concept.digest: entry})
    store.save(dataclasses.replace(concept, card=dataclasses.replace(concept.card, revoked=when)), path)
    return {**entry, "digest": concept.digest, "path": str(path)}


def revocation(digests: Iterable[str], shown: Iterable[str]) -> Mapping[str, Any]:
    """What this user revoked of concepts with these digests, or of what was learned from pictures with those; empty where nothing was."""
    known, pictures = revoked(), set(shown)
    found = [known[digest] for digest in digests if digest in known]
    return next(iter([*found, *(entry for entry in known.values() if pictures.intersection(entry.get("shown", ())))]), {})


def check_not_revoked(concept: Concept, path: Path | str) -> None:
    """UserError (exit 3) for a concept whose consent was revoked or that was learned from the same pictures, and for a mix with somebody whose was."""
    name, when = concept.card.name, concept.card.revoked
    if not when:
        entry = revocation((concept.digest, *concept.card.people), concept.card.shown)
        name, when = entry.get("name", name), entry.get("revoked", "")
    if when:
        raise _refusal(name, path, when)


def _refusal(name: str, path: Path | str, when: str) -> UserError:
    return UserError(f"the consent for {name} ({path}) was revoked on {when[:10]}", "delete it: persimg concepts remove NAME", 3)


def picture_mark(digest: str) -> str:
    """How cards and the list of what was revoked know a picture, by the digest of its file."""
    return digest[:12]


def check_pictures(shown: Sequence[str]) -> None:
    """UserError (exit 3) for pictures, by the digest of each, of which something was learned whose consent was revoked."""
    if entry := revocation((), shown):
        raise UserError(f"{entry['name']} was learned from these pictures, and the consent was revoked on {entry['revoked'][:10]}", "take other pictures", 3)
