"""The integer argmax against exact fractions."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwflow.quantised import reference
from hwflow.quantised.elementwise import Step
from hwflow.quantised.frontend.argmax import exact_argmax
from hwflow.quantised.frontend.quantisers import one

CHANNELS = 4
BOUND = 50
operands = st.lists(st.floats(-8, 8, width=32, allow_subnormal=False), min_size=CHANNELS, max_size=CHANNELS)
sums = st.lists(st.integers(-BOUND, BOUND), min_size=CHANNELS, max_size=CHANNELS)


def limits(channels: int = CHANNELS) -> tuple[np.ndarray, np.ndarray]:
    return np.full(channels, -BOUND), np.full(channels, BOUND)


def exact(steps: list[Step], x: list[int]) -> int:
    """The first channel with the greatest exact value."""
    values = [Fraction(v) for v in x]
    for step in steps:
        for c, operand in enumerate(np.broadcast_to(step.operands[0], len(x)).tolist()):
            values[c] = values[c] * Fraction(operand) if step.kind == "mul" else values[c] + Fraction(operand)
    return values.index(max(values))


@settings(max_examples=80, deadline=None)
@given(st.sampled_from([0.5, 0.1, 3.7]), operands, st.lists(sums, min_size=1, max_size=20))
def test_one_scale_and_biases(scale: float, bias: list[float], xs: list[list[int]]) -> None:
    steps = [Step("mul", (one(scale),)), Step("add", (np.array(bias, dtype=np.float32),))]
    layer = exact_argmax(steps, *limits())
    assert [int(y) for y in reference.step(layer, np.array(xs))[:, 0]] == [exact(steps, x) for x in xs]
    assert set(layer.gain.tolist()) <= {1, 2, 4} and len(set(layer.gain.tolist())) == 1


@settings(max_examples=80, deadline=None)
@given(st.lists(st.floats(0.25, 4, width=32), min_size=CHANNELS, max_size=CHANNELS),
       st.lists(st.sampled_from([-1, 1]), min_size=CHANNELS, max_size=CHANNELS), operands,
       st.lists(sums, min_size=1, max_size=20))  # fmt: skip
def test_scales_of_each_channel(scale: list[float], sign: list[int], bias: list[float], xs: list[list[int]]) -> None:
    gains = np.array(scale, dtype=np.float32) * np.array(sign, dtype=np.float32)
    steps = [Step("mul", (gains,)), Step("add", (np.array(bias, dtype=np.float32),))]
    layer = exact_argmax(steps, *limits())
    assert [int(y) for y in reference.step(layer, np.array(xs))[:, 0]] == [exact(steps, x) for x in xs]


def test_without_bias_nothing_is_multiplied() -> None:
    layer = exact_argmax([Step("mul", (one(0.3),)), Step("add", (one(2.5),)), Step("softmax")], *limits())
    assert layer.gain.tolist() == [1] * CHANNELS and layer.offset.tolist() == [0] * CHANNELS


def test_ties_go_to_the_first() -> None:
    bias = np.array([1, 0.5], dtype=np.float32)
    layer = exact_argmax([Step("mul", (one(0.5),)), Step("add", (bias,))], *limits(2))
    assert reference.step(layer, np.array([[0, 1], [0, 2], [0, 0]])).tolist() == [[0], [1], [0]]


def test_division_by_what_has_no_finite_binary_inverse() -> None:
    steps = [Step("div", (np.array([3, 7], dtype=np.float32),))]
    layer = exact_argmax(steps, *limits(2))
    assert layer.gain.tolist() == [7, 3]


def test_all_gains_zero() -> None:
    layer = exact_argmax([Step("mul", (one(0),)), Step("add", (np.array([0, 2, 1], dtype=np.float32),))], *limits(3))
    assert reference.step(layer, np.array([[9, -9, 0]])).tolist() == [[1]]


def test_refused() -> None:
    with pytest.raises(ValueError, match="a step \\(relu\\) before the argmax is not affine"):
        exact_argmax([Step("relu"), Step("add", (one(1),))], *limits())
    with pytest.raises(ValueError, match="span more than 40 bits"):
        exact_argmax([Step("mul", (np.array([1e-6, 1e6], dtype=np.float32),))], *limits(2))
