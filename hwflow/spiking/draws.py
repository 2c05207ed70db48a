"""The draws of stochastic rounding (docs/neuron.md): a state of 63 bits, and 16 bits of it for each synapse.

A synapse's key picks windows of the state, whose sum modulo 2 is its draw. The windows of different keys begin at different bits,
all at least 16 bits after the one that every draw has: so, over all states, any two draws are independent.
"""

from collections.abc import Sequence

import numpy as np

from hwflow.ints import IntArray, IntType

STATE = IntType(63, signed=False)
_BITS = 16  # of a draw
_NEURON, _COLUMN = 40, 41  # where the windows of a key's parts begin
_WALKED, _VISITED = (*range(16, 28), 42, 43), (*range(28, 40), 44, 45)  # those of the bits of a number


def first_state(seed: int) -> int:
    """A state for a seed, by the mixing of SplitMix64; never zero, at which a shift register would stay."""
    mixed = seed + 0x9E3779B97F4A7C15 & (1 << 64) - 1
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ mixed >> shift) * factor & (1 << 64) - 1
    return (mixed ^ mixed >> 31) & STATE.max or 1


def advanced(state: int) -> int:
    """The state 59 steps on, in which s[n + 63] = s[n] XOR s[n + 31]."""
    first = (state ^ state >> 31) & 0xFFFF_FFFF
    second = (state >> 32 ^ first) & (1 << 27) - 1
    return state >> 59 | first << 4 | second << 36


def row_draws(state: int, axons: int, neurons: int, sources: IntArray) -> IntArray:
    """Of the synapses from some sources to all neurons, [sources, neurons]."""
    neuron = sources >= axons
    fixed = _sums(state, np.where(neuron, sources - axons, sources), _VISITED) ^ np.where(
        neuron, _window(state, _NEURON), 0
    )
    return fixed[:, None] ^ _sums(state, np.arange(neurons), _WALKED) ^ _window(state, 0)


def column_draws(
    state: int, axons: int, neurons: int, fired: IntArray, sources: IntArray | slice = slice(None)
) -> IntArray:
    """Of the synapses from all sources, or from some, to some neurons, [sources, fired]."""
    from_axons, from_neurons = (_sums(state, np.arange(count), _WALKED) for count in (axons, neurons))
    walked = np.concatenate([from_axons, from_neurons ^ _window(state, _NEURON)])
    return walked[sources, None] ^ _sums(state, fired, _VISITED) ^ _window(state, _COLUMN) ^ _window(state, 0)


def drawn_change(gain: IntArray | int, trace: IntArray, rectangular: bool, draw: IntArray) -> IntArray:
    """How much a weight changes, by the trace on the other side: gain trace / 65536, or gain / 1024, rounded by a draw."""
    wanted = np.where(trace > 0, gain << 6, 0) if rectangular else gain * trace
    return np.asarray((wanted + draw) >> _BITS)


def _window(state: int, begin: int) -> int:
    return state >> begin & (1 << _BITS) - 1


def _sums(state: int, numbers: IntArray, places: Sequence[int]) -> IntArray:
    """For each number the sum, modulo 2, of the windows of its bits that are one; places: where they begin."""
    table = np.zeros(1, dtype=np.int64)
    for begin in places[: int(numbers.max(initial=0)).bit_length()]:
        table = np.concatenate([table, table ^ _window(state, begin)])
    return np.asarray(table[numbers])
