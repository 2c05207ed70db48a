"""NIR graphs on the core: the golden model against the graph's own equations in floats."""

import itertools
from dataclasses import replace
from pathlib import Path
from typing import Any

import nir
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from spiking.nir_simulation import simulate

from hwflow.errors import UserError
from hwflow.spiking.fit import core_for
from hwflow.spiking.frontend import nir as frontend
from hwflow.spiking.frontend.model import SpikingModel
from hwflow.spiking.reference import Rules, Run, initial, run

Array = NDArray[Any]


def full(count: int, value: float) -> Array:
    return np.full(count, value)


def lif(
    count: int, tau: float = 1.0, r: float = 1.0, threshold: float = 1.0, leak: float = 0.0, reset: float = 0.0
) -> Any:
    return nir.LIF(*(full(count, value) for value in (tau, r, leak, threshold, reset)))


def integrate(count: int, threshold: float = 1.0, reset: float = 0.0) -> Any:
    return nir.IF(full(count, 1.0), full(count, threshold), full(count, reset))


def chain(*nodes: Any) -> nir.NIRGraph:
    return nir.NIRGraph.from_list(*nodes)


def graph(nodes: dict[str, Any], edges: list[tuple[str, str]]) -> nir.NIRGraph:
    return nir.NIRGraph(nodes=nodes, edges=edges, type_check=False)


def model_of(net: nir.NIRGraph, dt: float = 1.0, **options: Any) -> SpikingModel:
    return frontend.from_dict(net.to_dict(), dt, "net", **options)


def golden(model: SpikingModel, x: Array) -> Run:
    """The golden model on spikes, or values, with ticks added for its latency."""
    given = x.astype(np.uint8 if model.network.graded else np.bool_)
    late = np.zeros((model.info.latency, x.shape[1]), dtype=given.dtype)
    core = core_for(model.network, state_bits=model.info.state_bits)
    rules = Rules(model.network, core)
    return run(rules, initial(model.network), np.concatenate([given, late]), keep_membranes=True)


def outputs(model: SpikingModel, x: Array) -> Array:
    """Spikes of the outputs, the latency taken off."""
    return golden(model, x).spikes[model.info.latency :, model.network.outputs]


def spikes(seed: int, ticks: int, axons: int, rate: float = 0.4) -> Array:
    return np.random.default_rng(seed).random((ticks, axons)) < rate


def equal(net: nir.NIRGraph, x: Array, dt: float = 1.0, **options: Any) -> SpikingModel:
    """A net whose quantisation is exact: every spike is that of the equations."""
    model = model_of(net, dt, **options)
    assert model.info.rounding is not None and model.info.rounding.weight == 0
    expected = simulate(net, x, dt)
    assert expected.any() and not expected.all(), "a stimulus that shows nothing"
    assert np.array_equal(outputs(model, x), expected.astype(bool))
    return model


RNG = np.random.default_rng(7)
W = RNG.integers(-8, 9, (5, 4)) / 8.0
REC = RNG.integers(-8, 9, (5, 5)) / 16.0


def test_layers_are_later_by_a_tick_each() -> None:
    w2, w3 = RNG.integers(-4, 9, (6, 5)) / 8.0, RNG.integers(-4, 9, (3, 6)) / 8.0
    net = chain(nir.Linear(W), integrate(5), nir.Linear(w2), integrate(6), nir.Linear(w3), integrate(3))
    model = equal(net, spikes(1, 200, 4))
    assert [layer.latency for layer in model.info.layers] == [0, 1, 2] and model.info.latency == 2
    assert [layer.first for layer in model.info.layers] == [0, 5, 11] and model.network.outputs.tolist() == [11, 12, 13]


def test_a_bias_is_a_constant_current_that_begins_with_the_layer() -> None:
    w2 = RNG.integers(-4, 9, (3, 5)) / 8.0
    net = chain(nir.Affine(W, full(5, 0.125)), integrate(5), nir.Affine(w2, full(3, 0.25)), integrate(3))
    model = equal(net, spikes(2, 200, 4))
    assert model.network.start is not None and model.network.start.refractory.tolist() == [0] * 5 + [1] * 3


