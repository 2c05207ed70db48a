"""What is asked of a folding: a rate, limits, or the fastest that a board has room for; and what to say if it cannot be."""

from dataclasses import dataclass, field, replace
from functools import partial

from hwflow.board import Board
from hwflow.errors import UserError
from hwflow.quantised.backend.choose import UNLIMITED, Choice, Space
from hwflow.quantised.backend.design import ShellName
from hwflow.quantised.backend.estimate import Measured
from hwflow.quantised.backend.folding import Folding, check_loadable, folded_layers
from hwflow.quantised.network import Network
from hwflow.resources import Estimate, Resources

_FILL = 0.85  # of a part that a folding we choose may take by estimate: routing needs room, and the estimate errs
_FILL_HARDWIRED = 0.92  # if all its layers are hardwired, whose estimate was at most 5 % too low
_UNASKED_LUTS = 12_000  # and at most this, unless a goal asks for more: larger nets place and route for many minutes
_SIM_CYCLES = 64  # a vector on the simulated board, which has no limits: quick to run, and not too large to compile
_SIM_PRODUCTS = 4096  # and at most about so many products a cycle, since the program grows with them
_KINDS = {"luts": "LUTs", "ffs": "flip-flops", "brams": "block RAMs"}


@dataclass(frozen=True)
class Options:
    """How to build: a folding or a goal (vectors a second at the board's clock), not both; baud of the link.

    Without either, the fastest folding that the board has room for and that is placed and routed in minutes.
    loaded: whether weights and thresholds are no part of the hardware, which the host writes them into.
    max_luts, max_brams: of the whole design, by estimate; max_latency: microseconds from a vector's last word to its last
    result, at the board's clock; measured: what units take that were synthesised alone; told: the estimate of an earlier compilation by such measures.
    shell: what stands around the net: vectors that the host streams over the link, CAN frames that a guard judges (`can`), or
    AXI (`axi`); strike: whether a guard can drive the bus.
    """

    folding: Folding | None = None
    target_fps: float | None = None
    baud: int | None = None
    max_luts: int | None = None
    max_brams: int | None = None
    max_latency: float | None = None
    measured: Measured = field(default_factory=dict)
    told: Estimate | None = None
    loaded: bool = False
    shell: ShellName = "stream"
    strike: bool = False

    @property
    def limited(self) -> bool:
        return any(most is not None for most in (self.max_luts, self.max_brams, self.max_latency))


@dataclass(frozen=True)
class Goal:
    """What options come to on a board: cycles between two vectors of which fewer are no gain, what a design may take, None
    without limits, and cycles of latency, None for any; rate: whether the cycles are asked for."""

    interval: int
    rate: bool
    budget: Resources | None
    latency: int | None


def folding_for(network: Network, board: Board, options: Options) -> Folding:
    """The folding that is chosen for a board; see `Options`.

    Raises UserError if what is asked cannot be: which limits bind, and what is nearest.
    """
    if not folded_layers(network):
        return Folding({})
    if options.loaded:
        check_loadable(network, "--weights loaded")
    goal = _goal(network, board, options)
    space_of = partial(Space, network, board.family, options.measured, loaded=options.loaded, clock_hz=board.clock_hz)
    space = space_of()
    choice = space.fastest(goal.budget, goal.interval, goal.latency)
    if not goal.rate and not options.limited and (choice is None or choice.interval > space.intervals[0]):
        choice = _hardwired(space, board, goal) or choice
    whole = room(board, options)
    if goal.latency is not None and choice is None:  # for which registers may be left out that the clock needs not
        space = space_of(apart=True, like=space)
        choice = space.fastest(goal.budget, goal.interval, goal.latency)
    if goal.latency is not None and choice is None:  # and more than is taken unasked may be taken
        goal = replace(goal, budget=whole)
        choice = space.cheapest(space.intervals[-1], whole, goal.latency)
    if goal.rate and not options.limited and not _reaches(choice, goal):
        goal = replace(goal, budget=_whole(board))
        choice = space.cheapest(goal.interval, goal.budget) or choice
    if choice is not None and _reaches(choice, goal):
        return choice.folding
    with_large = _with_large_rams(space, board, options, goal)
    if with_large:
        return with_large
    if (
        choice is None and not goal.rate and not options.limited
    ):  # by how much it does not fit is told where that is checked
        choice = space.cheapest(space.intervals[-1], None)
        assert choice is not None  # without a budget there is always one
        return choice.folding
    raise UserError(_missed(space, board, options, goal))


def _hardwired(space: Space, board: Board, goal: Goal) -> Choice | None:
    """The one that may take more of the part since all its layers are hardwired, of the fewest cycles that there are; None if it
    does not fit."""
    if board.resources is None or goal.budget is None:
        return None
    luts = min(int(board.resources.luts * _FILL_HARDWIRED), _UNASKED_LUTS)
    choice = space.cheapest(space.intervals[0], replace(goal.budget, luts=luts))
    return choice if choice and all(fold.levels is not None for fold in choice.folding.folds.values()) else None


