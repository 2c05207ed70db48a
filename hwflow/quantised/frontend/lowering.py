"""A graph of values to a graph of integer layers: what closes a stream of floats and opens the next."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import count

import numpy as np

from hwflow.ints import IntType
from hwflow.quantised.elementwise import JOINING, Step
from hwflow.quantised.frontend.argmax import exact_argmax
from hwflow.quantised.frontend.products import check_product, check_width, dense_of, scaled
from hwflow.quantised.frontend.quantisers import affine, integer_end, on_grid, settled
from hwflow.quantised.frontend.rewiring import of_token, of_tokens, part, spares, transposed, transpositions
from hwflow.quantised.frontend.scales import FOLDED_BITS, WEIGHT_BITS, in_one_unit
from hwflow.quantised.frontend.sources import Source
from hwflow.quantised.frontend.thresholds import MAX_STEPS, find_thresholds
from hwflow.quantised.frontend.values import Constant, Curve, Stream, number_of
from hwflow.quantised.layers import tokens_of
from hwflow.quantised.network import (
    INPUT,
    ArgMax,
    Dense,
    Layer,
    Node,
    Product,
    Slice,
    Table,
    TableSum,
    Threshold,
    Transpose,
    output_range,
)
from hwflow.quantised.tables import Range

_SUM_BITS = 61  # of a sum of products, in the reference's 64


@dataclass
class Lowering:
    """The nodes made so far. Methods raise ValueError with what is wrong; the caller names the node.

    sources: the model's inputs; batch: samples for which the file was written, which are lowered as one; assumptions: sentences
    on what the file left open; ranges: of the input and each node, as in Network; tables: the streams of curves that became
    nodes.
    """

    sources: Sequence[Source]
    batch: int = 1
    nodes: list[Node] = field(default_factory=list)
    assumptions: list[str] = field(default_factory=list)
    ranges: dict[str, Range] = field(default_factory=dict)
    tables: dict[Curve, Stream] = field(default_factory=dict)

    def append(self, layer: Layer, *before: str) -> str:
        """A node of that layer, which reads the nodes before it; its name. What moves or joins the same values is one node."""
        same = (node.name for node in self.nodes if node.inputs == before and node.layer == layer)
        if there := next(same, None):
            return there
        kind = type(layer).__name__.lower()
        number = sum(type(node.layer) is type(layer) for node in self.nodes)
        name = kind if isinstance(layer, ArgMax) and not number else self._name(kind, number)
        ranges = output_range(layer, [self.ranges[name] for name in before])
        self.nodes.append(Node(name, layer, before))
        self.ranges[name] = ranges
        return name

    def _name(self, kind: str, number: int) -> str:
        """The first free name from that number on."""
        return next(name for n in count(number) if (name := f"{kind}{n}") not in self.ranges)

    def integers(self, stream: Stream, most: int = MAX_STEPS) -> Stream:
        """The stream with its integer steps made a node (a Threshold, or the input's encoding): what is left is float.

        most: steps of a Threshold. Raises TooManyLevels if it needs more.
        """
        return self.gathered(self._integers(stream, most))

    def whole(self, stream: Stream) -> Stream:
        """The stream as a whole vector, the integers in it made a node."""
        if stream.picked is None:
            return stream
        settled_first = integer_end(stream.steps) or stream.is_raw
        return self.integers(stream) if settled_first else self.gathered(stream)

    def gathered(self, stream: Stream) -> Stream:
        """The stream as a whole vector: what it takes of a node's elements is a node of its own: where it is another order of
        axes, Transposes, of neighbours a Slice, else a matrix of 0 and 1."""
        if stream.picked is None:
            return stream
        places = stream.picked.places
        layers: Sequence[Layer] | None = transpositions(stream.picked) or part(stream.picked)
        if layers is None:
            weight = np.zeros((stream.size, stream.picked.of), dtype=np.int64)
            weight[np.arange(stream.size), places] = 1
            layers = [dense_of(weight)]
        node = stream.node
        for layer in layers:
            node = self.append(layer, node)
        steps = tuple(
            Step(step.kind, tuple(each if len(each) == 1 else each[places] for each in step.operands))
            for step in stream.steps
        )
        return Stream(node, stream.size, stream.shape, steps)

    def _integers(self, stream: Stream, most: int = MAX_STEPS) -> Stream:
        """The same of all of the node's elements, of which the stream still takes what it takes."""
        whole, rest = settled(stream.steps, integer_end(stream.steps))
        if joining := [step.kind for step in whole if step.kind in JOINING]:
            raise ValueError(f"a {joining[0]} before its quantiser joins the elements of a vector, which can only stand behind the "
                             "last integer; quantise before it")  # fmt: skip
        if stream.is_raw:
            return self._encode(stream, whole, rest)
        if not integer_end(whole):
            if self.sums(stream.node):
                raise ValueError("no quantiser stands between it and the matrix product before it")
            # Integers already: a relu or a clip of them, behind their scaling, is a Threshold.
            whole, rest = settled((Step("round"), *stream.steps), 1)
            if len(whole) < 2:
                return stream
        node = self.append(self._threshold(whole, stream.node, most), stream.node)
        return replace(stream, node=node, steps=rest)

    def settled(self, stream: Stream) -> Stream:
        """The stream with its integer steps made a node, of whose elements it still takes what it takes."""
        return self._integers(stream)

    def encoded(self, stream: Stream) -> Stream:
        """The stream as one of the network's integers: where none stand before its steps, those of the input as it is given."""
        if not stream.is_raw:
            return stream
        if integer_end(stream.steps):
            return self._integers(stream)
        return self._encode(replace(stream, steps=()), (), ()).then(*stream.steps)

    def _threshold(self, steps: Sequence[Step], node: str, most: int) -> Threshold:
        """The steps on a node's values as a Threshold: of the channels of a token, where all tokens have the same."""
        tokens = self.tokens(node)
        low, high = self.ranges[node]
        each = of_token(steps, tokens) if tokens > 1 else None
        if each is None:
            return find_thresholds(steps, low, high, most)
        low, high = low.reshape(tokens, -1).min(axis=0), high.reshape(tokens, -1).max(axis=0)
        return replace(find_thresholds(each, low, high, most), tokens=tokens)

    def layer_of(self, name: str) -> Node | None:
        """The node of that name; None for the input."""
        return next((node for node in self.nodes if node.name == name), None)

    def tokens(self, name: str) -> int:
        """Of how many vectors, one like the other, a node's values are."""
        if source := self.source_at(name):
            return source.tokens
        node = self.layer_of(name)
        assert node is not None
        if isinstance(node.layer, Product | Table):
            return self.tokens(node.inputs[0])
        return tokens_of(node.layer) * (node.layer.columns if isinstance(node.layer, Transpose) else 1)

    def sums(self, name: str) -> bool:
        """Whether a node's values are the sums of a matrix product, and not yet those of a quantiser."""
        node = self.layer_of(name)
        if node is not None and isinstance(node.layer, Transpose | Slice):
            return self.sums(node.inputs[0])
        return node is not None and isinstance(node.layer, Dense | TableSum)

    def shared(self, stream: Stream) -> Stream:
        """A stream that several nodes read: what quantises it becomes one node, which they share."""
        if not integer_end(stream.steps):
            return stream
        try:
            return self._integers(stream)
        except ValueError:
            return stream  # whoever reads it says why

    def _encode(self, stream: Stream, whole: tuple[Step, ...], rest: tuple[Step, ...]) -> Stream:
        """Settle how the input becomes integers that a raw stream is of; the stream of these with what remains behind them."""
        number = number_of(stream.node) or 0
        source = self.sources[number]
        decode, said = source.settle(whole, rest)
        self.assumptions += said
        if not source.node:
            source.node = self._part(number)
        return replace(stream, node=source.node, steps=decode)

    def _part(self, number: int) -> str:
        """The node whose values are the integers of an input: that of all of them, or the part that it is of that."""
        source = self.sources[number]
        if len(self.sources) == 1:
            self.ranges[INPUT] = source.ends
            return INPUT
        before = sum(other.size for other in self.sources[:number])
        name = self._name("slice", number)
        own = Slice(before, source.size, sum(other.size for other in self.sources))
        self.nodes.append(Node(name, own, (INPUT,)))
        self.ranges[name] = source.ends
        return name

    def source_at(self, node: str) -> Source | None:
        """The input whose integers a node's values are."""
        return next((source for source in self.sources if source.node == node), None)

    def product(self, stream: Stream, weights: Constant, column: bool = False) -> Stream:
        """x W for a stream x and constant weights [columns, rows]: a Dense node, with the scales as float steps behind. Of
        a matrix x each row is a token, and all of them share the weights.

        column: x stands as a column, and so does the result, which is then W' x. With x_c = gain_c * (q_c + shift_c) and
        gain_c * W_cr = unit_r * w_rc: y_r = unit_r * (sum(w_rc q_c) + sum(w_rc shift_c)). The second sum is a whole
        number, in a power of two, where the shifts are (zero points, bipolar activations), and then stays one.
        """
        if column and stream.shape[-1] > 1 and weights.array.shape[:1] == stream.shape[-2:-1]:
            turn = [*range(len(stream.shape) - 2), len(stream.shape) - 1, len(stream.shape) - 2]
            return transposed(self.product(transposed(stream, turn), weights), turn)
        rows, tokens = check_product(stream, weights.array, -2 if column else -1)
        if joining := [step.kind for step in stream.steps if step.kind in JOINING]:
            raise ValueError(f"a {joining[0]} before it joins the elements of a vector, which can only stand behind the last integer; "
                             "leave it out between matrices")  # fmt: skip
        quantised = weights.quantised or on_grid(weights.array)
        if quantised is None:
            raise ValueError(f"its weights are not quantised; train with quantised weights of 1 to {WEIGHT_BITS} bits")
        check_width(quantised.integers)
        source = self._integers(stream)
        if source.picked and tokens == 1 and not (part(source.picked) and spares(source.size, source.picked.of)):
            quantised = source.picked.weights(quantised)
        else:
            source = self.gathered(source)
        steps = of_token(source.steps, tokens)
        if steps is None:
            raise ValueError(
                "the scales or zero points of its input differ from token to token; use one for all of them"
            )
        relation = affine(steps)
        if relation is None:
            raise ValueError("a step between the quantiser and it is not affine; let it stand before the quantiser")
        gain, offset = (np.broadcast_to(values, len(quantised.integers)) for values in relation)
        same = bool(np.all(gain == gain[0]))
        reach = sum(max(abs(int(low)), abs(int(high))) for low, high in zip(*self.ranges[source.node], strict=True))
        integers, unit, exact = in_one_unit(quantised, np.ones(1) if same else gain, _SUM_BITS - reach.bit_length())
        if weights.quantised is None and not np.all(quantised.scale == 1):
            self.assumptions.append("its weights have no quantiser and are taken as whole multiples of a scale")
        bits = IntType.holding(int(integers.min()), int(integers.max())).bits
        if exact and bits > WEIGHT_BITS:
            self.assumptions.append(f"the scales of its weights or inputs have a unit in which weights take {bits} bits, which are exact, and "
                                    "large; quantise with one scale, or with powers of two, for smaller ones")  # fmt: skip
        if not exact:
            self.assumptions.append("the scales of its weights or inputs have no common unit: they are folded into weights "
                                    f"of {FOLDED_BITS} bits, so sums may differ in the last digits of a float32")  # fmt: skip
        dense = replace(dense_of(integers.T), tokens=tokens)
        node = self.append(dense, source.node)
        with np.errstate(divide="ignore", invalid="ignore"):
            shift = np.where((gain == 0) & (offset == 0), 0, offset / gain)
        if same:
            constant, factor = (dense.weight * offset).sum(axis=1) * unit, unit * gain[0]
        else:
            constant, factor = offset @ (quantised.integers * quantised.scales), unit
        shape = (*stream.shape[:-2], rows, 1) if column else (*stream.shape[:-1], rows)
        return Stream(node, tokens * rows, shape, of_tokens(scaled(dense.weight, factor, shift, constant), tokens))

    def argmax(self, stream: Stream, keep: bool = False) -> Stream:
        """The class of a stream: an ArgMax over integers with the pending scales and biases in it exactly.

        keep: whether the class keeps an axis of its own.
        """
        if stream.is_raw or self.source_at(stream.node):
            raise ValueError("nothing is computed before it")
        stream = self.whole(stream)
        if stream.size < 2:
            raise ValueError("there is one output, so its place is always 0; leave the argmax out")
        source = self.integers(stream) if integer_end(stream.steps) else stream
        tokens = stream.size // stream.shape[-1] if stream.shape[-1] > 1 else 1
        steps = of_token(source.steps, tokens)
        if steps is None:
            raise ValueError("the scales or biases before it differ from token to token; use the same for all of them")
        low, high = (end.reshape(tokens, -1) for end in self.ranges[source.node])
        layer = replace(exact_argmax(steps, low.min(axis=0), high.max(axis=0)), tokens=tokens)
        node = self.append(layer, source.node)
        return Stream(node, tokens, (*stream.shape[:-1], 1) if keep else stream.shape[:-1] or (1,))
