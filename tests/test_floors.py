"""Imports point down the floors of docs/architecture.md, no wing knows the other, and what is cheap stays cheap."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import hwflow

PACKAGE = Path(hwflow.__file__).parent
WINGS = ("quantised", "spiking")
# The common rooms, and the floor on which each stands: imports among them point down.
COMMON = {
    **dict.fromkeys(
        ("__init__", "documents", "drafts", "errors", "faults", "ints", "progress", "resources", "versions", "words"), 0
    ),
    "identifiers": 0,
    **dict.fromkeys(("arguments", "paths", "evaluation", "samples", "sources", "board"), 1),
    **dict.fromkeys(("records", "dataset", "plls"), 2),
    **dict.fromkeys(("project", "clock"), 3),
    **dict.fromkeys(("compiled", "shell"), 4),
    **dict.fromkeys(("tool", "export"), 5),
    "host": 6,
    "handles": 7,
    "family": 8,
    "reports": 9,
    "api": 10,
}
# The floors inside a wing. Each may use the common rooms below `report`; `report` and `family` also those.
INSIDE = {
    **dict.fromkeys(
        (
            "__init__",
            "arithmetic",
            "axes",
            "blocks",
            "draws",
            "elementwise",
            "entries",
            "factor",
            "inputs",
            "layers",
            "learning",
        ),
        0,
    ),
    **dict.fromkeys(("ports", "ranges", "signs", "tables"), 0),
    **dict.fromkeys(("network", "network_file", "neurons"), 1),
    **dict.fromkeys(("reference", "rules", "fit", "map", "saturation", "native", "golden", "presentations"), 2),
    **dict.fromkeys(("frontend", "train", "driver", "reads", "writes"), 3),
    "backend": 4,
    **dict.fromkeys(("tool", "host"), 5),
    "report": 6,
    "flow": 7,
    **dict.fromkeys(("family", "model", "project", "units", "integers", "recording", "net"), 8),
}
# Sideways, or up, only where a room stands on another, and the function that imports says why.
BESIDE = {
    ("paths", "errors"),
    ("faults", "errors"),
    ("board", "paths"),
    ("family", "quantised"),  # the one place that lists the wings
    ("family", "spiking"),
    ("reports", "family"),
    ("tool", "finn"),  # `doctor` tells whether FINN is set up
    ("__main__", "cli"),
}
HEAVY = ("torch", "onnx", "qonnx", "brevitas", "sklearn", "scipy", "matplotlib", "pydantic")
FILES = sorted(PACKAGE.rglob("*.py"))


def parts_of(path: Path) -> tuple[str, ...]:
    return path.relative_to(PACKAGE).with_suffix("").parts


def imports(path: Path) -> Iterator[tuple[str, ...]]:
    """The modules of hwflow that a file imports when it is loaded or used, but not those that only types need."""
    tree = ast.parse(path.read_text())
    for_types = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if node in for_types:
            continue
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names = [node.module] if node.module != "hwflow" else [f"hwflow.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            parts = tuple(name.split("."))
            if parts[0] == "hwflow" and len(parts) > 1:
                yield parts[1:]


def faults(parts: tuple[str, ...], other: tuple[str, ...]) -> str:
    """Why a module may not import another; empty if it may."""
    room, target = parts[0], other[0]
    if target.startswith("__") or (room, target) in BESIDE or room in ("cli", "apps", "search", "__main__"):
        return "" if target not in ("cli",) or room in ("cli", "__main__") else "nothing imports the command line"
    if room in WINGS:
        if target in WINGS:
            if target != room:
                return "one wing knows the other"
            inner, below = (INSIDE[name[1] if len(name) > 1 else "__init__"] for name in (parts, other))
            return "" if below <= inner else "it points up inside the wing"
        if target == "finn":
            doors = {("quantised", "flow", "backend"), ("quantised", "flow", "dataflow")}
            return "" if parts in doors else "only the wing's backends know FINN"
        return "" if target in COMMON and target != "api" else "a wing knows common rooms only"
    if room == "finn":
        return "" if target in ("finn", "quantised") or target in COMMON else "FINN knows its own wing only"
    if target in WINGS or target in ("finn", "apps", "search"):
        return "a common room knows a wing"
    return "" if room == target or COMMON.get(target, 10) < COMMON[room] else "it points up"


def test_every_room_has_a_floor() -> None:
    rooms = {parts_of(path)[0] for path in FILES}
    assert rooms <= {*COMMON, *WINGS, "finn", "apps", "search", "cli", "__main__"}
    inside = {parts_of(path)[1] for path in FILES if parts_of(path)[0] in WINGS}
    assert inside <= set(INSIDE)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_down(path: Path) -> None:
    parts = parts_of(path)
    wrong = {".".join(other): why for other in imports(path) if (why := faults(parts, other))}
    assert not wrong


def test_the_check_sees_an_import_that_points_up_or_across(tmp_path: Path) -> None:
    path = tmp_path / "x.py"
    path.write_text(
        "def f():\n    from hwflow.cli.verb import verb\n    from hwflow import board\n    import hwflow.paths\n"
    )
    assert sorted(imports(path)) == [("board",), ("cli", "verb"), ("paths",)]
    assert faults(("quantised", "flow", "x"), ("spiking", "network"))
    assert faults(("reports", "x"), ("quantised", "network")) and faults(("tool", "x"), ("reports", "page"))
    assert faults(("spiking", "network"), ("spiking", "flow", "x")) and faults(("board",), ("cli",))


def test_no_name_of_a_wing_stands_outside_it() -> None:
    """Neither a file called after a wing, nor a question which family a thing is."""
    named = [path for path in FILES if path.name.startswith(("spiking_", "finn_", "quantised_"))]
    assert not named
    asks = re.compile(
        r"isinstance\([^)]*(Spiking|Quantised)|(?<!board\.)family\.name\s*(==|!=)|(==|in) \"(spiking|quantised)\""
    )
    asking = [path.name for path in FILES for line in path.read_text().splitlines() if asks.search(line)]
    assert asking == ["family.py"]


@pytest.mark.parametrize("module", ["hwflow", "hwflow.cli"])
def test_nothing_heavy_is_loaded(module: str) -> None:
    look = f"import sys, {module}; print(*[name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
