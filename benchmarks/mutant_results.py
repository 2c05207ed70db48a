"""What was found of each mutant, kept so that a run that was broken off goes on where it was.

A finding holds as long as the texts do that it hangs on: the module with the mutant, the modules below those that were
tested, the files of tests and proofs, and the helpers that these name. The Python of hwflow, which computes what tests expect, is not
among them: `--again` runs everything anew.
"""

import hashlib
import json
import re
import threading
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from mutant_texts import DEVICES, Mutant
from proofs import PROOFS, ROOT

_MODULE = re.compile(r"\bhwf_[a-z0-9_]+\b")
_HELPER = re.compile(r"^\s*(?:from|import) ((?:helpers\.)?\w+)", re.MULTILINE)
_WATCHED = re.compile(r"\bwatched_\w+\b")  # of proofs


@dataclass(frozen=True)
class Finding:
    """A mutant, the files that it was put to, in order, and the test or proof that failed: None if it survived them.

    seconds: of the processor, for these tests.
    """

    mutant: str
    texts: str
    files: tuple[str, ...]
    killer: str | None
    seconds: float


class Findings:
    """The file of findings: one a line, the last of a mutant is the one that counts."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        for read in (*(ROOT / "rtl").rglob("*.sv"), *PROOFS.rglob("*.sv"), *(ROOT / "tests").rglob("*.py")):
            _text(read)  # as it is now, which is what is tried, whatever becomes of it meanwhile
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = path.read_text().splitlines() if path.is_file() else []
        self._known = {one.mutant: one for one in map(_read, lines) if one}

    def of(self, mutant: Mutant) -> Finding | None:
        """What is known of a mutant, if the texts are still those."""
        known = self._known.get(name(mutant))
        return known if known and known.texts == texts(mutant, known.files) else None

    def keep(self, mutant: Mutant, files: Iterable[str], killer: str | None, seconds: float) -> Finding:
        files = tuple(files)
        found = Finding(name(mutant), texts(mutant, files), files, killer, round(seconds, 2))
        with self._lock, self._path.open("a") as file:
            file.write(json.dumps(asdict(found)) + "\n")
            self._known[found.mutant] = found
        return found


def _read(line: str) -> Finding | None:
    try:
        values = json.loads(line)
        return Finding(**values | {"files": tuple(values["files"])})
    except (ValueError, TypeError, KeyError):
        return None  # the last line of a run that was ended while it wrote


def name(mutant: Mutant) -> str:
    """One for each mutant, which does not change when other places of the file do."""
    return hashlib.sha256(mutant.text(_text(ROOT / "rtl" / mutant.path)).encode()).hexdigest()[:24]


def texts(mutant: Mutant, files: Iterable[str]) -> str:
    """A digest of all that the outcome of these files of tests hangs on."""
    digest = hashlib.sha256(name(mutant).encode())
    for path in sorted({path for file in files for path in read_by(file)}):
        digest.update(_text(path).encode())
    return digest.hexdigest()[:24]


@cache
def _text(path: Path) -> str:
    return path.read_text()


@cache
def read_by(file: str) -> frozenset[Path]:
    """The files that a file of tests or a proof is made of: itself, its helpers, and the modules below the one that it is about."""
    rtl = ROOT / "tests" / "rtl"
    helpers = {"harness": rtl / "harness.py"} | {f"helpers.{p.stem}": p for p in (rtl / "helpers").glob("*.py")}
    devices = {f"tests/{path}": name for name, path in DEVICES.items()}
    tops = {devices.get(file, Path(file).stem.removeprefix("test_"))}
    modules = {path.stem: path for path in (ROOT / "rtl").rglob("hwf_*.sv")}
    watched = {path.stem: path for path in PROOFS.glob("watched_*.sv")}
    return frozenset(
        _closure({ROOT / file}, helpers, _HELPER)
        | _closure({ROOT / file}, watched, _WATCHED)
        | _closure({modules[top] for top in tops}, modules, _MODULE)
    )


def _closure(begin: set[Path], known: dict[str, Path], named: re.Pattern[str]) -> set[Path]:
    found: set[Path] = set()
    wanted = list(begin)
    while wanted:
        path = wanted.pop()
        if path not in found:
            found.add(path)
            wanted += [known[word] for word in named.findall(_text(path)) if word in known]
    return found
