"""Random networks and foldings, legal and odd, for tests of backends."""

from dataclasses import replace

import numpy as np

from hwflow.ints import IntType
from hwflow.quantised.backend.carries import CHAINS
from hwflow.quantised.backend.folding import Fold, Folding, folded_layers, leads_to_registers
from hwflow.quantised.network import (
    INPUT,
    Add,
    ArgMax,
    Concat,
    Dense,
    InputPort,
    Layer,
    Network,
    Node,
    OutputPort,
    Product,
    Reduce,
    Slice,
    Table,
    TableSum,
    Threshold,
    Transpose,
)


def random_network(rng: np.random.Generator, *, largest: int = 24, bits: int | None = None, widest: int = 8) -> Network:
    """One to four layers of 1 to `widest` bits: bipolar or signed weights, signed or unsigned activations, some descending."""

    def width() -> int:
        return bits or int(rng.integers(1, widest + 1))

    size = int(rng.integers(1, largest + 1))
    kind = IntType(width(), bool(rng.integers(2)))
    input_size, input_type = size, kind
    nodes: list[Node] = []
    before = INPUT
    layers = int(rng.integers(1, 5))
    for i in range(layers):
        dense = _random_dense(rng, size, int(rng.integers(1, largest + 1)), width())
        nodes.append(Node(f"dense{i}", dense, (before,)))
        before, size = f"dense{i}", dense.size
        if i < layers - 1 or rng.integers(2):
            threshold = _random_threshold(rng, nodes, input_size, input_type, width())
            nodes.append(Node(f"threshold{i}", threshold, (before,)))
            before = f"threshold{i}"
    if rng.integers(2):
        nodes.append(Node("argmax", _random_argmax(rng, size), (before,)))
    return Network("random", input_size, input_type, tuple(nodes))


def _random_dense(rng: np.random.Generator, columns: int, rows: int, bits: int) -> Dense:
    if bits == 1:
        return Dense(rng.choice([-1, 1], (rows, columns)), IntType(2, True))
    kind = IntType(bits, True)
    return Dense(rng.integers(kind.min, kind.max + 1, (rows, columns)), kind)


def _random_threshold(
    rng: np.random.Generator, nodes: list[Node], input_size: int, input_type: IntType, bits: int
) -> Threshold:
    so_far = Network("so far", input_size, input_type, tuple(nodes))
    return _threshold_between(rng, *so_far.ranges[nodes[-1].name], bits)


def _threshold_between(rng: np.random.Generator, low: np.ndarray, high: np.ndarray, bits: int) -> Threshold:
    steps = max(1, (1 << bits) - 1 - int(rng.integers(2)))
    # Levels lie mostly where sums do, and some lie outside the range of the sums.
    span = (high - low + 4) // 2 + 2
    middle = (high + low) // 2
    levels = middle[:, None] + (rng.normal(0, 0.25, (len(low), steps)) * span[:, None]).astype(np.int64)
    base = int(rng.choice([0, -(1 << (bits - 1)), -((1 << (bits - 1)) - 1)]))
    output = IntType(bits, base < 0)
    if base + steps > output.max:
        base = output.max - steps
    return Threshold(np.sort(levels, axis=1), rng.random(len(low)) < 0.3, base, output)


def _random_argmax(rng: np.random.Generator, channels: int) -> ArgMax:
    match rng.integers(3):
        case 0:
            gain, offset = np.ones(channels, dtype=np.int64), np.zeros(channels, dtype=np.int64)
        case 1:
            gain = np.full(channels, 1 << int(rng.integers(0, 4)), dtype=np.int64)
            offset = rng.integers(-50, 50, channels)
        case _:
            gain, offset = rng.integers(-9, 10, channels), rng.integers(-50, 50, channels)
    return ArgMax(gain, offset)


def random_folding(rng: np.random.Generator, network: Network) -> Folding:
    """Any legal fold: divisors and not, serial and parallel."""

    def pick(size: int, shared: bool) -> int:
        some = [d for d in range(1, size + 1) if size % d == 0] if shared else int(rng.integers(1, size + 1))
        return int(rng.choice([1, size, int(rng.choice(some)) if shared else some]))

    return Folding({name: Fold(pick(layer.rows, layer.tokens > 1), pick(layer.columns, layer.tokens > 1))
                    for name, layer in folded_layers(network).items()})  # fmt: skip


def mixed_folding(rng: np.random.Generator, network: Network, share: float) -> Folding:
    """Some layers hardwired, for a family's carry chain or none, with registers at any distance, or with none where that may be, and the others folded."""
    other, chain = random_folding(rng, network), str(rng.choice(("", *CHAINS.values())))
    folds = {
        name: Fold(layer.size, layer.columns, int(rng.integers(1, 7)), chain=chain)
        if isinstance(layer, Dense) and rng.random() < share
        else other.of(name)
        for name, layer in folded_layers(network).items()
    }
    for name, fold in folds.items():
        if fold.levels and leads_to_registers(name, Folding(folds), network) and rng.random() < 0.3:
            folds[name] = replace(fold, levels=0)
    return Folding(folds)


