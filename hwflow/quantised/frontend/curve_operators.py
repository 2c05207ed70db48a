"""Operators on functions of single integers: each is computed for every integer, as it is on constants."""

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto

from hwflow.quantised.elementwise import JOINING
from hwflow.quantised.frontend.constants import computed
from hwflow.quantised.frontend.curve_sums import REDUCED, checked, looked_up, merged, multiplied, reduced
from hwflow.quantised.frontend.curves import (
    NOTHING,
    as_stream,
    check_room,
    curve_of,
    tabulated,
    with_steps,
)
from hwflow.quantised.frontend.lowering import Lowering
from hwflow.quantised.frontend.operands import Attributes, Inputs, Operator
from hwflow.quantised.frontend.operators import OPERATORS
from hwflow.quantised.frontend.quantisers import affine, integer_end, settled
from hwflow.quantised.frontend.values import Constant, Curve, Quantised, Stream, Value

# Operator sets since which the onnx package's reference has them.
_FUNCTIONS: Mapping[str, int] = {
    **dict.fromkeys(("Abs", "Ceil", "Cos", "Elu", "Erf", "Exp", "Floor", "HardSigmoid", "Log", "PRelu", "Pow", "Reciprocal"), 13),
    **dict.fromkeys(("Round", "Selu", "Sign", "Sin", "Softplus", "Softsign", "Sqrt", "ThresholdedRelu"), 13),
    **dict.fromkeys(("Equal", "Mod", "Not", "Where", "And", "Or"), 13),
    "Celu": 13,
    "HardSwish": 14,
    "Mish": 18,
    "Gelu": 20,
}  # fmt: skip
_STEPPED = frozenset({"BatchNormalization", "Clip", "Greater", "GreaterOrEqual", "LeakyRelu", "Less", "LessOrEqual",
                      "MultiThreshold", "Neg", "Relu", "Sigmoid", "Tanh", "Trunc"})  # fmt: skip
_QUANTISERS = frozenset({"Quant", "IntQuant", "BipolarQuant", "QuantizeLinear", "DequantizeLinear"})
_COMBINING = frozenset({"Add", "Sub", "Mul", "Div", "Max", "Min", "Sum"})
_MOVING = frozenset({"Concat", "Expand", "Flatten", "Reshape", "Slice", "Squeeze", "Tile", "Transpose", "Unsqueeze"})
_REDUCING = frozenset(REDUCED)
_LOOKED_UP = frozenset({"Gather", "GatherND"})
# Those that only functions of single integers make possible.
CURVED = frozenset(_FUNCTIONS) | {"Expand", "Tile", "GatherND"} | _REDUCING


def opens(node: NodeProto, attributes: Attributes, inputs: Inputs) -> bool:
    """Whether a node takes streams as functions of single integers, and no chain of steps says what it computes."""
    streams = [value for value in inputs if isinstance(value, Stream)]
    if not streams or any(step.kind in JOINING for stream in streams for step in stream.steps):
        return False
    if node.op_type == "Where":
        return any(isinstance(value, Stream) for value in inputs[1:])
    if node.op_type in _FUNCTIONS or node.op_type in ("Expand", "GatherND"):
        return node.op_type != "Not"
    if node.op_type == "Gather":
        return isinstance(inputs[0], Constant)
    if node.op_type == "LeakyRelu":
        return float(attributes.get("alpha", 0.01)) < 0
    if node.op_type not in _COMBINING or len(inputs) < 2:
        return False
    if len(streams) == 1:
        return _enlarges(streams[0], inputs) or (node.op_type == "Div" and isinstance(inputs[0], Constant))
    same = all(stream.node == streams[0].node for stream in streams)
    return same and (node.op_type in ("Div", "Max", "Min") or any(_curved(node.op_type, stream) for stream in streams))


def _enlarges(stream: Stream, inputs: Inputs) -> bool:
    shapes = [value.array.shape for value in inputs if isinstance(value, Constant)]
    try:
        return math.prod(np.broadcast_shapes(stream.shape, *shapes)) > stream.size
    except ValueError:
        return False


