"""The spiking net in integers: what the core runs, the golden model executes, and the host loads.

The equations, ranges and the order of events are those of docs/neuron.md; the names are the same.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hwflow.ints import IntArray, IntType

DECAY = IntType(16, signed=False)
PERIOD = IntType(8, signed=False)
GAIN = IntType(16, signed=True)


@dataclass(frozen=True)
class Core:
    """The hardware: sizes, widths and features, which are fixed when it is built. Nets of other sizes are padded to it.

    lanes: weights handled in a clock cycle, a power of two that divides `axons` and `neurons` (at most 4096 each).
    learning: the learning rules; synapse_mask: a plastic bit for each synapse, else for axons and neurons as wholes;
    adaptation: the adaptive threshold; normalisation: of weights; counters: of spikes, events and saturations.
    """

    axons: int
    neurons: int
    lanes: int = 1
    weight_bits: int = 8
    state_bits: int = 16
    trace_bits: int = 8
    learning: bool = True
    synapse_mask: bool = True
    adaptation: bool = True
    normalisation: bool = True
    counters: bool = True

    @property
    def sources(self) -> int:
        return self.axons + self.neurons

    @property
    def weight(self) -> IntType:
        return IntType(self.weight_bits, signed=True)

    @property
    def state(self) -> IntType:
        """Of membrane, current, threshold, bias and reset."""
        return IntType(self.state_bits, signed=True)

    @property
    def adapted(self) -> IntType:
        """Of the adaptation h."""
        return IntType(self.state_bits - 1, signed=False)

    @property
    def trace(self) -> IntType:
        return IntType(self.trace_bits, signed=False)


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

    @staticmethod
    def zero(count: int) -> "Start":
        """`count` neurons at rest."""
        return Start(*(np.zeros(count, dtype=np.int64) for _ in range(3)))


@dataclass(frozen=True)
class Learning:
    """The learning rule, the adaptation and the target of normalisation: settings of the whole net (docs/neuron.md)."""

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


@dataclass(frozen=True, eq=False)
class SpikingNetwork:
    """A spiking net in integers.

    weight: [A + N, N], from source j (axons, then neurons) to neuron i; plastic: bool, of the same shape, which synapses
    may learn; outputs: the neurons that are the model's output, in its order; start: the state that the net begins in,
    and that a host writes before each sample, or None for zeros; dt: seconds of a tick, or None if the net has no time of
    its own; source: where it came from.
    """

    name: str
    weight: IntArray
    neurons: Neurons
    plastic: NDArray[np.bool_]
    weight_shift: int = 0
    learning: Learning = Learning()
    outputs: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    start: Start | None = None
    dt: float | None = None
    source: str = ""

    @property
    def size(self) -> int:
        """Neurons."""
        return len(self.neurons)

    @property
    def axons(self) -> int:
        return int(self.weight.shape[0]) - self.size