def _reaches(choice: Choice | None, goal: Goal) -> bool:
    return choice is not None and (not goal.rate or choice.interval <= goal.interval)


def _with_large_rams(space: Space, board: Board, options: Options, goal: Goal) -> Folding | None:
    """The same where weights may lie in large RAMs, which start empty; None if that does not do either."""
    part = board.resources
    if part is None or not part.large_rams or goal.budget is None:
        return None
    wider = Space(
        *(space.network, board.family, options.measured),
        loaded=options.loaded,
        large=True,
        clock_hz=board.clock_hz,
        like=space,
    )
    choice = wider.fastest(replace(goal.budget, large_rams=part.large_rams), goal.interval, goal.latency)
    return choice.folding if choice and _reaches(choice, goal) else None


def _goal(network: Network, board: Board, options: Options) -> Goal:
    rate, latency = options.target_fps, options.max_latency
    costs_limited = options.max_luts is not None or options.max_brams is not None
    products = sum(layer.rows * layer.columns for layer in folded_layers(network).values())
    interval = 1 if board.resources or costs_limited else max(_SIM_CYCLES, -(-products // _SIM_PRODUCTS))
    if rate is not None:
        interval = int(board.clock_hz / rate)
    if interval < 1:
        raise UserError(f"{rate:g} vectors a second need more than one in each cycle of the "
                        f"{board.clock_hz / 1e6:g} MHz clock of {board.name}; aim lower.")  # fmt: skip
    budget = room(board, options)
    if budget is not None and rate is None and options.max_luts is None and board.resources:
        budget = replace(budget, luts=min(budget.luts, _UNASKED_LUTS))
    return Goal(interval, rate is not None, budget, None if latency is None else int(latency * board.clock_hz / 1e6))


def room(board: Board, options: Options) -> Resources | None:
    """What a design may take of the part: what is asked at most, else with room left for routing and the estimate's error."""
    part, asked = board.resources, (options.max_luts, None, options.max_brams)
    if part is None and asked == (None, None, None):
        return None
    there = (UNLIMITED,) * 3 if part is None else (part.luts, part.ffs, part.brams)
    spared = there if part is None else (int(part.luts * _FILL), int(part.ffs * _FILL), int(part.brams * 0.9))
    return Resources(*(some if most is None else min(all_, most)
                       for all_, some, most in zip(there, spared, asked, strict=True)))  # fmt: skip


def _whole(board: Board) -> Resources | None:
    part = board.resources
    return None if part is None else replace(part.all, large_rams=0)


def _missed(space: Space, board: Board, options: Options, goal: Goal) -> str:
    """Which limits bind, each with the nearest at which the others are kept."""
    limits = [(f"{options.max_luts:,} LUTs" if options.max_luts is not None else ""),
              (f"{options.max_brams:,} block RAMs" if options.max_brams is not None else ""),
              (f"{options.max_latency:g} µs" if options.max_latency is not None else "")]  # fmt: skip
    within = " and ".join(limit for limit in limits if limit)
    asked = (f" gives {options.target_fps:g} vectors a second" if goal.rate else " is") + f" within {within}" * bool(
        within
    )
    head = f"By estimate no folding of {space.network.name} on {board.name}{asked}"
    ways = _ways(space, board, options, goal)
    if ways:
        return f"{head}: {' and '.join(ways)} {'bind' if len(ways) > 1 else 'binds'}; {', or '.join(ways.values())} would do."
    least = space.cheapest(goal.interval if goal.rate else space.intervals[-1], None)
    least = least or space.cheapest(space.intervals[-1], None)
    assert least is not None
    late = space.latency(least) * 1e6 / board.clock_hz
    return (f"{head}: no limit binds alone; the one of fewest LUTs takes {least.need.luts:,}, {least.need.ffs:,} flip-flops "
            f"and {least.need.brams} block RAMs, for {board.clock_hz / least.interval:,.0f} vectors a second and {late:.3g} "
            "µs.")  # fmt: skip


def _ways(space: Space, board: Board, options: Options, goal: Goal) -> dict[str, str]:
    """What binds alone, and how near one comes to it."""
    ways = {}
    interval = goal.interval if goal.rate else space.intervals[-1]
    budget = goal.budget
    if budget is not None:
        for kind, what in _KINDS.items():
            least = space.cheapest(interval, replace(budget, **{kind: UNLIMITED}), goal.latency, of=kind)
            if least:
                ways[what] = f"{getattr(least.need, kind):,} {what} where {getattr(budget, kind):,} may be taken"
    soonest = space.cheapest(interval, budget, of="latency") if goal.latency is not None else None
    if soonest:
        ways["latency"] = f"{space.latency(soonest) * 1e6 / board.clock_hz:.3g} µs in place of {options.max_latency:g}"
    fastest = space.fastest(budget, 1, goal.latency) if goal.rate else None
    if fastest:
        ways["the rate"] = (
            f"{board.clock_hz / fastest.interval:,.0f} vectors a second in place of {options.target_fps:g}"
        )
    return ways
