"""What a spiking core would take, guessed before synthesis: for choosing it, never reported as a measurement."""

from collections.abc import Mapping
from dataclasses import dataclass

from hwflow.backend.design import Resources
from hwflow.board import Board
from hwflow.spiking import Core

_LEAST_LOG = 58  # spikes of a reply to STREAM
_DEVICE_BRAMS = 4  # of link and device, beside the log
_FACTORS = {"ice40": (1.0, 1.0), "ecp5": (1.5, 0.97), "gowin": (1.5, 0.97), "xilinx": (0.67, 0.82), "sim": (1.0, 1.0)}
_SMALL = {"ice40": 128, "ecp5": 512, "gowin": 512, "xilinx": 2048, "sim": 2048}  # bits of a memory outside block RAM
_IN_BLOCK_RAM = ("leak, decay", "bias, threshold", "reset, refractory")  # however small
_NARROW = {2: 2048, 4: 1024, 8: 512, 16: 256}  # iCE40: words of a block RAM by their width
_WIDE = {1: 16384, 2: 8192, 4: 4096, 9: 2048, 18: 1024, 36: 512}  # the others, and half a block of Xilinx


def log_words(core: Core) -> int:
    """Spikes that can wait for the host: a power of two, room for a tick and a reply (hwf_spike_log)."""
    return 1 << (core.neurons + _LEAST_LOG - 1).bit_length()


def memories(core: Core) -> dict[str, tuple[int, int, int]]:
    """The memories of core and device by name: how many, words of each, bits of a word; as in rtl/spiking/."""
    lanes, words, columns = core.lanes, core.neurons // core.lanes, core.sources // core.lanes
    state, source_bits = core.state_bits, core.sources.bit_length()
    found = {
        "weights": (lanes, core.sources * words, core.weight_bits),
        "sums": (lanes, words, core.weight_bits + source_bits),
        "fired": (2, words, lanes),
        "list of fired": (1, words, lanes + (words - 1).bit_length()),
        "set of axons": (1, core.axons // lanes, lanes),
        "list of axons": (1, core.axons, core.axons.bit_length()),
        "log": (1, log_words(core), 20 + (core.neurons - 1).bit_length()),
    }
    fields = {"membrane": state, "current": state, "refractory left": 8, "subtract": 1}
    fields |= {"leak, decay": 32, "bias, threshold": 2 * state, "reset, refractory": state + 8}
    if core.adaptation:
        fields["adaptation"] = state - 1
    if core.learning:
        fields["y"] = core.trace_bits
        found["x"] = (lanes, columns, core.trace_bits)
    if core.synapse_mask:
        found["plastic"] = (lanes, core.sources * words, 1)
    return found | {name: (lanes, words, bits) for name, bits in fields.items()}


def memory_bits(core: Core) -> int:
    """Bits of all memories."""
    return sum(count * words * bits for count, words, bits in memories(core).values())


@dataclass(frozen=True)
class Need:
    """resources: of the family's own kinds; dsps: multipliers; large_rams: beside block RAM, on parts that have such."""

    resources: Resources
    dsps: int
    large_rams: int


def estimate_core(core: Core, board: Board) -> Need:
    """Shell, device and core. On a part with large RAMs the weights lie in those, and take no block RAM.

    The counts are linear in lanes and features, fitted once to what Yosys gave, for 16-bit states, on iCE40 (within 5 %) and,
    by a factor, on Xilinx and ECP5.
    """
    lane = 700 + 60 * core.adaptation + 270 * core.learning + 60 * core.synapse_mask + 20 * core.normalisation
    lane_ffs = 250 + 90 * core.adaptation + 200 * core.learning
    luts = 2500 + 250 * core.counters + 150 * core.normalisation + 100 * core.synapse_mask
    ffs = 1250 + 130 * core.counters + 90 * core.normalisation
    width = core.state_bits / 16
    luts_all, ffs_all = luts + core.lanes * lane * width, ffs + core.lanes * lane_ffs * width
    lut_factor, ff_factor = _FACTORS[board.family]
    brams, large = _rams(core, board)
    return Need(
        Resources(int(luts_all * lut_factor), int(ffs_all * ff_factor), brams),
        dsps=1 + core.lanes * (3 + core.adaptation + 3 * core.learning),
        large_rams=large,
    )


def _rams(core: Core, board: Board) -> tuple[int, int]:
    """Block RAMs and large RAMs. What is small lies in look-up tables or flip-flops."""
    limits, halves = board.resources, board.family in ("xilinx", "sim")  # two of which are counted as one
    shapes = _NARROW if board.family == "ice40" else _WIDE
    brams, large = _DEVICE_BRAMS, 0
    for name, (count, words, bits) in memories(core).items():
        if name == "weights" and limits and limits.large_rams:
            large = count * -(-words * 8 // limits.large_ram_bits)
        elif words * bits > _SMALL[board.family] or name in _IN_BLOCK_RAM:
            brams += count * _blocks(shapes, words, bits)
    return -(-brams // 2) if halves else brams, large


def _blocks(shapes: Mapping[int, int], words: int, bits: int) -> int:
    """Block RAMs of a memory, in the shape that takes fewest."""
    return min(-(-bits // width) * -(-words // depth) for width, depth in shapes.items())


def overflow(need: Need, board: Board) -> tuple[str, ...]:
    """What of it the board has not, each as a phrase; none if it fits, or if the board has no limits."""
    limits = board.resources
    if limits is None:
        return ()
    pairs = (
        ("LUTs", need.resources.luts, limits.luts),
        ("flip-flops", need.resources.ffs, limits.ffs),
        ("block RAMs", need.resources.brams, limits.brams),
        ("multipliers", need.dsps, limits.dsps),
        ("large RAMs", need.large_rams, limits.large_rams),
    )
    return tuple(f"{needed:,} {what} of {there:,}" for what, needed, there in pairs if needed > there)
