"""The net in integers, and nothing else: what every backend builds and the reference executes.

A Network is a graph of nodes in an order in which each comes after its inputs. Today's quantised nets are chains; a
node names its inputs so that joins need no other form.
"""

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwflow.errors import UserError
from hwflow.ints import IntArray, IntType
from hwflow.paths import read_files
from hwflow.quantised.elementwise import Step, apply

INPUT = "input"  # the name by which nodes refer to the network's input


@dataclass(frozen=True, eq=False)
class Dense:
    """Matrix-vector product: y_r = sum over c of weight[r, c] * x_c.

    weight: integers [rows, columns]; weight_type: the type they are declared in, which holds every one of them.
    """

    weight: IntArray
    weight_type: IntType

    def __post_init__(self) -> None:
        if not self.weight_type.holds(self.weight):
            raise ValueError(f"a weight does not fit {self.weight_type}")

    @property
    def size(self) -> int:
        return int(self.weight.shape[0])

    @property
    def columns(self) -> int:
        return int(self.weight.shape[1])

    @property
    def bipolar(self) -> bool:
        """Whether every weight is -1 or +1, so that one bit stores it."""
        return bool(np.all(np.abs(self.weight) == 1))


@dataclass(frozen=True, eq=False)
class Threshold:
    """A quantised activation as a count: y_c = base + #{l : x_c >= levels[c, l]}.

    For a `descending` channel (a negative gain before the quantiser) y_c = base + #{l : x_c < levels[c, l]}.
    levels: integers [channels, steps], ascending along l; descending: bool [channels]; y lies in
    base … base + steps, which `output` holds.
    """

    levels: IntArray
    descending: NDArray[np.bool_]
    base: int
    output: IntType

    def __post_init__(self) -> None:
        if np.any(np.diff(self.levels, axis=1) < 0):
            raise ValueError("threshold levels must ascend")
        if self.base < self.output.min or self.base + self.levels.shape[1] > self.output.max:
            raise ValueError(f"the levels do not fit {self.output}")

    @property
    def size(self) -> int:
        return int(self.levels.shape[0])


@dataclass(frozen=True, eq=False)
class ArgMax:
    """The class: y = the first c whose gain[c] * x_c + offset[c] is largest. gain, offset: integers [channels].

    Gain and offset carry the output's float scales and biases exactly, as integers in a common unit.
    """

    gain: IntArray
    offset: IntArray

    @property
    def channels(self) -> int:
        return len(self.gain)

    @property
    def size(self) -> int:
        return 1


Layer = Dense | Threshold | ArgMax


@dataclass(frozen=True)
class Node:
    """A layer, its name, which is unique in the network, and the names of the nodes (or `INPUT`) it reads."""

    name: str
    layer: Layer
    inputs: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Network:
    """A quantised net in integers.

    input_size, input_type: the integer input vector; nodes: in executable order, the last one is the output.
    encode: float steps from one sample, flattened, to the integer input (the last result is integer valued).
    decode: float steps from the integer output to what the model file's output means.
    """

    name: str
    input_size: int
    input_type: IntType
    nodes: tuple[Node, ...]
    encode: tuple[Step, ...] = ()
    decode: tuple[Step, ...] = ()
    source: str = field(default="", compare=False)

    @property
    def output_size(self) -> int:
        return self.nodes[-1].layer.size

    @property
    def output_type(self) -> IntType:
        return self.types[self.nodes[-1].name]

    @cached_property
    def ranges(self) -> dict[str, tuple[IntArray, IntArray]]:
        """For the input and each node the least and greatest value of each element that any input can give."""
        low = np.full(self.input_size, self.input_type.min, dtype=np.int64)
        high = np.full(self.input_size, self.input_type.max, dtype=np.int64)
        ranges = {INPUT: (low, high)}
        for node in self.nodes:
            ranges[node.name] = output_range(node.layer, *ranges[node.inputs[0]])
        return ranges

    @cached_property
    def types(self) -> dict[str, IntType]:
        """For the input and each node the integer type of its elements: accumulators as wide as the weights need."""
        types = {INPUT: self.input_type}
        for node in self.nodes:
            low, high = self.ranges[node.name]
            declared = node.layer.output if isinstance(node.layer, Threshold) else None
            types[node.name] = declared or IntType.holding(int(low.min()), int(high.max()))
        return types

    @cached_property
    def digest(self) -> str:
        """SHA-256, in hex, of everything that decides an output; names and `source` do not."""
        sha = hashlib.sha256()
        document, arrays = _to_document(self)
        for node in document["nodes"]:
            del node["name"], node["inputs"]
        document["wiring"] = [[self._position(name) for name in node.inputs] for node in self.nodes]
        del document["name"], document["source"]
        sha.update(json.dumps(document, sort_keys=True).encode())
        for key in sorted(arrays):
            array = np.ascontiguousarray(arrays[key])
            sha.update(f"{key} {array.dtype.str} {array.shape}".encode() + array.tobytes())
        return sha.hexdigest()

    def _position(self, name: str) -> int:
        return next((i for i, node in enumerate(self.nodes) if node.name == name), -1)

    def quantise(self, x: NDArray[Any]) -> IntArray:
        """Floats as the model file takes them [n, …] to the integer input [n, input_size].

        Raises UserError if the sizes differ or a result is not an integer of the input's type.
        """
        samples = np.asarray(x, dtype=np.float32).reshape(len(x), -1)
        if samples.shape[1] != self.input_size:
            raise UserError(f"The vectors hold {samples.shape[1]} values each but the input of {self.name} has "
                            f"{self.input_size}; give vectors of the model's own input.")  # fmt: skip
        values = apply(self.encode, samples)
        if not np.isfinite(values).all() or np.any(values != np.rint(values)):
            raise UserError(f"The vectors hold values that are not whole {self.input_type}, which the input of "
                            f"{self.name} takes; quantise them first.")  # fmt: skip
        integers = values.astype(np.int64)
        if not self.input_type.holds(integers):
            raise UserError(f"The vectors hold values outside {self.input_type}, the input of {self.name}; scale them "
                            "as for training, or compile with another --input-type.")  # fmt: skip
        return integers

    def dequantise(self, y: IntArray) -> NDArray[np.float32]:
        """Integer outputs [n, output_size] to what the model file's output means, float32."""
        return apply(self.decode, y.astype(np.float32))

    def to_files(self) -> dict[str, bytes]:
        """`network.json` and `network.npz`, equal for equal networks."""
        document, arrays = _to_document(self)
        buffer = io.BytesIO()
        np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
        return {"network.json": (json.dumps(document, indent=1) + "\n").encode(), "network.npz": buffer.getvalue()}

    @staticmethod
    def from_files(files: Mapping[str, bytes], folder: Path) -> "Network":
        """Read what `to_files` gave. folder: where it lies, for errors. Raises UserError if it is missing or damaged."""
        try:
            document = json.loads(files["network.json"])
            with np.load(io.BytesIO(files["network.npz"]), allow_pickle=False) as arrays:
                return _from_document(document, dict(arrays))
        except (OSError, EOFError, ValueError, LookupError, TypeError, zipfile.BadZipFile, zlib.error) as error:
            raise UserError(f"{folder} holds no readable network ({error}); run `hwflow compile` again.") from None

    @staticmethod
    def from_folder(folder: Path) -> "Network":
        """The same of the files in a folder."""
        return Network.from_files(read_files(folder, ("network.json", "network.npz")), folder)


