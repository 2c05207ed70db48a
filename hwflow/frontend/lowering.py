"""A graph of values to a chain of integer layers: what closes a stream of floats and opens the next."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hwflow.elementwise import Step
from hwflow.frontend.argmax import exact_argmax
from hwflow.frontend.quantisers import affine, integer_end
from hwflow.frontend.thresholds import find_thresholds
from hwflow.frontend.values import Constant, Quantised, Stream
from hwflow.ints import IntArray, IntType
from hwflow.network import INPUT, Dense, Layer, Network, Node

MAX_WEIGHT_BITS = 8
MAX_INPUT_BITS = 16


@dataclass
class Lowering:
    """The nodes made so far. Methods raise ValueError with what is wrong; the caller names the node.

    declared: type of the integers that the input already holds, if the model has no quantiser for it.
    """

    input_size: int
    declared: IntType | None
    nodes: list[Node] = field(default_factory=list)
    encode: tuple[Step, ...] = ()
    input_type: IntType | None = None

    def network(self, decode: Sequence[Step] = (), name: str = "", source: str = "") -> Network:
        assert self.input_type is not None
        nodes = tuple(self.nodes)
        return Network(name, self.input_size, self.input_type, nodes, self.encode, tuple(decode), source)

    def _append(self, kind: str, layer: Layer, before: str) -> str:
        name = f"{kind}{sum(node.name.startswith(kind) for node in self.nodes)}"
        self.nodes.append(Node(name, layer, (before,)))
        return name

    def integers(self, stream: Stream) -> Stream:
        """The stream with its integer steps made a node (a Threshold, or the input's encoding): what is left is float."""
        end = integer_end(stream.steps)
        whole, rest = stream.steps[:end], stream.steps[end:]
        if stream.node == INPUT:
            self._encode(whole)
            return Stream(INPUT, stream.size, stream.shape, rest)
        if not whole:
            raise ValueError("no quantiser stands between it and the matrix product before it")
        low, high = self.network().ranges[stream.node]
        node = self._append("threshold", find_thresholds(whole, low, high), stream.node)
        return Stream(node, stream.size, stream.shape, rest)

    def _encode(self, steps: tuple[Step, ...]) -> None:
        kind = _type_of(steps) if steps else self.declared
        if kind is None:
            raise ValueError("the model's input has no quantiser; train with one, or give --input-type, e.g. UINT8")
        if self.input_type is not None and (self.input_type != kind or len(self.encode) != len(steps)):
            raise ValueError("the input is quantised in two ways; branches cannot be built")
        self.encode, self.input_type = steps, kind

    def product(self, stream: Stream, weights: Constant) -> Stream:
        """x W for a stream x and constant weights [columns, rows]: a Dense node, with the scales as float steps behind.

        With x = gain * q + offset and W = scale * w: y_r = gain * scale_r * sum(w_rc q_c) + sum(W_rc offset_c).
        """
        if weights.array.ndim != 2 or weights.array.shape[0] != stream.size or stream.shape[-1] != stream.size:
            raise ValueError(f"weights of shape {weights.array.shape} do not fit an input of {stream.shape}")
        quantised = weights.quantised or _whole(weights.array)
        if quantised is None:
            raise ValueError("its weights are not quantised")
        scale = _scale_per_row(quantised)
        source = self.integers(stream)
        relation = affine(source.steps)
        if relation is None:
            raise ValueError("a step between the quantiser and it is not affine")
        gain, offset = relation
        integers = quantised.integers.T
        if gain.size > 1 and np.any(gain != gain[0]):
            raise ValueError("its inputs have scales of their own, one for each column")
        node = self._append("dense", _dense(integers), source.node)
        factor = (gain[0] * scale).astype(np.float32)
        constant = (integers * np.broadcast_to(offset, stream.size)).sum(axis=1) * scale
        steps = [Step("mul", (factor[:1] if np.all(factor == factor[0]) else factor,))] * bool(np.any(factor != 1))
        steps += [Step("add", (constant.astype(np.float32),))] * bool(np.any(constant))
        rows = len(integers)
        return Stream(node, rows, (*stream.shape[:-1], rows), tuple(steps))

    def argmax(self, stream: Stream) -> Stream:
        """The class of a stream: an ArgMax over integers with the pending scales and biases in it exactly."""
        if stream.node == INPUT:
            raise ValueError("nothing is computed before it")
        source = self.integers(stream) if integer_end(stream.steps) else stream
        layer = exact_argmax(source.steps, source.size)
        name = "argmax"
        self.nodes.append(Node(name, layer, (source.node,)))
        return Stream(name, 1, (1, 1))

    def finish(self, stream: Stream, name: str, source: str) -> Network:
        """The network whose output the stream is."""
        if not self.nodes:
            raise ValueError("the model multiplies by no matrix; there is nothing to build")
        last = self.integers(stream) if integer_end(stream.steps) else stream
        return self.network(last.steps, name, source)


def _type_of(steps: tuple[Step, ...]) -> IntType:
    """The type of the integers in which the steps end: a clip before the rounding bounds them."""
    low, high = -np.inf, np.inf
    for step in steps:
        if step.kind == "clip":
            low, high = float(step.operands[0].min()), float(step.operands[1].max())
        elif step.kind == "step":
            low, high = 0.0, 1.0
        elif step.kind == "relu":
            low, high = max(low, 0.0), max(high, 0.0)
        elif step.kind not in ("round", "floor", "ceil", "truncate", "round_up", "round_half_up", "round_half_down"):
            low, high = -np.inf, np.inf
    if not np.isfinite([low, high]).all():
        raise ValueError("the input's quantiser has no bounds")
    kind = IntType.holding(int(np.floor(low)), int(np.ceil(high)))
    if kind.bits > MAX_INPUT_BITS:
        raise ValueError(f"the input has {kind.bits} bits, more than {MAX_INPUT_BITS}")
    return kind


def _whole(array: NDArray[np.float64]) -> Quantised | None:
    """Weights that are whole numbers already."""
    values = np.asarray(array, dtype=np.float64)
    return Quantised(values.astype(np.int64), np.ones(1)) if np.all(values == np.rint(values)) else None


def _scale_per_row(quantised: Quantised) -> NDArray[np.float64]:
    """The scale of each output row, for weights [columns, rows]. Raises ValueError if it differs along the columns."""
    scale = np.broadcast_to(quantised.scale, quantised.integers.shape)
    if np.any(scale != scale[:1]):
        raise ValueError("its weights have scales of their own, one for each input column")
    return np.asarray(scale[0], dtype=np.float64)


def _dense(integers: IntArray) -> Dense:
    low, high = int(integers.min()), int(integers.max())
    kind = IntType.holding(min(low, -1), max(high, 0))
    if kind.bits > MAX_WEIGHT_BITS:
        raise ValueError(f"its weights take {kind.bits} bits, more than {MAX_WEIGHT_BITS}")
    return Dense(np.ascontiguousarray(integers), kind)
