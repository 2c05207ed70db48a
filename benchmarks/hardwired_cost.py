"""Hardwired layers synthesised alone: the prices of what is counted of them (`hardwired_tables.py`), and how far off they are.

python benchmarks/hardwired_cost.py [--units 28] [--families ecp5,ice40,xilinx,gowin]

Draws random layers, synthesises each (cached, in parallel), and fits the prices by least squares of the relative error. The
error is told by layers left out one at a time, and beside it that of the prices that are kept there.
"""

import argparse
from dataclasses import asdict, replace
from functools import partial
from typing import Any

import numpy as np
from scipy.optimize import nnls

from hwflow.ints import IntArray, IntType
from hwflow.quantised.backend.carries import CHAINS
from hwflow.quantised.backend.counts import mapping_of
from hwflow.quantised.backend.estimate import unit_cost
from hwflow.quantised.backend.folding import Fold, Folding
from hwflow.quantised.backend.hardwired_tables import count_hardwired
from hwflow.quantised.backend.units import HardwiredUnit, units_of
from hwflow.quantised.network import INPUT, Dense, Network, Node, Threshold
from hwflow.quantised.tool.unit_cost import unit_costs

LEAST = 40  # look-up tables up to which an error counts as one of so many
SEED = 1
COUNTS = ("chained", "tables")
# A logic cell of iCE40 holds a flip-flop too; the others have chains of their own.
COUNTS_OF = {"ice40": (*COUNTS, "alone", "fixed")} | dict.fromkeys(CHAINS, ("tables", "places", "offsets"))
Rng = np.random.Generator


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=28)
    parser.add_argument("--families", default="ecp5,ice40,xilinx,gowin")
    given = parser.parse_args()
    rng = np.random.default_rng([SEED, *b"hardwired"])
    layers = [random_layer(rng) for _ in range(given.units)]
    for family in given.families.split(","):
        units = [replace(unit, fold=replace(unit.fold, chain=CHAINS.get(family, ""))) for unit in layers]
        names = COUNTS_OF.get(family, COUNTS)
        counted = [asdict(count_hardwired(unit.wired, mapping_of(family))) | {"fixed": 1} for unit in units]
        bits = np.array([[each[name] for name in names] for each in counted], dtype=np.float64)
        costs = unit_costs(units, family, partial(print, f"  {family}:", end="\r", flush=True))
        luts = np.array([cost.luts for cost in costs], dtype=np.float64)
        told = [_error(np.array([unit_cost(unit, family).luts for unit in units]), luts)]
        if len(units) > 2:
            others = [np.arange(len(units)) != i for i in range(len(units))]
            left_out = np.array([own @ _prices(bits[some], luts[some]) for own, some in zip(bits, others, strict=True)])
            told.append(_error(left_out, luts))
        prices = ", ".join(f"{name} {price:.2f}" for name, price in zip(names, _prices(bits, luts), strict=True))
        print(f"{family}: {prices}, of {len(units)} layers; mean and worst error of the estimate and of layers left out: "
              f"{'; '.join(told)}; {luts.sum():,.0f} look-up tables in all", flush=True)  # fmt: skip


def _prices(bits: Any, luts: Any) -> Any:
    weight = 1 / (luts + LEAST)
    return nnls(bits * weight[:, None], luts * weight)[0]


def _error(guess: Any, luts: Any) -> str:
    errors = np.abs(guess - luts) / np.maximum(luts, LEAST)
    return f"{errors.mean():.1%}, {errors.max():.1%}"


def random_layer(rng: Rng) -> HardwiredUnit:
    """A small layer of any density, widths and activation."""
    bits, x = _of(rng, 2, 2, 2, 3, 4, 6), IntType(_of(rng, 1, 2, 2, 3, 4, 8), bool(rng.random() < 0.3))
    most = 400 // (bits * x.bits)
    rows = _of(rng, 4, 5, 8, 10, 16)
    columns = max(4, min(_of(rng, 4, 8, 12, 16, 24, 32), most // rows * 3))
    greatest = (1 << (bits - 1)) - 1
    weight = np.rint(rng.normal(0, greatest / 2 + 0.3, (rows, columns))).clip(-greatest, greatest).astype(np.int64)
    weight[rng.random(weight.shape) >= rng.choice([0.2, 0.35, 0.6, 1.0])] = 0
    nodes = [Node("dense0", Dense(weight, IntType(bits, True)), (INPUT,))]
    steps = (1 << _of(rng, 0, 1, 2, 2, 3)) - 1
    network = Network("unit", columns, x, tuple(nodes))
    if steps:
        nodes.append(Node("threshold0", threshold(rng, steps, *network.ranges["dense0"]), ("dense0",)))
        network = Network("unit", columns, x, tuple(nodes))
    (unit,) = units_of(network, Folding({"dense0": Fold(rows, columns, _of(rng, 1, 2, 2, 3, 3, 4))}))
    assert isinstance(unit, HardwiredUnit)
    return unit


def _of(rng: Rng, *choices: int) -> int:
    return int(rng.choice(choices))


def threshold(rng: Rng, steps: int, low: IntArray, high: IntArray) -> Threshold:
    """So many random levels of each row within the range of its sums."""
    middle, span = (low + high) / 2, np.maximum((high - low) * rng.choice([0.1, 0.25, 0.5]), 1)
    levels = np.rint(middle[:, None] + rng.normal(0, 1, (len(low), steps)) * span[:, None] / 2)
    descending = rng.random(len(low)) < float(rng.choice([0.0, 0.0, 0.3]))
    return Threshold(np.sort(levels, axis=1).astype(np.int64), descending, 0, IntType(steps.bit_length(), False))


if __name__ == "__main__":
    main()
