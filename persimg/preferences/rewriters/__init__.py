"""One rewriter a file. The name of the file is the name that `--rewriter` takes."""

from __future__ import annotations

import importlib
import pkgutil

from persimg.errors import UserError
from persimg.preferences.rewriter import Rewriter

DEFAULT = "both"


def names() -> list[str]:
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))


def find(name: str) -> Rewriter:
    """UserError for an unknown name."""
    if name not in names():
        raise UserError(f"there is no rewriter {name}", f"choose one of {', '.join(names())}")
    return importlib.import_module(f"{__name__}.{name}").rewrite
