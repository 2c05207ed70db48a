"""The ONNX operators a net may hold: one function for each, on constants and streams.

A function takes the node's attributes and the values of its inputs, and gives the value of its output. It raises
ValueError with what is wrong; the caller names the node.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from hwflow.quantised.elementwise import Step
from hwflow.quantised.frontend.lowering import Lowering, add_bias
from hwflow.quantised.frontend.quantisers import (
    bipolar_constant,
    bipolar_steps,
    one,
    quant_steps,
    quantise_constant,
    quantiser_range,
    rounding_step,
)
from hwflow.quantised.frontend.values import Constant, Stream, Value

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


def _scale(value: Value | None) -> NDArray[np.float32]:
    scale = _constant(value).astype(np.float32)
    if not np.all(scale > 0):
        raise ValueError("its scale is not positive")
    return scale


def _zero_point(value: Value | None) -> NDArray[np.float32]:
    zero = _constant(value).astype(np.float32)
    if np.any(zero != np.rint(zero)) or np.abs(zero).max(initial=0) > 1 << 24:
        raise ValueError("its zero point is not a whole number")
    return zero


def _scalar(value: Value | None) -> float:
    array = _constant(value)
    if array.size != 1:
        raise ValueError("an input that must be one number is not")
    return float(array.reshape(()))


def _arithmetic(kind: str) -> Operator:
    def apply(_: Lowering, __: Attributes, inputs: Sequence[Value | None]) -> Value:
        left, right = inputs[0], inputs[1]
        if isinstance(left, Stream) and isinstance(right, Stream):
            raise ValueError("it joins two branches, which cannot be built yet")
        if isinstance(left, Stream) and isinstance(right, Constant):
            return _combined(kind, left, right)
        if isinstance(left, Constant) and isinstance(right, Stream):
            return _reflected(kind, left, right)
        raise ValueError("an input is missing")

    return apply


def _combined(kind: str, stream: Stream, constant: Constant) -> Stream:
    if kind == "add":
        return add_bias(stream, constant)
    operand = stream.operand(constant.array)
    if kind == "div" and not np.all(operand):
        raise ValueError("it divides by zero")
    return stream.then(Step(kind, (operand,)))


def _reflected(kind: str, constant: Constant, stream: Stream) -> Stream:
    """The constant before the stream."""
    if kind == "div":
        raise ValueError("it divides by values that depend on the model's input")
    if kind == "sub":
        stream, kind = stream.then(Step("mul", (one(-1),))), "add"
    return _combined(kind, stream, constant)


def _negative(_: Lowering, __: Attributes, inputs: Sequence[Value | None]) -> Value:
    return _stream(inputs[0]).then(Step("mul", (one(-1),)))


def _bounded(low: bool) -> Operator:
    """Max (a lower bound) or Min of a stream and one number."""

    def apply(_: Lowering, __: Attributes, inputs: Sequence[Value | None]) -> Value:
        left, right = inputs
        stream, bound = (left, right) if isinstance(left, Stream) else (right, left)
        value = _scalar(bound)
        return _stream(stream).then(Step("clip", (one(value), one(math.inf)) if low else (one(-math.inf), one(value))))

    return apply


def _function(kind: str) -> Operator:
    return lambda _, __, inputs: _stream(inputs[0]).then(Step(kind))


def _leaky_relu(_: Lowering, attributes: Attributes, inputs: Sequence[Value | None]) -> Value:
    slope = float(attributes.get("alpha", 0.01))
    if not 0 <= slope < math.inf:
        raise ValueError("a negative slope is not monotone")
    return _stream(inputs[0]).then(Step("leaky_relu", (one(slope),)))


def _clip(_: Lowering, attributes: Attributes, inputs: Sequence[Value | None]) -> Value:
    low, high = float(attributes.get("min", -math.inf)), float(attributes.get("max", math.inf))
    if len(inputs) > 1 and inputs[1] is not None:
        low = _scalar(inputs[1])
    if len(inputs) > 2 and inputs[2] is not None:
        high = _scalar(inputs[2])
    if not low <= high:
        raise ValueError("its least value is above its greatest")
    return _stream(inputs[0]).then(Step("clip", (one(low), one(high))))


def _over_last_axis(kind: str) -> Operator:
    def apply(_: Lowering, attributes: Attributes, inputs: Sequence[Value | None]) -> Value:
        stream = _stream(inputs[0])
        if attributes.get("axis", -1) not in (-1, len(stream.shape) - 1) or stream.shape[-1] != stream.size:
            raise ValueError("it does not go over the last axis of a vector")
        return stream.then(Step(kind))

    return apply


def _identity(_: Lowering, __: Attributes, inputs: Sequence[Value | None]) -> Value:
    if inputs[0] is None:
        raise ValueError("it has no input")
    return inputs[0]


def _cast(_: Lowering, attributes: Attributes, inputs: Sequence[Value | None]) -> Value:
    is_class = isinstance(inputs[0], Stream) and inputs[0].node == "argmax" and not inputs[0].steps
    if attributes.get("to") not in (TensorProto.FLOAT, TensorProto.DOUBLE) and not is_class:
        raise ValueError("it casts to something other than float32")
    return _identity(_, attributes, inputs)


def _quant(_: Lowering, attributes: Attributes, inputs: Sequence[Value | None]) -> Value:
    value, bits = inputs[0], _scalar(inputs[3])
    scale, zero = _scale(inputs[1]), _zero_point(inputs[2])
    signed, narrow = bool(attributes.get("signed", 1)), bool(attributes.get("narrow", 0))
    if signed and bits == 1:  # as the qonnx package executes it
        if np.any(zero):
            raise ValueError("one signed bit has no zero point")
        return _bipolar(_, attributes, inputs[:2])
    low, high = quantiser_range(bits, signed, narrow)
    rounding = rounding_step(str(attributes.get("rounding_mode", "ROUND")))
    if isinstance(value, Constant):
        return Constant(*quantise_constant(value.array, scale, zero, low, high, rounding))
    stream = _stream(value)
    return stream.then(*quant_steps(stream.operand(scale), stream.operand(zero), low, high, rounding))


def _bipolar(_: Lowering, __: Attributes, inputs: Sequence[Value | None]) -> Value:
    value, scale = inputs[0], _scale(inputs[1])
    if isinstance(value, Constant):
        return Constant(*bipolar_constant(value.array, scale))
    stream = _stream(value)
    return stream.then(*bipolar_steps(stream.operand(scale)))


def _trunc(_: Lowering, attributes: Attributes, inputs: Sequence[Value | None]) -> Value:
    """Trunc of version 1 (input and output bits) or 2 (an output scale, and a clip to the output bits)."""
    stream = _stream(inputs[0])
    scale, zero = stream.operand(_scale(inputs[1])), stream.operand(_zero_point(inputs[2]))
    rounding = rounding_step(str(attributes.get("rounding_mode", "FLOOR")))
    clip: tuple[Step, ...] = ()
    if len(inputs) == 5:
        factor, out = one(2.0 ** (_scalar(inputs[3]) - _scalar(inputs[4]))), scale
        back = zero
    else:
        out = stream.operand(_scale(inputs[4]))
        factor = (2 ** np.round(np.log2(out / scale))).astype(np.float32)
        low, high = quantiser_range(
            _scalar(inputs[5]), bool(attributes.get("signed", 1)), bool(attributes.get("narrow", 0))
        )
        clip = (Step("clip", (one(low), one(high))),)
        back = zero / factor
    return stream.then(
        Step("div", (scale,)),
        Step("add", (zero,)),
        Step("round"),
        Step("div", (factor,)),
        *clip,
        rounding,
        Step("sub", (back,)),
        Step("mul", (out,)),
    )


def _batch_normalisation(_: Lowering, attributes: Attributes, inputs: Sequence[Value | None]) -> Value:
    """y = x * s + (beta - mean * s), s = gamma / sqrt(variance + epsilon), in onnxruntime's order of float32 steps."""
    stream = _stream(inputs[0])
    gamma, beta, mean, variance = (np.asarray(_constant(value), dtype=np.float32) for value in inputs[1:5])
    if stream.shape[1:] != (stream.size,):
        raise ValueError(f"its input is no vector but of the shape {stream.shape}")
    with np.errstate(all="ignore"):
        inverse = np.float32(1) / np.sqrt(variance + np.float32(attributes.get("epsilon", 1e-5)))
        scale = inverse * gamma
        offset = beta - mean * scale
    if not (np.isfinite(scale).all() and np.isfinite(offset).all()):
        raise ValueError("its variance is not positive, or it overflows")
    return stream.then(Step("mul", (stream.operand(scale),)), Step("add", (stream.operand(offset),)))


