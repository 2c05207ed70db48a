"""From floats to the core's integers: a scale for each neuron, and what is rounded."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hwflow.errors import UserError
from hwflow.ints import IntArray, IntType
from hwflow.spiking.frontend.float_net import FloatArray, Layer
from hwflow.spiking.frontend.nir_graph import shown
from hwflow.spiking.frontend.placement import Placement, constants
from hwflow.spiking.network import DECAY, Neurons, Start

_ONE = 1 << DECAY.bits
_MAX_SHIFT = 15
_MEMORY = 64  # ticks over which errors of a tick are taken to add up, at most
_CHUNK = 64  # neurons looked at together, so that their weights stay in the cache
_DUTY = 8  # a read-out's membrane has room for an eighth of the worst case


@dataclass(frozen=True)
class Rounding:
    """What a net lost on its way to integers, the largest of each.

    weight: error of a weight, relative to the largest weight of its neuron; lost: weights that became zero;
    time_constant: relative error of a leak or decay a tick; threshold, reset, bias: error relative to the neuron's
    threshold, or to its largest weight if it has none (a threshold rounded down loses nothing where sums are whole).
    """

    weight: float
    lost: int
    time_constant: float
    threshold: float
    reset: float
    bias: float


@dataclass(frozen=True, eq=False)
class Fitted:
    """A placed net in integers. unit: the model's membrane potential in one unit of each neuron's state."""

    weight: IntArray
    neurons: Neurons
    weight_shift: int
    start: Start
    unit: FloatArray
    rounding: Rounding


@dataclass(frozen=True, eq=False)
class _Columns:
    """The neurons of all layers, an array of each of their numbers.

    group: neurons of one number share a scale; largest: current of a group's largest weight; room: of what must fit the
    state; memory: ticks over which an error of a tick adds up; fixed: the scale of each neuron, NaN where it is free.
    """

    current: FloatArray
    leak: FloatArray
    decay: FloatArray
    threshold: FloatArray
    reset: FloatArray
    bias: FloatArray
    start: FloatArray
    group: IntArray
    largest: FloatArray
    room: FloatArray
    memory: FloatArray
    fixed: FloatArray


def fit(
    layers: Sequence[Layer],
    placement: Placement,
    weight: IntType,
    state: IntType,
    *,
    clip: bool = False,
    fixed: FloatArray | None = None,
) -> Fitted:
    """The integers of a net. The scales are chosen so that weights use their range and the rest fits the state.

    A neuron's scale multiplies its weights, threshold, reset and bias alike, so it changes nothing but rounding; the
    largest weight is made a whole number between half the range and the range, that with the least error: weights that
    are multiples of one number come out exact. `weight_shift`, one for all, is the one with the least expected error.
    Read-outs of a layer share a scale, so that their membranes can be compared. fixed: the scale of each neuron of the
    layers, or NaN to choose it; there is no shift of weights then. Raises UserError, by the layer's name, for a time
    constant or a weight beyond the format, unless `clip`.
    """
    columns = _columns(layers, placement, fixed)
    leak, decay = (_rates(layers, rates, clip) for rates in (columns.leak, columns.decay))
    table = _errors(columns, weight.max)
    shifts = [
        _scales(columns, table, shift, weight.max, state.max)
        for shift in range(1 if fixed is not None else _MAX_SHIFT + 1)
    ]
    costs = [_cost(columns, scale, shift) for shift, scale in enumerate(shifts)]
    shift = next(s for s, cost in enumerate(costs) if cost <= min(costs) * (1 + 1e-9))
    scale = shifts[shift]
    weights = np.rint(columns.current * scale / 2**shift).astype(np.int64)
    _check_weights(layers, columns, weights, clip)
    _check_fixed(layers, columns, weight.max, state.max, clip)
    weights = np.clip(weights, -weight.max, weight.max)
    threshold = np.where(np.isfinite(columns.threshold), _floor(columns.threshold * scale), state.max)
    integers = {
        "threshold": np.clip(threshold, state.min, state.max).astype(np.int64),
        "leak": leak,
        "decay": decay,
        "bias": _held(columns.bias * scale, state),
        "reset": _held(columns.reset * scale, state),
    }
    rounding = _rounding(columns, weights * 2.0**shift / scale, integers, scale)
    count = placement.relays
    relay = {"threshold": 0, "leak": DECAY.max, "decay": DECAY.max, "bias": 0, "reset": 0}
    padded = {name: np.append(array, np.full(count, relay[name])) for name, array in integers.items()}
    none = np.zeros(placement.neurons, dtype=np.int64)
    neurons = Neurons(**padded, refractory=none, subtract=none.astype(bool))
    relayed = (placement.current[:, placement.neurons - count :] * weight.max).astype(np.int64)
    hold = np.repeat(placement.latency, [layer.size for layer in layers])
    start = Start(none, np.append(_held(columns.start * scale, state), none[:count]), np.append(hold, none[:count]))
    return Fitted(np.concatenate([weights, relayed], axis=1), neurons, shift, start, 1 / scale, rounding)


def _columns(layers: Sequence[Layer], placement: Placement, fixed: FloatArray | None) -> _Columns:
    def all_of(name: str) -> FloatArray:
        return np.concatenate([getattr(layer.dynamics, name) for layer in layers])

    count = placement.neurons - placement.relays
    current = placement.current[:, :count]
    leak, decay, reset = all_of("leak"), all_of("decay"), all_of("reset")
    bias, start = constants(layers, placement)
    drive = np.abs(current).sum(axis=0) / decay + np.abs(bias)
    worst = drive / np.maximum(leak, 1 / _MEMORY)
    threshold = all_of("threshold")
    reached = np.isfinite(threshold) & (np.where(np.isfinite(threshold), threshold, 0) * leak <= drive)
    threshold = np.where(reached, threshold, np.inf)  # what no input can reach needs no room
    group, first = np.arange(count), 0
    for layer in layers:
        own = slice(first, first + layer.size)
        if not np.isfinite(threshold[own]).any():
            group[own] = first
        first += layer.size
    peak = np.abs(current).max(axis=0, initial=0)
    level = np.where(reached, np.abs(np.where(reached, threshold, 0)), worst / _DUTY / 2)
    room = np.maximum.reduce([2 * level, 2 * np.abs(reset), 2 * np.abs(bias), 4 * peak])
    memory = np.where((leak > 0) & (leak < 1), 1 / np.maximum(leak, 1 / _MEMORY), 1.0)
    return _Columns(current, leak, decay, threshold, reset, bias, start, group, _shared(peak, group),
                    _shared(room, group), memory, np.full(count, np.nan) if fixed is None else fixed)  # fmt: skip


def _shared(values: FloatArray, group: IntArray) -> FloatArray:
    """For each neuron the largest value of its group."""
    most = np.zeros_like(values)
    np.maximum.at(most, group, values)
    return np.asarray(most[group])


def _errors(columns: _Columns, most: int) -> FloatArray:
    """Of each neuron's group, for each whole number from 1 to `most` as its largest weight: the squared relative error."""
    table = np.zeros((most + 1, len(columns.group)))
    for first in range(0, len(columns.group), _CHUNK):
        own = slice(first, first + _CHUNK)
        current = columns.current[columns.current[:, own].any(axis=1), own]
        unit = current / np.where(columns.largest[own] > 0, columns.largest[own], 1.0)
        for largest in range(1, most + 1):
            scaled = unit * largest
            scaled -= np.rint(scaled)
            error = np.einsum("ij,ij->j", scaled, scaled) / largest**2
            error[error < 1e-11] = 0  # the file's float32
            np.add.at(table[largest], columns.group[own], error)
    return np.asarray(table[:, columns.group])


