"""Halves to even: what QONNX's ROUND means, kept by thresholds that compare with >=.

FINN turns round(x / s) into thresholds at (k + 1/2) s, and x that lies on one goes up. Half to even sends it up to k + 1
only if k is odd. Scales that are powers of two put integer sums on such halves often, so a threshold behind an even k is
moved up by a few steps of its last bit.
"""

from typing import Any

import numpy as np
from qonnx.custom_op.registry import getCustomOp

_STEPS = 4 * 2.0**-23  # of the threshold: more than the rounding of what FINN multiplies it by later


def rounded_tensors(model: Any) -> dict[str, int]:
    """For each tensor that a Quant rounds half to even: the least integer it gives."""
    found = {}
    for node in model.graph.node:
        if node.op_type == "Quant" and model.get_initializer(node.input[0]) is None:
            op, bits = getCustomOp(node), int(model.get_initializer(node.input[3]))
            if op.get_nodeattr("rounding_mode").upper() in ("ROUND", "HALF_EVEN"):
                signed, narrow = op.get_nodeattr("signed"), op.get_nodeattr("narrow")
                found[node.output[0]] = narrow - (1 << (bits - 1)) if signed else 0
    return found


def keep_halves_even(model: Any, rounded: dict[str, int]) -> Any:
    """The converted model, with the thresholds that stand for those tensors moved where they must be."""
    for node in model.graph.node:
        if node.op_type != "MultiThreshold":
            continue
        least = _least(model, node, rounded)
        if least is None:
            continue
        thresholds = model.get_initializer(node.input[1]).astype(np.float32)
        behind_even = (least + np.arange(thresholds.shape[1])) % 2 == 0
        moved = thresholds + np.abs(thresholds) * np.float32(_STEPS)
        model.set_initializer(node.input[1], np.where(behind_even, moved, thresholds).astype(np.float32))
    return model


def _least(model: Any, node: Any, rounded: dict[str, int]) -> int | None:
    """Of the tensor that a MultiThreshold, with an Add and a Mul behind it at most, takes the place of."""
    while node.output[0] not in rounded:
        followers = model.find_direct_successors(node) or []
        if len(followers) != 1 or followers[0].op_type not in ("Add", "Mul"):
            return None
        node = followers[0]
    return rounded[node.output[0]]
