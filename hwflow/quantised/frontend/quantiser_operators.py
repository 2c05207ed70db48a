"""Operators that quantise: those of QONNX, and the pair QuantizeLinear and DequantizeLinear of standard ONNX."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper

from hwflow.quantised.elementwise import Step, apply
from hwflow.quantised.frontend.lowering import Lowering
from hwflow.quantised.frontend.operands import (
    Attributes,
    Inputs,
    Operator,
    constant_of,
    given,
    scalar_of,
    scale_of,
    stream_of,
    zero_point_of,
)
from hwflow.quantised.frontend.quantisers import (
    bipolar_constant,
    bipolar_steps,
    one,
    quant_steps,
    quantise_constant,
    quantiser_range,
    rounding_step,
    with_zero_point,
)
from hwflow.quantised.frontend.values import Constant, Quantised, Value

QUANTISERS = frozenset({"Quant", "IntQuant", "BipolarQuant", "Trunc", "MultiThreshold"})  # of QONNX's own operator sets
_LINEAR_TYPES = (np.int8, np.uint8, np.int16, np.uint16)


def _quant(lowering: Lowering, attributes: Attributes, inputs: Inputs) -> Value:
    """Quant of one width, or of a width for each weight or channel."""
    value, bits = inputs[0], constant_of(inputs[3]).astype(np.float32)
    scale, zero = scale_of(inputs[1]), zero_point_of(inputs[2])
    signed, narrow = bool(attributes.get("signed", 1)), bool(attributes.get("narrow", 0))
    if signed and np.all(bits == 1):  # as the qonnx package executes it
        if np.any(zero):
            raise ValueError("one signed bit has no zero point")
        return _bipolar(lowering, attributes, inputs[:2])
    if signed and np.any(bits == 1):
        raise ValueError(
            "some of its widths are one signed bit, of which tools differ in the meaning; make these 2 bits"
        )
    low, high = quantiser_range(bits, signed, narrow)
    rounding = rounding_step(attributes.get("rounding_mode", "ROUND"))
    if isinstance(value, Constant):
        return Constant(*quantise_constant(value.array, scale, zero, low, high, rounding))
    stream = stream_of(value)
    low, high = stream.operand(low), stream.operand(high)
    return stream.then(*quant_steps(stream.operand(scale), stream.operand(zero), low, high, rounding))


def _bipolar(_: Lowering, __: Attributes, inputs: Inputs) -> Value:
    value, scale = inputs[0], scale_of(inputs[1])
    if isinstance(value, Constant):
        return Constant(*bipolar_constant(value.array, scale))
    stream = stream_of(value)
    return stream.then(*bipolar_steps(stream.operand(scale)))


def _trunc(_: Lowering, attributes: Attributes, inputs: Inputs) -> Value:
    """Trunc of version 1 (input and output bits) or 2 (an output scale, and a clip to the output bits)."""
    stream = stream_of(inputs[0])
    scale, zero = stream.operand(scale_of(inputs[1])), stream.operand(zero_point_of(inputs[2]))
    rounding = rounding_step(attributes.get("rounding_mode", "FLOOR"))
    clip: tuple[Step, ...] = ()
    if len(inputs) == 5:
        factor, out = one(2.0 ** (scalar_of(inputs[3]) - scalar_of(inputs[4]))), scale
        back = zero
    else:
        out = stream.operand(scale_of(inputs[4]))
        factor = (2 ** np.round(np.log2(out / scale))).astype(np.float32)
        bits, signed, narrow = scalar_of(inputs[5]), attributes.get("signed", 1), attributes.get("narrow", 0)
        clip = (Step("clip", quantiser_range(bits, bool(signed), bool(narrow))),)
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


def _quantize_linear(_: Lowering, attributes: Attributes, inputs: Inputs) -> Value:
    """y = clip(round(x / scale) + zero) to the range of the zero point's type, uint8 if there is none.

    The clip stands before the rounding, on the same bounds less the zero point, which is the same.
    """
    value = inputs[0]
    kind = _linear_type(attributes, inputs)
    shape = value.array.shape if isinstance(value, Constant) else stream_of(value).shape
    scale, zero = _linear(attributes, inputs, shape)
    low, high = (np.atleast_1d(np.float32(bound) - zero) for bound in (np.iinfo(kind).min, np.iinfo(kind).max))
    if isinstance(value, Constant):
        steps = _linear_steps(scale, zero, low, high)
        return Constant(apply(steps, value.array.astype(np.float32)).astype(kind).reshape(shape))
    stream = stream_of(value)
    return stream.then(*_linear_steps(*(stream.operand(operand) for operand in (scale, zero, low, high))))


def _linear_steps(
    scale: NDArray[np.float32], zero: NDArray[np.float32], low: NDArray[np.float32], high: NDArray[np.float32]
) -> tuple[Step, ...]:
    return Step("div", (scale,)), Step("clip", (low, high)), Step("round"), *with_zero_point(zero)


def _dequantize_linear(_: Lowering, attributes: Attributes, inputs: Inputs) -> Value:
    """y = (x - zero) * scale."""
    value = inputs[0]
    shape = value.array.shape if isinstance(value, Constant) else stream_of(value).shape
    scale, zero = _linear(attributes, inputs, shape)
    if isinstance(value, Constant):
        if value.array.dtype.kind not in "iu":
            raise ValueError(f"its input is {value.array.dtype}, not integers")
        integers = value.array.astype(np.int64) - zero.astype(np.int64)
        array = (integers.astype(np.float32) * scale).astype(np.float32)
        return Constant(array, Quantised(integers, scale.astype(np.float64)))
    stream = stream_of(value)
    scale, zero = stream.operand(scale), stream.operand(zero)
    return stream.then(*[Step("sub", (zero,))] * bool(np.any(zero)), Step("mul", (scale,)))


def _linear(
    attributes: Attributes, inputs: Inputs, shape: tuple[int, ...]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Scale and zero point, of the whole tensor or along the axis, as they broadcast against it."""
    scale = scale_of(inputs[1])
    zero = zero_point_of(inputs[2]) if given(inputs, 2) else np.zeros(1, dtype=np.float32)
    if scale.size == 1 and zero.size == 1:
        return scale.reshape(()), zero.reshape(())
    axis = attributes.get("axis", 1)
    if not -len(shape) <= axis < len(shape):
        raise ValueError(f"its axis {axis} is none of an input of {len(shape)} axes")
    along = [1] * len(shape)
    along[axis] = -1
    if max(scale.size, zero.size) != shape[axis]:
        raise ValueError(f"{max(scale.size, zero.size)} scales or zero points do not go with {shape[axis]} elements")
    return scale.reshape(along), zero.reshape(along)


def _linear_type(attributes: Attributes, inputs: Inputs) -> type[np.integer[Any]]:
    kind: Any = constant_of(inputs[2]).dtype if given(inputs, 2) else np.dtype(np.uint8)
    wanted = attributes.get("output_dtype", TensorProto.UNDEFINED)
    if wanted and not given(inputs, 2):
        kind = helper.tensor_dtype_to_np_dtype(wanted)
    found = next((known for known in _LINEAR_TYPES if kind == known), None)
    if found is None:
        raise ValueError(f"it quantises to {kind}; 8 or 16 bits, signed or unsigned, can be built")
    return found


QUANTISER_OPERATORS: dict[str, Operator] = {
    "Quant": _quant,
    "IntQuant": _quant,
    "BipolarQuant": _bipolar,
    "Trunc": _trunc,
    "QuantizeLinear": _quantize_linear,
    "DequantizeLinear": _dequantize_linear,
}
