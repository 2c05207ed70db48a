"""What a spiking core would take, guessed before synthesis: for choosing it, never reported as a measurement."""

from collections.abc import Mapping
from dataclasses import dataclass

from hwflow.board import Board
from hwflow.resources import Resources
from hwflow.shell.top import windows_of
from hwflow.spiking.blocks import fan_in, stored
from hwflow.spiking.network import Core

_LEAST_LOG = 58  # spikes of a reply to STREAM
_DEVICE_BRAMS = 2  # of link and device, beside the log and the requests under way
_FRAME_BYTES = 256  # of a request, and as many of its reply
_FACTORS = {
    "ice40": (1.0, 1.0),
    "ecp5": (1.33, 1.06),
    "gowin": (1.33, 1.06),
    "gw5a": (1.33, 1.06),
    "gatemate": (1.33, 1.06),
    "nexus": (1.33, 1.06),
    "xilinx": (0.545, 0.8),
    "sim": (1.0, 1.0),
}
# A memory lies outside block RAM up to so many bits, or, where tables are memories, so many of 16 words of 4 bits: of ECP5 20 did, and 30
# did not; of those of 24, which of the two, hangs on the shape.
_FEW_BITS = {"ice40": 128, "gatemate": 128, "xilinx": 2048, "sim": 2048}
_FEW_TABLES = {"ecp5": 24, "gowin": 8, "gw5a": 8, "nexus": 8}
_TABLE = {4: 16}
_IN_BLOCK_RAM = ("early fields", "late fields")  # however small
_NARROW = {2: 2048, 4: 1024, 8: 512, 16: 256}  # iCE40: words of a block RAM by their width
_WIDE = {1: 16384, 2: 8192, 4: 4096, 9: 2048, 18: 1024, 36: 512}  # the others, and half a block of Xilinx


def log_words(core: Core) -> int:
    """Spikes that can wait for the host: a power of two, room for a tick and a reply (hwf_spike_log)."""
    return 1 << (core.neurons + _LEAST_LOG - 1).bit_length()


