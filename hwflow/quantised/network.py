"""The net in integers, and nothing else: what every backend builds and the reference executes.

A Network is a graph of nodes in an order in which each comes after its inputs. A value that several nodes read forks by
that alone; Add, Product and Concat join branches.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwflow.documents import digest_of
from hwflow.errors import UserError
from hwflow.identifiers import is_identifier
from hwflow.ints import IntArray, IntType
from hwflow.paths import read_files
from hwflow.quantised.axes import Reduce, Slice, Transpose
from hwflow.quantised.elementwise import Step, apply
from hwflow.quantised.layers import (
    INPUT,
    Add,
    ArgMax,
    Concat,
    Dense,
    Layer,
    Node,
    Product,
    Threshold,
)
from hwflow.quantised.network_file import from_files, to_document, to_files
from hwflow.quantised.ports import InputPort, OutputPort, check_steps, parts_of
from hwflow.quantised.ranges import output_range
from hwflow.quantised.tables import Range, Table, TableSum

__all__ = [
    "INPUT",
    "Add",
    "ArgMax",
    "Concat",
    "Dense",
    "InputPort",
    "Layer",
    "Network",
    "Node",
    "OutputPort",
    "Product",
    "Reduce",
    "Slice",
    "Table",
    "TableSum",
    "Threshold",
    "Transpose",
    "output_range",
]


@dataclass(frozen=True, eq=False)
class Network:
    """A quantised net in integers.

    input_size, input_type: the integer input vector; nodes: in executable order, the last one is the output, and
    every other one is read.
    encode: float steps from one sample, flattened, to the integer input (the last result is integer valued).
    decode: float steps from the integer output to what the model file's output means.
    assumptions: sentences on what the model file left open and the import settled; files do not hold them.
    inputs: of a model with several, the parts of the input vector, in order, each with steps of its own, and `encode` is empty;
    outputs: the same of the output vector, which then is a Concat of one part for each, and `decode` is empty.
    """

    name: str
    input_size: int
    input_type: IntType
    nodes: tuple[Node, ...]
    encode: tuple[Step, ...] = ()
    decode: tuple[Step, ...] = ()
    source: str = field(default="", compare=False)
    assumptions: tuple[str, ...] = field(default=(), compare=False)
    inputs: tuple[InputPort, ...] = ()
    outputs: tuple[OutputPort, ...] = ()

    def __post_init__(self) -> None:
        """Raises ValueError if a node has no plain name, or does not fit what it reads, or steps do not fit the input or the output."""
        if self.input_size < 1 or not self.nodes:
            raise ValueError(f"a network has an input and a layer, not {self.input_size} and {len(self.nodes)}")
        sizes = {INPUT: self.input_size}
        for node in self.nodes:
            if not is_identifier(node.name) or node.name in _TAKEN:
                raise ValueError(f"node {node.name!r:.60} has a name that RTL cannot hold")
            if node.name in sizes or any(name not in sizes for name in node.inputs):
                raise ValueError(f"node {node.name!r:.60} is there twice, or does not follow nodes before it")
            if (given := tuple(sizes[name] for name in node.inputs)) != node.layer.reads:
                raise ValueError(f"node {node.name!r:.60} reads {_counts(node.layer.reads)} values of {_counts(given)}")
            sizes[node.name] = node.layer.size
        read = {name for node in self.nodes for name in node.inputs}
        for node in self.nodes[:-1]:
            if node.name not in read:
                raise ValueError(f"nothing reads node {node.name!r:.60}, and it is not the output")
        self._check_ports()

    def _check_ports(self) -> None:
        if (self.inputs and self.encode) or (self.outputs and self.decode):
            raise ValueError("the steps of a net with several inputs or outputs belong to these")
        if sum(port.size for port in self.sources) != self.input_size:
            raise ValueError(f"the inputs do not make up a vector of {self.input_size} elements")
        if any(port.kind.min < self.input_type.min or port.kind.max > self.input_type.max for port in self.inputs):
            raise ValueError(f"{self.input_type} does not hold each of the inputs")
        last = self.nodes[-1].layer
        if self.outputs and not (isinstance(last, Concat) and last.reads == tuple(port.size for port in self.outputs)):
            raise ValueError("the last node does not put the outputs one behind another")
        ends = [(port.steps, port.size) for port in self.sources] + [(port.steps, port.size) for port in self.sinks]
        for steps, size in ends:
            check_steps(steps, size)

    @property
    def sources(self) -> tuple[InputPort, ...]:
        """The inputs; the only one is called x."""
        return self.inputs or (InputPort("x", (self.input_size,), self.input_type, self.encode),)

    @cached_property
    def sinks(self) -> tuple[OutputPort, ...]:
        """The outputs; the only one is called y."""
        if self.outputs:
            return self.outputs
        width = apply(self.decode, np.zeros((1, self.output_size), dtype=np.float32)).shape[1]
        return (OutputPort("y", self.output_size, (width,), self.decode),)

    @cached_property
    def each_output(self) -> tuple["Network", ...]:
        """The net once for each of its outputs, with that alone."""
        if not self.outputs:
            return (self,)
        ends = zip(self.nodes[-1].inputs, self.outputs, strict=True)
        return tuple(
            replace(self, nodes=needed_for(name, self.nodes), decode=port.steps, outputs=()) for name, port in ends
        )

    @property
    def output_size(self) -> int:
        return self.nodes[-1].layer.size

    @property
    def output_type(self) -> IntType:
        return self.types[self.nodes[-1].name]

    @cached_property
    def ranges(self) -> dict[str, Range]:
        """For the input and each node the least and greatest value of each element that any input can give."""
        kinds = [(port.kind, port.size) for port in self.sources]
        low = np.concatenate([np.full(size, kind.min, dtype=np.int64) for kind, size in kinds])
        high = np.concatenate([np.full(size, kind.max, dtype=np.int64) for kind, size in kinds])
        ranges = {INPUT: (low, high)}
        for node in self.nodes:
            ranges[node.name] = output_range(node.layer, [ranges[name] for name in node.inputs])
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
        """SHA-256, in hex, of everything that decides an output; names, `source` and assumptions do not."""
        document, arrays = to_document(self)
        for node in document["nodes"]:
            del node["name"], node["inputs"]
        for port in (*document.get("inputs", ()), *document.get("outputs", ())):
            del port["name"]
        document["wiring"] = [[self._position(name) for name in node.inputs] for node in self.nodes]
        del document["name"], document["source"]
        return digest_of(document, arrays)

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
        parts = parts_of(samples, [port.size for port in self.sources])
        made = [port.quantise(part, self.name) for port, part in zip(self.sources, parts, strict=True)]
        return made[0] if len(made) == 1 else np.concatenate(made, axis=1)

    def dequantise(self, y: IntArray) -> NDArray[np.float32]:
        """Integer outputs [n, output_size] to what the model file's output means, float32; several outputs side by side."""
        parts = parts_of(y.astype(np.float32), [port.size for port in self.sinks])
        made = [apply(port.steps, part) for port, part in zip(self.sinks, parts, strict=True)]
        return made[0] if len(made) == 1 else np.concatenate(made, axis=1)

    def to_files(self) -> dict[str, bytes]:
        """`network.json` and `network.npz`, equal for equal networks."""
        return to_files(self)

    @staticmethod
    def from_files(files: Mapping[str, bytes], folder: Path) -> "Network":
        """Read what `to_files` gave. folder: where it lies, for errors. Raises UserError if it is missing or damaged."""
        return from_files(files, folder)

    @staticmethod
    def from_folder(folder: Path) -> "Network":
        """The same of the files in a folder."""
        return Network.from_files(read_files(folder, ("network.json", "network.npz")), folder)


# By the module that a net becomes, in which a unit is an instance.
_TAKEN = frozenset(("clk", "rst", "s", "m", "load", "stored", "unused"))


def needed_for(output: str, nodes: Sequence[Node]) -> tuple[Node, ...]:
    """The nodes from which that of the name follows, and itself, the last."""
    needed = {output}
    for node in reversed(nodes):
        needed |= set(node.inputs) if node.name in needed else set()
    return tuple(node for node in nodes if node.name in needed)


def _counts(sizes: tuple[int, ...]) -> str:
    return ", ".join(map(str, sizes)) or "no"
