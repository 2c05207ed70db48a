"""What simulation and a run of a spiking net leave behind: `simulation.json` and `run.json`."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from hwflow.clock import check_clock
from hwflow.project import RUN, SIMULATION
from hwflow.records import read_record, write_record
from hwflow.spiking.frontend.model import Fidelity
from hwflow.words import Part


def saturations_in_words(saturations: int | None) -> tuple[str, ...]:
    """A line on the count of clipped sums, where the core counts them."""
    return () if saturations is None else (f"{saturations:,} sums of neurons saturated",)


@dataclass(frozen=True)
class SpikingSimulationRecord:
    """RTL of a spiking core in Verilator against the golden model, every register after every tick.

    project, source, seconds, compile_seconds: as in SimulationRecord; learn: whether the ticks learnt; cycles: of all
    ticks; values: registers compared, over all ticks; mismatches: values that differ; first_difference: which, in
    words; unpredicted_ticks: those that took other cycles than the design says; saturations: sums that were clipped, by the
    core's counter, None if it has none.
    """

    project: str
    ticks: int
    source: str
    learn: bool
    cycles: int
    spikes: int
    values: int
    mismatches: int
    first_difference: str | None
    unpredicted_ticks: int
    seconds: float
    compile_seconds: float
    tool: str = ""
    saturations: int | None = None

    @property
    def right(self) -> bool:
        """Whether everything is as it must be."""
        return self.mismatches == 0 and self.unpredicted_ticks == 0

    @property
    def wrong(self) -> str:
        """Why it is not right."""
        if self.mismatches:
            return (
                f"{self.mismatches:,} values of the RTL differ from the golden model: first, {self.first_difference}."
            )
        return f"{self.unpredicted_ticks:,} ticks took other cycles than the compiler predicted."

    def words(self) -> tuple[Part, ...]:
        """Ticks, registers compared, cycles."""
        return (
            f"{self.ticks:,} ticks{' that learn' if self.learn else ''} ({self.source}), {self.spikes:,} spikes, "
            f"{self.cycles:,} cycles, {self.seconds:.1f} s",
            f"{self.values:,} registers compared, {self.mismatches:,} mismatches",
            f"{self.unpredicted_ticks:,} ticks took other cycles than predicted",
            *saturations_in_words(self.saturations),
        )

    def save(self, folder: Path) -> None:
        write_record(self, folder / SIMULATION)

    @staticmethod
    def from_folder(folder: Path) -> "SpikingSimulationRecord":
        """Raises UserError if it is not there or is damaged."""
        return read_record(SpikingSimulationRecord, folder / SIMULATION, "run `hwflow simulate` again.")


@dataclass(frozen=True)
class SpikingRunRecord:
    """Ticks run through the link, and what came back, against the golden model.

    project, port, kind, source, seconds, clock_hz, counters: as in RunRecord; learn: whether the ticks learnt; spikes:
    that the neurons gave; values: spikes, registers and weights compared, none where the golden model itself ran;
    mismatches: those that differ; first_difference: which, in words; cycles: clock cycles of the ticks, by the device's own
    count, 0 if it has none; predicted_cycles: by the design; saturations: as in SpikingSimulationRecord; fidelity: the run beside
    the net as it was trained, None where there is none, the ticks learn or the run goes on from another.
    """

    project: str
    port: str
    kind: Literal["simulated board", "serial port", "golden model"]
    ticks: int
    source: str
    learn: bool
    spikes: int
    values: int
    mismatches: int
    first_difference: str | None
    cycles: int
    predicted_cycles: int
    clock_hz: int
    seconds: float
    ticks_per_second: float
    counters: Mapping[str, int]
    tool: str = ""
    saturations: int | None = None
    fidelity: Fidelity | None = None

    def __post_init__(self) -> None:
        """Raises ValueError for what is no clock."""
        check_clock(self.clock_hz)

    @property
    def right(self) -> bool:
        """Whether the board gave what the golden model gives."""
        return self.mismatches == 0

    @property
    def wrong(self) -> str:
        """Why it is not right."""
        return (
            f"{self.mismatches:,} values from the board differ from the golden model's: first, {self.first_difference}."
        )

    def words(self) -> tuple[Part, ...]:
        """Ticks, and, where a board ran, what was compared and its cycles."""
        learnt = " that learn" if self.learn else ""
        first = f"{self.kind}, port {self.port}: {self.ticks:,} ticks{learnt} ({self.source}), {self.spikes:,} spikes"
        told = (*saturations_in_words(self.saturations), *(self.fidelity.words() if self.fidelity else ()))
        if not self.values:
            return (first, *told)
        milliseconds = self.cycles / self.clock_hz * 1e3
        return (
            first,
            f"{self.values:,} spikes, registers and weights compared, {self.mismatches:,} mismatches",
            f"{self.ticks_per_second:,.0f} ticks a second over the link; the core took {self.cycles:,} cycles, "
            f"{self.predicted_cycles:,} predicted ({milliseconds:.2f} ms at {self.clock_hz / 1e6:g} MHz)",
            *told,
        )

    def save(self, folder: Path) -> None:
        write_record(self, folder / RUN)

    @staticmethod
    def from_folder(folder: Path) -> "SpikingRunRecord":
        """Raises UserError if it is not there or is damaged."""
        return read_record(SpikingRunRecord, folder / RUN, "run `hwflow run` again.")
