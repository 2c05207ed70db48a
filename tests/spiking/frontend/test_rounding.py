"""Scales and rounding: what fits exactly is exact, and what does not is told."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from hwflow.errors import UserError
from hwflow.ints import IntType
from hwflow.spiking.frontend.float_net import Dynamics, FloatNet, Layer, Route
from hwflow.spiking.frontend.placement import place
from hwflow.spiking.frontend.rounding import Fitted, fit

Array = NDArray[Any]
STATE = IntType(16, signed=True)


def layer(count: int, leak: float = 0.0, threshold: Any = 1.0, constant: Any = 0.0, decay: float = 1.0) -> Layer:
    def full(value: Any) -> Array:
        return np.broadcast_to(np.asarray(value, dtype=float), (count,)).copy()

    update = Dynamics(full(leak), full(decay), full(1), full(1), full(0), full(threshold), full(0))
    return Layer("n", "LIF", (count,), update, full(constant))


def fitted(weight: Array, neurons: Layer, weight_bits: int = 8, state: IntType = STATE, **options: Any) -> Fitted:
    net = FloatNet((("x", len(weight)),), (neurons,), (Route("x", "n", 0, weight),), (("n", np.arange(neurons.size)),))
    return fit((neurons,), place(net), IntType(weight_bits, signed=True), state, **options)


@given(st.integers(0, 2**32 - 1), st.integers(2, 8), st.sampled_from([8, 12, 16, 24]))
def test_everything_fits_and_errors_are_bounded(seed: int, weight_bits: int, state_bits: int) -> None:
    rng, state = np.random.default_rng(seed), IntType(state_bits, signed=True)
    sources, count = rng.integers(1, 8, 2)
    weight = rng.normal(size=(sources, count)) * rng.choice([0.01, 1.0, 100.0], count)
    peak = np.abs(weight).max(axis=0)
    done = fitted(
        weight,
        layer(count, 0.1, peak * rng.uniform(0.1, 3, count), peak * 0.1),
        weight_bits,
        state,
        clip=True,
        allow_error=1.0,
    )
    most = (1 << (weight_bits - 1)) - 1
    assert np.abs(done.weight).max() <= most
    for values in (done.neurons.threshold, done.neurons.bias, done.neurons.reset):
        assert state.holds(values)
    meant = done.weight[:sources] * 2.0**done.weight_shift * done.unit
    assert (np.abs(meant - weight) <= 0.5001 * 2.0**done.weight_shift * done.unit).all()
    told = (np.abs(meant - weight) / peak).max()
    assert done.rounding.weight == pytest.approx(told if told >= 1e-6 else 0)


@given(st.integers(0, 2**32 - 1), st.sampled_from([1.0, 0.1, 1 / 3, 7.5e-4]))
def test_multiples_of_one_number_are_exact(seed: int, unit: float) -> None:
    rng = np.random.default_rng(seed)
    whole = rng.integers(-127, 128, (4, 3))
    done = fitted(whole * unit, layer(3, threshold=rng.integers(1, 300, 3) * unit))
    assert done.rounding.weight == 0 and done.rounding.threshold == 0
    meant = done.weight[:4] * 2.0**done.weight_shift * done.unit
    assert np.allclose(meant, whole * unit, rtol=1e-9, atol=0)


def test_weights_use_their_range() -> None:
    rng = np.random.default_rng(0)
    weight = rng.normal(size=(50, 30)) * rng.choice([0.01, 1.0, 100.0], 30)
    done = fitted(weight, layer(30, 0.1, 2 * np.abs(weight).max(axis=0)))
    assert (np.abs(done.weight).max(axis=0) >= 64).all() and 0 < done.rounding.weight <= 0.5 / 64


def test_a_threshold_that_is_a_whole_number_is_kept_in_float32() -> None:
    done = fitted(np.array([[np.float32(0.1)]]), layer(1, threshold=np.float32(0.3)))
    assert done.neurons.threshold[0] == 3 * int(done.weight[0, 0]) << done.weight_shift


def test_rates() -> None:
    done = fitted(np.ones((1, 3)), Layer("n", "LIF", (3,), Dynamics(
        np.array([0.5, 1.0, 0.3]), np.array([1.0, 0.25, 1.0]), np.ones(3), np.ones(3), np.zeros(3), np.ones(3), np.zeros(3)
    ), np.zeros(3)))  # fmt: skip
    assert done.neurons.leak.tolist() == [32768, 65535, 19661] and done.neurons.decay.tolist() == [65535, 16384, 65535]
    assert done.rounding.time_constant == pytest.approx(abs(19661 / 65536 - 0.3) / 0.3)


def test_read_outs_share_a_scale() -> None:
    done = fitted(np.array([[1.0, 0.01]]), layer(2, leak=0.1, threshold=np.inf))
    assert done.unit[0] == done.unit[1] and done.neurons.threshold.tolist() == [32767] * 2
    alone = fitted(np.array([[1.0, 0.01]]), layer(2, leak=0.1, threshold=1.0))
    assert alone.unit[0] > 50 * alone.unit[1]


def test_a_threshold_that_no_input_reaches_costs_no_precision() -> None:
    done = fitted(np.array([[1.0, 1.0]]), layer(2, leak=0.5, threshold=[1e9, 1.0]))
    assert done.neurons.threshold[0] == 32767 and abs(done.weight[0]).min() >= 64


def test_weights_that_vanish_are_refused() -> None:
    with pytest.raises(UserError, match=r"weights of neuron 1 of node 'n' \(LIF\) by 100%, .* use a wider state"):
        fitted(np.ones((1, 2)), layer(2, threshold=[1.0, 1e6]))
    assert fitted(np.ones((1, 2)), layer(2, threshold=[1.0, 1e6]), allow_error=1.0).rounding.lost == 1
    assert fitted(np.ones((1, 2)), layer(2, threshold=[1.0, 1e6]), state=IntType(24, signed=True)).rounding.lost == 0


def test_a_scale_that_is_given() -> None:
    done = fitted(np.array([[2.0, 1.5]]), layer(2, threshold=3.0), fixed=np.array([4.0, np.nan]))
    assert done.weight_shift == 0 and done.weight[0, 0] == 8 and done.neurons.threshold[0] == 12
    for weight, sentence in ((0.3, "are no multiples of its leak"), (50.0, "are too large beside its leak")):
        with pytest.raises(UserError, match=sentence):
            fitted(np.array([[weight]]), layer(1), fixed=np.array([4.0]))
        assert abs(fitted(np.array([[weight]]), layer(1), fixed=np.array([4.0]), clip=True).weight).max() <= 127
