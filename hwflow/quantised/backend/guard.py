"""A net behind the shell that judges CAN frames (docs/can-guard.md)."""

from collections.abc import Iterator
from dataclasses import replace

from hwflow.board import Board
from hwflow.errors import UserError
from hwflow.ints import IntType
from hwflow.quantised.backend.schedule import Schedule
from hwflow.quantised.backend.verilog import input_bits, output_bits
from hwflow.quantised.network import ArgMax, Network
from hwflow.resources import Resources
from hwflow.shell.bit_timing import BIT_RATE, BIT_RATES, CYCLES, bit_timing
from hwflow.shell.top import Application, request_ports
from hwflow.shell.verilog import Literal, instance

KIND = 3  # which HELLO tells, see docs/link.md
FEATURES = 128  # one-bit inputs
CLASSES = 16  # at most
ROOMS = ("stream", "can")
IDENTIFIERS = 256  # of the table, where the part has the memory
LEAST_IDENTIFIERS = 32
_WORDS = 64 * 16  # bits of the table for an identifier
_SHARE = 0.5  # of the part's block RAM that the table may take

_FEATURES = 60  # clock cycles from a payload's last bit to the net's first beat, at most
_STORED = 24  # from the class to the entry in the log
_BITS = 27  # from a payload's last bit to the next frame, at least: CRC, ACK, EOF, intermission

# What Yosys makes of hwf_guard beside the table, rounded up.
_NEED = {"ice40": Resources(luts=2300, ffs=1000, brams=6), "ecp5": Resources(luts=2000, ffs=1500, brams=5)}


def check_guard(network: Network, board: Board, strike: bool) -> None:
    """Raises UserError if the net cannot judge frames, or the board has no pins or memory for it."""
    one_bit = network.input_type == IntType(1, signed=False)
    if network.input_size != FEATURES or not one_bit:
        raise UserError(f"{network.name} takes {network.input_size} values of {network.input_type}, and a guard gives its net {FEATURES} of "
                        "UINT1, the features of a CAN frame; compile it without --shell can.")  # fmt: skip
    last = network.nodes[-1].layer
    if not isinstance(last, ArgMax) or network.output_size != 1:
        raise UserError(f"{network.name} does not end in a class, which a guard needs; compile it with --argmax.")
    if network.output_type.bits > (CLASSES - 1).bit_length():
        raise UserError(f"{network.name} has more classes than the {CLASSES} that a guard counts; merge some.")
    missing = [name for name in ("can_rx", "can_tx")[: 1 + strike] if board.has_part and name not in board.pins]
    if missing:
        raise UserError(f"{board.name} says no pin for {' and '.join(missing)}; add it to a copy of its file (docs/adding-a-board.md) "
                        "and name that.")  # fmt: skip
    bit_timing(board.clock_hz, BIT_RATES[0])
    identifiers_of(board)


def classes_of_guard(network: Network) -> int:
    """Classes of a net that `check_guard` has found right."""
    last = network.nodes[-1].layer
    assert isinstance(last, ArgMax)
    return len(last.gain)


def identifiers_of(board: Board) -> int:
    """Identifiers that the table holds: 256, or what half of the part's block RAM holds where there is no large RAM.

    Raises UserError if that is next to none."""
    part = board.resources
    if part is None or part.large_rams:
        return IDENTIFIERS
    count = IDENTIFIERS
    while _table(count, part.bram_bits) > part.brams * _SHARE:
        count //= 2
        if count < LEAST_IDENTIFIERS:
            raise UserError(f"{board.name} has too little block RAM for a guard's table of {LEAST_IDENTIFIERS} identifiers; "
                            "take a larger board.")  # fmt: skip
    return count


def guard_need(board: Board) -> Resources:
    """What the guard takes beside the net and the shell, as counted by Yosys for another one."""
    need = _NEED.get(board.family, _NEED["ecp5"])
    part = board.resources
    table = 0 if part is None or part.large_rams else _table(identifiers_of(board), part.bram_bits)
    return replace(need, brams=need.brams + table)


