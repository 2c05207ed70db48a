import numpy as np
import pytest

from hwflow.apps.digits_on_chip.competition import Competition, classify, digits_and_a_fifth, name_neurons
from hwflow.spiking.fit import core_for


def test_the_net_before_learning() -> None:
    how = Competition(neurons=20, target=400)
    network = how.network(4, 3)
    assert network.axons == 8 and network.size == 20
    axons, neurons = network.weight[:8], network.weight[8:]
    assert axons.min() >= 0 and np.abs(axons.sum(axis=0) - how.target).max() <= 4 * 8
    assert np.all(np.diag(neurons) == 0) and np.all(neurons[~np.eye(20, dtype=bool)] == -128)
    assert network.plastic[:8].all() and not network.plastic[8:].any()
    assert network.digest == how.network(4, 3).digest != how.network(4, 4).digest
    assert "synapse_mask" not in network.needs and core_for(network).axons == 8


def test_every_image_has_as_many_spikes() -> None:
    how = Competition()
    images = np.array([[0, 16, 8, 3], [16, 16, 16, 16]], np.uint8)
    spikes = how.encode(images, 16)
    assert spikes.shape == (2, how.ticks + how.silence, 8)
    assert np.abs(spikes.sum(axis=(1, 2)) - 4 * how.spikes).max() <= 4


def test_neurons_are_named_by_their_share_of_each_class() -> None:
    responses, labels = np.array([[4, 0, 0], [2, 0, 0], [0, 6, 0]]), np.array([0, 1, 1])
    names = name_neurons(responses, labels, 2)
    assert names.tolist() == [[0.8, 0.2], [0.0, 1.0], [0.0, 0.0]]
    assert classify(np.array([[1, 0, 5], [1, 1, 0], [0, 0, 0]]), names).tolist() == [0, 1, 0]


@pytest.mark.slow
def test_a_fifth_is_held_out() -> None:
    data = digits_and_a_fifth(0)
    assert (len(data.y_train), len(data.y_validation), len(data.y_test)) == (1437, 0, 360)
