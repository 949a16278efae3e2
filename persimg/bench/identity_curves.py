"""The identity basis against K and against the number of names: part of `persimg bench identity`."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any, Iterator, Mapping, Sequence

from persimg import files
from persimg.evaluation.interval import bounds

if TYPE_CHECKING:
    from persimg.bases.base import Base

K, NAMES, NAMES_K = (8, 16, 32, 48), (32, 64, 128), 24
"""components with all names; numbers of names with so many components"""
METRICS = ("identity", "face_found", "identity_all", "identity_verified", "slot_accuracy")
SHOWN = ("identity_all", "slot_accuracy")
PICTURE = "curves.png"


def curves(plan: dict[str, Any], out: Path, base: Base) -> list[dict[str, Any]]:
    """A point for every basis: k, names and each metric's mean with its interval. plan: of `compare`, whose arms are replaced.

    Writes out/curves.png. Cells that are done aren't done again.
    """
    from persimg.bench.compare import compare
    from persimg.bench.show import follow

    points = list(_points(base, out))
    arms = {f"K {k}, {names} names": {"method": "identity_basis", "basis": str(path)} for k, names, path in points}
    made = plan | {"title": "The identity basis at other sizes", "planned": [], "metrics": list(METRICS), "arms": arms}
    rows = {row["title"]: row["scores"] for row in follow(compare(made, out, base=base), out)["rows"]}
    found = [{"k": k, "names": names, **{m: _figure(rows[f"K {k}, {names} names"][m]) for m in METRICS}} for k, names, _ in points]
    with files.write_beside(out / PICTURE) as temporary:
        temporary.write_bytes(picture(found))
    return found


def _figure(score: Mapping[str, Any]) -> dict[str, float | None]:
    return {name: score.get(name) for name in ("mean", "lo", "hi")}


def _points(base: Base, out: Path) -> Iterator[tuple[int, int, Path]]:
    """(K, names, file) of each basis, built where it isn't there."""
    from persimg.mini.world.people import PEOPLE
    from persimg.spaces import basis

    names = [person.name for person in PEOPLE]
    for k, count in (*((k, len(names)) for k in K), *((NAMES_K, count) for count in NAMES)):
        path = out / f"basis-{k}-{count}.safetensors"
        if not path.exists():
            basis.save(basis.build(base, names[:count], k), path)
        yield k, count, path


def lines(found: Sequence[Mapping[str, Any]]) -> list[str]:
    """A line a point."""
    def said(figure: Mapping[str, Any]) -> str:
        return "not measured" if figure["mean"] is None else f"{figure['mean']:.3f} {bounds(figure)}"

    return [f"K {p['k']}, {p['names']} names: " + ", ".join(f"{m} {said(p[m])}" for m in SHOWN) for p in found]


def picture(found: Sequence[Mapping[str, Any]]) -> bytes:
    """PNG: identity and prompt over K at all names, and over names at one K, with their intervals."""
    from matplotlib.figure import Figure

    sheet, most = Figure(figsize=(10, 4), layout="constrained"), max(p["names"] for p in found)
    of_k, of_names = [p for p in found if p["names"] == most and p["k"] in K], [p for p in found if p["k"] == NAMES_K]
    sides = (("k", f"components K, {most} names", of_k), ("names", f"names, K {NAMES_K}", of_names))
    for axes, (over, label, points) in zip(sheet.subplots(1, 2), sides):
        for metric in SHOWN:
            known = [(p[over], p[metric]) for p in points if p[metric]["lo"] is not None]
            x, mean = [n for n, _ in known], [v["mean"] for _, v in known]
            axes.errorbar(x, mean, [[v["mean"] - v["lo"] for _, v in known], [v["hi"] - v["mean"] for _, v in known]], marker="o", capsize=3, label=metric)
        axes.set(xlabel=label, ylim=(0, 1.05))
        axes.legend()
    buffer = io.BytesIO()
    sheet.savefig(buffer, format="png", dpi=110)
    return buffer.getvalue()
