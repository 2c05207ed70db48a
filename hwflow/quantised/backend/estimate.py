"""What a unit and a folding would take of a part, modelled before synthesis: never reported as a measurement.

A unit's cost is what synthesis will see of it (`features`), by coefficients that were fitted to units synthesised alone
(`costs.json`, which `make calibrate` writes with the error on units that were not fitted on).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from hwflow.quantised.backend.argmax_cost import argmax_cost
from hwflow.quantised.backend.argmax_unit import ArgMaxUnit
from hwflow.quantised.backend.counts import mapping_of
from hwflow.quantised.backend.features import features_of
from hwflow.quantised.backend.folding import Fold
from hwflow.quantised.backend.hardwired_tables import PRICES, count_hardwired
from hwflow.quantised.backend.joins import AddUnit, ConcatUnit
from hwflow.quantised.backend.lookups import TableSumUnit, TableUnit, table_style
from hwflow.quantised.backend.memories import BLOCK_RAM, in_block_ram, large_rams, weight_blocks, written_blocks
from hwflow.quantised.backend.memory import gain_bits, gain_words
from hwflow.quantised.backend.nodes_unit import FoldedUnit
from hwflow.quantised.backend.schedule import rough_streams
from hwflow.quantised.backend.slice_unit import SliceUnit
from hwflow.quantised.backend.streams import LEAST_DEPTH, SPACED_DEPTH, Link, Stream
from hwflow.quantised.backend.token_units import ReduceUnit, TransposeUnit
from hwflow.quantised.backend.units import DenseUnit, HardwiredUnit, Unit, clog2
from hwflow.resources import Resources

# UART, link and the packing of vectors, as `benchmarks/whole.py --parts` finds them.
_SHELL = {"ice40": Resources(luts=1500, ffs=750, brams=5), "xilinx": Resources(luts=710, ffs=750, brams=2)}
_OTHER_SHELL = Resources(luts=1300, ffs=750, brams=3)
LOADER = Resources(luts=200, ffs=110, brams=1)  # what carries out READ and WRITE of memories that the host writes
_COSTS = Path(__file__).with_name("costs.json")
_LIKE = "ecp5"  # whose coefficients a family without its own takes, as the simulated board is
# Families with a part and without a fit, and by whose figures they are modelled.
BORROWED = {"gatemate": _LIKE, "nexus": _LIKE, "gw5a": "gowin"}


@dataclass(frozen=True)
class Coefficients:
    """Look-up tables and flip-flops for one of each feature, and how far the model was off on units it was not fitted on.

    units: how many these were; mean_error, worst_error: of their look-up tables, as a share of what synthesis counted.
    """

    luts: Mapping[str, float]
    ffs: Mapping[str, float]
    fitted_on: int
    units: int
    mean_error: float
    worst_error: float


@cache
def coefficients(family: str) -> Coefficients:
    """Of a family, or of the one that is taken in its place."""
    document = json.loads(_COSTS.read_bytes())["families"]
    return Coefficients(**document[_whose(family, document)])


def _whose(family: str, known: Mapping[str, object]) -> str:
    """The family whose figures are taken for one: its own where they are known."""
    return family if family in known else BORROWED.get(family, _LIKE)


def memory_bits(unit: Unit) -> int:
    """Bits of the unit's read-only memories."""
    match unit:
        case HardwiredUnit():
            return 0
        case DenseUnit():
            padded_rows = unit.folds * unit.fold.pe
            weights = 0 if unit.seed else padded_rows * unit.beats * unit.fold.simd * unit.weight_bits
            return weights + padded_rows * ((1 << unit.count_bits) - 1) * unit.sum.bits
        case AddUnit():
            gains = len(unit.branches) * gain_bits(unit) * gain_words(unit) * unit.lanes
            return gains + unit.folds * unit.lanes * ((1 << unit.count_bits) - 1) * unit.sum.bits
        case ConcatUnit() | SliceUnit() | TransposeUnit() | ReduceUnit():
            return 0
        case TableUnit():
            return unit.lanes * unit.depth * unit.y.bits
        case TableSumUnit():
            searched = unit.folds * unit.fold.pe * ((1 << unit.count_bits) - 1) * unit.sum.bits
            return unit.fold.simd * unit.depth * unit.fold.pe * unit.entry_bits + searched
        case ArgMaxUnit():
            return 0 if not unit.layer.offset.any() else unit.rows * (unit.x.bits + 8)


MeasuredAs = tuple[str, Fold | tuple[int, ...]]  # a unit's name, and its fold or else its lanes
Measured = Mapping[MeasuredAs, Resources]  # what units took alone


