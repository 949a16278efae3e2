"""Does a picture of the drawn world show what its prompt names? Read by the embedded reader.

Of every prompt the slots that it names are compared: place, style and accessory, for known kinds also kind and colour.
A held-out character has no kind or colour that the reader knows: those slots are left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Sequence

import numpy as np
import torch

from persimg.evaluation.metric import Material, NotMeasured, Values
from persimg.mini.nets import Reader, load_reader
from persimg.mini.world.parse import parse

if TYPE_CHECKING:
    from PIL import Image

TITLE = "Slots found"
BETTER = "higher"
NEEDS = ("prompts", "drawn prompts")
ANY_SUBJECT = "character:0"
"""a subject whose kind and colour the reader isn't asked for"""


def named_slots(prompt: str) -> dict[str, str]:
    """Slot of the reader → name, for what the prompt says."""
    said = parse(prompt)
    found = {"place": said.place, "style": said.style}
    for i, subject in enumerate(said.subjects):
        found[f"accessory_{i}"] = subject.accessory
        if subject.character is None:
            found |= {f"kind_{i}": subject.kind, f"colour_{i}": subject.colour}
    return {slot: name for slot, name in found.items() if name}


def slot_accuracy(reader: Reader, pictures: Sequence[Image.Image], prompts: Sequence[str]) -> Values:
    """Share of named slots that the reader finds, one value a picture in 0..1; None where a prompt names none.

    prompts: in the world's words, a learned concept replaced by character:N or its class noun. Pictures are resized to
    the reader's 128 px.
    """
    arrays = [np.asarray(p.convert("RGB").resize((128, 128))) for p in pictures]
    pixels = torch.from_numpy(np.stack(arrays)).permute(0, 3, 1, 2).float().div(127.5).sub(1)
    values = []
    for answer, prompt in zip(reader.read(pixels), prompts, strict=True):
        slots = named_slots(prompt)
        values.append(sum(answer[s] == name for s, name in slots.items()) / len(slots) if slots else None)
    return values


def measure(material: Material) -> Values:
    """Share of named slots in 0..1 a picture, kind and colour of the subject left out."""
    if not material.drawn:
        raise NotMeasured("prompts outside the drawn world: not measured")
    return slot_accuracy(load_reader(), material.pictures, material.said(ANY_SUBJECT))
