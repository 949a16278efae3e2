"""What a run notes: of its steps log.jsonl, a row a step, and on request the same for TensorBoard; and with what versions."""

from __future__ import annotations

import contextlib
import json
from importlib import metadata
from pathlib import Path
from typing import Callable, Iterator

from persimg import files

Note = Callable[[int, dict[str, float]], None]
PACKAGES = ("persimg", "torch", "diffusers", "peft", "transformers", "accelerate")


def versions() -> dict[str, str]:
    """Of the packages that a result depends on, those that are installed."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def cut(path: Path, step: int) -> None:
    """Drop the rows after the state that a run resumes from, which are written again, and one that a full disk cut off."""
    if path.exists():
        whole = [line for line in path.read_text().splitlines() if line.endswith("}")]
        files.write_text(path, "".join(f"{line}\n" for line in whole if json.loads(line)["step"] <= step))


@contextlib.contextmanager
def noting(out: Path, done: int, tensorboard: bool) -> Iterator[Note]:
    """Gives a function that notes the values of a step; done: steps that the run resumes from."""
    cut(out / "log.jsonl", done)
    with contextlib.ExitStack() as stack:
        writer = stack.enter_context(_writer(out / "tensorboard", done)) if tensorboard else None

        def note(step: int, values: dict[str, float]) -> None:
            row = {"step": step, **{name: float(f"{value:.7g}") for name, value in values.items()}}
            files.append_text(out / "log.jsonl", json.dumps(row) + "\n")
            for name, value in values.items() if writer else ():
                writer.add_scalar(name, value, step)

        yield note


def _writer(folder: Path, done: int):
    from torch.utils.tensorboard import SummaryWriter

    # TensorBoard hides what an earlier start wrote from this step on
    return SummaryWriter(str(folder), purge_step=done + 1 if done else None)
