"""The top of a board: what it tells with HELLO, and how much it holds for the link."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from quantised.networks import random_network

from hwflow.board import board_names, find_board
from hwflow.host.errors import NetStalled, WrongBoard
from hwflow.host.identity import VectorShape
from hwflow.host.link import open_link
from hwflow.project import Project, put
from hwflow.quantised import reference
from hwflow.quantised.backend.dataflow import Options, compile_network
from hwflow.quantised.backend.folding import smallest
from hwflow.quantised.flow.vectors import random_vectors
from hwflow.quantised.host.accelerator import Accelerator
from hwflow.quantised.network import Network
from hwflow.quantised.project import QuantisedProject
from hwflow.shell.build_digest import build_of
from hwflow.shell.top import windows_of
from hwflow.spiking.backend.core import SpikingOptions, compile_spiking
from hwflow.spiking.network import Neurons, SpikingNetwork
from hwflow.spiking.project import SpikingProject


@pytest.mark.parametrize("name", board_names())
def test_the_window_leaves_the_block_rams_to_the_net(name: str) -> None:
    board = find_board(name)
    window = windows_of(board)[0]
    # 20 block RAMs of 4 kbit have room for two requests.
    assert window == (8 if board.family != "ice40" else 2 if board.device == "hx4k" else 4)
    if board.resources:
        assert 2 * -(-window * 2048 // board.resources.bram_bits) <= board.resources.brams / 6


def project(board: str, baud: int | None = None) -> tuple[Network, Project]:
    network = random_network(np.random.default_rng(7), largest=6)
    return network, compile_network(network, find_board(board), Options(smallest(network), baud=baud))


def test_a_net_on_two_boards_or_at_two_rates_makes_two_builds() -> None:
    builds = [build_of(made) for _, made in (project("sim"), project("sim", 500_000), project("icebreaker"))]
    assert len(set(builds)) == 3
    assert build_of(project("sim")[1]) == builds[0]


@pytest.mark.slow
def test_a_board_tells_its_build_and_types_and_another_build_is_refused(tmp_path: Path) -> None:
    network, made = project("sim")
    baud = find_board("sim").baud
    # Not by the verb, which compiles by its own options: so they are trusted by name.
    served = QuantisedProject.of(replace(put(made, tmp_path / "sim")[0], trust=True))
    other = QuantisedProject.of(replace(put(project("icebreaker")[1], tmp_path / "icebreaker")[0], trust=True))
    with served.serve() as board:
        with open_link(board.port, baud=baud, deadline=30) as link:
            accelerator = Accelerator.of(link, network, build_of(made))
            who = accelerator.identity
            assert (who.vector_in, who.vector_out) == (
                VectorShape(network.input_size, network.input_type),
                VectorShape(network.output_size, network.output_type),
            )
            assert (who.window, who.limit_cycles, who.clock_hz) == (8, 1 << 16, 16_000_000)
            x = random_vectors(network, 50, seed=1).x
            assert np.array_equal(accelerator.infer(x), reference.run(network, x))
            with pytest.raises(NetStalled, match="gave 0 of 1 bytes"):
                link.stream(b"", 1)
        refusal = "another build .* with a clock of 16 MHz"
        with pytest.raises(WrongBoard, match=refusal):
            other.run(board.port, baud=baud)
        with pytest.raises(WrongBoard, match=refusal), other.open(board.port, baud=baud):
            pass
        assert served.run(board.port).mismatches == 0


@pytest.mark.slow
def test_a_spiking_board_of_another_rate_is_refused_and_another_net_is_not(tmp_path: Path) -> None:
    def compiled(name: str, threshold: int, baud: int) -> SpikingProject:
        weight = np.zeros((16, 8), np.int64)
        net = SpikingNetwork("net", weight, Neurons.of(8, threshold=threshold), np.ones(weight.shape, np.bool_))
        made = compile_spiking(net, find_board("sim"), SpikingOptions(baud=baud))
        return SpikingProject.of(put(made, tmp_path / name)[0])

    first, second = compiled("first", 9, 2_000_000), compiled("second", 7, 2_000_000)
    slow = compiled("slow", 9, 1_000_000)
    assert first.digest != second.digest
    with first.serve() as board:
        with second.open(board.port) as opened:
            who = opened.identity
        assert (who.vector_in, who.vector_out, who.limit_cycles) == (None, None, None)
        with pytest.raises(WrongBoard, match="another build"), slow.open(board.port, baud=2_000_000):
            pass