def random_vectors(rng: np.random.Generator, network: Network, n: int) -> np.ndarray:
    """Inputs over the whole range, the corners among them."""
    if network.inputs:
        low, high = network.ranges[INPUT]
        x = rng.integers(low, high + 1, (n, network.input_size))
        x[: n // 20] = np.where(rng.random((n // 20, network.input_size)) < 0.5, low, high)
        return x
    x = rng.integers(network.input_type.min, network.input_type.max + 1, (n, network.input_size))
    x[: n // 20] = rng.choice([network.input_type.min, network.input_type.max], x[: n // 20].shape)
    return x


def random_graph(
    rng: np.random.Generator, *, largest: int = 16, nodes: int = 12, tokens: bool = False, several: bool = False
) -> Network:
    """Nodes with forks and joins, at least two: branches of one value or of several, activations behind some of them.

    nodes: at most so many, before what is left open is joined; tokens: values are also taken as matrices of vectors that
    share a layer, transposed, and reduced; several: the model has 2 or 3 inputs of their own types, and 1 to 3 outputs.
    """
    if several:
        graph = _Several(rng, largest)
        wanted = len(graph.nodes) + int(rng.integers(1, nodes - 4))
        while len(graph.nodes) < wanted:
            graph.grow(rng, largest)
        return graph.finish(rng, largest)
    size = int(rng.integers(1, 5)) * int(rng.integers(1, largest // 2)) if tokens else int(rng.integers(1, largest + 1))
    made = (_Tokens if tokens else _Graph)(size, IntType(int(rng.integers(1, 6)), bool(rng.integers(2))))
    wanted = int(rng.integers(2, nodes - 1))
    while len(made.nodes) < wanted:
        made.grow(rng, largest)
    return made.finish(rng, largest)


class _Graph:
    """Nodes so far; `narrow` are the values of few bits, of which matrices and joins are made."""

    def __init__(self, size: int, kind: IntType) -> None:
        self.size, self.kind = size, kind
        self.nodes: list[Node] = []
        self.sizes = {INPUT: size}

    def network(self, output: str) -> Network:
        needed = {output}
        for node in reversed(self.nodes):
            needed |= set(node.inputs) if node.name in needed else set()
        return Network("random", self.size, self.kind, tuple(node for node in self.nodes if node.name in needed))

    def bits(self, name: str) -> int:
        return self.kind.bits if name == INPUT else self.network(name).types[name].bits

    def add(self, layer: Layer, *inputs: str) -> str:
        name = f"{type(layer).__name__.lower()}{len(self.nodes)}"
        self.nodes.append(Node(name, layer, inputs))
        self.sizes[name] = layer.size
        return name

    def grow(self, rng: np.random.Generator, largest: int) -> None:
        name = str(rng.choice(list(self.sizes)[-4:]))
        match rng.integers(7):
            case 5 if self.bits(name) <= 8:
                self.table(rng, name)
            case 6 if self.bits(name) <= 5:
                self.edges(rng, name, int(rng.integers(1, largest + 1)))
            case 0 | 1 if self.bits(name) <= 8:
                self.dense(rng, name, int(rng.integers(1, largest + 1)))
            case 2:
                same = [other for other, size in self.sizes.items() if size == self.sizes[name]]
                self.join(rng, [name, *(str(rng.choice(same)) for _ in range(int(rng.integers(1, 3))))])
            case 3:
                others = [str(rng.choice(list(self.sizes))) for _ in range(int(rng.integers(1, 3)))]
                if self.sizes[name] + sum(self.sizes[other] for other in others) <= 3 * largest:
                    self.add(Concat(tuple(self.sizes[each] for each in (name, *others))), name, *others)
            case 4 if name != INPUT or rng.integers(2):
                self.threshold(rng, name)

    def dense(self, rng: np.random.Generator, name: str, rows: int) -> str:
        return self.add(_random_dense(rng, self.sizes[name], rows, int(rng.integers(1, 5))), name)

    def join(self, rng: np.random.Generator, branches: list[str]) -> str:
        shape = (len(branches), self.sizes[branches[0]])
        gain = np.ones(shape, dtype=np.int64)
        if rng.integers(4) == 0 and sum(self.bits(branch) for branch in branches) < 32:
            return self.add(Product((shape[1],) * shape[0]), *branches)
        match rng.integers(3):
            case 1:
                gain *= rng.integers(-7, 8, (len(branches), 1))
            case 2:
                gain = rng.integers(-7, 8, shape)
        return self.add(Add(gain), *branches)

    def table(self, rng: np.random.Generator, name: str) -> str:
        low, high = self.ends(name)
        least, size = int(low.min()), self.sizes[name]
        bits = int(rng.integers(1, 6))
        entries = rng.integers(-(1 << bits), 1 << bits, (int(rng.choice([1, size])), int(high.max()) - least + 1))
        return self.add(Table(entries, least, size), name)

    def edges(self, rng: np.random.Generator, name: str, rows: int) -> str:
        low, high = self.ends(name)
        least, bits = int(low.min()), int(rng.integers(1, 6))
        shape = (rows, self.sizes[name], int(high.max()) - least + 1)
        return self.add(TableSum(rng.integers(-(1 << bits), 1 << bits, shape), least), name)

    def ends(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        low, high = self.network(name).ranges[name] if name != INPUT else _ends(self)
        return low.copy(), high.copy()

    def threshold(self, rng: np.random.Generator, name: str) -> str:
        low, high = self.ends(name)
        return self.add(_threshold_between(rng, low, high, int(rng.integers(1, 5))), name)

    def finish(self, rng: np.random.Generator, largest: int) -> Network:
        """All that is left open, added or put one behind another, and a matrix behind it."""
        read = {name for node in self.nodes for name in node.inputs}
        ends = [node.name for node in self.nodes if node.name not in read]
        narrow = [end if self.bits(end) <= 8 else self.threshold(rng, end) for end in ends]
        if len(narrow) > 1:
            rows = int(rng.integers(1, largest + 1))
            last = (
                self.add(Concat(tuple(self.sizes[end] for end in narrow)), *narrow)
                if rng.integers(2)
                else self.join(rng, [self.dense(rng, end, rows) for end in narrow])
            )
        else:
            last = narrow[0]
        if self.bits(last) > 8:
            last = self.threshold(rng, last)
        last = self.dense(rng, last, int(rng.integers(1, largest + 1)))
        if rng.integers(2):
            last = self.add(_random_argmax(rng, self.sizes[last]), last)
        return self.network(last)


class _Tokens(_Graph):
    """Nodes that work on a matrix, of as many tokens as divide the elements at hand."""

    def grow(self, rng: np.random.Generator, largest: int) -> None:
        name = str(rng.choice(list(self.sizes)[-4:]))
        size = self.sizes[name]
        tokens = int(rng.choice([n for n in range(1, size + 1) if size % n == 0]))
        channels = size // tokens
        match rng.integers(6):
            case 0 if self.bits(name) <= 8 and tokens <= 8:
                rows = int(rng.integers(1, max(1, 3 * largest // tokens) + 1))
                self.add(replace(_random_dense(rng, channels, rows, int(rng.integers(1, 5))), tokens=tokens), name)
            case 1:
                inner = int(rng.choice([n for n in range(1, channels + 1) if channels % n == 0]))
                self.add(Transpose(tokens, channels // inner, inner), name)
            case 2 if self.bits(name) <= 8 and len(self.sizes) > 2:
                inner = int(rng.choice([n for n in range(1, channels + 1) if channels % n == 0]))
                self.add(Reduce(channels // inner, inner, tokens, bool(rng.integers(2))), name)
            case 3 if name != INPUT:
                low, high = (end.reshape(tokens, -1) for end in self.network(name).ranges[name])
                threshold = _threshold_between(rng, low.min(axis=0), high.max(axis=0), int(rng.integers(1, 5)))
                self.add(replace(threshold, tokens=tokens), name)
            case 4:
                same = [other for other, size in self.sizes.items() if size == self.sizes[name]]
                branches = [name, str(rng.choice(same))]
                self.add(Add(rng.integers(-7, 8, (2, channels)), tokens), *branches)
                if 2 * size <= 3 * largest and rng.integers(2):
                    self.add(Concat((channels, channels), tokens), *branches)
            case _:
                super().grow(rng, largest)


class _Several(_Graph):
    """Nodes that read the parts of the input."""

    def __init__(self, rng: np.random.Generator, largest: int) -> None:
        sizes = [int(rng.integers(1, largest + 1)) for _ in range(int(rng.integers(2, 4)))]
        kinds = [IntType(int(rng.integers(1, 6)), bool(rng.integers(2))) for _ in sizes]
        self.inputs = tuple(
            InputPort(f"x{i}", (size,), kind) for i, (size, kind) in enumerate(zip(sizes, kinds, strict=True))
        )
        kind = IntType.holding(min(each.min for each in kinds), max(each.max for each in kinds))
        super().__init__(sum(sizes), kind)
        for i, size in enumerate(sizes):
            self.add(Slice(sum(sizes[:i]), size, self.size), INPUT)
        del self.sizes[INPUT]

    def network(self, output: str) -> Network:
        return replace(super().network(output), inputs=self.inputs)

    def finish(self, rng: np.random.Generator, largest: int) -> Network:
        ends = [super().finish(rng, largest).nodes[-1].name]
        ends += [str(rng.choice(list(self.sizes))) for _ in range(int(rng.integers(3)))]
        if len(ends) == 1:
            return self.network(ends[0])
        sizes = [self.sizes[end] for end in ends]
        outputs = tuple(OutputPort(f"y{i}", size, (size,)) for i, size in enumerate(sizes))
        return replace(self.network(self.add(Concat(tuple(sizes)), *ends)), outputs=outputs)


def _ends(graph: _Graph) -> tuple[np.ndarray, np.ndarray]:
    return np.full(graph.size, graph.kind.min), np.full(graph.size, graph.kind.max)