def _scales(columns: _Columns, table: FloatArray, shift: int, most: int, room: int) -> FloatArray:
    """State units in one unit of the model's potential, for each neuron."""
    limit = room / np.where(columns.room > 0, columns.room, 1.0)
    bound = np.floor(limit * columns.largest / 2**shift + 1e-9)  # of the largest weight
    whole = np.clip(bound, 1, most).astype(np.int64)
    choice = np.arange(most + 1)[:, None]
    errors = np.where((choice >= (whole + 1) // 2) & (choice <= whole), table, np.inf)
    best = most - errors[::-1].argmin(axis=0)  # of equal ones the largest
    scale = best * 2.0**shift / np.where(columns.largest > 0, columns.largest, 1.0)
    free = np.where((bound >= 1) & (columns.largest > 0), scale, limit)
    return np.where(np.isnan(columns.fixed), free, columns.fixed)


def _cost(columns: _Columns, scale: FloatArray, shift: int) -> float:
    """The expected error of a neuron's potential, squared, relative to its room, over all neurons."""
    scaled = columns.current * scale / 2**shift
    weight = ((scaled - np.rint(scaled)) ** 2).sum(axis=0) * (2.0**shift / scale) ** 2
    decays = np.where((columns.leak > 0) & (columns.leak < 1), 0.5, 0.0) + np.where(columns.decay < 1, 0.5, 0.0)
    bias = np.abs(columns.bias * scale - np.rint(columns.bias * scale))
    state = (np.where(bias < 1e-5, 0, bias) + decays) * columns.memory / scale
    measure = np.where(columns.room > 0, columns.room, 1.0)
    relative = weight / measure**2
    return float((np.where(relative < 1e-14, 0, relative) + (state / measure) ** 2).sum())


def _check_weights(layers: Sequence[Layer], columns: _Columns, weights: IntArray, clip: bool) -> None:
    gone = (columns.largest > 0) & ~_shared(np.abs(weights).max(axis=0, initial=0).astype(float), columns.group).astype(
        bool
    )
    if gone.any() and not clip:
        at = int(gone.argmax())
        raise UserError(f"The weights of neuron {_owner(layers, at)} are so small beside its threshold or bias that all "
                        "become zero; use a wider state, or --clip.")  # fmt: skip


def _check_fixed(layers: Sequence[Layer], columns: _Columns, most: int, room: int, clip: bool) -> None:
    """A scale that was not chosen here may leave weights between integers, or them and the rest without room."""
    given = ~np.isnan(columns.fixed)
    if clip or not given.any():
        return
    scale = np.where(given, columns.fixed, 0.0)
    scaled = columns.current * scale
    near = np.rint(scaled)
    between = (np.abs(scaled - near) > 1e-6 * np.maximum(1, np.abs(near))).any(axis=0)
    level = np.abs(np.where(np.isfinite(columns.threshold), columns.threshold, 0)) * scale
    wide = (np.abs(near) > most).any(axis=0) | (level >= room)
    for wrong, what in (
        (between, "are no multiples of its leak"),
        (wide, "or threshold are too large beside its leak"),
    ):
        if wrong.any():
            raise UserError(f"The weights of neuron {_owner(layers, int(wrong.argmax()))} {what}, which the core takes as 1; "
                            "change it, or --clip.")  # fmt: skip


def _rates(layers: Sequence[Layer], rates: FloatArray, clip: bool) -> IntArray:
    """Leaks or decays in 1/65536 a tick; a rate of 1 is 65535, which is the same for up to 16 bits of state."""
    integers = np.minimum(np.rint(rates * _ONE), DECAY.max).astype(np.int64)
    slow = (rates > 0) & (integers == 0)
    if slow.any() and not clip:
        raise UserError(f"A time constant of neuron {_owner(layers, int(slow.argmax()))} is longer than {2 * _ONE:,} ticks, "
                        "which the core takes for no decay at all; give a larger --dt, or --clip.")  # fmt: skip
    return integers


def _owner(layers: Sequence[Layer], index: int) -> str:
    for layer in layers:
        if index < layer.size:
            return f"{index} of node {shown(layer.name)} ({layer.kind})"
        index -= layer.size
    raise IndexError(index)


def _floor(values: FloatArray) -> FloatArray:
    """Rounded down, but for what is a whole number within the file's float32."""
    near = np.rint(values)
    finite = np.isfinite(values)
    close = finite & (
        np.abs(np.where(finite, values, 0) - np.where(finite, near, 0)) <= 1e-6 * np.maximum(1, np.abs(near))
    )
    return np.where(close, near, np.floor(values))


def _held(values: FloatArray, state: IntType) -> IntArray:
    return np.clip(np.rint(values), state.min, state.max).astype(np.int64)


def _rounding(columns: _Columns, weights: FloatArray, integers: dict[str, IntArray], scale: FloatArray) -> Rounding:
    fires = np.isfinite(columns.threshold)
    peak = np.abs(columns.current).max(axis=0, initial=0)
    measure = np.where(fires & (columns.threshold != 0), np.abs(np.where(fires, columns.threshold, 1)), peak)

    def largest(error: FloatArray, of: FloatArray) -> float:
        relative = np.divide(np.abs(error), of, out=np.zeros(np.broadcast_shapes(error.shape, of.shape)), where=of > 0)
        value = float(relative.max(initial=0))
        return 0.0 if value < 1e-6 else value  # within the file's float32

    rates = [largest(np.where(true == 1, 0, integers[name] / _ONE - true), true)
             for name, true in (("leak", columns.leak), ("decay", columns.decay))]  # fmt: skip
    threshold = np.where(fires, integers["threshold"] / scale - np.where(fires, columns.threshold, 0), 0)
    # Sums that are whole numbers exceed a threshold if they exceed it rounded down.
    sums = (np.abs(weights - columns.current) <= 1e-6 * peak).all(axis=0) & (columns.decay == 1)
    whole = (
        sums & np.isin(columns.leak, (0.0, 1.0, 1 / _ONE)) & (np.abs(integers["bias"] - columns.bias * scale) < 1e-6)
    )
    threshold = np.where(whole, 0, threshold)
    return Rounding(
        weight=largest(weights - columns.current, peak),
        lost=int(((weights == 0) & (columns.current != 0)).sum()),
        time_constant=max(rates),
        threshold=largest(threshold, measure),
        reset=largest(integers["reset"] / scale - columns.reset, measure),
        bias=largest(integers["bias"] / scale - columns.bias, measure),
    )