def measured_as(unit: Unit) -> MeasuredAs:
    """What tells a unit from others of its node."""
    if isinstance(unit, FoldedUnit):
        return unit.name, unit.fold
    return unit.name, (*unit.lanes_in, unit.lanes, isinstance(unit, ArgMaxUnit) and unit.at_once)


def estimate(units: Sequence[Unit], family: str, measured: Measured | None = None) -> Resources:
    """The sum over units, FIFOs and what adapts widths, and the shell around them; measured: of units that were."""
    parts = [shell(family)]
    if any(isinstance(unit, DenseUnit) and unit.written for unit in units):
        parts.append(LOADER)
    for stream in rough_streams(units):
        parts += [unit_cost(stream.writer, family, measured)] if stream.writer else []
        parts.append(behind(stream, family))
    return total(parts)


KINDS = ("luts", "ffs", "brams", "large_rams")


def total(parts: Sequence[Resources]) -> Resources:
    return Resources(*(sum(getattr(part, kind) for part in parts) for kind in KINDS))


def shell(family: str) -> Resources:
    """What is around the net on every board."""
    return _SHELL.get(family, _OTHER_SHELL)


def unit_cost(unit: Unit, family: str, measured: Measured | None = None) -> Resources:
    """The unit alone."""
    known = measured.get(measured_as(unit)) if measured else None
    if known is not None:
        return known
    match unit:
        case HardwiredUnit():
            return _hardwired(unit, family)
        case DenseUnit():
            counts, cost = vars(features_of(unit, family)), coefficients(family)
            luts, ffs = (
                round(sum(each * counts[feature] for feature, each in of.items())) for of in (cost.luts, cost.ffs)
            )
            alone = Resources(luts, ffs, weight_blocks(unit, family), large_rams(unit))
            return total([alone, *_loading(unit), *_generating(unit)])
        case AddUnit():
            return _add(unit)
        case ConcatUnit():
            return Resources(luts=unit.lanes * unit.y.bits * (not unit.whole) + 10, ffs=16, brams=0)
        case SliceUnit():  # a counter of beats, and what tells which of them pass
            bits = clog2(unit.beats)
            return Resources(3 * bits + 4 * (bits > 0), bits, 0)
        case TransposeUnit():
            return _transpose(unit, family)
        case ReduceUnit():
            return _reduce(unit, family)
        case ArgMaxUnit():
            return argmax_cost(unit, family)
        case TableUnit():
            luts, brams = _tables(unit.depth, unit.y.bits, family)
            return Resources(luts=unit.lanes * luts + 10, ffs=unit.lanes * unit.y.bits + 10, brams=unit.lanes * brams)
        case TableSumUnit():
            return _table_sum(unit, family)


def is_fitted(unit: Unit) -> bool:
    """Whether `make calibrate` fits the cost of such units; that of others is plain arithmetic."""
    return isinstance(unit, DenseUnit | ArgMaxUnit) and not isinstance(unit, HardwiredUnit)


