"""The clock of a board: the oscillator's, or what the part's PLL makes of it.

Every clock is a whole number of Hz here, as HELLO tells it; what a PLL makes exactly is a fraction, and is meant by the
whole number that is nearest.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from hwflow.board import Board
from hwflow.errors import UserError
from hwflow.plls import Dividers, Pll, PllKind, pll_kind

AUTO = "auto"
_MOST_DIGITS = 12  # of a clock in MHz, as it is written


@dataclass(frozen=True)
class Clocks:
    """What a board can be clocked with: its PLL, and Hz to the dividers."""

    kind: PllKind
    dividers: Mapping[int, Dividers]

    def below(self, hz: float) -> int | None:
        """The highest that is at most so high; None if there is none."""
        return max((clock for clock in self.dividers if clock <= hz), default=None)

    def nearest(self, hz: int) -> tuple[int, ...]:
        """The next one below and the next above; at an end of the range the two that are nearest."""
        low = sorted(clock for clock in self.dividers if clock < hz)
        high = sorted(clock for clock in self.dividers if clock > hz)
        if low and high:
            return low[-1], high[0]
        return tuple(low[-2:] or high[:2])


def check_clock(hz: int) -> None:
    """Raises ValueError for what is no clock."""
    if hz < 1:
        raise ValueError(f"a clock is at least 1 Hz, not {hz}")


@lru_cache(maxsize=16)  # a large part's PLL makes thousands
def clocks_of(board: Board) -> Clocks:
    """What the board's PLL makes of its oscillator. Raises UserError if it has no PLL that hwflow knows."""
    kind = pll_kind(board)
    return Clocks(kind, kind.clocks(board.oscillator_hz or board.clock_hz))


def pll_of(board: Board) -> Pll | None:
    """The setting of the board's PLL; None if its oscillator is its clock, or if it is simulated.

    Raises UserError if there is none that makes its clock: then with the two nearest that there are.
    """
    if not board.oscillator_hz or not board.has_part:
        return None
    clocks = clocks_of(board)
    if board.clock_hz not in clocks.dividers:
        near = " and ".join(map(megahertz, clocks.nearest(board.clock_hz)))
        raise UserError(
            f"The {clocks.kind.words} of {board.name} cannot make {megahertz(board.clock_hz)} MHz of its oscillator's "
            f"{megahertz(board.oscillator_hz)}; the nearest that it can are {near or 'none'}."
        )
    return clocks.kind.setting(board.oscillator_hz, clocks.dividers[board.clock_hz], board.pll)


def clocked(board: Board, clock: str | float | None) -> Board:
    """The board with another clock, in MHz; None for its own, and AUTO for the one that is found later. The simulated board takes any, since it has no PLL.

    Raises UserError if that is no clock, or none that its PLL makes.
    """
    if clock is None or clock == AUTO:
        return board
    hz = hertz_of(clock)
    if board.has_part and not board.pins:
        raise UserError(f"The clock of {board.name} belongs to its processor; leave --clock out.")
    own = board.by_oscillator
    chosen = own if hz == own.clock_hz else replace(own, clock_hz=hz, oscillator_hz=own.clock_hz)
    pll_of(chosen)
    return chosen


def hertz_of(clock: str | float) -> int:
    """A clock in MHz, as it is written, in Hz. Raises UserError if it is not one."""
    text = str(clock).strip()
    try:
        hz = round(Decimal(text) * 1_000_000) if len(text) <= _MOST_DIGITS else 0
    except (ArithmeticError, ValueError):
        hz = 0
    if not 0 < hz < 1 << 32:
        raise UserError(f"{text!r:.40} is no clock; give one in MHz, as 48 or 62.5, or {AUTO}.")
    return hz


def clock_words(clock_hz: int, oscillator_hz: int) -> tuple[str, ...]:
    """What a record says of a clock that a PLL makes; nothing of the oscillator's own."""
    if not oscillator_hz:
        return ()
    return (f"clock: {megahertz(clock_hz)} MHz, by the part's PLL of the oscillator's {megahertz(oscillator_hz)} MHz",)


def megahertz(hz: int) -> str:
    """As it is written: whole Hz in MHz, without needless zeros."""
    return f"{hz / 1e6:.6f}".rstrip("0").rstrip(".")
