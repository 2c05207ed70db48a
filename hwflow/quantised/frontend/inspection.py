"""What a model file is, layer by layer, and what in it cannot be built."""

from dataclasses import dataclass
from pathlib import Path
from typing import assert_never

from hwflow.errors import UserError
from hwflow.ints import IntType
from hwflow.quantised.elementwise import Step
from hwflow.quantised.frontend import load, refused
from hwflow.quantised.frontend.inputs import InputFormat
from hwflow.quantised.layers import tokens_of
from hwflow.quantised.network import (
    Add,
    ArgMax,
    Concat,
    Dense,
    Layer,
    Network,
    Node,
    Product,
    Reduce,
    Slice,
    Table,
    TableSum,
    Threshold,
    Transpose,
)
from hwflow.samples import GivenInputs
from hwflow.words import Part, table


@dataclass(frozen=True)
class LayerInspection:
    """One layer.

    shape: outputs × inputs of a matrix, channels × levels of thresholds, channels × entries of tables, outputs × inputs ×
    entries of sums of tables, classes of an argmax, elements of each branch of a
    join, the axes that change places of a transposition, the elements that become one of a reduction; tokens: how many
    vectors of a sample it works on; macs: multiplications for a sample; weight_bits: of all weights as the file declares
    them, or of all thresholds or entries.
    """

    name: str
    kind: str
    shape: tuple[int, ...]
    weight_type: str | None
    input_type: str
    output_type: str
    macs: int
    weight_bits: int
    tokens: int = 1


@dataclass(frozen=True)
class PortInspection:
    """One of several inputs or outputs.

    shape: of a sample; kind: of its integers; steps: what the host computes in front of these, or behind them.
    """

    name: str
    shape: tuple[int, ...]
    kind: str
    steps: tuple[str, ...]

    @property
    def sentence(self) -> str:
        return (
            f"{self.name!a:.60}, {' × '.join(map(str, self.shape))}, {self.kind}: {', '.join(self.steps) or 'nothing'}"
        )


@dataclass(frozen=True)
class Inspection:
    """A model file.

    assumptions: sentences on what the file left open and the import settled;
    encode, decode: what the host computes before the first and after the last integer, as words in order; refused: a
    sentence for each thing that cannot be built, and then there are no layers; inputs, outputs: of a model with several, which
    then has its steps there.
    """

    family: str
    model: str
    digest: str | None
    input_size: int | None
    input_type: str | None
    encode: tuple[str, ...]
    layers: tuple[LayerInspection, ...]
    decode: tuple[str, ...]
    macs: int
    weight_bits: int
    refused: tuple[str, ...]
    assumptions: tuple[str, ...] = ()
    inputs: tuple[PortInspection, ...] = ()
    outputs: tuple[PortInspection, ...] = ()

    @property
    def right(self) -> bool:
        """Whether it can be built."""
        return not self.refused

    @property
    def wrong(self) -> str:
        """Why it is not right."""
        return f"{self.model} cannot be built as it is."

    def words(self) -> tuple[Part, ...]:
        """Layers and what surrounds them, or what is refused."""
        if self.refused:
            return self.refused
        matrices = any(x.tokens > 1 for x in self.layers)
        heads = [
            "layer",
            "kind",
            *["tokens"] * matrices,
            "shape",
            "weights",
            "input",
            "output",
            "multiplications",
            "weight bits",
        ]
        rows = [
            (
                x.name,
                x.kind,
                *[x.tokens] * matrices,
                " × ".join(map(str, x.shape)),
                x.weight_type,
                x.input_type,
                x.output_type,
                x.macs,
                x.weight_bits,
            )
            for x in self.layers
        ]
        before, after = (
            tuple(f"{where} of {port.sentence}" for port in ports) or (f"{where}: {', '.join(steps) or 'nothing'}",)
            for where, ports, steps in (
                ("before the first integer", self.inputs, self.encode),
                ("after the last integer", self.outputs, self.decode),
            )
        )
        return (
            f"{self.model}: {self.family}, {self.input_size} x {self.input_type}, digest {self.digest}",
            table(heads, rows),
            "",
            *before,
            *after,
            f"{self.macs:,} multiplications a vector, {self.weight_bits:,} bits of weights",
            *(f"assumed: {sentence}" for sentence in self.assumptions),
        )


