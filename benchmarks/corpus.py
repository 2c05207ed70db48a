"""Random units by which the model of cost is fitted and judged: small layers of every kind, under every kind of folding."""

from dataclasses import dataclass

import numpy as np

from hwflow.ints import IntArray, IntType
from hwflow.quantised.backend.folding import Fold, Folding
from hwflow.quantised.backend.units import DenseUnit, units_of, widest
from hwflow.quantised.network import INPUT, Dense, Network, Node, Threshold

MOST_PRODUCTS = 256  # a cycle, so that most syntheses take seconds


@dataclass(frozen=True)
class Shape:
    """What a unit is drawn from."""

    rows: int
    columns: int
    x: IntType
    weight_bits: int  # 1: bipolar
    density: float
    steps: int
    fold: Fold


def random_units(count: int, seed: int) -> list[DenseUnit]:
    """Units by a seed; the first of a longer list are those of a shorter one."""
    rng = np.random.default_rng(seed)
    units: list[DenseUnit] = []
    while len(units) < count:
        unit = _unit(rng, _shape(rng))
        if unit.fold.simd <= widest(unit.x, unit.matrix):
            units.append(unit)
    return units


def _shape(rng: np.random.Generator) -> Shape:
    weight_bits = int(rng.choice([1, 2, 2, 2, 2, 2, 3, 4, 6, 8]))
    x_bits = int(rng.choice([1, 2, 2, 2, 3, 4, 6, 8]))
    rows, columns = (int(rng.choice([4, 5, 8, 10, 12, 16, 24])) for _ in range(2))
    columns *= int(rng.choice([1, 1, 2]))
    steps = (1 << int(rng.choice([0, 1, 2, 2, 2, 3, 4]))) - 1
    while True:
        pe, simd = (int(rng.choice([1, n, *_divisors(n)])) for n in (rows, columns))
        fold = Fold(pe, simd)
        if rng.random() < 0.4:
            fold = Fold(rows, columns)
        most = MOST_PRODUCTS // max(1, (weight_bits - 1) * x_bits // 2)
        if fold.pe * fold.simd <= most:
            break
        rows, columns = max(4, rows // 2), max(4, columns // 2)
    density = float(rng.choice([0.15, 0.25, 0.35, 0.5, 0.7, 1.0]))
    return Shape(rows, columns, IntType(x_bits, bool(rng.random() < 0.3)), weight_bits, density, steps, fold)


def _divisors(n: int) -> list[int]:
    return [d for d in range(1, n + 1) if n % d == 0]


def _unit(rng: np.random.Generator, shape: Shape) -> DenseUnit:
    size = (shape.rows, shape.columns)
    if shape.weight_bits == 1:
        dense = Dense(rng.choice([-1, 1], size), IntType(2, True))
    else:
        greatest = (1 << (shape.weight_bits - 1)) - 1
        weight = np.rint(rng.normal(0, greatest / 2 + 0.3, size)).clip(-greatest, greatest).astype(np.int64)
        weight[rng.random(size) >= shape.density] = 0
        dense = Dense(weight, IntType(shape.weight_bits, True))
    nodes = [Node("dense0", dense, (INPUT,))]
    if shape.steps:
        nodes.append(Node("threshold0", _threshold(rng, dense, shape), ("dense0",)))
    network = Network("unit", shape.columns, shape.x, tuple(nodes))
    return units_of_widest(network, shape.fold)


def units_of_widest(network: Network, fold: Fold) -> DenseUnit:
    """The unit of a net of one layer, at that fold or at the widest that the RTL's sums allow."""
    layer = network.nodes[0].layer
    assert isinstance(layer, Dense)
    fold = Fold(fold.pe, min(fold.simd, max(1, widest(network.input_type, layer))))
    (unit,) = units_of(network, Folding({"dense0": fold}))
    assert isinstance(unit, DenseUnit)
    return unit


def _threshold(rng: np.random.Generator, dense: Dense, shape: Shape) -> Threshold:
    low, high = _reach(dense.weight, shape.x)
    middle, span = (low + high) / 2, np.maximum((high - low) * rng.choice([0.1, 0.25, 0.5]), 1)
    levels = np.rint(middle[:, None] + rng.normal(0, 1, (shape.rows, shape.steps)) * span[:, None] / 2)
    bits = shape.steps.bit_length()
    descending = rng.random(shape.rows) < float(rng.choice([0.0, 0.0, 0.3]))
    return Threshold(np.sort(levels, axis=1).astype(np.int64), descending, 0, IntType(bits, False))


def _reach(weight: IntArray, x: IntType) -> tuple[IntArray, IntArray]:
    positive, negative = np.maximum(weight, 0), np.minimum(weight, 0)
    ones = np.ones(weight.shape[1], dtype=np.int64)
    return positive @ ones * x.min + negative @ ones * x.max, positive @ ones * x.max + negative @ ones * x.min
