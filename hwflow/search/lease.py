"""Who works on a trial, and whether that worker still lives: at once on the same machine, by its heartbeat on another."""

import os
import socket
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

BEAT = 10.0  # seconds between two heartbeats
PATIENCE = 6 * BEAT  # without one, before a worker on another machine is taken for dead


@dataclass(frozen=True)
class Process:
    """A process by number and the tick at which it started, lest another has its number now."""

    number: int
    started: str

    @property
    def lives(self) -> bool:
        return self.started != "" and _started(self.number) == self.started

    @staticmethod
    def of(number: int) -> "Process":
        return Process(number, _started(number))


@dataclass(frozen=True)
class Lease:
    """machine: its name and boot; worker, command: the process at work, and the command that it belongs to; beat: counts up."""

    machine: str
    worker: Process
    command: Process
    beat: int = 0

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(document: Mapping[str, Any]) -> "Lease":
        """The inverse of `to_json`."""
        worker, command = (Process(**document[name]) for name in ("worker", "command"))
        return Lease(document["machine"], worker, command, document["beat"])


def own_lease(command: int) -> Lease:
    """This process's. command: the number of the process that it belongs to."""
    return Lease(this_machine(), Process.of(os.getpid()), Process.of(command))


def this_machine() -> str:
    """Its name, and which start of it this is."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        boot = ""
    return f"{socket.gethostname()} {boot}"


@dataclass
class Watch:
    """What one process sees of the others' heartbeats, by its own clock: clocks of machines differ."""

    _seen: dict[int, tuple[Any, float]] = field(default_factory=dict)

    def death(self, number: int, lease: Mapping[str, Any] | None) -> str:
        """Of a running trial: `worker` or `command`, whichever has died; empty while both live, as far as is known."""
        known = Lease.from_json(lease) if lease else None
        if known is not None and known.machine == this_machine():
            if known.worker.lives:
                return ""
            return "worker" if known.command.lives else "command"
        mark = known and (known.worker, known.machine, known.beat)
        before, since = self._seen.get(number, (None, 0.0))
        now = time.monotonic()
        if number not in self._seen or before != mark:
            self._seen[number] = (mark, now)
            return ""
        return "worker" if now - since > PATIENCE else ""


def _started(number: int) -> str:
    """The tick at which a process started; empty if there is none, or nothing but what its parent has yet to collect."""
    try:
        after = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if after[0] in "ZX" else after[19]
