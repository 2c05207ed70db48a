"""What the worker is asked to do, and how it says that it cannot."""

from dataclasses import dataclass
from typing import Any

PINNED = "1.6.1"


class Failure(Exception):
    """A step that FINN cannot do: its name, the node (empty if none is named), and why."""

    def __init__(self, step: str, node: str, message: str) -> None:
        super().__init__(message)
        self.step, self.node, self.message = step, node, message


@dataclass(frozen=True)
class Job:
    """What to do.

    model: QONNX file; folder: where everything goes; vectors: .npz with x, floats as the model takes them, and q, the
    integers [n, size] of `input_type` that they mean; part: the FPGA; clock_ns: period; target_cycles: goal of the
    folding, and folding: for each kind of node (MVAU, Thresholding) the attributes of each, in the order of the chain,
    of which one or none is given; dsps, brams: room (multipliers, block RAMs of 18 kbit) for a folding that is chosen
    without a goal.
    """

    model: str
    folder: str
    vectors: str
    input_type: str
    part: str
    clock_ns: float
    target_cycles: int | None
    folding: dict[str, list[dict[str, Any]]] | None
    dsps: int
    brams: int
