"""The compiled golden model against the one in numpy: every value, over all features and corners."""

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from spiking.nets import random_core, random_network, random_spikes, random_state, random_stimuli

from hwflow.spiking import golden, native, reference
from hwflow.spiking.learning import Learning
from hwflow.spiking.network import LARGEST, Core, Neurons, SpikingNetwork
from hwflow.spiking.reference import Rules, Run, State

TICKS = 40


@pytest.fixture(scope="module")
def library() -> native.Library:
    found = native.library()
    if found is None:
        pytest.skip("no C++ compiler")
    return found


def compare(one: Run, other: Run) -> None:
    for part in ("spikes", "clipped", "membranes"):
        np.testing.assert_array_equal(getattr(one, part), getattr(other, part))
    assert one.columns == other.columns
    compare_states(one.state, other.state)


def compare_states(one: State, other: State) -> None:
    for part in fields(State):
        left, right = (np.asarray(getattr(state, part.name)) for state in (one, other))
        assert left.dtype == right.dtype, part.name
        np.testing.assert_array_equal(left, right, err_msg=part.name)


def runs(library: native.Library, rules: Rules, state: State, spikes: np.ndarray, *, learn: bool) -> tuple[Run, Run]:
    """Compiled and in numpy, from the same state, which neither changes."""
    before = state.copy()
    found = native.run(library, rules, state, spikes, learn=learn, keep_membranes=True, told=lambda _: None)
    compare_states(state, before)
    return found, reference.run(rules, state, spikes, learn=learn, keep_membranes=True)


@given(st.integers(0, 1 << 32), st.booleans())
def test_every_value_is_that_of_the_reference(library: native.Library, seed: int, learn: bool) -> None:
    """Traces, draws, third factor, mask, adaptation, counters: each on and off, as the seed has it."""
    rng = np.random.default_rng(seed)
    core = random_core(rng)
    rules, state = Rules(random_network(rng, core), core), random_state(rng, core)
    if rng.random() < 0.5:  # within the bounds of the rule, where sources without a trace are passed over
        np.clip(state.weight, rules.learning.weight_min, rules.learning.weight_max, out=state.weight)
    compare(*runs(library, rules, state, random_stimuli(rng, rules.network, TICKS), learn=learn))


@pytest.mark.parametrize("fire", [1, 2, 3, 40])
@pytest.mark.parametrize("inside", [True, False])
def test_columns_of_few_and_of_many_neurons(library: native.Library, fire: int, inside: bool) -> None:
    """Tiles of columns are left out where nobody fires, and where nothing of a row is plastic; without draws or a third factor.

    inside: weights in the rule's bounds.
    """
    rng, core = np.random.default_rng(30 + fire), Core(24, 72, 4)
    rules, state = Rules(random_network(rng, core), core), random_state(rng, core)
    if inside:
        np.clip(state.weight, rules.learning.weight_min, rules.learning.weight_max, out=state.weight)
    level = np.full(72, (1 << core.state_bits - 1) - 1)
    level[rng.permutation(72)[:fire]] = -(1 << core.state_bits - 1)  # those always fire, the others never
    neurons = replace(rules.network.neurons, threshold=level, refractory=np.zeros_like(level))
    plastic = rules.network.plastic.copy()
    plastic[::3, :40] = plastic[1::3, 34:] = False
    network = replace(rules.network, neurons=neurons, plastic=plastic)
    one, other = runs(library, Rules(network, core), state, random_spikes(rng, TICKS, 24), learn=True)
    compare(one, other)
    assert 0 < one.spikes.sum(axis=1).max() <= fire and (one.state.weight != state.weight).any()


@given(st.integers(0, 1 << 32))
def test_changes_of_columns_that_wait_until_rows_are_read(library: native.Library, seed: int) -> None:
    """Without draws or a third factor: a run in pieces, that learn or not, with more silence than is kept, of more than a tile.

    Gains are so small that most changes are none, or so great that two do not fit a byte.
    """
    rng, core = np.random.default_rng(seed), Core(16, (36, 256, 300)[seed % 3], 4)
    drawn = random_network(rng, core)
    gains = rng.choice([-1, 1], 2) * rng.integers(1, 1 << rng.integers(1, 15, 2))
    learning = replace(drawn.learning, potentiation=int(gains[0]), depression=int(gains[1]), plastic_neurons=True)
    plastic = drawn.plastic if rng.random() < 0.5 else np.ones_like(drawn.plastic)
    rules = Rules(replace(drawn, learning=learning, plastic=plastic), core)
    state = random_state(rng, core)
    if rng.random() < 0.8:
        np.clip(state.weight, learning.weight_min, learning.weight_max, out=state.weight)
    for ticks in rng.integers(1, 90, 4):
        spikes = rng.random((ticks, 16)) < rng.choice([0.0, 0.01, 0.1])
        one, other = runs(library, rules, state, spikes, learn=bool(rng.random() < 0.7))
        compare(one, other)
        state = one.state


@given(st.integers(0, 1 << 32))
def test_normalisation_is_that_of_the_reference(library: native.Library, seed: int) -> None:
    rng = np.random.default_rng(seed)
    core = replace(random_core(rng, everything=True), normalisation=True)
    rules, state = Rules(random_network(rng, core), core), random_state(rng, core)
    other = state.copy()
    only = int(rng.integers(core.neurons)) if seed % 2 else None
    native.normalise(library, rules, state, only)
    reference.normalise(rules, other, only)
    compare_states(state, other)


