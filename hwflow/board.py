"""Boards: what is on them and where, read from `boards/NAME.toml`. A new board is one file and no code.

The file may lie in this project, in the user's folder of boards, or anywhere, named by its path.
"""

import difflib
import json
import os
import re
import tomllib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, ClassVar, Literal

from hwflow.errors import UserError, in_a_line, placed
from hwflow.paths import data_folder
from hwflow.resources import Resources

Family = Literal["ice40", "ecp5", "gowin", "gw5a", "gatemate", "nexus", "xilinx", "sim"]
BOARD = "board.toml"  # in a project that carries its board
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

    @property
    def all(self) -> Resources:
        """What there is of what designs are counted in."""
        return Resources(self.luts, self.ffs, self.brams, self.large_rams)

    def lacks(self, need: Resources, dsps: int = 0) -> tuple[str, ...]:
        """What of a need is not there, each as a phrase; none if it fits."""
        pairs = (
            ("LUTs", need.luts, self.luts),
            ("flip-flops", need.ffs, self.ffs),
            ("block RAMs", need.brams, self.brams),
            ("multipliers", dsps, self.dsps),
            ("large RAMs", need.large_rams, self.large_rams),
        )
        return tuple(f"{needed:,} {what} of {there:,}" for what, needed, there in pairs if needed > there)


