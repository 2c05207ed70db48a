"""Rows of entries: a net to entries and back, how many there are, and the cores that have them."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from spiking.nets import random_network

from hwflow.errors import UserError
from hwflow.spiking.backend.bench import core_parameters
from hwflow.spiking.backend.schedule import tick_cycles
from hwflow.spiking.entries import (
    Entries,
    entries_of,
    entry_count,
    from_core,
    matrix_of,
    room_for,
    row_lengths,
    stored_weights,
    synapses,
)
from hwflow.spiking.fit import misfits, not_stored, pad, with_entries
from hwflow.spiking.network import Core, Neurons, SpikingNetwork

PLAIN: dict[str, Any] = {"learning": False, "synapse_mask": False, "normalisation": False}


@given(
    seed=st.integers(0, 1 << 32),
    sources=st.integers(1, 40),
    words=st.integers(1, 12),
    lanes=st.sampled_from([1, 2, 4, 8]),
    density=st.sampled_from([0.0, 0.02, 0.3, 1.0]),
)
def test_a_matrix_is_its_entries(seed: int, sources: int, words: int, lanes: int, density: float) -> None:
    rng = np.random.default_rng(seed)
    shape = (sources, words * lanes)
    weight = (rng.integers(-128, 128, shape) * (rng.random(shape) < density)).astype(np.int64)
    entries = entries_of(weight, lanes)
    assert np.array_equal(matrix_of(entries, shape[1]), weight)
    told = from_core(entries.first, entries.words, entries.weight)
    assert np.array_equal(matrix_of(told, shape[1]), weight)
    count = len(entries.target)
    assert entries.weight.shape == (count, lanes) and count == entry_count(weight, lanes)
    assert np.array_equal(weight.reshape(-1)[synapses(entries, shape[1])], entries.weight)
    lengths = row_lengths(weight, lanes)
    assert lengths.min() == 1 or weight.any(axis=1).all()
    for source, (first, length) in enumerate(zip(entries.first, lengths, strict=True)):
        row = np.s_[first : first + length]
        assert entries.last[row].tolist() == [False] * (length - 1) + [True]
        assert np.all(np.diff(entries.target[row]) > 0)  # no word is raised twice, one behind the other
        assert bool(weight[source].any()) == bool(entries.weight[row].any())
    # Neither is padding stored: entries of lanes that the net has not.
    cut = weight[:, : shape[1] - int(rng.integers(0, lanes))]
    if cut.size:
        held = np.zeros(shape, np.bool_)
        held[:, : cut.shape[1]] = True
        whole = np.where(held, weight, 0)
        assert entry_count(cut, lanes) == entry_count(whole, lanes)
        found = synapses(entries_of(whole, lanes), shape[1])[int(not whole.any(axis=1).all()) :]
        assert stored_weights(cut, lanes) == np.count_nonzero(held.reshape(-1)[found])


def test_sources_that_lead_nowhere_share_an_entry() -> None:
    weight = np.zeros((5, 4), np.int64)
    weight[1, 3], weight[4] = 7, 1
    entries = entries_of(weight, 2)
    assert entries.first.tolist() == [0, 1, 0, 0, 2] and entries.words.tolist() == [16384, 16385, 0, 16385]
    assert entries.weight.tolist() == [[0, 0], [0, 7], [1, 1], [1, 1]]
    assert entry_count(weight, 2) == 4 and entry_count(weight[[1, 4]], 2) == 3
    assert entry_count(weight[[1, 4]], 2, sources=3) == 4


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"last": np.zeros(3, np.bool_)}, "do not end"),
        ({"first": np.array([0, 3])}, "do not end"),
        ({"target": np.array([0, 2, 1])}, "beyond its neurons"),
        ({"first": np.zeros(2, np.int64), "last": np.array([False, False, True])}, "others share"),
    ],
)
def test_tables_that_no_net_has(change: dict[str, Any], says: str) -> None:
    right = Entries(np.array([0, 2]), np.array([0, 1, 1]), np.array([False, True, True]), np.ones((3, 2), np.int8))
    matrix_of(right, 4)
    with pytest.raises(ValueError, match=says):
        matrix_of(replace(right, **change), 4)


def test_there_is_some_room_and_not_more_than_there_can_be() -> None:
    assert room_for(1000, 4096, 4096, 8) == 1024 and room_for(1024, 4096, 4096, 8) == 1280
    assert room_for(10, 8, 12, 4) == 24
    core = with_entries(Core(16, 8, 8), 5)
    assert core == Core(16, 8, 8, **PLAIN, entries=24)
    assert core_parameters(core)["ENTRIES"] == 24 and core_parameters(core)["STORED"] == 3


@pytest.mark.parametrize(
    ("core", "says"),
    [
        ({"entries": 3}, "multiple of 2 and at most 16, not 3"),
        ({"entries": 26}, "at most 16, not 26"),
        ({"entries": -2}, "at most 16, not -2"),
        ({"entries": 8, "learning": True}, "neither learning nor blocks"),
    ],
)
def test_cores_that_there_are_not(core: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Core(4, 4, 2, **{**PLAIN, **core})


def test_a_core_without_entries_is_called_what_it_was() -> None:
    assert Core(8, 8, 2).digest == Core(8, 8, 2, entries=0).digest
    plain = Core(8, 8, 2, **PLAIN)
    assert len({plain.digest, replace(plain, entries=8).digest, replace(plain, entries=10).digest}) == 3
    assert "ENTRIES" not in core_parameters(plain)


def test_a_net_fits_as_far_as_there_is_room() -> None:
    rng = np.random.default_rng(0)
    core = Core(20, 12, 4, **PLAIN, entries=40)
    network = random_network(rng, core, extreme=False)
    assert not misfits(network, core)
    dense = replace(network, weight=np.ones_like(network.weight))
    assert misfits(dense, core) == ("96 entries of 40",)
    with pytest.raises(UserError, match="needs 96 entries of 40; compile it for a core of its own"):
        pad(dense, core)
    assert misfits(dense, replace(core, entries=96)) == ()
    kept = network.weight.reshape(-1, 4).any(axis=1).sum() * 4
    assert not_stored(network, core) == network.weight.size - kept


def test_a_net_that_learns_does_not_fit() -> None:
    network = random_network(np.random.default_rng(1), Core(8, 8, 2, stochastic=True), extreme=False)
    assert network.needs
    assert any("which it is built without" in phrase for phrase in misfits(network, Core(8, 8, 2, **PLAIN, entries=64)))


def test_a_tick_takes_as_long_as_its_rows() -> None:
    core = Core(2312, 8976, 8, **PLAIN, entries=4096)
    cycles = tick_cycles(core)
    assert cycles.of(0, 0, False) == 4488 + 13
    assert cycles.of(10, 3, False, entries=400) == 4488 + 13 + 20 + 3 + 400
    assert cycles.rest == 4488 + 1411 + 10
    matrix = tick_cycles(replace(core, entries=0))
    assert matrix.of(10, 3, False, entries=400) == 4488 + 13 + 10 * 1124 + 3


def test_a_neuron_word_is_one_neuron_with_one_lane() -> None:
    weight = np.zeros((3, 2), np.int64)
    weight[0, 1], weight[2, 0] = -5, 9
    network = SpikingNetwork("few", weight, Neurons.of(2, threshold=3), np.zeros((3, 2), np.bool_))
    entries = entries_of(pad(network, Core(1, 2, 1, **PLAIN, entries=3)).weight, 1)
    assert entries.target.tolist() == [0, 1, 0] and entries.weight.reshape(-1).tolist() == [0, -5, 9]
