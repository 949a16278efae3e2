"""What a training run depends on: published defaults, what a base and the user change, read and written as YAML."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import importlib.util
import inspect
import math
import sys
import textwrap
import traceback
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Mapping

from persimg.bases.loading import is_word_level
from persimg.data.captions import TEMPLATES
from persimg.errors import UserError
from persimg.training.optimizers import check_optimizer

CHOICES = {
    "fit": ("pad", "crop", "bucket"), "mixed_precision": ("no", "bf16", "fp16", "auto"), "templates": tuple(TEMPLATES),
    "lr_schedule": ("constant", "constant_with_warmup", "linear", "cosine"),
}  # fmt: skip
"""what settings of every method may be; a method's own CHOICES adds to it"""
RANGES = {
    **dict.fromkeys(("steps", "batch_size", "gradient_accumulation", "checkpoint_every", "rank", "num_vectors", "class_pictures"), (1, math.inf)),
    **dict.fromkeys(("warmup_steps", "sample_every", "keep_out", "token_vectors", "prior_weight", "weight_decay"), (0, math.inf)),
    "class_steps": (1, 1000), "pivot": (0, 1), "dropout": (0, 0.99), "ema_decay": (0, 1),
}  # fmt: skip
"""the least and the largest number, wherever a method has the setting"""


@dataclass(frozen=True)
class TrainRecipe:
    """What every method has. A method's own recipe adds to it and sets its published defaults."""

    steps: int = 1000
    """optimiser steps; more than before go on with a run, which under lr_schedule linear or cosine isn't the longer run"""
    batch_size: int = 4
    """pictures a forward pass, over all processes"""
    gradient_accumulation: int = 1
    """forward passes an optimiser step"""
    seed: int = 0
    """seed of everything random"""
    size: int | None = None
    """side in px (default: the base's own)"""
    fit: str = "pad"
    """pad, crop or bucket"""
    flip: bool = False
    """also learn from mirrored pictures"""
    keep_out: int | None = None
    """pictures kept from training for evaluation (default: one of five or more)"""
    mixed_precision: str = "no"
    """no, bf16, fp16 or auto: bf16 where the device multiplies in it, else no (default on the embedded base)"""
    optimizer: str = "adamw"
    """adamw, adamw_8bit, prodigy (finds the learning rate itself; take lr_schedule constant), or prodigy:D_COEF, which multiplies its estimate"""
    lr_schedule: str = "constant"
    """constant, constant_with_warmup, linear, cosine"""
    warmup_steps: int = 0
    """steps in which the learning rate rises"""
    max_grad_norm: float = 1.0
    """gradients are clipped to this norm"""
    min_snr_gamma: float | None = None
    """weight the loss by min-SNR; 5 is usual"""
    gradient_checkpointing: bool = False
    """less memory, slower"""
    ema_decay: float | None = None
    """average the trained weights; 0.99 is usual for short runs"""
    checkpoint_every: int = 100
    """steps between checkpoints"""
    sample_every: int = 0
    """steps between sample pictures; 0: none"""
    sample_prompts: str = "a photo of {}|{} in the snow"
    """prompts of the sample pictures, separated by |"""
    tensorboard: bool = False
    """also write the log for TensorBoard"""
    select: bool = True
    """choose the best checkpoint by other prompts, seeds and another encoder than the final scores; off: take the last"""
    select_encoder: str | None = None
    """what judges checkpoints: mini, a folder or MODEL/PRETRAINED of open_clip (default: mini on the embedded base, else none)"""


MAY_CHANGE = frozenset({"steps", "checkpoint_every", "sample_every", "sample_prompts", "tensorboard", "select", "select_encoder"})
"""what a resumed run may change"""


def method_names() -> list[str]:
    """The folder is the registry."""
    folder = Path(__file__).parents[1] / "methods"
    return sorted(p.stem for p in folder.glob("*.py") if p.stem != "__init__")


def load_method(name: str) -> ModuleType:
    """A method of the package by name, or of the user's own by path. UserError when there is neither."""
    if name.endswith(".py"):
        return _load_file(Path(name))
    if name not in method_names():
        raise UserError(f"there is no method named {name}", f"choose one of {', '.join(method_names())}, or give a path to a .py file")
    return importlib.import_module(f"persimg.methods.{name}")


