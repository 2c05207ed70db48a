"""Random networks and foldings, legal and odd, for tests of backends."""

import numpy as np

from hwflow.ints import IntType
from hwflow.quantised.backend.folding import Fold, Folding, dense_layers
from hwflow.quantised.network import INPUT, ArgMax, Dense, Network, Node, Threshold


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
    low, high = so_far.ranges[nodes[-1].name]
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

    def pick(size: int) -> int:
        return int(rng.choice([1, size, int(rng.integers(1, size + 1))]))

    return Folding({name: Fold(pick(layer.size), pick(layer.columns)) for name, layer in dense_layers(network).items()})


def random_vectors(rng: np.random.Generator, network: Network, n: int) -> np.ndarray:
    """Inputs over the whole range, the corners among them."""
    x = rng.integers(network.input_type.min, network.input_type.max + 1, (n, network.input_size))
    x[: n // 20] = rng.choice([network.input_type.min, network.input_type.max], x[: n // 20].shape)
    return x
