"""The ONNX operators a net may hold: one function for each, on constants and streams."""

import math

import numpy as np
from onnx import TensorProto

from hwflow.quantised.elementwise import ROUNDINGS, Step
from hwflow.quantised.frontend.constant_branches import branches_of, fill, pads_of
from hwflow.quantised.frontend.integer_operators import INTEGER_OPERATORS, turned
from hwflow.quantised.frontend.joins import added, concatenated, multiplied
from hwflow.quantised.frontend.lowering import Lowering
from hwflow.quantised.frontend.operands import Attributes, Inputs, Operator, constant_of, given, scalar_of, stream_of
from hwflow.quantised.frontend.products import add_bias
from hwflow.quantised.frontend.quantiser_operators import QUANTISER_OPERATORS
from hwflow.quantised.frontend.quantisers import affine, one
from hwflow.quantised.frontend.selections import SELECTIONS
from hwflow.quantised.frontend.shape_operators import SHAPE_OPERATORS
from hwflow.quantised.frontend.values import Constant, Stream, Value


def _arithmetic(kind: str) -> Operator:
    def apply(lowering: Lowering, __: Attributes, inputs: Inputs) -> Value:
        left, right = inputs[0], inputs[1]
        if isinstance(left, Stream) and isinstance(right, Stream):
            if kind == "div":
                raise ValueError("it divides by values that depend on the model's input")
            if kind == "mul":
                return multiplied(lowering, [left, right])
            return added(lowering, [left, right.then(Step("mul", (one(-1),))) if kind == "sub" else right])
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


def _sum(lowering: Lowering, attributes: Attributes, inputs: Inputs) -> Value:
    """Of branches and constants: the branches are added first."""
    branches = [value for value in inputs if isinstance(value, Stream)]
    total = added(lowering, branches) if len(branches) > 1 else stream_of(branches[0] if branches else None)
    for value in inputs:
        if not isinstance(value, Stream):
            total = _combined("add", total, Constant(constant_of(value)))
    return total


def _mean(lowering: Lowering, attributes: Attributes, inputs: Inputs) -> Value:
    """Of branches: their sum, divided."""
    return stream_of(_sum(lowering, attributes, inputs)).then(Step("div", (one(len(inputs)),)))


def _where(_: Lowering, __: Attributes, inputs: Inputs) -> Value:
    """One of two constants by a comparison, which is 1 or 0 here."""
    stream = stream_of(inputs[0])
    last = max((i for i, step in enumerate(stream.steps) if step.kind in ROUNDINGS), default=-1)
    if last < 0 or stream.steps[last].kind != "step":
        raise ValueError("its condition is no comparison")
    yes, no = (stream.operand(constant_of(value)) for value in inputs[1:3])
    if np.any(yes - no + no != yes):
        raise ValueError("the difference of its constants is not exact in float32; use constants of fewer digits")
    return stream.then(Step("mul", (yes - no,)), Step("add", (no,)))


def _not(_: Lowering, __: Attributes, inputs: Inputs) -> Value:
    return stream_of(inputs[0]).then(Step("mul", (one(-1),)), Step("add", (one(1),)))


def _concat(lowering: Lowering, attributes: Attributes, inputs: Inputs) -> Value:
    axis = int(attributes.get("axis", -1))
    return concatenated(lowering, branches_of(lowering, inputs, axis), axis)


def _pad(lowering: Lowering, attributes: Attributes, inputs: Inputs) -> Value:
    """Constants before and behind each axis of a sample."""
    stream = stream_of(inputs[0])
    around, value = pads_of(attributes, inputs, len(stream.shape))
    for axis, (before, behind) in fill(around, value, stream.shape):
        parts: list[Constant | Stream] = [Constant(before), stream, Constant(behind)]
        some = [part for part in parts if isinstance(part, Stream) or part.array.size]
        stream = concatenated(lowering, branches_of(lowering, some, axis), axis)
    return stream


def _negative(_: Lowering, __: Attributes, inputs: Inputs) -> Value:
    return stream_of(inputs[0]).then(Step("mul", (one(-1),)))


def _bounded(low: bool) -> Operator:
    """Max (a lower bound) or Min of a stream and one number."""

    def apply(_: Lowering, __: Attributes, inputs: Inputs) -> Value:
        left, right = inputs
        if isinstance(left, Stream) and isinstance(right, Stream):
            raise ValueError("both of its inputs depend on the model's input, and no unit compares two branches; leave it out, or "
                             "let one be a constant")  # fmt: skip
        stream, bound = (left, right) if isinstance(left, Stream) else (right, left)
        value = scalar_of(bound)
        return stream_of(stream).then(
            Step("clip", (one(value), one(math.inf)) if low else (one(-math.inf), one(value)))
        )

    return apply


def _function(kind: str) -> Operator:
    return lambda _, __, inputs: stream_of(inputs[0]).then(Step(kind))


def _leaky_relu(_: Lowering, attributes: Attributes, inputs: Inputs) -> Value:
    slope = float(attributes.get("alpha", 0.01))
    if not 0 <= slope < math.inf:
        raise ValueError("a negative slope is not monotone")
    return stream_of(inputs[0]).then(Step("leaky_relu", (one(slope),)))


def _clip(_: Lowering, attributes: Attributes, inputs: Inputs) -> Value:
    low, high = float(attributes.get("min", -math.inf)), float(attributes.get("max", math.inf))
    if len(inputs) > 1 and inputs[1] is not None:
        low = scalar_of(inputs[1])
    if len(inputs) > 2 and inputs[2] is not None:
        high = scalar_of(inputs[2])
    if not low <= high:
        raise ValueError("its least value is above its greatest")
    return stream_of(inputs[0]).then(Step("clip", (one(low), one(high))))


