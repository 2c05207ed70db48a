"""Ranges: what drives a neuron bounds it, and a state that holds the bound is exact where a narrow one forgot."""

from typing import Any

import nir
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from spiking.nir_simulation import simulate

from hwflow.spiking.fit import core_for
from hwflow.spiking.frontend import nir as frontend
from hwflow.spiking.frontend.columns import columns_of
from hwflow.spiking.frontend.float_net import Dynamics, FloatNet, Layer, Route
from hwflow.spiking.frontend.floats import run_floats
from hwflow.spiking.frontend.model import SpikingModel
from hwflow.spiking.frontend.placement import constants, place
from hwflow.spiking.frontend.ranges import Drive, independent, worst_case
from hwflow.spiking.network import Core
from hwflow.spiking.reference import Rules, Run, initial, run

Array = NDArray[Any]


def golden(model: SpikingModel, x: Array) -> Run:
    core: Core = core_for(model.network, state_bits=model.info.state_bits)
    return run(Rules(model.network, core), initial(model.network), x)


def inhibited() -> tuple[nir.NIRGraph, Array]:
    """A LIF of 200 ticks, inhibited for 40 of them and then driven."""
    lif = nir.LIF(*(np.full(1, value) for value in (20e-3, 200.0, 0.0, 1.0)))
    x = np.zeros((400, 2), np.bool_)
    x[:40, 1] = x[40:, 0] = True
    return nir.NIRGraph.from_list(nir.Linear(np.array([[0.5, -2.0]])), lif), x


@pytest.mark.parametrize("state_bits", [16, 24])
def test_inhibition_is_not_forgotten(state_bits: int) -> None:
    net, x = inhibited()
    model = frontend.from_dict(net.to_dict(), 1e-4, "net", state_bits=state_bits)
    done = golden(model, x)
    expected = simulate(net, x, 1e-4)[:, 0].astype(bool)
    assert expected.sum() == 84 and expected.argmax() == 150
    assert np.array_equal(done.spikes[:, 0], expected) and done.state.saturations == 0


def test_a_wider_state_holds_the_worst_case() -> None:
    net, _ = inhibited()
    narrow, wide = (frontend.from_dict(net.to_dict(), 1e-4, "net", state_bits=bits).info for bits in (16, 24))
    assert narrow.saturation is not None and wide.saturation is not None
    assert wide.saturation.never == 1 and str(wide.saturation) == "no sum can saturate"
    assert narrow.saturation.can == 1 and "1 of 1 neurons can saturate" in str(narrow.saturation)
    worst = np.zeros((4000, 2), np.bool_)
    worst[:, 1] = True
    assert golden(frontend.from_dict(net.to_dict(), 1e-4, "net", state_bits=24), worst).state.saturations == 0


def test_samples_choose_the_range() -> None:
    """Inhibition that never comes costs nothing, and inhibition that lasts is held."""
    net, x = inhibited()
    quiet = x.copy()
    quiet[:, 1] = False
    units = [frontend.from_dict(net.to_dict(), 1e-4, "net", samples=samples).info.layers[0].unit
             for samples in (quiet, None, np.repeat(x, 4, axis=0))]  # fmt: skip
    assert all(unit is not None for unit in units)
    assert units[0] < units[1] / 10 < units[2] / 10  # the samples go below what independent spikes do
    long = np.repeat(x, 4, axis=0)
    assert golden(frontend.from_dict(net.to_dict(), 1e-4, "net", samples=long), long).state.saturations == 0


def test_nothing_changes_where_nothing_pulls_down() -> None:
    """Drive far above the threshold asks for no room: a sum that is clipped fires all the same."""
    lif = nir.LIF(*(np.full(3, value) for value in (10.0, 10.0, 0.0, 1.0)))
    weight = np.random.default_rng(0).integers(1, 120, (3, 100)) / 120.0
    model = frontend.from_dict(nir.NIRGraph.from_list(nir.Linear(weight), lif).to_dict(), 1.0, "net")
    assert (model.network.neurons.threshold > 7000).all()
    assert model.info.saturation is not None and (model.info.saturation.harmless, model.info.saturation.can) == (3, 0)
    x = np.ones((50, 100), np.bool_)
    done = golden(model, x)
    assert done.clipped.any() and np.array_equal(done.spikes[:, :3], np.ones((50, 3), np.bool_))


def test_a_time_constant_that_never_ends() -> None:
    """What the core takes for no decay is followed as what has none."""
    weight = np.array([[0.5, -2.0]])
    nets = [
        nir.NIRGraph.from_list(nir.Linear(weight), nir.LIF(*(np.full(1, v) for v in (tau, 1.0, 0.0, 1.0))))
        for tau in (1e19, 1e30)
    ]
    infos = [frontend.from_dict(net.to_dict(), 1.0, "net", clip=True, allow_error=1.0).info for net in nets]
    assert all(np.isfinite(info.layers[0].unit) for info in infos)


def layer_of(rng: np.random.Generator, count: int, subtracts: bool) -> Layer:
    leak = rng.choice([0.02, 0.1, 0.5, 1.0], count)
    decay = rng.choice([0.1, 0.5, 1.0], count)
    gain = rng.uniform(0.2, 2, count)
    threshold = np.where(rng.random(count) < 0.2, np.inf, rng.uniform(0.1, 3, count))
    update = Dynamics(leak, decay, gain, gain, np.zeros(count), threshold, rng.normal(0, 0.2, count), subtracts)
    return Layer("n", "LIF", (count,), update, rng.normal(0, 0.2, count) * (rng.random() < 0.5))


