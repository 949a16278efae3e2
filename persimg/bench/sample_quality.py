"""How far pictures of one arm of `persimg bench sample` are from another's, in grey levels and in what CLIP makes of them."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Mapping

from persimg.bench.sample_arms import Pictures

if TYPE_CHECKING:
    import numpy as np

    from persimg.evaluation.backbones import Backbone


def differences(pictures: Pictures, others: Pictures) -> dict[str, float]:
    """Of the same tasks: mean and largest absolute difference in grey levels of 255, and PSNR in dB, None where they are equal."""
    import numpy as np

    deltas = np.stack([_levels(pictures[n]) - _levels(others[n]) for n in sorted(others)])
    squared = float((deltas**2).mean())
    psnr = 10 * math.log10(255**2 / squared) if squared else None
    return {"pictures": len(deltas), "mean_difference": float(abs(deltas).mean()), "max_difference": float(abs(deltas).max()), "psnr_db": psnr}


def _levels(picture: Any) -> np.ndarray:
    import numpy as np

    return np.asarray(picture, dtype=np.float64)


def clip_t(pictures: Pictures, others: Pictures, texts: Mapping[int, str], backbone: Backbone) -> dict[str, Any]:
    """Mean CLIP-T of the others, and by how much that of the pictures is above it, paired, with its interval over pictures."""
    import numpy as np

    from persimg.evaluation.interval import interval

    numbers = sorted(others)
    asked = backbone.texts([texts[n] for n in numbers])
    ours, theirs = ((backbone.images([p[n] for n in numbers]) * asked).sum(1).numpy() for p in (pictures, others))
    found = interval(np.array([ours - theirs]), over="pictures")
    assert found is not None
    of = {"n": len(numbers), "backbone": backbone.name, "version": backbone.version}
    return {"of_others": float(theirs.mean()), "difference": asdict(found), **of}
