"""Spiking cores as Yosys reads them, whole devices, pins and all: they give what the golden model gives."""

from pathlib import Path

import numpy as np
import pytest
from needs import needs_pyosys
from netlists import as_yosys_reads_it
from spiking.campaign import campaign_cores
from spiking.nets import random_network, random_state, random_stimuli

from hwflow.board import find_board
from hwflow.host.link import open_link
from hwflow.progress import silent
from hwflow.project import put
from hwflow.spiking.backend.core import spiking_project
from hwflow.spiking.host.board import SpikingBoard
from hwflow.spiking.host.lockstep import Lockstep
from hwflow.spiking.network import Core, SpikingNetwork
from hwflow.tool.simulated import simulated_board

needs_pyosys("pyosys reads the RTL as a build does")
SIM = find_board("sim")
CORES = campaign_cores(drawn=False)
# All that learns, blocks in one lane and one port, and rows of entries; the others by night.
FEW = {core.digest for core in CORES if core.graded and (core.modulation or core.entries > 20)}


def drive(lockstep: Lockstep, network: SpikingNetwork, core: Core, rng: np.random.Generator) -> None:
    """Ticks, presentations and whatever else the core has, from its start and from any state."""
    lockstep.load(network)
    for turn in range(2):
        lockstep.run(random_stimuli(rng, network, 30), learn=core.learning)
        if core.normalisation:
            lockstep.normalise()
        shown = random_stimuli(rng, network, 12)
        lockstep.present(shown.reshape(3, 4, -1), learn=core.learning and rng.random(3) < 0.5)
        lockstep.state()
        if not turn:
            lockstep.write_state(random_state(rng, core))


@pytest.mark.slow
@pytest.mark.parametrize(
    "core",
    [pytest.param(core, marks=() if core.digest in FEW else pytest.mark.long) for core in CORES],
    ids=lambda core: core.digest[:8],
)
def test_the_device_gives_what_the_model_gives(core: Core, tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    network = random_network(rng, core, extreme=False)
    project = as_yosys_reads_it(spiking_project(network, SIM, core, (), "link", None), tmp_path / "netlist")
    saved, _ = put(project, tmp_path / "project")
    simulated = simulated_board(saved, SIM.clock_hz, SIM.baud, silent)
    with simulated as board, open_link(board.port, baud=SIM.baud, deadline=60) as link:
        lockstep = Lockstep(core, SpikingBoard(link, core))
        drive(lockstep, network, core, rng)
    assert lockstep.compared > 80 and (lockstep.differing, lockstep.first) == (0, "")
