"""Float steps: what they compute, and that they are monotone, on which thresholds rest."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwflow.quantised.elementwise import ROUNDINGS, Step, apply

X = np.array([-2.5, -1.5, -0.6, -0.5, 0.0, 0.4, 0.5, 1.5, 2.5], dtype=np.float32)


def one(value: float) -> np.ndarray:
    return np.array([value], dtype=np.float32)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("round", [-2, -2, -1, 0, 0, 0, 0, 2, 2]),
        ("floor", [-3, -2, -1, -1, 0, 0, 0, 1, 2]),
        ("ceil", [-2, -1, 0, 0, 0, 1, 1, 2, 3]),
        ("truncate", [-2, -1, 0, 0, 0, 0, 0, 1, 2]),
        ("round_up", [-3, -2, -1, -1, 0, 1, 1, 2, 3]),
        ("round_half_up", [-3, -2, -1, -1, 0, 0, 1, 2, 3]),
        ("round_half_down", [-2, -1, -1, 0, 0, 0, 0, 1, 2]),
        ("step", [0, 0, 0, 0, 1, 1, 1, 1, 1]),
        ("relu", [0, 0, 0, 0, 0, np.float32(0.4), 0.5, 1.5, 2.5]),
    ],
)
def test_values(kind: str, expected: list[float]) -> None:
    y = Step(kind)(X)
    assert y.dtype == np.float32 and y.tolist() == expected


def test_functions_with_operands() -> None:
    assert apply([Step("add", (one(1),)), Step("mul", (one(2),))], X)[0] == -3
    assert apply([Step("sub", (one(1),)), Step("div", (one(2),))], X)[-1] == 0.75
    assert Step("clip", (one(-1), one(2)))(X).tolist()[::8] == [-1, 2]
    assert Step("leaky_relu", (one(0.5),))(X).tolist()[::8] == [-1.25, 2.5]
    assert (
        apply([Step("mul", (np.array([1, 2], dtype=np.float32),))], np.ones((3, 2), np.float32)).tolist()
        == [[1, 2]] * 3
    )


def test_smooth_functions() -> None:
    np.testing.assert_allclose(Step("sigmoid")(X), [1 / (1 + math.exp(-v)) for v in X.tolist()], rtol=1e-6)
    np.testing.assert_allclose(Step("tanh")(X), [math.tanh(v) for v in X.tolist()], rtol=1e-6)
    softmax = Step("softmax")(np.stack([X, X + 1000]))
    np.testing.assert_allclose(softmax.sum(axis=1), 1, rtol=1e-6)
    np.testing.assert_allclose(softmax[1], softmax[0], rtol=1e-3)
    np.testing.assert_allclose(np.exp(Step("log_softmax")(X)), softmax[0], rtol=1e-5)
    assert Step("sigmoid")(np.array([-200, 200], dtype=np.float32)).tolist() == [0, 1]


def test_float32_throughout() -> None:
    large = np.array([2**24], dtype=np.float32)
    assert apply([Step("add", (one(1),))], large).tolist() == [2**24]
    assert np.isinf(apply([Step("mul", (one(3e38),)), Step("mul", (one(3e38),))], X)[-1])


@given(
    st.sampled_from(sorted({"add", "sub", "mul", "div", "clip", "relu", "leaky_relu", "sigmoid", "tanh"} | ROUNDINGS)),
    st.floats(0.0078125, 100, width=32),
    st.lists(st.floats(-1e6, 1e6, width=32), min_size=2, max_size=40),
)
def test_monotone(kind: str, operand: float, values: list[float]) -> None:
    operands = {"clip": (one(-operand), one(operand)), "leaky_relu": (one(operand / 128),)}.get(kind)
    if operands is None:
        operands = (one(operand),) if kind in ("add", "sub", "mul", "div", "count") else ()
    y = Step(kind, operands)(np.sort(np.array(values, dtype=np.float32)))
    assert np.all(np.diff(y) >= 0)


def test_unknown() -> None:
    with pytest.raises(ValueError, match="no elementwise step is called 'sine'"):
        Step("sine")


@pytest.mark.parametrize(("kind", "operands"), [("add", 0), ("clip", 1), ("relu", 1)])
def test_operands_are_as_many_as_the_step_takes(kind: str, operands: int) -> None:
    with pytest.raises(ValueError, match=f"{kind} takes . operands, not {operands}"):
        Step(kind, (np.ones(1, dtype=np.float32),) * operands)
