"""Whether a net fits a core, and what is added when it is smaller."""

from dataclasses import replace

import numpy as np
import pytest

from hwflow.errors import UserError
from hwflow.spiking.fit import core_for, misfits, pad
from hwflow.spiking.learning import Learning
from hwflow.spiking.network import LARGEST, Core, Neurons, SpikingNetwork, Start

NO_LEARNING = {"learning": False, "synapse_mask": False, "normalisation": False}


def network_of(axons: int, neurons: int, **more: object) -> SpikingNetwork:
    shape = (axons + neurons, neurons)
    weight = np.arange(shape[0] * shape[1]).reshape(shape) % 100
    network = SpikingNetwork("net", weight, Neurons.of(neurons, threshold=1000), np.ones(shape, np.bool_))
    return replace(network, **more)


@pytest.mark.parametrize(
    ("more", "core", "says"),
    [
        ({}, {"axons": 2}, "3 axons of 2"),
        ({}, {"neurons": 1}, "2 neurons of 1"),
        ({}, {"weight_bits": 3}, "a weight of 9 in INT3"),
        ({}, {"state_bits": 10}, "a threshold of 1000 in INT10"),
        ({"start": Start(*(np.array([0, 200]) for _ in range(3)))}, {"state_bits": 8}, "a current at the start of 200"),
        ({"learning": Learning(potentiation=1, pre_step=300)}, {}, "a pre_step of 300 in UINT8"),
        ({"learning": Learning(potentiation=1)}, NO_LEARNING, "learning, which it is built without"),
        ({"learning": Learning(potentiation=1, stochastic=True)}, {}, "stochastic rounding, which it is built without"),
        ({"learning": Learning(target=1)}, {"normalisation": False}, "normalisation, which"),
        ({"learning": Learning(adaptation_step=1)}, {"adaptation": False}, "adaptation, which"),
        (
            {"learning": Learning(potentiation=1), "plastic": np.eye(5, 2, dtype=np.bool_)},
            {"synapse_mask": False},
            "synapse mask, which",
        ),
        (
            {"learning": Learning(potentiation=1, weight_min=1)},
            {"axons": 4, "synapse_mask": False},
            "weight bounds without zero",
        ),
    ],
)
def test_what_does_not_fit_is_said(more: dict[str, object], core: dict[str, int], says: str) -> None:
    network = network_of(3, 2, **more)
    assert not misfits(network, core_for(network))
    small = Core(**({"axons": 3, "neurons": 2} | core))  # type: ignore[arg-type]
    assert any(says in one for one in misfits(network, small)), misfits(network, small)
    with pytest.raises(UserError, match=says):
        pad(network, small)


def test_padding_keeps_numbers_and_adds_silence() -> None:
    network = network_of(3, 2, start=Start(*(np.array([1, 2]) for _ in range(3))))
    padded = pad(network, Core(8, 4, lanes=4))
    assert padded.weight.shape == (12, 4) and padded.axons == 8
    assert np.array_equal(padded.weight[:3, :2], network.weight[:3])
    assert np.array_equal(padded.weight[8:10, :2], network.weight[3:])
    assert np.abs(padded.weight).sum() == np.abs(network.weight).sum() and padded.plastic.sum() == network.plastic.sum()
    assert padded.neurons.threshold.tolist() == [1000, 1000, 32767, 32767]
    assert padded.start is not None and padded.start.membrane.tolist() == [1, 2, 0, 0]
    assert pad(network, Core(3, 2)).digest == network.digest


def test_without_a_mask_the_plastic_bits_are_those_of_axons_and_neurons() -> None:
    learning = Learning(potentiation=1, plastic_neurons=True)
    plastic = np.repeat([[True], [False]], [3, 2], axis=0) & np.ones((5, 2), np.bool_)
    network = network_of(3, 2, learning=learning, plastic=plastic)
    padded = pad(network, Core(3, 2, synapse_mask=False))
    assert padded.plastic.all() and padded.learning.plastic_axons and not padded.learning.plastic_neurons


def test_the_smallest_core_is_as_wide_as_the_net_needs() -> None:
    assert core_for(network_of(3, 2), lanes=4) == Core(4, 4, 4)
    assert core_for(network_of(0, 2)) == Core(1, 2)
    wide = replace(
        network_of(3, 2, learning=Learning(depression=-1, post_step=256)), neurons=Neurons.of(2, threshold=40_000)
    )
    assert (core_for(wide).state_bits, core_for(wide).trace_bits) == (17, 9)
    with pytest.raises(ValueError, match="16,384 axons and neurons at most, not 16,385"):
        core_for(network_of(LARGEST, 1))
