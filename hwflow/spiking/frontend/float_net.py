"""A net of neurons in floats, before it is fitted to a core: what the file means at the user's tick."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwflow.ints import IntArray

FloatArray = NDArray[np.float64]
_FLOAT32 = np.finfo(np.float32)


def within_float32(values: FloatArray) -> NDArray[np.bool_]:
    """Which numbers are neither greater than any of float32 nor smaller; zeros and infinities are neither. What lies beyond,
    no tool trains, and products of it overflow."""
    size = np.abs(values)
    return np.isin(size, (0, np.inf)) | ((size <= _FLOAT32.max) & (size >= _FLOAT32.smallest_subnormal))


@dataclass(frozen=True, eq=False)
class Dynamics:
    """The update of neurons in a tick, an array of each number. The membrane v is measured from `rest`:

        c += decay * (steady - c) + gain * s          u = (1 - leak) * v + c          fires if u > threshold, then v = reset

    s: the sum of the weights of the sources that spiked; steady = steady_gain * the constant current into the neuron;
    threshold: infinite for neurons that never fire, whose membranes the host reads; subtracts: whether a spike takes the
    threshold off the membrane, v = u - threshold, instead of setting it to `reset`.
    """

    leak: FloatArray
    decay: FloatArray
    gain: FloatArray
    steady_gain: FloatArray
    rest: FloatArray
    threshold: FloatArray
    reset: FloatArray
    subtracts: bool = False

    def __len__(self) -> int:
        return len(self.leak)


@dataclass(frozen=True, eq=False)
class Counted:
    """What neurons have whose time is counted in ticks, an array of each number.

    step: what v loses in a tick, toward 0 and not beyond it, in place of `leak`; period: ticks after a spike in which the
    neuron cannot fire; held: of these, how many are left at first; begin: v at first.
    """

    step: FloatArray
    period: IntArray
    held: IntArray
    begin: FloatArray


@dataclass(frozen=True, eq=False)
class Layer:
    """A node of neurons: its update, the constant current into each, and the shape of the node."""

    name: str
    kind: str
    shape: tuple[int, ...]
    dynamics: Dynamics
    constant: FloatArray
    counted: Counted | None = None

    @property
    def size(self) -> int:
        return len(self.dynamics)

    @property
    def fires(self) -> bool:
        """Whether its neurons can fire at all."""
        return bool(np.isfinite(self.dynamics.threshold).any())


@dataclass(frozen=True, eq=False)
class Route:
    """What spikes of a node are to a layer, `delay` ticks later: weight [neurons of source, neurons of target]."""

    source: str
    target: str
    delay: int
    weight: FloatArray


@dataclass(frozen=True, eq=False)
class FloatNet:
    """Inputs by name with their sizes, layers, and routes between them.

    outputs: layer and neurons in it, in the order of the model's output.
    """

    inputs: tuple[tuple[str, int], ...]
    layers: tuple[Layer, ...]
    routes: tuple[Route, ...]
    outputs: tuple[tuple[str, IntArray], ...]
