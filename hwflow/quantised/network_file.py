"""A Network as a document and arrays: what its digest is of, and what `network.json` and `network.npz` hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hwflow.documents import DAMAGE, DOCUMENT, Arrays, arrays_in, files_of, reason_of
from hwflow.errors import UserError
from hwflow.ints import IntType
from hwflow.quantised.axes import Reduce, Slice, Transpose
from hwflow.quantised.elementwise import Step
from hwflow.quantised.layers import (
    Add,
    ArgMax,
    Concat,
    Dense,
    Layer,
    Node,
    Product,
    Threshold,
    tokens_of,
)
from hwflow.quantised.ports import InputPort, OutputPort
from hwflow.quantised.tables import Table, TableSum

if TYPE_CHECKING:
    from hwflow.quantised.network import Network


@dataclass(frozen=True)
class _Kind:
    bits: int
    signed: bool


@dataclass(frozen=True)
class _Input(_Kind):
    size: int


@dataclass(frozen=True)
class _Entry:
    name: str
    kind: str
    inputs: list[str]
    weight_type: _Kind | None = None
    base: int | None = None
    output: _Kind | None = None
    sizes: list[int] | None = None
    low: int | None = None
    channels: int | None = None
    axes: list[int] | None = None
    greatest: bool | None = None
    tokens: int = 1


@dataclass(frozen=True)
class _Stage:
    kind: str
    operands: int


@dataclass(frozen=True)
class _InputPort(_Kind):
    name: str
    shape: list[int]
    steps: list[_Stage]


@dataclass(frozen=True)
class _OutputPort:
    name: str
    size: int
    shape: list[int]
    steps: list[_Stage]


@dataclass(frozen=True)
class _Document:
    name: str
    source: str
    input: _Input
    nodes: list[_Entry]
    encode: list[_Stage]
    decode: list[_Stage]
    inputs: list[_InputPort] = field(default_factory=list)
    outputs: list[_OutputPort] = field(default_factory=list)


def _type_document(kind: IntType) -> dict[str, Any]:
    return {"bits": kind.bits, "signed": kind.signed}


def to_document(network: "Network") -> tuple[dict[str, Any], Arrays]:
    """The network in plain values, and its arrays by name."""
    arrays: Arrays = {}
    nodes = []
    for i, node in enumerate(network.nodes):
        entry: dict[str, Any] = {"name": node.name, "kind": type(node.layer).__name__, "inputs": list(node.inputs)}
        match node.layer:
            case Dense() as dense:
                arrays[f"node{i}.weight"] = dense.weight
                entry["weight_type"] = _type_document(dense.weight_type)
            case Threshold() as threshold:
                arrays[f"node{i}.levels"] = threshold.levels
                arrays[f"node{i}.descending"] = threshold.descending
                entry |= {"base": threshold.base, "output": _type_document(threshold.output)}
            case ArgMax() as argmax:
                arrays[f"node{i}.gain"], arrays[f"node{i}.offset"] = argmax.gain, argmax.offset
            case Add() as add:
                arrays[f"node{i}.gain"] = add.gain
            case Product(sizes=sizes) | Concat(sizes=sizes):
                entry["sizes"] = list(sizes)
            case Table() as table:
                arrays[f"node{i}.entries"] = table.entries
                entry |= {"low": table.low, "channels": table.channels}
            case TableSum() as edges:
                arrays[f"node{i}.entries"] = edges.entries
                entry["low"] = edges.low
            case Slice() as part:
                entry["sizes"] = [part.start, part.size, part.of]
            case Transpose() as transpose:
                entry["axes"] = [transpose.rows, transpose.columns, transpose.inner]
            case Reduce() as reduce:
                entry |= {"axes": [reduce.axis, reduce.inner], "greatest": reduce.greatest}
        # Of a vector nothing is said, as when there were none but vectors.
        if tokens_of(node.layer) > 1:
            entry["tokens"] = tokens_of(node.layer)
        nodes.append(entry)
    stages = {
        "encode": _stages("encode", network.encode, arrays),
        "decode": _stages("decode", network.decode, arrays),
        **_ports(network, arrays),
    }
    document = {
        "name": network.name,
        "source": network.source,
        "input": {"size": network.input_size} | _type_document(network.input_type),
        "nodes": nodes,
    }
    return document | stages, arrays


def _stages(stage: str, steps: Sequence[Step], arrays: Arrays) -> list[dict[str, Any]]:
    """The steps in plain values; their operands come to the arrays."""
    arrays |= {f"{stage}{i}.{j}": operand for i, step in enumerate(steps) for j, operand in enumerate(step.operands)}
    return [{"kind": step.kind, "operands": len(step.operands)} for step in steps]


def _ports(network: "Network", arrays: Arrays) -> dict[str, Any]:
    """Several inputs, and several outputs. Of only one nothing is said, as when there were none but nets with one."""
    document: dict[str, Any] = {}
    if network.inputs:
        document["inputs"] = [
            {"name": port.name, "shape": list(port.shape), **_type_document(port.kind),
             "steps": _stages(f"input{i}.", port.steps, arrays)} for i, port in enumerate(network.inputs)
        ]  # fmt: skip
    if network.outputs:
        document["outputs"] = [
            {"name": port.name, "size": port.size, "shape": list(port.shape),
             "steps": _stages(f"output{i}.", port.steps, arrays)} for i, port in enumerate(network.outputs)
        ]  # fmt: skip
    return document


def to_files(network: "Network") -> dict[str, bytes]:
    """`network.json` and `network.npz`, equal for equal networks."""
    return files_of(*to_document(network))


def from_files(files: Mapping[str, bytes], folder: Path) -> "Network":
    """Read what `to_files` gave. folder: where it lies, for errors. Raises UserError if it is missing or damaged."""
    from pydantic import TypeAdapter  # costs 0.1 s, which `hwflow --help` need not pay

    try:
        document = TypeAdapter(_Document).validate_json(files[DOCUMENT], strict=True)
        network = _network(document, {name: _array(array) for name, array in arrays_in(files).items()})
        network.types  # noqa: B018 - raises ValueError if a sum overflows
    except DAMAGE as error:
        raise UserError(
            f"{folder} holds no readable network ({reason_of(error)}); run `hwflow compile` again."
        ) from None
    return network


def _array(array: NDArray[Any]) -> NDArray[Any]:
    if array.dtype.kind == "f" and np.isnan(array).any():
        raise ValueError("an array holds NaN")
    return array


def _network(document: _Document, arrays: Arrays) -> "Network":
    from hwflow.quantised.network import Network  # which is made of what is here

    def type_of(kind: _Kind | None) -> IntType:
        if kind is None:
            raise ValueError("a layer lacks its type")
        return IntType(kind.bits, kind.signed)

    def layer(i: int, entry: _Entry) -> Layer:
        match entry.kind:
            case "Dense":
                return Dense(arrays[f"node{i}.weight"], type_of(entry.weight_type), entry.tokens)
            case "Threshold":
                if entry.base is None:
                    raise ValueError("a threshold lacks its base")
                levels, descending = arrays[f"node{i}.levels"], arrays[f"node{i}.descending"]
                return Threshold(levels, descending, entry.base, type_of(entry.output), entry.tokens)
            case "ArgMax":
                return ArgMax(arrays[f"node{i}.gain"], arrays[f"node{i}.offset"], entry.tokens)
            case "Add":
                return Add(arrays[f"node{i}.gain"], entry.tokens)
            case "Product":
                return Product(tuple(entry.sizes or ()))
            case "Concat":
                return Concat(tuple(entry.sizes or ()), entry.tokens)
            case "Table" | "TableSum":
                if entry.low is None:
                    raise ValueError("a table lacks its first integer")
                entries = arrays[f"node{i}.entries"]
                return (
                    TableSum(entries, entry.low)
                    if entry.kind == "TableSum"
                    else Table(entries, entry.low, entry.channels or 0)
                )
            case "Slice":
                start, size, of = entry.sizes or []
                return Slice(start, size, of)
            case "Transpose":
                rows, columns, inner = entry.axes or []
                return Transpose(rows, columns, inner, entry.tokens)
            case "Reduce":
                axis, inner = entry.axes or []
                return Reduce(axis, inner, entry.tokens, bool(entry.greatest))
        raise ValueError(f"unknown layer {entry.kind}")

    def steps(stage: str, entries: list[_Stage]) -> tuple[Step, ...]:
        return tuple(
            Step(entry.kind, tuple(arrays[f"{stage}{i}.{j}"] for j in range(entry.operands)))
            for i, entry in enumerate(entries)
        )

    return Network(
        name=document.name,
        input_size=document.input.size,
        input_type=IntType(document.input.bits, document.input.signed),
        nodes=tuple(Node(e.name, layer(i, e), tuple(e.inputs)) for i, e in enumerate(document.nodes)),
        encode=steps("encode", document.encode),
        decode=steps("decode", document.decode),
        source=document.source,
        inputs=tuple(
            InputPort(port.name, tuple(port.shape), type_of(port), steps(f"input{i}.", port.steps))
            for i, port in enumerate(document.inputs)
        ),
        outputs=tuple(
            OutputPort(port.name, port.size, tuple(port.shape), steps(f"output{i}.", port.steps))
            for i, port in enumerate(document.outputs)
        ),
    )