def _curved(operator: str, stream: Stream) -> bool:
    """Whether a branch is no integers times a scale (and, if it is added, an offset)."""
    relation = affine(settled(stream.steps, integer_end(stream.steps))[1])
    return relation is None or (operator == "Mul" and bool(np.any(relation[1])))


def on_curves(lowering: Lowering, node: NodeProto, attributes: Attributes, inputs: Inputs) -> Value | Inputs:
    """What a node gives for curves, or streams that it opens; or, where it takes them for streams, its inputs as such.

    Raises ValueError with what is wrong.
    """
    curves = [value for value in inputs if isinstance(value, Curve)]
    if not curves and not opens(node, attributes, inputs):
        return inputs
    if taken := _taken(lowering, node, inputs):
        result = _applied(lowering, node, attributes, taken)
        if result is not None:
            return result
    return [tabulated(lowering, value) if isinstance(value, Curve) else value for value in inputs]


def _taken(lowering: Lowering, node: NodeProto, inputs: Inputs) -> Inputs | None:
    """The inputs with streams as curves; None if they are not all of one node, or the operator takes none."""
    known = (*_FUNCTIONS, *_STEPPED, *_QUANTISERS, *_COMBINING, *_MOVING, *_REDUCING, *_LOOKED_UP, "Cast", "MatMul",
             "Shape", "Identity", "Dropout")  # fmt: skip
    if node.op_type not in known:
        return None
    origins = {value.node for value in inputs if isinstance(value, Curve)}
    streams = [lowering.encoded(value) for value in inputs if isinstance(value, Stream)]
    if len(origins | {stream.node for stream in streams}) > 1:
        return None
    return [curve_of(lowering, value) if isinstance(value, Stream) else value for value in inputs]


def _applied(lowering: Lowering, node: NodeProto, attributes: Attributes, inputs: Inputs) -> Value | None:
    operator, first = node.op_type, inputs[0]
    if operator in ("Identity", "Dropout"):
        return first
    if operator == "Shape":
        assert isinstance(first, Curve)
        return Constant(
            np.array(first.source.shape[attributes.get("start", 0) : attributes.get("end")], dtype=np.int64)
        )
    if (
        operator in _STEPPED
        and isinstance(first, Curve)
        and not (operator == "LeakyRelu" and attributes.get("alpha", 0) < 0)
    ):
        return _stepped(lowering, OPERATORS[operator], attributes, inputs)
    if operator in _QUANTISERS and isinstance(first, Curve):
        plain = [value.tensor if isinstance(value, Curve) else value for value in inputs]
        made = OPERATORS[operator](lowering, attributes, plain)
        assert isinstance(made, Constant)
        return checked(replace(first, tensor=made))
    if operator in _MOVING or (operator == "Gather" and isinstance(first, Curve)):
        return _moved(node, inputs)
    if operator in _LOOKED_UP:
        return looked_up(node, attributes, inputs)
    if operator in _REDUCING:
        return reduced(lowering, node, attributes, inputs)
    if operator == "MatMul":
        return multiplied(lowering, node, inputs)
    return _pointwise(node, inputs)


def _stepped(lowering: Lowering, operator: Operator, attributes: Attributes, inputs: Inputs) -> Curve:
    """What an operator does to a stream by steps, done to a curve."""
    curve = inputs[0]
    assert isinstance(curve, Curve)
    made = operator(lowering, attributes, [as_stream(curve), *inputs[1:]])
    assert isinstance(made, Stream)
    return checked(with_steps(curve, made.steps))


