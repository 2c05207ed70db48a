"""Presentations on a spiking board: the counts are the golden model's, in cores that count and in those that do not."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from spiking.host.device import SpikingDevice
from spiking.host.test_board import assert_equal, board_of, lively
from spiking.nets import random_network, random_spikes

from hwflow.errors import ToolError, UserError
from hwflow.spiking.host.golden import GoldenModel
from hwflow.spiking.host.target import SpikingTarget
from hwflow.spiking.learning import Learning
from hwflow.spiking.network import Core, Start
from hwflow.spiking.reference import State

CORE = Core(8, 8, 2)
COUNTING = replace(CORE, counting=True)


def shown(count: int, ticks: int, seed: int = 1) -> np.ndarray:
    return random_spikes(np.random.default_rng(seed), count * ticks, 8).reshape(count, ticks, 8)


@pytest.mark.parametrize("told", [0, 3, 8])
@pytest.mark.parametrize("core", [CORE, COUNTING], ids=["spikes", "counts"])
def test_counts_come_over_the_wire_if_the_core_has_them(core: Core, told: int) -> None:
    board, device, _ = board_of(core)
    stimuli = shown(40, 30)
    for target in (board, GoldenModel(core)):
        target.load(replace(lively(), told=told))
        counts = target.present(stimuli)
        assert counts.dtype == np.int64 and np.array_equal(counts, stimuli.sum(axis=1) * (np.arange(8) >= told))
    words = 40 * -(-(8 - told) // 2) if core.counting else int(stimuli[:, :, told:].sum())
    assert device.fetched == words


def test_spikes_come_as_before_once_counts_are_not_asked_for() -> None:
    board, device, _ = board_of(COUNTING)
    board.load(lively())
    stimuli = shown(3, 20)
    for _ in range(2):  # what a broken run has left of counts does not come back
        device.counts[:] = 7
        assert np.array_equal(board.present(stimuli), stimuli.sum(axis=1))
        assert np.array_equal(board.run(stimuli[0]), stimuli[0])


@pytest.mark.parametrize("counting", [False, True])
def test_a_net_smaller_than_its_core(counting: bool) -> None:
    rng, core = np.random.default_rng(3), Core(12, 16, 4, counting=counting)
    network = random_network(rng, replace(core, axons=5, neurons=9, lanes=1), extreme=False)
    network = replace(network, learning=replace(network.learning, weight_min=-128, weight_max=127), told=2)
    stimuli = random_spikes(rng, 80, 5).reshape(8, 10, 5)
    board, _, _ = board_of(core)
    targets: list[SpikingTarget] = [board, GoldenModel(core)]
    found, states = list[Any](), list[State]()
    for target in targets:
        target.load(network)
        found.append(target.present(stimuli, learn=np.arange(8) % 2 == 0))
        states.append(target.state())
    assert np.array_equal(*found) and found[0].sum() > 0 and not found[0][:, :2].any()
    assert_equal(*states)


@pytest.mark.parametrize("counting", [False, True])
def test_many_presentations_are_under_way_with_nothing_written_between_them(counting: bool) -> None:
    board, _, link = board_of(replace(CORE, counting=counting))
    board.load(lively())
    before = link.counters.requests
    board.present(shown(60, 4), learn=np.arange(60) % 3 == 0)
    assert link.counters.requests - before < 3 + 60 * 4 * 4 // 50


@pytest.mark.parametrize("count", [0, 1, 5])
@pytest.mark.parametrize("ticks", [0, 3])
def test_none_and_empty_ones_count_nothing(count: int, ticks: int) -> None:
    for core in (CORE, COUNTING):
        board, _, _ = board_of(core)
        board.load(lively())
        assert np.array_equal(board.present(np.zeros((count, ticks, 8), np.bool_)), np.zeros((count, 8)))


def test_they_begin_at_the_nets_start_though_the_core_rests_elsewhere() -> None:
    """A membrane just below the threshold: the first spike of a presentation is that of any tick's noise."""
    start = Start(np.full(8, 45), np.zeros(8, np.int64), np.zeros(8, np.int64))
    neurons = replace(lively().neurons, leak=np.zeros(8, np.int64), bias=np.full(8, 3), reset=np.full(8, -100))
    network = replace(lively(), neurons=neurons, start=start)
    for core in (CORE, COUNTING):
        board, _, _ = board_of(core)
        for target in (board, GoldenModel(core)):
            target.load(network)
            told: list[tuple[int, int]] = []
            counts = target.present(np.zeros((4, 5, 8)), progress=lambda *done, told=told: told.append(done))
            assert np.array_equal(counts, np.ones((4, 8))) and told[-1] == (4, 4)
            target.rest()
            assert target.state().membrane.tolist() == [45] * 8


def test_without_rest_each_goes_on_where_the_one_before_ended() -> None:
    neurons = replace(lively().neurons, leak=np.zeros(8, np.int64), bias=np.full(8, 10), reset=np.zeros(8, np.int64))
    for core in (CORE, COUNTING):
        board, _, _ = board_of(core)
        for target in (board, GoldenModel(core)):
            target.load(replace(lively(), neurons=neurons))
            for rest, counts in ((False, [0, 1, 0, 1]), (True, [0, 0, 0, 0]), (False, [0, 1, 0, 1])):
                target.rest()
                assert target.present(np.zeros((4, 3, 8)), rest=rest)[:, 0].tolist() == counts


def test_rest_is_one_order_and_leaves_what_was_learnt() -> None:
    core = Core(64, 64, 4)
    board, device, link = board_of(core)
    network = random_network(np.random.default_rng(5), core, extreme=False)
    board.load(replace(network, start=None, modulation=None))
    board.run(random_spikes(np.random.default_rng(6), 30, 64), learn=True)
    before, requests = board.state(), link.counters.requests
    board.rest()
    assert link.counters.requests - requests == 2  # where the device is, and the order
    after = board.state()
    for name, value in vars(before).items():
        rests = name in {"membrane", "current", "refractory", "fired", "y", "x", "factor"}
        assert np.array_equal(getattr(after, name), np.zeros_like(value) if rests else value), name
    assert before.membrane.any() and before.x.any() and device.settings[0] == 30


def test_what_does_not_fit_is_refused_before_anything_runs() -> None:
    board, device, _ = board_of(CORE)
    for target in (board, GoldenModel(CORE)):
        target.load(replace(lively(), learning=Learning()))
        with pytest.raises(
            UserError, match=r"lively takes presentations \[n, ticks, 8\], not an array of shape \(3, 8\)"
        ):
            target.present(np.zeros((3, 8)))
    assert device.position == 0


def test_progress_is_told_in_presentations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hwflow.spiking.host.board._STRETCH", 50)
    for core in (CORE, COUNTING):
        board, _, _ = board_of(core)
        board.load(lively())
        told: list[tuple[int, int]] = []
        stimuli = shown(33, 12)
        counts = board.present(stimuli, progress=lambda *done, told=told: told.append(done))
        assert np.array_equal(counts, stimuli.sum(axis=1))
        assert told[-1] == (33, 33) and [done for done, _ in told] == sorted(done for done, _ in told)


def test_a_board_that_gives_other_counts_than_are_due_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    board, _, _ = board_of(COUNTING)
    board.load(lively())
    obey = SpikingDevice._obey

    def slips(self: SpikingDevice, order: int) -> None:
        obey(self, order)
        if order & 2:
            self.spikes.pop()

    monkeypatch.setattr(SpikingDevice, "_obey", slips)
    with pytest.raises(ToolError, match="gave 18 counts where 24 were due; load the net again"):
        board.present(shown(3, 4))
