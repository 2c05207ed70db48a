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
        """How many make a memory: the fewest of any of its shapes, side by side and one behind another."""
        shapes = [self.width >> halvings for halvings in range(self.width.bit_length())]
        return min(-(-width // shape) * -(-depth // (self.bits // shape)) for shape in shapes)


BLOCK_RAM = {
    "ice40": BlockRam(4096, 16),
    "ecp5": BlockRam(18432, 36),
    "gowin": BlockRam(18432, 36),
    "gw5a": BlockRam(18432, 36),
    "gatemate": BlockRam(20480, 40),
    "nexus": BlockRam(18432, 36),
    "xilinx": BlockRam(36864, 72),
    "sim": BlockRam(36864, 72),
}
_WITHOUT_TABLE_MEMORY = frozenset({"ice40", "gatemate"})  # look-up tables that cannot be memory
# Of a memory with clocked reads that Yosys puts into block RAM, for each block of it.
_LEAST_BITS = {"ice40": 64, "gatemate": 128}
_LEAST_BITS_OF_TABLES = 2048  # where look-up tables can be memory too
# The same of a memory that is only read, which tables hold as logic: found by synthesis of such memories of many shapes.
_LEAST_CONSTANT_BITS = {
    "ice40": 1024,
    "ecp5": 2048,
    "gowin": 2048,
    "gw5a": 2048,
    "gatemate": 1024,
    "nexus": 2048,
    "xilinx": 8192,
    "sim": 8192,
}
_HALF = BlockRam(18432, 36)  # of a block RAM, a memory of its own if need be
_HALVES = {"xilinx": _HALF, "sim": _HALF}


def in_block_ram(family: str) -> bool:
    """Whether deep memories are asked to lie in block RAM (`ram_style`), since nothing else but flip-flops would hold them."""
    return family in _WITHOUT_TABLE_MEMORY


LARGE_DEPTH, LARGE_WIDTH = 16384, 16  # of a large RAM


def weight_blocks(unit: DenseUnit, family: str) -> int:
    """Block RAMs of the weights, of the kept inputs and of the levels of thresholds."""
    weights = 0  # where they are generated, or in large RAMs
    if unit.read_only:
        weights = constant_weight_blocks(unit, family)
    elif unit.written and not unit.fold.large:
        weights = _lanes_blocks(unit.slots, unit.fold.pe * unit.fold.simd * unit.weight_bits, family)
    return weights + kept_blocks(unit, family) + unit.fold.pe * _level_blocks(unit, family)


def constant_weight_blocks(unit: DenseUnit, family: str) -> int:
    """Block RAMs of weights that are constants; where tables are no memory all that are deep are asked to lie there (`ram_style`)."""
    width = unit.fold.pe * unit.fold.simd * unit.weight_bits
    if in_block_ram(family) and unit.slots > SHALLOW:
        return BLOCK_RAM[family].blocks(unit.slots, width)
    return constant_blocks(unit.slots, width, family)


def constant_blocks(depth: int, width: int, family: str) -> int:
    """Block RAMs of a memory that is only read, where synthesis is left to choose; 0 where that takes look-up tables."""
    block = _HALVES.get(family, BLOCK_RAM[family])
    blocks = block.blocks(depth, width)
    if depth <= SHALLOW or depth * width <= _LEAST_CONSTANT_BITS[family] * blocks:
        return 0
    return -(-blocks * block.bits // BLOCK_RAM[family].bits)


def large_rams(unit: DenseUnit) -> int:
    """Large RAMs of the weights."""
    width = unit.fold.pe * unit.fold.simd * unit.weight_bits
    return -(-width // LARGE_WIDTH) * -(-unit.slots // LARGE_DEPTH) if unit.fold.large else 0


def _lanes_blocks(depth: int, width: int, family: str) -> int:
    """Block RAMs of a memory that the host writes, whose lanes are apart (`hwf_memory`)."""
    return sum(written_blocks(depth, min(LARGE_WIDTH, width - at), family) for at in range(0, width, LARGE_WIDTH))


def _level_blocks(unit: DenseUnit, family: str) -> int:
    if unit.fold.loaded:
        widths = [unit.sum.bits + (stage == 0) for stage in range(unit.count_bits)]
        return sum(_lanes_blocks(unit.folds << stage, width, family) for stage, width in enumerate(widths))
    return sum(constant_blocks(unit.folds << stage, unit.sum.bits, family) for stage in range(unit.count_bits))


def kept_blocks(unit: DenseUnit, family: str) -> int:
    """Block RAMs of the inputs that a unit keeps for its other passes; 0 where registers or tables keep them."""
    if unit.folds == 1:
        return 0
    width = unit.fold.simd * unit.x.bits
    blocks = written_blocks(unit.beats, width, family)
    if unit.beats <= SHALLOW and unit.beats * width <= (_LEAST_BITS.get(family, 0) * blocks + 3 * width // 2):
        return 0  # a word that is read while it is written is that from before, which takes registers beside a block
    return blocks


def written_blocks(depth: int, width: int, family: str) -> int:
    """Block RAMs of a memory that is written; 0 where it is registers or tables."""
    if depth <= 1:
        return 0
    blocks = BLOCK_RAM[family].blocks(depth, width)
    forced = in_block_ram(family) and depth > SHALLOW
    return blocks if forced or depth * width > _LEAST_BITS.get(family, _LEAST_BITS_OF_TABLES) * blocks else 0