def _loading(unit: DenseUnit) -> list[Resources]:
    """What writes and reads back the unit's memories, for each of them: a choice of its address, and what it tells."""
    memories = [(unit.slots, unit.fold.pe * unit.fold.simd * unit.weight_bits)] if unit.written else []
    if unit.fold.loaded:
        stages = [(unit.folds << stage, unit.sum.bits) for stage in range(unit.count_bits)]
        memories += stages * unit.fold.pe
    return [
        Resources(12 + clog2(depth) + width // 2 + 8 * (width > 16), 1 + width // 16, 0) for depth, width in memories
    ]


def _generating(unit: DenseUnit) -> list[Resources]:
    """What makes weights of a seed: two windows of their sequence, and the one that the slot reads."""
    span = unit.fold.pe + unit.fold.simd - 1
    return [Resources(2 * max(span, 31), 2 * max(span, 31) + span, 0)] if unit.seed else []


def behind(stream: Stream, family: str) -> Resources:
    """The FIFOs behind a unit, or at the net's input, and what packs beats before them and unpacks them behind."""
    forks = [_fifo(stream.lanes * stream.kind.bits, LEAST_DEPTH, family)] if stream.forks else []
    return total([*forks, *(link_cost(link, stream, family) for link in stream.links)])


def link_cost(link: Link, stream: Stream, family: str) -> Resources:
    """The FIFO of a link, and what packs beats before it and unpacks them behind."""
    bits, wide = link.kind.bits, link.lanes * link.kind.bits
    parts = [_fifo(wide, link.depth, family)]
    if link.resize and link.resize.packs:
        parts.append(_pack(wide, stream.lanes * bits, family))
    if link.resize and link.resize.unpacks:
        parts.append(_unpack(wide, link.read_lanes * bits, family))
    return total(parts)


def _fifo(width: int, depth: int, family: str) -> Resources:
    """Two words in registers, the first behind a choice, or one alone; deeper ones with a memory and a third register."""
    if not depth:
        return Resources(0, 0, 0)
    if depth == SPACED_DEPTH:
        return Resources(2 + width * (family == "ice40"), width + 1, 0)
    cells = 2 * width + 6 if family == "ice40" else width + 6
    if depth == LEAST_DEPTH:
        return Resources(cells, 2 * width + 2, 0)
    words = depth - 2
    blocks = written_blocks(words, width, family)
    tables = 0 if blocks else width * (words if in_block_ram(family) else -(-words // 16))
    return Resources(cells + width + tables + 20, 3 * width + 14, blocks)


def _pack(wide: int, narrow: int, family: str) -> Resources:
    """Narrow beats gathered in a wide register; one waits before it."""
    alone = wide - narrow + narrow if family == "ice40" else 0
    return Resources(narrow + wide // max(narrow, 1) + alone + 14, wide + narrow + 10, 0)


def _unpack(wide: int, narrow: int, family: str) -> Resources:
    """A wide beat shifted out; one narrow beat waits."""
    alone = narrow if family == "ice40" else 0
    return Resources(wide + narrow + alone + 14, wide + narrow + 10, 0)


def _hardwired(unit: HardwiredUnit, family: str) -> Resources:
    """Carry chains, and tables of the rest."""
    wired = unit.wired
    like = _whose(family, PRICES)
    return Resources(PRICES[like].of(count_hardwired(wired, mapping_of(like))), wired.registers + wired.stages, 0)


def _add(unit: AddUnit) -> Resources:
    branches, width = len(unit.branches), unit.sum.bits
    products = (branches - 1) * unit.x.bits * width if unit.multiplies else branches * unit.x.bits * gain_bits(unit)
    search = sum(width + (unit.folds << stage) * width // 24 for stage in range(unit.count_bits))
    lane_ffs = branches * (unit.x.bits + width * unit.weighted) + width * (1 + unit.count_bits)
    return Resources(
        luts=unit.lanes * (products + (branches - 1) * width + search) + 20, ffs=unit.lanes * lane_ffs + 20, brams=0
    )


def _transpose(unit: TransposeUnit, family: str) -> Resources:
    """Two matrices in banks, and the counters of their addresses; a word's element is chosen for each lane."""
    banks, depth, width = unit.memory
    blocks = banks * written_blocks(depth, width, family)
    bits = banks * width
    tables = 0 if blocks else bits * (depth if in_block_ram(family) else -(-depth // 16))
    return Resources(tables + unit.width * banks * banks // 2 + 10 * clog2(depth) + 20, bits + 60, blocks)


def _reduce(unit: ReduceUnit, family: str) -> Resources:
    """A sum or a comparison for each lane, and what the elements so far come to."""
    bits = unit.lanes * unit.sum.bits
    kept = bits * unit.beats if unit.beats == 1 or in_block_ram(family) else 0
    tables = bits * (unit.beats // 2 if in_block_ram(family) else -(-unit.beats // 16)) * (unit.beats > 1)
    return Resources(2 * bits + tables + 20, bits + kept + 20, 0)


def _tables(depth: int, width: int, family: str) -> tuple[int, int]:
    """Look-up tables, or block RAMs, of a memory that is only read."""
    forced = in_block_ram(family)
    if table_style(depth, forced) == "block":
        return 0, BLOCK_RAM[family].blocks(depth, width)
    return width * -(-depth // (16 if family != "xilinx" else 64)), 0


def _table_sum(unit: TableSumUnit, family: str) -> Resources:
    """A look-up table for each output bit of a table (of up to six inputs), and one for each bit added."""
    pe, simd, width = unit.fold.pe, unit.fold.simd, unit.sum.bits
    luts, brams = _tables(unit.depth, pe * unit.entry_bits, family)
    levels = range(1, (simd - 1).bit_length() + 1)
    added = pe * sum((unit.entry_bits + level) * (-(-simd // (1 << (level - 1))) // 2) for level in levels)
    added += pe * width * (unit.beats > 1)
    search = pe * sum(width + (unit.folds << stage) * width // 24 for stage in range(unit.count_bits))
    kept = written_blocks(unit.beats, simd * unit.x.bits, family) if unit.folds > 1 else 0
    ffs = simd * (unit.x.bits + pe * unit.entry_bits) + added + pe * width * (unit.beats > 1)
    return Resources(simd * luts + added + search + 20, ffs + 20, simd * brams + kept)