def _load_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise UserError(f"the method file {path} doesn't exist", "check the path")
    spec = importlib.util.spec_from_file_location(f"persimg_method_{path.stem}", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        line = error.lineno if isinstance(error, SyntaxError) else traceback.extract_tb(error.__traceback__)[-1].lineno
        raise UserError(f"{path} can't be imported ({type(error).__name__}: {error}; line {line})", "mend the file") from error
    if not (hasattr(module, "Recipe") and hasattr(module, "build")):
        raise UserError(f"{path} has no Recipe and build", "see docs/ADD_A_METHOD.md")
    return module


def coordinates(module: ModuleType) -> dict[str, str]:
    """The survey's terms from the method's docstring: the line "space: … | inversion: … | scheme: …"."""
    line = next((x for x in (module.__doc__ or "").splitlines() if x.startswith("space:")), "")
    return {key.strip(): value.strip() for key, _, value in (part.partition(":") for part in line.split("|")) if value}


def summary(module: ModuleType) -> str:
    return (module.__doc__ or "").strip().splitlines()[0] if module.__doc__ else ""


def resolve(module: ModuleType, base_name: str, changes: Mapping[str, Any]) -> Any:
    """The method's recipe: published defaults, then what suits the embedded base, then the user's changes."""
    own = getattr(module, "MINI", {}) if is_word_level(base_name) else {}
    known = {f.name: f for f in dataclasses.fields(module.Recipe)}
    for name in changes:
        if name not in known:
            raise UserError(f"{name} is no setting of {module.__name__.rpartition('.')[2]}", f"choose one of {', '.join(known)}")
    recipe = module.Recipe(**{**own, **{k: _typed(known[k], v) for k, v in changes.items()}})
    _check(recipe, getattr(module, "CHOICES", {}))
    return recipe


def type_name(field: dataclasses.Field) -> str:
    """"int", "float | None" …, whether annotations are strings or types."""
    return field.type if isinstance(field.type, str) else field.type.__name__ if isinstance(field.type, type) else str(field.type)


def _typed(field: dataclasses.Field, value: Any) -> Any:
    """YAML reads 1 where 1.0 is meant, and 1e-4 as text."""
    if value is not None and "float" in type_name(field) and not isinstance(value, bool):
        try:
            return float(value)
        except (TypeError, ValueError) as error:
            raise UserError(f"{field.name} is {value!r}", "give a number") from error
    if type_name(field) == "int" and (isinstance(value, bool) or not isinstance(value, int)):
        raise UserError(f"{field.name} is {value!r}", "give a whole number")
    return value


def _check(recipe: TrainRecipe, own_choices: Mapping[str, tuple[str, ...]]) -> None:
    values = {f.name: getattr(recipe, f.name) for f in dataclasses.fields(recipe)}
    for name, (least, most) in RANGES.items():
        if isinstance(values.get(name), (int, float)) and not least <= values[name] <= most:
            raise UserError(f"{name} is {values[name]}", f"take {least} " + ("or more" if most == math.inf else f"to {most}"))
    for name, allowed in (CHOICES | own_choices).items():
        if name in values and values[name] not in allowed:
            raise UserError(f"{name} is {values[name]!r}", f"choose one of {', '.join(allowed)}")
    for field in dataclasses.fields(recipe):
        if type_name(field) in ("str", "str | None") and not isinstance(values[field.name], (str, type(None))):
            raise UserError(f"{field.name} is {values[field.name]!r}", f"give text, in quotes: {_as_text(values[field.name])}")
    check_optimizer(recipe.optimizer)
    try:
        _ = [prompt.format("<name>") for prompt in recipe.sample_prompts.split("|")]
    except (ValueError, LookupError, AttributeError) as error:
        raise UserError(f"sample_prompts is {recipe.sample_prompts!r}", "write {} for the subject, no other brackets") from error
    if recipe.tensorboard and importlib.util.find_spec("tensorboard") is None:
        raise UserError("tensorboard isn't installed", "pip install 'persimg[tensorboard]' or leave --tensorboard out")


def _as_text(value: Any) -> str:
    """How a value that isn't text may have been meant."""
    return '"' + (",".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)) + '"'


def help_texts(recipe_class: type) -> dict[str, str]:
    """Field → the docstring below it, base classes included."""
    texts: dict[str, str] = {}
    for kind in reversed(recipe_class.__mro__[:-1]):
        body = ast.parse(textwrap.dedent(inspect.getsource(kind))).body[0].body  # type: ignore[attr-defined]
        for field, text in zip(body, body[1:]):
            if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant):
                texts[field.target.id] = text.value.value  # type: ignore[union-attr]
    return texts


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """What a resume may not change, as "name: old → new"; digests that a run of an earlier version didn't note are passed over."""
    unknown = {name for name in new if name.endswith("_digest") and name not in old}
    names = sorted({*old, *new} - MAY_CHANGE - unknown)
    return [f"{n}: {old.get(n)} → {new.get(n)}" for n in names if old.get(n) != new.get(n)]


def schedules(recipe: TrainRecipe) -> list[str]:
    """The settings under which what happens at a step depends on how many steps there will be."""
    pivot = getattr(recipe, "pivot", 1)
    by_rate = [f"lr_schedule {recipe.lr_schedule}"] if recipe.lr_schedule in ("linear", "cosine") else []
    return by_rate + ([f"pivot {pivot}"] if pivot < 1 else [])
