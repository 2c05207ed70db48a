"""The float twin against the equations of the NIR paper, written apart from it, and of SuperNeuroMAT."""

from typing import Any

import nir
import numpy as np
import pytest
from numpy.typing import NDArray
from spiking.nir_simulation import simulate

from hwflow.errors import UserError
from hwflow.spiking.frontend import nir as frontend
from hwflow.spiking.frontend.float_net import Counted, Dynamics, FloatNet, Layer, Route
from hwflow.spiking.frontend.floats import run_floats

Array = NDArray[Any]
RNG = np.random.default_rng(5)


def full(count: int, value: float) -> Array:
    return np.full(count, value)


def cuba(count: int, *, fires: bool = True) -> Any:
    values = {"tau_syn": 3.0, "tau_mem": 5.0, "r": 1.3, "v_leak": 0.1, "w_in": 2.0}
    values |= {"v_threshold": 0.6, "v_reset": -0.1} if fires else {}
    return (nir.CubaLIF if fires else nir.CubaLI)(**{name: full(count, value) for name, value in values.items()})


def lif(count: int) -> Any:
    return nir.LIF(full(count, 4.0), full(count, 2.0), full(count, -0.2), full(count, 0.5), full(count, 0.1))


def affine(rows: int, columns: int) -> Any:
    return nir.Affine(RNG.normal(0.2, 0.8, (rows, columns)), RNG.normal(0, 0.1, rows))


def recurrent() -> nir.NIRGraph:
    nodes = {"input": nir.Input(np.array([4])), "fc": affine(6, 4), "a": cuba(6), "rec": affine(6, 6), "fc2": affine(5, 6),
             "b": lif(5), "late": nir.Delay(full(4, 2.0)), "skip": affine(5, 4), "output": nir.Output(np.array([5]))}  # fmt: skip
    edges = [("input", "fc"), ("fc", "a"), ("a", "rec"), ("rec", "a"), ("a", "fc2"), ("fc2", "b"), ("input", "late"),
             ("late", "skip"), ("skip", "b"), ("b", "output")]  # fmt: skip
    return nir.NIRGraph(nodes=nodes, edges=edges, type_check=False)


NETS = [
    recurrent(),
    nir.NIRGraph.from_list(affine(5, 4), nir.IF(full(5, 0.7), full(5, 1.0)), affine(3, 5), nir.Threshold(full(3, 0.4))),
    nir.NIRGraph.from_list(affine(5, 4), lif(5), affine(3, 5), nir.LI(full(3, 6.0), full(3, 1.0), full(3, 0.3))),
    nir.NIRGraph.from_list(affine(5, 4), cuba(5), affine(3, 5), cuba(3, fires=False)),
]


@pytest.mark.parametrize("net", NETS)
def test_the_equations_of_the_paper(net: nir.NIRGraph) -> None:
    x = np.random.default_rng(1).random((3, 120, 4)) < np.array([0.1, 0.3, 0.5])[:, None, None]
    model = frontend.from_dict(net.to_dict(), 1.0, "net")
    assert model.floats is not None
    done = run_floats(model.floats, x)
    expected = np.array([simulate(net, sample, 1.0) for sample in x])
    ((name, chosen),) = model.floats.outputs
    layer = next(one for one in model.info.layers if one.name == name)
    assert np.allclose(done.total, expected.sum(axis=1), rtol=1e-9, atol=1e-9)
    if layer.fires:
        assert 0.02 < expected.mean() < 0.9, "a stimulus that shows nothing"
        assert np.array_equal(done.spikes[:, :, layer.first + chosen], expected.astype(bool))


def test_time_in_ticks() -> None:
    """SuperNeuroMAT's tick, one neuron at a time in plain numbers."""
    count, ticks = 4, 60
    rng = np.random.default_rng(3)
    step, period = np.array([0.0, 2.0, 0.5, np.inf]), np.array([0, 0, 0, 2])
    held, begin = np.array([0, 0, 0, 1]), np.array([1.0, -3.0, 0.0, 0.0])
    weight, rec = rng.integers(-2, 5, (3, count)).astype(float), rng.integers(-2, 3, (count, count)).astype(float)
    one = np.ones(count)
    update = Dynamics(0 * one, one, one, one, 0 * one, 3 * one, 0 * one)
    layer = Layer("n", "SuperNeuroMAT", (count,), update, 0 * one, Counted(step, period, held, begin))
    net = FloatNet(
        (("x", 3),), (layer,), (Route("x", "n", 0, weight), Route("n", "n", 1, rec)), (("n", np.arange(count)),)
    )
    x = rng.random((ticks, 3)) < 0.4
    v, left, fired, expected = begin.tolist(), held.tolist(), [False] * count, []
    for t in range(ticks):
        now = []
        for i in range(count):
            kept = max(v[i] - step[i], 0.0) if v[i] > 0 else min(v[i] + step[i], 0.0)
            v[i] = kept + sum(weight[x[t], i]) + sum(rec[j, i] for j in range(count) if fired[j])
            fires = v[i] > 3 and left[i] == 0
            left[i] = left[i] - 1 if left[i] else (int(period[i]) if fires else 0)
            v[i] = 0.0 if fires else v[i]
            now.append(fires)
        fired = now
        expected.append(now)
    assert 0.05 < np.mean(expected) < 0.8
    assert np.array_equal(run_floats(net, x[None]).spikes[0], expected)


def test_subtraction_and_reach() -> None:
    one = np.ones(1)
    update = Dynamics(0.1 * one, one, one, one, 0 * one, one, 0 * one, subtracts=True)
    net = FloatNet((("x", 2),), (Layer("n", "LIF", (1,), update, 0 * one),), (
        Route("x", "n", 0, np.array([[0.7], [-2.0]])),), (("n", np.arange(1)),))  # fmt: skip
    x = np.zeros((1, 60, 2), np.bool_)
    x[0, :50, 0] = x[0, 50:, 1] = True
    done = run_floats(net, x)
    v, spikes, low, high = 0.0, 0, 0.0, 0.0
    for row in x[0]:
        v = 0.9 * v + 0.7 * row[0] - 2 * row[1]
        low, high = min(low, v), max(high, v)
        if v > 1:
            v, spikes = v - 1, spikes + 1
    assert done.spikes.sum() == spikes == 32
    assert np.allclose((done.reach.low[0], done.reach.high[0], done.reach.current[0]), (-low, high, 2.0))
    with pytest.raises(UserError, match="Stimuli for 3 axons do not fit a model of 2"):
        run_floats(net, np.zeros((1, 5, 3), np.bool_))
