"""The comparison of a core with the golden model: right records pass, and any value that is wrong is named."""

from dataclasses import replace

import numpy as np
import pytest
from spiking.nets import random_core, random_network, random_state

from hwflow.spiking.backend import registers
from hwflow.spiking.blocks import Block
from hwflow.spiking.entries import entries_of, synapses
from hwflow.spiking.map import parameters_of
from hwflow.spiking.network import Core
from hwflow.spiking.reference import State
from hwflow.spiking.tool.compare import Comparison


def some_core(**more: bool) -> Core:
    core = replace(random_core(np.random.default_rng(3), everything=True), stochastic=True, modulation=True)
    if not more.get("learning", True):
        more |= {"synapse_mask": False, "normalisation": False, "stochastic": False, "modulation": False}
    return replace(core, **more)


def record_of(comparison: Comparison, state: State, fires: np.ndarray, **counts: int) -> np.ndarray:
    """A record as the program writes it, field by field."""
    record = np.zeros(1, comparison.kind)
    record["seen"], record["spikes"] = fires, fires.sum()
    for name, value in counts.items():
        record[name] = value
    names = ("membrane", "current", "adaptation", "refractory", "y", "fired", "factor")
    record["fields"] = np.stack([np.asarray(getattr(state, name), np.int64) for name in names])
    record["x"], record["weight"] = state.x, state.weight.reshape(-1)
    record["random"] = state.random & 0xFFFFFFFF, state.random >> 32
    return record


