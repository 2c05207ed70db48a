"""Running a tool: a command list, a log file, and an end that leaves nothing behind."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hwflow.errors import MissingTool, ToolError


@dataclass(frozen=True)
class CompletedTool:
    """A command that ended well, its seconds of wall clock, and where its output is."""

    command: tuple[str, ...]
    seconds: float
    log: Path


def run_tool(
    command: Sequence[str],
    log: Path,
    *,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
    install: str | None = None,
    on_line: Callable[[str], None] | None = None,
) -> CompletedTool:
    """Run a command, all its output in `log`, line by line also to `on_line`; interrupting ends its whole group.

    environment: added to this process's own; install: the command that installs the tool.
    Raises MissingTool if the program is not there, and ToolError, with the tool's own last words, if it fails.
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
    lines: list[str] = []
    try:
        assert process.stdout is not None
        with log.open("w") as kept:
            for line in process.stdout:
                kept.write(line)
                lines.append(line.rstrip())
                if on_line:
                    on_line(lines[-1])
        status = process.wait()
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if process.stdout is not None:
            process.stdout.close()
    if status != 0:
        raise ToolError(f"{name} failed with status {status}: {_reason(lines)} (log: {log}).")
    return CompletedTool(tuple(command), time.monotonic() - start, log)


def _reason(lines: Sequence[str]) -> str:
    said = [line for line in lines if "error" in line.lower()] or [line for line in lines if line.strip()]
    return said[0].strip()[:300] if said else "it said nothing"
