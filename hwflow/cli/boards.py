"""`hwflow boards`."""

from dataclasses import dataclass
from typing import Annotated

import typer

from hwflow.board import Board, board_names, find_board
from hwflow.cli.outcome import Outcome
from hwflow.words import Done, Part, table


@dataclass(frozen=True)
class Boards(Done):
    """All boards there is a file for."""

    boards: tuple[Board, ...]

    def words(self) -> tuple[Part, ...]:
        heads = ["name", "title", "part", "MHz", "LUTs", "block RAMs", "bitstream"]
        rows = [
            (b.name, b.title, b.device or None, f"{b.clock_hz / 1e6:g}", *_size(b), _bitstream(b)) for b in self.boards
        ]
        return (table(heads, rows),)


@dataclass(frozen=True)
class OneBoard(Done):
    """A board with its pins."""

    board: Board

    def words(self) -> tuple[Part, ...]:
        board = self.board
        luts, brams = _size(board)
        rows = [
            ("title", board.title),
            ("part", " ".join(filter(None, [board.device, board.package, board.speed])) or None),
            ("clock", f"{board.clock_hz / 1e6:g} MHz{_by_pll(board)}"),
            ("baud", f"{board.baud:,}"),
            ("LUTs", luts),
            ("block RAMs", brams),
            ("bitstream", _bitstream(board)),
        ]
        pins = [(port, pin.site, pin.standard, "low" if pin.active_low else "high") for port, pin in board.pins.items()]
        with_pins = ("", table(["port", "pin", "standard", "active"], pins)) if pins else ()
        return (table([board.name, ""], rows), *with_pins, *([board.note] if board.note else []))


def boards(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="One board, with its pins.")] = None,
) -> Outcome:
    """The boards that hwflow knows.

    With NAME: its part, clock and pins.
    """
    from dataclasses import asdict

    if name is not None:
        board = find_board(name)
        return Outcome(OneBoard(board), document=asdict(board))
    return Outcome(Boards(tuple(find_board(known) for known in board_names())))


def _by_pll(board: Board) -> str:
    return f", of the oscillator's {board.oscillator_hz / 1e6:g} MHz" if board.oscillator_hz else ""


def _size(board: Board) -> tuple[int | None, int | None]:
    return (board.resources.luts, board.resources.brams) if board.resources else (None, None)


def _bitstream(board: Board) -> str:
    if not board.has_part:
        return "none needed: simulated"
    return "open tools" if board.bitstream else "vendor's tool; an estimate here"
