"""A scene as one name a slot: what classifiers of pictures and captions are taught and asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Sequence

import numpy as np

from persimg.mini.world import words as w
from persimg.mini.world.face import HAIR_WORDS
from persimg.mini.world.figures import EXPRESSIONS
from persimg.mini.world.scene import Scene, Subject

if TYPE_CHECKING:
    from persimg.mini.world.render import Drawing

NONE = "none"
SUBJECT_SLOTS: dict[str, list[str]] = {
    "kind": [NONE, *w.KINDS, "woman", "man"],
    "colour": [NONE, *w.COLOURS],
    "pattern": [NONE, *w.PATTERNS],
    "accessory": [NONE, *w.ACCESSORIES],
    "pose": [NONE, *w.POSES],
    "hair": [NONE, "bald", *HAIR_WORDS],
    "expression": [NONE, *EXPRESSIONS],
}
"""slot of each subject → names; "none": no such subject, nothing worn, not of a thing or not of a person"""

SCENE_SLOTS: dict[str, list[str]] = {
    "place": list(w.PLACES),
    "style": list(w.STYLES),
    "time": list(w.TIMES),
    "weather": list(w.WEATHERS),
    "mood": [NONE, *w.MOODS],
    "framing": list(w.FRAMINGS),
    "relation": [NONE, "beside", "behind", "in front of"],
}
"""slot of the picture → names; relation: where the left subject stands to the right one, "none" of one subject"""


def seen_relation(relation: str, subjects: Sequence[Subject]) -> str:
    """What of a relation shows once the two subjects are named from left to right: nobody stands behind or in front."""
    side_by_side = any(s.person for s in subjects)
    return relation if relation in SCENE_SLOTS["relation"] and not side_by_side else "beside"


def label_names() -> dict[str, list[str]]:
    """Slot → names. Subject 0 is the left or only one, subject 1 the right one."""
    return {**{f"{slot}_{i}": names for i in (0, 1) for slot, names in SUBJECT_SLOTS.items()}, **SCENE_SLOTS}


def scene_labels(scene: Scene) -> dict[str, str]:
    """Slot → name for a scene of known kinds and people."""
    found = {slot: getattr(scene, slot) or NONE for slot in SCENE_SLOTS}
    found["relation"] = seen_relation(scene.relation, scene.subjects) if len(scene.subjects) == 2 else NONE
    for i in (0, 1):
        subject = scene.from_left[i] if i < len(scene.subjects) else None
        found |= {f"{slot}_{i}": name for slot, name in subject_labels(subject).items()}
    return found


def subject_labels(subject: Subject | None) -> dict[str, str]:
    """Slot → name of one subject, of None for the one that isn't there."""
    found: dict[str, str | None] = dict.fromkeys(SUBJECT_SLOTS)
    if subject and subject.person:
        traits = subject.person.traits
        hair = "bald" if traits.get("hair_length") == "bald" else traits.get("hair_colour")
        found |= {"kind": traits.get("noun", subject.person.noun), "hair": hair}
        found |= {slot: traits.get(slot) for slot in ("accessory", "expression")}
    elif subject:
        found |= {slot: getattr(subject, slot) for slot in ("kind", "colour", "pattern", "accessory", "pose")}
    return {slot: name or NONE for slot, name in found.items()}


def is_asked(slot: str, scene: Scene) -> bool:
    """Does the slot say something of this scene: of a subject that is there, of a person or a thing what it can have?"""
    name, _, number = slot.partition("_")
    if not number:
        return name != "relation" or len(scene.subjects) == 2
    if int(number) >= len(scene.subjects):
        return False
    of_person = scene.from_left[int(number)].person is not None
    return name not in (("colour", "pattern", "pose") if of_person else ("hair", "expression"))


def presence(scene: Scene, drawing: Drawing, cells: int = 16) -> np.ndarray:
    """(3, cells, cells) float32: the share of each cell that the left subject, the right one, and people cover."""
    masks = drawing.masks[::-1] if scene.relation == "right of" else drawing.masks
    nothing = np.zeros_like(masks[0])
    people = [mask for mask, subject in zip(masks, scene.from_left) if subject.person]
    stacked = np.stack([masks[0], masks[1] if len(masks) > 1 else nothing, np.logical_or.reduce([nothing, *people])])
    side = stacked.shape[-1] // cells
    return stacked.reshape(3, cells, side, cells, side).mean((2, 4), dtype=np.float32)
