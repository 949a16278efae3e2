"""A room imports only from rooms above its own."""

import ast
from collections import Counter
from pathlib import Path

LAYERS = [
    {"errors"}, {"files", "seeds"}, {"mini"}, {"bases", "faces"}, {"concepts", "data"}, {"spaces", "objectives"}, {"sampling"},
    {"evaluation"}, {"training", "preferences"}, {"methods"}, {"bench"}, {"cli"},
]  # fmt: skip
LEVEL = {room: level for level, rooms in enumerate(LAYERS) for room in rooms}
PACKAGE = Path(__file__).parents[1] / "persimg"
DEMO = PACKAGE.parent / "demo"


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
    long = [str(p) for folder in (PACKAGE, DEMO) for p in folder.rglob("*.py") if len(p.read_text().splitlines()) > 350]
    assert not long, long


def test_functions_of_the_demo_stay_short():
    functions = (
        (path.name, node) for path in DEMO.glob("*.py") for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)
    )  # fmt: skip
    long = [f"{name}: {node.name}" for name, node in functions if node.end_lineno - node.lineno >= 40]
    assert not long, long


def test_every_method_has_its_launcher():
    trainers = PACKAGE.parent / "trainers"
    names = {path.stem for path in (PACKAGE / "methods").glob("*.py")} - {"__init__"}
    assert {path.stem for path in trainers.glob("*.py")} == names
    for name in names:
        assert f'main(["train", "{name}", *sys.argv[1:]])' in (trainers / f"{name}.py").read_text()


def test_nothing_knows_the_demo():
    knowing = [str(p) for p in PACKAGE.rglob("*.py") if "persimg_demo" in p.read_text()]
    assert not knowing, knowing


def test_tests_have_names_of_their_own():
    """They are collected without packages: a second file of a name can't be imported."""
    found = Counter(path.name for path in (PACKAGE.parent / "tests").rglob("test_*.py"))
    double = [name for name, count in found.items() if count > 1]
    assert not double, double
