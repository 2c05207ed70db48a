"""One input at a time: what a reader may answer, and the process in which it reads, with little memory and little time.

A reader is right if it takes an input, or refuses it by an error of `hwflow.errors` in one sentence. What it does else is a
fault: another exception, a warning, too much time or memory, or the end of the process.
"""

import copy
import os
import random
import resource
import signal
import sys
import tempfile
import traceback
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from fuzz_changes import blown

from hwflow.errors import HwflowError

BROKEN = "broken"  # the fuzzer itself
ACCEPTED, REFUSED, FAULT, UNCOMPARED, EQUAL = "accepted", "refused", "fault", "not compared", "equal"
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Kind:
    """A kind of input.

    seeds: sound inputs, as values, made in an empty folder; change: a value, which it may use up, to one that differs in
    one place; save: writes a value into an empty folder, gives what the reader is given; read: hwflow's own reader;
    compare: of an input that was taken, a sentence if what hwflow made of it is wrong, "" if it is right, None where
    nothing could be compared.
    """

    name: str
    seeds: Callable[[Path], list[Any]]
    change: Callable[[Any, random.Random], Any]
    save: Callable[[Any, Path], Path]
    read: Callable[[Path], Any]
    compare: Callable[[Path, Any], str | None] | None = None


@dataclass(frozen=True)
class Limits:
    """seconds: of the processor's time for one input; bytes: of address space over what the imports take."""

    seconds: float = 5.0
    bytes: int = 1 << 30


LIMITS = Limits()


@dataclass(frozen=True)
class Trial:
    """An input, which these numbers make: a seed, and the changes that it undergoes, each a number that draws it.

    A negative number is a blow to the bytes of the file that was written.
    """

    seed: int
    changes: tuple[int, ...]

    def without(self, at: int) -> "Trial":
        return replace(self, changes=self.changes[:at] + self.changes[at + 1 :])


@dataclass(frozen=True)
class Verdict:
    """answer: one of the words above; fault: what happened; where: the place in hwflow's text, or empty; trace: for people."""

    answer: str
    fault: str = ""
    where: str = ""
    trace: str = ""

    @property
    def same(self) -> tuple[str, str]:
        """What equal faults have in common."""
        return self.fault.split(":")[0], self.where


class TooLong(BaseException):
    """The time is over. No reader takes it for an error of its own."""


def made(kind: Kind, seeds: list[Any], trial: Trial, folder: Path) -> Path:
    """The input of a trial, written into an empty folder."""
    value = copy.deepcopy(seeds[trial.seed])
    for number in trial.changes:
        if number >= 0:
            value = kind.change(value, random.Random(number))
    path = kind.save(value, folder)
    for number in trial.changes:
        if number < 0:
            draw = random.Random(number)
            file = draw.choice(sorted(each for each in folder.rglob("*") if each.is_file()))
            file.write_bytes(blown(file.read_bytes(), draw))
    return path


def judged(work: Callable[[], Any], seconds: float) -> tuple[Verdict, Any]:
    """What a reader answers, and what it read."""
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            signal.setitimer(signal.ITIMER_PROF, seconds)
            try:
                found = work()
            finally:
                signal.setitimer(signal.ITIMER_PROF, 0)
        except HwflowError as error:
            said = str(error)
            if not said.strip() or "\n" in said or not said.endswith("."):
                return _fault(error, f"no sentence: {said!r:.200}"), None
            answer, found = Verdict(REFUSED, said), None
        except TooLong as error:
            return _fault(error, f"time: more than {seconds:g} s"), None
        except MemoryError as error:
            return _fault(error, "memory: more than there is"), None
        except Exception as error:
            return _fault(error, f"{type(error).__name__}: {str(error)[:200]!r}"), None
        else:
            answer = Verdict(ACCEPTED)
    if warned:
        first = warned[0]
        # What was left open is told of wherever it is collected.
        left = issubclass(first.category, ResourceWarning)
        place = "" if left else f"{Path(first.filename).name}:{first.lineno}"
        return Verdict(FAULT, f"{first.category.__name__}: {str(first.message)[:200]!r}", place), None
    return answer, found


def _fault(error: BaseException, what: str) -> Verdict:
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "/hwflow/" in frame.filename] or frames[-1:]
    where = f"{Path(own[-1].filename).name}:{own[-1].name}" if own else ""
    return Verdict(FAULT, what, where, "".join(traceback.format_list(frames[-12:])))


