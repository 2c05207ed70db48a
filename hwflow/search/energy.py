"""What the machine spends while a command searches: the counters of its processor packages (RAPL), where they can be read."""

import socket
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

POWERCAP = Path("/sys/class/powercap")


@dataclass(frozen=True)
class Spent:
    """Of one command: on what machine, for how many seconds, and the joules of its processor packages in them, whoever used them;
    None where no counter can be read."""

    machine: str
    seconds: float
    joules: float | None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass
class Meter:
    """Adds up what the counters have gone on by since it was made; it is to be read before they come round (about an hour)."""

    folder: Path = POWERCAP
    _began: float = field(default_factory=time.monotonic)
    _joules: float | None = None
    _before: dict[Path, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._before = self._counters()
        self._joules = 0.0 if self._before else None

    def read(self) -> Spent:
        """So far."""
        now = self._counters()
        if self._joules is not None and now.keys() == self._before.keys():
            self._joules += sum(self._gone(zone, count) for zone, count in now.items()) / 1e6
            self._before = now
        return Spent(socket.gethostname(), time.monotonic() - self._began, self._joules)

    def _gone(self, zone: Path, count: int) -> int:
        """Microjoules since the last reading."""
        gone = count - self._before[zone]
        return gone if gone >= 0 else gone + (_number(zone / "max_energy_range_uj") or 0)

    def _counters(self) -> dict[Path, int]:
        """Microjoules of each package; those of cores and memory in it are parts of these."""
        zones = sorted(self.folder.glob("*-rapl:*")) if self.folder.is_dir() else []
        packages = [zone for zone in zones if zone.name.count(":") == 1]
        counts = {zone: _number(zone / "energy_uj") for zone in packages}
        return {zone: count for zone, count in counts.items() if count is not None}


def spent_in(notes: Mapping[str, Any], prefix: str) -> tuple[Spent, ...]:
    """What the commands of a study noted."""
    return tuple(Spent(**value) for key, value in sorted(notes.items()) if key.startswith(prefix))


def words(spent: Sequence[Spent]) -> str:
    """In a line: watt-hours, and on how much of the time they were counted."""
    if not spent:
        return "energy: not known; no command of this version searched"
    counted = [each for each in spent if each.joules is not None]
    hours = sum(each.seconds for each in spent) / 3600
    if not counted:
        return f"energy: not known; no machine let its processor's counters be read (RAPL) in {hours:.2f} hours of {len(spent)} commands"
    joules, part = sum(each.joules or 0.0 for each in counted), sum(each.seconds for each in counted) / 3600
    return (f"energy: {joules / 3600:.2f} Wh of whole processor packages (RAPL) in {part:.2f} of {hours:.2f} hours of {len(spent)} "
            "commands; what other programs used, and two commands at once, is in it")  # fmt: skip


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None
