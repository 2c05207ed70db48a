"""The program as a whole: help, versions, and what every verb has."""

import subprocess
import sys
from pathlib import Path

import pytest

from hwflow import __version__
from hwflow.cli import app
from hwflow.cli.verb import perform

VERBS = (
    "doctor",
    "boards",
    "train",
    "search",
    "inspect",
    "compile",
    "simulate",
    "build",
    "serve",
    "program",
    "run",
    "watch",
    "report",
    "demo",
)
HEAVY = {"torch", "onnx", "qonnx", "sklearn", "matplotlib", "numpy", "scipy", "pydantic", "jinja2", "brevitas"}


def test_help_loads_nothing_heavy() -> None:
    code = "import sys; from hwflow.cli import main\ntry: main()\nfinally: print('MODULES', *sys.modules)"
    done = subprocess.run([sys.executable, "-c", code, "--help"], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.partition("MODULES")[2].split()}
    assert "typer" in loaded
    assert not loaded & HEAVY
    assert all(f"\n  {verb} " in done.stdout for verb in VERBS)


def test_the_module_is_the_program(hwflow) -> None:
    done = hwflow("--version")
    assert (done.status, done.out) == (0, f"hwflow {__version__}\n")


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_and_json(verb: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert perform(app, [verb, "--help"]) == 0
    out = capfd.readouterr().out
    assert "--json" in out
    assert "--verbose" in out


def test_options_that_clash_are_the_users_fault(hwflow, tmp_path: Path) -> None:
    done = hwflow("train", "digits", "--json")  # no --out
    assert done.status == 2
    assert "--out" in done.json["error"]
