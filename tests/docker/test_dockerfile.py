"""The image is pinned, runs the same set-up as the Makefile, and copies only what is there."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
KNOWN = {"FROM", "RUN", "USER", "WORKDIR", "COPY", "CMD", "ENV", "ARG"}


@pytest.fixture(scope="module")
def instructions() -> list[tuple[str, str]]:
    text = (ROOT / "docker/Dockerfile").read_text()
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    joined = re.sub(r"\\\n", " ", "\n".join(lines))
    return [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1]) for line in joined.splitlines()]


def of(instructions: list[tuple[str, str]], kind: str) -> list[str]:
    return [rest for word, rest in instructions if word == kind]


def test_every_instruction_is_one(instructions: list[tuple[str, str]]) -> None:
    assert {word for word, _ in instructions} <= KNOWN and instructions[0][0] == "FROM"


def test_the_base_is_pinned(instructions: list[tuple[str, str]]) -> None:
    assert re.fullmatch(r"debian:12\.\d+-slim", of(instructions, "FROM")[0])


def test_what_is_copied_is_there(instructions: list[tuple[str, str]]) -> None:
    for rest in of(instructions, "COPY"):
        words = [word for word in rest.split() if not word.startswith("--")]
        assert all((ROOT / source).exists() for source in words[:-1]), rest


def test_it_installs_what_set_up_asks_for_and_runs_it(instructions: list[tuple[str, str]]) -> None:
    runs = of(instructions, "RUN")
    assert all(re.search(rf"\b{re.escape(package)}(\s|$)", runs[0]) for package in ("g++", "make", "python3-venv"))
    assert "make setup" in runs
    assert json.loads(of(instructions, "CMD")[0]) == ["bash", ".ci/run"]
    assert (ROOT / ".ci/run").is_file()


def test_it_does_not_run_as_root(instructions: list[tuple[str, str]]) -> None:
    words = [word for word, _ in instructions]
    assert words.index("USER") < len(words) - 1 - words[::-1].index("RUN")
