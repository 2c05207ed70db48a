"""Branches of a graph to one stream: added in one unit, multiplied, or put one behind another."""

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from hwflow.quantised.elementwise import JOINING, Step
from hwflow.quantised.frontend.constant_branches import settled_branch, with_bias
from hwflow.quantised.frontend.lowering import Lowering
from hwflow.quantised.frontend.quantisers import affine
from hwflow.quantised.frontend.rewiring import of_token, of_tokens
from hwflow.quantised.frontend.scales import common_unit, exact_affine
from hwflow.quantised.frontend.values import Stream
from hwflow.quantised.network import Add, Concat, Product

MAX_GAIN_BITS = 40  # of a branch's scale in the unit of all


def added(lowering: Lowering, branches: Sequence[Stream]) -> Stream:
    """The sum of branches: an Add node, with its unit as a float step behind.

    With branch b being scale_b,c * q_b,c + offset_b,c, as exact numbers, and unit_c the greatest number of which all
    scales of the channel are whole multiples: sum_c = unit_c * sum over b of (scale_b,c / unit_c) * q_b,c + sum of offsets.
    Nothing is rounded. Raises ValueError if shapes differ, a branch is not affine, or a multiple has too many bits.
    """
    first = branches[0]
    if any(branch.size != first.size or _squeezed(branch) != _squeezed(first) for branch in branches):
        raise ValueError(f"it adds branches of the shapes {_shapes(branches)}; give them one shape")
    sources = [settled_branch(lowering, branch) for branch in branches]
    tokens, relations = _relations(lowering, sources)
    units = [common_unit(gains) for gains in zip(*(gains for gains, _ in relations), strict=True)]
    multiples = [[int(gain / unit) for gain, unit in zip(gains, units, strict=True)] for gains, _ in relations]
    if max(abs(multiple) for own in multiples for multiple in own) >> MAX_GAIN_BITS:
        raise ValueError(f"the scales of its branches have no common unit within {MAX_GAIN_BITS} bits; quantise the branches "
                         "with one scale, or with scales of few bits")  # fmt: skip
    node = lowering.append(Add(np.array(multiples, dtype=np.int64), tokens), *(source.node for source in sources))
    offsets = [sum(own, Fraction(0)) for own in zip(*(offsets for _, offsets in relations), strict=True)]
    shape = max((branch.shape for branch in branches), key=len)
    return Stream(node, first.size, shape, of_tokens(_steps(units, offsets), tokens))


