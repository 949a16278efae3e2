"""What a comparison prints while it runs, and its table at the end."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Iterable

if TYPE_CHECKING:
    from persimg.bench.compare import CompareEvent


def follow(events: Iterable[CompareEvent], out: Path) -> dict[str, Any]:
    """Print events as they come; returns the record."""
    record: dict[str, Any] = {}
    for event in events:
        if event.kind == "learned":
            print(f"{event.subject}: {event.arm} learned in {event.seconds:.0f} s", flush=True)
        elif event.kind == "scored":
            print(f"{event.subject}: {event.arm} drawn and scored in {event.seconds:.0f} s", flush=True)
        elif event.kind == "finished":
            record = dict(event.values)
    table(record)
    print(f"report: {out / 'report.html'}")
    return record


def table(record: dict[str, Any]) -> None:
    """Means with intervals, an arm a block, then the planned comparisons and the gates."""
    from persimg.evaluation.evaluate import gate_lines
    from persimg.evaluation.interval import bounds, said

    for row in record["rows"]:
        print(row["title"] + (f" ({row['steps']} steps, {row['forward_rows']} rows)" if "steps" in row else ""))
        for name, score in row["scores"].items():
            print(f"  {record['metrics'][name]['title']:14} {said(score)}")
    for c in record["comparisons"]:
        print(f"{c['first']} over {c['second']}, {c['title']}: {c['mean']:+.3f} {bounds(c, '+.3f')}, {c['verdict']} (Holm p {c['p_holm']:.3f})")
    print("\n".join(gate_lines(record)))
