"""The ONNX operators a net may hold: one function for each, on constants and streams.

A function takes the node's attributes and the values of its inputs, and gives the value of its output. It raises
ValueError with what is wrong; the caller names the node.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwflow.elementwise import Step
from hwflow.frontend.lowering import Lowering
from hwflow.frontend.quantisers import (
    bipolar_constant,
    bipolar_steps,
    quant_steps,
    quantise_constant,
    quantiser_range,
    rounding_step,
)
from hwflow.frontend.values import Constant, Quantised, Stream, Value

Attributes = Mapping[str, Any]
Operator = Callable[[Lowering, Attributes, Sequence[Value | None]], Value]


def _stream(value: Value | None) -> Stream:
    if not isinstance(value, Stream):
        raise ValueError("its input does not depend on the model's input")
    return value


def _constant(value: Value | None) -> NDArray[Any]:
    if not isinstance(value, Constant):
        raise ValueError("an input that must be constant is not")
    return value.array


def _scalar(value: Value | None) -> float:
    array = _constant(value)
    if array.size != 1:
        raise ValueError("an input that must be one number is not")
    return float(array.reshape(()))


def _arithmetic(kind: str, function: Callable[..., Any]) -> Operator:
    def apply(_: Lowering, __: Attributes, inputs: Sequence[Value | None]) -> Value:
        left, right = inputs[0], inputs[1]
        if isinstance(left, Constant) and isinstance(right, Constant):
            return Constant(function(left.array, right.array))
        if isinstance(left, Stream) and isinstance(right, Stream):
            raise ValueError("it joins two branches, which cannot be built yet")
        if isinstance(left, Stream):
            return left.then(Step(kind, (left.operand(_constant(right)),)))
        stream, constant = _stream(right), _stream(right).operand(_constant(left))
        if kind == "div":
            raise ValueError("it divides by a stream")
        if kind == "sub":
            return stream.then(Step("mul", (np.array([-1], dtype=np.float32),)), Step("add", (constant,)))
        return stream.then(Step(kind, (constant,)))

    return apply


def _function(kind: str) -> Operator:
    return lambda _, __, inputs: _stream(inputs[0]).then(Step(kind))


def _leaky_relu(_: Lowering, attributes: Attributes, inputs: Sequence[Value | None]) -> Value:
    slope = float(attributes.get("alpha", 0.01))
    if slope < 0:
        raise ValueError("a negative slope is not monotone")
    return _stream(inputs[0]).then(Step("leaky_relu", (np.array([slope], dtype=np.float32),)))


def _clip(_: Lowering, attributes: Attributes, inputs: Sequence[Value | None]) -> Value:
    low, high = attributes.get("min", -math.inf), attributes.get("max", math.inf)
    if len(inputs) > 1 and inputs[1] is not None:
        low = _scalar(inputs[1])
    if len(inputs) > 2 and inputs[2] is not None:
        high = _scalar(inputs[2])
    bounds = tuple(np.array([bound], dtype=np.float32) for bound in (low, high))
    return _stream(inputs[0]).then(Step("clip", bounds))


def _softmax(_: Lowering, attributes: Attributes, inputs: Sequence[Value | None]) -> Value:
    stream = _stream(inputs[0])
    if attributes.get("axis", -1) not in (-1, len(stream.shape) - 1):
        raise ValueError("it does not go over the last axis")
    return stream.then(Step("softmax"))


def _identity(_: Lowering, __: Attributes, inputs: Sequence[Value | None]) -> Value:
    if inputs[0] is None:
        raise ValueError("it has no input")
    return inputs[0]


def _quant(_: Lowering, attributes: Attributes, inputs: Sequence[Value | None]) -> Value:
    value, scale, zero, bits = inputs
    signed, narrow = bool(attributes.get("signed", 1)), bool(attributes.get("narrow", 0))
    if np.any(_constant(scale) <= 0):
        raise ValueError("its scale is not positive")
    width = _scalar(bits)
    if signed and width == 1:  # as the qonnx package executes it
        return _bipolar(_, attributes, [value, scale])
    low, high = quantiser_range(width, signed, narrow)
    rounding = rounding_step(str(attributes.get("rounding_mode", "ROUND")))
    if isinstance(value, Constant):
        return Constant(*quantise_constant(value.array, _constant(scale), _constant(zero), low, high, rounding))
    stream = _stream(value)
    if np.any(_constant(zero) != np.rint(_constant(zero))):
        raise ValueError("its zero point is not a whole number")
    return stream.then(
        *quant_steps(stream.operand(_constant(scale)), stream.operand(_constant(zero)), low, high, rounding)
    )


def _bipolar(_: Lowering, __: Attributes, inputs: Sequence[Value | None]) -> Value:
    value, scale = inputs[0], _constant(inputs[1])
    if np.any(scale <= 0):
        raise ValueError("its scale is not positive")
    if isinstance(value, Constant):
        return Constant(*bipolar_constant(value.array, scale))
    stream = _stream(value)
    return stream.then(*bipolar_steps(stream.operand(scale)))


def _trunc(_: Lowering, attributes: Attributes, inputs: Sequence[Value | None]) -> Value:
    if len(inputs) != 5:
        raise ValueError("only Trunc of version 1 is known")
    stream = _stream(inputs[0])
    scale, zero = stream.operand(_constant(inputs[1])), stream.operand(_constant(inputs[2]))
    factor = np.array([2.0 ** (_scalar(inputs[3]) - _scalar(inputs[4]))], dtype=np.float32)
    rounding = rounding_step(str(attributes.get("rounding_mode", "FLOOR")))
    return stream.then(
        Step("div", (scale,)),
        Step("add", (zero,)),
        Step("round"),
        Step("div", (factor,)),
        rounding,
        Step("sub", (zero,)),
        Step("mul", (scale,)),
    )


def _batch_normalisation(_: Lowering, attributes: Attributes, inputs: Sequence[Value | None]) -> Value:
    """y = x * s + (beta - mean * s), s = gamma / sqrt(variance + epsilon), in onnxruntime's order of float32 steps."""
    stream = _stream(inputs[0])
    gamma, beta, mean, variance = (np.asarray(_constant(value), dtype=np.float32) for value in inputs[1:5])
    if stream.shape[1:] != (stream.size,):
        raise ValueError("its input is not a vector")
    with np.errstate(all="ignore"):
        inverse = np.float32(1) / np.sqrt(variance + np.float32(attributes.get("epsilon", 1e-5)))
        scale = inverse * gamma
        offset = beta - mean * scale
    if not (np.isfinite(scale).all() and np.isfinite(offset).all()):
        raise ValueError("its variance is not positive")
    return stream.then(Step("mul", (stream.operand(scale),)), Step("add", (stream.operand(offset),)))


