"""Folders that appear whole or not at all, and one worker for a folder at a time."""

import subprocess
import sys
from pathlib import Path

import pytest

from hwflow.errors import UserError
from hwflow.paths import only_one

HOLD = """
import sys
from pathlib import Path
from hwflow.paths import only_one
with only_one(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_process_is_refused_until_the_first_ends(tmp_path: Path) -> None:
    folder = tmp_path / "it's; $(a) folder"
    root = Path(__file__).resolve().parents[1]
    with subprocess.Popen([sys.executable, "-c", HOLD, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          cwd=root, env={"PYTHONPATH": str(root)}) as holder:  # fmt: skip
        assert holder.stdout is not None and holder.stdout.readline() == b"held\n"
        with pytest.raises(UserError, match="Another hwflow is at work"), only_one(folder):
            pass
        with only_one(tmp_path / "other"):
            pass
        holder.kill()
        holder.wait()
    with only_one(folder):
        pass
    assert list(tmp_path.iterdir()) == []
