"""Nets behind AXI: what is compiled, how wide their streams are, and what is refused."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from quantised.networks import random_network

from hwflow.board import find_board
from hwflow.errors import UserError
from hwflow.ints import IntType
from hwflow.project import DESIGN, put
from hwflow.quantised.backend.dataflow import Options, compile_network
from hwflow.quantised.backend.folding import Fold, Folding, smallest
from hwflow.quantised.flow.request import Request
from hwflow.quantised.network import INPUT, Dense, Network, Node
from hwflow.quantised.project import QuantisedProject
from hwflow.shell.axi import stream_bits
from hwflow.shell.build_digest import build_of

BOARDS = ("pynq-z1", "pynq-z2", "zybo-z7-20", "zcu104", "ultra96-v2", "kv260")


def wide() -> Network:
    """Takes 512 bytes, 4,096 bits."""
    weight = np.random.default_rng(1).integers(-1, 2, (4, 512))
    return Network("wide", 512, IntType(8, False), (Node("dense", Dense(weight, IntType(2, True)), (INPUT,)),))


def parameters(files: dict[str, bytes]) -> dict[str, str]:
    return dict(re.findall(r"\.([A-Z_]+)\(([^)]+)\)", files["rtl/hwf_top.sv"].decode()))


@pytest.mark.parametrize("name", BOARDS)
def test_each_board_has_its_project(name: str) -> None:
    network = random_network(np.random.default_rng(7), largest=6)
    project = compile_network(network, find_board(name), Options(smallest(network), shell="axi"))
    design, given = json.loads(project.files[DESIGN]), parameters(dict(project.files))
    assert (design["shell"], design["baud"], design["clock_hz"]) == ("axi", 0, 100_000_000)
    assert (given["CLOCK_HZ"], given["BUILD"], given["DIGEST"]) == (
        "100000000",
        f"128'h{build_of(project)}",
        f"128'h{network.digest[:32]}",
    )
    assert not any("uart" in path or "link" in path for path in project.files)


def test_streams_are_as_wide_as_the_interval_asks_for() -> None:
    assert [stream_bits(100, cycles) for cycles in (4, 3, 2, 1)] == [32, 64, 64, 128]
    assert (stream_bits(1024, 1), stream_bits(1025, 1), stream_bits(1025, 2)) == (1024, None, 1024)
    for pe, simd, bits in ((4, 128, "1024"), (4, 64, "512"), (1, 1, "32")):
        options = Options(Folding({"dense": Fold(pe, simd)}), shell="axi")
        given = parameters(dict(compile_network(wide(), find_board("pynq-z1"), options).files))
        assert (given["S_AXIS_BITS"], given["S_COUNT"], given["M_AXIS_BITS"]) == (bits, "4096", "32")


def test_the_folding_that_is_chosen_takes_no_more_than_a_stream_brings() -> None:
    design = json.loads(compile_network(wide(), find_board("pynq-z1"), Options(shell="axi")).files[DESIGN])
    assert design["prediction"]["initiation_interval"] >= 4


@pytest.mark.parametrize(
    ("network", "board", "options", "words"),
    [
        (wide(), "pynq-z1", Options(Folding({"dense": Fold(4, 512)}), shell="axi"), "a DMA's stream 1,024 a cycle"),
        (wide(), "arty-a7-35t", Options(shell="axi"), "has no processor beside its logic"),
        (wide(), "sim", Options(shell="axi"), "has no processor beside its logic"),
        (wide(), "kv260", Options(), "or --shell axi"),
        (wide(), "pynq-z1", Options(Folding({"dense": Fold(4, 8, loaded=True)}), shell="axi"), "no weights are loaded"),
    ],
)
def test_what_cannot_be_is_refused(network: Network, board: str, options: Options, words: str) -> None:
    with pytest.raises(UserError, match=re.escape(words)):
        compile_network(network, find_board(board), options)


@pytest.mark.parametrize("given", [{"baud": 9600}, {"loaded": True}, {"strike": True}])
def test_what_belongs_to_the_link_is_refused(given: dict[str, int]) -> None:
    with pytest.raises(UserError, match=r"UART|weights|CAN"):
        Request(shell="axi", **given)  # type: ignore[arg-type]


def test_a_project_behind_axi_has_no_port(tmp_path: Path) -> None:
    network = random_network(np.random.default_rng(7), largest=6)
    made = compile_network(network, find_board("pynq-z1"), Options(smallest(network), shell="axi"))
    project = QuantisedProject.of(put(made, tmp_path / "p")[0])
    for use in (lambda: project.run("sim"), project.serve, lambda: project.open().__enter__()):
        with pytest.raises(UserError, match="behind AXI and no UART"):
            use()
    again = project.again()
    assert again is not None
    assert made.files.items() <= again.files.items()