def test_a_layer_without_memory() -> None:
    equal(chain(nir.Linear(W), nir.Threshold(full(5, 0.5))), spikes(3, 100, 4))
    equal(chain(nir.Linear(W), lif(5, tau=1.0, threshold=0.5)), spikes(3, 100, 4))


def test_rest_and_reset_other_than_zero() -> None:
    net = chain(nir.Linear(W), lif(5, tau=1.0, r=1.0, threshold=-0.5, leak=-1.0, reset=-1.25))
    equal(net, spikes(4, 100, 4))
    equal(chain(nir.Linear(W), integrate(5, 1.0, reset=-0.5)), spikes(4, 200, 4))


def recurrent(neurons: Any, count: int) -> nir.NIRGraph:
    """As snnTorch writes a recurrent layer: a graph of its own."""
    return graph(
        {"input": nir.Input(np.array([count])), "lif": neurons, "w_rec": nir.Linear(REC[:count, :count]),
         "output": nir.Output(np.array([count]))},
        [("input", "lif"), ("lif", "w_rec"), ("w_rec", "lif"), ("lif", "output")],
    )  # fmt: skip


def test_a_recurrent_layer_in_a_graph_of_its_own() -> None:
    w2 = RNG.integers(-4, 9, (3, 5)) / 8.0
    net = graph(
        {"input": nir.Input(np.array([4])), "fc1": nir.Linear(W), "lif1": recurrent(integrate(5), 5),
         "fc2": nir.Linear(w2), "lif2": integrate(3), "output": nir.Output(np.array([3]))},
        [("input", "fc1"), ("fc1", "lif1"), ("lif1", "fc2"), ("fc2", "lif2"), ("lif2", "output")],
    )  # fmt: skip
    model = equal(net, spikes(5, 300, 4))
    assert [layer.name for layer in model.info.layers] == ["lif1/lif", "lif2"] and model.info.feedback == ()


def test_an_edge_that_leaves_out_layers_goes_through_relays() -> None:
    net = graph(
        {"input": nir.Input(np.array([4])), "fc1": nir.Linear(W), "a": integrate(5), "fc2": nir.Linear(REC), "b": integrate(5),
         "fc3": nir.Linear(REC), "skip": nir.Linear(W), "c": integrate(5), "output": nir.Output(np.array([5]))},
        [("input", "fc1"), ("fc1", "a"), ("a", "fc2"), ("fc2", "b"), ("b", "fc3"), ("fc3", "c"), ("input", "skip"),
         ("skip", "c"), ("a", "c"), ("c", "output")],
    )  # fmt: skip
    model = equal(net, spikes(6, 200, 4))
    assert model.info.relays == 4 * 2 + 5 and model.network.size == 15 + 13


def test_delays_are_whole_ticks() -> None:
    delay = nir.Delay(np.array([0.0, 1e-3, 3e-3, 3e-3]))
    neurons = nir.IF(full(5, 1000.0), full(5, 1.0))
    equal(chain(delay, nir.Linear(W), neurons), spikes(7, 200, 4), 1e-3)
    net = graph(
        {"input": nir.Input(np.array([4])), "fc1": nir.Linear(W), "a": neurons, "late": nir.Delay(full(5, 3e-3)),
         "rec": nir.Linear(REC), "output": nir.Output(np.array([5]))},
        [("input", "fc1"), ("fc1", "a"), ("a", "late"), ("late", "rec"), ("rec", "a"), ("a", "output")],
    )  # fmt: skip
    model = model_of(net, 1e-3)
    assert model.info.relays == 2 * 5  # a loop of 3 ticks: two relays and the hop itself
    with pytest.raises(UserError, match=r"Node 'delay' \(Delay\) .* not whole ticks of 0.0004 s; give another --dt"):
        model_of(chain(delay, nir.Linear(W), neurons), 4e-4)
    rounded = model_of(chain(delay, nir.Linear(W), neurons), 4e-4, clip=True)  # to 0, 2, 8 and 8 ticks
    assert rounded.info.relays == 2 + 8 + 8


def test_scale_and_flatten() -> None:
    shape = np.array([2, 2])
    net = graph(
        {"input": nir.Input(shape), "scale": nir.Scale(np.array([[1.0, 0.5], [2.0, 1.0]])),
         "flat": nir.Flatten({"input": shape}, 0, -1), "fc": nir.Linear(W), "if": integrate(5),
         "output": nir.Output(np.array([5]))},
        [("input", "scale"), ("scale", "flat"), ("flat", "fc"), ("fc", "if"), ("if", "output")],
    )  # fmt: skip
    equal(net, spikes(8, 200, 4))


