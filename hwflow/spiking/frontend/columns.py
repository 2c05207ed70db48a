"""The neurons of all layers of a placed net, side by side: what their scales are chosen from."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwflow.ints import IntArray, IntType
from hwflow.spiking.frontend.currents import Currents
from hwflow.spiking.frontend.float_net import FloatArray, Layer
from hwflow.spiking.frontend.placement import Placement, constants
from hwflow.spiking.frontend.ranges import HORIZON, MEMORY, Drive, Reach, room_for

_DUTY = 8  # a read-out's membrane has room for an eighth of the worst case, at least


@dataclass(frozen=True, eq=False)
class Columns:
    """An array of each of the neurons' numbers.

    threshold: infinite for those that never fire, whatever their input; group: neurons of one number share a scale;
    largest: current of a group's largest weight; level: of threshold, reset, bias and weights, what a neuron's errors are
    measured by; room: of what must fit the state; memory: ticks over which an error of a tick adds up; fixed: the scale
    of each neuron, NaN where it is free.
    """

    current: Currents
    leak: FloatArray
    decay: FloatArray
    threshold: FloatArray
    reset: FloatArray
    bias: FloatArray
    start: FloatArray
    subtracts: NDArray[np.bool_]
    group: IntArray
    largest: FloatArray
    level: FloatArray
    room: FloatArray
    memory: FloatArray
    fixed: FloatArray


def columns_of(
    layers: Sequence[Layer],
    placement: Placement,
    weight: IntType,
    state: IntType,
    *,
    fixed: FloatArray | None = None,
    seen: Reach | None = None,
    alike: Collection[str] = (),
    most: int = 1,
) -> Columns:
    """The neurons of the layers, for weights and a state of these types; `fixed`, `seen`, `alike` and `most` as in `rounding.fit`."""

    def all_of(name: str) -> FloatArray:
        return np.concatenate([getattr(layer.dynamics, name) for layer in layers])

    count = placement.neurons - placement.relays
    current = placement.current
    leak, decay, reset, threshold = (all_of(name) for name in ("leak", "decay", "reset", "threshold"))
    subtracts = np.repeat([layer.dynamics.subtracts for layer in layers], [layer.size for layer in layers])
    bias, start = constants(layers, placement)
    driven = current.at_most(placement.axons, most)
    total = driven.by_neuron(lambda _, values: np.abs(values).sum(axis=0)) / np.where(
        decay > 0, decay, 1 / HORIZON
    ) + np.abs(bias)
    worst = total / np.maximum(leak, 1 / MEMORY)
    reached = np.isfinite(threshold) & (np.where(np.isfinite(threshold), threshold, 0) * leak <= total)
    idle = np.isfinite(threshold) & ~reached
    threshold = np.where(reached, threshold, np.inf)  # what no input can reach needs no room
    group, first = np.arange(count), 0
    for layer in layers:
        own = slice(first, first + layer.size)
        if not np.isfinite(threshold[own]).any():
            group[own] = first
        elif layer.name in alike:
            group[own] = count  # one group, whatever the layer
        first += layer.size
    group = np.unique(group, return_inverse=True)[1]
    peak = peaks(current)
    goal = np.where(reached, np.abs(np.where(reached, threshold, 0)), worst / _DUTY / 2)
    level = shared(np.maximum.reduce([2 * goal, 2 * np.abs(reset), 2 * np.abs(bias), 4 * peak]), group)
    memory = np.where((leak > 0) & (leak < 1), 1 / np.maximum(leak, 1 / MEMORY), 1.0)
    largest = shared(peak, group)
    drive = Drive(driven, leak, decay, bias, start, reset, threshold, subtracts, idle)
    room = room_for(drive, seen, level, largest, shared(goal, group), weight, state, graded=most > 1)
    return Columns(current, leak, decay, threshold, reset, bias, start, subtracts, group, largest, level,
                   shared(room, group), memory, np.full(count, np.nan) if fixed is None else fixed)  # fmt: skip


def peaks(current: Currents) -> FloatArray:
    """Of each neuron the largest, without its sign."""
    return current.by_neuron(lambda _, values: np.abs(values).max(axis=0, initial=0))


def shared(values: FloatArray, group: IntArray) -> FloatArray:
    """For each neuron the largest value of its group."""
    most = np.zeros_like(values)
    np.maximum.at(most, group, values)
    return np.asarray(most[group])