def _matmul(lowering: Lowering, _: Attributes, inputs: Sequence[Value | None]) -> Value:
    weights = inputs[1]
    if not isinstance(weights, Constant):
        raise ValueError("its second input is not constant")
    return lowering.product(_stream(inputs[0]), weights)


def _gemm(lowering: Lowering, attributes: Attributes, inputs: Sequence[Value | None]) -> Value:
    weights = inputs[1]
    if not isinstance(weights, Constant):
        raise ValueError("its second input is not constant")
    if attributes.get("transA", 0):
        raise ValueError("it transposes its input")
    if attributes.get("transB", 0):
        weights = _transposed(weights)
    stream = lowering.product(_stream(inputs[0]), weights)
    for name, extra in (("alpha", None), ("beta", inputs[2] if len(inputs) > 2 else None)):
        factor = np.array([attributes.get(name, 1.0)], dtype=np.float32)
        if name == "alpha" and factor[0] != 1:
            stream = stream.then(Step("mul", (factor,)))
        if extra is not None:
            bias = np.asarray(_constant(extra), dtype=np.float32) * factor
            stream = stream.then(Step("add", (stream.operand(bias),)))
    return stream


def _transposed(constant: Constant, permutation: Sequence[int] | None = None) -> Constant:
    quantised = constant.quantised
    if quantised is not None:
        scale = np.broadcast_to(quantised.scale, quantised.integers.shape).transpose(permutation)
        quantised = Quantised(quantised.integers.transpose(permutation), scale)
    return Constant(constant.array.transpose(permutation), quantised)