def test_a_convolutional_net_is_unrolled() -> None:
    """The shape of the NIR paper's net from Sinabs: Conv2d, IF, SumPool2d, Flatten, Linear."""
    rng = np.random.default_rng(2)

    def conv(size: int, inputs: int, stride: int) -> Any:
        weight = rng.integers(-3, 5, (3, inputs, 3, 3)) / 8.0
        return nir.Conv2d((size, size), weight, stride, 1, 1, 1, np.array([0.0, 0.125, -0.125]))

    def fires(*shape: int) -> Any:
        return nir.IF(*(np.full(shape, value) for value in (1.0, 1.0, 0.0)))

    nodes = {"input": nir.Input(np.array([2, 8, 8])), "c1": conv(8, 2, 2), "if1": fires(3, 4, 4),
             "pool": nir.SumPool2d(np.array([2, 2]), np.array([2, 2]), np.array([0, 0])), "c2": conv(2, 3, 1),
             "if2": fires(3, 2, 2), "flat": nir.Flatten({"input": np.array([3, 2, 2])}, 0, -1),
             "fc": nir.Linear(rng.integers(-3, 5, (4, 12)) / 8.0), "if3": fires(4), "output": nir.Output(np.array([4]))}  # fmt: skip
    model = equal(graph(nodes, list(itertools.pairwise(nodes))), spikes(14, 60, 128, 0.2))
    assert [layer.shape for layer in model.info.layers] == [(3, 4, 4), (3, 2, 2), (4,)]


def test_values_count_as_so_many_spikes() -> None:
    """Through an image's layers; the core takes values, and its state has room for them."""
    values = np.random.default_rng(3).integers(0, 256, (200, 4)) * spikes(13, 200, 4, 0.3)
    w2 = RNG.integers(-8, 9, (3, 5)) / 8.0
    deep = chain(nir.Linear(W), integrate(5, 100.0), nir.Linear(w2), integrate(3))
    model = equal(deep, values, graded=True, state_bits=20)
    assert "graded" in model.network.needs and golden(model, values).state.saturations == 0
    plain = model_of(deep, state_bits=20)
    assert not plain.network.graded
    narrow = replace(plain, network=replace(plain.network, graded=True))
    assert golden(narrow, values).state.saturations > 0  # its scales have room for spikes


def test_a_scale_says_what_a_value_is() -> None:
    """Of a net that was trained on pixels of 0 to 1."""
    values = np.random.default_rng(4).integers(0, 256, (100, 4))
    weight = RNG.integers(-8, 9, (5, 4)) * 255 / 2048
    net = chain(nir.Scale(full(4, 1 / 255)), nir.Linear(weight), integrate(5, threshold=0.25))
    model = model_of(net, graded=True, state_bits=20)
    assert np.array_equal(outputs(model, values), simulate(net, values, 1.0).astype(bool))


@pytest.mark.parametrize(
    ("nodes", "edges", "says"),
    [
        ({"delay": nir.Delay(full(4, 2.0))}, [("input", "delay"), ("delay", "fc")], "from input 'input' to node 'a' 2 ticks too soon"),
        ({"skip": nir.Linear(REC[:, :4])}, [("input", "fc"), ("input", "skip"), ("skip", "b")], "to node 'b' 1 ticks too soon"),
    ],
)  # fmt: skip
def test_values_that_would_be_delayed_are_refused(nodes: dict[str, Any], edges: list[Any], says: str) -> None:
    """A relay is a neuron, whose spike has no value."""
    all_nodes = {"input": nir.Input(np.array([4])), "fc": nir.Linear(W), "a": integrate(5), "w": nir.Linear(REC),
                 "b": integrate(5), "output": nir.Output(np.array([5]))} | nodes  # fmt: skip
    net = graph(all_nodes, [("fc", "a"), ("a", "w"), ("w", "b"), ("b", "output"), *edges])
    assert model_of(net).info.relays > 0
    with pytest.raises(UserError, match=f"{says}, and only spikes can be delayed"):
        model_of(net, graded=True)