def compared(kind: Kind, path: Path, found: Any, seconds: float) -> Verdict:
    """Whether what was made of an accepted input is right; what the other side cannot execute tells nothing."""
    compare = kind.compare
    assert compare is not None
    verdict, said = judged(lambda: compare(path, found), seconds)
    what = verdict.fault.split(":")[0]
    if verdict.answer == FAULT and what not in ("time", "memory") and not what.endswith("Warning"):
        return verdict
    if verdict.answer != ACCEPTED or said is None:
        return Verdict(UNCOMPARED)
    return Verdict(FAULT, f"unequal: {said}") if said else Verdict(EQUAL)


def serve(connection: Connection, kind: Kind, limits: Limits) -> None:
    """The process: takes trials, and sends the reader's verdict on each and then, if it was accepted, the comparison's."""

    def over(*_: Any) -> None:
        raise TooLong

    signal.signal(signal.SIGPROF, over)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.stderr = sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115 - as long as the process lives
    with tempfile.TemporaryDirectory(prefix="hwflow-fuzz-") as scratch:
        folder = Path(scratch)
        (folder / "seeds").mkdir()
        seeds = kind.seeds(folder / "seeds")
        for number in range(len(seeds)):  # also so that what is imported and kept once is there
            verdict = _tried(kind, seeds, Trial(number, ()), folder / f"seed{number}", 60.0, lambda _: None)
            if verdict.answer in (REFUSED, FAULT, BROKEN):
                connection.send((verdict, number))
                return
        room = int(Path("/proc/self/statm").read_text().split()[0]) * _PAGE + limits.bytes
        resource.setrlimit(resource.RLIMIT_AS, (room, room))
        connection.send((Verdict(ACCEPTED), len(seeds)))
        for number, trial in enumerate(iter(connection.recv, None)):
            place = folder / str(number)
            last = _tried(kind, seeds, trial, place, limits.seconds, connection.send)
            connection.send(last)
            if last.fault.startswith("memory"):
                return  # what is left of its memory is in pieces


def _tried(
    kind: Kind, seeds: list[Any], trial: Trial, place: Path, seconds: float, tell: Callable[[Verdict], None]
) -> Verdict:
    place.mkdir()
    try:
        path = made(kind, seeds, trial, place)
    except Exception:
        return Verdict(BROKEN, f"{trial} of {kind.name} could not be made", trace=traceback.format_exc())
    verdict, found = judged(lambda: kind.read(path), seconds)
    if verdict.answer == ACCEPTED and kind.compare is not None:
        tell(verdict)
        verdict = compared(kind, path, found, seconds)
    with suppress(OSError):
        for file in sorted(place.rglob("*"), reverse=True):
            file.unlink() if not file.is_dir() or file.is_symlink() else file.rmdir()
        place.rmdir()
    return verdict


class Reader:
    """A process with a reader, begun anew when it ended."""

    def __init__(self, kind: Kind, limits: Limits) -> None:
        """Raises RuntimeError if a seed of the kind is refused."""
        self.kind, self.limits = kind, limits
        self._begin()

    def _begin(self) -> None:
        context = get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=serve, args=(theirs, self.kind, self.limits), daemon=True)
        self._process.start()
        theirs.close()
        verdict, self.seeds = self._connection.recv()
        if verdict.answer != ACCEPTED:
            raise RuntimeError(
                f"Seed {self.seeds} of {self.kind.name} is no sound input: {verdict.fault} {verdict.trace}"
            )

    def verdict(self, trial: Trial) -> Verdict:
        """What becomes of a trial. Raises RuntimeError if the fuzzer is at fault."""
        self._connection.send(trial)
        first = self._answer()
        if first is not None and first.answer == BROKEN:
            raise RuntimeError(f"{first.fault}: {first.trace}")
        if first is None:
            self._begin()
            return Verdict(FAULT, "end: the process ended, or never answered")
        if first.answer != ACCEPTED or self.kind.compare is None:
            self._renewed(first)
            return first
        second = self._answer()
        if second is None:  # what ended is the other side's
            self._begin()
            return Verdict(UNCOMPARED)
        return second

    def _renewed(self, verdict: Verdict) -> None:
        if verdict.fault.startswith("memory") and verdict.answer == FAULT:
            self._process.join()
            self._begin()

    def _answer(self) -> Verdict | None:
        """None if the process ended, or does not answer though it takes no time of the processor's."""
        try:
            if self._connection.poll(12 * self.limits.seconds):
                answer: Verdict = self._connection.recv()
                return answer
        except (EOFError, OSError):
            pass
        self._process.kill()
        self._process.join()
        return None

    def close(self) -> None:
        """End the process."""
        with suppress(OSError):
            self._connection.send(None)
        self._process.join(10)
        self._process.kill()