def _relations(
    lowering: Lowering, sources: Sequence[Stream]
) -> tuple[int, list[tuple[list[Fraction], list[Fraction]]]]:
    """Gains and offsets of each branch: of the channels of a token, where all of the tokens have the same, else of all
    elements as of one token. Raises ValueError if a branch is not affine."""
    tokens = lowering.tokens(sources[0].node)
    each = [of_token(source.steps, tokens) for source in sources]
    if any(lowering.tokens(source.node) != tokens for source in sources) or None in each:
        tokens, each = 1, [source.steps for source in sources]
    return tokens, [exact_affine(steps or (), sources[0].size // tokens, "it") for steps in each]


def _steps(units: Sequence[Fraction], offsets: Sequence[Fraction]) -> tuple[Step, ...]:
    """The steps from sums to what they stand for; an offset of whole units is added to them as one."""
    in_units = [offset / unit for offset, unit in zip(offsets, units, strict=True)]
    scaling = [Step("mul", (_operand(units),))] * any(unit != 1 for unit in units)
    if not any(offsets):
        return tuple(scaling)
    if all(offset.denominator == 1 for offset in in_units):
        return Step("add", (_operand(in_units),)), *scaling
    return *scaling, Step("add", (_operand(offsets),))


def multiplied(lowering: Lowering, branches: Sequence[Stream]) -> Stream:
    """The product of branches, element by element: a Product node, with their scales as float steps behind.

    A branch with a bias goes through a table that adds it. Raises ValueError if shapes differ, or a branch is not affine.
    """
    first = branches[0]
    if any(branch.size != first.size or _squeezed(branch) != _squeezed(first) for branch in branches):
        raise ValueError(f"it multiplies branches of the shapes {_shapes(branches)}; give them one shape")
    sources = [settled_branch(lowering, branch) for branch in branches]
    tokens, relations = _relations(lowering, sources)
    for i, relation in enumerate(relations):
        if any(relation[1]):
            sources[i], units = with_bias(lowering, sources[i], tokens, relation)
            relations[i] = units, []
    node = lowering.append(Product(tuple(source.size for source in sources)), *(source.node for source in sources))
    shape = max((branch.shape for branch in branches), key=len)
    scales = (Step("mul", (_operand(gains),)) for gains, _ in relations if any(gain != 1 for gain in gains))
    return Stream(node, first.size, shape, of_tokens(tuple(scales), tokens))


def _operand(values: Sequence[Fraction]) -> NDArray[np.float32]:
    """As an operand: one element if all are equal."""
    operand = np.array([float(value) for value in values], dtype=np.float32)
    return operand[:1] if np.all(operand == operand[0]) else operand


def concatenated(lowering: Lowering, branches: Sequence[Stream], axis: int) -> Stream:
    """Branches one behind another along the axis of their elements: a Concat node, their scales behind it.

    Raises ValueError if it goes along another axis, or a step of a branch is neither affine nor in all of them.
    """
    rank = len(branches[0].shape)
    if any(len(branch.shape) != rank for branch in branches) or not -rank <= axis < rank:
        raise ValueError(
            f"it puts branches of the shapes {_shapes(branches)} one behind another; give them one number of axes"
        )
    axis %= rank
    if axis == 0 and rank > 1 and branches[0].shape[0] == 1:
        raise ValueError(
            f"it puts branches of the shapes {_shapes(branches)} side by side along axis 0, which is that of the samples"
        )
    if any(_but(branch.shape, axis) != _but(branches[0].shape, axis) for branch in branches):
        raise ValueError(f"it puts branches of the shapes {_shapes(branches)} one behind another along axis {axis}; give them equal "
                         "sizes along the others")  # fmt: skip
    if len(branches) == 1:
        return branches[0]
    sources = [settled_branch(lowering, branch) for branch in branches]
    tokens = math.prod(branches[0].shape[:axis])
    node = lowering.append(
        Concat(tuple(source.size // tokens for source in sources), tokens), *(source.node for source in sources)
    )
    shape = list(branches[0].shape)
    shape[axis] = sum(branch.shape[axis] for branch in branches)
    return Stream(node, math.prod(shape), tuple(shape), _side_by_side(sources, tokens))


def _but(shape: Sequence[int], axis: int) -> tuple[int, ...]:
    return (*shape[:axis], *shape[axis + 1 :])


def _side_by_side(sources: Sequence[Stream], tokens: int) -> tuple[Step, ...]:
    """The steps behind each source as steps behind all of them, of which so many tokens each have a part of every source."""
    kinds = {tuple(step.kind for step in source.steps) for source in sources}
    if len(kinds) == 1 and not JOINING & set(*kinds):
        return tuple(
            Step(
                steps[0].kind,
                tuple(
                    _joined(
                        [
                            np.broadcast_to(step.operands[i], source.size)
                            for step, source in zip(steps, sources, strict=True)
                        ],
                        tokens,
                    )
                    for i in range(len(steps[0].operands))
                ),
            )
            for steps in zip(*(source.steps for source in sources), strict=True)
        )
    relations = [affine(source.steps) for source in sources]
    if any(relation is None for relation in relations):
        raise ValueError(
            "a step between the quantiser of a branch and it is not affine; let it stand before the quantiser"
        )
    gain, offset = (
        _joined(
            [
                np.broadcast_to(relation[i], source.size)
                for relation, source in zip(relations, sources, strict=True)
                if relation
            ],
            tokens,
        )
        for i in range(2)
    )
    return Step("mul", (gain,)), *[Step("add", (offset,))] * bool(np.any(offset))


def _joined(parts: Sequence[NDArray[np.floating]], tokens: int) -> NDArray[np.float32]:
    operand = np.concatenate([part.reshape(tokens, -1) for part in parts], axis=1).reshape(-1).astype(np.float32)
    return operand[:1] if np.all(operand == operand[0]) else operand


def _squeezed(stream: Stream) -> tuple[int, ...]:
    return tuple(size for size in stream.shape if size != 1)


def _shapes(streams: Sequence[Stream]) -> str:
    return " and ".join(str(stream.shape) for stream in streams)
