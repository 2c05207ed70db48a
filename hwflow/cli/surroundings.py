"""What surrounds a verb: the signals that end it, and standard streams, which may be closed, full, or read by nobody."""

import os
import select
import signal
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from typing import TextIO

from hwflow.faults import told


class Ended(BaseException):
    """A signal from outside ended this process: it unwinds as an error does, so that children and drafts go too."""


class UnheardError(Exception):
    """Standard output did not take what was said; the cause is the system's error."""


class EndingSignals:
    """The signals that end a program from outside, unless they were to be ignored (nohup), and which of them came first.

    Each becomes an error: `Ended`, once, or KeyboardInterrupt. What such an error meets on its way may take it for a fault
    of its own and raise another, as a library in the midst of its import does: hence `came`, which decides what is told.
    Or it is swallowed, by a bare `except` or in a call from C that cannot raise: so it is raised again every second
    until it `arrived`, but never while it is on its way, lest it breaks off what is put in order there.
    """

    came: int | None = None
    _error: BaseException | None = None
    _held = False

    def handle(self) -> None:
        """Have them handled, from now on."""
        signal.signal(signal.SIGALRM, self._again)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._end)

    def arrived(self) -> None:
        """The error has come to where the program ends."""
        signal.setitimer(signal.ITIMER_REAL, 0)

    @contextmanager
    def held(self) -> Iterator[None]:
        """What is done inside is done whole: an error comes at its end, or after a second, should it hang."""
        self._held = True
        try:
            yield
        finally:
            self._held = False
        if self._error is not None:
            raise self._error

    def _end(self, number: int, frame: object) -> None:
        self.came = self.came or number
        if number != signal.SIGINT:
            for other in (signal.SIGTERM, signal.SIGHUP):
                signal.signal(other, signal.SIG_IGN)
        self._error = KeyboardInterrupt() if number == signal.SIGINT else Ended()
        signal.setitimer(signal.ITIMER_REAL, 1, 1)
        if not self._held:
            raise self._error

    def _again(self, number: int, frame: object) -> None:
        if self._error is not None and self._error not in _behind(sys.exc_info()[1]):
            raise self._error


def _behind(error: BaseException | None) -> list[BaseException]:
    """The error, what it was raised from, and what was being handled when it was raised, as far as that goes back."""
    found: list[BaseException] = []
    ahead = [error]
    while ahead:
        one = ahead.pop()
        if one is not None and one not in found:
            found.append(one)
            ahead += [one.__cause__, one.__context__]
    return found


def open_streams() -> bool:
    """Open what of the three streams is closed, lest a file takes its number; whether standard output was open."""
    closed = []
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            closed.append(number)
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number, which is this one
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: PTH123, SIM115  (for as long as the process lives)
    if 1 in closed:
        tell("Standard output is closed; send it to a file, or to /dev/null.")
    return 1 not in closed


def say(text: str, out: TextIO) -> None:
    """Write to standard output, at once. Raises UnheardError if it takes not all."""
    try:
        out.write(text)
        out.flush()
    except OSError as error:
        raise UnheardError from error


def tell(line: str) -> None:
    """A whole line on standard error; if that does not take it, all that is said there goes to nowhere.

    At once: `print` writes its end apart, and another thread's line would come between.
    """
    try:
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()
    except OSError:
        to_nowhere({2})


def to_nowhere(numbers: Iterable[int]) -> None:
    """Have these streams write to nowhere, also what they still hold: else the end of the process fails by it."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for number in numbers:
        os.dup2(nowhere, number)
    os.close(nowhere)


def silence(error: UnheardError, out: TextIO) -> int:
    """Send to nowhere what is still to be written to `out`, and return the exit status.

    That is, quietly, the status of a program whose reader went away; for anything else, as a full disk, the reason is told.
    """
    cause = error.__cause__
    assert isinstance(cause, OSError)
    numbers = {1, 2, out.fileno()}
    gone = {number for number in numbers if _reader_is_gone(number)}
    to_nowhere(gone | (numbers - {2}))
    broken = isinstance(cause, BrokenPipeError)
    if broken and gone:
        return 128 + signal.SIGPIPE
    tell(told(cause, "A connection" if broken else "Standard output"))
    return 2


def _reader_is_gone(number: int) -> bool:
    poll = select.poll()
    poll.register(number, 0)
    return any(event & (select.POLLERR | select.POLLHUP) for _, event in poll.poll(0))


@contextmanager
def standard_output(kept: bool) -> Iterator[TextIO]:
    """Standard output; if `kept`, whatever else writes there, be it a library in C, goes to standard error."""
    if not kept:
        yield sys.stdout
        return
    sys.stdout.flush()
    own = os.dup(1)
    os.dup2(2, 1)
    try:
        with os.fdopen(os.dup(own), "w", encoding="utf-8") as out, redirect_stdout(sys.stderr):
            yield out
    finally:
        with suppress(OSError):
            sys.stdout.flush()
        os.dup2(own, 1)
        os.close(own)
