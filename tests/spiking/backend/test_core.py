"""Spiking nets to projects: the core that a board gets, what is refused, and what does not fit."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hwflow.apps.digits_on_chip.race import Race
from hwflow.apps.taught.teaching import Teaching
from hwflow.board import find_board
from hwflow.errors import UserError
from hwflow.project import Project, ProjectFolder
from hwflow.spiking.backend.compiled import Compiled
from hwflow.spiking.backend.core import SpikingOptions, choose_core, compile_spiking, spiking_project
from hwflow.spiking.backend.estimate import estimate_core
from hwflow.spiking.backend.schedule import tick_cycles
from hwflow.spiking.blocks import Block
from hwflow.spiking.fit import misfits
from hwflow.spiking.learning import Learning
from hwflow.spiking.network import Core, Neurons, SpikingNetwork


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
    design = Compiled.of(ProjectFolder.read(tmp_path)).design
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
        (SpikingOptions(axons=4), "has 10 axons and a core at most 16,378 beside 6 others, so a core of 4 cannot"),
        (SpikingOptions(neurons=16375), "core of 16,375"),
        (SpikingOptions(axons=9000, neurons=9000), "at most 7,384 beside 9,000 others, so a core of 9,000 cannot"),
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
    with pytest.raises(
        UserError, match="17,000 axons and 1 neurons and a core at most 16,384 in all; make the net smaller by 617"
    ):
        compile_spiking(network_of(17000, 1), find_board("sim"))


def test_a_board_gets_as_much_as_it_has_room_for() -> None:
    small, full = network_of(64, 64), network_of(256, 256)
    assert choose_core(small, find_board("ulx3s-85f")) == Core(64, 64, 8)
    assert choose_core(small, find_board("icebreaker")) == Core(64, 64, 1, single_port=True)
    # Its weights fill the large RAMs, and plastic bits of their own would not fit.
    core = choose_core(full, find_board("icebreaker"))
    assert core == Core(256, 256, 1, synapse_mask=False, single_port=True)
    design = compile_spiking(full, find_board("icebreaker")).files["design.json"]
    assert b'"left_out": [\n  "synapse_mask"\n ]' in design
    assert choose_core(network_of(784, 256), find_board("ulx3s-85f")) == Core(784, 256, 8)


def test_what_does_not_fit_is_told_with_a_board_that_has_the_room() -> None:
    with pytest.raises(UserError) as error:
        choose_core(network_of(784, 256), find_board("icebreaker"))
    says = str(error.value)
    assert "with 784 axons and 256 neurons, needs" in says and "large RAMs of 4 on icebreaker" in says
    assert says.endswith("has the room.")
    mask = replace(network_of(256, 256, potentiation=1), plastic=np.eye(512, 256, dtype=np.bool_))
    with pytest.raises(UserError, match="block RAMs of 30 on icebreaker; .* has the room"):
        choose_core(mask, find_board("icebreaker"))
    with pytest.raises(UserError, match="no board that hwflow knows has the room"):
        choose_core(network_of(1500, 1500), find_board("icebreaker"))


@pytest.mark.parametrize(
    ("board", "core", "built"),
    [
        ("icebreaker", Core(256, 256, 1, synapse_mask=False, single_port=True), (4151, 1700, 27, 6)),
        ("ulx3s-85f", Core(784, 256, 8), (10833, 3519, 175, 26)),
        ("cmod-a7-35t", Core(96, 96, 4), (3439, 2170, 15, 18)),
    ],
)
def test_the_estimate_is_a_little_above_what_was_built(
    board: str, core: Core, built: tuple[int, int, int, int]
) -> None:
    """built: LUTs, flip-flops, block RAMs and multipliers that nextpnr (iCE40, ECP5) or Yosys counted."""
    need = estimate_core(core, find_board(board))
    guessed = (need.resources.luts, need.resources.ffs, need.resources.brams, need.dsps)
    for guess, count in zip(guessed, built, strict=True):
        assert count <= guess <= max(1.2 * count, count + 2), (guessed, built)


def test_a_wide_product_takes_two_multipliers() -> None:
    """Of the core of spiking-mnist-unsupervised nextpnr placed 41, and 11 of one with a lane."""
    race, board = Race(), find_board("ulx3s-85f")
    asked = [SpikingOptions(state_bits=race.state_bits, lanes=lanes) for lanes in (8, 1)]
    cores = [choose_core(race.network(784, 0), board, options) for options in asked]
    assert [estimate_core(core, board).dsps for core in cores] == [41, 12]


def test_graded_input_costs_about_what_yosys_counts_of_it() -> None:
    """Of a core with draws and a third factor Yosys makes 2,932 tables, 1,785 flip-flops and 20 multipliers, and with values 3,136, 1,965, 28."""
    board, plain = find_board("cmod-a7-35t"), Core(96, 96, 4, stochastic=True, modulation=True)
    before, after = (estimate_core(core, board) for core in (plain, replace(plain, graded=True)))
    more = (
        after.resources.luts - before.resources.luts,
        after.resources.ffs - before.resources.ffs,
        after.dsps - before.dsps,
    )
    for guess, count in zip(more, (204, 180, 8), strict=True):
        assert count <= guess <= max(1.2 * count, count + 2), more
    assert estimate_core(replace(plain, learning=False, synapse_mask=False, normalisation=False, stochastic=False,
                                 modulation=False, graded=True), board).dsps == 2 * (3 + 1 + 1) + 4  # fmt: skip
    need = estimate_core(
        Core(784, 256, 8, graded=True), find_board("ulx3s-85f")
    )  # Yosys: 44, and 174 block RAMs without the link
    assert need.dsps == 44 and 174 < need.resources.brams < 1.2 * 174


@pytest.mark.parametrize(("board", "count"), [("ulx3s-85f", (143, 38)), ("icebreaker", (119, 38, 1))])
def test_counting_costs_about_what_yosys_counts_of_it(board: str, count: tuple[int, ...]) -> None:
    """Of a device of 96 axons and neurons, of 4 lanes on ECP5 and one on iCE40: tables, flip-flops, and block RAMs, but where it hangs on
    the shape of a memory of 24 tables whether it is one."""
    core, target = Core(96, 96, 4 if board == "ulx3s-85f" else 1), find_board(board)
    before, after = (estimate_core(one, target).resources for one in (core, replace(core, counting=True)))
    more = (after.luts - before.luts, after.ffs - before.ffs, after.brams - before.brams)
    for guess, counted in zip(more, count, strict=False):
        assert counted <= guess <= max(1.21 * counted, counted + 2), more


def test_a_core_counts_only_if_it_is_asked_to() -> None:
    plain = network_of(10, 6, potentiation=1)
    cores = [choose_core(plain, find_board("sim"), SpikingOptions(counting=counting)) for counting in (False, True)]
    assert [core.counting for core in cores] == [False, True] and cores[0].digest != cores[1].digest
    assert "counting" in cores[0].missing and tick_cycles(cores[0]) == tick_cycles(cores[1])
    projects = [
        compile_spiking(plain, find_board("sim"), SpikingOptions(counting=counting)) for counting in (False, True)
    ]
    tops = [project.files["rtl/hwf_top.sv"] for project in projects]
    assert b".COUNTING(0)" in tops[0] and b".COUNTING(1)" in tops[1]


def test_only_a_graded_net_gets_a_graded_core() -> None:
    plain = network_of(10, 6, potentiation=1)
    cores = [choose_core(net, find_board("sim")) for net in (plain, replace(plain, graded=True))]
    assert [core.graded for core in cores] == [False, True] and cores[0].digest != cores[1].digest
    assert tick_cycles(cores[0]) == tick_cycles(cores[1])  # a multiplier a lane, which takes no cycle more
    project = compile_spiking(replace(plain, graded=True), find_board("sim"))
    assert b".GRADED(1)" in project.files["rtl/hwf_top.sv"]
    with pytest.raises(UserError, match="10x6 does not fit its core: it needs graded input, which it is built without"):
        spiking_project(replace(plain, graded=True), find_board("sim"), cores[0], (), "link", None)


def test_a_layered_net_that_does_not_fit_otherwise_gets_blocks(tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 256, (10, 784)).astype(np.uint8)
    network = Teaching(hidden=384, ticks=4).network(images, 255, 10, 0)
    core = choose_core(network, find_board("ulx3s-85f"))
    assert (core.axons, core.neurons, core.lanes, core.synapse_mask) == (800, 400, 8, False)
    assert core.blocks[0] == Block(784, 0, 384, True) and not misfits(network, core)
    project = compile_spiking(network, find_board("ulx3s-85f"))
    assert b'"left_out": []' in project.files["design.json"]
    assert b".BLOCKS(6)" in project.files["rtl/hwf_top.sv"] and b".PLACES(512'h" in project.files["rtl/hwf_top.sv"]
    project.save(tmp_path)
    assert Compiled.of(ProjectFolder.read(tmp_path)).design.core == core