def output_range(layer: Layer, low: IntArray, high: IntArray) -> tuple[IntArray, IntArray]:
    """Least and greatest value of each output for inputs in low[c] … high[c]."""
    match layer:
        case Dense(weight=weight):
            positive, negative = np.maximum(weight, 0), np.minimum(weight, 0)
            # With zero in every input's range, each partial sum, in any order, lies in the range of the whole sum.
            low, high = np.minimum(low, 0), np.maximum(high, 0)
            return np.add(positive @ low, negative @ high, dtype=np.int64), np.add(
                positive @ high, negative @ low, dtype=np.int64
            )
        case Threshold(levels=levels, base=base):
            floor = np.full(layer.size, base, dtype=np.int64)
            return floor, floor + levels.shape[1]
        case ArgMax():
            return np.zeros(1, dtype=np.int64), np.full(1, layer.channels - 1, dtype=np.int64)


def _type_document(kind: IntType) -> dict[str, Any]:
    return {"bits": kind.bits, "signed": kind.signed}


def _to_document(network: Network) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    arrays: dict[str, NDArray[Any]] = {}
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
        nodes.append(entry)
    stages = {}
    for stage, steps in (("encode", network.encode), ("decode", network.decode)):
        stages[stage] = [{"kind": step.kind, "operands": len(step.operands)} for step in steps]
        arrays |= {
            f"{stage}{i}.{j}": operand for i, step in enumerate(steps) for j, operand in enumerate(step.operands)
        }
    document = {
        "name": network.name,
        "source": network.source,
        "input": {"size": network.input_size} | _type_document(network.input_type),
        "nodes": nodes,
    }
    return document | stages, arrays


def _from_document(document: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Network:
    def layer(i: int, entry: dict[str, Any]) -> Layer:
        match entry["kind"]:
            case "Dense":
                return Dense(arrays[f"node{i}.weight"], IntType(**entry["weight_type"]))
            case "Threshold":
                levels, descending = arrays[f"node{i}.levels"], arrays[f"node{i}.descending"]
                return Threshold(levels, descending, entry["base"], IntType(**entry["output"]))
            case "ArgMax":
                return ArgMax(arrays[f"node{i}.gain"], arrays[f"node{i}.offset"])
        raise ValueError(f"unknown layer {entry['kind']}")

    def steps(stage: str) -> tuple[Step, ...]:
        return tuple(
            Step(entry["kind"], tuple(arrays[f"{stage}{i}.{j}"] for j in range(entry["operands"])))
            for i, entry in enumerate(document[stage])
        )

    return Network(
        name=document["name"],
        input_size=document["input"]["size"],
        input_type=IntType(document["input"]["bits"], document["input"]["signed"]),
        nodes=tuple(Node(e["name"], layer(i, e), tuple(e["inputs"])) for i, e in enumerate(document["nodes"])),
        encode=steps("encode"),
        decode=steps("decode"),
        source=document["source"],
    )
