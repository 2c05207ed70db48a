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
    fields = {"membrane": state, "current": state, "refractory left": 8, "threshold": state, "leak": 16, "decay": 16}
    fields |= {"bias": state, "reset": state, "refractory": 8, "subtract": 1}
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
