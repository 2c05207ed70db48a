"""Nets made by hand."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from hwflow.errors import UserError
from hwflow.spiking.fit import core_for, saturating_traces
from hwflow.spiking.frontend.builder import SpikingBuilder
from hwflow.spiking.frontend.model import for_traces, from_network
from hwflow.spiking.learning import Learning
from hwflow.spiking.network import SpikingNetwork
from hwflow.spiking.reference import Rules, initial, run


def test_a_net_by_hand() -> None:
    net = SpikingBuilder("hand")
    left, right = net.axons(2), net.axons(3)
    first = net.neurons(2, threshold=[5, 7], leak=100)
    second = net.neurons(1, threshold=3, refractory=2, subtract=True, membrane=1)
    net.connect(right, first, np.arange(6).reshape(3, 2), plastic=True)
    net.connect(left, second, 4)
    net.connect(first, second, [[1], [2]], plastic=[[False], [True]])
    network = net.build(outputs=[second, first], learning=Learning(potentiation=3), weight_shift=1, dt=1e-3)
    assert network.axons == 5 and network.size == 3 and network.outputs.tolist() == [2, 0, 1]
    assert network.weight.tolist() == [
        [0, 0, 4],
        [0, 0, 4],
        [0, 1, 0],
        [2, 3, 0],
        [4, 5, 0],
        [0, 0, 1],
        [0, 0, 2],
        [0, 0, 0],
    ]
    assert np.argwhere(network.plastic).tolist() == [[2, 0], [2, 1], [3, 0], [3, 1], [4, 0], [4, 1], [6, 2]]
    assert network.neurons.threshold.tolist() == [5, 7, 3] and network.neurons.leak.tolist() == [100, 100, 0]
    assert network.neurons.subtract.tolist() == [False, False, True] and network.neurons.refractory.tolist() == [
        0,
        0,
        2,
    ]
    assert network.start is not None and network.start.membrane.tolist() == [0, 0, 1]
    assert (network.weight_shift, network.dt, network.learning.potentiation) == (1, 1e-3, 3)


def test_it_runs() -> None:
    net = SpikingBuilder("relay")
    a, b = net.axons(1), net.neurons(1, threshold=0)
    c = net.neurons(1, threshold=0)
    net.connect(a, b, 1)
    net.connect(b, c, 1)
    network = net.build(outputs=[c])
    x = np.array([[1], [0], [1], [0]], dtype=bool)
    spikes = run(Rules(network, core_for(network)), initial(network), x).spikes
    assert spikes.astype(int).tolist() == [[1, 0], [0, 1], [1, 0], [0, 1]] and network.start is None


def test_what_no_core_can_be() -> None:
    net = SpikingBuilder("wrong")
    with pytest.raises(UserError, match="The net 'wrong' cannot be made: a net has at least one neuron"):
        net.build()
    a, n = net.axons(2), net.neurons(3, threshold=5)
    with pytest.raises(UserError, match="connect to neurons"):
        net.connect(n, a, 1)
    with pytest.raises(UserError, match="weights are integers, not float64"):
        net.connect(a, n, 0.5)
    with pytest.raises(UserError, match="shape"):
        net.connect(a, n, [[1, 2]])
    net.connect(a, n, 1)
    with pytest.raises(UserError, match="these are connected already"):
        net.connect(a, n, 1)
    with pytest.raises(UserError, match="outputs are neurons, not axons"):
        net.build(outputs=[a])
    with pytest.raises(UserError, match="at least one member, not 0"):
        net.axons(0)
    with pytest.raises(UserError, match="the parameters of neurons are integers"):
        net.neurons(1, threshold=0.5)
    with pytest.raises(UserError, match="leak lies in 0 … 65535, and 70000 does not"):
        net.neurons(1, threshold=1, leak=70000)
    net.connect(n, n, 200)
    with pytest.raises(UserError, match="weight lies in -128 … 127, and 200 does not"):
        net.build()


def learning_net(trace_bits: int = 8, refractory: int = 0, **rule: Any) -> SpikingNetwork:
    """Two axons, one of them plastic, and a neuron that every spike of the other fires."""
    net = SpikingBuilder("pair")
    a, n = net.axons(2), net.neurons(1, threshold=99, leak=65535, refractory=refractory)
    net.connect(a, n, np.array([[1], [100]]), plastic=np.array([[True], [False]]))
    chosen = {"potentiation": 6, "pre_decay": 3277, "post_decay": 3277, "pre_step": 200, "post_step": 200} | rule
    return net.build(outputs=[n], learning=Learning(**chosen), trace_bits=trace_bits)


def learnt(network: SpikingNetwork, spikes: int, trace_bits: int) -> int:
    """What so many spikes of the plastic axon, a tick apart, add to its weight when the neuron fires behind them."""
    x = np.zeros((20, 2), np.bool_)
    x[:spikes, 0] = x[spikes, 1] = True
    rules = Rules(network, core_for(network, trace_bits=trace_bits))
    return int(run(rules, initial(network), x, learn=True).state.weight[0, 0]) - 1


def test_traces_that_saturate_are_told() -> None:
    with pytest.warns(
        UserWarning, match="The pre trace of pair saturates: .* its 8 bits hold 1, of 200 each, .*nearest=True"
    ):
        network = learning_net()
    assert learnt(network, 4, 8) == 6  # 255 of 742
    wide = learning_net(trace_bits=12)  # 12 bits hold any train of them: 200 / 0.05 = 4,000
    assert learnt(wide, 4, 12) == 17  # 6 * 742 / 256
    assert from_network(network).info.assumptions == saturating_traces(network) != ()
    assert from_network(network, trace_bits=12).info.assumptions == ()
    assert for_traces(from_network(network), 12).info == from_network(network, trace_bits=12).info


def test_traces_that_do_not_saturate_are_not() -> None:
    for rule in ({"nearest": True}, {"rectangular": True}, {"potentiation": 0}, {"pre_step": 12}, {"pre_decay": 65535}):
        assert saturating_traces(learning_net(**rule)) == ()


def test_a_value_raises_a_trace_by_so_many_steps() -> None:
    rule = Learning(potentiation=3, pre_step=1, pre_decay=32768)  # 510 of values of 255 that follow each other
    net = SpikingBuilder("values", graded=True)
    net.connect(net.axons(2), net.neurons(1, threshold=3), 1, plastic=True)
    with pytest.warns(UserWarning, match="The pre trace of values saturates: .* its 8 bits hold 1, of 255 each"):
        network = net.build(learning=rule)
    assert saturating_traces(network, 9) == () and saturating_traces(replace(network, graded=False)) == ()
    steep = replace(network, learning=replace(rule, pre_step=2))
    assert "its 8 bits hold 0, of 510 each" in saturating_traces(steep)[0]


def test_a_net_says_what_its_axons_take_and_of_whom_it_tells() -> None:
    net = SpikingBuilder("told", graded=True)
    axons, hidden, outputs = net.axons(2), net.neurons(3, threshold=3), net.neurons(2, threshold=3)
    net.connect(axons, hidden, 1)
    network = net.build(outputs=[outputs], told=[outputs])
    assert (network.graded, network.told) == (True, 3) and network.needs == ("graded",)
    assert net.build().told == 0 and net.build(told=[]).told == 5 and net.build(told=[outputs, hidden]).told == 0
    with pytest.raises(UserError, match="the neurons that are told are the last axons and the last neurons"):
        net.build(told=[hidden])


def test_a_refractory_neuron_spikes_less_close() -> None:
    rule = {"potentiation": 0, "depression": -5, "post_step": 200, "post_decay": 16384}
    with pytest.warns(UserWarning, match="The post trace of pair saturates"):
        learning_net(**rule)
    assert saturating_traces(learning_net(refractory=5, **rule)) == ()  # 200 / (1 - 0.75 ** 6) = 243
