"""Running a tool: a command list, a log file, and an end that leaves nothing behind."""

import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import IO, Self, TypeVar

from hwflow.errors import MissingTool, ToolError
from hwflow.faults import writing
from hwflow.paths import scratch_folder

_SUPERVISE = Path(__file__).with_name("supervise.py")
_PATIENCE = 5.0  # seconds, for the supervisor
_Thing = TypeVar("_Thing")
_Result = TypeVar("_Result")
_ERROR = re.compile(r"(^|[\s%:])(fatal )?error\b[^:]{0,40}:", re.IGNORECASE)


class Silent(ToolError):
    """A tool said nothing for too long, and was ended."""


@dataclass(frozen=True)
class CompletedTool:
    """A command that ended well, its seconds of wall clock, and where its output is."""

    command: tuple[str, ...]
    seconds: float
    log: Path


def find_program(name: str) -> str | None:
    """A program's path: beside this Python, where pip puts it, else on PATH; None if it is in neither."""
    beside = Path(sysconfig.get_path("scripts"), name)
    return str(beside) if os.access(beside, os.X_OK) else shutil.which(name)


@contextmanager
def family(
    command: Sequence[str],
    *,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
    stdout: int | IO[bytes] = subprocess.DEVNULL,
    stderr: int | IO[bytes] = subprocess.DEVNULL,
) -> "Iterator[subprocess.Popen[bytes]]":
    """A running program; it and all that it started end with the block, and with this process, however that ends.

    It reads nothing, and its standard input is not to be written: closing that ends it (hwflow/tool/supervise.py).
    environment: added to this process's own.
    """
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", str(_SUPERVISE), *command],
        cwd=cwd,
        env=os.environ | dict(environment or {}),
        stdin=subprocess.PIPE,
        stdout=stdout,
        stderr=stderr,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        _end(process)
        if process.stdout is not None:
            process.stdout.close()


class Together:
    """Tools that run in several threads and end together: with the block, and those that begin later at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._over = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._over = True
            for process in self._running:
                _let_end(process)

    @contextmanager
    def holding(self, process: "subprocess.Popen[bytes]") -> Iterator[None]:
        """Have the process end with the others, as long as the block lasts."""
        with self._lock:
            self._running.add(process)
            if self._over:
                _let_end(process)
        try:
            yield
        finally:
            with self._lock:
                self._running.discard(process)


def side_by_side(
    work: Callable[[_Thing, Together], _Result],
    things: Sequence[_Thing],
    tell: Callable[[_Result], None] = lambda _: None,
) -> list[_Result]:
    """What `work` makes of each thing, in the things' order; as many at once as there are cores.

    work: called in threads, and hands on to `run_tool` with what it ends; tell: called here with each result as it comes.
    What either raises, or an interruption, ends the tools of all, and what has not begun never does.
    """
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool, Together() as together:
        try:
            jobs = [pool.submit(work, thing, together) for thing in things]
            for job in as_completed(jobs):
                tell(job.result())
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        return [job.result() for job in jobs]


def run_tool(
    command: Sequence[str],
    log: Path,
    *,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
    install: str | None = None,
    on_line: Callable[[str], None] | None = None,
    silence: float | None = None,
    together: Together | None = None,
) -> CompletedTool:
    """Run a command, all its output in `log`, line by line also to `on_line`; interrupting ends all that it started.

    What it leaves in the folder for temporary files, as a compiler does that is killed, goes when it ends.
    environment: added to this process's own; install: the command that installs the tool; silence: seconds
    without a line after which it is ended; together: with which other tools it ends.
    Raises MissingTool if the program is not there, UserError if the log cannot be written, Silent after `silence`, and
    ToolError, with the tool's own first error, if it fails.
    """
    start = time.monotonic()
    name = Path(command[0]).name
    if shutil.which(command[0], path=(environment or {}).get("PATH")) is None:
        remedy = f"; run `{install}`" if install else ""
        raise MissingTool(f"{name} is not installed{remedy}.")
    lines: list[str] = []
    with (
        scratch_folder() as temporary,
        writing(log),
        log.open("w") as kept,
        family(
            command,
            cwd=cwd,
            environment={"TMPDIR": str(temporary), **(environment or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as process,
        (together or Together()).holding(process),
        _Watch(process, silence) as watch,
    ):
        assert process.stdout is not None
        with TextIOWrapper(process.stdout, errors="replace") as said:
            for line in said:
                watch.heard()
                kept.write(line)
                lines.append(line.rstrip())
                if on_line:
                    on_line(lines[-1])
        status = process.wait()
    if watch.ended:
        raise Silent(f"{name} said nothing for {silence:g} s and was ended (log: {log}).")
    if status != 0:
        raise ToolError(f"{name} {_how(status)}: {_reason(lines)} (log: {log}).")
    return CompletedTool(tuple(command), time.monotonic() - start, log)


class _Watch:
    """Ends a process that says nothing for so many seconds; never, if that is None."""

    def __init__(self, process: "subprocess.Popen[bytes]", silence: float | None) -> None:
        self._process, self._silence = process, silence
        self._last, self._over = time.monotonic(), threading.Event()
        self._thread = threading.Thread(target=self._wait, daemon=True)
        self.ended = False

    def heard(self) -> None:
        self._last = time.monotonic()

    def __enter__(self) -> Self:
        if self._silence is not None:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._silence is not None:
            self._thread.join()

    def _wait(self) -> None:
        assert self._silence is not None
        while (left := self._last + self._silence - time.monotonic()) > 0:
            if self._over.wait(left):
                return
        self.ended = True
        _let_end(self._process)


def this_python() -> tuple[str, ...]:
    """The command of this Python, which takes no module from the folder in which it is run."""
    return (sys.executable, "-P")


def python_command(module: str) -> tuple[str, ...]:
    """The command that runs a module of this Python."""
    return (*this_python(), "-m", module)


def _let_end(process: "subprocess.Popen[bytes]") -> None:
    """Have the supervisor end the family, without waiting for it."""
    assert process.stdin is not None
    process.stdin.close()


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End the whole family, unless it has ended."""
    _let_end(process)
    with suppress(subprocess.TimeoutExpired):
        process.wait(_PATIENCE)
    if process.returncode is None or process.returncode < 0 or sys.platform != "linux":
        with suppress(ProcessLookupError, PermissionError):  # of a supervisor that was killed, the others are left
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _how(status: int) -> str:
    if status >= 0:
        return f"failed with status {status}"
    names = {number.value: number.name for number in signal.Signals}
    return f"was ended by {names.get(-status, f'signal {-status}')}"


def _reason(lines: Sequence[str]) -> str:
    said = [line for line in lines if _ERROR.search(line)] or [line for line in lines[-1:] if line.strip()]
    return said[0].strip()[:300] if said else "it said nothing"
