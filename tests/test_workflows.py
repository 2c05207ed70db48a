"""Continuous integration runs what any machine runs, on the Pythons that the package says it is for."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WORKFLOWS = ROOT / ".github/workflows"


def test_what_must_pass_is_run_on_each_push_and_request() -> None:
    text = (WORKFLOWS / "ci.yml").read_text()
    assert re.search(r"^on:\n  push:\n    branches: \[main\]\n  pull_request:$", text, re.MULTILINE)
    assert "- run: bash .ci/run" in text and text.count("cache: pip") == text.count("setup-python")


def test_every_command_of_make_is_a_target() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    texts = [path.read_text() for path in WORKFLOWS.glob("*.yml")]
    used = {hit for text in texts for hit in re.findall(r"run: make ([a-z]+)", text)}
    used |= {
        word.split()[0] for text in texts for hit in re.findall(r"command: \[(.*)\]", text) for word in hit.split(", ")
    }
    assert used == {"setup", "quick", "wheel", "long", "finn", "prove", "gates", "fuzz", "mutants"} <= targets


def test_the_pythons_are_those_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    said = {line.rsplit(" ", 1)[1] for line in project["classifiers"] if re.search(r":: 3\.\d+$", line)}
    lists = re.findall(r'python: \[(.*)\]|python-version: "(.*)"', (WORKFLOWS / "ci.yml").read_text())
    tried = {word.strip('"') for pair in lists for text in pair for word in text.split(", ") if word}
    assert tried == said and min(said) == project["requires-python"].removeprefix(">=")


def test_the_version_to_cite_is_the_package_s() -> None:
    from hwflow import __version__

    assert f"\nversion: {__version__}\n" in (ROOT / "CITATION.cff").read_text()
