"""Constants of the graph: read from the file, and combined by standard operators before anything is lowered."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto, helper
from onnx.reference import ReferenceEvaluator

from hwflow.quantised.frontend.onnx_file import MAX_ELEMENTS, to_array
from hwflow.quantised.frontend.values import Constant, Quantised

_PAIRS = frozenset({"Add", "Sub", "Mul", "Div", "Pow", "Max", "Min", "Clip"})
_SINGLES = frozenset({"Cast", "Exp", "Log", "Neg", "Reciprocal", "Sqrt", "Abs", "Floor", "Ceil", "Round", "Relu"})
_SHAPES = frozenset({"Reshape", "Flatten", "Squeeze", "Unsqueeze"})
_OPTIONAL = frozenset({"Clip"})  # inputs
_CUTS = frozenset({"Concat", "Gather", "Slice", "ReduceProd"})
# The onnx package's reference computes these; none makes much of little beyond what `_size` says.
FOLDED = _PAIRS | _SINGLES | _SHAPES | _CUTS


def constant_node(attributes: Mapping[str, Any]) -> Constant:
    """What a Constant node with these attributes holds. Raises ValueError if it is not numbers."""
    for name, value in attributes.items():
        if name == "value":
            return Constant(to_array(value))
        if name.startswith("value_"):
            return Constant(np.array(value, dtype=np.float32 if "float" in name else np.int64))
    raise ValueError("its value is not a tensor of numbers")


def fold(node: NodeProto, inputs: Sequence[Constant | None]) -> Constant:
    """A standard operator on constants, None for an optional one that is not given. Raises ValueError if it cannot be computed, or would be too large."""
    given = [constant for constant in inputs if constant is not None]
    arrays = [constant.array for constant in given]
    if len(given) < len(inputs) and node.op_type not in _OPTIONAL:
        raise ValueError("an input is missing")
    if _size(node, arrays) > MAX_ELEMENTS:
        raise ValueError("its constants combine to an absurd size")
    made = computed(node, inputs)
    array = made.array
    if array.size > MAX_ELEMENTS or array.dtype.kind not in "fiub":
        raise ValueError("its constants combine to something that is no tensor of numbers")
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise ValueError("its constants combine to infinities or NaN")
    return made


def computed(node: NodeProto, inputs: Sequence[Constant | None], opset: int = 13) -> Constant:
    """What the onnx package's reference gives for constants, and the integers behind it where they are known.

    opset: since which it has the operator. Raises ValueError if it cannot be computed.
    """
    array = _evaluate(node, [constant.array if constant else None for constant in inputs], opset)
    return Constant(array, _still_quantised(node.op_type, [each for each in inputs if each is not None], array))


def _size(node: NodeProto, arrays: Sequence[NDArray[Any]]) -> int:
    """Elements of the result at most."""
    if node.op_type in _PAIRS:
        return math.prod(np.broadcast_shapes(*(array.shape for array in arrays)))
    if node.op_type == "Gather":
        return arrays[1].size * arrays[0].size
    return sum(array.size for array in arrays)


def _still_quantised(operator: str, inputs: Sequence[Constant], array: NDArray[Any]) -> Quantised | None:
    """The integers behind the result, where the operator only moves or scales quantised ones."""
    before = inputs[0].quantised
    if operator in _SHAPES:
        return before.reshaped(array.shape) if before else None
    if operator == "Cast" and array.dtype.kind == "f":
        return before
    if operator not in ("Mul", "Div"):
        return None
    other = inputs[1].array
    if operator == "Mul" and before is None:
        before, other = inputs[1].quantised, inputs[0].array
    if before is None or before.integers.shape != array.shape:
        return None
    factor = other.astype(np.float64)
    if operator == "Mul" and not np.all(factor):  # a mask: what it clears is 0 whatever its scale
        kept = np.broadcast_to(factor != 0, array.shape)
        return Quantised(np.where(kept, before.integers, 0), before.scale * np.where(factor, factor, 1))
    return Quantised(before.integers, before.scale * factor if operator == "Mul" else before.scale / factor)


def _evaluate(node: NodeProto, arrays: Sequence[NDArray[Any] | None], opset: int) -> NDArray[Any]:
    given = {f"i{i}": array for i, array in enumerate(arrays) if array is not None}
    clean = NodeProto()
    clean.CopyFrom(node)
    del clean.input[:], clean.output[:]
    clean.input.extend(f"i{i}" if array is not None else "" for i, array in enumerate(arrays))
    clean.output.append("o")
    inputs = [helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(array.dtype), array.shape)
              for name, array in given.items()]  # fmt: skip
    graph = helper.make_graph([clean], "fold", inputs, [helper.make_tensor_value_info("o", 0, None)])
    # Until opset 12, or 9 for Slice, the axes were attributes, and until 10 the bounds of a Clip.
    attributes = {attribute.name for attribute in node.attribute}
    opset = 9 if attributes & {"axes", "starts", "ends", "min", "max"} else opset
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    try:
        with np.errstate(all="ignore"):
            results: Any = ReferenceEvaluator(model).run(None, given)
            return np.asarray(results[0])
    except (RuntimeError, NotImplementedError, LookupError, AttributeError, AssertionError) as error:
        raise ValueError(f"its constants cannot be combined ({error})") from None
