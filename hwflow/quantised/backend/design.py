"""What was compiled, in numbers: the record that a project carries for simulation, host and report."""

import json
from dataclasses import asdict, dataclass
from typing import Literal

from hwflow.quantised.backend.schedule import Prediction
from hwflow.resources import Estimate

BackendName = Literal["dataflow", "finn"]
ShellName = Literal["stream", "can", "axi"]


@dataclass(frozen=True)
class Wire:
    """The way of a value to a reader in a net with branches.

    source, reader: places among the layers; -1 is the net's input, and one beyond the last is its output; depth: beats of the
    FIFO in front of the reader; tight: whether with one beat less the net would lock up or lose a cycle.
    """

    source: int
    reader: int
    depth: int
    tight: bool


@dataclass(frozen=True)
class LayerDesign:
    """One unit.

    kind: `dense` (matrix and thresholds), `add` and `product` (of branches, and thresholds), `threshold` (alone), `concat`, `slice`, `transpose`, `sum` and `greatest` (along an axis) `argmax`, `table` (a function of
    each element) or `tablesum` (of each edge, and thresholds); tokens: vectors of a sample that it takes one after another; weight_bits: of one weight or entry, as stored; memory_bits: all its
    read-only memories; cycles: tokens * folds * beats, what a sample occupies it; latency: from the beat that completes a
    result to the result, None where nothing predicts it; fifo_depth: beats of the deepest FIFO behind it; types are written
    like INT2, UINT8; implementation: of a matrix, `folded`, `unrolled` (all of it in a cycle) or `hardwired`; empty of others,
    and where another tool made it.
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
    implementation: str = ""
    tokens: int = 1


@dataclass(frozen=True)
class Design:
    """A compiled dataflow net. `estimate` is a model's guess made before synthesis, never a measurement.

    wires: of a net with branches; none of a chain, in which each layer reads the one before it; shell: what stands between
    link and net, a guard on a CAN bus if it is `can`, and instead of the link, whose baud is 0 then, if it is `axi`; strike:
    whether a guard can drive the bus; identifiers: of its table.
    """

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
    wires: tuple[Wire, ...] = ()
    shell: ShellName = "stream"
    strike: bool = False
    identifiers: int = 0

    def to_json(self) -> str:
        """The record as a project holds it: of a chain without wires, without a guard's fields of what is none."""
        document = asdict(self)
        if not self.wires:
            del document["wires"]
        if self.shell == "stream":
            del document["shell"]
        if self.shell != "can":
            del document["strike"], document["identifiers"]
        for layer in document["layers"]:
            if layer["tokens"] == 1:
                del layer["tokens"]
        return json.dumps(document, indent=1, default=str) + "\n"

    @property
    def predicted_fps(self) -> float:
        """Vectors a second at the board's clock, if the link or host keeps up."""
        return self.clock_hz / self.prediction.initiation_interval
