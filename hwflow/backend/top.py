"""The top of a board: pins, the shared shell with its link, and a net behind the streaming application."""

from collections.abc import Sequence

from hwflow.backend.units import Unit, clog2
from hwflow.backend.verilog import Literal, input_bits, instance, output_bits
from hwflow.board import Board
from hwflow.network import Network

TOP = "hwf_top"
DATAFLOW = 1  # the kind that HELLO tells, see docs/link.md
_LIMIT_BITS = 24  # cycles without a result, as a power of two, after which the device calls a request stalled

_REQUEST = {  # what the shell and the application tell each other, and the bits of each
    "hello": 1,
    "request_valid": 1,
    "request_operation": 8,
    "request_address": 32,
    "p_valid": 1,
    "p_ready": 1,
    "p_data": 8,
    "p_more": 1,
    "r_valid": 1,
    "r_ready": 1,
    "r_data": 8,
    "request_done": 1,
    "reply_status": 8,
    "vector_in": 1,
    "vector_out": 1,
}


def top_ports(board: Board) -> dict[str, str]:
    """Port to direction; the simulated board, which has no pins, has a button, so that it can be reset."""
    ports = {"clk": "input", "button": "input", "uart_rx": "input", "uart_tx": "output", "led": "output"}
    present = {"clk", "uart_rx", "uart_tx", "button"} if board.family == "sim" else set(board.pins)
    return {name: direction for name, direction in ports.items() if name in present}


def top_module(
    board: Board, baud: int, network: Network, units: Sequence[Unit], module: str, input_bytes: int, output_bytes: int
) -> str:
    """SystemVerilog of the top. input_bytes, output_bytes: of a vector on the link."""
    pins, ports = board.pins, top_ports(board)
    wires = [_wire(name, bits) for name, bits in _REQUEST.items()]
    wires += [_wire(name, 1) for name in ("rst", "net_rst", "s_valid", "s_ready", "m_valid", "m_ready")]
    wires += [_wire("s_data", input_bits(units)), _wire("m_data", output_bits(units))]
    pressed = "button" if "button" in ports else "1'b0"
    if "button" in pins and pins["button"].active_low:
        pressed = "!button"
    shared = {name: name for name in _REQUEST}
    shell = {"clk": "clk", "button": pressed, "uart_rx": "uart_rx", "uart_tx": "uart_tx", "rst": "rst"}
    streams = {name: name for name in ("s_valid", "s_ready", "s_data", "m_valid", "m_ready", "m_data")}
    wires.append("  // The application needs no length: it reads its payload until there is no more.\n")
    wires.append("  // verilator lint_off UNUSEDSIGNAL\n" + _wire("request_length", 8))
    wires.append("  // verilator lint_on UNUSEDSIGNAL\n")
    parts = [
        instance("hwf_shell", "shell", {
            "CLOCK_HZ": board.clock_hz,
            "BAUD": baud,
            "KIND": DATAFLOW,
            "DIGEST": Literal(f"128'h{network.digest[:32]}"),
            "INPUTS": input_bytes,
            "OUTPUTS": output_bytes,
        }, shell | shared | {"request_length": "request_length"}),
        instance("hwf_stream_device", "device", {
            "S_BITS": input_bits(units),
            "S_COUNT": network.input_size * network.input_type.bits,
            "M_BITS": output_bits(units),
            "M_COUNT": network.output_size * network.output_type.bits,
            "LIMIT_BITS": max(_LIMIT_BITS, 2 + clog2(sum(unit.cycles for unit in units))),
        }, {"clk": "clk", "rst": "rst", "net_rst": "net_rst"} | shared | streams),
        instance(module, "net", {}, {"clk": "clk", "rst": "net_rst"} | streams),
    ]  # fmt: skip
    if "led" in ports:
        # Lit while a request is carried out.
        parts.append(f"  assign led = {'!' if pins['led'].active_low else ''}request_valid;\n")
    declared = ",\n".join(f"    {direction:<6} logic {name}" for name, direction in ports.items())
    header = f"// Made by hwflow: {board.title}.\nmodule {TOP} (\n{declared}\n);\n"
    return header + "".join(wires) + "\n" + "\n".join(parts) + "endmodule\n"


def _wire(name: str, bits: int) -> str:
    return f"  logic {f'[{bits - 1}:0] ' if bits > 1 else ''}{name};\n"
