"""Activations in front of a concatenation and not behind it: there they are part of the units whose sums they take."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate, count, pairwise

from hwflow.quantised.layers import Add, Concat, Dense, Node, Product, Threshold, tokens_of
from hwflow.quantised.tables import TableSum


def moved_forward(nodes: Sequence[Node]) -> tuple[Node, ...]:
    """The nodes, with the Threshold that alone reads a Concat as one of each branch, whose values are narrower than its sums.

    The Concat then has the Threshold's name. Only where each branch is of sums that nothing else reads.
    """
    by_name = {node.name: node for node in nodes}
    read = Counter(name for node in nodes for name in node.inputs)
    gone, made = set[str](), dict[str, list[Node]]()
    for node in nodes:
        before = by_name.get(node.inputs[0])
        if before is None or read[before.name] > 1 or not _splits(node, before):
            continue
        branches = [by_name.get(name) for name in before.inputs]
        if not all(branch and read[branch.name] == 1 and _takes(branch, node) for branch in branches):
            continue
        parts = _parts(node, before, by_name)
        by_name |= {part.name: part for part in parts}
        gone.add(before.name)
        made[node.name] = [*parts, Node(node.name, before.layer, tuple(part.name for part in parts))]
    return tuple(each for node in nodes if node.name not in gone for each in made.get(node.name, [node]))


def _splits(node: Node, before: Node) -> bool:
    """Whether it is a Threshold behind a Concat whose channels are those of the branches."""
    if not isinstance(node.layer, Threshold) or not isinstance(before.layer, Concat):
        return False
    return node.layer.channels == before.layer.channels and node.layer.tokens == before.layer.tokens


def _takes(branch: Node | None, node: Node) -> bool:
    """Whether the branch's unit takes an activation."""
    if branch is None or not isinstance(branch.layer, Dense | Add | Product | TableSum):
        return False
    return isinstance(branch.layer, Product) or tokens_of(branch.layer) == tokens_of(node.layer)


def _parts(node: Node, before: Node, taken: dict[str, Node]) -> list[Node]:
    whole, concat = node.layer, before.layer
    assert isinstance(whole, Threshold) and isinstance(concat, Concat)
    names = (name for n in count(1) if (name := f"{node.name}_{n}") not in taken)
    ends = accumulate(concat.sizes, initial=0)
    return [
        Node(name, replace(whole, levels=whole.levels[low:high], descending=whole.descending[low:high]), (branch,))
        for name, branch, (low, high) in zip(names, before.inputs, pairwise(ends), strict=False)
    ]
