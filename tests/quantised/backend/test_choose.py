"""Choosing a folding: the goal is met, the budget kept, and nothing is spent that saves no cycle."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from quantised.networks import random_network

from hwflow.quantised.backend.choose import choose_folding, fits
from hwflow.quantised.backend.estimate import BLOCK_RAM, estimate
from hwflow.quantised.backend.folding import checked, cycles, dense_layers, smallest
from hwflow.quantised.backend.units import units_of
from hwflow.quantised.network import Network
from hwflow.resources import Resources


def slowest(network: Network, folding: object) -> int:
    return max(cycles(layer, folding.of(name)) for name, layer in dense_layers(network).items())  # type: ignore[attr-defined]


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6), st.integers(1, 400))
def test_without_a_budget_the_goal_is_met(seed: int, goal: int) -> None:
    network = random_network(np.random.default_rng(seed))
    folding = checked(choose_folding(network, "ecp5", None, goal), network, "chosen")
    assert slowest(network, folding) <= goal


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6), st.integers(1200, 8000), st.integers(4, 40))
def test_the_budget_is_kept_unless_nothing_is_smaller(seed: int, luts: int, brams: int) -> None:
    network = random_network(np.random.default_rng(seed))
    budget = Resources(luts, luts, brams)
    folding = choose_folding(network, "ice40", budget, 1)
    assert fits(network, "ice40", folding, budget) or folding == smallest(network)


def test_more_hardware_is_estimated_larger() -> None:
    network = random_network(np.random.default_rng(5), bits=2)
    serial = estimate(units_of(network, smallest(network)), "ecp5")
    parallel = estimate(units_of(network, choose_folding(network, "ecp5", None, 1)), "ecp5")
    assert parallel.luts > serial.luts and parallel.ffs > serial.ffs


@pytest.mark.parametrize(
    ("family", "depth", "width", "blocks"),
    [("ice40", 256, 16, 1), ("ice40", 257, 16, 2), ("ice40", 64, 128, 8), ("ice40", 4096, 1, 1), ("ecp5", 512, 36, 1)],
)
def test_blocks_of_a_memory(family: str, depth: int, width: int, blocks: int) -> None:
    assert BLOCK_RAM[family].blocks(depth, width) == blocks
