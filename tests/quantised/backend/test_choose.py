"""Choosing a folding: the choice is the best of all, by trying all; the goal is met, the budget kept."""

import itertools
import time
from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from quantised.networks import random_graph, random_network

from hwflow.ints import IntType
from hwflow.quantised.backend.choose import Choice, Space, within
from hwflow.quantised.backend.estimate import estimate
from hwflow.quantised.backend.folding import Folding, checked, cycles, dense_layers, smallest
from hwflow.quantised.backend.schedule import predict
from hwflow.quantised.backend.units import units_of
from hwflow.quantised.network import INPUT, Dense, Network, Node, Threshold
from hwflow.resources import Resources


def slowest(network: Network, folding: Folding) -> int:
    return max(cycles(layer, folding.of(name)) for name, layer in dense_layers(network).items())


def every_folding(space: Space) -> list[Folding]:
    """All of a space, one by one."""
    layers = [[(option.unit.name, option.fold) for option in layer] for layer in space.layers]
    return [Folding(dict(folds)) for folds in itertools.product(*layers)]


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10**6), st.sampled_from(["ice40", "ecp5", "xilinx"]), st.data())
def test_the_choice_is_the_best_of_all(seed: int, family: str, data: st.DataObject) -> None:
    network = random_network(np.random.default_rng(seed), largest=6)
    space = Space(network, family)
    every = every_folding(space)
    foldings = every[:: max(1, len(every) // 200)]
    needs = [(slowest(network, folding), estimate(units_of(network, folding), family)) for folding in foldings]
    # Budgets about what one of them takes, so that any of the three limits may bind.
    like = data.draw(st.sampled_from(needs))[1]
    slack = [data.draw(st.integers(-3, 40)) for _ in range(2)]
    budget = Resources(like.luts + slack[0], like.ffs + slack[1], like.brams + data.draw(st.integers(0, 1)))
    goal = data.draw(st.sampled_from([1, 2, 7, 30]))
    possible = [(max(interval, goal), need.luts) for interval, need in needs if within(need, budget)]
    choice = space.fastest(budget, goal)
    if choice is None:
        assert not possible
        return
    assert within(choice.need, budget) and choice.need == estimate(units_of(network, choice.folding), family)
    assert choice.interval == slowest(network, choice.folding)
    if possible:
        best = min(possible)
        assert (max(choice.interval, goal), choice.need.luts) <= best
    if len(foldings) == len(every):
        assert (max(choice.interval, goal), choice.need.luts) == min(possible)


@settings(deadline=None, max_examples=25)
@given(
    st.integers(0, 10**6), st.sampled_from(["ice40", "ecp5"]), st.sampled_from(["luts", "ffs", "latency"]), st.data()
)
def test_the_choice_of_a_latency_is_the_best_of_all(seed: int, family: str, of: str, data: st.DataObject) -> None:
    network = random_network(np.random.default_rng(seed), largest=5)
    space = Space(network, family)
    foldings = every_folding(space)
    if len(foldings) > 300:
        return
    made = [units_of(network, folding) for folding in foldings]
    needs = [
        (estimate(units, family), predict(units).latency, slowest(network, f))
        for f, units in zip(foldings, made, strict=True)
    ]
    like, late, _ = data.draw(st.sampled_from(needs))
    budget = Resources(
        like.luts + data.draw(st.integers(-3, 40)), like.ffs + data.draw(st.integers(-3, 40)), like.brams
    )
    interval = data.draw(st.sampled_from([7, 30, 10**9]))
    possible = [
        delay if of == "latency" else getattr(need, of)
        for need, delay, cycles in needs
        if within(need, budget) and delay <= late and cycles <= interval
    ]
    choice = space.cheapest(interval, budget, late, of)
    assert (choice is None) == (not possible)
    if choice is not None:
        reached = space.latency(choice)
        assert within(choice.need, budget) and reached <= late
        assert (reached if of == "latency" else getattr(choice.need, of)) == min(possible)


def test_the_choice_of_large_rams_is_the_best_of_all() -> None:
    """Where block RAMs are too few: of all foldings with weights in one or two large RAMs."""
    rng, kind = np.random.default_rng(2), IntType(8, True)
    first, second = (Dense(rng.integers(-128, 128, shape), kind) for shape in ((16, 64), (4, 16)))
    nodes = (Node("a", first, (INPUT,)), Node("b", second, ("a",)))
    network = Network("net", 64, IntType(2, True), nodes)
    plain, space = Space(network, "ice40"), Space(network, "ice40", large=True)
    needs = [
        (slowest(network, folding), estimate(units_of(network, folding), "ice40")) for folding in every_folding(space)
    ]
    for large in (1, 2):
        like = min((need for _, need in needs if need.large_rams == large), key=lambda need: (need.brams, need.luts))
        budget = Resources(like.luts + 20, 10**6, like.brams, large)
        assert plain.fastest(budget) is None
        choice = space.fastest(budget)
        assert choice is not None and within(choice.need, budget) and choice.need.large_rams > 0
        assert (choice.interval, choice.need.luts) == min((i, n.luts) for i, n in needs if within(n, budget))


def chosen(network: Network, family: str, goal: int = 1) -> Choice:
    choice = Space(network, family).fastest(None, goal)
    assert choice is not None
    return choice


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 10**6), st.integers(1, 400))
def test_without_a_budget_the_goal_is_met(seed: int, goal: int) -> None:
    network = random_network(np.random.default_rng(seed))
    folding = checked(chosen(network, "ecp5", goal).folding, network, "chosen")
    assert slowest(network, folding) <= goal


