"""What a spiking core would take, guessed before synthesis: for choosing it, never reported as a measurement."""

from dataclasses import dataclass

from hwflow.backend.design import Resources
from hwflow.backend.estimate import BLOCK_RAM, SHELL
from hwflow.backend.verilog import SHALLOW
from hwflow.board import Board
from hwflow.spiking import Core

_LEAST_LOG = 58  # spikes of a reply to STREAM


def log_words(core: Core) -> int:
    """Spikes that can wait for the host: a power of two, room for a tick and a reply (hwf_spike_log)."""
    return 1 << (core.neurons + _LEAST_LOG - 1).bit_length()


def memories(core: Core) -> dict[str, tuple[int, int, int]]:
    """The core's memories by name: how many, words of each, bits of a word; as in rtl/spiking/."""
    lanes, rows = core.lanes, core.neurons // core.lanes
    parameters = 3 * core.state_bits + 2 * 16 + 8 + 1  # threshold, bias, reset, leak, decay, refractory, subtract
    state = 2 * core.state_bits + 8 + 1  # membrane, current, refractory left, fired
    state += (core.state_bits - 1) * core.adaptation + core.trace_bits * core.learning
    sums = core.weight_bits + (core.sources - 1).bit_length()
    found = {
        "weights": (lanes, core.sources * rows, core.weight_bits),
        "parameters": (lanes, rows, parameters),
        "state": (lanes, rows, state),
        "sums": (lanes, rows, sums),
        "log": (1, log_words(core), 20 + (core.neurons - 1).bit_length()),
    }
    if core.learning:
        found["traces"] = (lanes, core.sources // lanes, core.trace_bits)
    if core.synapse_mask:
        found["plastic"] = (lanes, core.sources * rows, 1)
    return found


def memory_bits(core: Core) -> int:
    """Bits of all memories."""
    return sum(count * words * bits for count, words, bits in memories(core).values())


@dataclass(frozen=True)
class Need:
    """resources: of the family's own kinds; large_rams: beside them, on parts that have such."""

    resources: Resources
    large_rams: int


def estimate_core(core: Core, board: Board) -> Need:
    """Shell, device and core. On a part with large RAMs the weights lie in those, and take no block RAM."""
    block, limits = BLOCK_RAM[board.family], board.resources
    brams, large = float(SHELL.brams), 0
    for name, (count, words, bits) in memories(core).items():
        if name == "weights" and limits and limits.large_rams:
            large = count * -(-words * 8 // limits.large_ram_bits)
        elif words > SHALLOW:
            brams += count * block.blocks(words, bits)
    return Need(Resources(2000, 2000, int(brams)), large)


def overflow(need: Need, board: Board) -> tuple[str, ...]:
    """What of it the board has not, each as a phrase; none if it fits, or if the board has no limits."""
    limits = board.resources
    if limits is None:
        return ()
    pairs = (
        ("LUTs", need.resources.luts, limits.luts),
        ("flip-flops", need.resources.ffs, limits.ffs),
        ("block RAMs", need.resources.brams, limits.brams),
        ("large RAMs", need.large_rams, limits.large_rams),
    )
    return tuple(f"{needed:,} {what} of {there:,}" for what, needed, there in pairs if needed > there)
