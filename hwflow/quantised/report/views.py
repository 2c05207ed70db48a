"""What the sections on quantised nets show, derived from records: small tables of plain values."""

from dataclasses import dataclass

from hwflow.quantised.backend.design import Design
from hwflow.quantised.backend.schedule import Prediction
from hwflow.quantised.report.records import RunRecord, SimulationRecord


@dataclass(frozen=True)
class Totals:
    """Sums over the layers of a design."""

    macs: int
    weights: int
    memory_bits: int


def totals(design: Design) -> Totals:
    layers = design.layers
    weights = sum(layer.rows * layer.columns for layer in layers if layer.kind == "dense")
    return Totals(sum(layer.macs for layer in layers), weights, sum(layer.memory_bits for layer in layers))


@dataclass(frozen=True)
class CyclesRow:
    """The same span as predicted, simulated and measured on a device; None where there is no such figure.

    promised: whether the prediction is of hwflow's own RTL, to the cycle; FINN's is an estimate.
    """

    label: str
    span: str
    predicted: float | None
    simulated: float | None
    device: float | None
    promised: bool = True

    @property
    def agree(self) -> bool | None:
        """Whether all figures that are there are equal; None if there are not two, or the first is no promise."""
        if not self.promised:
            return None
        values = [value for value in (self.predicted, self.simulated, self.device) if value is not None]
        return len(set(values)) == 1 if len(values) > 1 else None


def cycles_rows(
    prediction: Prediction, simulation: SimulationRecord | None, run: RunRecord | None
) -> tuple[CyclesRow, ...]:
    """Latency, fill and initiation interval, from every record that has them."""
    s = simulation
    promised = s is None or s.backend == "dataflow"
    return (
        CyclesRow(
            "Latency",
            "last input beat to last output beat",
            prediction.latency,
            s.latency_cycles if s else None,
            run.latency_cycles if run else None,
            promised,
        ),
        CyclesRow(
            "Fill",
            "first input beat to last output beat",
            prediction.fill,
            s.fill_cycles if s else None,
            None,
            promised,
        ),
        CyclesRow(
            "Initiation interval",
            "from one vector to the next",
            prediction.initiation_interval,
            s.initiation_interval_cycles if s else None,
            None,
            promised,
        ),
    )
