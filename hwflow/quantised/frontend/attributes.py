"""Attributes of a node: each is read here, by its kind and in its range."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from onnx import AttributeProto, NodeProto

from hwflow.quantised.frontend.onnx_file import shown

_FIELDS: Mapping[int, str] = {
    AttributeProto.INT: "i",
    AttributeProto.INTS: "ints",
    AttributeProto.FLOAT: "f",
    AttributeProto.FLOATS: "floats",
    AttributeProto.STRING: "s",
    AttributeProto.TENSOR: "t",
}
_VALUES = (*_FIELDS.values(), "g", "strings", "tensors", "graphs", "sparse_tensor", "type_protos", "ref_attr_name")


@dataclass(frozen=True)
class _Kind:
    """An attribute's ONNX type, and the least and greatest number it may hold."""

    type: int
    low: float = -math.inf
    high: float = math.inf


_FLAG = _Kind(AttributeProto.INT, 0, 1)
_UNSET = _Kind(AttributeProto.INT, 0, 0)  # another value means a computation that is not built
_AXIS = _Kind(AttributeProto.INT, -8, 8)
_AXES = _Kind(AttributeProto.INTS, -8, 8)
_NUMBER = _Kind(AttributeProto.FLOAT)
# A name means the same in every operator that is built.
_KINDS: Mapping[str, _Kind] = {
    "allowzero": _UNSET,
    "alpha": _NUMBER,
    "approximate": _Kind(AttributeProto.STRING),
    "axes": _AXES,
    "axis": _AXIS,
    "batch_dims": _UNSET,
    "beta": _NUMBER,
    "block_size": _UNSET,
    "data_layout": _Kind(AttributeProto.STRING),
    "end": _AXIS,
    "ends": _Kind(AttributeProto.INTS),
    "epsilon": _Kind(AttributeProto.FLOAT, 0),
    "fmod": _FLAG,
    "gamma": _NUMBER,
    "k": _Kind(AttributeProto.INT, 1),
    "keepdims": _FLAG,
    "largest": _FLAG,
    "max": _NUMBER,
    "min": _NUMBER,
    "mode": _Kind(AttributeProto.STRING),
    "narrow": _FLAG,
    "noop_with_empty_axes": _FLAG,
    "out_bias": _NUMBER,
    "out_scale": _NUMBER,
    "output_dtype": _Kind(AttributeProto.INT, 0),
    "pads": _Kind(AttributeProto.INTS),
    "perm": _Kind(AttributeProto.INTS, 0, 8),
    "rounding_mode": _Kind(AttributeProto.STRING),
    "select_last_index": _FLAG,
    "signed": _FLAG,
    "spatial": _FLAG,
    "split": _Kind(AttributeProto.INTS, 1),
    "start": _AXIS,
    "starts": _Kind(AttributeProto.INTS),
    "to": _Kind(AttributeProto.INT, 0),
    "training_mode": _UNSET,
    "transA": _FLAG,
    "transB": _FLAG,
    "value": _Kind(AttributeProto.TENSOR),
    "value_float": _NUMBER,
    "value_floats": _Kind(AttributeProto.FLOATS),
    "value_int": _Kind(AttributeProto.INT),
    "value_ints": _Kind(AttributeProto.INTS),
}


def typed(node: NodeProto) -> NodeProto:
    """The node with attributes of the kinds, and in the ranges, that its operator gives their names.

    One without a type, as old exporters write them, gets the one its name has, as the qonnx package reads it.
    Attributes of other names decide nothing that is built, and go. Raises ValueError for an attribute of another kind or
    out of range, or given twice.
    """
    clean = NodeProto()
    clean.CopyFrom(node)
    del clean.attribute[:]
    seen = set()
    for attribute in node.attribute:
        if attribute.name in seen:
            raise ValueError(f"its attribute {shown(attribute.name)} is given twice")
        seen.add(attribute.name)
        if kind := _KINDS.get(attribute.name):
            _check(attribute, kind)
            clean.attribute.append(attribute)
            clean.attribute[-1].type = kind.type
    return clean


def attributes_of(node: NodeProto) -> dict[str, Any]:
    """The values of a typed node's attributes: int, float, str, tuple or TensorProto, by name."""
    return {attribute.name: _value(attribute, _KINDS[attribute.name]) for attribute in node.attribute}


def _value(attribute: AttributeProto, kind: _Kind) -> Any:
    value = getattr(attribute, _FIELDS[kind.type])
    if kind.type == AttributeProto.STRING:
        return value.decode(errors="replace")
    return tuple(value) if kind.type in (AttributeProto.INTS, AttributeProto.FLOATS) else value


def _check(attribute: AttributeProto, kind: _Kind) -> None:
    name, field = shown(attribute.name), _FIELDS[kind.type]
    wanted = AttributeProto.AttributeType.Name(kind.type)
    held = [f.name for f, _ in attribute.ListFields() if f.name in _VALUES]
    if attribute.type not in (kind.type, AttributeProto.UNDEFINED):
        given = AttributeProto.AttributeType.Name(attribute.type)
        raise ValueError(f"its attribute {name} is {given} and must be {wanted}")
    if any(other != field for other in held) or (attribute.type == AttributeProto.UNDEFINED and not held):
        raise ValueError(f"its attribute {name} does not hold one value that is {wanted}")
    value = _value(attribute, kind)
    for number in value if isinstance(value, tuple) else (value,):
        if isinstance(number, int | float) and not (math.isfinite(number) and kind.low <= number <= kind.high):
            allowed = f"{kind.low:g} to {kind.high:g}" if kind.low != kind.high else f"{kind.low:g} only"
            raise ValueError(f"its attribute {name} is {number:g}, and can be {allowed}")
