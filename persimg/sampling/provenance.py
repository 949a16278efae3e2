"""What a picture says about itself: A1111's `parameters` text, the same as JSON, and the IPTC mark of synthetic pictures.

All of it can be removed by whoever passes the picture on.
"""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Iterable

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from persimg import files
from persimg.concepts.prompts import NAME

if TYPE_CHECKING:  # what a picture says is read without torch
    from persimg.sampling.sampler import Generated
    from persimg.sampling.task import Task

SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/"
XMP = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
 Iptc4xmpExt:DigitalSourceType="{}"/></rdf:RDF></x:xmpmeta>"""
FLAGGED = {"off": "flagged", "blur": "flagged and blurred", "block": "flagged and blocked"}


def parameters_text(task: Task, size: tuple[int, int], base_name: str, sampler: str, unsafe: bool = False) -> str:
    """The text that A1111 and its kin show and read; a value with a comma, colon or newline is quoted."""
    values: dict[str, Any] = {
        "Steps": task.steps, "Sampler": sampler, "CFG scale": f"{task.guidance:g}", "Seed": task.seed,
        "Size": f"{size[0]}x{size[1]}", "Model hash": task.base, "Model": base_name,
    }  # fmt: skip
    if task.init_image:
        values["Denoising strength"] = f"{task.strength:g}"
    if task.concepts:
        values["Concepts"] = ", ".join(f"{use.name}:{use.scale:g} {use.digest}" for use in task.concepts)
    if unsafe:
        values["Safety"] = FLAGGED[task.safety]
    values["Version"] = "persimg"
    lines = [_one_line(task.prompt)]
    if task.negative:
        lines.append(f"Negative prompt: {_one_line(task.negative)}")
    return "\n".join([*lines, ", ".join(f"{key}: {_quoted(str(value))}" for key, value in values.items())])


def _one_line(prompt: str) -> str:
    """Line breaks would let a prompt pass for the lines after it."""
    text = " ".join(prompt.split())
    return re.sub(r"^Negative prompt:", "Negative prompt\u2236", text)


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False) if re.search(r"[,:\n]", value) else value


def save(
    generated: Generated, path: Path | str, base_name: str = "", extra: dict[str, Any] | None = None, beside: Path | None = None
) -> None:
    """Write a PNG with its provenance, whole or not at all. beside: the folder to write it in before it is renamed."""
    task, picture = generated.task, generated.picture
    info = PngInfo()
    info.add_text("parameters", parameters_text(task, picture.size, base_name, generated.sampler, generated.unsafe))
    record = {"task": task.id, **dataclasses.asdict(task), "base_name": base_name, "sampler": generated.sampler, **(extra or {})}
    if task.safety != "off":
        record["unsafe"] = generated.unsafe
    info.add_text("persimg", json.dumps(record, ensure_ascii=False))
    _mark(info, "compositeWithTrainedAlgorithmicMedia" if task.init_image else "trainedAlgorithmicMedia")
    with files.write_beside(path, beside) as temporary:
        picture.save(temporary, "PNG", pnginfo=info)


def save_sheet(sheet: Image.Image, path: Path | str, concepts: Iterable[str] = ()) -> None:
    """Write a PNG that shows several generated pictures, with the synthetic mark and the names of the concepts in them."""
    info = PngInfo()
    if names := list(dict.fromkeys(concepts)):
        info.add_text("Concepts", json.dumps(names, ensure_ascii=False))
    _mark(info, "trainedAlgorithmicMedia")
    with files.write_beside(path) as temporary:
        sheet.save(temporary, "PNG", pnginfo=info)


def sheet_concepts(path: Path | str) -> list[str]:
    """The names of the concepts that a sheet carries, none where it carries none."""
    try:
        with Image.open(path) as picture:
            text = picture.info.get("Concepts")
        found = json.loads(text) if text else []
    except (OSError, ValueError, TypeError, RecursionError):
        found = []  # anybody can write into a picture
    return [name for name in found if isinstance(name, str) and NAME.fullmatch(name)] if isinstance(found, list) else []


def _mark(info: PngInfo, source_type: str) -> None:
    info.add_itxt("XML:com.adobe.xmp", XMP.format(SOURCE_TYPE + source_type))


def read(path: Path | str) -> dict[str, Any] | None:
    """The JSON record of one of our pictures, None for others."""
    with Image.open(path) as picture:
        text = picture.info.get("persimg")
    return json.loads(text) if text else None


def prompt_of(path: Path | str) -> str:
    """The prompt that a picture carries, of ours or in A1111's text; "" where it carries none."""
    with Image.open(path) as picture:
        ours, theirs = picture.info.get("persimg"), picture.info.get("parameters")
    try:
        prompt = json.loads(ours)["prompt"] if ours else None
    except (ValueError, KeyError, TypeError, RecursionError):
        prompt = None  # anybody can write into a picture
    if isinstance(prompt, str):
        return prompt
    return re.split(r"\n(?=Negative prompt:|Steps: )", theirs)[0].strip() if isinstance(theirs, str) else ""
