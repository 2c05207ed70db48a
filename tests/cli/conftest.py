"""The command line as users run it: a program of its own, in a folder of its own."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Done:
    """How a command ended, and what it wrote."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON value on standard output."""
        return json.loads(self.out)


Hwflow = Callable[..., Done]


@pytest.fixture
def hwflow(tmp_path: Path) -> Hwflow:
    """hwflow("compile", model, "--board", name, …) in the test's folder."""

    def run(*words: object, timeout: float = 600) -> Done:
        command = [sys.executable, "-m", "hwflow", *map(str, words)]
        environment = {
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
            "PYTHONPATH": str(ROOT),
            "HOME": str(tmp_path),
        }
        done = subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, env=environment, timeout=timeout, check=False
        )
        assert "Traceback" not in done.stderr
        return Done(done.returncode, done.stdout, done.stderr)

    return run
