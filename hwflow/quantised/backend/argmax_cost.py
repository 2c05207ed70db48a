"""What the unit of a class would take, by plain arithmetic: prices of units that were synthesised alone."""

from hwflow.ints import IntType
from hwflow.quantised.backend.argmax_unit import ArgMaxUnit
from hwflow.quantised.backend.memory import argmax_bits
from hwflow.resources import Resources

# Look-up tables for a bit of a comparison of two elements side by side, and for one of those that come one after another,
# which are kept and chosen from too.
_PRICES = {"ice40": (1.25, 6.0), "xilinx": (0.65, 1.5)}
_USUAL = (1.0, 4.0)


def argmax_cost(unit: ArgMaxUnit, family: str) -> Resources:
    """Elements are compared; before that they are multiplied by their channel's gain, to which its offset is added, if it has
    any."""
    plain = not unit.loaded and bool((unit.layer.gain == 1).all()) and not unit.layer.offset.any()
    of_pair, of_lane = _PRICES.get(family, _USUAL)
    bits = unit.x.bits if plain else _score_bits(unit)
    if unit.at_once:
        pairs = unit.rows * (unit.rows - 1) // 2
        scores = 0 if plain else 3 * unit.rows * bits
        return Resources(round(pairs * bits * of_pair) + scores + 3 * unit.rows, unit.y.bits + 1, 0)
    gain_bits = 0 if plain else argmax_bits(unit, unit.layer.gain)
    scores = 0 if plain else unit.pe * (3 * unit.x.bits * gain_bits + bits)
    return Resources(round(unit.pe * bits * of_lane) + scores + 20, 2 * unit.pe * bits + 15, 0)


def _score_bits(unit: ArgMaxUnit) -> int:
    """Bits of gain * x + offset."""
    ends = [unit.layer.gain * end + unit.layer.offset for end in (unit.x.min, unit.x.max)]
    return IntType.holding(min(int(end.min()) for end in ends), max(int(end.max()) for end in ends)).bits
