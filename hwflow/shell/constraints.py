"""What ties the ports of a top to a board: the constraint file of its tools and, for Xilinx, a Vivado project."""

from collections.abc import Callable, Mapping, Sequence

from hwflow.board import Board, Family, Pin

PORTS = ("clk", "button", "uart_rx", "uart_tx", "led")
_INPUTS = frozenset({"clk", "button", "uart_rx", "can_rx"})


def board_files(board: Board, top: str, sources: Sequence[str], ports: Sequence[str] = PORTS) -> dict[str, bytes]:
    """The files, by path in the project, that a build for this board needs beside RTL and memories; `sim` needs none.

    top: the top module; sources: its RTL files; ports: those that it has, if there are pins for them.
    """
    pins = {port: pin for port, pin in board.pins.items() if port in ports}
    if board.family == "xilinx":
        return _vivado(board, pins, top, sources)
    if board.family not in _CONSTRAINTS:
        return {}
    ending, written = _CONSTRAINTS[board.family]
    return {f"constraints/{top}.{ending}": written(board, pins)}


def _oscillator(board: Board) -> int:
    """What the pin brings, in Hz; the tools know what a PLL makes of it."""
    return board.oscillator_hz or board.clock_hz


def _text(lines: Sequence[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode()


def _pcf(board: Board, pins: dict[str, Pin]) -> bytes:
    pulls = {"up": " -pullup yes", "down": "", "": ""}  # the part has no pull-down
    return _text([f"set_io{pulls[pin.pull]} {port} {pin.site}" for port, pin in pins.items()])


def _lpf(board: Board, pins: dict[str, Pin]) -> bytes:
    lines = []
    for port, pin in pins.items():
        pull = {"up": "UP", "down": "DOWN", "": "NONE"}[pin.pull]
        lines.append(f'LOCATE COMP "{port}" SITE "{pin.site}";')
        lines.append(f'IOBUF PORT "{port}" PULLMODE={pull} IO_TYPE={pin.standard};')
    lines.append(f'FREQUENCY PORT "clk" {_oscillator(board) / 1e6:.6f} MHZ;')
    return _text(lines)


def _cst(board: Board, pins: dict[str, Pin]) -> bytes:
    lines = []
    for port, pin in pins.items():
        pull = {"up": "UP", "down": "DOWN", "": "NONE"}[pin.pull]
        lines.append(f'IO_LOC "{port}" {pin.site};')
        lines.append(f'IO_PORT "{port}" IO_TYPE={pin.standard} PULL_MODE={pull};')
    return _text(lines)


def _ccf(board: Board, pins: dict[str, Pin]) -> bytes:
    pulls = {"up": " | PULLUP=true", "down": " | PULLDOWN=true", "": ""}
    return _text([f'Net "{port}" Loc = "{pin.site}"{pulls[pin.pull]};' for port, pin in pins.items()])


def _pdc(board: Board, pins: dict[str, Pin]) -> bytes:
    lines = []
    for port, pin in pins.items():
        pull = {"up": "UP", "down": "DOWN", "": "NONE"}[pin.pull]
        lines.append(f"ldc_set_location -site {{{pin.site}}} [get_ports {port}]")
        lines.append(f"ldc_set_port -iobuf {{IO_TYPE={pin.standard} PULLMODE={pull}}} [get_ports {port}]")
    return _text(lines)


_CONSTRAINTS: Mapping[Family, tuple[str, Callable[[Board, dict[str, Pin]], bytes]]] = {
    "ice40": ("pcf", _pcf),
    "ecp5": ("lpf", _lpf),
    "gowin": ("cst", _cst),
    "gw5a": ("cst", _cst),
    "gatemate": ("ccf", _ccf),
    "nexus": ("pdc", _pdc),
}


def _vivado(board: Board, pins: dict[str, Pin], top: str, sources: Sequence[str]) -> dict[str, bytes]:
    files = {}
    if board.clock and board.clock.negative:
        # Not called .sv, so that it is no source of other tools, which do not know the primitives in it.
        wrapper = f"vivado/{top}_differential.verilog"
        files[wrapper] = _differential_clock(top, pins)
        sources, top = [*sources, wrapper], f"{top}_differential"
    files[f"vivado/{top}.xdc"] = _xdc(board, pins)
    files["vivado/build.tcl"] = _tcl(board, top, sources)
    return files


def _xdc(board: Board, pins: dict[str, Pin]) -> bytes:
    lines = []
    for port, pin in pins.items():
        name = f"{port}_p" if pin.negative else port
        pull = {"up": " PULLUP true", "down": " PULLDOWN true", "": ""}[pin.pull]
        lines.append(_xdc_pin(name, pin.site, pin.standard + pull))
        if pin.negative:
            lines.append(_xdc_pin(f"{port}_n", pin.negative, pin.standard))
    assert board.clock is not None
    clock = "clk_p" if board.clock.negative else "clk"
    lines.append(f"create_clock -name clk -period {1e9 / _oscillator(board):.3f} [get_ports {clock}]")
    if board.device.startswith(("xc7a", "xc7s")):
        lines += ["set_property CFGBVS VCCO [current_design]", "set_property CONFIG_VOLTAGE 3.3 [current_design]"]
    return _text(lines)


def _xdc_pin(port: str, site: str, properties: str) -> str:
    return f"set_property -dict {{ PACKAGE_PIN {site} IOSTANDARD {properties} }} [get_ports {port}]"


def _differential_clock(top: str, pins: dict[str, Pin]) -> bytes:
    """A wrapper, since the oscillator drives two pins: the top itself has one clock and no vendor's primitives."""
    others = [port for port in pins if port != "clk"]
    kinds = ["    input  wire clk_p", "    input  wire clk_n"]
    kinds += [f"    {'input ' if port in _INPUTS else 'output'} wire {port}" for port in others]
    wiring = ", ".join([".clk(clk)", *(f".{port}({port})" for port in others)])
    return _text(
        [
            "// Made by hwflow: the differential clock of the board, brought to one wire.",
            f"module {top}_differential (",
            ",\n".join(kinds),
            ");",
            "  wire raw, clk;",
            "  IBUFDS buffer (.I(clk_p), .IB(clk_n), .O(raw));",
            "  BUFG global_clock (.I(raw), .O(clk));",
            f"  {top} top ({wiring});",
            "endmodule",
        ]
    )


def _tcl(board: Board, top: str, sources: Sequence[str]) -> bytes:
    read = [f"read_verilog -sv [file join $root {{{source}}}]" for source in sources]
    return _text(
        [
            "# Made by hwflow. In the project's folder: vivado -mode batch -source vivado/build.tcl",
            "set root [file normalize [file join [file dirname [info script]] ..]]",
            "set out [file join $root build vivado]",
            "file mkdir $out",
            "# Memory images are named relative to the project's folder.",
            "cd $root",
            f"set_part {board.device}",
            *read,
            f"read_xdc [file join $root vivado {top}.xdc]",
            f"synth_design -top {top} -part {board.device} -verilog_define SYNTHESIS=1",
            "opt_design",
            "place_design",
            "phys_opt_design",
            "route_design",
            "report_utilization -file [file join $out utilization.txt]",
            "report_timing_summary -file [file join $out timing.txt]",
            f"write_bitstream -force [file join $out {top}.bit]",
        ]
    )