def _over_last_axis(kind: str) -> Operator:
    def apply(lowering: Lowering, attributes: Attributes, inputs: Inputs) -> Value:
        stream = lowering.whole(stream_of(inputs[0]))
        if attributes.get("axis", -1) not in (-1, len(stream.shape) - 1) or stream.shape[-1] != stream.size:
            raise ValueError("it does not go over the last axis of a vector")
        return stream.then(Step(kind))

    return apply


def _cast(_: Lowering, attributes: Attributes, inputs: Inputs) -> Value:
    """To floats, which values are as floats here; or to integers that hold what are whole numbers already."""
    stream, to = stream_of(inputs[0]), attributes.get("to")
    is_class = stream.node == "argmax" and not stream.steps
    whole = to in (TensorProto.INT32, TensorProto.INT64) and _is_whole(stream)
    if to not in (TensorProto.FLOAT, TensorProto.DOUBLE) and not is_class and not whole:
        raise ValueError("it casts values that may have fractions to something other than float32; quantise them")
    return stream


def _is_whole(stream: Stream) -> bool:
    """Whether the values are known to be whole numbers."""
    last = max((i for i, step in enumerate(stream.steps) if step.kind in ROUNDINGS), default=-1)
    relation = affine(stream.steps[last + 1 :])
    return last >= 0 and relation is not None and all(bool(np.all(x == np.rint(x))) for x in relation)


def _comparison(strict: bool, above: bool) -> Operator:
    """1 where the stream is above (or below) a constant, or, unless strict, equal to it; else 0."""

    def apply(_: Lowering, __: Attributes, inputs: Inputs) -> Value:
        left, right = inputs
        turned = isinstance(right, Stream)
        stream, bound = (right, left) if turned else (left, right)
        stream = stream_of(stream)
        # "step" is 1 where its input is at least 0. What is strictly above is what is not at most, and so on.
        steps = [Step("sub", (stream.operand(constant_of(bound)),))]
        if (above != turned) == strict:
            steps.append(Step("mul", (one(-1),)))
        steps.append(Step("step"))
        if strict:
            steps += [Step("mul", (one(-1),)), Step("add", (one(1),))]
        return stream.then(*steps)

    return apply


def _batch_normalisation(_: Lowering, attributes: Attributes, inputs: Inputs) -> Value:
    """y = x * s + (beta - mean * s), s = gamma / sqrt(variance + epsilon), in onnxruntime's order of float32 steps."""
    stream = stream_of(inputs[0])
    gamma, beta, mean, variance = (np.asarray(constant_of(value), dtype=np.float32) for value in inputs[1:5])
    if len(stream.shape) < 2 or any(each.shape != (stream.shape[1],) for each in (gamma, beta, mean, variance)):
        raise ValueError(f"its parameters do not go with axis 1 of an input of {stream.shape}")
    along = (-1, *[1] * (len(stream.shape) - 2))
    with np.errstate(all="ignore"):
        inverse = np.float32(1) / np.sqrt(variance + np.float32(attributes.get("epsilon", 1e-5)))
        scale = inverse * gamma
        offset = beta - mean * scale
    if not (np.isfinite(scale).all() and np.isfinite(offset).all()):
        raise ValueError("its variance is not positive, or it overflows")
    return stream.then(
        Step("mul", (stream.operand(scale.reshape(along)),)), Step("add", (stream.operand(offset.reshape(along)),))
    )


def _weights(value: Value | None) -> Constant:
    if not isinstance(value, Constant):
        raise ValueError("both of its inputs depend on the model's input; one must be constant weights")
    return value


def _matmul(lowering: Lowering, _: Attributes, inputs: Inputs) -> Value:
    """x W, or W x of a column."""
    left, right = inputs[0], inputs[1]
    if isinstance(left, Constant):
        return lowering.product(stream_of(right), left.transposed(None), column=True)
    return lowering.product(stream_of(left), _weights(right))


def _gemm(lowering: Lowering, attributes: Attributes, inputs: Inputs) -> Value:
    """alpha A B + beta C, of which A or B is constant, each transposed first if so asked."""
    left, right = (turned(value) if attributes.get(name, 0) else value
                   for value, name in ((inputs[0], "transA"), (inputs[1], "transB")))  # fmt: skip
    stream = _matmul(lowering, attributes, (left, right))
    assert isinstance(stream, Stream)
    alpha, beta = float(attributes.get("alpha", 1.0)), float(attributes.get("beta", 1.0))
    if alpha != 1:
        stream = stream.then(Step("mul", (one(alpha),)))
    if given(inputs, 2) and beta:
        bias = Constant(constant_of(inputs[2]) * np.float32(beta)) if beta != 1 else inputs[2]
        if not isinstance(bias, Constant):
            raise ValueError("its bias must be constant, and is not")
        stream = _combined("add", stream, bias)
    return stream


OPERATORS: dict[str, Operator] = {
    "Add": _arithmetic("add"),
    "Sub": _arithmetic("sub"),
    "Mul": _arithmetic("mul"),
    "Div": _arithmetic("div"),
    "Sum": _sum,
    "Mean": _mean,
    "Where": _where,
    "Not": _not,
    "Concat": _concat,
    "Pad": _pad,
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
    "Cast": _cast,
    "Greater": _comparison(strict=True, above=True),
    "GreaterOrEqual": _comparison(strict=False, above=True),
    "Less": _comparison(strict=True, above=False),
    "LessOrEqual": _comparison(strict=False, above=False),
    "BatchNormalization": _batch_normalisation,
    "MatMul": _matmul,
    "Gemm": _gemm,
    **SELECTIONS,
    **SHAPE_OPERATORS,
    **QUANTISER_OPERATORS,
    **INTEGER_OPERATORS,
}