def large(**changed: bool) -> tuple[Rules, State]:
    """More spikes in a tick than sums of 16 bits hold."""
    core = Core(600, 32, 4, stochastic=True, modulation=True, **changed)
    rng = np.random.default_rng(1)
    return Rules(random_network(rng, core, extreme=True), core), random_state(rng, core)


@pytest.mark.parametrize("weight", [-128, 127])
def test_sums_of_many_rows_are_whole(library: native.Library, weight: int) -> None:
    rules, state = large()
    state.weight[:] = weight
    compare(*runs(library, rules, state, np.ones((2, 600), np.bool_), learn=False))


@pytest.mark.parametrize("shift", [0, 15])
@pytest.mark.parametrize("weight", [-128, 127])
def test_sums_of_many_rows_with_values_are_whole(library: native.Library, weight: int, shift: int) -> None:
    core = Core(LARGEST - 64, 64, 8, graded=True)
    network = SpikingNetwork("widest", np.full((LARGEST, 64), weight), Neurons.of(64, threshold=0), np.zeros((LARGEST, 64), np.bool_),
                             graded=True, weight_shift=shift)  # fmt: skip
    rules, state = Rules(network, core), reference.initial(network)
    state.fired[:] = True
    compare(*runs(library, rules, state, np.full((1, LARGEST - 64), 255, np.uint8), learn=False))


@pytest.mark.parametrize("weight", [-128, 127])
def test_shifted_sums_are_clipped_before_they_wrap(library: native.Library, weight: int) -> None:
    """From none to 39 axons in a tick, each of 127 times 255 shifted by 15: some of these sums wrap to the other sign in 32 bits."""
    core = Core(40, 8, 8, graded=True)
    network = SpikingNetwork("shifted", np.full((48, 8), weight), Neurons.of(8, threshold=30000), np.zeros((48, 8), np.bool_),
                             graded=True, weight_shift=15)  # fmt: skip
    values = np.tri(40, k=-1, dtype=np.uint8) * np.uint8(255)
    rules = Rules(network, core)
    compare(*runs(library, rules, reference.initial(network), values, learn=False))


@pytest.mark.parametrize(("axons", "neurons"), [(16376, 8), (8, 4200)])
def test_draws_of_the_greatest_numbers(library: native.Library, axons: int, neurons: int) -> None:
    core = Core(axons, neurons, 8, stochastic=True)
    weight = np.zeros((core.sources, neurons), np.int64)
    weight[0] = 100
    rule = Learning(True, stochastic=True, plastic_neurons=True, potentiation=700, depression=-700, pre_step=9, post_step=9,
                    weight_min=-128, seed=3)  # fmt: skip
    network = SpikingNetwork("numbers", weight, Neurons.of(neurons, threshold=50, leak=65535), np.ones(weight.shape, np.bool_),
                             learning=rule)  # fmt: skip
    spikes = np.zeros((3, axons), np.bool_)
    spikes[:, [0, 1, axons - 2, axons - 1]] = True
    one, other = runs(library, Rules(network, core), reference.initial(network), spikes, learn=True)
    compare(one, other)
    assert (one.state.weight[4096:] != 0).any() and (one.state.weight[:, 4096:] != 0).any() == (neurons > 4096)


def test_the_faster_one_is_taken_where_it_can_do_the_work(
    library: native.Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules, state = large()
    spikes = random_spikes(np.random.default_rng(0), TICKS, 600)
    calls: list[int] = []
    compiled = native.run
    monkeypatch.setattr(native, "run", lambda *given, **named: calls.append(1) or compiled(*given, **named))
    right = reference.run(rules, state, spikes, learn=True, keep_membranes=True)
    compare(golden.run(rules, state, spikes, learn=True, keep_membranes=True), right)
    assert not calls  # little work
    monkeypatch.setattr(golden, "_WORTH", 0)
    compare(golden.run(rules, state, spikes, learn=True, keep_membranes=True), right)
    assert len(calls) == 1
    monkeypatch.setattr(native, "library", lambda: None)
    compare(golden.run(rules, state, spikes, learn=True, keep_membranes=True), right)
    assert len(calls) == 1


@pytest.mark.parametrize(
    ("part", "value"), [("weight", 300), ("x", 1 << 16), ("y", -1), ("membrane", 1 << 23), ("adaptation", -1)]
)
def test_what_the_compiled_one_cannot_hold_numpy_does(
    library: native.Library, monkeypatch: pytest.MonkeyPatch, part: str, value: int
) -> None:
    rules, state = large()
    getattr(state, part).flat[0] = value
    assert not native.holds(rules, state)
    monkeypatch.setattr(golden, "_WORTH", 0)
    spikes = random_spikes(np.random.default_rng(0), 3, 600)
    compare(golden.run(rules, state, spikes, learn=True, keep_membranes=True),
            reference.run(rules, state, spikes, learn=True, keep_membranes=True))  # fmt: skip


def test_without_a_compiler_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    native.library.cache_clear()
    monkeypatch.setenv("PATH", "/nowhere")
    assert native.library() is None
    native.library.cache_clear()


def test_a_run_in_stretches_tells_what_is_done(library: native.Library, monkeypatch: pytest.MonkeyPatch) -> None:
    rules, state = large()
    spikes = random_spikes(np.random.default_rng(0), 10, 600)
    monkeypatch.setattr(native, "_VISITED", 4 * state.weight.size)
    told: list[int] = []
    found = native.run(library, rules, state, spikes, learn=True, keep_membranes=True, told=told.append)
    compare(found, reference.run(rules, state, spikes, learn=True, keep_membranes=True))
    assert told == [4, 8, 10]
