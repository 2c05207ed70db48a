"""What a folding would take, guessed before synthesis: good for choosing a folding, never reported as a measurement.

The counts follow the structure of `rtl/dense/` (one LUT for each bit of a product or a sum), with factors fitted once to
what Yosys gave for 2-bit nets on iCE40 and ECP5; they were within a third of it.
"""

from collections.abc import Sequence

from hwflow.backend.design import Resources
from hwflow.backend.schedule import fifo_depth, resize_between
from hwflow.backend.units import LEVELS, ArgMaxUnit, DenseUnit, Unit, clog2
from hwflow.backend.verilog import SHALLOW

SHELL = Resources(luts=1100, ffs=900, bram_bits=16384)  # UART, link and the packing of vectors


def memory_bits(unit: Unit) -> int:
    """Bits of the unit's read-only memories."""
    match unit:
        case DenseUnit():
            padded_rows = unit.folds * unit.fold.pe
            weights = padded_rows * unit.beats * unit.fold.simd * unit.weight_bits
            return weights + padded_rows * ((1 << unit.count_bits) - 1) * unit.sum.bits
        case ArgMaxUnit():
            return 0 if not unit.layer.offset.any() else unit.rows * (unit.x.bits + 8)


def estimate(units: Sequence[Unit]) -> Resources:
    """The sum over units, FIFOs and what adapts widths, and the shell around them."""
    luts, ffs, bram = SHELL.luts, SHELL.ffs, SHELL.bram_bits
    for unit, reader in zip(units, [*units[1:], None], strict=True):
        own = _dense(unit) if isinstance(unit, DenseUnit) else _argmax(unit)
        resize = resize_between(unit, reader) if reader else None
        width = (unit.fold.pe if isinstance(unit, DenseUnit) else 1) * unit.y.bits
        depth = fifo_depth(unit, resize is not None, reader)
        wide = resize.wide * unit.y.bits if resize else 0
        luts += own.luts + width + 20 + 2 * wide
        ffs += own.ffs + 2 * width + 16 + wide
        bram += own.bram_bits + (depth * width if depth > 2 else 0)
    return Resources(luts, ffs, bram)


def _dense(unit: DenseUnit) -> Resources:
    pe, simd = unit.fold.pe, unit.fold.simd
    slots = unit.cycles
    product = unit.x.bits + unit.weight_bits - unit.narrow
    per_product = product if unit.weight_bits <= 2 else unit.x.bits * unit.weight_bits
    tree = [(-(-simd >> level), product + level) for level in range(1, clog2(simd) + 1)]
    lane = simd * per_product + sum(nodes * bits for nodes, bits in tree)
    lane += unit.sum.bits * (unit.beats > 1)
    thresholds = sum(
        unit.sum.bits + (min(unit.folds << stage, 1 << 14) * unit.sum.bits // 24) for stage in range(unit.count_bits)
    )
    registers = simd * product + sum(nodes * bits for nodes, bits in tree[LEVELS - 1 :: LEVELS])
    lane_ffs = registers + unit.sum.bits * (1 + unit.count_bits)
    constant = 0.5 if slots == 1 else 1.2
    weights_in_ram = pe * simd * unit.weight_bits * slots if slots > SHALLOW else 0
    kept = unit.beats * simd * unit.x.bits if unit.folds > 1 else 0
    return Resources(
        luts=int(pe * (lane * constant + thresholds)) + 40,
        ffs=int(pe * lane_ffs * (0.7 if slots == 1 else 1.0)) + simd * unit.x.bits + 40,
        bram_bits=weights_in_ram + kept,
    )


def _argmax(unit: ArgMaxUnit) -> Resources:
    width = unit.x.bits + 8
    return Resources(luts=3 * unit.pe * width + 30, ffs=2 * unit.pe * width + 30, bram_bits=0)
