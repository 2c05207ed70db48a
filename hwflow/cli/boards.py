"""`hwflow boards`."""

from dataclasses import dataclass
from typing import Annotated

import typer
from rich.console import RenderableType

from hwflow.board import Board, board_names, find_board
from hwflow.cli.console import table
from hwflow.cli.outcome import Outcome


@dataclass(frozen=True)
class Boards:
    """All boards there is a file for."""

    boards: tuple[Board, ...]


def boards(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="One board, with its pins.")] = None,
) -> Outcome:
    """The boards that hwflow knows.

    With NAME: its part, clock and pins.
    """
    if name is not None:
        board = find_board(name)
        return Outcome(board, _one(board))
    known = Boards(tuple(find_board(known) for known in board_names()))
    heads = ["name", "title", "part", "MHz", "LUTs", "block RAMs", "bitstream"]
    rows = [
        (b.name, b.title, b.device or None, f"{b.clock_hz / 1e6:g}", *_size(b), _bitstream(b)) for b in known.boards
    ]
    return Outcome(known, [table(heads, rows)])


def _one(board: Board) -> list[RenderableType]:
    luts, brams = _size(board)
    rows = [
        ("title", board.title),
        ("part", " ".join(filter(None, [board.device, board.package, board.speed])) or None),
        ("clock", f"{board.clock_hz / 1e6:g} MHz"),
        ("baud", f"{board.baud:,}"),
        ("LUTs", luts),
        ("block RAMs", brams),
        ("bitstream", _bitstream(board)),
    ]
    pins = [(port, pin.site, pin.standard, "low" if pin.active_low else "high") for port, pin in board.pins.items()]
    show: list[RenderableType] = [table([board.name, ""], rows)]
    if pins:
        show += ["", table(["port", "pin", "standard", "active"], pins)]
    return [*show, *([board.note] if board.note else [])]


def _size(board: Board) -> tuple[int | None, int | None]:
    return (board.resources.luts, board.resources.brams) if board.resources else (None, None)


def _bitstream(board: Board) -> str:
    if board.family == "sim":
        return "none needed: simulated"
    return "open tools" if board.bitstream else "vendor's tool; an estimate here"
