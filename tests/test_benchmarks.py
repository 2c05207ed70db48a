"""Every benchmark of `make bench` starts: its imports are found, and it tells what it takes."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
BENCHMARKS = list(dict.fromkeys(re.findall(r"benchmarks/\w+\.py", (ROOT / "Makefile").read_text())))


@pytest.mark.slow
@pytest.mark.parametrize("path", BENCHMARKS)
def test_it_starts(path: str) -> None:
    done = subprocess.run([sys.executable, ROOT / path, "--help"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "options:" in done.stdout
