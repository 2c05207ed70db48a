"""Choosing a folding: the best of all under the model of cost, found without trying all.

Costs add up over units and over what lies between two neighbours, so that the cheapest folding of at most so many cycles
is a shortest path from the first layer to the last; where flip-flops, block RAMs or latency are short too, paths are kept
that none other beats in everything.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from hwflow.quantised.backend.argmax_unit import ArgMaxUnit
from hwflow.quantised.backend.estimate import (
    KINDS,
    LOADER,
    Measured,
    MeasuredAs,
    behind,
    estimate,
    measured_as,
    shell,
    total,
    unit_cost,
)
from hwflow.quantised.backend.folding import Fold, Folding, folded_layers
from hwflow.quantised.backend.folds import folds_of
from hwflow.quantised.backend.latency import at_ends, between, within_unit
from hwflow.quantised.backend.schedule import predict
from hwflow.quantised.backend.shortest import shortest
from hwflow.quantised.backend.streams import stream_of
from hwflow.quantised.backend.units import MatrixUnit, Unit, units_of
from hwflow.quantised.network import Network
from hwflow.resources import Resources

UNLIMITED = 1 << 40  # of a kind of which there is enough
_TRIES = 8  # of smaller budgets for a net with branches
_ALL_KINDS = (*KINDS, "latency")  # of costs


@dataclass(frozen=True, eq=False)
class Option:
    """A layer's unit at a fold, and what it takes: luts, flip-flops, block RAMs, large RAMs."""

    unit: MatrixUnit
    cost: NDArray[np.int64]

    @property
    def fold(self) -> Fold:
        return self.unit.fold


@dataclass(frozen=True)
class Choice:
    """A folding, the cycles between two vectors, and what the model says it takes, shell and all."""

    folding: Folding
    interval: int
    need: Resources


