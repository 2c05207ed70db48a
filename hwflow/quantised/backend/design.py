"""What was compiled, in numbers: the record that a project carries for simulation, host and report."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from hwflow.quantised.backend.schedule import Prediction
from hwflow.records import read_record
from hwflow.spiking.backend.schedule import TickCycles
from hwflow.spiking.network import Core, is_spiking

DESIGN = "design.json"


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
class Resources:
    """LUTs, flip-flops and block RAMs, each of the family's own kind."""

    luts: int
    ffs: int
    brams: int


@dataclass(frozen=True)
class Estimate:
    """What a net would take, a model's guess made before synthesis; None where the backend has no guess."""

    luts: int | None
    ffs: int | None
    brams: int
    dsps: int | None = None


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
    backend: Literal["dataflow", "finn"] = "dataflow"

    @property
    def predicted_fps(self) -> float:
        """Vectors a second at the board's clock, if the link or host keeps up."""
        return self.clock_hz / self.prediction.initiation_interval

    @staticmethod
    def from_folder(folder: Path) -> "Design":
        """Read the design of a project. Raises UserError if it is not there or is damaged."""
        return read_record(Design, folder / DESIGN, "run `hwflow compile` again.")


@dataclass(frozen=True)
class SpikingDesign:
    """A compiled spiking core, and the net that it was made for; any net that fits the core can be loaded into it.

    axons, neurons: of the net; left_out: features of the core that would not have fitted; log: spikes that wait for the
    host; cycles: what a tick takes; estimate: made before synthesis, never a measurement.
    """

    network: str
    network_digest: str
    board: str
    clock_hz: int
    baud: int
    axons: int
    neurons: int
    core: Core
    left_out: tuple[str, ...]
    log: int
    cycles: TickCycles
    memory_bits: int
    estimate: Estimate

    @staticmethod
    def from_folder(folder: Path) -> "SpikingDesign":
        """Read the design of a project. Raises UserError if it is not there, damaged, or of another family."""
        return read_record(SpikingDesign, folder / DESIGN, "run `hwflow compile` again.")


def read_design(folder: Path) -> Design | SpikingDesign:
    """The design of a project of either family. Raises UserError if it is not there or is damaged."""
    return SpikingDesign.from_folder(folder) if is_spiking(folder) else Design.from_folder(folder)
