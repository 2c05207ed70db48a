"""Where synthesis puts a unit's memories: in block RAM, and in how many."""

from dataclasses import dataclass

from hwflow.quantised.backend.units import DenseUnit
from hwflow.quantised.backend.verilog import SHALLOW


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
_SEARCHED_IN_TABLES = 9  # stages of a threshold's search; the levels of later ones go into block RAM
_LEAST_BITS = {"ice40": 64}  # of a memory with clocked reads that Yosys puts into block RAM, for each block of it
_LEAST_BITS_OF_TABLES = 2048  # where look-up tables can be memory too


LARGE_DEPTH, LARGE_WIDTH = 16384, 16  # of a large RAM


def weight_blocks(unit: DenseUnit, family: str) -> int:
    """Block RAMs of the weights and of the kept inputs. Read-only ones are tables where the family has RAM of tables."""
    weights = 0
    if unit.fold.large:
        pass
    elif unit.written:
        weights = _lanes_blocks(unit.slots, unit.fold.pe * unit.fold.simd * unit.weight_bits, family)
    elif family == "ice40" and unit.slots > SHALLOW:
        weights = BLOCK_RAM[family].blocks(unit.slots, unit.fold.pe * unit.fold.simd * unit.weight_bits)
    return weights + kept_blocks(unit, family) + unit.fold.pe * _level_blocks(unit, family)


def large_rams(unit: DenseUnit) -> int:
    """Large RAMs of the weights."""
    width = unit.fold.pe * unit.fold.simd * unit.weight_bits
    return -(-width // LARGE_WIDTH) * -(-unit.slots // LARGE_DEPTH) if unit.fold.large else 0


def _lanes_blocks(depth: int, width: int, family: str) -> int:
    """Block RAMs of a memory that the host writes, whose lanes are apart (`hwf_memory`)."""
    return sum(written_blocks(depth, min(LARGE_WIDTH, width - at), family) for at in range(0, width, LARGE_WIDTH))


def searched_in_tables(stage: int) -> bool:
    """Whether the levels of that stage of a search are in look-up tables."""
    return stage < _SEARCHED_IN_TABLES


def _level_blocks(unit: DenseUnit, family: str) -> int:
    if unit.fold.loaded:
        widths = [unit.sum.bits + (stage == 0) for stage in range(unit.count_bits)]
        return sum(_lanes_blocks(unit.folds << stage, width, family) for stage, width in enumerate(widths))
    later = [stage for stage in range(unit.count_bits) if not searched_in_tables(stage)]
    return sum(BLOCK_RAM[family].blocks(unit.folds << stage, unit.sum.bits) for stage in later)


def kept_blocks(unit: DenseUnit, family: str) -> int:
    """Block RAMs of the inputs that a unit keeps for its other passes; 0 where registers or tables keep them."""
    return written_blocks(unit.beats, unit.fold.simd * unit.x.bits, family) if unit.folds > 1 else 0


def written_blocks(depth: int, width: int, family: str) -> int:
    """Block RAMs of a memory that is written; 0 where it is registers or tables."""
    if depth <= 1:
        return 0
    blocks = BLOCK_RAM[family].blocks(depth, width)
    forced = family == "ice40" and depth > SHALLOW
    return blocks if forced or depth * width > _LEAST_BITS.get(family, _LEAST_BITS_OF_TABLES) * blocks else 0
