"""The net in integers, and nothing else: what every backend builds and the reference executes.

A Network is a graph of nodes in an order in which each comes after its inputs. A value that several nodes read forks by
that alone; Add, Product and Concat join branches.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwflow.documents import digest_of
from hwflow.errors import UserError
from hwflow.ints import IntArray, IntType
from hwflow.paths import read_files
from hwflow.quantised.axes import Reduce, Transpose
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
from hwflow.quantised.ranges import output_range
from hwflow.quantised.tables import Range, Table, TableSum

__all__ = [
    "INPUT",
    "Add",
    "ArgMax",
    "Concat",
    "Dense",
    "Layer",
    "Network",
    "Node",
    "Product",
    "Reduce",
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
    """

    name: str
    input_size: int
    input_type: IntType
    nodes: tuple[Node, ...]
    encode: tuple[Step, ...] = ()
    decode: tuple[Step, ...] = ()
    source: str = field(default="", compare=False)
    assumptions: tuple[str, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        """Raises ValueError if a node has no plain name, or does not fit what it reads, or steps do not fit the input or the output."""
        if self.input_size < 1 or not self.nodes:
            raise ValueError(f"a network has an input and a layer, not {self.input_size} and {len(self.nodes)}")
        sizes = {INPUT: self.input_size}
        for node in self.nodes:
            if not _NAME.fullmatch(node.name):
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
        _check_steps(self.encode, self.input_size)
        _check_steps(self.decode, self.output_size)

    @property
    def output_size(self) -> int:
        return self.nodes[-1].layer.size

    @property
    def output_type(self) -> IntType:
        return self.types[self.nodes[-1].name]

    @cached_property
    def ranges(self) -> dict[str, Range]:
        """For the input and each node the least and greatest value of each element that any input can give."""
        low = np.full(self.input_size, self.input_type.min, dtype=np.int64)
        high = np.full(self.input_size, self.input_type.max, dtype=np.int64)
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
        return to_files(self)

    @staticmethod
    def from_files(files: Mapping[str, bytes], folder: Path) -> "Network":
        """Read what `to_files` gave. folder: where it lies, for errors. Raises UserError if it is missing or damaged."""
        return from_files(files, folder)

    @staticmethod
    def from_folder(folder: Path) -> "Network":
        """The same of the files in a folder."""
        return Network.from_files(read_files(folder, ("network.json", "network.npz")), folder)


_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")  # of instances, wires and memory images


def _counts(sizes: tuple[int, ...]) -> str:
    return ", ".join(map(str, sizes)) or "no"


def _check_steps(steps: tuple[Step, ...], size: int) -> None:
    for operand in (operand for step in steps for operand in step.operands):
        if operand.dtype != np.float32 or operand.shape not in ((1,), (size,)) or np.isnan(operand).any():
            raise ValueError(f"a step's operand is {operand.dtype} of shape {operand.shape} for {size} values, or NaN")
