"""From floats to the core's integers: a scale for each neuron, and what is rounded."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from hwflow.ints import IntArray, IntType, WeightArray
from hwflow.spiking.frontend.checks import ALLOWED_ERROR, check_errors, check_fixed, integer_rates
from hwflow.spiking.frontend.columns import Columns, columns_of, peaks
from hwflow.spiking.frontend.currents import Currents
from hwflow.spiking.frontend.float_net import FloatArray, Layer
from hwflow.spiking.frontend.placement import Placement
from hwflow.spiking.frontend.ranges import Reach
from hwflow.spiking.learning import DECAY
from hwflow.spiking.network import Neurons, Start

_ONE = 1 << DECAY.bits
_MAX_SHIFT = 15


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

    weight: WeightArray
    neurons: Neurons
    weight_shift: int
    start: Start
    unit: FloatArray
    rounding: Rounding


def fit(
    layers: Sequence[Layer],
    placement: Placement,
    weight: IntType,
    state: IntType,
    *,
    clip: bool = False,
    allow_error: float = ALLOWED_ERROR,
    fixed: FloatArray | None = None,
    seen: Reach | None = None,
    alike: Collection[str] = (),
    most: int = 1,
) -> Fitted:
    """The integers of a net. The scales are chosen so that weights use their range, and the state holds the
    rest and what inputs drive it to (`ranges.room_for`).

    A neuron's scale multiplies its weights, threshold, reset and bias alike, so it changes nothing but rounding; the
    largest weight is made a whole number between half the range and the range, that with the least error: weights that
    are multiples of one number come out exact. `weight_shift`, one for all, is the one with the least expected error.
    Read-outs of a layer share a scale, so that their membranes can be compared. fixed: the scale of each neuron of the
    layers, or NaN to choose it; there is no shift of weights then. seen: what the user's stimuli drive the neurons to.
    alike: layers whose neurons share one scale, as those must whose weights learn within one bound. most: the largest value of an axon.
    Raises UserError, by the layer's name, for a time constant or a weight beyond the format, unless `clip`, and for an
    error of rounding beyond the share `allow_error`.
    """
    columns = columns_of(layers, placement, weight, state, fixed=fixed, seen=seen, alike=alike, most=most)
    leak, decay = (integer_rates(layers, rates, clip) for rates in (columns.leak, columns.decay))
    table = _errors(columns, weight.max)
    shifts = [
        _scales(columns, table, shift, weight.max, state.max)
        for shift in range(1 if fixed is not None else _MAX_SHIFT + 1)
    ]
    costs = [_cost(columns, scale, shift) for shift, scale in enumerate(shifts)]
    fine = _fine(columns, shifts, weight.max) if alike else range(len(shifts))
    shift = next(s for s in fine if costs[s] <= min(costs[one] for one in fine) * (1 + 1e-9))
    scale = shifts[shift]
    check_fixed(layers, columns, weight.max, state.max, clip)
    # Clipped as floats: a scale that is given may make them larger than any integer.
    weights = columns.current.like(
        lambda own, values: np.clip(np.rint(values * scale[own] / 2**shift), -weight.max, weight.max)
    )
    threshold = np.where(np.isfinite(columns.threshold), _floor(columns.threshold * scale), state.max)
    integers = {
        "threshold": np.clip(threshold, state.min, state.max).astype(np.int64),
        "leak": leak,
        "decay": decay,
        "bias": _held(columns.bias * scale, state),
        "reset": _held(columns.reset * scale, state),
    }
    unit = 2.0**shift / scale
    become = weights.like(lambda own, values: values * unit[own])
    check_errors(layers, columns, become, integers, scale, (weight.max + 0.5) * 2.0**shift, allow_error)
    rounding = _rounding(columns, become, integers, scale)
    count = placement.relays
    relay = {"threshold": 0, "leak": DECAY.max, "decay": DECAY.max, "bias": 0, "reset": 0}
    padded = {name: np.append(array, np.full(count, relay[name])) for name, array in integers.items()}
    none = np.zeros(placement.neurons, dtype=np.int64)
    neurons = Neurons(**padded, refractory=none, subtract=np.append(columns.subtracts, none[:count] > 0))
    hold = np.repeat(placement.latency, [layer.size for layer in layers])
    start = Start(none, np.append(_held(columns.start * scale, state), none[:count]), np.append(hold, none[:count]))
    return Fitted(_matrix(placement, weights, weight.max), neurons, shift, start, 1 / scale, rounding)


def _matrix(placement: Placement, weights: Currents, most: int) -> WeightArray:
    """[axons + neurons, neurons], those of relays among them."""
    matrix = np.zeros((placement.axons + placement.neurons, placement.neurons), np.int8)
    for tile in weights.tiles:
        matrix[tile.sources, tile.neurons] = tile.values
    matrix[placement.relayed, np.arange(placement.neurons - placement.relays, placement.neurons)] = most
    return matrix


def _fine(columns: Columns, shifts: Sequence[FloatArray], most: int) -> Sequence[int]:
    """The shifts with which the largest weights of neurons that share a scale use half the range: weights that learn need
    it, even where those that they begin with are exact without."""
    sharing = np.bincount(columns.group)[columns.group] > 1
    used = [(columns.largest * scale / 2**shift)[sharing & (columns.largest > 0)] for shift, scale in enumerate(shifts)]
    return [shift for shift, largest in enumerate(used) if (largest >= most // 2).all()] or [0]


def _errors(columns: Columns, most: int) -> FloatArray:
    """Of each neuron's group, for each whole number from 1 to `most` as its largest weight: the squared relative error."""
    table = np.zeros((most + 1, len(columns.group)))
    for tile in columns.current.tiles:
        own = tile.neurons
        unit = tile.values / np.where(columns.largest[own] > 0, columns.largest[own], 1.0)
        for largest in range(1, most + 1):
            scaled = unit * largest
            scaled -= np.rint(scaled)
            error = np.einsum("ij,ij->j", scaled, scaled) / largest**2
            error[error < 1e-11] = 0  # the file's float32
            np.add.at(table[largest], columns.group[own], error)
    return np.asarray(table[:, columns.group])


