"""A net between AXI4-Stream and AXI4-Lite, for a design around a processor (docs/how-to/zynq.md)."""

from typing import TYPE_CHECKING

from hwflow.board import Board
from hwflow.errors import UserError
from hwflow.quantised.backend.application import KIND, vectors_told
from hwflow.quantised.backend.choose import Space
from hwflow.quantised.backend.folding import Folding
from hwflow.quantised.backend.goals import Options, folding_for, room
from hwflow.quantised.backend.schedule import schedule
from hwflow.quantised.backend.units import units_of
from hwflow.quantised.backend.verilog import input_bits, output_bits
from hwflow.quantised.network import Network
from hwflow.shell.axi import CLOCK, WIDTHS, AxiCore, stream_bits
from hwflow.shell.top import Application
from hwflow.shell.verilog import instance

if TYPE_CHECKING:
    from hwflow.quantised.backend.dataflow import Accelerator

_MARKS = 16  # vectors under way, at least
_AROUND = 8  # cycles of a vector in the shell, at most


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
    bits = input_bits(planned.streams), output_bits(planned.streams)
    ends = {"s_valid": 1, "s_ready": 1, "m_valid": 1, "m_ready": 1, "s_data": bits[0], "m_data": bits[1]}
    wiring = {"clk": CLOCK, "rst": "net_rst"} | {name: name for name in ends}
    application = Application(
        kind=KIND,
        digest=network.digest,
        inputs=inputs,
        outputs=outputs,
        wires={},
        parts=(instance(accelerator.module, "net", {}, wiring),),
        more=vectors_told(network, output),
    )
    parameters = {
        "S_BITS": bits[0],
        "S_COUNT": s_count,
        "M_BITS": bits[1],
        "M_COUNT": m_count,
        "S_AXIS_BITS": widths[0],
        "M_AXIS_BITS": widths[1],
        "MARKS": max(_MARKS, -(-(prediction.fill + _AROUND) // interval) + 2),
    }
    wires = {"net_rst": 1} | ends
    return AxiCore(network.name, board.clock_hz, application, widths[0], widths[1], "hwf_axi_device", parameters, wires)


def _least_interval(network: Network) -> int:
    """Cycles in which the widest stream brings a vector and takes a result away."""
    counts = network.input_size * network.input_type.bits, network.output_size * network.output_type.bits
    return -(-max(counts) // WIDTHS[-1])
