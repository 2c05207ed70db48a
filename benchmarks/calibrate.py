"""`make calibrate`: fits the model of cost to units that Yosys synthesises alone, and tells its error on others.

python benchmarks/calibrate.py [--units 84] [--most-products 200] [--families ecp5,ice40,xilinx]

Draws random units (corpus.py), synthesises each for each family (cached, in parallel), fits the look-up tables and the
flip-flops by least squares of the relative error without negative coefficients, and writes
hwflow/quantised/backend/costs.json. Every third unit is not fitted on; by these the error is told.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from corpus import random_units
from scipy.optimize import nnls

from hwflow.board import Family
from hwflow.quantised.backend.features import Features, features_of
from hwflow.quantised.backend.units import DenseUnit
from hwflow.quantised.tool.unit_cost import unit_costs
from hwflow.resources import Resources
from hwflow.versions import tools

COSTS = Path(__file__).parent.parent / "hwflow/quantised/backend/costs.json"
LEAST = 40  # look-up tables up to which an error counts as one of so many
SEED = 1
LUTS = [name for name in asdict(Features()) if name not in ("registers", "alone")]
# A logic cell holds a flip-flop too: one behind a register takes a cell of its own.
LUTS_OF = {"ice40": [*LUTS, "alone"]}
# What need not be fitted: a table of six inputs holds 64 words, and memories that are mapped apart are just these.
KNOWN_OF = {"xilinx": {"deep_roms": 1.0}}
FFS = ["fixed", "control", "registers", "alone"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=48)
    parser.add_argument("--most-products", type=int, default=200, help="a cycle; larger units are left out")
    parser.add_argument("--families", default="ecp5,ice40,xilinx")
    given = parser.parse_args()
    units = [unit for unit in random_units(given.units, SEED) if products(unit) <= given.most_products]
    document: dict[str, Any] = {
        "made_by": f"make calibrate: {len(units)} random units of seed {SEED}, every third held out, {tools('pyosys')}",
        "families": json.loads(COSTS.read_bytes())["families"],
    }
    for family in given.families.split(","):
        costs = unit_costs(units, family, partial(print, f"  {family}:", end="\r", flush=True))
        document["families"][family] = fitted = fit(units, costs, family)
        print(
            f"{family}: look-up tables of {fitted['units']} units held out: mean error {fitted['mean_error']:.1%}, "
            f"worst {fitted['worst_error']:.1%}"
        )
    COSTS.write_text(json.dumps(document, indent=1) + "\n")


def products(unit: DenseUnit) -> int:
    """Products a cycle; one by a wide weight counts for each of its bits."""
    return unit.fold.pe * unit.fold.simd * (unit.weight_bits if unit.weight_bits > 2 else 1)


def fit(units: Sequence[DenseUnit], costs: Sequence[Resources], family: Family) -> dict[str, Any]:
    """Coefficients of a family, as costs.json has them."""
    counts = [asdict(features_of(unit, family)) for unit in units]
    held = np.arange(len(units)) % 3 == 2
    luts = np.array([cost.luts for cost in costs], dtype=np.float64)
    ffs = np.array([cost.ffs for cost in costs], dtype=np.float64)
    known = KNOWN_OF.get(family, {})
    names = [name for name in LUTS_OF.get(family, LUTS) if name not in known]
    of_luts = _solve(counts, names, luts, ~held, known)
    of_ffs = _solve(counts, FFS, ffs, ~held, {})
    errors = np.abs(_model(counts, of_luts) - luts)[held] / np.maximum(luts[held], LEAST)
    return {
        "luts": of_luts,
        "ffs": of_ffs,
        "fitted_on": int((~held).sum()),
        "units": int(held.sum()),
        "mean_error": round(float(errors.mean()), 4),
        "worst_error": round(float(errors.max()), 4),
    }


def _solve(
    counts: Sequence[dict[str, float]], names: list[str], y: Any, fitted: Any, known: dict[str, float]
) -> dict[str, float]:
    """Coefficients of `names` by the units that are `fitted`, beside those that are known."""
    matrix = np.array([[count[name] for name in names] for count in counts])
    weight = 1 / (y[fitted] + LEAST)
    rest = (y - _model(counts, known))[fitted]
    found, _ = nnls(matrix[fitted] * weight[:, None], rest * weight, maxiter=100_000)
    return {name: round(float(each), 3) for name, each in zip(names, found, strict=True)} | known


def _model(counts: Sequence[dict[str, float]], of: dict[str, float]) -> Any:
    return np.array([sum(each * count[name] for name, each in of.items()) for count in counts])


if __name__ == "__main__":
    main()