def _transpose(_: Lowering, attributes: Attributes, inputs: Sequence[Value | None]) -> Value:
    permutation = attributes.get("perm")
    value = inputs[0]
    if isinstance(value, Constant):
        return _transposed(value, permutation)
    stream = _stream(value)
    order = list(permutation or range(len(stream.shape))[::-1])
    moved = [axis for axis in order if stream.shape[axis] != 1]
    if moved != sorted(moved):
        raise ValueError("it permutes the elements of a vector")
    return Stream(stream.node, stream.size, tuple(stream.shape[axis] for axis in order), stream.steps)


def _reshaped(stream: Stream, shape: Sequence[int]) -> Stream:
    sizes = [stream.shape[i] if size == 0 and i < len(stream.shape) else size for i, size in enumerate(shape)]
    if sizes.count(-1) == 1:
        known = math.prod(size for size in sizes if size != -1)
        sizes[sizes.index(-1)] = stream.size // known if known else 0
    if math.prod(sizes) != stream.size or any(size < 1 for size in sizes):
        raise ValueError(f"shape {tuple(shape)!r:.60} does not hold the {stream.size} elements of one sample")
    return Stream(stream.node, stream.size, tuple(sizes), stream.steps)


def _reshape(_: Lowering, __: Attributes, inputs: Sequence[Value | None]) -> Value:
    shape = [int(size) for size in _constant(inputs[1]).reshape(-1)]
    if isinstance(inputs[0], Constant):
        return Constant(inputs[0].array.reshape(shape))
    return _reshaped(_stream(inputs[0]), shape)


def _flatten(_: Lowering, attributes: Attributes, inputs: Sequence[Value | None]) -> Value:
    stream = _stream(inputs[0])
    axis = int(attributes.get("axis", 1)) % len(stream.shape) if stream.shape else 1
    return _reshaped(stream, [math.prod(stream.shape[:axis]), -1])


def _shape(_: Lowering, __: Attributes, inputs: Sequence[Value | None]) -> Value:
    value = inputs[0]
    shape = value.array.shape if isinstance(value, Constant) else _stream(value).shape
    return Constant(np.array(shape, dtype=np.int64))


def _squeeze(_: Lowering, __: Attributes, inputs: Sequence[Value | None]) -> Value:
    stream = _stream(inputs[0])
    return _reshaped(stream, [1, *(size for size in stream.shape[1:] if size != 1)])


def _argmax(lowering: Lowering, attributes: Attributes, inputs: Sequence[Value | None]) -> Value:
    stream = _stream(inputs[0])
    if attributes.get("axis", 0) not in (-1, len(stream.shape) - 1) or attributes.get("select_last_index", 0):
        raise ValueError("it does not take the first greatest of the last axis")
    return lowering.argmax(stream)


def _topk(lowering: Lowering, attributes: Attributes, inputs: Sequence[Value | None]) -> Value:
    k = _scalar(inputs[1]) if len(inputs) > 1 else attributes.get("k", 0)
    if k != 1 or not attributes.get("largest", 1):
        raise ValueError("only the greatest one (k = 1) can be built")
    return lowering.argmax(_stream(inputs[0]))


OPERATORS: dict[str, Operator] = {
    "Add": _arithmetic("add", np.add),
    "Sub": _arithmetic("sub", np.subtract),
    "Mul": _arithmetic("mul", np.multiply),
    "Div": _arithmetic("div", np.divide),
    "Relu": _function("relu"),
    "Sigmoid": _function("sigmoid"),
    "Tanh": _function("tanh"),
    "LeakyRelu": _leaky_relu,
    "Clip": _clip,
    "Softmax": _softmax,
    "Identity": _identity,
    "Dropout": _identity,
    "Cast": _identity,
    "Quant": _quant,
    "IntQuant": _quant,
    "BipolarQuant": _bipolar,
    "Trunc": _trunc,
    "BatchNormalization": _batch_normalisation,
    "MatMul": _matmul,
    "Gemm": _gemm,
    "Transpose": _transpose,
    "Reshape": _reshape,
    "Flatten": _flatten,
    "Squeeze": _squeeze,
    "Shape": _shape,
    "ArgMax": _argmax,
    "TopK": _topk,
}
