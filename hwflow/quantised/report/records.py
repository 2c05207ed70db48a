"""What simulation and a run of a quantised net leave behind: `simulation.json` and `run.json`."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from hwflow.clock import check_clock
from hwflow.evaluation import Evaluation
from hwflow.project import RUN, SIMULATION
from hwflow.quantised.tool.simulate import Boundary
from hwflow.records import read_record, write_record
from hwflow.words import Part, table


@dataclass(frozen=True)
class SimulationRecord:
    """RTL in Verilator against the reference, every value at every layer boundary.

    project: digest of the project; source: where the vectors came from (a file, or "random" with its seed);
    mismatches: values, over all boundaries, that differ; cycles as in `Simulation` and `Prediction`, None where too few
    vectors were given; seconds, compile_seconds: of the simulation, and of making its program (0 if it was there);
    accuracy, evaluation: on the vectors' labels, None where they have none or the net gives no class; backend: whose RTL:
    of FINN's the cycles are an estimate and no promise; edits: what was changed in FINN's files so that they could be read.
    """

    project: str
    vectors: int
    source: str
    mismatches: int
    boundaries: tuple[Boundary, ...]
    latency_cycles: int
    fill_cycles: int
    initiation_interval_cycles: float | None
    predicted_latency_cycles: int
    predicted_fill_cycles: int
    predicted_initiation_interval_cycles: int
    seconds: float
    compile_seconds: float
    accuracy: float | None
    evaluation: Evaluation | None
    tool: str = ""
    backend: Literal["dataflow", "finn"] = "dataflow"
    edits: tuple[str, ...] = ()

    @property
    def as_predicted(self) -> bool:
        """Whether the RTL took the cycles that the compiler said, as far as they were measured."""
        interval = self.initiation_interval_cycles
        return (
            self.latency_cycles == self.predicted_latency_cycles
            and self.fill_cycles == self.predicted_fill_cycles
            and (interval is None or interval == self.predicted_initiation_interval_cycles)
        )

    @property
    def right(self) -> bool:
        """Whether everything is as it must be."""
        return self.mismatches == 0 and (self.as_predicted or self.backend == "finn")

    @property
    def wrong(self) -> str:
        """Why it is not right."""
        if self.mismatches:
            return f"{self.mismatches:,} values of the RTL differ from the reference."
        return "The RTL took other cycles than the compiler predicted."

    def words(self) -> tuple[Part, ...]:
        """Boundaries, cycles, and accuracy where there are labels."""
        cycles = [
            ("latency", self.latency_cycles, self.predicted_latency_cycles),
            ("fill", self.fill_cycles, self.predicted_fill_cycles),
            ("initiation interval", self.initiation_interval_cycles, self.predicted_initiation_interval_cycles),
        ]
        finn = self.backend == "finn"
        edits = ("", "FINN's own RTL, wired by hwflow, no module replaced; read with these changes:") if finn else ()
        accuracy = () if self.accuracy is None else (f"accuracy {self.accuracy:.3%} of these vectors",)
        return (
            f"{self.vectors:,} vectors ({self.source}), {self.mismatches:,} mismatches, {self.seconds:.1f} s",
            table(["boundary", "values", "mismatches"], [(b.node, b.values, b.mismatches) for b in self.boundaries]),
            "",
            table(["cycles", "simulated", "FINN's estimate" if finn else "predicted"], cycles),
            *edits,
            *(f"  {sentence}" for sentence in self.edits),
            *accuracy,
        )

    def save(self, folder: Path) -> None:
        write_record(self, folder / SIMULATION)

    @staticmethod
    def from_folder(folder: Path) -> "SimulationRecord":
        """Raises UserError if it is not there or is damaged."""
        return read_record(SimulationRecord, folder / SIMULATION, "run `hwflow simulate` again.")


@dataclass(frozen=True)
class RunRecord:
    """Vectors sent through the link, and what came back, against the reference.

    project: digest of the project; port: what was opened; kind: what stood behind it, as far as the host can know;
    source: where the vectors came from; mismatches: output values that differ from the reference; seconds: from the
    first request to the last reply; latency_cycles: of a vector that came alone, counted by the device; counters: the device's
    by the names of docs/link.md, and the host's with `host_` before theirs; accuracy, evaluation: as for simulation.
    """

    project: str
    port: str
    kind: Literal["simulated board", "serial port"]
    vectors: int
    source: str
    mismatches: int
    latency_cycles: int
    predicted_latency_cycles: int
    clock_hz: int
    seconds: float
    vectors_per_second: float
    counters: Mapping[str, int]
    accuracy: float | None
    evaluation: Evaluation | None
    tool: str = ""

    def __post_init__(self) -> None:
        """Raises ValueError for what is no clock."""
        check_clock(self.clock_hz)

    @property
    def right(self) -> bool:
        """Whether the board gave what the reference gives."""
        return self.mismatches == 0

    @property
    def wrong(self) -> str:
        """Why it is not right."""
        return f"{self.mismatches:,} values from the board differ from the reference."

    def words(self) -> tuple[Part, ...]:
        """Vectors, rate, latency, and accuracy where there are labels."""
        microseconds = self.latency_cycles / self.clock_hz * 1e6
        accuracy = () if self.accuracy is None else (f"accuracy {self.accuracy:.3%} of these vectors",)
        return (
            f"{self.kind}, port {self.port}: {self.vectors:,} vectors ({self.source}), {self.mismatches:,} mismatches",
            f"{self.vectors_per_second:,.0f} vectors a second over the link; latency on the device "
            f"{self.latency_cycles:,} cycles ({microseconds:.2f} µs at {self.clock_hz / 1e6:g} MHz)",
            *accuracy,
        )

    def save(self, folder: Path) -> None:
        write_record(self, folder / RUN)

    @staticmethod
    def from_folder(folder: Path) -> "RunRecord":
        """Raises UserError if it is not there or is damaged."""
        return read_record(RunRecord, folder / RUN, "run `hwflow run` again.")
