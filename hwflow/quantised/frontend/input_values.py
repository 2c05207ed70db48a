"""What a file says of its input: the shape of a sample, and of which integers it is made."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray
from onnx import GraphProto, TensorProto, ValueInfoProto

from hwflow.errors import UserError
from hwflow.ints import IntType
from hwflow.quantised.frontend.annotation import Annotated, type_named
from hwflow.quantised.frontend.inputs import (
    Former,
    InputForm,
    InputFormat,
    assumed,
    bipolar,
    declared,
    fixed_point,
    formatted,
)
from hwflow.quantised.frontend.onnx_file import shown
from hwflow.quantised.ports import parts_of
from hwflow.samples import GivenInputs, read_parts

_MAX_INPUT = 1 << 20  # elements
_MAX_BITS = 32
_MAX_FIXED = 24  # bits that a float32 holds
_ELEMENT_TYPES: dict[int, IntType] = {
    TensorProto.BOOL: IntType(1, signed=False),
    TensorProto.UINT8: IntType(8, signed=False),
    TensorProto.INT8: IntType(8, signed=True),
    TensorProto.UINT16: IntType(16, signed=False),
    TensorProto.INT16: IntType(16, signed=True),
}


def shapes_of(source: ValueInfoProto) -> list[tuple[tuple[int, ...], int]]:
    """What the input may be: the shape of a sample, with a batch of one, and the samples the file is written for.

    The first axis is the batch; of a column [n, 1] it may be the only sample's own.
    """
    dimensions = [dimension.dim_value for dimension in source.type.tensor_type.shape.dim]
    shape = (1, *dimensions[1:])
    if not 2 <= len(dimensions) <= 8 or any(size < 1 for size in shape) or math.prod(shape) > _MAX_INPUT:
        raise UserError(f"Input {shown(source.name)} has the shape {tuple(dimensions)!r:.80}; a batch of vectors of "
                        "known size, at most a million elements, can be built.")  # fmt: skip
    shapes = [(shape, dimensions[0])]
    if len(dimensions) == 2 and dimensions[1] == 1 < dimensions[0] <= _MAX_INPUT:
        shapes.append(((dimensions[0], 1), 1))
    return shapes


@dataclass(frozen=True)
class Way:
    """What the inputs may be: the shape of a sample of each, with a batch of one, and the samples the file is written for."""

    shapes: tuple[tuple[int, ...], ...]
    batch: int


def ways_of(inputs: Sequence[ValueInfoProto]) -> list[Way]:
    """The ways in which the inputs can be taken. Raises UserError for shapes that cannot be built, or do not go together."""
    if len(inputs) == 1:
        return [Way((shape,), batch) for shape, batch in shapes_of(inputs[0])]
    first = [shapes_of(source)[0] for source in inputs]
    batches = {batch for _, batch in first}
    if len(batches) > 1:
        raise UserError(f"Its inputs {', '.join(shown(source.name) for source in inputs)} are of {sorted(batches)} samples; export the "
                        "model with as many of each.")  # fmt: skip
    if sum(math.prod(shape) for shape, _ in first) > _MAX_INPUT:
        raise UserError("Its inputs have more than a million elements together; this is no MLP for an FPGA.")
    return [Way(tuple(shape for shape, _ in first), batches.pop())]


def formers_of(
    graph: GraphProto,
    inputs: Sequence[ValueInfoProto],
    shapes: Sequence[tuple[int, ...]],
    given: InputFormat | None,
    samples: GivenInputs,
) -> list[Former]:
    """How each input becomes integers: as the user gives it, as the file declares it, or as is assumed, from samples if there are any.

    What the user gives holds for an only input in any case, and of several for those of which the file says nothing.
    """
    sizes = [math.prod(shape) for shape in shapes]
    names = [source.name for source in inputs] if len(inputs) > 1 else ["x"]
    parts: list[NDArray[Any] | None] = [None] * len(inputs)
    if samples is not None and given is None:
        x = read_parts(samples, list(zip(names, sizes, strict=True)))[0]
        parts = [x] if len(inputs) == 1 else list(parts_of(x, sizes))
    made = []
    for source, part in zip(inputs, parts, strict=True):
        own = None if given and len(inputs) == 1 else declared_form(graph, source)
        made.append(own or (formatted(given) if given else assumed(part)))
    return made


def declared_form(graph: GraphProto, source: ValueInfoProto) -> Former | None:
    """How the file itself says that the integers of the input are given: an annotation, or an integer tensor.

    Raises UserError for an annotation that says nothing, or several.
    """
    kind = _annotated(graph, source.name)
    if kind is not None and kind.bipolar:
        return declared(bipolar())
    if kind is not None and kind.fraction:
        return declared(fixed_point(_type(source.name, kind, _MAX_FIXED), kind.fraction))
    if kind is not None:
        return declared(InputForm(_type(source.name, kind, _MAX_BITS)))
    element = _ELEMENT_TYPES.get(source.type.tensor_type.elem_type)
    return declared(InputForm(element)) if element else None


def _annotated(graph: GraphProto, name: str) -> Annotated | None:
    """The type that the file annotates a tensor with."""
    names = [pair.value for annotation in graph.quantization_annotation if annotation.tensor_name == name
             for pair in annotation.quant_parameter_tensor_names if pair.key == "finn_datatype"]  # fmt: skip
    if len(names) > 1:
        raise UserError(
            f"Input {shown(name)} is annotated with {len(names)} types; keep one, and export the model again."
        )
    try:
        return type_named(names[0]) if names else None
    except ValueError:
        raise UserError(f"Input {shown(name)} is annotated with a type that qonnx does not know; "
                        "export the model again.") from None  # fmt: skip


def _type(name: str, kind: Annotated, most: int) -> IntType:
    if not 1 <= kind.bits <= most:
        raise UserError(f"Input {shown(name)} is annotated with a type of {kind.bits} bits; 1 to {most} can be built.")
    return IntType(kind.bits, kind.signed)
