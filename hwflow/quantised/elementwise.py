"""Float arithmetic on single elements: what stands before the first integer and after the last.

A quantiser is a chain of these steps with a rounding step in it. Every step is monotone in its element, in float32 as
in exact arithmetic, which is what lets a frontend turn a chain into integer thresholds by bisection.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]


def _sigmoid(x: FloatArray) -> FloatArray:
    half = np.float32(0.5)
    return np.asarray(half * (np.tanh(half * x) + 1), dtype=np.float32)


def _softmax(x: FloatArray) -> FloatArray:
    exponentials = np.exp(x - x.max(axis=-1, keepdims=True))
    return np.asarray(exponentials / exponentials.sum(axis=-1, keepdims=True), dtype=np.float32)


def _log_softmax(x: FloatArray) -> FloatArray:
    shifted = x - x.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)), dtype=np.float32)


def _count(x: FloatArray, *levels: FloatArray) -> FloatArray:
    table = np.sort(np.stack(np.broadcast_arrays(*levels)), axis=0)
    if table.shape[1] == 1:
        return np.searchsorted(table[:, 0], x, side="right").astype(np.float32)
    columns = [np.searchsorted(own, x[..., c], side="right") for c, own in enumerate(table.T)]
    return np.stack(columns, axis=-1).astype(np.float32)


def _greatest(x: FloatArray, k: FloatArray) -> FloatArray:
    return np.asarray(np.sort(x, axis=-1)[..., ::-1][..., : int(k[0])])


def _places(x: FloatArray, k: FloatArray) -> FloatArray:
    return np.asarray(np.argsort(-x, axis=-1, kind="stable")[..., : int(k[0])], dtype=np.float32)


_FUNCTIONS: dict[str, Callable[..., FloatArray]] = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "div": np.divide,
    "clip": np.clip,
    "round": np.rint,
    "floor": np.floor,
    "ceil": np.ceil,
    "truncate": np.trunc,
    "round_up": lambda x: np.sign(x) * np.ceil(np.abs(x)),
    "round_half_up": lambda x: np.sign(x) * np.floor(np.abs(x) + np.float32(0.5)),
    "round_half_down": lambda x: np.sign(x) * np.ceil(np.abs(x) - np.float32(0.5)),
    "step": lambda x: (x >= 0).astype(np.float32),
    "relu": lambda x: np.maximum(x, np.float32(0)),
    "leaky_relu": lambda x, slope: np.where(x >= 0, x, slope * x),
    "sigmoid": _sigmoid,
    "tanh": np.tanh,
    "softmax": _softmax,
    "log_softmax": _log_softmax,
    "count": _count,
    "greatest": _greatest,
    "places": _places,
}
_OPERANDS = {"add": 1, "sub": 1, "mul": 1, "div": 1, "clip": 2, "leaky_relu": 1, "count": 1, "greatest": 1, "places": 1}
JOINING = frozenset({"softmax", "log_softmax", "greatest", "places"})  # the elements of the last axis
ROUNDINGS = frozenset(
    {"round", "floor", "ceil", "truncate", "round_up", "round_half_up", "round_half_down", "step", "count"}
)


@dataclass(frozen=True, eq=False)
class Step:
    """One elementwise function in float32: `kind(x, *operands)`.

    kind: add, sub, mul, div (x - operand, x / operand), clip (low, high), the roundings (`round` is half to even,
        `up` means away from zero and `down` towards it; `step` is 1 where x >= 0, else 0), relu, leaky_relu (slope),
        sigmoid, tanh; count (of its operands, any number of them, those that x reaches); softmax, log_softmax, greatest
        and places (of the operand's number of greatest elements, in their order), which join the last axis and so stand
        only after the last integer.
    operands: float32 arrays that broadcast against the last axis: one element, or one for each channel.
    """

    kind: str
    operands: tuple[FloatArray, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in _FUNCTIONS:
            raise ValueError(f"no elementwise step is called {self.kind!r:.40}")
        if len(self.operands) != _OPERANDS.get(self.kind, 0) and not (self.kind == "count" and self.operands):
            raise ValueError(f"{self.kind} takes {_OPERANDS.get(self.kind, 0)} operands, not {len(self.operands)}")
        if any(np.asarray(operand).dtype.kind not in "iuf" for operand in self.operands):
            raise ValueError(f"an operand of {self.kind} is no number")

    def __call__(self, x: FloatArray) -> FloatArray:
        return np.asarray(_FUNCTIONS[self.kind](x, *self.operands), dtype=np.float32)


def apply(steps: Sequence[Step], x: FloatArray) -> FloatArray:
    """Apply the steps in order to `x`, float32, last axis = channels; overflow gives infinities, as in ONNX."""
    with np.errstate(all="ignore"):
        for step in steps:
            x = step(x)
    return x


def same_steps(left: Sequence[Step], right: Sequence[Step]) -> bool:
    """Whether two chains are of the same steps with the same operands."""
    return len(left) == len(right) and all(
        a.kind == b.kind and all(np.array_equal(x, y) for x, y in zip(a.operands, b.operands, strict=True))
        for a, b in zip(left, right, strict=True)
    )
