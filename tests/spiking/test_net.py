"""Nets made in physical units: they do what their equation says, and say what became of each unit."""

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import hwflow
from hwflow.errors import UserError
from hwflow.spiking.net import STDP, Group, SpikingNet


def by_the_equation(spikes: np.ndarray, weight: float, tau: float, threshold: float) -> list[int]:
    """Ticks of 1 ms in which one neuron fires that all sources reach, in floats."""
    v, fired = 0.0, []
    for tick, row in enumerate(spikes):
        v = v * math.exp(-1e-3 / tau) + weight * row.sum()
        if v > threshold:
            fired.append(tick)
            v = 0.0
    return fired


def test_a_neuron_does_what_its_equation_says() -> None:
    net = SpikingNet(state_bits=24)
    source = net.inputs(10)
    neuron = net.neurons(1, tau="20 ms", threshold=1.0)
    net.connect(source, neuron, weight=0.125)
    spikes = np.random.default_rng(1).random((2000, 10)) < 0.05
    heard = net.run("2 s", {source: spikes})
    fired = np.flatnonzero(heard.spikes(neuron)[:, 0]).tolist()
    wanted = by_the_equation(spikes, 0.125, 20e-3, 1.0)
    assert len(wanted) > 20 and len(set(fired) ^ set(wanted)) <= 0.02 * len(wanted)
    assert heard.rates(neuron)[0] == len(fired) / 2 and np.array_equal(heard.spikes(source), spikes)
    assert 0.9 < heard.membranes(neuron).max() < 1.01


def test_spikes_of_neurons_arrive_in_the_next_tick_and_refractory_ticks_hold() -> None:
    net = SpikingNet()
    source, first, second = net.inputs(1), net.neurons(1, refractory="3 ms"), net.neurons(1)
    net.connect(source, first, weight=2.0)
    net.connect(first, second, weight=2.0)
    heard = net.run("10 ms", {source: np.ones((10, 1))})
    assert np.flatnonzero(heard.spikes(first)[:, 0]).tolist() == [0, 4, 8]
    assert np.flatnonzero(heard.spikes(second)[:, 0]).tolist() == [1, 5, 9]


def test_poisson_sources_have_their_rate_and_come_again() -> None:
    net = SpikingNet(seed=3)
    source = net.poisson(100, rate="40 Hz")
    net.connect(source, net.neurons(1), weight=0.01)
    stimuli = net.stimuli("10 s")
    assert stimuli.shape == (10_000, 100) and abs(stimuli.mean() / 0.04 - 1) < 0.03
    assert np.array_equal(stimuli, net.stimuli("10 s"))


def test_weights_grow_by_the_rule_within_their_bounds() -> None:
    net = SpikingNet()
    source, neuron = net.inputs(2), net.neurons(1, tau="5 ms")
    net.connect(source, neuron, weight=[[0.5], [1.5]], stdp=STDP(tau="20 ms", rate=0.05, ratio=0.0, most=2.0))
    spikes = np.zeros((400, 2))
    spikes[::40, 0] = 1  # comes before the other, which fires the neuron
    spikes[1::40, 1] = 1
    before = net.model().network
    after = net.run("400 ms", {source: spikes}, learn=True).weights[:2, 0]
    unit = before.learning.weight_max / 2.0
    assert before.weight[:2, 0].tolist() == [round(0.5 * unit), round(1.5 * unit)]
    gained = after[0] - before.weight[0, 0]
    assert abs(gained - 10 * 0.05 * 2.0 * unit * math.exp(-1 / 20)) <= 10  # to the rounding of each of ten pairs
    assert net.run("400 ms", {source: spikes}, learn=False).weights[0, 0] == before.weight[0, 0]


def test_what_each_unit_becomes_is_said() -> None:
    net = hwflow.SpikingNet(name="small")
    source, neurons = net.poisson(5, rate=40), net.neurons(3, tau=0.02, refractory=0.002)
    net.connect(source, neurons, weight=0.5, stdp=hwflow.STDP())
    text = str(net)
    for words in (
        "small: 5 sources, 3 neurons",
        "a potential of 1 is",
        "refractory 2 ticks",
        "STDP: weights from 0 to 1",
    ):
        assert words in text
    assert "neurons1" in str(net.model())


def test_a_plot_is_a_page(tmp_path: Path) -> None:
    net = SpikingNet()
    source, neurons = net.poisson(5, rate="40 Hz"), net.neurons(3)
    net.connect(source, neurons, weight=0.5)
    drawing = net.run("100 ms").plot(source, neurons, out=tmp_path / "p.html")
    assert (tmp_path / "p.html").read_text() == drawing.html == drawing._repr_html_()
    assert drawing.html.count("<svg") == 3