def test_the_host_is_told_of_the_outputs() -> None:
    net = chain(nir.Linear(W), integrate(5), nir.Linear(RNG.integers(-8, 9, (3, 5)) / 8.0), integrate(3))
    assert (model_of(net).network.told, model_of(net, told=True).network.told) == (0, 5)


def test_a_read_out_is_a_membrane() -> None:
    w2 = RNG.integers(-8, 9, (3, 5)) / 8.0
    for read_out in (nir.I(full(3, 1.0)), nir.LI(full(3, 1.0), full(3, 1.0), full(3, 0.0))):
        net = chain(nir.Linear(W), integrate(5), nir.Linear(w2), read_out)
        model, x = model_of(net), spikes(9, 100, 4)
        layer = model.info.layers[-1]
        assert not layer.fires and layer.latency == 1
        done = golden(model, x)
        assert not done.spikes[:, model.network.outputs].any()
        assert done.membranes is not None
        value = layer.rest + layer.unit * done.membranes[1:, model.network.outputs]
        assert np.allclose(value, simulate(net, x, 1.0), rtol=0, atol=1e-9)


def test_a_loop_through_two_layers_says_that_it_is_slower() -> None:
    net = graph(
        {"input": nir.Input(np.array([4])), "fc": nir.Linear(W), "a": integrate(5), "ab": nir.Linear(REC), "b": integrate(5),
         "ba": nir.Linear(REC), "output": nir.Output(np.array([5]))},
        [("input", "fc"), ("fc", "a"), ("a", "ab"), ("ab", "b"), ("b", "ba"), ("ba", "a"), ("b", "output")],
    )  # fmt: skip
    (back,) = model_of(net).info.feedback
    assert (back.source, back.target, back.ticks, back.wanted) == ("b", "a", 2, 1)


@st.composite
def exact_nets(draw: st.DrawFn) -> tuple[nir.NIRGraph, Array]:
    """Layers of neurons without leak, or without memory, and weights that are multiples of one number."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    sizes = draw(st.lists(st.integers(1, 5), min_size=2, max_size=4))
    nodes: list[Any] = []
    for before, after in itertools.pairwise(sizes):
        weight = rng.integers(-9, 13, (after, before)) * draw(st.sampled_from([1.0, 0.25, 1 / 3, 0.1]))
        unit = np.abs(weight).max() or 1.0
        nodes.append(nir.Affine(weight, np.zeros(after)) if draw(st.booleans()) else nir.Linear(weight))
        threshold = rng.integers(0, 4, after) * unit / 2 + unit / 40
        if draw(st.booleans()):
            neurons: Any = nir.IF(full(after, 1.0), threshold, np.zeros(after))
        else:
            neurons = nir.LIF(full(after, 1.0), full(after, 1.0), np.zeros(after), threshold, np.zeros(after))
        nodes.append(neurons)
    return chain(*nodes), rng.random((30, sizes[0])) < 0.5


@pytest.mark.slow
@given(exact_nets())
def test_exact_nets_spike_as_their_equations_do(case: tuple[nir.NIRGraph, Array]) -> None:
    net, x = case
    model = model_of(net)
    assert model.info.rounding is not None and model.info.rounding.weight == 0
    assert np.array_equal(outputs(model, x), simulate(net, x, 1.0).astype(bool))


def agreement(net: nir.NIRGraph, x: Array, dt: float, **options: Any) -> float:
    """Spikes that are the same, of all that either makes."""
    made, expected = outputs(model_of(net, dt, **options), x), simulate(net, x, dt).astype(bool)
    assert 0.02 < expected.mean() < 0.6, f"a rate of {expected.mean()} shows little"
    return float((made & expected).sum() / (made | expected).sum())


def test_leaky_layers_agree_but_for_rounding() -> None:
    rng = np.random.default_rng(1)
    w1, w2 = rng.normal(0.1, 0.4, (30, 20)), rng.normal(0.1, 0.4, (10, 30))
    dt, beta = 1e-4, 0.9
    tau = dt / (1 - beta)  # as snnTorch writes a Leaky of this beta
    net = chain(nir.Affine(w1, full(30, 0.02)), lif(30, tau, tau / dt), nir.Linear(w2), lif(10, tau, tau / dt))
    x = spikes(10, 500, 20, 0.2)
    assert agreement(net, x, dt) > 0.9
    assert agreement(chain(nir.Affine(w1, full(30, 0.02)), lif(30, tau, tau / dt)), x, dt) > 0.97


def braille(rng: np.random.Generator, dt: float) -> nir.NIRGraph:
    """The shape of the NIR paper's recurrent net: 12 inputs, 38 recurrent CubaLIF with biases, 7 CubaLIF."""

    def cuba(count: int, alpha: float, beta: float) -> Any:
        tau_syn, tau_mem = dt / (1 - alpha), dt / (1 - beta)
        values = {"tau_syn": tau_syn, "tau_mem": tau_mem, "r": tau_mem / dt, "v_leak": 0.0, "v_threshold": 1.0,
                  "v_reset": 0.0, "w_in": tau_syn / dt}  # fmt: skip
        return nir.CubaLIF(**{name: full(count, value) for name, value in values.items()})

    inner = graph(
        {"input": nir.Input(np.array([38])), "lif": cuba(38, 0.5, 0.7),
         "w_rec": nir.Affine(rng.normal(0, 0.08, (38, 38)), full(38, 0.01)), "output": nir.Output(np.array([38]))},
        [("input", "lif"), ("lif", "w_rec"), ("w_rec", "lif"), ("lif", "output")],
    )  # fmt: skip
    return graph(
        {"input": nir.Input(np.array([12])), "fc1": nir.Affine(rng.normal(0.1, 0.3, (38, 12)), rng.normal(0, 0.02, 38)),
         "lif1": inner, "fc2": nir.Affine(rng.normal(0.02, 0.2, (7, 38)), rng.normal(0, 0.02, 7)), "lif2": cuba(7, 0.4, 0.8),
         "output": nir.Output(np.array([7]))},
        [("input", "fc1"), ("fc1", "lif1"), ("lif1", "fc2"), ("fc2", "lif2"), ("lif2", "output")],
    )  # fmt: skip


