"""The learning rule of a spiking net in integers, and the ranges of what a core keeps (docs/neuron.md)."""

from dataclasses import dataclass

import numpy as np

from hwflow.ints import IntArray, IntType

DECAY = IntType(16, signed=False)
GAIN = IntType(16, signed=True)
TARGET = IntType(20, signed=False)
SEED = IntType(32, signed=False)
WEIGHT_BITS, STATE_BITS, TRACE_BITS = (2, 8), (8, 24), (4, 16)  # the least and the most
_WEIGHT = IntType(WEIGHT_BITS[1], signed=True)
_ADAPTED = IntType(STATE_BITS[1] - 1, signed=False)
_TRACE = IntType(TRACE_BITS[1], signed=False)


def check(what: str, values: IntArray | int, kind: IntType) -> None:
    """Raises ValueError, with `what` in it, for values that are no integers of a kind."""
    array = np.asarray(values)
    if not np.issubdtype(array.dtype, np.integer):
        raise ValueError(f"{what} is made of integers, not of {array.dtype}")
    if not kind.holds(array):
        wrong = int(array[(array < kind.min) | (array > kind.max)].flat[0]) if array.ndim else int(array)
        raise ValueError(f"{what} lies in {kind.min} … {kind.max}, and {wrong} does not")


@dataclass(frozen=True)
class Learning:
    """The learning rule, the adaptation and the target of normalisation: settings of the whole net (docs/neuron.md).

    stochastic: changes of weights are rounded by draws, and gains count in 1/65536 of a trace and not in 1/256; seed: what
    the draws begin from.
    """

    rectangular: bool = False
    nearest: bool = False
    plastic_axons: bool = True
    plastic_neurons: bool = False
    potentiation: int = 0
    depression: int = 0
    pre_decay: int = 0
    post_decay: int = 0
    pre_step: int = 0
    post_step: int = 0
    weight_min: int = 0
    weight_max: int = 127
    adaptation_decay: int = 0
    adaptation_step: int = 0
    target: int = 0
    stochastic: bool = False
    seed: int = 1

    def __post_init__(self) -> None:
        kinds = {"potentiation": GAIN, "depression": GAIN, "pre_decay": DECAY, "post_decay": DECAY, "pre_step": _TRACE,
                 "post_step": _TRACE, "weight_min": _WEIGHT, "weight_max": _WEIGHT, "adaptation_decay": DECAY,
                 "adaptation_step": _ADAPTED, "target": TARGET, "seed": SEED}  # fmt: skip
        for name, kind in kinds.items():
            check(name, getattr(self, name), kind)
        if self.weight_min > self.weight_max:
            raise ValueError(f"weight_min is at most weight_max, and {self.weight_min} > {self.weight_max}")
