"""Does a picture of the drawn world show what its prompt names? Read by the embedded reader.

Of every prompt the slots that it names are compared: place, style, time, weather, mood, framing; of each subject accessory
and pose, for known kinds also kind, colour and pattern, for people woman or man, hair and expression. A held-out character
has no kind or colour that the reader knows: those slots are left out, as is a held-out style. People are drawn side by side:
one behind another is asked to stand beside. Where a prompt asks for what no scene has, such as two accessories of one subject,
nothing is scored: the drawn world doesn't understand it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Sequence

import numpy as np
import torch

from persimg.concepts.consent import names_a_person
from persimg.evaluation.metric import Material, NotMeasured, Values
from persimg.mini.nets import Reader, load_reader
from persimg.mini.world.labels import NONE, SCENE_SLOTS, seen_relation, subject_labels
from persimg.mini.world.parse import parse

if TYPE_CHECKING:
    from PIL import Image

TITLE = "Slots found"
BETTER = "higher"
NEEDS = ("prompts", "drawn prompts")
ANY_SUBJECT = "character:0"
"""a subject whose kind and colour the reader isn't asked for"""
ANY_PERSON = "person"
"""of whom the reader is asked what the prompt itself says: what is worn, expression, hair"""


def named_slots(prompt: str) -> dict[str, str]:
    """Slot of the reader → name, for what the prompt says and the drawn world draws of it. UserError for what parse() refuses."""
    said = parse(prompt)
    found = {slot: getattr(said, slot) for slot in SCENE_SLOTS}
    if found["style"] not in SCENE_SLOTS["style"]:
        found["style"] = None
    if found["relation"]:
        found["relation"] = seen_relation(found["relation"], said.subjects)
    subjects = said.subjects[::-1] if said.relation == "right of" else said.subjects
    for i, subject in enumerate(subjects):
        named = {slot: name for slot, name in subject_labels(subject).items() if name != NONE}
        if subject.character is not None:
            named = {slot: name for slot, name in named.items() if slot in ("accessory", "pose")}
        elif subject.person and subject.person.who and not subject.person.look.hair_colour:
            named.pop("hair", None)  # a name alone says nothing of hair
        found |= {f"{slot}_{i}": name for slot, name in named.items()}
    return {slot: name for slot, name in found.items() if name}


def slot_accuracy(reader: Reader, pictures: Sequence[Image.Image], prompts: Sequence[str]) -> Values:
    """Share of named slots that the reader finds, one value a picture in 0..1; None where a prompt names none.

    prompts: in the world's words, a learned concept replaced by character:N or its class noun. Pictures are resized to
    the reader's 128 px.
    """
    values = []
    for answer, prompt in zip(answers(reader, pictures), prompts, strict=True):
        slots = named_slots(prompt)
        known = {s: name for s, name in slots.items() if s in answer}
        values.append(sum(answer[s] == name for s, name in known.items()) / len(known) if known else None)
    return values


def answers(reader: Reader, pictures: Sequence[Image.Image]) -> list[dict[str, str]]:
    """Slot → name of each picture, as the reader sees it at its 128 px."""
    arrays = [np.asarray(p.convert("RGB").resize((128, 128))) for p in pictures]
    return reader.read(torch.from_numpy(np.stack(arrays)).permute(0, 3, 1, 2).float().div(127.5).sub(1))


def measure(material: Material) -> Values:
    """Share of named slots in 0..1 a picture, kind and colour of the subject left out; of people also what they look like."""
    if not material.drawn:
        raise NotMeasured("prompts outside the drawn world: not measured")
    subject = ANY_PERSON if names_a_person(material.class_noun) else ANY_SUBJECT
    return slot_accuracy(load_reader(), material.pictures, material.said(subject))
