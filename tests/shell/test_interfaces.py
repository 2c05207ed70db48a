"""The interfaces of a core behind AXI: every port in one, and each driven from the right end."""

import numpy as np
from quantised.networks import random_network

from hwflow.board import find_board
from hwflow.quantised.backend.axi import axi_core
from hwflow.quantised.backend.dataflow import build_accelerator
from hwflow.quantised.backend.folding import smallest
from hwflow.shell.interfaces import interfaces_of


def test_every_port_is_in_one_and_masters_are_what_the_core_drives() -> None:
    network = random_network(np.random.default_rng(7), largest=6)
    core = axi_core(build_accelerator(network, smallest(network)), find_board("pynq-z1"), 1, 1)
    interfaces = interfaces_of(core)
    assert tuple(port for each in interfaces for _, port in each.signals) == core.ports
    assert [each.name for each in interfaces] == ["aclk", "aresetn", "irq", "s_axi", "s_axis", "m_axis"]
    assert [each.name for each in interfaces if each.master] == ["irq", "m_axis"]
    busy = interfaces[0].parameters["ASSOCIATED_BUSIF"].split(":")
    assert busy == [each.name for each in interfaces if ":interface:" in each.kind]
