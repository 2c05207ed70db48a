"""What was compiled of a quantised net, as the record that `hwflow compile` gives."""

from dataclasses import dataclass

from hwflow.clock import clock_words
from hwflow.quantised.backend.compiled import Compiled
from hwflow.quantised.backend.design import BackendName, LayerDesign
from hwflow.quantised.backend.schedule import Prediction
from hwflow.quantised.flow.backend import BackendRecord, backend_named
from hwflow.quantised.report.check import CheckRecord, check_beside
from hwflow.resources import Estimate
from hwflow.tool.clock_search import ClockSearch, search_beside
from hwflow.words import Done, Part, table


@dataclass(frozen=True)
class Compilation(Done):
    """What was compiled.

    project: the folder; digest: of the project; kept: whether the folder held the same project before, so that nothing
    was written and what was simulated and built there stays; prediction in cycles (FINN's: an estimate); predicted_fps:
    vectors a second at the clock; estimate: a guess made before synthesis; finn: what FINN did, if it was the backend;
    check: the net against its file, None if that was left out; oscillator_hz: of which the part's PLL makes clock_hz, 0
    if that is the oscillator's; clock_search: what was tried to find it.
    """

    project: str
    digest: str
    board: str
    network: str
    network_digest: str
    layers: tuple[LayerDesign, ...]
    prediction: Prediction
    predicted_fps: float
    clock_hz: int
    estimate: Estimate
    kept: bool
    backend: BackendName = "dataflow"
    finn: BackendRecord | None = None
    check: CheckRecord | None = None
    oscillator_hz: int = 0
    clock_search: ClockSearch | None = None

    def words(self) -> tuple[Part, ...]:
        """Layers, prediction and estimate."""
        heads = [
            "layer",
            "rows",
            "columns",
            "PE",
            "SIMD",
            "cycles",
            "made as",
            "weights",
            "input",
            "output",
            "memory bits",
        ]
        rows = [
            (
                x.name,
                x.rows,
                x.columns,
                x.pe,
                x.simd,
                x.cycles,
                x.implementation,
                x.weight_type,
                x.input_type,
                x.output_type,
                x.memory_bits,
            )
            for x in self.layers
        ]
        mhz, cycles = self.clock_hz / 1e6, self.prediction
        return (
            table(heads, rows),
            "",
            *(self.finn.words() if self.finn else ()),
            *(self.clock_search.words() if self.clock_search else ()),
            *clock_words(self.clock_hz, self.oscillator_hz),
            f"predicted at {mhz:g} MHz: a vector every {cycles.initiation_interval:,} cycles "
            f"({self.predicted_fps:,.0f} a second), latency {cycles.latency:,} cycles ({cycles.latency / mhz:.2f} µs)",
            f"estimated before synthesis: {self.estimate.words}",
            *(self.check.words() if self.check else ("not checked against execution of the model file",)),
            f"{self.project}: {'unchanged' if self.kept else 'written'}, digest {self.digest[:16]}",
        )


def compilation_of(compiled: Compiled, kept: bool) -> Compilation:
    """The record of a project; kept: as in Compilation."""
    design = compiled.design
    return Compilation(
        project=str(compiled.path),
        digest=compiled.digest,
        board=compiled.folder.project.board,
        network=design.network,
        network_digest=design.network_digest,
        layers=design.layers,
        prediction=design.prediction,
        predicted_fps=design.predicted_fps,
        clock_hz=design.clock_hz,
        oscillator_hz=compiled.folder.oscillator_hz,
        clock_search=search_beside(compiled.path, compiled.digest),
        estimate=design.estimate,
        kept=kept,
        backend=design.backend,
        finn=backend_named(design.backend).record(compiled.folder),
        check=check_beside(compiled.path, design.network_digest),
    )
