"""The lockstep sees what differs: a board that is the golden model itself, and one that slips."""

from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest

from hwflow.spiking.host.board import SpikingBoard
from hwflow.spiking.host.golden import GoldenModel
from hwflow.spiking.host.lockstep import Lockstep
from hwflow.spiking.learning import Learning
from hwflow.spiking.network import Core, Neurons, SpikingNetwork

CORE = Core(4, 2)


class Board(GoldenModel):
    """The golden model with a clock, and, if asked for, a weight that slips in the third run, or in presentations."""

    def __init__(self, slips: str = "") -> None:
        super().__init__(CORE)
        self._slips, self._runs = slips, 0

    def run(self, stimuli: Any, *, learn: bool = False, progress: Any = None) -> Any:
        self._runs += 1
        if self._slips == "run" and self._runs == 3:
            self._slip()
        return super().run(stimuli, learn=learn, progress=progress)

    def present(self, presentations: Any, *, learn: Any = False, rest: bool = True, progress: Any = None) -> Any:
        if self._slips == "present":
            self._slip()
        return super().present(presentations, learn=learn, rest=rest, progress=progress)

    def _slip(self) -> None:
        state = self.state()
        state.weight[0, 1] = 100
        self.write_state(state)

    def busy_cycles(self) -> int:
        return 10 * self.state().ticks


@pytest.fixture
def network() -> SpikingNetwork:
    learning = Learning(potentiation=50, pre_decay=2000, pre_step=100, target=60, adaptation_step=3)
    weight = np.full((6, 2), 20)
    return SpikingNetwork("net", weight, Neurons.of(2, threshold=50), np.ones((6, 2), bool), learning=learning)


def drive(lockstep: Lockstep, network: SpikingNetwork) -> None:
    lockstep.load(network)
    stimuli = np.random.default_rng(1).random((20, 4)) < 0.5
    for _ in range(4):
        lockstep.run(stimuli, learn=True)
        lockstep.normalise()
    counts = lockstep.present(stimuli.reshape(4, 5, 4), learn=np.arange(4) % 2 == 0)
    assert counts.shape == (4, 2)
    lockstep.rest()
    state = lockstep.state()
    lockstep.write_state(state)
    lockstep.configure(replace(network, learning=Learning()))
    lockstep.run(stimuli)
    lockstep.state()


def test_what_is_equal_is_counted(network: SpikingNetwork) -> None:
    lockstep = Lockstep(CORE, cast(SpikingBoard, Board()))
    drive(lockstep, network)
    assert (lockstep.differing, lockstep.first, lockstep.ticks) == (0, "", 120)
    assert lockstep.compared > 200 and lockstep.cycles == 1200 and lockstep.spikes > 0


def test_a_slip_is_told_with_its_tick(network: SpikingNetwork) -> None:
    lockstep = Lockstep(CORE, cast(SpikingBoard, Board("run")))
    drive(lockstep, network)
    assert lockstep.differing > 0
    assert lockstep.first.startswith("tick 4") and lockstep.first.endswith("neuron 1")


def test_a_slip_in_presentations_is_told_with_its_number(network: SpikingNetwork) -> None:
    lockstep = Lockstep(CORE, cast(SpikingBoard, Board("present")))
    drive(lockstep, network)
    assert lockstep.differing > 0
    assert lockstep.first.startswith("presentation ") and lockstep.first.endswith("after tick 80, neuron 1")


def test_without_a_board_nothing_is_compared(network: SpikingNetwork) -> None:
    lockstep = Lockstep(CORE)
    drive(lockstep, network)
    assert (lockstep.compared, lockstep.cycles) == (0, 0) and lockstep.spikes > 0