def _weights(value: Value | None) -> Constant:
    if not isinstance(value, Constant):
        raise ValueError("its second input must be constant weights, and is not")
    return value


def _matmul(lowering: Lowering, _: Attributes, inputs: Sequence[Value | None]) -> Value:
    return lowering.product(_stream(inputs[0]), _weights(inputs[1]))


def _gemm(lowering: Lowering, attributes: Attributes, inputs: Sequence[Value | None]) -> Value:
    if attributes.get("transA", 0):
        raise ValueError("it transposes its input")
    weights = _weights(inputs[1])
    stream = lowering.product(_stream(inputs[0]), weights.transposed(None) if attributes.get("transB", 0) else weights)
    alpha, beta = float(attributes.get("alpha", 1.0)), float(attributes.get("beta", 1.0))
    if alpha != 1:
        stream = stream.then(Step("mul", (one(alpha),)))
    if len(inputs) > 2 and inputs[2] is not None and beta:
        bias = Constant(_constant(inputs[2]) * np.float32(beta)) if beta != 1 else inputs[2]
        stream = _combined("add", stream, _weights(bias))
    return stream


def _transpose(_: Lowering, attributes: Attributes, inputs: Sequence[Value | None]) -> Value:
    permutation = attributes.get("perm")
    value = inputs[0]
    if isinstance(value, Constant):
        return value.transposed(permutation)
    stream = _stream(value)
    order = [int(axis) for axis in permutation or range(len(stream.shape))[::-1]]
    if sorted(order) != list(range(len(stream.shape))):
        raise ValueError("it names other axes than its input has")
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


