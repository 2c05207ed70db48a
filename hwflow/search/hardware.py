"""What hardware a net can be on a board, by the compiler's own choice: all by its model of cost, before synthesis."""

from collections.abc import Sequence
from dataclasses import dataclass

from hwflow.board import Board
from hwflow.errors import UserError
from hwflow.quantised.backend.choose import Space
from hwflow.quantised.backend.folding import folded_layers
from hwflow.quantised.backend.goals import Options, room
from hwflow.quantised.network import Network

_INTERVALS = 8  # cycles between two vectors for which the cheapest folding is looked for


@dataclass(frozen=True)
class Limits:
    """What a design may take on a board, as `hwflow compile` takes it; None: no limit but the board's.

    luts, brams: of the whole design, by estimate; latency: microseconds; rate: vectors a second at least.
    """

    luts: int | None = None
    brams: int | None = None
    latency: float | None = None
    rate: float | None = None


@dataclass(frozen=True)
class Hardware:
    """A design of a net: its folding as `--folding` takes it (of a spiking net: of what core it is, as JSON), an estimate of what it
    takes with the shell around it, and the cycles that were predicted, between two vectors and from a vector's last word to its
    last result (of a spiking net: of a sample on average, and of the longest)."""

    folding: str
    luts: int
    ffs: int
    brams: int
    interval: int
    latency: int


def designs(network: Network, board: Board, limits: Limits) -> tuple[Hardware, ...]:
    """The cheapest design for each of several rates, within the limits, from the fastest down; none that another beats in
    everything.

    Raises UserError if none is within the limits.
    """
    if not folded_layers(network):
        raise UserError(f"{network.name} has no layer that can be folded.")
    space = Space(network, board.family, clock_hz=board.clock_hz)
    budget = room(board, Options(max_luts=limits.luts, max_brams=limits.brams))
    late = None if limits.latency is None else int(limits.latency * board.clock_hz / 1e6)
    slowest = None if limits.rate is None else int(board.clock_hz / limits.rate)
    found = []
    for interval in _some([each for each in space.intervals if slowest is None or each <= slowest]):
        choice = space.cheapest(interval, budget, late)
        if choice is not None:
            need = choice.need
            sizes = need.luts, need.ffs, need.brams, choice.interval, space.latency(choice)
            found.append(Hardware(choice.folding.to_json() + "\n", *sizes))
    if not found:
        least = space.cheapest(space.intervals[-1], None)
        assert least is not None  # without a budget there is always one
        need = least.need
        raise UserError(f"By estimate no design of the net on {board.name} is within the limits; the one of fewest LUTs takes "
                        f"{need.luts:,}, {need.ffs:,} flip-flops and {need.brams} block RAMs.")  # fmt: skip
    return undominated(found)


def undominated(found: Sequence[Hardware]) -> tuple[Hardware, ...]:
    """Those that no other beats in everything, of equal ones the last."""
    unlike = {(each.luts, each.brams, each.interval, each.latency): each for each in found}
    return tuple(each for key, each in unlike.items() if not any(_beats(other, key) for other in unlike))


def _beats(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return one != other and all(a <= b for a, b in zip(one, other, strict=True))


def _some(intervals: list[int]) -> list[int]:
    """Of many numbers about evenly many in their order, the first and the last among them."""
    if len(intervals) <= _INTERVALS:
        return intervals
    last = len(intervals) - 1
    return [intervals[round(place * last / (_INTERVALS - 1))] for place in range(_INTERVALS)]
