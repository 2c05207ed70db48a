"""Imports point down the floors of docs/architecture.md, and what is cheap stays cheap."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import hwflow

PACKAGE = Path(hwflow.__file__).parent
FLOORS = {
    **dict.fromkeys(("errors", "ints", "paths", "records", "__init__"), 0),
    **dict.fromkeys(("network", "board", "elementwise", "spiking", "spiking_fit", "spiking_map"), 1),
    **dict.fromkeys(("reference", "spiking_reference", "project"), 2),
    **dict.fromkeys(("frontend", "backend", "train"), 3),
    **dict.fromkeys(("tool", "host"), 4),
    "report": 5,
    "flow": 6,
    **dict.fromkeys(("cli", "__main__"), 7),
}
# Sideways in a floor only where a room stands on another.
BESIDE = {
    ("paths", "errors"),
    ("records", "errors"),
    ("network", "elementwise"),
    ("spiking_fit", "spiking"),
    ("spiking_map", "spiking"),
    ("__main__", "cli"),
}
HEAVY = ("torch", "onnx", "qonnx", "brevitas", "sklearn", "scipy", "matplotlib", "pydantic")


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    """Rooms of hwflow that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            parts = name.split(".")
            if parts[0] == "hwflow" and len(parts) > 1 and parts[1] in FLOORS:
                yield parts[1]


FILES = sorted(PACKAGE.rglob("*.py"))


def test_every_room_has_a_floor() -> None:
    assert {room_of(path) for path in FILES} <= set(FLOORS)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_down(path: Path) -> None:
    room = room_of(path)
    for other in imports(path):
        allowed = other == room or FLOORS[other] < FLOORS[room] or (room, other) in BESIDE
        assert allowed, f"{path.relative_to(PACKAGE)}: {room} (floor {FLOORS[room]}) imports {other} ({FLOORS[other]})"


def test_the_check_sees_an_import_that_points_up(tmp_path: Path) -> None:
    path = tmp_path / "x.py"
    path.write_text(
        "def f():\n    from hwflow.cli.verb import verb\n    from hwflow import board\n    import hwflow.paths\n"
    )
    assert sorted(imports(path)) == ["board", "cli", "paths"]


@pytest.mark.parametrize("module", ["hwflow", "hwflow.cli"])
def test_nothing_heavy_is_loaded(module: str) -> None:
    look = f"import sys, {module}; print(*[name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