def beside_guard(board: Board) -> Board:
    """The same board with what the guard leaves of its part."""
    part, need = board.resources, guard_need(board)
    if part is None:
        return board
    left = {kind: max(0, getattr(part, kind) - getattr(need, kind)) for kind in ("luts", "ffs", "brams")}
    return replace(board, resources=replace(part, **left, large_rams=0))  # which start empty, and a guard does not


def least_bit(fill: int) -> int:
    """Clock cycles of a bit at which a net of that `Prediction.fill` has judged a frame before the next begins."""
    return max(CYCLES, -(-(_FEATURES + fill + _STORED) // _BITS))


def paces(board: Board) -> Iterator[float]:
    """Microseconds that the net may take, for each usual bit rate from the fastest down."""
    for bit_rate in reversed(BIT_RATES):
        spare = _BITS * 1e6 / bit_rate - (_FEATURES + _STORED) * 1e6 / board.clock_hz
        if spare > 0:
            yield spare


def first_bit_rate(board: Board, fill: int) -> int:
    """The bit rate after a reset: the usual one, or the fastest at which the net keeps up.

    Raises UserError if that is none of the usual ones."""
    for bit_rate in reversed(BIT_RATES[: BIT_RATES.index(BIT_RATE) + 1]):
        if bit_timing(board.clock_hz, bit_rate).cycles >= least_bit(fill):
            return bit_rate
    raise UserError(f"The net's class comes {fill:,} cycles after the features, too late for {BIT_RATES[0]:,} bit/s at {board.clock_hz / 1e6:g} "
                    "MHz; aim for a lower --max-latency, or take a faster --clock or a larger board.")  # fmt: skip


def guard_application(
    network: Network, planned: Schedule, module: str, board: Board, clock: str, strike: bool
) -> Application:
    """The guard and the net behind it. clock: the top's wire; strike: whether it can drive the bus."""
    ends = {name: name for name in ("s_valid", "s_ready", "s_data", "m_valid", "m_ready", "m_data")}
    streams, fill = planned.streams, planned.prediction.fill
    timing = int.from_bytes(bit_timing(board.clock_hz, first_bit_rate(board, fill)).bytes, "little")
    part = board.resources
    parameters: dict[str, int | str] = {
        "CLOCK_HZ": board.clock_hz,
        "IDENTIFIERS": identifiers_of(board),
        "SINGLE_PORT": int(part is not None and part.large_rams > 0),
        "S_BITS": input_bits(streams),
        "M_BITS": output_bits(streams),
        "STRIKE": int(strike),
        "LEAST_BIT": least_bit(fill),
        "TIMING": Literal(f"32'h{timing:08x}"),
    }
    unread = ("hello", "p_more")
    wiring = request_ports(clock, *unread, "vector_in", "vector_out") | {
        "can_rx": "can_rx",
        "can_tx": "can_tx" if strike else "never_driven",
        "net_rst": "net_rst",
    }
    wires = dict.fromkeys(("net_rst", "s_valid", "s_ready", "m_valid", "m_ready"), 1)
    return Application(
        kind=KIND,
        digest=network.digest,
        inputs=identifiers_of(board),
        outputs=classes_of_guard(network),
        wires=wires | {"s_data": input_bits(streams), "m_data": output_bits(streams)},
        parts=(
            instance("hwf_guard", "guard", parameters, wiring | ends),
            instance(module, "net", {}, {"clk": clock, "rst": "net_rst"} | ends),
        ),
        given={"vector_in": "1'b0", "vector_out": "1'b0"},
        unread=unread,
        unread_wires=() if strike else ("never_driven",),
        more={"LIMIT_BITS": 0, "VECTORS": 0},
        pins={"can_rx": "input"} | ({"can_tx": "output"} if strike else {}),
    )


def _table(identifiers: int, bram_bits: int) -> int:
    """Block RAMs of a table, of which each holds a number of bits that is a power of two."""
    return -(-identifiers * _WORDS // (1 << (bram_bits.bit_length() - 1)))
