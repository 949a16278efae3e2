"""Learns with every method in this process, one of as many as the launcher started: learn_all.py FOLDER STEPS OUT."""

import sys
from pathlib import Path

from accelerate import PartialState

from persimg.bases.loading import load_base
from persimg.training.run import train

METHODS = {
    "textual_inversion": {},
    # at the usual 5e-6 four steps move less than sums are rounded by
    "dreambooth": {"class_pictures": 2, "class_steps": 2, "learning_rate": 1e-3},
    "dreambooth_lora": {"class_pictures": 2, "class_steps": 2, "rank": 2},
    "identity_basis": {"basis": "basis.safetensors", "init": "cat"},
}


def main(folder: Path, steps: int, out: Path) -> None:
    base = load_base(str(folder / "base"), dtype="fp32", device="cpu")
    for method, changes in METHODS.items():
        changes = {key: str(folder / value) if key == "basis" else value for key, value in changes.items()}
        common = {"batch_size": 4, "mixed_precision": "no", "checkpoint_every": 2}
        list(train(method, folder / "pictures", "mycat", "cat", base, out / method, steps=steps, **common, **changes))
    print(f"learned on {PartialState().num_processes} process(es)", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