def setting(core: Core) -> tuple[Comparison, State, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    comparison, state = Comparison(core), random_state(rng, core)
    fires = rng.random(core.neurons) < 0.5
    record = record_of(comparison, state, fires, events=3, saturations=2, cycles=50)
    comparison.expect(state, 3, 2, fires)
    return comparison, state, fires, record


def test_a_right_record_passes() -> None:
    core = some_core()
    comparison, state, fires, record = setting(core)
    assert np.array_equal(comparison.take(0, record.tobytes(), 50), fires)
    assert (comparison.mismatches, comparison.first, comparison.late, comparison.cycles) == (0, None, 0, 50)
    assert comparison.values == 7 * core.neurons + core.sources + 2 + state.weight.size


@pytest.mark.parametrize(
    ("part", "place", "says"),
    [
        ("fields", (0, 2), "membrane neuron 2 after tick 7"),
        ("fields", (3, 1), "refractory_left neuron 1 after tick 7"),
        ("fields", (5, 0), "fired neuron 0 after tick 7"),
        ("fields", (6, 1), "factor neuron 1 after tick 7"),
        ("x", (4,), "x source 4 after tick 7"),
        ("random", (1,), "random after tick 7"),
        ("weight", (3 * some_core().neurons + 1,), "weight source 3 neuron 1 after tick 7"),
        ("events", (), "events after tick 7 is 2 and not 3"),
        ("saturations", (), "saturations after tick 7 is 3 and not 2"),
        ("spikes", (), "spikes after tick 7"),
        ("seen", (1,), "spike neuron 1 after tick 7"),
    ],
)
def test_a_wrong_value_is_named(part: str, place: tuple[int, ...], says: str) -> None:
    comparison, _, _, record = setting(some_core())
    record[part][(0, *place)] ^= 1
    comparison.take(7, record.tobytes(), 50)
    assert comparison.mismatches == 1 and str(comparison.first).startswith(says)


def test_of_a_large_core_the_stored_weights_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    core = Core(4, 6, 2, learning=False, synapse_mask=False, normalisation=False,
                blocks=(Block(4, 2, 4, False), Block(2, 0, 0, False), Block(4, 4, 2, False)))  # fmt: skip
    assert Comparison(core).kind["weight"].shape == (60,)
    monkeypatch.setattr(registers, "_MANY", 0)
    comparison, state = Comparison(core), random_state(np.random.default_rng(0), core)
    assert comparison.kind["weight"].shape == (core.kept.sum(),) == (24,)
    fires = np.zeros(6, np.bool_)
    comparison.expect(state, 0, 0, fires)
    record = np.zeros(1, comparison.kind)
    for name in ("fields", "x", "random"):
        record[name] = comparison._expected[name]
    record["weight"] = state.weight[core.kept]
    comparison.take(0, record.tobytes(), 0)
    assert comparison.mismatches == 0
    record["weight"][0, 16 + 3] ^= 1  # of the third block's second source
    comparison.take(1, record.tobytes(), 0)
    assert str(comparison.first).startswith("weight source 7 neuron 5 after tick 1")


def test_of_a_core_of_entries_these_are_compared_and_their_tables() -> None:
    core = Core(4, 6, 2, learning=False, synapse_mask=False, normalisation=False, entries=12)
    rng = np.random.default_rng(0)
    state = random_state(rng, core)
    network = replace(random_network(rng, core), weight=state.weight)
    entries = entries_of(state.weight, 2)
    comparison = Comparison(core, entries=entries)
    assert comparison.kind["weight"].shape == (entries.weight.size,) and entries.weight.size < state.weight.size
    comparison.expect(state, 0, 0, np.zeros(6, np.bool_))
    record = comparison._expected.copy().reshape(1)
    comparison.take(0, record.tobytes(), 0)
    assert comparison.mismatches == 0
    (source, neuron), place = divmod(int(synapses(entries, 6)[-1, 1]), 6), entries.weight.size - 1
    record["weight"][0, place] ^= 1
    comparison.take(1, record.tobytes(), 0)
    assert str(comparison.first).startswith(f"weight source {source} neuron {neuron} after tick 1")
    read = np.zeros(1, comparison.readback)
    for name in ("fields", "x", "random", "weight"):
        read[name] = comparison._expected[name]
    for row, values in enumerate(parameters_of(network).values()):
        read["parameters"][0, row] = values
    read["tables"] = np.concatenate([entries.words, entries.first])
    comparison.take_readback(2, read.tobytes(), network)
    assert comparison.mismatches == 1
    read["tables"][0, 3] ^= 1
    comparison.take_readback(3, read.tobytes(), network)
    assert comparison.mismatches == 2


def test_the_first_difference_is_kept_and_all_are_counted() -> None:
    comparison, _, _, record = setting(some_core())
    record["fields"][0, 1, 1] ^= 4
    record["x"][0, :3] ^= 1
    comparison.take(1, record.tobytes(), 50)
    comparison.take(2, record.tobytes(), 50)
    assert comparison.mismatches == 8
    assert comparison.first is not None and (comparison.first.tick, comparison.first.register) == (1, "current")


def test_other_cycles_are_counted_and_are_no_mismatch() -> None:
    comparison, _, _, record = setting(some_core())
    for cycles, counted in ((50, True), (51, True), (49, False)):
        comparison.take(0, record.tobytes(), cycles, counted=counted)
    assert (comparison.late, comparison.mismatches, comparison.cycles) == (2, 0, 100)


@pytest.mark.parametrize(
    ("feature", "part", "place"),
    [
        ("learning", "x", (0,)),
        ("learning", "fields", (4, 0)),
        ("adaptation", "fields", (2, 0)),
        ("modulation", "fields", (6, 0)),
        ("counters", "saturations", ()),
    ],
)
def test_registers_that_a_core_is_built_without_mean_nothing(feature: str, part: str, place: tuple[int, ...]) -> None:
    for has in (True, False):
        core = some_core(**{feature: has})
        comparison, state = Comparison(core), random_state(np.random.default_rng(0), core)
        fires = np.zeros(core.neurons, np.bool_)
        record = record_of(comparison, state, fires)
        comparison.expect(state, 0, 0, fires)
        record[part][(0, *place)] += 1
        comparison.take(0, record.tobytes(), 0)
        assert comparison.mismatches == has
