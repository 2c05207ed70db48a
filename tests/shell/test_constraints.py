"""Constraint files: every pin of a board once, in its tools' own words."""

import re

import pytest

from hwflow.board import board_names, find_board
from hwflow.shell.constraints import board_files

SOURCES = ["rtl/a.sv", "rtl/top.sv"]
FORMS = {
    "ice40": r"^set_io(?: -pullup yes)? (?P<port>\w+) (?P<site>\w+)$",
    "ecp5": r'^LOCATE COMP "(?P<port>\w+)" SITE "(?P<site>\w+)";$',
    "gowin": r'^IO_LOC "(?P<port>\w+)" (?P<site>\w+);$',
    "gw5a": r'^IO_LOC "(?P<port>\w+)" (?P<site>\w+);$',
    "gatemate": r'^Net "(?P<port>\w+)" Loc = "(?P<site>\w+)"(?: \| PULLUP=true)?;$',
    "nexus": r"^ldc_set_location -site \{(?P<site>\w+)\} \[get_ports (?P<port>\w+)\]$",
    "xilinx": r"PACKAGE_PIN (?P<site>\w+) IOSTANDARD .*\[get_ports (?P<port>\w+)\]$",
}


def text_of(files: dict[str, bytes], suffix: str) -> str:
    (found,) = [content for path, content in files.items() if path.endswith(suffix)]
    return found.decode()


@pytest.mark.parametrize("name", [name for name in board_names() if find_board(name).pins])
def test_each_pin_is_placed_once(name: str) -> None:
    board = find_board(name)
    files = board_files(board, "top", SOURCES, tuple(board.pins))
    text = text_of(
        files,
        {
            "ice40": ".pcf",
            "ecp5": ".lpf",
            "gowin": ".cst",
            "gw5a": ".cst",
            "gatemate": ".ccf",
            "nexus": ".pdc",
            "xilinx": ".xdc",
        }[board.family],
    )
    placed = [(hit["port"], hit["site"]) for hit in re.finditer(FORMS[board.family], text, re.MULTILINE)]
    wanted = []
    for port, pin in board.pins.items():
        wanted += [(f"{port}_p", pin.site), (f"{port}_n", pin.negative)] if pin.negative else [(port, pin.site)]
    assert placed == wanted


@pytest.mark.parametrize("name", ["icebreaker", "ulx3s-85f", "tangnano9k", "arty-a7-35t"])
def test_a_port_that_the_top_has_not_is_left_out(name: str) -> None:
    files = board_files(find_board(name), "top", SOURCES, ports=("clk", "uart_rx", "uart_tx"))
    assert not any(b"led" in content or b"button" in content for content in files.values())


def test_the_clock_is_constrained() -> None:
    assert 'FREQUENCY PORT "clk" 25.000000 MHZ;' in text_of(
        board_files(find_board("ulx3s-85f"), "top", SOURCES), ".lpf"
    )
    arty = text_of(board_files(find_board("arty-a7-35t"), "top", SOURCES), ".xdc")
    assert "create_clock -name clk -period 10.000 [get_ports clk]" in arty


def test_a_vivado_project_reads_every_source_and_names_the_part() -> None:
    tcl = text_of(board_files(find_board("pynq-z2"), "top", SOURCES), ".tcl")
    assert all(f"read_verilog -sv [file join $root {{{source}}}]" in tcl for source in SOURCES)
    assert "synth_design -top top -part xc7z020clg400-1" in tcl and "write_bitstream" in tcl


def test_a_differential_clock_gets_a_wrapper_that_no_simulator_reads() -> None:
    files = board_files(find_board("zcu104"), "top", SOURCES)
    assert not any(path.endswith((".sv", ".v")) for path in files)
    wrapper = text_of(files, ".verilog")
    assert "IBUFDS buffer (.I(clk_p), .IB(clk_n), .O(raw));" in wrapper
    assert ".button(button), .uart_rx(uart_rx), .uart_tx(uart_tx), .led(led)" in wrapper
    assert "-top top_differential" in text_of(files, ".tcl")


def test_the_simulated_board_needs_none() -> None:
    assert board_files(find_board("sim"), "top", SOURCES) == {}