class Space:
    """All foldings of a network by divisors of rows and columns, each layer hardwired too, with their costs for a family.

    measured: costs of units that were; the others are modelled; loaded: whether the host writes the weights; large: whether
    those of deep memories may lie in large RAMs; hardwired: whether layers may be; clock_hz: for which they have registers
    close enough; apart: whether they may have them only where that clock asks for them; like: a space of the same network, family and
    measured costs, whose costs are not computed again.
    """

    def __init__(
        self,
        network: Network,
        family: str,
        measured: Measured | None = None,
        *,
        loaded: bool = False,
        large: bool = False,
        hardwired: bool = True,
        clock_hz: int | None = None,
        apart: bool = False,
        like: "Space | None" = None,
    ) -> None:
        self.network, self.family = network, family
        self._known: dict[MeasuredAs, Resources] = like._known if like else dict(measured or {})  # costs
        self._loads = loaded or large  # whether the host writes memories, or may
        layers = folded_layers(network)
        names = list(layers)
        every = {
            name: folds_of(
                network, name, family if hardwired else "", loaded=loaded, large=large, clock_hz=clock_hz, apart=apart
            )
            for name in names
        }
        units: dict[tuple[str, Fold], MatrixUnit] = {}
        for at in range(max(len(folds) for folds in every.values())):
            folding = Folding({name: folds[min(at, len(folds) - 1)] for name, folds in every.items()})
            chain = units_of(network, folding)
            units.update({(u.name, u.fold): u for u in chain if isinstance(u, MatrixUnit)})
            self._chain = _is_chain(chain)
        self.layers: list[list[Option]] = [
            [Option(units[name, fold], self._cost(units[name, fold])) for fold in every[name]] for name in names
        ]
        self._between = [self._pairs(a, b) for a, b in zip(self.layers, self.layers[1:], strict=False)]
        self._ends = [self._start(), self._end()]

    def _cost(self, unit: MatrixUnit) -> NDArray[np.int64]:
        cost = unit_cost(unit, self.family, self._known)
        self._known[measured_as(unit)] = cost
        return _vector(cost)

    def _pairs(self, writers: Sequence[Option], readers: Sequence[Option]) -> NDArray[np.int64]:
        """What lies between two layers [writers, readers, kinds]."""
        known: dict[tuple[int, int, bool, bool], NDArray[np.int64]] = {}

        def cost(a: MatrixUnit, b: MatrixUnit) -> NDArray[np.int64]:
            key = (a.fold.pe, b.fold.simd, b.folds == 1, _hardwired(a) and _hardwired(b))
            if key not in known:
                known[key] = _vector(behind(stream_of(a, [(b, 0)]), self.family))
            return known[key]

        if not self._chain:
            return np.zeros((len(writers), len(readers), len(KINDS)), dtype=np.int64)
        return np.array([[cost(a.unit, b.unit) for b in readers] for a in writers])

    def _start(self) -> NDArray[np.int64]:
        around = _vector(total([shell(self.family), *[LOADER] * self._loads]))
        if not self._chain:
            return np.broadcast_to(around, (len(self.layers[0]), len(KINDS)))
        streams = (stream_of(None, [(option.unit, 0)]) for option in self.layers[0])
        return np.array([around + _vector(behind(stream, self.family)) for stream in streams])

    def _end(self) -> NDArray[np.int64]:
        if not self._chain:
            return np.zeros((len(self.layers[-1]), len(KINDS)), dtype=np.int64)
        return np.array([_vector(self._tail(option.unit)) for option in self.layers[-1]])

    def _tail(self, last: MatrixUnit) -> Resources:
        """What follows the last matrix's unit and depends on its PE."""
        rest = self._behind(last)
        streams = [stream_of(a, [(b, 0)] if b else []) for a, b in zip(rest, [*rest[1:], None], strict=True)]
        costs = [unit_cost(unit, self.family, self._known) for unit in rest[1:]]
        return total([*costs, *(behind(stream, self.family) for stream in streams)])

    def _behind(self, last: MatrixUnit) -> Sequence[Unit]:
        """The last matrix's unit and those behind it."""
        folding = Folding({option[0].unit.name: option[0].fold for option in self.layers} | {last.name: last.fold})
        return units_of(self.network, folding)[len(self.layers) - 1 :]

    @cached_property
    def _delays(self) -> tuple[list[NDArray[np.int64]], list[NDArray[np.int64]]]:
        """Cycles of latency on options and between them, as `shortest` takes them."""
        own = [np.array([[within_unit(option.unit)] for option in layer]) for layer in self.layers]
        own[0] = own[0] + np.array([[at_ends(option.unit)] for option in self.layers[0]])
        own[-1] = own[-1] + np.array([[self._last(option.unit)] for option in self.layers[-1]])
        links = []
        for writers, readers in pairwise(self.layers):
            reads = [_read(b) for b in readers]
            alike = dict(zip(reads, (b.unit for b in readers), strict=True))
            places = {read: at for at, read in enumerate(alike)}
            known = np.array([[between(a.unit, unit) for unit in alike.values()] for a in writers])
            links.append(known[:, [places[read] for read in reads], None])
        return own, links

    def _last(self, last: MatrixUnit) -> int:
        """Cycles of the class at the end, if there is one."""
        rest = [unit for unit in self._behind(last)[1:] if isinstance(unit, ArgMaxUnit)]
        return sum(between(last, unit) + within_unit(unit) for unit in rest)

    @property
    def intervals(self) -> list[int]:
        """Every number of cycles that a folding can have between two vectors, ascending."""
        least = max(min(option.unit.cycles for option in layer) for layer in self.layers)
        return sorted({o.unit.cycles for layer in self.layers for o in layer if o.unit.cycles >= least})

    def cheapest(
        self, interval: int, budget: Resources | None, latency: int | None = None, of: str = "luts"
    ) -> Choice | None:
        """The folding of at most so many cycles that takes fewest look-up tables within the budget; None if there is none.

        latency: cycles of it at most; of: the kind to take least of, if not look-up tables (`ffs`, `brams`, `latency`).
        Of a net with branches what lies between units is not in the search; where it does not fit in addition, the search
        is repeated with that much less, and latency is looked at last, so that less of it may be possible.
        """
        limit = budget
        for _ in range(_TRIES):
            choice = self._cheapest(interval, limit, latency, of)
            if choice is None or budget is None or within(choice.need, budget):
                late = choice is not None and latency is not None and self.latency(choice) > latency
                return None if late else choice
            limit = total([limit or budget, _over(budget, choice.need)])
        return None

    def latency(self, choice: Choice) -> int:
        """Cycles from a vector's last input beat to its last output beat, as predicted."""
        return predict(units_of(self.network, choice.folding)).latency

    def _cheapest(self, interval: int, budget: Resources | None, latency: int | None, of: str) -> Choice | None:
        allowed = [np.flatnonzero([o.unit.cycles <= interval for o in layer]) for layer in self.layers]
        if any(len(indices) == 0 for indices in allowed):
            return None
        own = [np.array([layer[i].cost for i in indices]) for layer, indices in zip(self.layers, allowed, strict=True)]
        own[0] = own[0] + self._ends[0][allowed[0]]
        own[-1] = own[-1] + self._ends[1][allowed[-1]]
        links = [pairs[np.ix_(allowed[i], allowed[i + 1])] for i, pairs in enumerate(self._between)]
        limits = None if budget is None else _vector(budget)
        if self._chain and (latency is not None or of == _ALL_KINDS[-1]):
            delays, waits = self._delays
            own = [np.hstack([cost, delay[some]]) for cost, delay, some in zip(own, delays, allowed, strict=True)]
            links = [
                np.concatenate([link, wait[np.ix_(allowed[i], allowed[i + 1])]], axis=2)
                for i, (link, wait) in enumerate(zip(links, waits, strict=True))
            ]
            known = np.full(len(KINDS), UNLIMITED) if limits is None else limits
            limits = np.append(known, UNLIMITED if latency is None else latency)
        path = shortest(*_first(_ALL_KINDS.index(of), own, links, limits))
        if path is None:
            return None
        chosen = [layer[indices[i]] for layer, indices, i in zip(self.layers, allowed, path, strict=True)]
        return self._choice(Folding({option.unit.name: option.fold for option in chosen}))

    def fastest(self, budget: Resources | None, goal: int = 1, latency: int | None = None) -> Choice | None:
        """Of the foldings within the budget the cheapest among those of fewest cycles, of which less than `goal` is no gain."""
        intervals = self.intervals
        reached = [interval for interval in intervals if interval <= goal]
        candidates = reached[-1:] + [interval for interval in intervals if interval > goal]
        if latency is not None and not self._chain:  # what is found for more cycles may be too late
            made = (self.cheapest(interval, budget, latency) for interval in candidates)
            return next((choice for choice in made if choice), None)
        best, low, high = None, 0, len(candidates) - 1
        while low <= high:
            middle = (low + high) // 2
            found = self.cheapest(candidates[middle], budget, latency)
            if found is None:
                low = middle + 1
            else:
                best, high = found, middle - 1
        return best

    def _choice(self, folding: Folding) -> Choice:
        units = units_of(self.network, folding)
        return Choice(folding, max(unit.cycles for unit in units), estimate(units, self.family, self._known))


