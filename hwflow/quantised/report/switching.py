"""What the waveforms of a net's simulation say of its switching: `switching.json`."""

from dataclasses import dataclass
from pathlib import Path

from hwflow.project import SWITCHING
from hwflow.records import read_record, write_record
from hwflow.tool.switching import changes

_SHOWN = 12  # units, those of most changes


@dataclass(frozen=True)
class UnitSwitching:
    """A unit of the net, and bits that changed in it over all vectors."""

    unit: str
    changes: int


@dataclass(frozen=True)
class SwitchingRecord:
    """Bits of the net's RTL that changed in the simulation, the clock apart.

    project: digest of the project; vectors, source: which, as of the simulation; changes: bits over all vectors; cycles: of
    the clock over all vectors; units: those with most changes, the most first.
    """

    project: str
    vectors: int
    source: str
    changes: int
    cycles: int
    units: tuple[UnitSwitching, ...]
    tool: str = ""

    @property
    def changes_a_vector(self) -> float:
        return self.changes / self.vectors

    def save(self, folder: Path) -> None:
        write_record(self, folder / SWITCHING)

    @staticmethod
    def from_folder(folder: Path) -> "SwitchingRecord":
        """Raises UserError if it is not there or is damaged."""
        return read_record(SwitchingRecord, folder / SWITCHING, "run `hwflow simulate --vcd` again.")


def count_switching(vcd: Path, project: str, vectors: int, source: str, tool: str) -> SwitchingRecord:
    """Count the waveforms of so many vectors."""
    found, edges = changes(vcd)
    units = tuple(UnitSwitching(unit, count) for unit, count in found.most_common(_SHOWN))
    return SwitchingRecord(project, vectors, source, found.total(), edges // 2, units, tool)
