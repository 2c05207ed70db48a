"""Boards: what is on them and where, read from `boards/NAME.toml`. A new board is one file and no code."""

import difflib
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from hwflow.errors import UserError
from hwflow.paths import data_folder

Family = Literal["ice40", "ecp5", "gowin", "xilinx", "sim"]
BAUD_TOLERANCE = 0.01  # of the rate: ten bits later a sample is then at most a tenth of a bit off
PARTS = 16  # of a clock cycle: to these rtl/uart/ rounds the length of a bit
CYCLES = 8  # of the clock that a bit has at least


@dataclass(frozen=True)
class Pin:
    """A pin of the FPGA.

    site: as the vendor names it; standard: voltage and kind of its buffer; active_low: 0 means pressed, or lit;
    pull: the resistor wanted in the buffer; negative: the other site of a differential pair, empty if there is none.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    site: str
    standard: str = "LVCMOS33"
    active_low: bool = False
    pull: Literal["", "up", "down"] = ""
    negative: str = ""


@dataclass(frozen=True)
class Capacity:
    """What the part has: LUTs and flip-flops as the family counts them, block RAMs of `bram_bits` each, multipliers.

    large_rams: memories of `large_ram_bits` each with one port and without content at power-up, beside the block RAMs.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    luts: int
    ffs: int
    brams: int
    bram_bits: int
    dsps: int
    large_rams: int = 0
    large_ram_bits: int = 0


@dataclass(frozen=True)
class Board:
    """A board, or the simulated stand-in, which has a clock and a rate but neither part nor pins.

    device, package, speed: the part, as its place-and-route tool names it; clock_hz: of the oscillator, which is the
    clock of everything; baud: default rate of the link; resources: None for no limits; programmer: the board's name in
    openFPGALoader, or its cable if that starts with `cable:`, None if it cannot; bitstream: whether open tools make one;
    pack_options: for the program that makes the bitstream; finn: FINN's own name of the board, empty if it has none;
    note: what a user must know before wiring it up. A board that FINN knows may have no pins: then its clock and ports
    are the processor's, and only FINN's shell can use it.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    name: str
    title: str
    family: Family
    clock_hz: int
    baud: int
    device: str = ""
    package: str = ""
    speed: str = ""
    bitstream: bool = False
    programmer: str | None = None
    pack_options: tuple[str, ...] = ()
    finn: str = ""
    note: str = ""
    clock: Pin | None = None
    uart_rx: Pin | None = None
    uart_tx: Pin | None = None
    button: Pin | None = None
    led: Pin | None = None
    resources: Capacity | None = None

    @property
    def pins(self) -> dict[str, Pin]:
        """Port of the top to pin, in the order of the ports."""
        ports = {
            "clk": self.clock,
            "button": self.button,
            "uart_rx": self.uart_rx,
            "uart_tx": self.uart_tx,
            "led": self.led,
        }
        return {port: pin for port, pin in ports.items() if pin is not None}

    @property
    def has_part(self) -> bool:
        """Whether it has an FPGA, for which something can be built; the simulated board has none."""
        return self.family != "sim"

    def baud_error(self, baud: int) -> float:
        """How far off the rate is that the UART makes, a bit being a whole number of sixteenths of a clock cycle."""
        bit = round(self.clock_hz * PARTS / baud)
        return abs(self.clock_hz * PARTS / bit - baud) / baud

    def check_baud(self, baud: int) -> None:
        """Raises UserError if the board's clock cannot make that rate."""
        if not 0 < baud * CYCLES <= self.clock_hz or self.baud_error(baud) > BAUD_TOLERANCE:
            raise UserError(
                f"{baud} baud cannot be made from the {self.clock_hz / 1e6:g} MHz clock of {self.name}; "
                f"take {self.baud}, or another rate up to {self.clock_hz // CYCLES}."
            )


def board_names() -> tuple[str, ...]:
    """All boards there is a file for, by name."""
    return tuple(sorted(path.stem for path in data_folder("boards").glob("*.toml")))


def find_board(name: str) -> Board:
    """The board of that name. Raises UserError, with the names there are, if it is unknown, or if its file is wrong."""
    known = board_names()
    if name not in known:
        near = difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]}? There are" if near else "there are"
        raise UserError(f"Board {name!r} is unknown; {hint} {', '.join(known)}.")
    return read_board(data_folder("boards") / f"{name}.toml")


def read_board(path: Path) -> Board:
    """The board in a file, named like the file. Raises UserError if the file is not one of a board."""
    from pydantic import TypeAdapter

    try:
        board = TypeAdapter(Board).validate_python({"name": path.stem} | tomllib.loads(path.read_text()))
    except (OSError, ValueError) as error:
        reason = "; ".join(str(error).splitlines()[1:3]).strip() or str(error)
        raise UserError(f"{path} does not describe a board ({reason}); see docs/adding-a-board.md.") from None
    wanted = () if not board.has_part or (board.finn and not board.pins) else ("clk", "uart_rx", "uart_tx")
    missing = [port for port in wanted if port not in board.pins]
    if missing or (board.has_part and (board.resources is None or not board.device)):
        what = ", ".join(missing) or "device or resources"
        raise UserError(f"{path} does not say its {what}; see docs/adding-a-board.md.")
    board.check_baud(board.baud)
    return board