def test_the_shape_of_the_braille_net() -> None:
    net, x = braille(np.random.default_rng(3), 1e-4), spikes(11, 256, 12, 0.1)
    model = model_of(net, 1e-4)
    assert model.network.size == 45 and model.network.axons == 12 and model.info.latency == 1
    assert model.info.rounding is not None and 0 < model.info.rounding.weight < 1 / 127
    made, expected = outputs(model, x), simulate(net, x, 1e-4).astype(bool)
    assert abs(int(made.sum()) - int(expected.sum())) <= 0.05 * expected.sum()


def test_a_cuba_layer_with_a_bias_begins_as_the_equations_do() -> None:
    values = {"tau_syn": 4.0, "tau_mem": 2.0, "r": 1.0, "v_leak": 0.0, "v_threshold": 0.3, "v_reset": 0.0, "w_in": 1.0}
    cuba = nir.CubaLIF(**{name: full(5, value) for name, value in values.items()})
    net = chain(nir.Affine(W, full(5, 0.4)), cuba)
    assert agreement(net, spikes(12, 300, 4), 1.0) > 0.97
    first = outputs(model_of(net), spikes(12, 300, 4))[:20]
    assert np.array_equal(first, simulate(net, spikes(12, 300, 4), 1.0).astype(bool)[:20])


@pytest.mark.slow
def test_norse_file(shared: Path) -> None:
    path = shared / "data" / "nir" / "lif_norse.nir"
    model, x = frontend.load(path, 1e-4), spikes(13, 2000, 1, 0.6)
    made, expected = outputs(model, x), simulate(nir.read(path), x, 1e-4).astype(bool)
    assert expected.sum() > 300 and np.array_equal(made, expected)


@pytest.mark.slow
def test_files_are_read_as_graphs_are(tmp_path: Path) -> None:
    net = braille(np.random.default_rng(3), 1e-4)
    nir.write(tmp_path / "braille.nir", net)
    read, made = frontend.load(tmp_path / "braille.nir", 1e-4), model_of(net, 1e-4)
    assert read.network.name == "braille" and read.info == made.info
    assert np.array_equal(read.network.weight, made.network.weight)


