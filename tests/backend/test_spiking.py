"""Spiking nets to projects: the core that a board gets, what is refused, and what does not fit."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hwflow.backend.design import SpikingDesign, read_design
from hwflow.backend.spiking import SpikingOptions, choose_core, compile_spiking
from hwflow.backend.spiking_schedule import tick_cycles
from hwflow.board import find_board
from hwflow.errors import UserError
from hwflow.project import Project
from hwflow.spiking import Core, Learning, Neurons, SpikingNetwork


def network_of(axons: int, neurons: int, **rule: int) -> SpikingNetwork:
    shape = (axons + neurons, neurons)
    learning = Learning(**rule)
    return SpikingNetwork(
        f"{axons}x{neurons}",
        np.ones(shape, np.int64),
        Neurons.of(neurons, threshold=100),
        np.ones(shape, np.bool_),
        learning=learning,
    )


def test_a_project_holds_everything_and_is_the_same_each_time(tmp_path: Path) -> None:
    network, board = network_of(10, 6, potentiation=1), find_board("sim")
    project = compile_spiking(network, board)
    assert project.digest == compile_spiking(network, board).digest
    project.save(tmp_path)
    assert Project.load(tmp_path).digest == project.digest
    design = read_design(tmp_path)
    assert isinstance(design, SpikingDesign)
    assert (design.axons, design.neurons, design.core) == (10, 6, Core(16, 8, 8))
    assert design.cycles == tick_cycles(design.core) and design.left_out == () and design.log == 128
    assert SpikingNetwork.from_folder(tmp_path).digest == network.digest
    top = project.files["rtl/hwf_top.sv"].decode()
    for wanted in (
        ".KIND(2)",
        f"128'h{design.core.digest[:32]}",
        ".INPUTS(16)",
        ".OUTPUTS(8)",
        ".LOG(128)",
        ".LANES(8)",
    ):
        assert wanted in top


def test_the_digest_of_a_board_is_that_of_the_core_and_not_of_the_net() -> None:
    board = find_board("sim")
    first, second = network_of(16, 8), network_of(16, 8, potentiation=9)
    assert (
        compile_spiking(first, board).files["rtl/hwf_top.sv"] == compile_spiking(second, board).files["rtl/hwf_top.sv"]
    )


def test_options_say_what_is_built() -> None:
    options = SpikingOptions(axons=63, neurons=32, lanes=2, state_bits=20, trace_bits=10, without=("counters",))
    core = choose_core(network_of(10, 6), find_board("sim"), options)
    assert core == Core(64, 32, 2, 8, 20, 10, counters=False)
    project = compile_spiking(network_of(10, 6), find_board("sim"), replace(options, baud=1_000_000))
    assert b'"baud": 1000000' in project.files["design.json"]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (SpikingOptions(axons=4), "has 10 axons and a core at most 4,096, so a core of 4 cannot"),
        (SpikingOptions(neurons=5000), "core of 5,000"),
        (SpikingOptions(lanes=3), "power of two"),
        (SpikingOptions(state_bits=30), "8 to 24 bits, not 30"),
        (SpikingOptions(without=("leak",)), "no feature 'leak'; it has learning"),
        (SpikingOptions(without=("learning",)), "needs learning; do not leave it out"),
        (SpikingOptions(baud=11_000_000), "11000000 baud cannot be made"),
    ],
)
def test_options_that_are_not_legal(options: SpikingOptions, says: str) -> None:
    with pytest.raises(UserError, match=says):
        compile_spiking(network_of(10, 6, potentiation=1), find_board("icebreaker"), options)


def test_a_net_larger_than_any_core() -> None:
    with pytest.raises(UserError, match="5,000 axons and a core at most 4,096"):
        compile_spiking(network_of(5000, 1), find_board("sim"))
