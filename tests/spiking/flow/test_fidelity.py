"""`check` of spiking nets: beside their floats, which nets of integers have not."""

import numpy as np
import pytest

from hwflow.errors import UserError
from hwflow.spiking.frontend.model import from_network
from hwflow.spiking.model import SpikingModel
from hwflow.spiking.net import SpikingNet
from hwflow.spiking.network import Neurons, SpikingNetwork


def test_a_net_is_compared_with_its_floats_on_given_and_on_random_stimuli() -> None:
    net = SpikingNet(state_bits=24)
    source, neurons = net.inputs(6), net.neurons(2)
    net.connect(source, neurons, weight=0.3)
    model = net.model()
    given = model.check(np.ones((50, 6)))
    assert given.vectors == 1 and given.fidelity.spikes_integer > 20 and given.mismatches == 0 and given.right
    drawn = model.check()
    assert drawn.vectors == 10 and drawn.fidelity.source.startswith("random") and drawn.class_agreement == 1.0
    assert "beside the floats" in drawn.words()[0]


def test_a_net_of_integers_has_no_floats() -> None:
    network = SpikingNetwork("net", np.ones((2, 1), np.int64), Neurons.of(1, threshold=3), np.zeros((2, 1), np.bool_))
    with pytest.raises(UserError, match="made of integers"):
        SpikingModel(from_network(network)).check()
