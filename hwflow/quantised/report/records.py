"""What import, simulation and a run on a board leave behind: `import.json`, `simulation.json` and `run.json`."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from hwflow.evaluation import Evaluation
from hwflow.paths import whole_file
from hwflow.quantised.tool.simulate import Boundary
from hwflow.records import read_record, to_json

SIMULATION = "simulation.json"
RUN = "run.json"
IMPORT = "import.json"


@dataclass(frozen=True)
class ImportRecord:
    """The integer network against execution of the model file by the qonnx package, on the same vectors.

    model: the file's name; network: digest of the network; source: where the vectors came from; compared: what was:
    the integer behind each output, or, where the file's outputs do not give it, the class; values,
    mismatches: how many, and how many differ; seconds, qonnx_seconds: what the reference and the qonnx package took; tool: tools
    and their versions, as in every record.
    """

    model: str
    network: str
    vectors: int
    source: str
    compared: Literal["integers", "classes"]
    values: int
    mismatches: int
    seconds: float
    qonnx_seconds: float
    tool: str = ""

    @property
    def right(self) -> bool:
        """Whether the import means what the file means."""
        return self.mismatches == 0

    def save(self, folder: Path) -> None:
        _save(self, folder / IMPORT)

    @staticmethod
    def from_folder(folder: Path) -> "ImportRecord":
        """Raises UserError if it is not there or is damaged."""
        return read_record(ImportRecord, folder / IMPORT, "run `hwflow demo` again.")


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

    def save(self, folder: Path) -> None:
        _save(self, folder / SIMULATION)

    @staticmethod
    def from_folder(folder: Path) -> "SimulationRecord":
        """Raises UserError if it is not there or is damaged."""
        return read_record(SimulationRecord, folder / SIMULATION, "run `hwflow simulate` again.")


@dataclass(frozen=True)
class SpikingSimulationRecord:
    """RTL of a spiking core in Verilator against the golden model, every register after every tick.

    project, source, seconds, compile_seconds: as in SimulationRecord; learn: whether the ticks learnt; cycles: of all
    ticks; values: registers compared, over all ticks; mismatches: values that differ; first_difference: which, in
    words; unpredicted_ticks: those that took other cycles than the design says.
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

    @property
    def right(self) -> bool:
        """Whether everything is as it must be."""
        return self.mismatches == 0 and self.unpredicted_ticks == 0

    def save(self, folder: Path) -> None:
        _save(self, folder / SIMULATION)

    @staticmethod
    def from_folder(folder: Path) -> "SpikingSimulationRecord":
        """Raises UserError if it is not there or is damaged."""
        return read_record(SpikingSimulationRecord, folder / SIMULATION, "run `hwflow simulate` again.")


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

    @property
    def right(self) -> bool:
        """Whether the board gave what the reference gives."""
        return self.mismatches == 0

    def save(self, folder: Path) -> None:
        _save(self, folder / RUN)

    @staticmethod
    def from_folder(folder: Path) -> "RunRecord":
        """Raises UserError if it is not there or is damaged."""
        return read_record(RunRecord, folder / RUN, "run `hwflow run` again.")


@dataclass(frozen=True)
class SpikingRunRecord:
    """Ticks run through the link, and what came back, against the golden model.

    project, port, kind, source, seconds, clock_hz, counters: as in RunRecord; learn: whether the ticks learnt; spikes:
    that the neurons gave; values: spikes, registers and weights compared, none where the golden model itself ran;
    mismatches: those that differ; first_difference: which, in words; cycles: clock cycles of the ticks, by the device's own
    count, 0 if it has none; predicted_cycles: by the design.
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

    @property
    def right(self) -> bool:
        """Whether the board gave what the golden model gives."""
        return self.mismatches == 0

    def save(self, folder: Path) -> None:
        _save(self, folder / RUN)

    @staticmethod
    def from_folder(folder: Path) -> "SpikingRunRecord":
        """Raises UserError if it is not there or is damaged."""
        return read_record(SpikingRunRecord, folder / RUN, "run `hwflow run` again.")


_Record = ImportRecord | SimulationRecord | SpikingSimulationRecord | RunRecord | SpikingRunRecord


def _save(record: _Record, path: Path) -> None:
    with whole_file(path) as draft:
        draft.write_text(to_json(record))
