"""The doctor tells what is there, and for what is not the command that brings it, at the version of pyproject.toml."""

import re
import sys
import tomllib
from pathlib import Path

import pytest

from hwflow.tool import doctor, nextpnr, program, verilator, yosys
from hwflow.tool.doctor import examine

ROOT = Path(__file__).resolve().parents[2]
PIN = re.compile(r"([A-Za-z0-9-]+)==([\w.]+)")


def pins() -> dict[str, str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = [*project["dependencies"], *(line for extra in project["optional-dependencies"].values() for line in extra)]
    return dict(line.split("==") for line in lines)


def test_what_the_tests_need_is_found_with_its_version() -> None:
    tools = {tool.name: tool for tool in examine().tools}
    assert tools["pyosys"].version == pins()["pyosys"] and tools["verilator"].version == pins()["verilator"]
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


def test_every_install_command_takes_the_version_that_is_pinned() -> None:
    wanted = pins()
    sources = [Path(module.__file__).read_text() for module in (doctor, nextpnr, program, verilator, yosys)]
    commands = [tool.install for tool in examine().tools]
    named = [hit for text in [*sources, *commands] for hit in PIN.findall(text)]
    assert len(named) > 10
    assert {name: wanted[name] for name, _ in named} == dict(named)