@dataclass(frozen=True)
class Board:
    """A board, or the simulated stand-in, which has a clock and a rate but neither part nor pins.

    device, package, speed: the part, as its place-and-route tool names it; clock_hz: of everything; oscillator_hz: of the
    oscillator, from which the part's PLL then makes clock_hz, 0 if the oscillator is the clock itself; pll: how the PLL
    takes the oscillator, where the part leaves a choice: `core` by way of the fabric, or `pad` where the oscillator's pin
    is the PLL's own (iCE40), `none` for a part without; baud: default rate of the link; resources: None for no limits;
    programmer: the board's name in openFPGALoader, or its cable if that starts with `cable:`, None if it cannot; bitstream: whether open tools make one; pack_options: for the program that makes the bitstream; finn: FINN's own name of the board, empty if it has none; preset:
    Vivado's name of the board, by which it knows its processor's memory and pins, without version;
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
    oscillator_hz: int = 0
    pll: Literal["core", "pad", "none"] = "core"
    bitstream: bool = False
    programmer: str | None = None
    pack_options: tuple[str, ...] = ()
    finn: str = ""
    preset: str = ""
    note: str = ""
    clock: Pin | None = None
    uart_rx: Pin | None = None
    uart_tx: Pin | None = None
    button: Pin | None = None
    led: Pin | None = None
    can_rx: Pin | None = None
    can_tx: Pin | None = None
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
            "can_rx": self.can_rx,
            "can_tx": self.can_tx,
        }
        return {port: pin for port, pin in ports.items() if pin is not None}

    @property
    def has_part(self) -> bool:
        """Whether it has an FPGA, for which something can be built; the simulated board has none."""
        return self.family != "sim"

    @property
    def by_oscillator(self) -> "Board":
        """The same board with its oscillator as its clock."""
        return replace(self, clock_hz=self.oscillator_hz, oscillator_hz=0) if self.oscillator_hz else self

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


def users_boards() -> Path:
    """The user's folder of boards: $HWFLOW_BOARDS, else `hwflow/boards` where the user's settings lie."""
    named = os.environ.get("HWFLOW_BOARDS")
    settings = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    return Path(named or f"{settings}/hwflow/boards").expanduser()


def board_names() -> tuple[str, ...]:
    """All boards there is a file for, hwflow's own and the user's, by name."""
    return tuple(sorted({path.stem for folder in _folders() for path in folder.glob("*.toml")}))


def find_board(name: str) -> Board:
    """The board of that name, or the one in the file at that path, which ends in `.toml`.

    Raises UserError, with the names there are, if it is unknown, or if its file is wrong, or if a file that is not
    hwflow's own has the name of a board that is.
    """
    if name.endswith(".toml"):
        board = read_board(Path(name))
        own = _files(board.name)
        if own and read_board(own[0]) != board:
            raise UserError(f"{name} has the name of the board in {own[0]} and is another; give the file a new name.")
        return board
    known = board_names()
    if name not in known:
        near = difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]}? There are" if near else "there are"
        raise UserError(f"Board {name!r} is unknown; {hint} {', '.join(known)}, and any by the path of its .toml file.")
    path, *others = _files(name)
    if others:
        raise UserError(f"{others[0]} has the name of the board in {path}; give the file a new name.")
    return read_board(path)


def read_board(path: Path) -> Board:
    """The board in a file, named like the file. Raises UserError if the file is not one of a board."""
    return _read(path, path.stem)


def parse_board(name: str, text: str, where: Path) -> Board:
    """The board that a file says. where: the file, for messages. Raises UserError, with the field, if it says none."""
    from pydantic import TypeAdapter, ValidationError

    try:
        board = TypeAdapter(Board).validate_python({"name": name} | tomllib.loads(text))
    except ValidationError as error:
        # A field that nobody knows tells more than the one that is missing in its place.
        first = min(error.errors(), key=lambda found: found["type"] == "missing")
        raise _wrong(where, f"field {placed(first)}") from None
    except (ValueError, RecursionError) as error:
        raise _wrong(where, "it is nested too deep" if isinstance(error, RecursionError) else str(error)) from None
    for field, value in _leaves(board):
        words = _OPTION if field == "pack_options" else _WORD
        if isinstance(value, str) and not words.fullmatch(value):
            raise _wrong(where, f"field {field}: {value!r:.60} has a character that tools' files cannot hold there")
        if isinstance(value, int) and not 0 <= value < 1 << 63:  # TOML promises no more
            raise _wrong(where, f"field {field}: {value!s:.40} is {'below 0' if value < 0 else 'more than 63 bits'}")
    wanted = () if not board.has_part or (board.finn and not board.pins) else ("clk", "uart_rx", "uart_tx")
    missing = [port for port in wanted if port not in board.pins]
    if missing or (board.has_part and (board.resources is None or not board.device)):
        what = ", ".join(missing) or "device or resources"
        raise UserError(f"{where} does not say its {what}; see docs/adding-a-board.md.")
    board.check_baud(board.baud)
    return board


def carried(board: Board) -> dict[str, bytes]:
    """What a project keeps of its board: its file, unless hwflow comes with it; also where another clock was chosen."""
    own = data_folder("boards") / f"{board.name}.toml"
    known = own.is_file() and read_board(own) == board
    return {} if known else {BOARD: board_text(board).encode()}


def board_in(folder: Path, name: str) -> Board:
    """The board of the project in a folder: the one that it carries, else the one of that name.

    Raises UserError as `find_board` does, and if it carries one of hwflow's own that differs in more than its clock.
    """
    path, own = folder / BOARD, data_folder("boards") / f"{name}.toml"
    if not path.is_file():
        return find_board(name)
    board = _read(path, name)
    if own.is_file() and board.by_oscillator != read_board(own).by_oscillator:
        raise UserError(f"{path} has the name of a board of hwflow's and is another; compile the project again.")
    return board


def board_text(board: Board) -> str:
    """The file of a board, without remarks: `parse_board` makes an equal board of it."""
    plain, tables = [], []
    for field, value in asdict(board).items():
        if field == "name" or value == _DEFAULTS.get(field):
            continue
        if isinstance(value, dict):
            tables.append("\n".join([f"[{field}]", *(f"{key} = {_toml(item)}" for key, item in value.items())]))
        else:
            plain.append(f"{field} = {_toml(value)}")
    return "\n".join([*plain, *tables]) + "\n"


_DEFAULTS = {field.name: field.default for field in fields(Board)}
# What stands in constraints, in scripts and among a tool's arguments, of which only pack_options are options, and none
# names a file.
_WORD = re.compile(r"(?!-)[\w.:/+-]*", re.ASCII)
_OPTION = re.compile(r"--[a-z]\w*", re.ASCII)
_SENTENCES = frozenset({"title", "note"})


def _read(path: Path, name: str) -> Board:
    try:
        text = path.read_text()
    except (OSError, ValueError) as error:
        raise _wrong(path, str(error)) from None
    return parse_board(name, text, path)


def _folders() -> tuple[Path, Path]:
    return data_folder("boards"), users_boards()


def _files(name: str) -> list[Path]:
    """The files of that name, hwflow's own first."""
    return [path for folder in _folders() if (path := folder / f"{name}.toml").is_file()]


def _wrong(where: Path, reason: str) -> UserError:
    return UserError(f"{where} does not describe a board ({in_a_line(reason)}); see docs/adding-a-board.md.")


def _leaves(board: Board) -> Iterator[tuple[str, object]]:
    """Every number and every text that tools read, with the field it stands in."""
    for field, value in asdict(board).items():
        if isinstance(value, dict):
            yield from ((f"{field}.{key}", item) for key, item in value.items())
        elif isinstance(value, tuple):
            yield from ((field, item) for item in value)
        elif field not in _SENTENCES:
            yield field, value


def _toml(value: Any) -> str:
    """A value as TOML writes it: like JSON, but for the delete character, which TOML wants escaped."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
