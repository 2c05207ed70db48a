"""A driver's package: what is in it, and that it stands alone."""

import ast
import re
from pathlib import PurePosixPath

import pytest

from hwflow.host.package import FOLDER, PACKAGE, package_files

ROOTS = ("hwflow.quantised.driver.onboard", "hwflow.spiking.host.onboard")


def modules(root: str) -> dict[str, str]:
    return {path: text.decode() for path, text in package_files(root, {}).items() if path.endswith(".py")}


@pytest.mark.parametrize("root", ROOTS)
def test_it_takes_in_python_s_own_library_numpy_and_itself(root: str) -> None:
    files = modules(root)
    places = {path.removeprefix(f"{FOLDER}/").removesuffix(".py").replace("/", ".") for path in files}
    places |= {place.removesuffix(".__init__") for place in places}
    for path, text in files.items():
        assert not re.search(r"^\s*(from|import) hwflow\b", text, re.MULTILINE), path
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == PACKAGE:
                assert node.module in places, f"{path}: {node.module}"


@pytest.mark.parametrize("root", ROOTS)
def test_each_folder_is_a_package(root: str) -> None:
    files = modules(root)
    folders = {parent.as_posix() for path in files for parent in PurePosixPath(path).parents} - {FOLDER, "."}
    assert all(f"{folder}/__init__.py" in files for folder in folders)


def test_what_lies_beside_it_is_packed_too() -> None:
    files = package_files(ROOTS[0], {"net.json": b"{}"})
    assert files[f"{FOLDER}/{PACKAGE}/net.json"] == b"{}"
    assert b'"*.json"' in files[f"{FOLDER}/pyproject.toml"]
