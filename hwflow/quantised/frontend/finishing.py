"""The network that streams end in: the outputs of the model, each as integers with float steps behind them."""

import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from hwflow.ints import IntType
from hwflow.quantised.elementwise import JOINING
from hwflow.quantised.frontend.activations import moved_forward
from hwflow.quantised.frontend.lowering import Lowering
from hwflow.quantised.frontend.quantisers import integer_end
from hwflow.quantised.frontend.thresholds import TooManyLevels
from hwflow.quantised.frontend.values import Stream
from hwflow.quantised.network import INPUT, Concat, Dense, Network, OutputPort, Slice, Table, TableSum, needed_for

_HOST_LEVELS = 255  # of a quantiser of the outputs; a finer one is left to the host


def ended(lowering: Lowering, stream: Stream) -> Stream:
    """A stream that is an output, as a whole vector of the network's integers, with steps that are left to the host.

    Raises ValueError with what is wrong.
    """
    last = stream
    end = integer_end(stream.steps)
    if end and not any(step.kind in JOINING for step in stream.steps[:end]):
        with suppress(TooManyLevels):  # a wide quantiser of the scores is left to the host
            last = lowering.integers(stream, _HOST_LEVELS)
    return lowering.gathered(lowering.encoded(last))


def network_of(lowering: Lowering, ends: Sequence[tuple[str, Stream]], name: str, source: str) -> Network:
    """The network whose outputs, by their names, the streams are; each is one that `ended` gave.

    Raises ValueError if nothing is computed, or an output's network cannot be.
    """
    if not any(isinstance(node.layer, Dense | Table | TableSum) for node in lowering.nodes):
        raise ValueError("the model multiplies by no matrix, and looks nothing up; there is nothing to build")
    node, decode = ends[0][1].node, ends[0][1].steps
    outputs: tuple[OutputPort, ...] = ()
    if len(ends) > 1:
        node, decode, outputs = _joined(lowering, ends), (), tuple(_port(lowering, *end) for end in ends)
    elif node == INPUT:
        raise ValueError("it is the input itself; there is nothing to build")
    kinds = [each.kind for each in lowering.sources if each.kind is not None]
    if missing := [each.name for each in lowering.sources if each.kind is None]:
        raise ValueError(f"no output needs input {missing[0]!a:.60}; export the model without it")
    several = len(kinds) > 1
    encode = () if several else lowering.sources[0].encode
    inputs = tuple(each.port for each in lowering.sources) if several else ()
    kind = IntType.holding(min(each.min for each in kinds), max(each.max for each in kinds))
    size = sum(each.size for each in lowering.sources)
    nodes = moved_forward(needed_for(node, lowering.nodes))
    network = Network(name, size, kind, nodes, encode, decode, source, (), inputs, outputs)
    return replace(network, assumptions=(*lowering.assumptions, *_packings(network)))


def _joined(lowering: Lowering, ends: Sequence[tuple[str, Stream]]) -> str:
    """A node with the outputs one behind another."""
    whole = [stream.node for _, stream in ends]
    for i, (_, stream) in enumerate(ends):
        if stream.node == INPUT:  # which is no node
            whole[i] = lowering.append(Slice(0, stream.size, stream.size), INPUT)
    return lowering.append(Concat(tuple(len(lowering.ranges[node][0]) for node in whole)), *whole)


def _port(lowering: Lowering, name: str, stream: Stream) -> OutputPort:
    size = len(lowering.ranges[stream.node][0])
    shape = stream.shape[1:] if math.prod(stream.shape[1:]) == stream.size else (stream.size,)
    return OutputPort(name, size, shape, stream.steps)


def _packings(network: Network) -> tuple[str, ...]:
    """What several inputs or outputs of different types are brought to on the way to the board and back."""
    said = []
    if network.inputs and (listed := _listed([(port.kind, port.name) for port in network.inputs])):
        said.append(f"its inputs, {listed}, go to the board as one vector of {network.input_type}")
    if network.outputs:
        nodes = zip(network.nodes[-1].inputs, network.outputs, strict=True)
        if listed := _listed([(network.types[node], port.name) for node, port in nodes]):
            said.append(f"its outputs, {listed}, come from the board as one vector of {network.output_type}")
    return tuple(said)


def _listed(ports: Sequence[tuple[IntType, str]]) -> str:
    """Types and names, if the types differ."""
    different = len({kind for kind, _ in ports}) > 1
    return ", ".join(f"{kind} {name!a:.60}" for kind, name in ports) if different else ""