def _scales(columns: Columns, table: FloatArray, shift: int, most: int, room: int) -> FloatArray:
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


def _cost(columns: Columns, scale: FloatArray, shift: int) -> float:
    """The expected error of a neuron's potential, squared, relative to its level, over all neurons."""

    def squared(own: slice, values: FloatArray) -> FloatArray:
        scaled = values * scale[own] / 2**shift
        return np.asarray(((scaled - np.rint(scaled)) ** 2).sum(axis=0))

    weight = columns.current.by_neuron(squared) * (2.0**shift / scale) ** 2
    decays = np.where((columns.leak > 0) & (columns.leak < 1), 0.5, 0.0) + np.where(columns.decay < 1, 0.5, 0.0)
    bias = np.abs(columns.bias * scale - np.rint(columns.bias * scale))
    state = (np.where(bias < 1e-5, 0, bias) + decays) * columns.memory / scale
    measure = np.where(columns.level > 0, columns.level, 1.0)
    relative = weight / measure**2
    return float((np.where(relative < 1e-14, 0, relative) + (state / measure) ** 2).sum())


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


def _rounding(columns: Columns, weights: Currents, integers: dict[str, IntArray], scale: FloatArray) -> Rounding:
    fires = np.isfinite(columns.threshold)
    peak, current = peaks(columns.current), columns.current
    measure = np.where(fires & (columns.threshold != 0), np.abs(np.where(fires, columns.threshold, 1)), peak)

    def largest(error: FloatArray, of: FloatArray) -> float:
        relative = np.divide(np.abs(error), of, out=np.zeros(np.broadcast_shapes(error.shape, of.shape)), where=of > 0)
        value = float(relative.max(initial=0))
        return 0.0 if value < 1e-6 else value  # within the file's float32

    rates = [largest(np.where(true == 1, 0, integers[name] / _ONE - true), true)
             for name, true in (("leak", columns.leak), ("decay", columns.decay))]  # fmt: skip
    threshold = np.where(fires, integers["threshold"] / scale - np.where(fires, columns.threshold, 0), 0)
    # Sums that are whole numbers exceed a threshold if they exceed it rounded down.
    apart = current.by_neuron(lambda _, values, weight: np.abs(weight - values).max(axis=0, initial=0), weights)
    lost = current.by_neuron(lambda _, values, weight: np.count_nonzero((weight == 0) & (values != 0), axis=0), weights)
    whole = (
        (apart <= 1e-6 * peak)
        & (columns.decay == 1)
        & ~columns.subtracts
        & np.isin(columns.leak, (0.0, 1.0, 1 / _ONE))
        & (np.abs(integers["bias"] - columns.bias * scale) < 1e-6)
    )
    threshold = np.where(whole, 0, threshold)
    return Rounding(
        weight=largest(apart, peak),
        lost=int(lost.sum()),
        time_constant=max(rates),
        threshold=largest(threshold, measure),
        reset=largest(integers["reset"] / scale - columns.reset, measure),
        bias=largest(integers["bias"] / scale - columns.bias, measure),
    )
