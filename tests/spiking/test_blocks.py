"""Blocks of synapses: what of a net they hold, and what that saves."""

from dataclasses import replace

import numpy as np
import pytest

from hwflow.apps.digits_on_chip.race import Race
from hwflow.apps.taught.teaching import Teaching
from hwflow.errors import UserError
from hwflow.spiking.backend.bench import core_parameters
from hwflow.spiking.blocks import Block, blocks_of, constant, fan_in, kept, may_change, rows, stored, stretches
from hwflow.spiking.fit import blocks_for, core_for, misfits, pad, with_blocks
from hwflow.spiking.network import Core, SpikingNetwork

LAYERS = (Block(4, 0, 4, True), Block(2, 0, 0, False), Block(6, 2, 4, False))


def taught(hidden: int) -> SpikingNetwork:
    """16 pixels, a hidden layer and ten outputs, and modulators."""
    images = np.random.default_rng(0).integers(0, 16, (20, 16)).astype(np.uint8)
    return Teaching(hidden=hidden).network(images, 15, 10, 0)


def fewer_of(network: SpikingNetwork, core: Core) -> Core:
    fewer = with_blocks(core, *blocks_for(network, core.axons, core.neurons, core.lanes))
    assert fewer is not None and not misfits(network, fewer)
    return fewer


def test_what_there_is_follows_from_the_blocks() -> None:
    exists, changes = kept(LAYERS, 12, 6), may_change(LAYERS, 12, 6)
    assert exists[:4].tolist() == [[True] * 4 + [False] * 2] * 4 and not exists[4:6].any()
    assert exists[6:].tolist() == [[False] * 2 + [True] * 4] * 6
    assert changes[:4].tolist() == exists[:4].tolist() and not changes[4:].any()
    assert stored(LAYERS, 12, 6) == exists.sum() == 40
    assert kept((), 2, 3).all() and may_change((), 2, 3).all() and stored((), 2, 3) == 6


def test_stretches_are_what_is_stored() -> None:
    blocks = (*LAYERS, Block(2, 0, 6, False, -3))
    flat = np.zeros(14 * 6, np.bool_)
    for begin, end in stretches(blocks, 14, 6):
        assert not flat[begin:end].any()
        flat[begin:end] = True
    assert np.array_equal(flat.reshape(14, 6), kept(blocks, 14, 6))
    assert stretches(LAYERS, 12, 6, 2) == [(0, 22), (38, 72)] and stretches(LAYERS, 12, 6, 16) == [(0, 72)]
    assert stretches((), 12, 6) == [(0, 72)] and stretches((Block(3, 0, 0, False),), 3, 2) == []


