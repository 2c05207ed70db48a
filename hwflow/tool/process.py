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
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from hwflow.errors import MissingTool, ToolError

_ERROR = re.compile(r"(^|[\s%:])(fatal )?error\b[^:]{0,40}:", re.IGNORECASE)


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


def run_tool(
    command: Sequence[str],
    log: Path,
    *,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
    install: str | None = None,
    on_line: Callable[[str], None] | None = None,
    timeout: float | None = None,
) -> CompletedTool:
    """Run a command, all its output in `log`, line by line also to `on_line`; interrupting ends its whole group.

    environment: added to this process's own; install: the command that installs the tool; timeout: in seconds.
    Raises MissingTool if the program is not there, and ToolError, with the tool's own first error, if it fails or takes
    longer than `timeout`.
    """
    start = time.monotonic()
    name = Path(command[0]).name
    try:
        process = subprocess.Popen(
            list(command),
            cwd=cwd,
            env=os.environ | dict(environment or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            text=True,
            errors="replace",
        )
    except FileNotFoundError:
        remedy = f"; run `{install}`" if install else ""
        raise MissingTool(f"{name} is not installed{remedy}.") from None
    late = threading.Event()

    def expire() -> None:
        late.set()
        _end(process)

    timer = threading.Timer(timeout, expire) if timeout is not None else None
    lines: list[str] = []
    try:
        if timer:
            timer.start()
        with log.open("w") as kept:
            assert process.stdout is not None
            for line in process.stdout:
                kept.write(line)
                lines.append(line.rstrip())
                if on_line:
                    on_line(lines[-1])
        status = process.wait()
    finally:
        if timer:
            timer.cancel()
        _end(process)
        assert process.stdout is not None
        process.stdout.close()
    if late.is_set():
        raise ToolError(f"{name} took longer than {timeout:g} s and was ended (log: {log}).")
    if status != 0:
        raise ToolError(f"{name} failed with status {status}: {_reason(lines)} (log: {log}).")
    return CompletedTool(tuple(command), time.monotonic() - start, log)


def python_command(module: str) -> tuple[str, ...]:
    """The command that runs a module of this Python."""
    return (sys.executable, "-m", module)


def _end(process: "subprocess.Popen[str]") -> None:
    """End the whole group, unless it has ended."""
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _reason(lines: Sequence[str]) -> str:
    said = [line for line in lines if _ERROR.search(line)] or [line for line in lines[-1:] if line.strip()]
    return said[0].strip()[:300] if said else "it said nothing"