def _reshape(lowering: Lowering, _: Attributes, inputs: Sequence[Value | None]) -> Value:
    shape = [int(size) for size in _constant(inputs[1]).reshape(-1)]
    if shape and shape[0] == lowering.batch:
        shape[0] = 1
    return _reshaped(_stream(inputs[0]), shape)


def _flatten(_: Lowering, attributes: Attributes, inputs: Sequence[Value | None]) -> Value:
    stream = _stream(inputs[0])
    axis = int(attributes.get("axis", 1)) % len(stream.shape) if stream.shape else 1
    return _reshaped(stream, [math.prod(stream.shape[:axis]), -1])


def _shape(_: Lowering, __: Attributes, inputs: Sequence[Value | None]) -> Value:
    value = inputs[0]
    shape = value.array.shape if isinstance(value, Constant) else _stream(value).shape
    return Constant(np.array(shape, dtype=np.int64))


def _squeeze(_: Lowering, attributes: Attributes, inputs: Sequence[Value | None]) -> Value:
    stream = _stream(inputs[0])
    axes = _axes(attributes, inputs, len(stream.shape))
    gone = [axis for axis, size in enumerate(stream.shape) if size == 1] if axes is None else axes
    if any(stream.shape[axis] != 1 for axis in gone):
        raise ValueError("it squeezes an axis that is longer than 1")
    return _reshaped(stream, [size for axis, size in enumerate(stream.shape) if axis not in gone] or [1])


def _unsqueeze(_: Lowering, attributes: Attributes, inputs: Sequence[Value | None]) -> Value:
    stream = _stream(inputs[0])
    shape = list(stream.shape)
    for axis in sorted(_axes(attributes, inputs, len(shape) + 1) or []):
        shape.insert(axis, 1)
    return _reshaped(stream, shape)


def _axes(attributes: Attributes, inputs: Sequence[Value | None], rank: int) -> list[int] | None:
    given = attributes.get("axes")
    if len(inputs) > 1 and inputs[1] is not None:
        given = _constant(inputs[1]).reshape(-1)
    return None if given is None else [int(axis) % rank for axis in given]


def _argmax(lowering: Lowering, attributes: Attributes, inputs: Sequence[Value | None]) -> Value:
    stream = _stream(inputs[0])
    if attributes.get("axis", 0) not in (-1, len(stream.shape) - 1) or attributes.get("select_last_index", 0):
        raise ValueError("it does not take the first greatest of the last axis")
    return lowering.argmax(stream, keep=bool(attributes.get("keepdims", 1)))


def _topk(lowering: Lowering, attributes: Attributes, inputs: Sequence[Value | None]) -> Value:
    stream = _stream(inputs[0])
    k = _scalar(inputs[1]) if len(inputs) > 1 else attributes.get("k", 0)
    if k != 1 or not attributes.get("largest", 1) or attributes.get("axis", -1) not in (-1, len(stream.shape) - 1):
        raise ValueError("only the greatest one (k = 1) of the last axis can be built")
    return lowering.argmax(stream, keep=True)


OPERATORS: dict[str, Operator] = {
    "Add": _arithmetic("add"),
    "Sub": _arithmetic("sub"),
    "Mul": _arithmetic("mul"),
    "Div": _arithmetic("div"),
    "Neg": _negative,
    "Max": _bounded(low=True),
    "Min": _bounded(low=False),
    "Relu": _function("relu"),
    "Sigmoid": _function("sigmoid"),
    "Tanh": _function("tanh"),
    "LeakyRelu": _leaky_relu,
    "Clip": _clip,
    "Softmax": _over_last_axis("softmax"),
    "LogSoftmax": _over_last_axis("log_softmax"),
    "Identity": _identity,
    "Dropout": _identity,
    "Cast": _cast,
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
    "Unsqueeze": _unsqueeze,
    "Shape": _shape,
    "ArgMax": _argmax,
    "TopK": _topk,
}
QUANTISERS = frozenset({"Quant", "IntQuant", "BipolarQuant", "Trunc"})
