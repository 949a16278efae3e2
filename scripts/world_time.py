"""How long the drawn world takes: python scripts/world_time.py --count 400"""

from __future__ import annotations

import argparse
import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from persimg.mini.world.caption import captioned  # noqa: E402
from persimg.mini.world.parse import parse  # noqa: E402
from persimg.mini.world.render import draw  # noqa: E402


def milliseconds(action, items: list) -> float:
    """Per item."""
    started = time.perf_counter()
    for item in items:
        action(item)
    return 1000 * (time.perf_counter() - started) / len(items)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=400, help="scenes of things and of people (default 400)")
    count = parser.parse_args().count
    for people in (False, True):
        rng = random.Random(0)
        pairs = [captioned(rng, people) for _ in range(count)]
        draw(pairs[0][0])
        print(
            f"{'people' if people else 'things'}: caption {milliseconds(lambda _: captioned(rng, people), pairs):.3f} ms, "
            f"parse {milliseconds(lambda pair: parse(pair[1]), pairs):.3f} ms, "
            f"picture {milliseconds(lambda pair: draw(pair[0], masks=False), pairs):.2f} ms, "
            f"with masks {milliseconds(lambda pair: draw(pair[0]), pairs):.2f} ms"
        )


if __name__ == "__main__":
    main()
