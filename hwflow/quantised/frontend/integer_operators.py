"""Operators on quantised integers themselves: onnxruntime's, those of integer matrices, and FINN's MultiThreshold."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwflow.quantised.elementwise import Step
from hwflow.quantised.frontend.lowering import Lowering
from hwflow.quantised.frontend.operands import (
    Attributes,
    Inputs,
    Operator,
    constant_of,
    given,
    scale_of,
    stream_of,
    zero_point_of,
)
from hwflow.quantised.frontend.quantisers import one, with_zero_point
from hwflow.quantised.frontend.rewiring import transposed
from hwflow.quantised.frontend.values import Constant, Quantised, Stream, Value

_TYPES = (np.int8, np.uint8, np.int16, np.uint16)


def _integer_product(
    lowering: Lowering, inputs: Inputs, zero_points: Inputs, *, left_turned: bool = False, right_turned: bool = False
) -> Stream:
    """(A - zero of A)(B - zero of B) of integers, of which A or B is constant. zero_points: of A and of B, or None."""
    sides = [turned(value) if turn else value for value, turn in zip(inputs, (left_turned, right_turned), strict=True)]
    left, right = (_less(value, zero, i) for i, (value, zero) in enumerate(zip(sides, zero_points, strict=True)))
    if isinstance(left, Constant):
        return lowering.product(stream_of(right), left.transposed(None), column=True)
    if not isinstance(right, Constant):
        raise ValueError("both of its inputs depend on the model's input; one must be constant weights")
    return lowering.product(stream_of(left), right)


def turned(value: Value | None) -> Value:
    return value.transposed(None) if isinstance(value, Constant) else transposed(stream_of(value), None)


def _less(value: Value | None, zero: Value | None, side: int) -> Value | None:
    """An operand without its zero point, which is one number, or one for each row of A or column of B."""
    zeros = zero_point_of(zero) if zero is not None else np.zeros(1, dtype=np.float32)
    if zeros.ndim == 1 and zeros.size > 1 and side == 0:
        zeros = zeros[:, None]
    if isinstance(value, Constant):
        if value.array.dtype.kind not in "iu":
            raise ValueError(f"its weights are {value.array.dtype}, not integers")
        integers = value.array.astype(np.int64) - zeros.astype(np.int64)
        if integers.shape != value.array.shape:
            raise ValueError(f"zero points of shape {zeros.shape} do not go with weights of {value.array.shape}")
        return Constant(integers.astype(np.float32), Quantised(integers, np.ones(1)))
    stream = stream_of(value)
    return stream.then(Step("sub", (stream.operand(zeros),))) if np.any(zeros) else stream


def _matmul_integer(lowering: Lowering, _: Attributes, inputs: Inputs) -> Value:
    """A B of integers less their zero points; the result is integers."""
    zeros = [inputs[i] if given(inputs, i) else None for i in (2, 3)]
    return _integer_product(lowering, inputs[:2], zeros)


def _qlinear_matmul(lowering: Lowering, _: Attributes, inputs: Inputs) -> Value:
    """Both operands with scale and zero point; the result quantised again."""
    a, a_scale, a_zero, b, b_scale, b_zero, y_scale, y_zero = inputs
    stream = _integer_product(lowering, (a, b), (a_zero, b_zero))
    scale = scale_of(a_scale).reshape(-1) * scale_of(b_scale).reshape(-1) / scale_of(y_scale).reshape(-1)
    return _requantised(stream, scale, y_zero)


def _qgemm(lowering: Lowering, attributes: Attributes, inputs: Inputs) -> Value:
    """onnxruntime's: alpha A B + C, C in the unit of the sums; quantised again if there is a scale of the result."""
    a, a_scale, a_zero, b, b_scale, b_zero = inputs[:6]
    stream = _integer_product(lowering, (a, b), (a_zero, b_zero), left_turned=bool(attributes.get("transA", 0)),
                              right_turned=bool(attributes.get("transB", 0)))  # fmt: skip
    if given(inputs, 6):
        stream = stream.then(Step("add", (stream.operand(constant_of(inputs[6])),)))
    scale = np.float32(attributes.get("alpha", 1.0)) * scale_of(a_scale).reshape(-1) * scale_of(b_scale).reshape(-1)
    if not given(inputs, 7):
        return stream.then(Step("mul", (stream.operand(scale),)))
    return _requantised(stream, scale / scale_of(inputs[7]).reshape(-1), inputs[8] if given(inputs, 8) else None)


def _requantised(stream: Stream, scale: NDArray[np.float32], zero_point: Value | None) -> Stream:
    """round(sums * scale) + zero, cut to the zero point's type, in float32 as onnxruntime computes it."""
    array: NDArray[Any] = constant_of(zero_point) if zero_point is not None else np.zeros(1, dtype=np.uint8)
    if array.size != 1 or array.dtype not in _TYPES:
        raise ValueError(
            f"it quantises to {array.dtype} with {array.size} zero points; one of 8 or 16 bits can be built"
        )
    kind, zero = np.iinfo(array.dtype), float(array.reshape(()))
    steps = [
        Step("mul", (stream.operand(scale),)),
        Step("clip", (one(kind.min - zero), one(kind.max - zero))),
        Step("round"),
    ]
    return stream.then(*steps, *with_zero_point(one(zero)))


def _multi_threshold(_: Lowering, attributes: Attributes, inputs: Inputs) -> Value:
    """scale * #{l : x_c >= thresholds[c, l]} + bias, for each channel c, or with the same thresholds for all."""
    stream, levels = stream_of(inputs[0]), constant_of(inputs[1]).astype(np.float32)
    if levels.ndim != 2 or not levels.size or np.isnan(levels).any():
        raise ValueError(f"its thresholds have the shape {levels.shape}; [channels, steps] can be built")
    rank, layout = len(stream.shape), str(attributes.get("data_layout", ""))
    axis = rank - 1 if layout.endswith("C") or rank < 2 else 1
    if len(levels) not in (1, stream.shape[axis]):
        raise ValueError(f"thresholds of {len(levels)} channels do not go with an input of {stream.shape}")
    along = [1] * rank
    along[axis] = -1
    ordered = np.sort(levels, axis=1)
    steps = [Step("count", tuple(stream.operand(each.reshape(along)) for each in ordered.T))]
    scale, bias = float(attributes.get("out_scale", 1.0)), float(attributes.get("out_bias", 0.0))
    steps += [Step("mul", (one(scale),))] * (scale != 1) + [Step("add", (one(bias),))] * (bias != 0)
    return stream.then(*steps)


def _dynamic(_: Lowering, __: Attributes, ___: Inputs) -> Value:
    raise ValueError("its scale depends on each sample, which integers alone cannot follow; quantise statically, with scales from "
                     "calibration")  # fmt: skip


INTEGER_OPERATORS: dict[str, Operator] = {
    "MatMulInteger": _matmul_integer,
    "QLinearMatMul": _qlinear_matmul,
    "QGemm": _qgemm,
    "MultiThreshold": _multi_threshold,
    "DynamicQuantizeLinear": _dynamic,
}
