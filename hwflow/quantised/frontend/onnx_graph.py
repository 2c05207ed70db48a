"""The nodes of a graph that its outputs need, in an order in which each comes after what it reads."""

from graphlib import CycleError, TopologicalSorter

from onnx import GraphProto, NodeProto

from hwflow.errors import UserError
from hwflow.quantised.frontend.onnx_file import shown


def title(node: NodeProto) -> str:
    """A node in a message."""
    name = node.name or (node.output[0] if node.output else "")
    return f"Node {shown(name)} ({shown(node.op_type)[1:-1]})"


def ordered(graph: GraphProto) -> list[NodeProto]:
    """The nodes from which the outputs follow; others are left out. Raises UserError if the graph has a loop."""
    maker = {name: i for i, node in enumerate(graph.node) for name in node.output if name}
    needed: dict[int, list[int]] = {}
    waiting = [maker[name] for name in (output.name for output in graph.output) if name in maker]
    while waiting:
        index = waiting.pop()
        if index not in needed:
            needed[index] = [maker[name] for name in graph.node[index].input if name in maker]
            waiting += needed[index]
    try:
        order = TopologicalSorter({index: needed[index] for index in sorted(needed)}).static_order()
        return [graph.node[index] for index in order]
    except CycleError as error:
        raise UserError(f"{title(graph.node[error.args[1][0]])} is part of a loop; only nets without feedback "
                        "can be built.") from None  # fmt: skip
