"""Bisection against evaluating the steps at every accumulator."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwflow.quantised import reference
from hwflow.quantised.elementwise import Step, apply
from hwflow.quantised.frontend.quantisers import bipolar_steps, integer_end, one, quant_steps, quantiser_range
from hwflow.quantised.frontend.thresholds import TooManyLevels, find_thresholds

ROUNDINGS = ["round", "floor", "ceil", "truncate", "round_up", "round_half_up", "round_half_down"]
floats = st.floats(-4, 4, width=32)


@st.composite
def chains(draw: st.DrawFn) -> tuple[list[Step], int]:
    """Monotone steps that end in integers, some of them with an operand for each channel; and the channels."""
    channels = draw(st.integers(1, 4))

    def operand() -> np.ndarray:
        count = draw(st.sampled_from([1, channels]))
        return np.array(draw(st.lists(floats, min_size=count, max_size=count)), dtype=np.float32)

    steps = []
    for kind in draw(st.lists(st.sampled_from(["mul", "add", "sub", "relu", "leaky_relu"]), max_size=4)):
        operands = {"relu": (), "leaky_relu": (one(0.25),)}.get(kind)
        steps.append(Step(kind, (operand(),) if operands is None else operands))
    if draw(st.booleans()):
        return [*steps, *bipolar_steps(one(1))[:1]], channels
    low, high = quantiser_range(draw(st.integers(1, 8)), draw(st.booleans()), draw(st.booleans()))
    zero = one(draw(st.integers(-3, 3)))
    scale = one(draw(st.sampled_from([0.25, 1, 0.3, 7.1])))
    steps += quant_steps(scale, zero, min(low, high), max(low, high), Step(draw(st.sampled_from(ROUNDINGS))))
    return steps[: integer_end(steps)], channels


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(chains(), st.integers(-300, 100), st.integers(0, 400))
def test_equal_to_the_steps_at_every_accumulator(chain: tuple[list[Step], int], low: int, span: int) -> None:
    steps, channels = chain
    lows = np.full(channels, low) - np.arange(channels)
    layer = find_thresholds(steps, lows, lows + span)
    for offset in range(span + 1):
        x = (lows + offset)[None]
        expected = np.broadcast_to(apply(steps, x.astype(np.float32)), x.shape).astype(np.int64)
        np.testing.assert_array_equal(reference.step(layer, x), expected)
    assert layer.levels.min() >= lows.min() and layer.levels.max() <= lows.max() + span + 1


def test_channels_that_rise_fall_and_stay() -> None:
    steps = (Step("mul", (np.array([1, -1, 0], dtype=np.float32),)), Step("clip", (one(-2), one(2))), Step("round"))
    layer = find_thresholds(steps, np.full(3, -5), np.full(3, 5))
    assert layer.descending.tolist() == [False, True, False]
    x = np.array([[-5, -5, -5], [1, 1, 1]])
    assert reference.step(layer, x).tolist() == [[-2, 2, 0], [1, -1, 0]]


def test_a_constant_quantiser_has_one_level_that_is_never_crossed() -> None:
    layer = find_thresholds((Step("mul", (one(0),)), Step("round")), np.array([-7]), np.array([7]))
    assert layer.levels.tolist() == [[8]]
    assert reference.step(layer, np.array([[-7], [7]])).tolist() == [[0], [0]]


def test_refused() -> None:
    wide = np.array([-1000]), np.array([1000])
    with pytest.raises(TooManyLevels, match="has 2001 levels, more than 256"):
        find_thresholds((Step("round"),), *wide, 255)
    with pytest.raises(TooManyLevels, match="has 80001 levels, more than 65536"):
        find_thresholds((Step("round"),), np.array([-40_000]), np.array([40_000]))
    with pytest.raises(ValueError, match="3000 channels of 2001 levels are too many"):
        find_thresholds((Step("round"),), *(np.repeat(end, 3000) for end in wide))
    with pytest.raises(ValueError, match="not whole numbers"):
        find_thresholds((Step("mul", (one(0.5),)), Step("clip", (one(-0.5), one(0.5)))), *wide)
    with pytest.raises(ValueError, match="not whole numbers"):
        find_thresholds((Step("div", (one(0),)), Step("round")), *wide)
