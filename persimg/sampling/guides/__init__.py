"""One guide a file.

A guide that acts on the conditioning is found by the name of its file: it has a function `steer(base, encode, cond, **parameters)`, which
gives the conditioning of one prompt back, changed. encode: text → its conditioning, one row.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
from typing import TYPE_CHECKING, Callable, Sequence

from persimg.errors import UserError

if TYPE_CHECKING:
    from persimg.bases.base import Base, Conditioning
    from persimg.sampling.task import GuideUse


def names() -> list[str]:
    return [m.name for m in pkgutil.iter_modules(__path__) if hasattr(importlib.import_module(f"{__name__}.{m.name}"), "steer")]


def steered(base: Base, encode: Callable[[str], Conditioning], cond: Conditioning, guides: Sequence[GuideUse]) -> Conditioning:
    """The conditioning of one prompt after all its guides. UserError for an unknown one."""
    for use in guides:
        if use.name not in names():
            raise UserError(f"there is no guide {use.name}", f"choose one of {', '.join(names())}")
        cond = importlib.import_module(f"{__name__}.{use.name}").steer(base, encode, cond, **json.loads(use.parameters))
    return cond
