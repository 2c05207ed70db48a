"""What keeps the command line thin: small functions, and a project that each verb reads once."""

import ast
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

import hwflow.cli
from hwflow.project import DESIGN, MANIFEST

CLI = Path(hwflow.cli.__file__).parent
READ = f"""
import collections, os, sys
opened = collections.Counter()
def hook(event, arguments):
    if event == "open" and isinstance(arguments[0], (str, os.PathLike)):
        name = os.path.basename(os.fspath(arguments[0]))
        if name in ({MANIFEST!r}, {DESIGN!r}, "network.json", "network.npz") and not (arguments[2] & os.O_ACCMODE):
            opened[name] += 1
sys.addaudithook(hook)
from hwflow.cli import app, perform
import io, contextlib
status = perform(app, sys.argv[1:])
print(__import__("json").dumps(opened), file=sys.stderr)
sys.exit(status)
"""


@pytest.mark.parametrize("path", sorted(CLI.glob("*.py")), ids=lambda path: path.name)
def test_functions_are_small_and_take_few_parameters(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef):
            lines = (node.end_lineno or 0) - node.lineno + 1
            parameters = len(node.args.args) + len(node.args.kwonlyargs)
            assert lines <= 40, f"{node.name} has {lines} lines"
            assert parameters <= 8, f"{node.name} has {parameters} parameters"


def reads(folder: Path, *words: object) -> Counter[str]:
    """How often a command opens the files of a project to read them."""
    command = [sys.executable, "-c", READ, *map(str, words)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return Counter(json.loads(done.stderr.strip().splitlines()[-1]))


@pytest.mark.slow
def test_a_command_reads_a_project_once(tiny_model: Path, tmp_path: Path) -> None:
    once = {MANIFEST: 1, DESIGN: 1, "network.json": 1, "network.npz": 1}
    assert reads(tmp_path, "compile", tiny_model, "--board", "sim", "--out", "p") == {}
    assert reads(tmp_path, "compile", tiny_model, "--board", "sim", "--out", "p") == once
    assert reads(tmp_path, "simulate", "p", "--count", 5) == once
    assert reads(tmp_path, "run", "p", "--port", "sim", "--count", 5) == once
    assert reads(tmp_path, "report", "p") == {MANIFEST: 1, DESIGN: 1, "network.json": 1}
    assert reads(tmp_path, "compile", tiny_model, "--board", "icebreaker", "--out", "q") == {}
    assert reads(tmp_path, "build", "q", "--dry-run") == once