@given(st.integers(0, 2**32 - 1), st.booleans(), st.sampled_from([0.1, 0.5, 1.0]))
def test_no_input_goes_beyond_the_worst_case(seed: int, subtracts: bool, rate: float) -> None:
    rng = np.random.default_rng(seed)
    layer = layer_of(rng, 5, subtracts)
    weight = rng.normal(0, 1, (6, 5))
    net = FloatNet((("x", 6),), (layer,), (Route("x", "n", 0, weight),), (("n", np.arange(5)),))
    x = np.concatenate([rng.random((2, 60, 6)) < rate, np.broadcast_to(weight.T[:2, None] > 0, (2, 60, 6)),
                        np.broadcast_to(weight.T[:2, None] < 0, (2, 60, 6))])  # fmt: skip
    placement, update = place(net), layer.dynamics
    bias, start = constants((layer,), placement)
    bounds = worst_case(Drive(placement.current, update.leak, update.decay, bias, start, update.reset, update.threshold,
                              np.full(5, subtracts), np.zeros(5, np.bool_)))  # fmt: skip
    seen = run_floats(net, x).reach
    for name in ("current", "low", "high"):
        assert (getattr(seen, name) <= getattr(bounds, name) * (1 + 1e-9) + 1e-9).all(), name


def test_independent_spikes_stay_within_six_deviations() -> None:
    rng, count = np.random.default_rng(2), 20
    one = np.ones(count)
    update = Dynamics(0.05 * one, 0.3 * one, one, one, 0 * one, np.inf * one, 0 * one)
    layer = Layer("n", "CubaLI", (count,), update, 0 * one)
    weight = rng.normal(-0.1, 1, (30, count))
    net = FloatNet((("x", 30),), (layer,), (Route("x", "n", 0, weight),), (("n", np.arange(count)),))
    seen = run_floats(net, rng.random((4, 2000, 30)) < np.array([0.05, 0.2, 0.4, 0.5])[:, None, None]).reach
    placement, none = place(net), np.zeros(count, np.bool_)
    drive = Drive(placement.current, update.leak, update.decay, 0 * one, 0 * one, 0 * one, update.threshold, none, none)
    likely, worst = independent(drive), worst_case(drive)
    assert (
        (seen.low <= likely.low).all() and (seen.high <= likely.high).all() and (seen.current <= likely.current).all()
    )
    assert (likely.farthest < worst.farthest).all() and (seen.farthest > likely.farthest / 4).all()


def test_the_shape_of_the_braille_nets_hardly_saturates() -> None:
    """Recurrent CubaLIF with weights on a grid of 8 bits, as in the NIR paper; sized by thresholds they clip in half of
    all neurons and ticks."""
    rng, dt = np.random.default_rng(2), 1e-4

    def grid(*shape: int, spread: float) -> Array:
        drawn = rng.normal(0, spread, shape)
        return np.rint(drawn * 127 / np.abs(drawn).max()) * np.abs(drawn).max() / 127

    def cuba(count: int, alpha: float, beta: float) -> Any:
        tau_syn, tau_mem = dt / (1 - alpha), dt / (1 - beta)
        values = {"tau_syn": tau_syn, "tau_mem": tau_mem, "r": tau_mem / dt, "v_leak": 0.0, "v_threshold": 1.0,
                  "v_reset": 0.0, "w_in": tau_syn / dt}  # fmt: skip
        return nir.CubaLIF(**{name: np.full(count, value) for name, value in values.items()})

    nodes = {"input": nir.Input(np.array([12])), "fc1": nir.Affine(grid(38, 12, spread=1.0), rng.normal(0, 0.02, 38)),
             "lif1": cuba(38, 0.75, 0.9), "rec": nir.Affine(grid(38, 38, spread=0.5), rng.normal(0, 0.02, 38)),
             "fc2": nir.Affine(grid(7, 38, spread=0.5), rng.normal(0, 0.02, 7)), "lif2": cuba(7, 0.75, 0.9),
             "output": nir.Output(np.array([7]))}  # fmt: skip
    edges = [("input", "fc1"), ("fc1", "lif1"), ("lif1", "rec"), ("rec", "lif1"), ("lif1", "fc2"), ("fc2", "lif2"),
             ("lif2", "output")]  # fmt: skip
    net, x = nir.NIRGraph(nodes=nodes, edges=edges, type_check=False), rng.random((256, 12)) < 0.1
    narrow, wide = (frontend.from_dict(net.to_dict(), dt, "net", state_bits=bits) for bits in (16, 24))
    assert golden(narrow, x).clipped.mean() < 0.01
    assert wide.info.saturation is not None and wide.info.saturation.never == 45
    assert golden(wide, x).state.saturations == 0


def test_columns_share_the_room_of_a_read_out() -> None:
    layer = Layer(
        "n", "LI", (2,), Dynamics(*(np.full(2, v) for v in (0.1, 1.0, 1.0, 1.0, 0.0, np.inf, 0.0))), np.zeros(2)
    )
    weight = np.array([[1.0, 0.1], [-1.0, 0.1]])
    net = FloatNet((("x", 2),), (layer,), (Route("x", "n", 0, weight),), (("n", np.arange(2)),))
    state = core_for(frontend.from_dict(inhibited()[0].to_dict(), 1e-4, "net").network).state
    columns = columns_of((layer,), place(net), Core(1, 1).weight, state)
    assert columns.room[0] == columns.room[1] == pytest.approx(10.0)
