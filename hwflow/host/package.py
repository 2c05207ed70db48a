"""A driver for a board's own Python: a module of hwflow, and those that it takes in, as a package that stands alone.

What it is made of takes in numpy alone beside Python's own library; the module itself imports pynq where it needs it.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

PACKAGE = "hwflow_pynq"
FOLDER = "driver"  # of a project
_HERE = Path(__file__).resolve().parents[1]  # hwflow
_SETUP = """\
[build-system]
requires = ["setuptools>=61"]
build-backend = "setuptools.build_meta"

[project]
name = "hwflow-pynq"
version = "1.0.0"
description = "A net behind AXI, made by hwflow, driven on the board"
requires-python = ">=3.10"
dependencies = ["numpy", "pynq"]

[tool.setuptools.packages.find]
include = ["hwflow_pynq*"]

[tool.setuptools.package-data]
hwflow_pynq = ["*.json", "*.npz"]
"""


def package_files(root: str, data: Mapping[str, bytes]) -> dict[str, bytes]:
    """The package, by path in a project. root: the module that is the package itself; data: files beside it, by name."""
    files = {f"{FOLDER}/pyproject.toml": _SETUP.encode(), f"{FOLDER}/{PACKAGE}/__init__.py": _renamed(_source(root))}
    files |= {f"{FOLDER}/{PACKAGE}/{name}": content for name, content in data.items()}
    for module in sorted(_taken_in(root)):
        files[f"{FOLDER}/{PACKAGE}/{_source(module).relative_to(_HERE).as_posix()}"] = _renamed(_source(module))
    return files


def _taken_in(root: str) -> set[str]:
    """What a module takes in of hwflow, itself or by others, at any time, and the packages that these are in."""
    found: set[str] = set()
    waiting = [root]
    while waiting:
        for module in _imports(ast.parse(_source(waiting.pop()).read_text())):
            within = [module, *_packages(module)]
            waiting += [each for each in within if each not in found]
            found |= set(within)
    return found


def _packages(module: str) -> Iterator[str]:
    """Those that a module is in, but for hwflow itself."""
    while "." in (module := module.rpartition(".")[0]):
        yield module


def _imports(tree: ast.AST) -> Iterator[str]:
    """Modules of hwflow, but for those that type checkers alone see."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(f"{_HERE.name}."):
            yield node.module
        yield from _imports(node)


def _source(module: str) -> Path:
    path = _HERE.joinpath(*module.split(".")[1:])
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def _renamed(source: Path) -> bytes:
    return re.sub(rf"^(\s*from ){_HERE.name}\.", rf"\1{PACKAGE}.", source.read_text(), flags=re.MULTILINE).encode()
