"""The process that reads a file: its limits, and what is said when it meets them."""

from pathlib import Path

import pytest

from hwflow.errors import UserError
from hwflow.spiking.frontend.limited import ask


@pytest.fixture
def child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A module `child_of_test` that does what its file says."""
    (tmp_path / "child_of_test.py").write_text(
        "import sys, pathlib\nfrom hwflow.spiking.frontend.limited import limit\nlimit()\nexec(pathlib.Path(sys.argv[1]).read_text())\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path / "file"


def answer(path: Path, code: str, seconds: float = 30.0) -> object:
    path.write_text(code)
    return ask("child_of_test", path, most_bytes=1000, what="test", seconds=seconds)


def test_what_it_says(child: Path) -> None:
    assert answer(child, "print('noise'); print('{\"nodes\": 3}')") == {"nodes": 3}


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ('print(\'{"error": "Node 3 is wrong."}\')', "file cannot be read: Node 3 is wrong."),
        ('print(\'{"error": "", "reason": "no magic"}\')', r"It is not a whole test file \(no magic\); export"),
        ("bytearray(8 << 30)", r"brought the process that reads it to an end \(status 1\)"),
        ("import os; os.kill(os.getpid(), 11)", r"to an end \(status -11\)"),
        ("import time; time.sleep(60)", "could not be read within 1 s"),
        ("#" * 2000, "is larger than 0 MiB"),
    ],
)
@pytest.mark.slow
def test_what_it_does_wrong(child: Path, code: str, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        answer(child, code, seconds=1.0 if "sleep" in code else 30.0)