def test_it_compiles_as_every_model_does(tmp_path: Path) -> None:
    net = SpikingNet()
    source, neurons = net.poisson(5, rate="40 Hz"), net.neurons(3)
    net.connect(source, neurons, weight=0.5)
    project = net.model().compile("sim", tmp_path / "p")
    record = project.run("model", net.stimuli("100 ms"))
    assert record.right and record.ticks == 100
    assert record.spikes == net.run("100 ms").spikes(neurons).sum()


FAULTS: list[tuple[Callable[[SpikingNet, Group, Group], object], str]] = [
    (lambda n, s, p: n.neurons(3, tau="20 m"), "tau is '20 m'; give a time"),
    (lambda n, s, p: n.neurons(3, tau=-1), "tau is -1"),
    (lambda n, s, p: n.neurons(0), "give 1 or more"),
    (lambda n, s, p: n.neurons("x"), "count is 'x'"),  # type: ignore[arg-type]
    (lambda n, s, p: n.neurons(1, threshold=-1), "is not above rest"),
    (lambda n, s, p: n.neurons(1, refractory="0.5 ms"), "a whole number of them"),
    (lambda n, s, p: n.poisson(3, rate="2 kHz"), "at most one"),
    (lambda n, s, p: n.poisson(3, rate="40"), "give a rate"),
    (lambda n, s, p: n.connect(p, s, 1.0), "connect to neurons"),
    (lambda n, s, p: n.connect(s, p, 1.0), "connected already"),
    (lambda n, s, p: n.connect(p, p, np.ones((2, 2))), "give one number or an array of shape"),
    (lambda n, s, p: n.connect(p, p, float("nan")), "NaN"),
    (lambda n, s, p: n.connect(p, p, 1.0, probability=0), "probability"),
    (lambda n, s, p: n.connect(p, Group("x", 2, True), 1.0), "no group of this net"),
    (lambda n, s, p: n.connect(p, p, -1.0, stdp=STDP()), "not above 0"),
    (lambda n, s, p: n.run("1.5 ms"), "1.5 ticks"),
    (lambda n, s, p: n.run("5 ms").membranes(s), "no membranes"),
    (lambda n, s, p: STDP(rate=3), "rate above 0 to 1"),
    (lambda n, s, p: SpikingNet().run("1 s"), "has no neurons"),
    (lambda n, s, p: SpikingNet(dt="fast"), "dt is 'fast'"),
    (lambda n, s, p: SpikingNet(state_bits=30), "cannot be built"),
]


@pytest.mark.parametrize(("call", "says"), FAULTS, ids=[says for _, says in FAULTS])
def test_what_cannot_be_is_one_sentence(call: Callable[[SpikingNet, Group, Group], object], says: str) -> None:
    net = SpikingNet()
    source, neurons = net.poisson(4, rate="40 Hz"), net.neurons(3)
    net.connect(source, neurons, weight=0.5)
    with pytest.raises(UserError, match=says) as error:
        call(net, source, neurons)
    assert "\n" not in str(error.value)


def test_a_rate_that_rounds_to_nothing_is_refused() -> None:
    net = SpikingNet()
    source, neurons = net.poisson(4, rate="40 Hz"), net.neurons(3)
    net.connect(source, neurons, weight=0.5, stdp=STDP(rate=0.001))
    with pytest.raises(
        UserError, match="rounds every change to nothing; give a rate of .* or more, or stochastic=True"
    ):
        str(net)


def test_a_small_rate_comes_right_in_the_mean_by_draws() -> None:
    """200 pairs of 0.3 of a unit each, for 40 synapses: within 5 standard errors of the equation."""
    net = SpikingNet(seed=3)
    source, drive, neuron = net.inputs(40), net.inputs(1), net.neurons(1, tau="5 ms")
    stdp = STDP(tau="20 ms", rate=0.3 / 127, ratio=0.0, most=2.0, stochastic=True)
    net.connect(source, neuron, weight=0.1, stdp=stdp)
    net.connect(drive, neuron, weight=1.9)
    spikes = {source: np.zeros((8000, 40)), drive: np.zeros((8000, 1))}
    spikes[source][::40] = 1
    spikes[drive][1::40] = 1
    network = net.model().network
    each = network.learning.potentiation * network.learning.pre_step / 65536
    gained = net.run("8 s", spikes, learn=True).weights[:40, 0] - network.weight[:40, 0]
    assert 0.2 < each < 0.3 and "in the mean" in str(net)
    assert abs(gained.mean() - 200 * each) <= 5 * math.sqrt(200 * each * (1 - each) / 40)