def _first(
    kind: int, own: list[NDArray[np.int64]], links: list[NDArray[np.int64]], limits: NDArray[np.int64] | None
) -> tuple[list[NDArray[np.int64]], list[NDArray[np.int64]], NDArray[np.int64] | None]:
    """The same with that kind before the others. A net with branches has no latency in it: then as they are."""
    kinds = own[0].shape[1]
    order = [kind if kind < kinds else 0]
    order += [other for other in range(kinds) if other != order[0]]
    moved = None if limits is None else limits[order]
    return [cost[:, order] for cost in own], [link[..., order] for link in links], moved


def within(need: Resources, budget: Resources) -> bool:
    """Whether a need stays within a budget."""
    return bool((_vector(need) <= _vector(budget)).all())


def _over(budget: Resources, need: Resources) -> Resources:
    """What a need is above a budget, as a change of it."""
    return Resources(*(min(0, int(spare)) for spare in _vector(budget) - _vector(need)))


def _is_chain(units: Sequence[Unit]) -> bool:
    """Whether each unit reads the one before it, and all but a class at the end are matrices or sums of tables."""
    follows = all(unit.inputs == (before.output,) for before, unit in pairwise(units))
    return follows and all(isinstance(unit, MatrixUnit) for unit in units[:-1]) and len(units[0].inputs) == 1


def _read(option: Option) -> tuple[int, bool]:
    """What the delay in front of a layer hangs on."""
    return option.fold.simd, _hardwired(option.unit)


def _hardwired(unit: MatrixUnit) -> bool:
    return unit.fold.levels is not None


def _vector(cost: Resources) -> NDArray[np.int64]:
    return np.array([getattr(cost, kind) for kind in KINDS], dtype=np.int64)
