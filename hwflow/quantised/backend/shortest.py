"""The cheapest way through layers of options, where costs have several kinds and lie on options and between neighbours."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

_STEPS = 50  # of finding prices
_SHRINK = 0.9
_FEW = 30  # partial paths at an option of a search that need not be whole, for each kind that is limited
_SPARE = 3  # times as many are looked at for those that no other beats
Costs = NDArray[np.int64]
Prices = NDArray[np.float64]


def shortest(own: Sequence[Costs], links: Sequence[Costs], budget: Costs | None) -> list[int] | None:
    """The path that spends least of the first kind, an option of each layer, within a budget of each kind.

    own: [options, kinds] of each layer; links: [options, options, kinds] between two; None where no path is within.
    """
    kinds = [0]
    while True:
        path = _within(own, links, budget, kinds)
        if path is None or budget is None:
            return path
        over = np.flatnonzero(_spent(own, links, path) > budget)
        if len(over) == 0:
            return path  # best where fewer limits count, and it keeps the others too
        kinds += over.tolist()


def _within(own: Sequence[Costs], links: Sequence[Costs], budget: Costs | None, kinds: list[int]) -> list[int] | None:
    """The same where of the limits only those of some kinds count."""
    own, links = [cost[:, kinds] for cost in own], [link[..., kinds] for link in links]
    path = _walk(own, links, np.eye(len(kinds))[0])
    if budget is None or (_spent(own, links, path) <= budget[kinds]).all():
        return path
    if any(_least(own, links, kind) > budget[kinds][kind] for kind in range(len(kinds))):
        return None
    return _bounded(own, links, budget[kinds])


def _priced(own: Sequence[Costs], links: Sequence[Costs], prices: Prices) -> list[NDArray[np.float64]]:
    """For each option of each layer the least, at those prices, that all that follows takes [options]."""
    ahead = [np.zeros(len(own[-1]))]
    for cost, link in zip(reversed(own[1:]), reversed(links), strict=True):
        ahead.insert(0, (link @ prices + (cost @ prices + ahead[0])[None]).min(axis=1))
    return ahead


def _walk(own: Sequence[Costs], links: Sequence[Costs], prices: Prices) -> list[int]:
    """The cheapest path at those prices."""
    ahead = _priced(own, links, prices)
    path = [int((own[0] @ prices + ahead[0]).argmin())]
    for cost, link, rest in zip(own[1:], links, ahead[1:], strict=True):
        path.append(int((link[path[-1]] @ prices + cost @ prices + rest).argmin()))
    return path


def _spent(own: Sequence[Costs], links: Sequence[Costs], path: Sequence[int]) -> Costs:
    spent = np.zeros(own[0].shape[1], dtype=np.int64)
    for cost, i in zip(own, path, strict=True):
        spent = spent + cost[i]
    for link, i, j in zip(links, path, path[1:], strict=False):
        spent = spent + link[i, j]
    return spent


def _least(own: Sequence[Costs], links: Sequence[Costs], kind: int) -> int:
    prices = np.zeros(own[0].shape[1])
    prices[kind] = 1
    return int(_spent(own, links, _walk(own, links, prices))[kind])


def _bounded(own: Sequence[Costs], links: Sequence[Costs], budget: Costs) -> list[int] | None:
    """The same where the path that spends least breaks the budget: of all partial paths to an option those stay that can
    still be within it, that no other beats in each kind, and that can still be better than the best path known.

    What a path can come to at best is told by prices: it spends at least what it costs at prices of 1 for the first kind and
    any others for the others, less what the budget costs.
    """
    prices, best = _prices(own, links, budget)
    # A search that keeps few partial paths, and may miss the best one, finds a good one first; the whole one then ends sooner.
    best = _better(own, links, budget, prices, best, _FEW * (len(budget) - 1)) or best
    return _better(own, links, budget, prices, best, None) or best


def _better(
    own: Sequence[Costs],
    links: Sequence[Costs],
    budget: Costs,
    prices: Prices,
    known: list[int] | None,
    width: int | None,
) -> list[int] | None:
    """The best path within the budget of those that spend less than the known one of the first kind, None if there is none.

    width: partial paths that are kept at an option, the most promising ones; None: all that can matter.
    """
    most = float("inf") if known is None else float(_spent(own, links, known)[0])
    allowance = float((prices * budget)[1:].sum())
    priced = _priced(own, links, prices)
    rest = [
        np.stack(kinds, axis=1) for kinds in zip(*(_priced(own, links, k) for k in np.eye(len(budget))), strict=True)
    ]
    # Partial paths to an option of the layer before: what they spend, and the option.
    spent, at = np.zeros((1, len(budget)), dtype=np.int64), np.zeros(1, dtype=np.int64)
    fronts: list[tuple[Costs, Costs]] = []
    for layer, cost in enumerate(own):
        steps = cost[None] + (links[layer - 1] if layer else 0)  # [options before, options, kinds]
        bound = (steps @ prices + priced[layer]).T - allowance
        # One number for each first: few are left of which all kinds are looked at.
        option, before = np.nonzero(spent @ prices + bound[:, at] < most - 0.5)
        costs = spent[before] + steps[at[before], option]
        possible = (costs <= (budget - rest[layer])[option]).all(axis=1)
        costs, option, before = costs[possible], option[possible], before[possible]
        edges = np.searchsorted(option, np.arange(len(cost) + 1)).tolist()
        keep = np.concatenate([start + _kept(costs[start:end], prices, width) for start, end in pairwise(edges)])
        spent, at = costs[keep], option[keep]
        fronts.append((at, before[keep]))
    # What a path leaves of the budget counts in its favour at prices: a dearer one than the known one may be left.
    if not len(spent) or spent[:, 0].min() >= most:
        return None
    place, path = int(spent[:, 0].argmin()), []
    for at, before in reversed(fronts):
        path.append(int(at[place]))
        place = int(before[place])
    return path[::-1]


def _kept(costs: Costs, prices: Prices, width: int | None) -> Costs:
    """Indices of those that no other one beats; given a width, of at most so many of the cheapest ones at those prices."""
    if width is None:
        return _unbeaten(costs)
    cheap: Costs = np.argsort(costs @ prices, kind="stable")[: _SPARE * width]
    return cheap[np.sort(_unbeaten(costs[cheap]))[:width]]


def _prices(own: Sequence[Costs], links: Sequence[Costs], budget: Costs) -> tuple[Prices, list[int] | None]:
    """Prices of the kinds, 1 for the first, that tell much of what a path within the budget must spend; and the best path
    that was met on the way, if any was within it.

    A kind of which the cheapest path takes more than there is becomes dearer, and else cheaper, in steps that shrink.
    """
    free = np.eye(len(budget))[0]
    prices, scale = free, np.maximum(budget, 1).astype(np.float64)
    step = float(_spent(own, links, _walk(own, links, free))[0]) / scale
    told, kept, best, most = -float("inf"), free, None, 0
    for _ in range(_STEPS):
        path = _walk(own, links, prices)
        spent = _spent(own, links, path)
        if (spent <= budget).all() and (best is None or spent[0] < most):
            best, most = path, int(spent[0])
        bound = float((spent * prices).sum() - (budget * prices)[1:].sum())
        if bound > told:
            told, kept = bound, prices
        prices = np.maximum(prices + step * np.clip((spent - budget) / scale, -1, 1), 0)
        prices[0] = 1.0
        step = step * _SHRINK
    return kept, best


def _unbeaten(costs: Costs) -> Costs:
    """Indices of the costs [n, kinds] that no other one, or an equal one before, is at most in each kind."""
    if len(costs) < 2:
        return np.arange(len(costs))
    order = np.lexsort(costs.T[::-1])
    if costs.shape[1] == 2:
        rest = costs[order, 1]
        lower = np.minimum.accumulate(rest)
        better: NDArray[np.int64] = order[np.append(True, rest[1:] < lower[:-1])[: len(rest)]]
        return better
    if costs.shape[1] == 3:
        return order[_stairs(costs[order, 1].tolist(), costs[order, 2].tolist())]
    kept: list[int] = []
    front = np.empty((0, costs.shape[1] - 1), dtype=np.int64)
    for index in order:
        rest = costs[index, 1:]
        if len(front) and (front <= rest).all(axis=1).any():
            continue
        kept.append(int(index))
        front = np.concatenate([front[~(rest <= front).all(axis=1)], rest[None]])
    return np.array(kept, dtype=np.int64)


def _stairs(first: list[int], second: list[int]) -> list[int]:
    """Places of the pairs of which no earlier one is at most in both. What is kept so far is a stair: as the first rises the
    second falls, so that the step left of a pair tells."""
    kept: list[int] = []
    rising: list[int] = []
    falling: list[int] = []
    for place, (one, other) in enumerate(zip(first, second, strict=True)):
        step = bisect_right(rising, one)
        if step and falling[step - 1] <= other:
            continue
        kept.append(place)
        start = end = bisect_left(rising, one)
        while end < len(falling) and falling[end] >= other:
            end += 1
        rising[start:end], falling[start:end] = [one], [other]
    return kept
