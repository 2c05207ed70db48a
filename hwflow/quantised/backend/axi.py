"""A net between AXI4-Stream and AXI4-Lite, for a design around a processor (docs/how-to/zynq.md)."""

from dataclasses import replace
from typing import TYPE_CHECKING

from hwflow.board import Board
from hwflow.errors import UserError
from hwflow.quantised.backend.application import KIND
from hwflow.quantised.backend.choose import Space
from hwflow.quantised.backend.folding import Folding
from hwflow.quantised.backend.goals import Options, folding_for, room
from hwflow.quantised.backend.schedule import schedule
from hwflow.quantised.backend.units import units_of
from hwflow.quantised.backend.verilog import input_bits, output_bits
from hwflow.quantised.network import Network
from hwflow.shell.axi import WIDTHS, AxiCore, stream_bits
from hwflow.shell.processor import CLOCK_HZ, processor_of

if TYPE_CHECKING:
    from hwflow.quantised.backend.dataflow import Accelerator

_MARKS = 16  # vectors under way, at least
_AROUND = 8  # cycles of a vector in the shell, at most


def check_axi(board: Board) -> None:
    """Raises UserError if the board has no processor to clock and feed the net, or another clock was chosen."""
    if processor_of(board) is None:
        raise UserError(f"{board.name} has no processor beside its logic, to which AXI could lead; compile without --shell axi, "
                        "or take a board with a Zynq.")  # fmt: skip
    if board.oscillator_hz:
        raise UserError(f"Behind AXI the processor gives the clock, {CLOCK_HZ / 1e6:g} MHz; compile without --clock.")


def beside_axi(board: Board) -> Board:
    """The board with the clock that its processor gives."""
    return replace(board, clock_hz=CLOCK_HZ)


def axi_folding(network: Network, board: Board, options: Options) -> Folding:
    """The folding for a board; where that takes more bits a cycle than a stream brings, a folded one of about that rate."""
    folding, least = folding_for(network, board, options), _least_interval(network)
    if schedule(units_of(network, folding)).prediction.initiation_interval >= least or options.target_fps is not None:
        return folding
    slower = Space(network, board.family, options.measured, hardwired=False).fastest(room(board, options), least)
    return slower.folding if slower else folding


def axi_core(accelerator: "Accelerator", board: Board, inputs: int, outputs: int) -> AxiCore:
    """The net as a core whose streams are as wide as its initiation interval asks for. inputs, outputs: bytes of a vector.

    Raises UserError if no stream is.
    """
    network, planned = accelerator.network, accelerator.schedule
    output, prediction = accelerator.units[-1].y, planned.prediction
    s_count, m_count = network.input_size * network.input_type.bits, network.output_size * output.bits
    interval = prediction.initiation_interval
    widths = [stream_bits(count, interval) for count in (s_count, m_count)]
    if widths[0] is None or widths[1] is None:
        raise UserError(f"{network.name} at this folding moves {max(s_count, m_count):,} bits in {interval:,} cycles, and a DMA's "
                        f"stream {WIDTHS[-1]:,} a cycle; give a folding of at least {_least_interval(network):,} cycles.")  # fmt: skip
    return AxiCore(
        title=network.name,
        kind=KIND,
        digest=network.digest,
        inputs=inputs,
        outputs=outputs,
        more={
            "INPUT_SIZE": network.input_size,
            "INPUT_BITS": network.input_type.bits,
            "INPUT_SIGNED": int(network.input_type.signed),
            "OUTPUT_SIZE": network.output_size,
            "OUTPUT_BITS": output.bits,
            "OUTPUT_SIGNED": int(output.signed),
        },
        clock_hz=board.clock_hz,
        s_bits=input_bits(planned.streams),
        m_bits=output_bits(planned.streams),
        s_count=s_count,
        m_count=m_count,
        s_axis=widths[0],
        m_axis=widths[1],
        marks=max(_MARKS, -(-(prediction.fill + _AROUND) // interval) + 2),
        module=accelerator.module,
    )


def _least_interval(network: Network) -> int:
    """Cycles in which the widest stream brings a vector and takes a result away."""
    counts = network.input_size * network.input_type.bits, network.output_size * network.output_type.bits
    return -(-max(counts) // WIDTHS[-1])
