"""A room imports only from rooms above its own."""

import ast
from pathlib import Path

LAYERS = [
    {"errors"}, {"files", "seeds"}, {"mini"}, {"bases", "faces"}, {"concepts", "data"}, {"spaces", "objectives"}, {"sampling"},
    {"evaluation"}, {"training", "preferences"}, {"methods"}, {"bench"}, {"cli"},
]  # fmt: skip
LEVEL = {room: level for level, rooms in enumerate(LAYERS) for room in rooms}
PACKAGE = Path(__file__).parents[1] / "persimg"


def imported_rooms(path: Path) -> set[str]:
    rooms = set()
    for node in ast.walk(ast.parse(path.read_text())):
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{a.name}" for a in node.names] if node.module == "persimg" else [node.module]
        rooms |= {name.split(".")[1] for name in names if name.startswith("persimg.")}
    return rooms


def test_rooms_import_from_above_only():
    wrong = []
    for path in PACKAGE.rglob("*.py"):
        room = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        if room in ("__init__", "__main__"):
            continue
        wrong += [f"{path.name}: {room} → {other}" for other in imported_rooms(path) if other != room and LEVEL[other] >= LEVEL[room]]
    # the methods' recipes are one kind of training recipe; training finds methods by name alone
    assert not wrong, wrong


def test_files_stay_readable():
    long = [str(p) for p in PACKAGE.rglob("*.py") if len(p.read_text().splitlines()) > 350]
    assert not long, long