@settings(deadline=None, max_examples=10)
@given(st.integers(0, 10**6), st.integers(2, 10))
def test_a_net_with_branches_stays_within_its_budget(seed: int, share: int) -> None:
    network = random_graph(np.random.default_rng(seed), largest=8)
    if not dense_layers(network):
        return
    space = Space(network, "ecp5")
    fast, least = space.fastest(None), space.cheapest(space.intervals[-1], None)
    assert fast is not None and least is not None
    budget = Resources(least.need.luts + max(0, fast.need.luts - least.need.luts) // share, 10**6, 10**6)
    choice = space.fastest(budget)
    assert choice is None or (within(choice.need, budget) and choice.interval >= fast.interval)
    assert choice is None or choice.need == estimate(units_of(network, choice.folding), "ecp5")


def deep(layers: int, width: int) -> Network:
    """Ternary layers of one width, one behind another, with activations of two bits."""
    rng, ternary, two = np.random.default_rng(0), IntType(2, True), IntType(2, False)
    nodes, before = [], INPUT
    for i in range(layers):
        dense = Dense(rng.integers(-1, 2, (width, width)), ternary)
        levels = np.sort(rng.integers(-20, 20, (width, 3)), axis=1)
        nodes.append(Node(f"dense{i}", dense, (before,)))
        nodes.append(Node(f"t{i}", Threshold(levels, np.zeros(width, np.bool_), 0, two), (f"dense{i}",)))
        before = f"t{i}"
    return Network("deep", width, two, tuple(nodes))


def at_best(choose: Callable[[], Choice | None]) -> tuple[Choice | None, float]:
    """What is chosen, and the least seconds of this process in three goes: what else the machine does only adds to them."""
    seconds = []
    for _ in range(3):
        start = time.process_time()
        choice = choose()
        seconds.append(time.process_time() - start)
    return choice, min(seconds)


@pytest.mark.slow
def test_twenty_layers_are_chosen_at_once() -> None:
    space = Space(deep(20, 64), "ecp5")
    fast, least = space.cheapest(1, None), space.cheapest(space.intervals[-1], None)
    assert fast is not None and least is not None
    for share in (2, 4, 8):
        most = least.need.luts + (fast.need.luts - least.need.luts) // share
        budget = Resources(most, least.need.ffs + (fast.need.ffs - least.need.ffs) // share, 200)
        choice, seconds = at_best(partial(space.fastest, budget))
        assert choice is not None and within(choice.need, budget) and seconds < 1
        late = space.latency(choice)
        sooner, seconds = at_best(partial(space.fastest, budget, latency=late * 9 // 10))
        assert sooner is not None and within(sooner.need, budget) and space.latency(sooner) <= late * 9 // 10
        assert seconds < 1


def test_more_hardware_is_estimated_larger() -> None:
    network = random_network(np.random.default_rng(5), bits=2)
    serial = estimate(units_of(network, smallest(network)), "ecp5")
    parallel = chosen(network, "ecp5").need
    assert parallel.luts > serial.luts and parallel.ffs > serial.ffs


def test_a_fold_that_was_measured_counts_by_its_measure() -> None:
    network = random_network(np.random.default_rng(5), bits=2)
    name = next(iter(dense_layers(network)))
    fold = Space(network, "ecp5").cheapest(10**9, None)
    assert fold is not None
    dear = Resources(10**6, 10**6, 0)
    space = Space(network, "ecp5", {(name, fold.folding.of(name)): dear})
    other = space.cheapest(10**9, None)
    assert other is not None and other.folding.of(name) != fold.folding.of(name)
    assert estimate(units_of(network, fold.folding), "ecp5", {(name, fold.folding.of(name)): dear}).luts > dear.luts
    assert other.need.luts < dear.luts


def test_a_layer_is_hardwired_where_that_takes_least() -> None:
    layers = [option for layer in Space(deep(2, 6), "ecp5").layers for option in layer if option.unit.cycles == 1]
    assert {option.unit.implementation for option in layers} == {"unrolled", "hardwired"}
    fast = chosen(deep(2, 6), "ecp5").folding
    assert [fold.levels for fold in fast.folds.values()] == [3, 3]
    assert [fold.levels for fold in chosen(deep(1, 32), "ecp5", 10**6).folding.folds.values()] == [None]
