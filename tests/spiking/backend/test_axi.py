"""Spiking cores behind AXI: what is compiled, that it is compiled again the same, and what is refused."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from spiking.nets import random_network

from hwflow.board import find_board
from hwflow.errors import UserError
from hwflow.project import DESIGN, Project, put
from hwflow.shell.build_digest import build_of
from hwflow.shell.top import TOP
from hwflow.spiking.backend.core import SpikingOptions, compile_spiking
from hwflow.spiking.network import Core, SpikingNetwork
from hwflow.spiking.project import SpikingProject

BOARDS = ("pynq-z1", "pynq-z2", "zybo-z7-20", "zcu104", "ultra96-v2", "kv260")
CORE = Core(8, 8, 2)


def net() -> SpikingNetwork:
    return random_network(np.random.default_rng(2), CORE, extreme=False)


def compiled(board: str) -> Project:
    return compile_spiking(net(), find_board(board), SpikingOptions(shell="axi"))


@pytest.mark.parametrize("board", BOARDS)
def test_each_board_has_its_project(board: str) -> None:
    project = compiled(board)
    design = json.loads(project.files[DESIGN])
    given = dict(re.findall(r"\.([A-Z_]+)\(([^)]+)\)", project.files[f"rtl/{TOP}.sv"].decode()))
    assert (design["shell"], design["baud"], design["clock_hz"]) == ("axi", 0, 100_000_000)
    assert (given["KIND"], given["CLOCK_HZ"], given["BUILD"]) == ("2", "100000000", f"128'h{build_of(project)}")
    assert not any("uart" in path or "link" in path for path in project.files)


def test_the_driver_is_of_this_net_and_this_build() -> None:
    project = compiled("pynq-z1")
    told = json.loads(project.files["driver/hwflow_pynq/core.json"])
    assert told["build"] == build_of(project)
    assert project.files["driver/hwflow_pynq/network.npz"] == project.files["network.npz"]
    assert b"hwf_loading" in project.files["driver/hwf_net.h"]


def test_what_needs_a_uart_is_refused_and_the_same_is_compiled_again(tmp_path: Path) -> None:
    project = SpikingProject.of(put(compiled("pynq-z1"), tmp_path / "p")[0])
    for use in (lambda: project.run("sim"), project.serve, lambda: project.open().__enter__()):
        with pytest.raises(UserError, match="behind AXI and no UART"):
            use()
    assert project.run("model", ticks=3).mismatches == 0
    assert project.differs() == ()


@pytest.mark.parametrize(
    ("board", "words"),
    [("arty-a7-35t", "has no processor beside its logic"), ("sim", "has no processor beside its logic")],
)
def test_a_board_without_a_processor_is_refused(board: str, words: str) -> None:
    with pytest.raises(UserError, match=words):
        compiled(board)


def test_a_rate_is_refused_and_a_board_without_pins_is_told_the_way() -> None:
    with pytest.raises(UserError, match="no UART"):
        SpikingOptions(shell="axi", baud=9600)
    with pytest.raises(UserError, match="compile with --shell axi"):
        compile_spiking(net(), find_board("kv260"))
