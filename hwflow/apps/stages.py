"""Stages of a long job: each is told as it ends, and is not repeated while its inputs and its files are the same."""

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hwflow.errors import UserError
from hwflow.paths import whole_file
from hwflow.records import read_record, to_json

STAGES = "stages.json"
_PACKAGE = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Stage:
    """A stage that ended: its main figures in a line, whether they are as they must be, and its seconds.

    inputs: SHA-256 of everything it depends on; kept: whether it had been done before, so that nothing was done now.
    """

    name: str
    inputs: str
    said: str
    right: bool
    seconds: float
    kept: bool = False


@dataclass(frozen=True)
class _Finished:
    stages: tuple[Stage, ...]


class Stages:
    """The stages done in a folder; `tell` is called with each as it ends."""

    def __init__(self, folder: Path, tell: Callable[[Stage], None]) -> None:
        self._folder = folder
        self._tell = tell
        self._before = {stage.name: stage for stage in _read(folder / STAGES)}
        self.done: list[Stage] = []

    def do(
        self, name: str, inputs: Sequence[str], files: Sequence[Path], work: Callable[[], tuple[str, bool]]
    ) -> Stage:
        """Do `work`, which gives its figures and whether they are right, unless it was done: same inputs, files there.

        What ended wrong is done again the next time.
        """
        kept = self.begin(name, inputs, files)
        if kept:
            return kept
        start = time.monotonic()
        said, right = work()
        return self.end(name, inputs, said, right, time.monotonic() - start)

    def begin(self, name: str, inputs: Sequence[str], files: Sequence[Path]) -> Stage | None:
        """The stage, if it was done before; if not, it is to be done, and then to be ended."""
        before = self._before.get(name)
        if before and before.inputs == _digest(name, inputs) and before.right and all(path.exists() for path in files):
            return self._end(replace(before, kept=True))
        if self._before.pop(name, None):
            self._write()  # from here on its files may be of other inputs than the record said
        return None

    def end(self, name: str, inputs: Sequence[str], said: str, right: bool, seconds: float) -> Stage:
        """A stage that was done just now."""
        return self._end(Stage(name, _digest(name, inputs), said, right, round(seconds, 1)))

    def _end(self, stage: Stage) -> Stage:
        self.done.append(stage)
        self._before[stage.name] = stage
        self._write()
        self._tell(stage)
        return stage

    def _write(self) -> None:
        with whole_file(self._folder / STAGES) as draft:
            draft.write_text(to_json(_Finished(tuple(self._before.values()))))


def _digest(name: str, inputs: Sequence[str]) -> str:
    return hashlib.sha256("\n".join([name, *inputs]).encode()).hexdigest()


def _read(path: Path) -> tuple[Stage, ...]:
    """What was finished; nothing if the record is not there or cannot be read, since stages can always be repeated."""
    try:
        return read_record(_Finished, path, "").stages
    except UserError:
        return ()


def file_digest(path: Path) -> str:
    """SHA-256, in hex, of a file's content. Raises UserError if it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}); name a file that is there.") from None


def code_digest(*rooms: str) -> str:
    """SHA-256, in hex, of the Python sources of some rooms of hwflow, by name and content."""
    sha = hashlib.sha256()
    for room in rooms:
        for path in sorted((_PACKAGE / room).rglob("*.py")):
            sha.update(f"{path.relative_to(_PACKAGE)}\n".encode() + path.read_bytes())
    return sha.hexdigest()
