"""`make calibrate`: fits the model of cost to units that Yosys synthesises alone, and tells its error on others.

python benchmarks/calibrate.py [--units 200] [--most-products 200] [--families ecp5,ice40,xilinx,gowin] [--worst]

Draws random units (corpus.py), synthesises each for each family (cached, in parallel), fits the look-up tables and the
flip-flops by least squares of the relative error without negative coefficients, and writes
hwflow/quantised/backend/costs.json. Every third unit is not fitted on; by these the error is told. Where the units do not
tell a coefficient, it is what one thing is expected to take; how strongly they are drawn there, is chosen by
cross-validation among the units that are fitted on, whose error is told too. `--worst` names the units it is greatest for.
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
from hwflow.quantised.backend.counts import Features
from hwflow.quantised.backend.features import features_of
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
KNOWN_OF = {"xilinx": {"deep_roms": 1.0, "deep_levels": 1.0}}
# Look-up tables that one of each is expected to take.
EXPECTED = {
    "fixed": 3.0,
    "control": 2.0,
    "negations": 1.0,
    "turned": 0.5,
    "products": 1.0,
    "partials": 1.0,
    "constants": 0.8,
    "chained": 1.0,
    "narrow": 1.3,
    "merged": 1.4,
    "accumulators": 2.0,
    "narrow_accumulators": 3.0,
    "compared": 1.0,
    "varying": 0.1,
    "comparisons": 2.5,
    "tables": 1.0,
    "addresses": 1.0,
    "roms": 1.2,
    "levels": 0.8,
    "deep_roms": 1.7,
    "deep_levels": 1.7,
    "buffer": 1.0,
    "choices": 1.3,
    "flips": 1.0,
    "cones": 1.0,
    "wide": 1.0,
    "alone": 0.7,
}
STRENGTHS = (0.1, 0.2, 0.5, 1.0, 1.5, 2.0)  # of the draw to what is expected
PARTS = 5  # of a cross-validation
FFS = ["fixed", "control", "registers", "alone"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=200)
    parser.add_argument("--most-products", type=int, default=200, help="a cycle; larger units are left out")
    parser.add_argument("--families", default="ecp5,ice40,xilinx,gowin")
    parser.add_argument("--worst", action="store_true", help="name the units that are farthest off")
    given = parser.parse_args()
    units = [unit for unit in random_units(given.units, SEED) if products(unit) <= given.most_products]
    document: dict[str, Any] = {
        "made_by": f"benchmarks/calibrate.py: random units of seed {SEED}, every third held out, {tools('pyosys')}",
        "families": json.loads(COSTS.read_bytes())["families"],
    }
    for family in given.families.split(","):
        costs = unit_costs(units, family, partial(print, f"  {family}:", end="\r", flush=True))
        fitted, errors = fit(units, costs, family)
        document["families"][family] = fitted
        print(
            f"{family}: look-up tables of {fitted['units']} units held out: mean error {fitted['mean_error']:.1%}, "
            f"worst {fitted['worst_error']:.1%}; of {fitted['fitted_on']} fitted on: {np.abs(errors).mean():.1%} and "
            f"{np.abs(errors).max():.1%} by cross-validation"
        )
        if given.worst:
            taken = [(unit, cost) for at, (unit, cost) in enumerate(zip(units, costs, strict=True)) if at % 3 < 2]
            for at in np.argsort(-np.abs(errors))[:10]:
                print(f"  {errors[at]:+.0%} of {taken[at][1].luts}: {told(taken[at][0])}")
    COSTS.write_text(json.dumps(document, indent=1) + "\n")


def products(unit: DenseUnit) -> int:
    """Products a cycle; one by a wide weight counts for each of its bits."""
    return unit.fold.pe * unit.fold.simd * (unit.weight_bits if unit.weight_bits > 2 else 1)


def told(unit: DenseUnit) -> str:
    """What a unit is."""
    return (
        f"{unit.rows} x {unit.columns} at PE {unit.fold.pe}, SIMD {unit.fold.simd}: weights of {unit.weight_bits} bits, "
        f"{np.mean(unit.matrix.weight != 0):.0%} not 0, inputs {unit.x}, {unit.steps} steps"
    )


def fit(units: Sequence[DenseUnit], costs: Sequence[Resources], family: Family) -> tuple[dict[str, Any], Any]:
    """Coefficients of a family, as costs.json has them; and the errors by cross-validation of those fitted on."""
    counts = [asdict(features_of(unit, family)) for unit in units]
    held = np.arange(len(units)) % 3 == 2
    luts = np.array([cost.luts for cost in costs], dtype=np.float64)
    ffs = np.array([cost.ffs for cost in costs], dtype=np.float64)
    known = KNOWN_OF.get(family, {})
    names = [name for name in LUTS_OF.get(family, LUTS) if name not in known]
    fitted = [count for count, out in zip(counts, held, strict=True) if not out]
    errors = {strength: _validated(fitted, names, luts[~held], known, strength) for strength in STRENGTHS}
    strength = min(STRENGTHS, key=lambda each: float(np.abs(errors[each]).mean()))
    of_luts = _solve(fitted, names, luts[~held], known, strength)
    of_ffs = _solve(fitted, FFS, ffs[~held], {}, 0.0)
    off = np.abs(_errors(counts, of_luts, luts))[held]
    return {
        "luts": of_luts,
        "ffs": of_ffs,
        "fitted_on": int((~held).sum()),
        "units": int(held.sum()),
        "mean_error": round(float(off.mean()), 4),
        "worst_error": round(float(off.max()), 4),
    }, errors[strength]


def _errors(counts: Sequence[dict[str, float]], of: dict[str, float], luts: Any) -> Any:
    return (_model(counts, of) - luts) / np.maximum(luts, LEAST)


def _validated(
    counts: Sequence[dict[str, float]], names: list[str], y: Any, known: dict[str, float], strength: float
) -> Any:
    """The error on each unit by coefficients that were not fitted on it."""
    part = np.random.default_rng(SEED).permutation(len(counts)) % PARTS
    errors = np.zeros(len(counts))
    for out in (part == at for at in range(PARTS)):
        of = _solve(
            [count for count, is_out in zip(counts, out, strict=True) if not is_out], names, y[~out], known, strength
        )
        errors[out] = _errors([count for count, is_out in zip(counts, out, strict=True) if is_out], of, y[out])
    return errors


def _solve(
    counts: Sequence[dict[str, float]], names: list[str], y: Any, known: dict[str, float], strength: float
) -> dict[str, float]:
    """Coefficients of `names`, beside those that are known; strength: by which they are drawn to what is expected."""
    weight = 1 / np.maximum(y, LEAST)
    matrix = np.array([[count[name] for name in names] for count in counts]) * weight[:, None]
    draw = np.diag(strength * np.sqrt((matrix**2).sum(axis=0)) + (strength > 0) * 1e-6)
    expected = np.array([EXPECTED.get(name, 0.0) for name in names])
    rest = np.concatenate([(y - _model(counts, known)) * weight, draw @ expected])
    found, _ = nnls(np.concatenate([matrix, draw]), rest, maxiter=100_000)
    return {name: round(float(each), 3) for name, each in zip(names, found, strict=True)} | known


def _model(counts: Sequence[dict[str, float]], of: dict[str, float]) -> Any:
    return np.array([sum(each * count[name] for name, each in of.items()) for count in counts])


if __name__ == "__main__":
    main()
