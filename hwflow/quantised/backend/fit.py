"""Whether a net fits a part by estimate; and what is said if it does not: of a join whose branches wait in too long a FIFO, which."""

from collections.abc import Sequence
from dataclasses import dataclass

from hwflow.board import Board
from hwflow.errors import UserError
from hwflow.quantised.backend.choose import Space, within
from hwflow.quantised.backend.estimate import estimate, link_cost, total
from hwflow.quantised.backend.folding import Folding, smallest
from hwflow.quantised.backend.schedule import rough_streams
from hwflow.quantised.backend.streams import Link
from hwflow.quantised.backend.units import Unit, units_of
from hwflow.quantised.network import Network
from hwflow.resources import Resources

_TRIED = 6  # foldings, from the slowest to the fastest, of which one may need shorter FIFOs


@dataclass(frozen=True)
class Waiting:
    """The FIFOs in front of joins: the longest of them, what it takes, and what all take."""

    longest: Link
    alone: Resources
    all: Resources

    @property
    def words(self) -> str:
        link = self.longest
        assert link.reader is not None
        node, layer = link.reader.nodes[0].name, type(link.reader.nodes[0].layer).__name__
        return (f"node {node} ({layer}) waits for its other branches with {link.depth:,} words of {link.lanes * link.kind.bits:,} bits in "
                f"a FIFO, which takes {_amount(self.alone)}")  # fmt: skip


def check_fit(network: Network, board: Board, units: Sequence[Unit], need: Resources, where: str) -> None:
    """Raises UserError if what a net needs is more than the board's part has: by how much, and what would need less."""
    part = board.resources
    over = () if part is None else part.lacks(need)
    if part is None or not over:
        return
    limits = part.all
    said = f"By estimate {network.name} needs {' and '.join(over)} {where}"
    waiting = waiting_of(units, board.family)
    if waiting and (within(_less(need, waiting.all), limits) or not within(waiting.all, limits)):
        raise UserError(f"{said}: {waiting.words}; {_shorter(network, board.family, limits, waiting)}.")
    least = estimate(units_of(network, smallest(network)), board.family)
    remedy = (
        f"its smallest folding (PE and SIMD 1 everywhere: {least.luts:,} LUTs, {least.brams} block RAMs) fits"
        if within(least, limits)
        else "even its smallest folding does not fit; take a larger board or a smaller net"
    )
    raise UserError(f"{said}; {remedy}.")


def waiting_of(units: Sequence[Unit], family: str) -> Waiting | None:
    """What waits in front of joins; None in a net without any."""
    found = [
        (link_cost(link, stream, family), link)
        for stream in rough_streams(units)
        for link in stream.links
        if link.joins
    ]
    if not found:
        return None
    alone, longest = max(found, key=lambda each: (each[0].brams, each[0].luts))
    return Waiting(longest, alone, total([cost for cost, _ in found]))


def _shorter(network: Network, family: str, limits: Resources, waiting: Waiting) -> str:
    """A folding that needs shorter FIFOs, if one of some does."""
    space = Space(network, family)
    intervals = space.intervals[:: -max(1, len(space.intervals) // _TRIED)]
    chosen = [choice.folding for interval in intervals if (choice := space.cheapest(interval, None))]
    foldings: list[tuple[str, Folding]] = [("PE and SIMD 1 everywhere", smallest(network))]
    foldings += [("PE and SIMD " + ", ".join(f"{fold.pe} and {fold.simd} of {name}" for name, fold in each.folds.items()), each)
                 for each in chosen]  # fmt: skip
    best = None
    for words, folding in foldings:
        units = units_of(network, folding)
        need, own = estimate(units, family), waiting_of(units, family)
        assert own is not None
        if within(need, limits):
            return f"with {words} it fits, and its FIFOs take {_amount(own.all)}"
        if best is None or (own.all.brams, own.all.luts) < (best[1].brams, best[1].luts):
            best = words, own.all
    if best and (best[1].brams, best[1].luts) < (waiting.all.brams, waiting.all.luts):
        return f"with {best[0]} its FIFOs take {_amount(best[1])}, which is still too much; take a larger board"
    return "no folding that was tried needs less; take a larger board, or a branch of fewer bits"


def _amount(need: Resources) -> str:
    return f"{need.brams:,} block RAMs and {need.luts:,} LUTs"


def _less(need: Resources, part: Resources) -> Resources:
    return Resources(need.luts - part.luts, need.ffs - part.ffs, need.brams - part.brams, need.large_rams)
