"""Quantisers as steps against the qonnx package's own functions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwflow.quantised.elementwise import Step, apply
from hwflow.quantised.frontend.quantisers import (
    affine,
    bipolar_constant,
    bipolar_steps,
    integer_end,
    on_grid,
    one,
    quant_steps,
    quantise_constant,
    quantiser_range,
    rounding_step,
    settled,
)

MODES = ["ROUND", "HALF_EVEN", "CEIL", "FLOOR", "UP", "DOWN", "HALF_UP", "HALF_DOWN"]
values = st.lists(st.floats(-300, 300, width=32) | st.integers(-600, 600).map(lambda i: i / 4), min_size=1, max_size=30)


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(values, st.sampled_from(MODES), st.integers(1, 8), st.booleans(), st.booleans(), st.integers(-3, 3),
       st.sampled_from([0.25, 0.3, 1.0, 17.3]))  # fmt: skip
def test_quant_is_that_of_qonnx(
    x: list[float], mode: str, bits: int, signed: bool, narrow: bool, zero: int, scale: float
) -> None:
    from qonnx.custom_op.general.quant import quant

    if bits == 1 and signed:  # executed as bipolar
        return
    array = np.array(x, dtype=np.float32)
    s, z, b = (np.array(value, dtype=np.float32) for value in (scale, zero, bits))
    expected = quant(array, s, z, b, signed, narrow, mode)
    low, high = quantiser_range(bits, signed, narrow)
    steps = quant_steps(one(scale), one(zero), low, high, rounding_step(mode))
    np.testing.assert_array_equal(apply(steps, array), expected)
    floats, quantised = quantise_constant(array, s, z, low, high, rounding_step(mode))
    np.testing.assert_array_equal(floats, expected)
    np.testing.assert_allclose(quantised.integers * quantised.scales, expected, rtol=1e-6)
    assert quantised.integers.min() >= low - zero and quantised.integers.max() <= high - zero


@settings(max_examples=30, deadline=None)
@given(values)
def test_bipolar_is_that_of_qonnx(x: list[float]) -> None:
    from qonnx.custom_op.general.bipolar_quant import binary_quant

    array = np.array(x, dtype=np.float32)
    expected = binary_quant(array, np.float32(0.3))
    np.testing.assert_array_equal(apply(bipolar_steps(one(0.3)), array), expected)
    np.testing.assert_array_equal(bipolar_constant(array, np.float32(0.3))[0], expected)


def test_ranges() -> None:
    assert quantiser_range(2, True, False) == (-2, 1) and quantiser_range(2, True, True) == (-1, 1)
    assert quantiser_range(2, False, False) == (0, 3) and quantiser_range(2, False, True) == (0, 2)
    low, high = quantiser_range(np.array([[2, 3], [4, 1]]), True, False)
    assert low.tolist() == [[-2, -4], [-8, -1]] and high.tolist() == [[1, 3], [7, 0]]
    for bits in (0, 2.5, 33, float("nan")):
        with pytest.raises(ValueError, match="bits is not 1 to 32"):
            quantiser_range(bits, True, False)
    with pytest.raises(ValueError, match="rounding mode 'NEAREST"):
        rounding_step("NEAREST")


def test_affine_steps() -> None:
    found = affine([Step("mul", (one(2),)), Step("sub", (one(1),)), Step("div", (one(4),))])
    assert found is not None
    gain, offset = found
    assert gain.tolist() == [0.5] and offset.tolist() == [-0.25]
    assert affine([Step("relu")]) is None


def settle(*rest: Step) -> tuple[tuple[Step, ...], tuple[Step, ...]]:
    steps = (Step("round"), *rest)
    whole, left = settled(steps, integer_end(steps))
    x = np.arange(-9, 10, dtype=np.float32)
    np.testing.assert_array_equal(apply((*whole, *left), x), apply(steps, x))
    return whole, left


def test_relu_and_clip_of_scaled_integers_are_clips_of_integers() -> None:
    whole, left = settle(
        Step("mul", (one(0.5),)), Step("relu"), Step("clip", (one(-1), one(2))), Step("add", (one(1),))
    )
    assert [step.kind for step in whole] == ["round", "clip", "clip"] and [step.kind for step in left] == ["mul", "add"]
    whole, left = settle(Step("mul", (one(-0.5),)), Step("add", (one(1),)), Step("relu"))
    assert whole[1].operands[0].tolist() == [-np.inf] and whole[1].operands[1].tolist() == [2]


def test_relu_of_integers_scaled_each_by_its_own() -> None:
    steps = (Step("round"), Step("mul", (np.array([0.5, 0, -2], dtype=np.float32),)), Step("relu"))
    whole, left = settled(steps, 1)
    x = np.arange(-9, 9, dtype=np.float32).reshape(-1, 3)
    np.testing.assert_array_equal(apply((*whole, *left), x), apply(steps, x))
    assert [step.kind for step in whole] == ["round", "clip"]
    always = (Step("round"), Step("mul", (one(0),)), Step("sub", (one(1),)), Step("relu"))  # 0, and not -1
    assert settled(always, 1)[1] == always[1:]


@pytest.mark.parametrize("before", [Step("mul", (one(0.3),)), Step("add", (one(0.3),)), Step("tanh")])
def test_what_cannot_be_settled_is_left(before: Step) -> None:
    clip = Step("clip", (one(-1), one(1)))
    assert settle(before, clip)[1] == (before, clip)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.booleans())
def test_weights_on_a_grid_are_found(seed: int, per_row: bool) -> None:
    rng = np.random.default_rng(seed)
    scale = rng.uniform(0.001, 10, int(rng.integers(1, 6)) if per_row else 1)
    integers = rng.integers(
        -127, 128, (int(rng.integers(1, 90)), int(rng.integers(1, 6)) if not per_row else len(scale))
    )
    weights = (integers * scale).astype(np.float32)
    found = on_grid(weights)
    assert found is not None
    np.testing.assert_allclose(found.integers * found.scales, weights, rtol=1e-6)
    assert np.abs(found.integers).max() <= 128


def test_float_weights_are_on_no_grid() -> None:
    assert on_grid(np.random.default_rng(0).normal(0, 1, (16, 4)).astype(np.float32)) is None
    zeros = on_grid(np.zeros((4, 2)))
    assert zeros is not None and not zeros.integers.any()