REFUSALS: list[tuple[nir.NIRGraph, float, str]] = [
    (chain(nir.Linear(W), lif(5, tau=1e-3)), 1e-2,
     r"Node 'lif' \(LIF\) cannot be represented: its tau of 0.001 s is shorter than a tick of 0.01 s; give a smaller --dt"),
    (chain(nir.Linear(W), lif(5, tau=-1.0)), 1.0, "its tau is -1 s, which is no time constant"),
    (chain(nir.Linear(W), lif(5, tau=1e6)), 1.0, r"A time constant of neuron 0 of node 'lif' \(LIF\) is longer than 131,072"),
    (chain(nir.Linear(W), nir.LI(full(5, 2.0), full(5, 1.0), full(5, 0.0)), nir.Linear(REC), integrate(5)), 1.0,
     r"Node 'li' \(LI\) never fires and leads to 'if': only spikes travel between neurons"),
    (chain(nir.Linear(W), integrate(5), nir.Linear(REC)), 1.0,
     r"Node 'output' \(Output\) is not the output of one node of neurons; end the model in LIF"),
    (chain(nir.Linear(W), nir.Scale(full(5, 2.0))), 1.0, "The model has no neurons"),
    (chain(nir.Linear(W), integrate(5, threshold=1e7)), 1.0, "weights of neuron 0 of node 'if' .* by 100%, more than 25%, .*1 where neurons count spikes"),
    (graph({"input": nir.Input(np.array([4])), "a": nir.Linear(np.eye(4)), "if": integrate(4),
            "output": nir.Output(np.array([4]))},
           [("input", "a"), ("a", "a"), ("a", "if"), ("if", "output")]), 1.0, "a loop through 'a' without a neuron"),
    (graph({"input": nir.Input(np.array([4])), "if": integrate(4), "lost": integrate(4),
            "output": nir.Output(np.array([4]))}, [("input", "if"), ("if", "output")]), 1.0, "No input leads to 'lost'"),
    (graph({"input": nir.Input(np.array([4])), "if": integrate(3), "output": nir.Output(np.array([3]))},
           [("input", "if"), ("if", "output")]), 1.0, r"Node 'if' \(IF\) .* it has 3 parameters for 4 neurons"),
    (graph({"input": nir.Input(np.array([16384])), "if": integrate(16384), "output": nir.Output(np.array([16384]))},
           [("input", "if"), ("if", "output")]), 1.0, "is not 1 to 16,383 axons"),
    (graph({"input": nir.Input(np.array([9000])), "if": integrate(9000), "output": nir.Output(np.array([9000]))},
           [("input", "if"), ("if", "output")]), 1.0, "takes 9,000 axons and 9,000 neurons, 1,616 more than the 16,384"),
    (graph({"input": nir.Input(np.array([4])), "fc": nir.Linear(W.T), "if": integrate(5),
            "output": nir.Output(np.array([5]))},
           [("input", "fc"), ("fc", "if"), ("if", "output")]), 1.0, r"Node 'fc' \(Linear\) .* takes 5 values and is given"),
]  # fmt: skip


@pytest.mark.parametrize(("net", "dt", "sentence"), REFUSALS)
def test_what_cannot_be_represented_is_refused_by_name(net: nir.NIRGraph, dt: float, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence) as caught:
        model_of(net, dt)
    assert str(caught.value).endswith(".") and "\n" not in str(caught.value)


@pytest.mark.parametrize(("net", "dt"), [REFUSALS[0][:2], REFUSALS[2][:2], REFUSALS[6][:2]])
def test_clipping_is_on_request(net: nir.NIRGraph, dt: float) -> None:
    clipped = model_of(net, dt, clip=True, allow_error=1.0)
    assert clipped.network.size == 5 and clipped.info.rounding is not None
    assert clipped.network.neurons.leak.tolist() == [65535 if dt < 1 else 0] * 5


def test_dt_is_asked_for(tmp_path: Path) -> None:
    nir.write(tmp_path / "net.nir", chain(nir.Linear(W), integrate(5)))
    with pytest.raises(UserError, match="net.nir is continuous in time; give the seconds of a tick with --dt"):
        frontend.load(tmp_path / "net.nir", None)
    with pytest.raises(UserError, match="--dt -1 is no time"):
        frontend.load(tmp_path / "net.nir", -1.0)
