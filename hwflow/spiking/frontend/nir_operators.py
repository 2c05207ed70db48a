"""The stateless nodes of NIR as linear maps, applied to a batch: one sample for each source.

A map takes [batch, *shape] to [batch, *new shape]; the constant part of an affine one is kept apart (`constant`), so that
maps compose to the matrix between two layers of neurons.
"""

import math

import numpy as np

from hwflow.spiking.frontend.float_net import FloatArray
from hwflow.spiking.frontend.nir_graph import IDENTITY, NirNode

KINDS = ("Affine", "AvgPool2d", "Conv1d", "Conv2d", "Flatten", "Linear", "Output", "Scale", "SumPool2d", IDENTITY)
MAX_MATRIX = 1 << 26  # numbers of one matrix while it is made
_SAMPLES = 512  # that are mapped together, which bounds what is needed beside the result


def apply(node: NirNode, x: FloatArray) -> FloatArray:
    """A node's linear part on a batch. Raises ValueError if the shapes do not go together."""
    parts = []
    for first in range(0, len(x), _SAMPLES):
        parts.append(_applied(node, x[first : first + _SAMPLES]))
        _room(len(x) * math.prod(parts[0].shape[1:]))
    return np.concatenate(parts) if len(parts) > 1 else parts[0]


def _applied(node: NirNode, x: FloatArray) -> FloatArray:
    """As `apply`, all at once."""
    match node.kind:
        case "Output" | "Identity":
            return x
        case "Linear" | "Affine":
            return _linear(node.values["weight"], x)
        case "Scale":
            return x * _like(node.values["scale"], x.shape[1:])
        case "Flatten":
            return _flatten(x, _whole(node, "start_dim"), _whole(node, "end_dim"))
        case "Conv1d":
            image = x[..., None] if x.ndim == 3 else x
            return _convolution(_as_2d(node), image, 1)[..., 0]
        case "Conv2d":
            return _convolution(node, x, 2)
        case "SumPool2d" | "AvgPool2d":
            return _pool(node, x)
        case _:
            raise ValueError(f"{node.kind} is no linear map")


def constant(node: NirNode, shape: tuple[int, ...]) -> FloatArray:
    """What a node adds to its linear part, for outputs of this shape. Raises ValueError if it does not fit it."""
    if node.kind in ("Affine", "Conv1d", "Conv2d"):
        bias = node.values["bias"]
        channels = bias.reshape(-1, *[1] * (len(shape) - 1)) if node.kind != "Affine" and bias.size > 1 else bias
        return np.zeros(shape) + _like(channels, shape)
    return np.zeros(shape)