def memories(core: Core) -> dict[str, tuple[int, int, int]]:
    """The memories of core and device by name: how many, words of each, bits of a word; as in rtl/spiking/."""
    lanes, words, columns = core.lanes, core.neurons // core.lanes, core.sources // core.lanes
    value = 8 if core.graded else 0  # bits, in place of one that says that there is a spike
    units, state = _units(core), core.state_bits
    sum_bits = core.weight_bits + value + (fan_in(core.blocks, core.sources, core.neurons) - 1).bit_length()
    held = core.entries or stored(core.blocks, core.sources, core.neurons) // lanes
    found = {
        "weights": (lanes, held, core.weight_bits),
        "sums": (lanes, words, sum_bits),
        "fired": (1, 2 << max(1, (words - 1).bit_length()), lanes),
        "list of fired": (1, words, lanes + (words - 1).bit_length()),
        "set of axons": (1, core.axons // lanes, lanes * (value or 1)),
        "list of axons": (1, core.axons, core.axons.bit_length() + value),
        "log": (1, log_words(core), 32 if core.counting else 18 + (core.neurons - 1).bit_length()),
    }
    if core.entries:
        found["targets"] = (1, core.entries, 1 + max(1, (words - 1).bit_length()))
        found["first entries"] = (1, core.sources, max(1, (core.entries - 1).bit_length()))
    found["early fields"] = (units, core.neurons // units, 2 * state + 32)
    found["late fields"] = (units, core.neurons // units, 4 * state + 16 if core.adaptation else 3 * state + 17)
    if core.learning:
        found["x"] = (lanes, columns, core.trace_bits)
        found["y"] = (lanes, words, core.trace_bits)
    if core.modulation:
        found["factors brought"] = (lanes, words, sum_bits)
        found["factors"] = (units, core.neurons // units, state)
        found["gains"] = (units, core.neurons // units, 17)
        found["list of changing"] = (1, words, lanes + (words - 1).bit_length())
    if core.counting:
        found["spike counts"] = (1, core.neurons, 16)
    if core.synapse_mask:
        found["plastic"] = (lanes, held, 1)
    return found


def _units(core: Core) -> int:
    """Neurons that step in a cycle (hwf_spiking)."""
    return min(core.lanes, 2)


def synapse_bits(core: Core) -> int:
    """Bits of the memories of weights, and of those that say where they lead."""
    found = memories(core)
    held = (found[name] for name in ("weights", "targets", "first entries") if name in found)
    return sum(count * words * bits for count, words, bits in held)


def memory_bits(core: Core) -> int:
    """Bits of all memories."""
    return sum(count * words * bits for count, words, bits in memories(core).values())


@dataclass(frozen=True)
class Need:
    """resources: of the family's own kinds; dsps: multipliers."""

    resources: Resources
    dsps: int


def estimate_core(core: Core, board: Board) -> Need:
    """Shell, device and core. On a part with large RAMs the weights lie in those, and take no block RAM.

    The counts are linear in lanes, neuron units and features, for 16-bit states. They were fitted to four builds, and are
    less than 4 % above them: nextpnr's 4,151 cells of iCE40 (256 axons and neurons, 1 lane, no synapse_mask) and 4,941 (spiking-mnist-14's
    core), nextpnr's 10,696 of ECP5 (784 axons, 256 neurons, 8 lanes), and Yosys's 3,429 tables of Xilinx (96 and 96, 4 lanes). On iCE40 a look-up table is
    a logic cell here, of which some hold only a flip-flop or a carry, since cells are what the part runs out of.
    The third factor's share is that of Yosys's count of the last one with it (3,499 tables, 20 multipliers), and that of graded input
    of what the same count rises by with both: 204 tables, 180 flip-flops, and 8 multipliers, of weights and of traces. A sum that is wider by
    a value may take a second multiplier to be shifted.
    Counting's is that of Yosys's counts for ECP5 and iCE40: 143 and 119 tables, 38 flip-flops; of Xilinx's 141 tables 64 hold the counts.
    To put the state to rest takes 16 tables of Xilinx, and some 35 of ECP5 and iCE40.
    How much is saved by each feature that is left out was not built, and is a guess.
    """
    units = _units(core)
    lane = (
        190
        + 210 * core.learning
        + 60 * core.synapse_mask
        + 20 * core.normalisation
        + 30 * core.stochastic
        + 100 * core.modulation
        + 60 * core.graded
    )
    unit = 220 + 60 * core.adaptation + 240 * core.learning + 400 * core.modulation
    lane_ffs, unit_ffs = (
        120 + 80 * core.learning + 40 * core.graded,
        100 + 90 * core.adaptation + 160 * core.learning + 240 * core.modulation,
    )
    luts = (
        2865
        + 250 * core.counters
        + 150 * core.normalisation
        + 100 * core.synapse_mask
        + 350 * core.stochastic
        + 500 * core.modulation
        + 160 * core.graded
        + 130 * core.counting
    )
    ffs = (
        1030
        + 130 * core.counters
        + 90 * core.normalisation
        + 120 * core.stochastic
        + 200 * core.modulation
        + 80 * core.graded
        + 40 * core.counting
    )
    width = core.state_bits / 16
    luts_all = luts + (core.lanes * lane + units * unit) * width
    ffs_all = ffs + (core.lanes * lane_ffs + units * unit_ffs) * width
    lut_factor, ff_factor = _FACTORS[board.family]
    brams, large = _rams(core, board, link_window(core, board))
    return Need(
        Resources(int(luts_all * lut_factor), int(ffs_all * ff_factor), brams, large),
        dsps=_multipliers(core, 25 if board.family == "xilinx" else 18),
    )


def _multipliers(core: Core, bits: int) -> int:
    """bits: of a multiplier's wider side, signed. A product of a state, or of a trace and its fraction, that is wider takes two."""
    faded = (2 + core.adaptation) * (core.state_bits > bits)
    trace = core.trace_bits + (8 if core.stochastic else 4) if core.trace_bits > 9 else 0  # FROM of hwf_plasticity
    unit = 3 + core.adaptation + core.learning + core.modulation + core.graded + faded
    lane = core.learning * (2 + (trace >= bits)) + core.graded * (1 + core.learning)
    return _units(core) * unit + core.lanes * lane + bool(core.blocks)


def link_window(core: Core, board: Board) -> int:
    """Requests that may be under way: as many as the board has room for beside the core, by estimate."""
    limits, windows = board.resources, windows_of(board)
    fitting = [window for window in windows if limits is None or _rams(core, board, window)[0] <= limits.brams]
    return fitting[0] if fitting else windows[-1]


def _rams(core: Core, board: Board, window: int) -> tuple[int, int]:
    """Block RAMs and large RAMs. What is small lies in look-up tables or flip-flops."""
    limits, halves = board.resources, board.family in ("xilinx", "sim")  # two of which are counted as one
    shapes = _NARROW if board.family == "ice40" else _WIDE
    brams, large = _DEVICE_BRAMS + 2 * _blocks(shapes, window * _FRAME_BYTES, 8), 0
    for name, (count, words, bits) in memories(core).items():
        if name == "weights" and limits and limits.large_rams:
            large = count * -(-words * 8 // limits.large_ram_bits)
        elif name in _IN_BLOCK_RAM or not _small(board.family, words, bits):
            brams += count * _blocks(shapes, words, bits)
    return -(-brams // 2) if halves else brams, large


def _small(family: str, words: int, bits: int) -> bool:
    """Whether a memory takes no block RAM."""
    if family in _FEW_TABLES:
        return _blocks(_TABLE, words, bits) <= _FEW_TABLES[family]
    return words * bits <= _FEW_BITS[family]


def _blocks(shapes: Mapping[int, int], words: int, bits: int) -> int:
    """Block RAMs, or tables, of a memory, in the shape, words by width, that takes fewest."""
    return min(-(-bits // width) * -(-words // depth) for width, depth in shapes.items())


def overflow(need: Need, board: Board) -> tuple[str, ...]:
    """What of it the board has not, each as a phrase; none if it fits, or if the board has no limits."""
    limits = board.resources
    return () if limits is None else limits.lacks(need.resources, need.dsps)
