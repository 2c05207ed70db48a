"""The stateless nodes of NIR, against loops that do what their names say."""

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from hwflow.spiking.frontend.nir_graph import NirNode
from hwflow.spiking.frontend.nir_operators import apply, constant

Array = NDArray[Any]


def node(kind: str, **values: Any) -> NirNode:
    words = {name: value for name, value in values.items() if isinstance(value, str)}
    numbers = {name: np.asarray(value, dtype=float) for name, value in values.items() if name not in words}
    return NirNode("n", kind, numbers, words)


def convolved(x: Array, weight: Array, stride: Any, padding: Any, dilation: Any, groups: int) -> Array:
    """One image [channels, height, width], a pixel at a time."""
    x = np.pad(x, [(0, 0), (padding[0], padding[0]), (padding[1], padding[1])])
    _, _, kh, kw = weight.shape
    height = (x.shape[1] - dilation[0] * (kh - 1) - 1) // stride[0] + 1
    width = (x.shape[2] - dilation[1] * (kw - 1) - 1) // stride[1] + 1
    out = np.zeros((len(weight), height, width))
    per, own = len(weight) // groups, weight.shape[1]
    for o, i, j, c, a, b in np.ndindex(len(weight), height, width, own, kh, kw):
        channel = o // per * own + c
        out[o, i, j] += (
            weight[o, c, a, b] * x[channel, i * stride[0] + a * dilation[0], j * stride[1] + b * dilation[1]]
        )
    return out


pairs = st.tuples(st.integers(1, 2), st.integers(1, 2))


@given(
    st.integers(0, 2**32 - 1), st.integers(1, 2), pairs, pairs, st.tuples(st.integers(0, 2), st.integers(0, 1)), pairs
)
def test_conv2d(seed: int, groups: int, kernel: Any, stride: Any, padding: Any, dilation: Any) -> None:
    rng = np.random.default_rng(seed)
    x, weight = rng.normal(size=(2, 2 * groups, 5, 4)), rng.normal(size=(3 * groups, 2, *kernel))
    conv = node("Conv2d", weight=weight, stride=stride, padding=padding, dilation=dilation, groups=groups, bias=[0.0])
    expected = [convolved(one, weight, stride, padding, dilation, groups) for one in x]
    assert np.allclose(apply(conv, x), expected)


def test_conv1d_and_same_padding() -> None:
    rng = np.random.default_rng(0)
    x, weight = rng.normal(size=(2, 3, 7)), rng.normal(size=(4, 3, 3))
    conv = node("Conv1d", weight=weight, stride=2, padding=1, dilation=1, groups=1, bias=np.arange(4.0))
    expected = [convolved(one[..., None], weight[..., None], (2, 1), (1, 0), (1, 1), 1)[..., 0] for one in x]
    assert np.allclose(apply(conv, x), expected)
    assert constant(conv, (4, 4)).tolist() == [[i] * 4 for i in range(4)]
    same = node("Conv1d", weight=weight, stride=1, padding="same", dilation=1, groups=1, bias=0.0)
    assert apply(same, x).shape == (2, 4, 7)
    valid = node("Conv1d", weight=weight, stride=1, padding="valid", dilation=1, groups=1, bias=0.0)
    assert np.allclose(apply(valid, x), apply(same, x)[..., 1:-1])


@given(st.integers(0, 2**32 - 1), pairs, pairs, st.integers(0, 1))
def test_pooling(seed: int, kernel: Any, stride: Any, padding: int) -> None:
    assume(padding <= min(kernel) // 2)
    x = np.random.default_rng(seed).normal(size=(2, 3, 5, 4))
    ones = np.ones((3, 1, *kernel))
    expected = np.array([convolved(one, ones, stride, (padding, padding), (1, 1), 3) for one in x])
    given_as = {"kernel_size": kernel, "stride": stride, "padding": (padding, padding)}
    assert np.allclose(apply(node("SumPool2d", **given_as), x), expected)
    assert np.allclose(apply(node("AvgPool2d", **given_as), x), expected / np.prod(kernel))


def test_linear_scale_and_flatten() -> None:
    x = np.arange(24.0).reshape(2, 3, 4)
    weight = np.arange(20.0).reshape(5, 4)
    assert np.allclose(apply(node("Linear", weight=weight), x), x @ weight.T)
    each = np.arange(60.0).reshape(3, 5, 4)
    assert np.allclose(
        apply(node("Linear", weight=each), x), [[w @ v for w, v in zip(each, one, strict=True)] for one in x]
    )
    flat = np.arange(12.0).reshape(1, 12)
    assert apply(node("Linear", weight=flat), x).tolist() == [[float(flat[0] @ one.reshape(-1))] for one in x]
    assert np.allclose(apply(node("Scale", scale=[1.0, 2.0, 3.0, 4.0]), x), x * [1, 2, 3, 4])
    assert apply(node("Flatten", start_dim=0, end_dim=-1), x).shape == (2, 12)
    assert apply(node("Flatten", start_dim=1, end_dim=-1), x).shape == (2, 3, 4)
    assert apply(node("Flatten", start_dim=1, end_dim=3), x).shape == (2, 12)
    assert constant(node("Affine", weight=weight, bias=np.arange(5.0)), (3, 5)).tolist() == [[0, 1, 2, 3, 4]] * 3


@pytest.mark.parametrize(
    ("kind", "values", "shape", "sentence"),
    [
        ("Linear", {"weight": np.ones((2, 3))}, (4,), "it takes 3 values and is given shape 4"),
        ("Linear", {"weight": np.ones(3)}, (3,), "its weight is no matrix"),
        ("Linear", {"weight": np.ones((2, 5, 3))}, (4, 3), "its weight does not fit values of shape 4 x 3"),
        ("Scale", {"scale": np.ones(3)}, (4,), "it has 3 numbers for values of shape 4"),
        ("Conv2d", {"groups": 2, "weight": np.ones((4, 2, 3, 3))}, (2, 8, 8), "for 4 channels and it is given 2"),
        ("Conv2d", {}, (8, 8), "it takes channels x height x width and is given shape 8 x 8"),
        ("Conv2d", {}, (2, 2, 2), "its kernel is larger than an input of shape 2 x 2 x 2"),
        ("Conv2d", {"stride": 0}, (2, 8, 8), "its stride is not one or two whole numbers of at least 1"),
        ("Conv2d", {"groups": 1.5}, (2, 8, 8), "its groups is no whole number"),
        ("Conv2d", {"padding": 1 << 30}, (2, 8, 8), "its padding is absurd"),
        ("Conv2d", {"padding": 1 << 15}, (2, 8, 8), "unrolled it takes .* numbers, more than 67,108,864"),
        ("Conv2d", {"padding": "same", "stride": 2}, (2, 8, 8), "padding 'same' needs a stride of 1"),
        ("SumPool2d", {"kernel_size": 9, "stride": 1, "padding": 0}, (2, 8, 8), "its kernel is larger than an input"),
    ],
)
def test_refusals(kind: str, values: dict[str, Any], shape: tuple[int, ...], sentence: str) -> None:
    whole = {"weight": np.ones((4, 2, 3, 3)), "stride": 1, "padding": 0, "dilation": 1, "groups": 1, "bias": 0.0}
    with pytest.raises(ValueError, match=sentence):
        apply(node(kind, **(whole if kind == "Conv2d" else {}) | values), np.zeros((2, *shape)))
