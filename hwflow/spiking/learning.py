"""The learning rule of a spiking net in integers, and the ranges of what a core keeps (docs/neuron.md)."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from hwflow.ints import IntType

DECAY = IntType(16, signed=False)
GAIN = IntType(16, signed=True)
TARGET = IntType(20, signed=False)
SEED = IntType(32, signed=False)
WEIGHT_BITS, STATE_BITS, TRACE_BITS = (2, 8), (8, 24), (4, 16)  # the least and the most
_WEIGHT = IntType(WEIGHT_BITS[1], signed=True)
_ADAPTED = IntType(STATE_BITS[1] - 1, signed=False)
_TRACE = IntType(TRACE_BITS[1], signed=False)
NUMBER = IntType(14, signed=False)  # of an axon, a neuron or a source; or, of the first two, one beyond the last
_RATE = IntType(16, signed=False)
_NEAR = IntType(4, signed=False)


def check(what: str, values: NDArray[np.integer] | int, kind: IntType) -> None:
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

    __pydantic_config__: ClassVar = {"extra": "forbid"}

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


@dataclass(frozen=True)
class Modulation:
    """The third factor: who brings it, and how it changes weights in place of STDP (docs/neuron.md).

    modulating_axons, modulating_neurons: axons, and neurons, from these numbers on are modulators; closing: the axon whose
    spike makes a tick the last of a presentation. rate: of the neurons below number `gated`, free_rate: of the others, which
    have no gate, in 1/65536 of a weight's unit for each unit of factor and trace. near_shift: a gate is open if the neuron's
    trace is at most `most`, and is at least `least` or the membrane above its threshold / 2^near_shift.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    modulating_axons: int
    modulating_neurons: int
    closing: int
    gated: int
    rate: int = 0
    free_rate: int = 0
    near_shift: int = 0
    least: int = 0
    most: int = 0

    def __post_init__(self) -> None:
        numbers = ("modulating_axons", "modulating_neurons", "closing", "gated")
        kinds = dict.fromkeys(numbers, NUMBER) | {"rate": _RATE, "free_rate": _RATE, "near_shift": _NEAR, "least": _TRACE,
                                                   "most": _TRACE}  # fmt: skip
        for name, kind in kinds.items():
            check(name, getattr(self, name), kind)
