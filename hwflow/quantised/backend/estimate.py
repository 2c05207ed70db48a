"""What a folding would take, guessed before synthesis: good for choosing a folding, never reported as a measurement.

The counts follow the structure of `rtl/dense/` (one LUT for each bit of a product or a sum), with factors fitted once to
what Yosys gave for 2-bit nets on iCE40; they were within a third of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from hwflow.quantised.backend.joins import AddUnit, ConcatUnit
from hwflow.quantised.backend.memory import gain_bits, gain_words
from hwflow.quantised.backend.schedule import rough_streams
from hwflow.quantised.backend.streams import Link
from hwflow.quantised.backend.units import LEVELS, ArgMaxUnit, DenseUnit, Unit, clog2
from hwflow.quantised.backend.verilog import SHALLOW
from hwflow.resources import Resources

SHELL = Resources(luts=1100, ffs=900, brams=3)  # UART, link and the packing of vectors
_SMALL_BLOCKS = {"ice40": 2}  # more of them for the link, where they are small
_SEARCHED_IN_LUTS = 9  # stages of a threshold's search; the thresholds of finer ones go into block RAM
FACTOR = 1.15  # of what the structure says, for control and for what does not merge


@dataclass(frozen=True)
class BlockRam:
    """A family's block RAM: its bits, and the widest word it has a port for."""

    bits: int
    width: int

    def blocks(self, depth: int, width: int) -> int:
        """How many make a memory: side by side in their widest shape that is deep enough, else one behind another."""
        shape = self.width
        while shape > 1 and self.bits // shape < depth:
            shape //= 2
        return -(-width // shape) * -(-depth // (self.bits // shape))


BLOCK_RAM = {
    "ice40": BlockRam(4096, 16),
    "ecp5": BlockRam(18432, 36),
    "gowin": BlockRam(18432, 36),
    "xilinx": BlockRam(36864, 72),
    "sim": BlockRam(36864, 72),
}


def memory_bits(unit: Unit) -> int:
    """Bits of the unit's read-only memories."""
    match unit:
        case DenseUnit():
            padded_rows = unit.folds * unit.fold.pe
            weights = padded_rows * unit.beats * unit.fold.simd * unit.weight_bits
            return weights + padded_rows * ((1 << unit.count_bits) - 1) * unit.sum.bits
        case AddUnit():
            gains = len(unit.branches) * gain_bits(unit) * gain_words(unit) * unit.lanes
            return gains + unit.folds * unit.lanes * ((1 << unit.count_bits) - 1) * unit.sum.bits
        case ConcatUnit():
            return 0
        case ArgMaxUnit():
            return 0 if not unit.layer.offset.any() else unit.rows * (unit.x.bits + 8)


def estimate(units: Sequence[Unit], family: str) -> Resources:
    """The sum over units, FIFOs and what adapts widths, and the shell around them."""
    block = BLOCK_RAM[family]
    luts, ffs, brams = float(SHELL.luts), float(SHELL.ffs), SHELL.brams + _SMALL_BLOCKS.get(family, 0)
    for stream in rough_streams(units):
        if stream.writer is None and not stream.forks:
            continue  # the FIFO at the input of a chain is part of the shell's share
        own = _unit(stream.writer, block) if stream.writer else Resources(0, 0, 0)
        between = [_link(link, block) for link in stream.links]
        if stream.forks:
            between.append(_fifo(stream.lanes * stream.kind.bits))
        luts += FACTOR * (own.luts + sum(part.luts for part in between))
        ffs += FACTOR * (own.ffs + sum(part.ffs for part in between))
        brams += own.brams + sum(part.brams for part in between)
    return Resources(int(luts), int(ffs), brams)


def _fifo(width: int) -> Resources:
    return Resources(luts=width + 20, ffs=2 * width + 16, brams=0)


def _link(link: Link, block: BlockRam) -> Resources:
    """The FIFO of a link, and what packs and unpacks."""
    width = link.lanes * link.kind.bits
    own, wide = _fifo(width), width if link.resize else 0
    return Resources(own.luts + 2 * wide, own.ffs + wide, _ram(block, link.depth, width))


def _unit(unit: Unit, block: BlockRam) -> Resources:
    match unit:
        case DenseUnit():
            return _dense(unit, block)
        case AddUnit():
            return _add(unit)
        case ConcatUnit():
            return Resources(luts=unit.lanes * unit.y.bits * (not unit.whole) + 10, ffs=16, brams=0)
        case ArgMaxUnit():
            return _argmax(unit)


def _ram(block: BlockRam, depth: int, width: int) -> int:
    return block.blocks(depth, width) if depth > SHALLOW else 0


def _dense(unit: DenseUnit, block: BlockRam) -> Resources:
    pe, simd = unit.fold.pe, unit.fold.simd
    product = unit.x.bits + unit.weight_bits - unit.ternary
    per_product = product if unit.weight_bits <= 2 else unit.x.bits * unit.weight_bits
    tree = [(-(-simd >> level), product + level) for level in range(1, clog2(simd) + 1)]
    lane = simd * per_product + sum(nodes * bits for nodes, bits in tree) + unit.sum.bits * (unit.beats > 1)
    # A comparison for each stage of the search, and its memory of `folds` words for each path so far.
    stages = [unit.folds << stage for stage in range(unit.count_bits)]
    search = sum(unit.sum.bits + words * unit.sum.bits // 24 for words in stages[:_SEARCHED_IN_LUTS])
    search += sum(unit.sum.bits for _ in stages[_SEARCHED_IN_LUTS:])
    searched = sum(block.blocks(words, unit.sum.bits) for words in stages[_SEARCHED_IN_LUTS:])
    registers = simd * product + sum(nodes * bits for nodes, bits in tree[LEVELS - 1 :: LEVELS])
    lane_ffs = registers + unit.sum.bits * (1 + unit.count_bits)
    constant = unit.cycles == 1  # constant weights fold into the adders
    return Resources(
        luts=int(pe * (lane * (0.5 if constant else 1.0) + search)) + 40,
        ffs=int(pe * lane_ffs * (0.7 if constant else 1.0)) + simd * unit.x.bits + 40,
        brams=pe * searched
        + _ram(block, unit.cycles, pe * simd * unit.weight_bits)
        + (_ram(block, unit.beats, simd * unit.x.bits) if unit.folds > 1 else 0),
    )


def _add(unit: AddUnit) -> Resources:
    branches, width = len(unit.branches), unit.sum.bits
    products = (branches - 1) * unit.x.bits * width if unit.multiplies else branches * unit.x.bits * gain_bits(unit)
    search = sum(width + (unit.folds << stage) * width // 24 for stage in range(unit.count_bits))
    lane_ffs = branches * (unit.x.bits + width * unit.weighted) + width * (1 + unit.count_bits)
    return Resources(
        luts=unit.lanes * (products + (branches - 1) * width + search) + 20, ffs=unit.lanes * lane_ffs + 20, brams=0
    )


def _argmax(unit: ArgMaxUnit) -> Resources:
    width = unit.x.bits + 8
    return Resources(luts=3 * unit.pe * width + 30, ffs=2 * unit.pe * width + 30, brams=0)
