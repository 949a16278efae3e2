"""What may be shown: a checker judges every picture, and what it flags is blurred or kept back.

It sees one picture at a time, so that its verdict doesn't depend on neighbours; what it doesn't flag stays as it is, bit for bit.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable

from persimg import files
from persimg.errors import UserError

if TYPE_CHECKING:
    from PIL import Image

MODES = ("off", "blur", "block")
DONE = {"blur": "blurred", "block": "blocked"}
"""what became of pictures that were flagged"""
EXAMPLE = "CompVis/stable-diffusion-safety-checker"
PROCESSOR = "preprocessor_config.json"
LEFT = 8
"""px that a blurred picture keeps of its longer side"""

Checker = Callable[["Image.Image"], bool]
"""a picture → whether it is unfit to be shown"""


@dataclass(frozen=True)
class Safety:
    """mode: "off"; "blur": flagged pictures come blurred; "block": black in their place, and they aren't saved.

    checker: judges a picture; name: what tells it from other checkers, a part of the tasks' ids.
    Raises UserError for an unknown mode, and for one that needs a checker and has none.
    """

    mode: str = "off"
    checker: Checker | None = None
    name: str = ""

    def __post_init__(self) -> None:
        check_mode(self.mode, self.checker is not None)

    @property
    def marks(self) -> dict[str, str]:
        """The fields of a task that say what it is drawn with; none where that is off."""
        return {} if self.mode == "off" else {"safety": self.mode, "safety_checker": self.name}

    def shown(self, picture: Image.Image) -> tuple[Image.Image, bool]:
        """The picture as it may be shown, and whether it was flagged."""
        if self.mode == "off" or self.checker is None or not self.checker(picture):
            return picture, False
        return (blurred(picture) if self.mode == "blur" else blank(picture)), True


def blurred(picture: Image.Image) -> Image.Image:
    """Colours alone: 8 px of the longer side are kept and spread out, which nothing can undo."""
    from PIL import Image

    scale = LEFT / max(picture.size)
    few = picture.resize([max(1, round(side * scale)) for side in picture.size], Image.Resampling.BOX)
    return few.resize(picture.size, Image.Resampling.BICUBIC)


def blank(picture: Image.Image) -> Image.Image:
    """Black, of the same size."""
    from PIL import Image

    return Image.new(picture.mode, picture.size)


# --- checkers of diffusers ----------------------------------------------------------------------------------------------


def check_mode(mode: str, has_checker: bool) -> None:
    if mode not in MODES:
        raise UserError(f"--safety {mode} is unknown", f"choose one of {', '.join(MODES)}")
    if mode != "off" and not has_checker:
        mend = f"name a folder or hub id with --safety-checker, such as {EXAMPLE}"
        raise UserError(f"--safety {mode} needs a checker, and none comes along", mend)


def check(mode: str, checker: str | None) -> None:
    """Refuse what can't be meant, without importing torch. checker: a folder or hub id of a StableDiffusionSafetyChecker.

    Raises UserError for an unknown mode, one of mode and checker without the other, and a folder without a checker.
    """
    check_mode(mode, bool(checker))
    if checker and mode == "off":
        raise UserError(f"--safety-checker {checker} is given, and --safety is off", "choose --safety blur or block")
    if checker and Path(checker).is_dir():
        _parts(checker)
    elif checker and not _looks_like_hub_id(checker):
        raise UserError(f"--safety-checker {checker} doesn't exist", f"give a folder, or a hub id such as {EXAMPLE}")


def _looks_like_hub_id(name: str) -> bool:
    return name.count("/") == 1 and not name.startswith((".", "/", "~")) and not name.endswith("/")


def _parts(folder: str) -> tuple[Path, Path]:
    """Folders of the checker and of its feature extractor, which may lie in one or side by side, as in a pipeline's folder."""
    model = Path(folder) / "safety_checker" if (Path(folder) / "safety_checker").is_dir() else Path(folder)
    processor = next((path for path in (model, model.parent / "feature_extractor") if (path / PROCESSOR).is_file()), None)
    lacks = PROCESSOR if processor is None else "config.json" if not (model / "config.json").is_file() else None
    if lacks is None and not any(model.glob("*.safetensors")):
        lacks = ".safetensors file"
    if lacks or processor is None:
        raise UserError(f"--safety-checker {folder} has no {lacks}", "name a StableDiffusionSafetyChecker with its feature extractor", 3)
    return model, processor


def name_of(checker: str) -> str:
    """12 hex digits over the files of a checker in a folder; a hub id stands for itself."""
    if not Path(checker).is_dir():
        return checker
    model, processor = _parts(checker)
    parts = [model / "config.json", *sorted(model.glob("*.safetensors")), processor / PROCESSOR]
    return hashlib.sha256("".join(map(files.digest_file, parts)).encode()).hexdigest()[:12]


def load(mode: str = "off", checker: str | None = None, device: Any = "cpu") -> Safety:
    """With diffusers' StableDiffusionSafetyChecker from a folder or the hub. UserError for what `check` refuses or can't be loaded."""
    check(mode, checker)
    if mode == "off" or not checker:
        return Safety()
    return Safety(mode, _Checker(checker, device), name_of(checker))


class _Checker:
    def __init__(self, name: str, device: Any):
        from diffusers.pipelines.stable_diffusion.safety_checker import StableDiffusionSafetyChecker
        from safetensors import SafetensorError
        from transformers import CLIPImageProcessor

        from persimg.bases.loading import quieten

        quieten()  # its own warning would speak of a black picture
        is_here = Path(name).is_dir()
        model, processor = _parts(name) if is_here else (name, name)
        options = {"local_files_only": is_here}
        try:
            self.processor = CLIPImageProcessor.from_pretrained(processor, **options)
            found, info = StableDiffusionSafetyChecker.from_pretrained(model, use_safetensors=True, output_loading_info=True, **options)
        except (OSError, ValueError, RuntimeError, KeyError, SafetensorError) as error:
            first = str(error).strip().splitlines()[0] if is_here else "not in the hub's cache here, and the hub didn't give it"
            what = f"--safety-checker {name} could not be loaded ({first})"
            raise UserError(what, "check the name, or fetch it again", 3 if is_here else 2) from error
        if info["missing_keys"] or info["mismatched_keys"]:  # they would be random, and so the verdicts
            what = f"--safety-checker {name} is no StableDiffusionSafetyChecker, or damaged"
            raise UserError(what, f"take another, such as {EXAMPLE}", 3)
        self.model = found.to(device).eval()

    def __call__(self, picture: Image.Image) -> bool:
        import torch

        pixels = self.processor(images=picture, return_tensors="pt").pixel_values.to(self.model.device)
        # the pictures that it is given are for it to blacken; it looks at the pixels alone
        _, flags = self.model(pixels, torch.zeros(1, 1))
        return bool(flags[0])
