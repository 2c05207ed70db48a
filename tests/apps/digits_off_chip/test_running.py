"""What a net says of images, and the cycles that it takes for them."""

import numpy as np
import pytest

from hwflow.apps.digits_off_chip.running import Ran, off_chip
from hwflow.dataset import Dataset
from hwflow.progress import silent
from hwflow.spiking.backend.schedule import tick_cycles
from hwflow.spiking.host.lockstep import Lockstep
from hwflow.spiking.network import Core, Neurons, SpikingNetwork

CORE = Core(2, 4)


def shown(beside: int | None, count: int = 3) -> tuple[Ran, Lockstep]:
    """Images of one axon each on a net in which axon k makes neurons 2 k and 2 k + 1 fire, the voters of class k."""
    weight = np.vstack([60 * np.repeat(np.eye(2, dtype=np.int64), 2, axis=1), np.zeros((4, 4), np.int64)])
    network = SpikingNetwork("two", weight, Neurons.of(4, threshold=50), np.zeros((6, 4), bool), outputs=np.arange(4))
    images = np.zeros((count, 3, 2), bool)
    images[np.arange(count), :2, np.arange(count) % 2] = True
    x, y = np.zeros((count, 1), np.uint8), np.zeros(count, np.int64)
    data = Dataset(x[:0], y[:0], x[:0], y[:0], x, y, 8, ("a", "b"), ("pixel",))
    lockstep = Lockstep(CORE)
    return off_chip(lockstep, network, images, data, beside, silent), lockstep


def test_the_class_is_the_one_whose_voters_spike_most() -> None:
    ran, lockstep = shown(None)
    assert ran.evaluation.confusion == ((2, 1), (0, 0)) and lockstep.ticks == 9
    assert ran.activity.counts.tolist() == [4, 4, 2, 2]
    assert ran.sources.tolist() == [6, 6, 6] and ran.fired.tolist() == [4, 4, 4] and ran.beside == 3


def test_cycles_are_those_of_the_schedule() -> None:
    ran, cycles = shown(None)[0], tick_cycles(CORE)
    pace = ran.pace(cycles, 1_000_000)
    each = cycles.of(1, 2, False) + cycles.of(3, 2, False) + cycles.of(2, 0, False)
    assert (pace.mean, pace.worst, pace.there) == (each, each, 3 * each)
    assert pace.mean_seconds == pytest.approx(each * 1e-6) == pace.worst_seconds


@pytest.mark.parametrize("beside", [0, 1, 40, 50, 100])
def test_what_the_device_does_not_do_the_model_does_from_where_it_is(beside: int) -> None:
    whole, (part, device) = shown(None, 100)[0], shown(beside, 100)
    assert part.evaluation.confusion == whole.evaluation.confusion and part.beside == beside
    assert np.array_equal(part.sources, whole.sources) and device.ticks == 3 * beside