def _pointwise(node: NodeProto, inputs: Inputs) -> Curve:
    """An operator on each element of its inputs."""
    curves = [value for value in inputs if isinstance(value, Curve)]
    sources = [value.source if isinstance(value, Curve) else np.full(value.array.shape, NOTHING)
               for value in inputs if isinstance(value, Curve | Constant)]  # fmt: skip
    shape = np.broadcast_shapes(*(source.shape for source in sources))
    source = merged(np.stack([np.broadcast_to(each, shape) for each in sources]), 0)
    if source is None:
        raise ValueError("it joins functions of different elements; quantise each before it")
    check_room(len(curves[0].tensor.array) * source.size)
    plain = [value.tensor if isinstance(value, Curve) else value for value in inputs]
    assert not any(isinstance(value, Stream | Curve) for value in plain)
    constants = _alike(node, [value if isinstance(value, Constant) else None for value in plain])
    made = computed(node, constants, _FUNCTIONS.get(node.op_type, 13))
    return checked(Curve(curves[0].node, source, made))


def _alike(node: NodeProto, inputs: list[Constant | None]) -> list[Constant | None]:
    """Inputs in one type: streams are float32, also where the file has cast them to integers, or compared them."""
    logical = len(inputs) if node.op_type in ("And", "Not", "Or") else node.op_type == "Where"
    inputs = [Constant(each.array != 0) if each and i < logical else each for i, each in enumerate(inputs)]
    numbers = [i for i, each in enumerate(inputs) if each is not None and each.array.dtype.kind in "fiu"]
    if len({inputs[i].array.dtype.kind == "f" for i in numbers}) < 2:  # type: ignore[union-attr]
        return inputs
    if node.op_type in ("Div", "Mod"):
        raise ValueError("it divides integers, where what is left over is cut off; divide floats, and quantise them")
    return [
        Constant(each.array.astype(np.float32), each.quantised) if i in numbers and each else each
        for i, each in enumerate(inputs)
    ]


def _moved(node: NodeProto, inputs: Inputs) -> Curve:
    """An operator that moves elements, and changes none: what is known of them is moved alike."""
    curves = [value for value in inputs if isinstance(value, Curve)]
    count = len(curves[0].tensor.array)
    if not isinstance(inputs[0], Curve) and node.op_type != "Concat":
        raise ValueError("its shape depends on the model's input")

    def move(part: str) -> NDArray[np.generic]:
        arrays = [
            _part(value, part, count) if i == 0 or node.op_type == "Concat" else value for i, value in enumerate(inputs)
        ]
        if node.op_type in ("Reshape", "Expand", "Tile") and isinstance(arrays[1], Constant):
            wanted = arrays[1].array.copy()
            if node.op_type == "Reshape" and wanted.size and wanted[0] == 1 and part != "source":
                wanted[0] = count
            arrays[1] = Constant(wanted)
        return computed(node, [each if isinstance(each, Constant) else None for each in arrays]).array

    source = np.asarray(move("source"), dtype=np.int64)
    array = move("array")
    if source.shape[:1] != (1,) or array.shape != (count, *source.shape[1:]):
        raise ValueError("it moves the axis of the samples, which is the first")
    if any(value.tensor.quantised is None for value in curves) or any(
        isinstance(value, Constant) for value in inputs[:1]
    ):
        return Curve(curves[0].node, source, Constant(array))
    if node.op_type == "Concat" and len(curves) < len(inputs):
        return Curve(curves[0].node, source, Constant(array))
    quantised = Quantised(np.asarray(move("integers"), dtype=np.int64), np.asarray(move("scales"), dtype=np.float64))
    return Curve(curves[0].node, source, Constant(array, quantised))


def _part(value: Value | None, part: str, count: int) -> Constant:
    """What is moved: the source of each element, its value, or the integer and the scale behind it."""
    if isinstance(value, Constant):
        if part == "source":
            return Constant(np.full(value.array.shape, NOTHING))
        return Constant(np.repeat(value.array, count, axis=0) if value.array.shape[:1] == (1,) else value.array)
    assert isinstance(value, Curve)
    quantised = value.tensor.quantised
    if part in ("integers", "scales") and quantised is not None:
        return Constant(quantised.integers if part == "integers" else np.ascontiguousarray(quantised.scales))
    return Constant(value.source if part == "source" else value.tensor.array)
