"""Completion in the shell: what the shell's own script asks for is answered, and nothing heavy is loaded for it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from commandline import ROOT

ANSWER = """
import sys
from hwflow.cli import app
from hwflow.cli.verb import perform
try:
    perform(app, [])
finally:
    print("heavy:", *{"numpy", "onnx", "jinja2", "torch"} & set(sys.modules), file=sys.stderr)
"""


def complete(line: str) -> "subprocess.CompletedProcess[str]":
    asked = {"_HWFLOW_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(len(line.split()) - 1)}
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **asked}
    words = [sys.executable, "-c", ANSWER]
    return subprocess.run(words, env=environment, capture_output=True, text=True, check=True)


@pytest.mark.slow
def test_verbs_and_options_are_completed() -> None:
    done = complete("hwflow comp")
    assert done.stdout.split() == ["compile", "compare"] and done.stderr.split() == ["heavy:"]
    assert complete("hwflow compile --boa").stdout.split() == ["--board"]


@pytest.mark.slow
def test_it_is_installed_by_one_command(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(tmp_path)}
    # The shell is the one that it is called from.
    words = ["bash", "-c", '"$@"; exit $?', "bash", sys.executable, "-m", "hwflow", "--install-completion"]
    subprocess.run(words, env=environment, capture_output=True, check=True)
    script = next(tmp_path.rglob("hwflow.sh"))
    assert "complete -o default" in script.read_text() and script.name in (tmp_path / ".bashrc").read_text()