def _like(values: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    try:
        if values.size == math.prod(shape):
            return values.reshape(shape)
        return np.broadcast_to(values.reshape(()) if values.size == 1 else values, shape)
    except ValueError:
        raise ValueError(f"it has {values.size} numbers for values of shape {_shape(shape)}") from None


def _linear(weight: FloatArray, x: FloatArray) -> FloatArray:
    if weight.ndim < 2:
        raise ValueError("its weight is no matrix")
    if weight.ndim == 2 and x.shape[-1] != weight.shape[1] == math.prod(x.shape[1:]):
        x = x.reshape(len(x), -1)  # a Flatten that the exporter left out
    if x.ndim < 2 or x.shape[-1] != weight.shape[-1]:
        raise ValueError(f"it takes {weight.shape[-1]} values and is given shape {_shape(x.shape[1:])}")
    _room(len(x) * weight.size // weight.shape[-1])
    if weight.ndim == 2:
        return np.asarray(x @ weight.T)
    try:
        return np.asarray(np.einsum("...oi,s...i->s...o", weight, x))
    except ValueError:
        raise ValueError(f"its weight does not fit values of shape {_shape(x.shape[1:])}") from None


def _flatten(x: FloatArray, start: int, end: int) -> FloatArray:
    dims = list(x.shape[1:])
    last = end if end >= 0 else len(dims) + end
    if not 0 <= start <= last < len(dims):
        return x.reshape(len(x), -1)  # written for a batch dimension, which NIR's shapes do not have
    middle = math.prod(dims[start : last + 1])
    return x.reshape(len(x), *dims[:start], middle, *dims[last + 1 :])


def _whole(node: NirNode, name: str) -> int:
    value = node.values[name]
    if value.size != 1 or value.item() != int(value.item()):
        raise ValueError(f"its {name} is no whole number")
    return int(value.item())


def _pair(node: NirNode, name: str, least: int) -> tuple[int, int]:
    """A parameter of both dimensions, given once or twice."""
    value = node.values[name].reshape(-1)
    if value.size not in (1, 2) or not (value == np.floor(value)).all() or value.min() < least:
        raise ValueError(f"its {name} is not one or two whole numbers of at least {least}")
    if value.max() > 1 << 20:
        raise ValueError(f"its {name} is absurd")
    return int(value[0]), int(value[-1])


def _as_2d(node: NirNode) -> NirNode:
    """A Conv1d as a Conv2d on images one pixel wide."""
    values = dict(node.values)
    if values["weight"].ndim != 3:
        raise ValueError("its weight is not output x input x kernel")
    values["weight"] = values["weight"][..., None]
    for name, rest in (("stride", 1.0), ("dilation", 1.0), ("padding", 0.0)):
        if name in values:
            values[name] = np.array([values[name].reshape(-1)[0] if values[name].size else -1.0, rest])
    return NirNode(node.name, "Conv2d", values, node.words)


def _convolution(node: NirNode, x: FloatArray, dimensions: int) -> FloatArray:
    weight, groups = node.values["weight"], _whole(node, "groups")
    if x.ndim != 4 or weight.ndim != 4:
        raise ValueError(f"it takes channels x {'height x width' if dimensions == 2 else 'length'} and is given shape "
                         f"{_shape(x.shape[1:])}")  # fmt: skip
    if groups < 1 or weight.shape[0] % groups or x.shape[1] != weight.shape[1] * groups:
        raise ValueError(f"its weight is for {weight.shape[1] * max(groups, 1)} channels and it is given {x.shape[1]}")
    stride, dilation = _pair(node, "stride", 1), _pair(node, "dilation", 1)
    reach = [d * (k - 1) for d, k in zip(dilation, weight.shape[2:], strict=True)]
    if node.words.get("padding") == "same":
        if stride != (1, 1):
            raise ValueError("padding 'same' needs a stride of 1")
        before, after = [r // 2 for r in reach], [r - r // 2 for r in reach]
    elif "padding" in node.words:
        before = after = [0, 0]
    else:
        before = after = list(_pair(node, "padding", 0))
    padded = _padded(x, before, after)
    size = [(p - r - 1) // s + 1 for p, r, s in zip(padded.shape[2:], reach, stride, strict=True)]
    if min(size) < 1:
        raise ValueError(f"its kernel is larger than an input of shape {_shape(x.shape[1:])}")
    _room(len(x) * weight.shape[0] * math.prod(size))
    out = np.zeros((len(x), groups, weight.shape[0] // groups, *size))
    kernels = weight.reshape(groups, weight.shape[0] // groups, weight.shape[1], *weight.shape[2:])
    grouped = padded.reshape(len(x), groups, weight.shape[1], *padded.shape[2:])
    for row, column in np.ndindex(*weight.shape[2:]):
        at = [slice(i * d, i * d + (n - 1) * s + 1, s)
              for i, d, n, s in zip((row, column), dilation, size, stride, strict=True)]  # fmt: skip
        out += np.einsum("goi,sgihw->sgohw", kernels[..., row, column], grouped[..., at[0], at[1]])
    return out.reshape(len(x), -1, *size)


def _pool(node: NirNode, x: FloatArray) -> FloatArray:
    kernel, stride, padding = _pair(node, "kernel_size", 1), _pair(node, "stride", 1), _pair(node, "padding", 0)
    if x.ndim != 4:
        raise ValueError(f"it takes channels x height x width and is given shape {_shape(x.shape[1:])}")
    padded = _padded(x, padding, padding)
    size = [(p - k) // s + 1 for p, k, s in zip(padded.shape[2:], kernel, stride, strict=True)]
    if min(size) < 1:
        raise ValueError(f"its kernel is larger than an input of shape {_shape(x.shape[1:])}")
    out = np.zeros((*x.shape[:2], *size))
    for row, column in np.ndindex(*kernel):
        at = [slice(i, i + (n - 1) * s + 1, s) for i, n, s in zip((row, column), size, stride, strict=True)]
        out += padded[..., at[0], at[1]]
    return out / math.prod(kernel) if node.kind == "AvgPool2d" else out


def _padded(x: FloatArray, before: list[int] | tuple[int, int], after: list[int] | tuple[int, int]) -> FloatArray:
    _room(x.shape[0] * x.shape[1] * math.prod(n + b + a for n, b, a in zip(x.shape[2:], before, after, strict=True)))
    return np.pad(x, [(0, 0), (0, 0), *zip(before, after, strict=True)])


def _room(numbers: int) -> None:
    if numbers > MAX_MATRIX:
        raise ValueError(f"unrolled it takes {numbers:,} numbers, more than {MAX_MATRIX:,}")


def _shape(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape)) or "()"