def inspect(
    path: Path,
    *,
    argmax: bool = False,
    input_type: InputFormat | IntType | None = None,
    samples: GivenInputs = None,
) -> Inspection:
    """Look into a model file; the options are those of `load`. Raises UserError if the file cannot be read at all."""
    try:
        network = load(path, argmax=argmax, input_type=input_type, samples=samples)
    except UserError as error:
        reasons = refused(path)
        first = str(error)
        return Inspection("quantised", path.name, None, None, None, (), (), (), 0, 0,
                          reasons if first in reasons else (*reasons, first))  # fmt: skip
    return inspection_of(network)


def inspection_of(network: Network) -> Inspection:
    """The same of a Network at hand."""
    layers = tuple(_layer(network, node) for node in network.nodes)
    return Inspection(
        family="quantised",
        model=network.source or network.name,
        digest=network.digest,
        input_size=network.input_size,
        input_type=str(network.input_type),
        encode=tuple(_words(step) for step in network.encode),
        layers=layers,
        decode=tuple(_words(step) for step in network.decode),
        macs=sum(layer.macs for layer in layers),
        weight_bits=sum(layer.weight_bits for layer in layers if layer.kind == "Dense"),
        refused=(),
        assumptions=network.assumptions,
        inputs=tuple(
            PortInspection(port.name, port.shape, str(port.kind), tuple(map(_words, port.steps)))
            for port in network.inputs
        ),
        outputs=tuple(
            PortInspection(port.name, port.shape, str(own.output_type), tuple(map(_words, port.steps)))
            for port, own in zip(network.outputs, network.each_output, strict=len(network.outputs) > 0)
        ),
    )


def _layer(network: Network, node: Node) -> LayerInspection:
    layer, before = node.layer, network.types[node.inputs[0]]
    shape, kind, bits = _shape(layer, before)
    macs = layer.tokens * layer.weight.size if isinstance(layer, Dense) else 0
    reads = ", ".join(dict.fromkeys(str(network.types[name]) for name in node.inputs))
    return LayerInspection(node.name, type(layer).__name__, shape, kind, reads,
                           str(network.types[node.name]), macs, bits,
                           tokens_of(layer))  # fmt: skip


def _shape(layer: Layer, before: IntType) -> tuple[tuple[int, ...], str | None, int]:
    match layer:
        case Dense():
            bits = 1 if layer.bipolar else layer.weight_type.bits
            return (
                (layer.rows, layer.columns),
                "BIPOLAR" if layer.bipolar else str(layer.weight_type),
                (layer.weight.size * bits),
            )
        case Threshold(levels=levels):
            return levels.shape, None, levels.size * before.bits
        case ArgMax():
            return (layer.channels,), None, 0
        case Add() | Product() | Concat():
            return layer.reads, None, 0
        case Table(entries=entries):
            bits = IntType.holding(int(entries.min()), int(entries.max())).bits
            return (layer.size, entries.shape[1]), None, entries.size * bits
        case TableSum(entries=entries):
            kind = IntType.holding(int(entries.min()), int(entries.max()))
            return entries.shape, str(kind), entries.size * kind.bits
        case Slice():
            return (layer.size, layer.of), None, 0
        case Transpose():
            return (layer.rows, layer.columns, *[layer.inner] * (layer.inner > 1)), None, 0
        case Reduce():
            return (layer.axis, layer.inner), None, 0
        case _:
            assert_never(layer)


def _words(step: Step) -> str:
    operands = (f"{o[0]:g}" if o.size == 1 else f"[{o.size}]" for o in step.operands)
    return " ".join((step.kind, *operands))
