"""The neurons of a spiking net in integers: their parameters, and the state that they begin in (docs/neuron.md)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwflow.ints import IntArray, IntType
from hwflow.spiking.learning import DECAY, STATE_BITS, check

PERIOD = IntType(8, signed=False)  # of the refractory period
_STATE = IntType(STATE_BITS[1], signed=True)


@dataclass(frozen=True, eq=False)
class Neurons:
    """Parameters of each neuron, arrays of the same length: see docs/neuron.md for what they do and their ranges."""

    threshold: IntArray
    leak: IntArray
    decay: IntArray
    bias: IntArray
    reset: IntArray
    refractory: IntArray
    subtract: NDArray[np.bool_]

    def __post_init__(self) -> None:
        kinds = {"threshold": _STATE, "leak": DECAY, "decay": DECAY, "bias": _STATE, "reset": _STATE,
                 "refractory": PERIOD}  # fmt: skip
        for name, kind in kinds.items():
            check(f"the neurons' {name}", getattr(self, name), kind)
        if self.subtract.dtype != np.bool_:
            raise ValueError("the neurons' subtract is made of bools")
        if {getattr(self, name).shape for name in (*kinds, "subtract")} != {(len(self.threshold),)}:
            raise ValueError("the parameters of the neurons are vectors of one length")

    @staticmethod
    def of(
        count: int,
        *,
        threshold: int,
        leak: int = 0,
        decay: int = 65535,
        bias: int = 0,
        reset: int = 0,
        refractory: int = 0,
        subtract: bool = False,
    ) -> "Neurons":
        """`count` equal neurons; by default without leak and with a current that lasts one tick."""
        values = {"threshold": threshold, "leak": leak, "decay": decay, "bias": bias, "reset": reset}
        arrays = {name: np.full(count, value, dtype=np.int64) for name, value in values.items()}
        return Neurons(**arrays, refractory=np.full(count, refractory, np.int64), subtract=np.full(count, subtract))

    def __len__(self) -> int:
        return len(self.threshold)


@dataclass(frozen=True, eq=False)
class Start:
    """The state of each neuron before the first tick, where it is not zero.

    refractory: ticks for which a neuron is held at first, so that layers fed by other layers begin with their input.
    """

    membrane: IntArray
    current: IntArray
    refractory: IntArray

    def __post_init__(self) -> None:
        for name, kind in {"membrane": _STATE, "current": _STATE, "refractory": PERIOD}.items():
            check(f"the neurons' {name} at the start", getattr(self, name), kind)
        if not self.membrane.shape == self.current.shape == self.refractory.shape == (len(self.membrane),):
            raise ValueError("the state of the neurons at the start is made of vectors of one length")

    @staticmethod
    def zero(count: int) -> "Start":
        """`count` neurons at rest."""
        return Start(*(np.zeros(count, dtype=np.int64) for _ in range(3)))
