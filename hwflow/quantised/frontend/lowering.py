"""A graph of values to a chain of integer layers: what closes a stream of floats and opens the next."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hwflow.ints import IntArray, IntType
from hwflow.quantised.elementwise import Step, apply
from hwflow.quantised.frontend.argmax import exact_argmax
from hwflow.quantised.frontend.inputs import InputForm, assumed_form
from hwflow.quantised.frontend.quantisers import affine, integer_end, on_grid, one, settled
from hwflow.quantised.frontend.thresholds import TooManyLevels, find_thresholds
from hwflow.quantised.frontend.values import Constant, Quantised, Stream
from hwflow.quantised.network import INPUT, ArgMax, Dense, Layer, Network, Node, output_range

MAX_WEIGHT_LEVELS = 256  # 8 bits
MAX_ROWS = 16_384
MAX_INPUT_BITS = 16
_FRACTION_BITS = 3  # of a zero point that is still exact in integers


@dataclass
class Lowering:
    """The nodes made so far. Methods raise ValueError with what is wrong; the caller names the node.

    declared: how the input's integers are given, if the model has no quantiser for them; batch: samples for which
    the file was written, which are lowered as one; ranges: of the input and each node, as in Network.
    """

    input_size: int
    declared: InputForm | None
    batch: int = 1
    nodes: list[Node] = field(default_factory=list)
    encode: tuple[Step, ...] = ()
    input_type: IntType | None = None
    ranges: dict[str, tuple[IntArray, IntArray]] = field(default_factory=dict)

    def _network(self, decode: Sequence[Step], name: str, source: str) -> Network:
        assert self.input_type is not None
        nodes = tuple(self.nodes)
        return Network(name, self.input_size, self.input_type, nodes, self.encode, tuple(decode), source)

    def _append(self, layer: Layer, before: str) -> str:
        kind = type(layer).__name__.lower()
        number = sum(type(node.layer) is type(layer) for node in self.nodes)
        name = kind if isinstance(layer, ArgMax) else f"{kind}{number}"
        self.nodes.append(Node(name, layer, (before,)))
        self.ranges[name] = output_range(layer, *self.ranges[before])
        return name

    def integers(self, stream: Stream) -> Stream:
        """The stream with its integer steps made a node (a Threshold, or the input's encoding): what is left is float."""
        whole, rest = settled(stream.steps, integer_end(stream.steps))
        if stream.node == INPUT:
            return Stream(INPUT, stream.size, stream.shape, self._encode(whole, rest))
        if not integer_end(whole):
            raise ValueError("no quantiser stands between it and the matrix product before it")
        node = self._append(find_thresholds(whole, *self.ranges[stream.node]), stream.node)
        return Stream(node, stream.size, stream.shape, rest)

    def _encode(self, whole: tuple[Step, ...], rest: tuple[Step, ...]) -> tuple[Step, ...]:
        """Settle how the input becomes integers; the steps that remain behind them."""
        if self.input_type is not None:
            raise ValueError("the input goes two ways, which cannot be built yet")
        if integer_end(whole):
            form = InputForm(_type_of(whole, self.input_size), whole, rest)
        elif self.declared:
            form = InputForm(self.declared.kind, self.declared.encode, (*self.declared.decode, *rest))
        else:
            form = assumed_form(rest)
        self.encode, self.input_type = form.encode, form.kind
        each = np.ones(self.input_size, dtype=np.int64)
        self.ranges[INPUT] = (form.kind.min * each, form.kind.max * each)
        return form.decode

    def product(self, stream: Stream, weights: Constant) -> Stream:
        """x W for a stream x and constant weights [columns, rows]: a Dense node, with the scales as float steps behind.

        With x = gain * (q + shift) and W = scale * w: y_r = gain * scale_r * (sum(w_rc q_c) + sum(w_rc shift_c)). The
        second sum is a whole number, in a power of two, where the shift is one (zero points, bipolar activations), and
        then stays one.
        """
        if weights.array.ndim != 2 or weights.array.shape[0] != stream.size or stream.shape[-1] != stream.size:
            raise ValueError(f"weights of shape {weights.array.shape} do not fit an input of {stream.shape}")
        rows = weights.array.shape[1]
        if not 1 <= rows <= MAX_ROWS:
            raise ValueError(f"it has {rows} rows; 1 to {MAX_ROWS} can be built")
        quantised = weights.quantised or on_grid(weights.array)
        if quantised is None:
            raise ValueError("its weights are not quantised; train with quantised weights of 1 to 8 bits")
        dense, scale = _dense(quantised.integers.T), _scale_per_row(quantised)
        source = self.integers(stream)
        relation = affine(source.steps)
        if relation is None:
            raise ValueError("a step between the quantiser and it is not affine")
        gain, offset = relation
        if np.any(gain != gain[0]):
            raise ValueError("its inputs have scales of their own, one for each column")
        node = self._append(dense, source.node)
        steps = _scaled(dense.weight, scale, float(gain[0]), np.broadcast_to(offset, stream.size))
        return Stream(node, rows, (*stream.shape[:-1], rows), steps)

    def argmax(self, stream: Stream, keep: bool = False) -> Stream:
        """The class of a stream: an ArgMax over integers with the pending scales and biases in it exactly.

        keep: whether the class keeps an axis of its own.
        """
        if stream.node == INPUT:
            raise ValueError("nothing is computed before it")
        if stream.size < 2:
            raise ValueError("there is one output, so its place is always 0; leave the argmax out")
        source = self.integers(stream) if integer_end(stream.steps) else stream
        node = self._append(exact_argmax(source.steps, *self.ranges[source.node]), source.node)
        return Stream(node, 1, (*stream.shape[:-1], 1) if keep else stream.shape[:-1] or (1,))

    def finish(self, stream: Stream, name: str, source: str) -> Network:
        """The network whose output the stream is."""
        if stream.node == INPUT:
            raise ValueError("the model multiplies by no matrix; there is nothing to build")
        last = stream
        if integer_end(stream.steps):
            try:
                last = self.integers(stream)
            except TooManyLevels:
                last = stream  # a wide quantiser of the scores is left to the host
        return self._network(last.steps, name, source)


def add_bias(stream: Stream, bias: Constant) -> Stream:
    """stream + bias; a bias quantised in the unit of the sums, or a multiple of it, is added to them as an integer."""
    if bias.quantised is not None and stream.steps and stream.steps[-1].kind == "mul":
        unit = stream.steps[-1].operands[0].astype(np.float64)
        scales = stream.operand(bias.quantised.scales).astype(np.float64)
        multiple = np.rint(scales / np.where(unit, unit, np.inf))
        if np.all(np.abs(scales - multiple * unit) <= 2.0**-22 * np.abs(unit)):
            before, scaling = stream.steps[:-1], stream.steps[-1]
            integers = stream.operand(bias.quantised.integers) * multiple.astype(np.float32)
            return Stream(stream.node, stream.size, stream.shape, (*before, Step("add", (integers,)), scaling))
    return stream.then(Step("add", (stream.operand(bias.array),)))


def _scaled(weight: IntArray, scale: NDArray[np.float64], gain: float, offset: NDArray[np.float64]) -> tuple[Step, ...]:
    """The steps behind sum(w q): times the scale of each row and the gain of the input, and what its offset adds."""
    unit = 1 << _FRACTION_BITS
    shift = offset / gain * unit if gain else np.full(1, np.nan)
    whole = np.rint(shift)
    if not np.all(np.abs(shift - whole) <= 1e-12 * np.abs(shift)):
        constant = (weight * offset).sum(axis=1) * scale
        return (Step("mul", (_narrow(scale * gain),)), Step("add", (_narrow(constant),)))
    while unit > 1 and not np.any(whole % 2):
        unit, whole = unit // 2, whole / 2
    total = (weight * whole.astype(np.int64)).sum(axis=1)
    steps = [Step("mul", (one(unit),))] * (unit > 1) + [Step("add", (_narrow(total),))] * bool(np.any(total))
    factor = _narrow(scale * gain / unit)
    return (*steps, *[Step("mul", (factor,))] * bool(np.any(factor != 1)))


def _narrow(values: NDArray[np.float64] | IntArray) -> NDArray[np.float32]:
    """As an operand: one element if all are equal."""
    operand = values.astype(np.float32)
    return operand[:1] if np.all(operand == operand[0]) else operand


def _type_of(steps: tuple[Step, ...], size: int) -> IntType:
    """The type of the integers in which the steps, all monotone, end: those of the least and greatest float32."""
    greatest = np.finfo(np.float32).max
    ends = apply(steps, np.array([[-greatest], [greatest]], dtype=np.float32) * np.ones(size, dtype=np.float32))
    if not np.isfinite(ends).all() or np.abs(ends).max() > 1 << 31:
        raise ValueError("the input's quantiser has no bounds")
    if np.any(ends != np.rint(ends)):
        raise ValueError("the bounds of the input's quantiser are not whole numbers")
    kind = IntType.holding(int(ends.min()), int(ends.max()))
    if kind.bits > MAX_INPUT_BITS:
        raise ValueError(f"the input has {kind.bits} bits, more than {MAX_INPUT_BITS}")
    return kind


def _scale_per_row(quantised: Quantised) -> NDArray[np.float64]:
    """The scale of each output row, for weights [columns, rows]. Raises ValueError if it differs along the columns."""
    scales = quantised.scales
    if np.any(scales != scales[:1]):
        raise ValueError("its weights have scales of their own, one for each input column")
    return np.asarray(scales[0], dtype=np.float64)


def _dense(integers: IntArray) -> Dense:
    low, high = int(integers.min()), int(integers.max())
    if high - low >= MAX_WEIGHT_LEVELS:
        raise ValueError(f"its weights run from {low} to {high}, which is more than 8 bits")
    return Dense(np.ascontiguousarray(integers), IntType.holding(min(low, -1), max(high, 0)))
