"""The draws of stochastic rounding: what they are by their algebra, and changes of weights that are right in the mean."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwflow.spiking.draws import advanced, column_draws, drawn_change, first_state, row_draws
from hwflow.spiking.learning import Learning
from hwflow.spiking.network import LARGEST, Core, Neurons, SpikingNetwork
from hwflow.spiking.reference import Rules, initial, run

BITS = 63
MODULUS = 1 << 63 | 1 << 31 | 1
Synapse = tuple[int, int, bool, bool]  # source's number, neuron, whether the source is a neuron, whether of a column
synapses = st.tuples(st.integers(0, LARGEST - 1), st.integers(0, LARGEST - 1), st.booleans(), st.booleans())


def draw(state: int, synapse: Synapse) -> int:
    source, neuron, recurrent, column = synapse
    if column:
        size = source + 1
        return int(column_draws(state, size, size, np.array([neuron]))[source + size * recurrent, 0])
    return int(row_draws(state, source + 1, neuron + 1, np.array([source + (source + 1) * recurrent]))[0, neuron])


def rank(rows: list[int]) -> int:
    """Over the field of two elements."""
    found: dict[int, int] = {}
    for row in rows:
        while row and (row.bit_length() in found):
            row ^= found[row.bit_length()]
        if row:
            found[row.bit_length()] = row
    return len(found)


@settings(max_examples=40, deadline=None)
@given(synapses, synapses)
def test_any_two_draws_of_a_tick_are_independent(one: Synapse, other: Synapse) -> None:
    """As functions of the state they are linear, and 32 bits of rank 32: every pair of values comes equally often."""
    both = [draw(1 << bit, one) | draw(1 << bit, other) << 16 for bit in range(BITS)]
    assert rank(both) == (16 if one == other else 32)


def key(synapse: Synapse) -> int:
    """k of docs/neuron.md."""
    source, neuron, recurrent, column = synapse
    walked, visited = (source, neuron) if column else (neuron, source)
    low = walked % 4096 + 4096 * (visited % 4096) + (recurrent << 24) + (column << 25)
    return low + (walked // 4096 << 26) + (visited // 4096 << 28)


@given(synapses, st.integers(1, (1 << BITS) - 1))
def test_a_draw_is_the_sum_of_the_windows_of_its_key(synapse: Synapse, state: int) -> None:
    wanted = state & 0xFFFF
    for bit in range(30):
        wanted ^= (state >> 16 + bit & 0xFFFF) * (key(synapse) >> bit & 1)
    assert draw(state, synapse) == wanted


@given(synapses, synapses)
def test_every_synapse_has_a_key_of_its_own(one: Synapse, other: Synapse) -> None:
    """Of 30 bits, the last of which has a window that ends within the state."""
    assert (key(one) == key(other)) == (one == other) and max(key(one), key(other)) < 1 << 30 and BITS >= 16 + 29 + 16


@pytest.mark.parametrize("synapse", [(0, 0, False, False), (LARGEST - 1, LARGEST - 2, True, True)])
def test_a_synapses_draws_of_two_ticks_are_independent(synapse: Synapse) -> None:
    states = [1 << bit for bit in range(BITS)]
    begun = [draw(state, synapse) for state in states]
    for _ in range(100):
        states = [advanced(state) for state in states]
        assert rank([a | draw(state, synapse) << 16 for a, state in zip(begun, states, strict=True)]) == 32


def test_the_state_runs_through_all_that_there_are() -> None:
    """z^63 + z^31 + 1 is primitive, and 59 steps at a time, coprime to 2^63 - 1, pass through the same cycle."""

    def times(a: int, b: int) -> int:
        product = 0
        while b:
            product ^= a * (b & 1)
            a, b = a << 1 ^ MODULUS * (a >> 62 & 1), b >> 1
        return product

    def power(exponent: int) -> int:
        found, base = 1, 2
        while exponent:
            found, base, exponent = times(found, base) if exponent & 1 else found, times(base, base), exponent >> 1
        return found

    order, primes = (1 << BITS) - 1, (7, 73, 127, 337, 92737, 649657)
    assert 7 * math.prod(primes) == order and math.gcd(59, order) == 1
    assert power(order) == 1 and all(power(order // prime) != 1 for prime in primes)
    state = first_state(0)
    slow = state
    for _ in range(59):
        slow = slow >> 1 | (slow ^ slow >> 31) % 2 << 62
    assert advanced(state) == slow


def test_seeds_give_states_of_their_own() -> None:
    assert len({first_state(seed) for seed in range(1000)}) == 1000 and all(
        0 < first_state(s) < 1 << 63 for s in range(99)
    )


@given(st.integers(-32768, 32767), st.integers(0, 65535), st.booleans())
def test_a_drawn_change_is_right_over_all_draws(gain: int, trace: int, rectangular: bool) -> None:
    changes = drawn_change(gain, np.int64(trace), rectangular, np.arange(65536))
    assert int(changes.sum()) == (gain * 64 * (trace > 0) if rectangular else gain * trace)


@pytest.mark.parametrize("rate", [1 / 1024, 0.39, 4.0])
def test_pairs_change_weights_by_the_rate(rate: float) -> None:
    """Pairs a tick apart at each of 100 synapses, 100 times; benchmarks/small_steps.py has more of them."""
    expected, error, gained = pairs(rate, synapses=100, times=100)
    assert abs(gained - expected) <= max(0.02 * expected, 4 * error)


def pairs(rate: float, synapses: int, times: int) -> tuple[float, float, float]:
    """The change of a synapse by the equation, in all, the standard error of the mean over synapses, and that mean.

    A weight goes back to the middle of its range after each pair, so that none is clipped.
    """
    network = pair_net(rate, synapses, synapses + 1, 1)
    rules, state, gained = Rules(network, Core(synapses + 1, 1, stochastic=True)), initial(network), 0
    spikes = np.zeros((20, synapses + 1), np.bool_)
    spikes[0, :synapses] = spikes[1, synapses] = True
    for _ in range(times):
        state = run(rules, state, spikes, learn=True).state
        gained += int(state.weight[:synapses].sum())
        state.weight[:synapses] = 0
    each = rate
    part = each % 1
    return times * each, math.sqrt(times * part * (1 - part) / synapses), gained / synapses


def pair_net(rate: float, synapses: int, axons: int, neurons: int) -> SpikingNetwork:
    """Axons whose synapses learn, and one that makes the neurons fire; `rate` units a pair a tick apart."""
    weight = np.zeros((axons + neurons, neurons), np.int64)
    weight[synapses] = 100
    learning = Learning(
        nearest=True, potentiation=round(rate * 65536 / 64), pre_decay=3277, post_decay=3277, pre_step=64, post_step=64,
        weight_min=-128, stochastic=True, seed=7,
    )  # fmt: skip
    plastic = np.zeros(weight.shape, np.bool_)
    plastic[:synapses] = True
    return SpikingNetwork("pairs", weight, Neurons.of(neurons, threshold=50, leak=65535), plastic, learning=learning)
