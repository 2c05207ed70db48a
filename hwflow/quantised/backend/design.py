"""What was compiled, in numbers: the record that a project carries for simulation, host and report."""

from dataclasses import dataclass
from typing import Literal

from hwflow.quantised.backend.schedule import Prediction
from hwflow.resources import Estimate

BackendName = Literal["dataflow", "finn"]


@dataclass(frozen=True)
class LayerDesign:
    """One unit of the chain.

    kind: `dense` (matrix and thresholds) or `argmax`; weight_bits: of one weight, as stored; memory_bits: all its
    read-only memories; cycles: folds * beats, what a vector occupies it; latency: from the beat that completes a
    result to the result, None where nothing predicts it; fifo_depth: beats of the FIFO behind it; types are written
    like INT2, UINT8.
    """

    name: str
    kind: str
    rows: int
    columns: int
    pe: int
    simd: int
    folds: int
    beats: int
    cycles: int
    latency: int | None
    fifo_depth: int
    input_type: str
    weight_type: str
    sum_type: str
    output_type: str
    weight_bits: int
    memory_bits: int
    macs: int


@dataclass(frozen=True)
class Design:
    """A compiled dataflow net. `estimate` is a model's guess made before synthesis, never a measurement."""

    network: str
    network_digest: str
    board: str
    clock_hz: int
    baud: int
    layers: tuple[LayerDesign, ...]
    prediction: Prediction
    estimate: Estimate
    input_bytes: int
    output_bytes: int
    backend: BackendName = "dataflow"

    @property
    def predicted_fps(self) -> float:
        """Vectors a second at the board's clock, if the link or host keeps up."""
        return self.clock_hz / self.prediction.initiation_interval