@pytest.mark.parametrize("lanes", [1, 2])
def test_every_synapse_has_a_place_of_its_own(lanes: int) -> None:
    j, i = kept(LAYERS, 12, 6).nonzero()
    word = rows(LAYERS, 12, 6, lanes)[j] + i // lanes
    places = {(int(a), int(b)) for a, b in zip(word * lanes + j % lanes, i % lanes, strict=True)}
    assert len(places) == 40 and {a for a, _ in places} == set(range(40 // lanes))


@pytest.mark.parametrize("lanes", [1, 2, 8])
def test_no_more_is_stored_than_there_is(lanes: int) -> None:
    network = taught(64)
    core = fewer_of(network, core_for(network, lanes))
    j, i = core.kept.nonzero()
    words = rows(core.blocks, core.sources, core.neurons, lanes)[j] + i // lanes
    assert core_parameters(core)["STORED"] == words.max() + 1


def test_the_fan_in_is_of_the_neuron_that_most_lead_to() -> None:
    assert fan_in(LAYERS, 12, 6) == kept(LAYERS, 12, 6).sum(axis=0).max()
    assert fan_in((), 12, 6) == 12 and fan_in((Block(3, 0, 0, False),), 3, 2) == 1


def test_blocks_hold_what_is_used_and_little_else() -> None:
    network = taught(64)
    blocks = blocks_of(network.weight, network.can_change, np.ones(network.weight.shape, np.bool_), 1)
    exists = kept(blocks, *network.weight.shape)
    used = (network.weight != 0) | network.can_change
    assert not np.any(used & ~exists)
    assert len(blocks) <= 8 and used.sum() <= exists.sum() < 1.2 * used.sum() < 0.7 * used.size


def test_a_net_of_which_everything_is_used_has_none() -> None:
    plastic, own = np.zeros((12, 8), np.bool_), np.ones((12, 8), np.bool_)
    assert blocks_of(np.ones((12, 8), np.int64), plastic, own, 4) == ()
    assert blocks_of(np.zeros((12, 8), np.int64), plastic, own, 4) == (Block(12, 0, 0, False),)


def test_many_ranges_become_eight_blocks_that_hold_all_of_them() -> None:
    """Those of sources like each other come together first, as those of an image's rows."""
    scattered = np.random.default_rng(1).random((300, 100)) < 0.01
    blocks = blocks_of(scattered.astype(np.int64), scattered, np.ones_like(scattered), 1)
    assert len(blocks) == 8 and kept(blocks, 300, 100)[scattered].all()
    band = np.abs(np.arange(400)[:, None] - np.arange(400)) <= 3
    of_band = blocks_of(band.astype(np.int64), np.zeros_like(band), np.ones_like(band), 2)
    assert len(of_band) == 8 and kept(of_band, 400, 400)[band].all()
    assert stored(of_band, 400, 400) < 0.2 * 400 * 400


@pytest.mark.parametrize("lanes", [1, 8])
def test_a_layered_net_needs_no_mask_in_blocks(lanes: int) -> None:
    network = taught(64)
    core = core_for(network, lanes)
    fewer = fewer_of(network, core)
    assert core.synapse_mask and not fewer.synapse_mask
    assert replace(fewer, blocks=(), synapse_mask=True) == core
    assert stored(fewer.blocks, fewer.sources, fewer.neurons) < 0.7 * core.sources * core.neurons
    padded = pad(network, fewer)
    assert not np.any(padded.weight[~fewer.kept])
    own = np.r_[: network.axons, fewer.axons : fewer.axons + network.size]
    assert np.array_equal(padded.can_change[own, : network.size], network.can_change)


def test_a_mask_stays_where_blocks_do_not_tell_what_may_change() -> None:
    network = taught(64)
    some = network.plastic.copy()
    some[0, :32] = False
    network = replace(network, plastic=some)
    core = fewer_of(network, core_for(network))
    assert core.synapse_mask
    assert with_blocks(replace(core, blocks=(), synapse_mask=False), core.blocks, True) is None
    bare = fewer_of(taught(64), core_for(network))
    with pytest.raises(UserError, match="needs other plastic synapses than its blocks have"):
        pad(network, bare)


def test_a_synapse_outside_the_blocks_is_refused() -> None:
    network = taught(64)
    core = fewer_of(network, core_for(network))
    weight = network.weight.copy()
    weight[0, 64:66] = 1
    with pytest.raises(UserError, match="does not fit the core: it needs 2 synapses outside the blocks"):
        pad(replace(network, weight=weight), core)


@pytest.mark.parametrize(
    ("blocks", "says"),
    [
        ((Block(3, 0, 4, True), Block(5, 0, 4, True)), "whole words of 4"),
        ((Block(8, 4, 4, True),), "at most 8 blocks, each onto some of 4 neurons"),
        ((Block(4, 0, 4, True),), "have the 8 sources between them"),
        ((Block(0, 0, 4, True), Block(8, 0, 4, True)), "whole words of 4"),
        ((*[Block(4, 0, 4, True)] * 9,), "at most 8 blocks"),
        ((Block(8, 0, 4, True, -1),), "a level is a weight below zero, of INT8, and does not change"),
        ((Block(8, 0, 4, False, 1),), "a level is a weight below zero"),
        ((Block(8, 0, 4, False, -129),), "a level is a weight below zero"),
    ],
)
def test_blocks_that_are_not_legal(blocks: tuple[Block, ...], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Core(4, 4, 4, blocks=blocks)


def test_a_core_without_blocks_is_called_what_it_was() -> None:
    assert Core(8, 8, 2).digest == Core(8, 8, 2, blocks=()).digest
    assert Core(8, 8, 2).digest != Core(8, 8, 2, blocks=(Block(16, 0, 4, True),)).digest


RACE = Race(neurons=40).network(16, 0)


@pytest.mark.parametrize(("lanes", "most"), [(1, 18 * 40), (2, 18 * 40), (8, 24 * 40)])
def test_competition_takes_no_memory(lanes: int, most: int) -> None:
    """All to all but oneself, at one weight: only the pixels', and what shares a word with them, are stored."""
    core = fewer_of(RACE, core_for(RACE, lanes))
    assert core.blocks[-1].level == -128 and core.blocks[-1].sources >= 40
    assert stored(core.blocks, core.sources, core.neurons) <= most
    assert np.array_equal(core.constant[~core.kept], pad(RACE, core).weight[~core.kept])


@pytest.mark.parametrize("neurons", [33, 39])
def test_padding_may_have_any_weight(neurons: int) -> None:
    network = Race(neurons=neurons).network(16, 0)
    core = fewer_of(network, core_for(network, 8))
    padded = pad(network, core)
    assert core.neurons == 40 and core.blocks[-1] == Block(40, 0, 40, False, -128)
    assert padded.weight[-1, :-1].tolist() == [-128] * 39 and padded.weight[-1, -1] == 0
    assert np.array_equal(padded.weight[core.axons : core.axons + neurons, :neurons], network.weight[21:])


def test_the_levels_are_of_the_net() -> None:
    """Of a range that is not that of the sources, of two levels, and where a neuron holds itself back, or one is not like others."""
    weight = np.zeros((140, 100), np.int64)
    weight[:40, :] = np.arange(100) + 1
    weight[40:90, 60:100] = -7
    weight[90:140, 10:40] = -9
    plastic, own = np.zeros(weight.shape, np.bool_), np.ones(weight.shape, np.bool_)
    blocks = blocks_of(weight, plastic, own, 1)
    assert blocks == (Block(40, 0, 100, False), Block(50, 60, 40, False, -7), Block(50, 10, 30, False, -9))
    assert np.array_equal(constant(blocks, *weight.shape)[40:], weight[40:])
    for change in (np.s_[50, 70], np.s_[110, 12]):
        other = weight.copy()
        other[change] += 1
        levels = blocks_of(other, plastic, own, 1)
        assert np.array_equal(
            constant(levels, *weight.shape)[~kept(levels, *weight.shape)], other[~kept(levels, *weight.shape)]
        )
        assert any(block.level for block in levels)
    itself = np.where(weight, 0, -7)
    itself[40:] = -7
    assert not constant(blocks_of(itself, plastic, own, 1), *weight.shape)[40:].any()
    some = plastic.copy()
    some[60, 80] = True
    assert not (constant(blocks_of(weight, some, own, 1), *weight.shape)[60]).any()


def test_a_memory_has_a_word() -> None:
    core = Core(4, 4, 4, synapse_mask=False, blocks=(Block(8, 0, 4, False, -1),))
    assert core_parameters(core)["STORED"] == 1


def test_a_few_weights_are_stored() -> None:
    weight = np.zeros((60, 60), np.int64)
    weight[:30, :30] = -1
    np.fill_diagonal(weight, 0)
    blocks = blocks_of(weight, np.zeros(weight.shape, np.bool_), np.ones(weight.shape, np.bool_), 1)
    assert [block.level for block in blocks] == [0] * len(blocks)


def test_another_level_is_refused() -> None:
    core = fewer_of(RACE, core_for(RACE))
    weight = RACE.weight.copy()
    weight[-1, :2] = -100
    with pytest.raises(
        UserError, match="does not fit the core: it needs 2 weights that are not the one of their block"
    ):
        pad(replace(RACE, weight=weight), core)


def test_a_core_with_blocks_without_levels_is_called_what_it_was() -> None:
    """As its bitstream says it."""
    blocks = (Block(8, 0, 4, True), Block(4, 0, 0, False))
    assert Core(8, 4, 4, blocks=blocks).digest == "5fe986a111a0bf3e599d8d68857c2d6316bd29c3d70e26b3e5469fe5021a9b90"
    assert (
        Core(8, 4, 4, blocks=(Block(8, 0, 4, False, -2), blocks[1])).digest
        != Core(8, 4, 4, blocks=(Block(8, 0, 4, False), blocks[1])).digest
    )
